import net from 'node:net';

/** What one connection is told; `say` answers it. */
export type LineHandler = (line: string, say: (text: string) => void) => void;

/** A server on loopback that is spoken to in lines, each ended by LF: what Postfix asks for policy and passwords. */
export class LineServer {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  /** @param begin what to do with each new connection; answers the handler of its lines. */
  constructor(begin: (say: (text: string) => void) => LineHandler) {
    this.#server = net.createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
      const say = (text: string): void => void socket.write(text);
      const handle = begin(say);
      let buffered = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        buffered += text;
        for (let end = buffered.indexOf('\n'); end >= 0; end = buffered.indexOf('\n')) {
          const line = buffered.slice(0, end);
          buffered = buffered.slice(end + 1);
          handle(line, say);
        }
      });
    });
  }

  /** Answers the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return (this.#server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

/**
 * Postfix's policy protocol (SMTPD_POLICY_README): attributes, an empty line, and the action as the answer.
 * @param decide what to do with a recipient, such as `DUNNO` or `550 5.1.1 no such mailbox`
 */
export function policyServer(decide: (recipient: string) => string): LineServer {
  return new LineServer(() => {
    let recipient = '';
    return (line, say) => {
      if (line.startsWith('recipient=')) recipient = line.slice('recipient='.length);
      if (line === '') say(`action=${decide(recipient)}\n\n`);
    };
  });
}

/** As much of Dovecot's authentication protocol as Postfix needs to check PLAIN and LOGIN. */
export function passwordServer(username: string, password: string): LineServer {
  return new LineServer((hello) => {
    hello('VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t1\nCUID\t1\nDONE\n');
    let mechanism = '';
    let answers: string[] = [];
    return (line, say) => {
      const [verb, id = '', ...rest] = line.split('\t');
      if (verb === 'AUTH') {
        mechanism = rest[0] ?? '';
        answers = [];
        const initial = rest.find((one) => one.startsWith('resp='))?.slice('resp='.length);
        if (initial !== undefined) answers.push(initial);
      } else if (verb === 'CONT') {
        answers.push(rest[0] ?? '');
      } else {
        return;
      }
      const texts = answers.map((answer) => Buffer.from(answer, 'base64').toString());
      if (texts.length < (mechanism === 'LOGIN' ? 2 : 1)) {
        const prompt = mechanism === 'PLAIN' ? '' : texts.length === 0 ? 'Username:' : 'Password:';
        return say(`CONT\t${id}\t${Buffer.from(prompt).toString('base64')}\n`);
      }
      const [account, secret] = mechanism === 'LOGIN' ? texts : (texts[0] ?? '').split('\0').slice(1);
      const right = account === username && secret === password;
      say(right ? `OK\t${id}\tuser=${username}\n` : `FAIL\t${id}\tuser=${username}\n`);
    };
  });
}
