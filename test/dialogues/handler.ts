import { setImmediate as turn } from 'node:timers/promises';
import type { Envelope, Recipient } from '../../src/message/envelope.ts';
import type {
  MailCommand,
  MessageReceiver,
  SaslExchange,
  SaslStep,
  SessionSummary,
  SessionView,
  SmtpHandler,
  TlsFailure,
} from '../../src/smtp/server/handler.ts';
import { type Reply, refuse } from '../../src/smtp/reply.ts';

const REFUSED: Reply = { code: 554, enhanced: '5.7.1', text: 'Not this one' };
const TAKEN: Reply = { code: 250, enhanced: '2.0.0', text: 'Taken' };

/**
 * A handler that decides by the local part of an address:
 * `refused` 550, `deferred` 451, `slow` accepted after a turn of the event loop, `thrower` throws, `killer`
 * terminates the session, `no-data` refuses DATA, `bad-end` refuses the message at its end, `lost-end`
 * rejects there, `bad-write` fails in the middle, `slow-write` asks to wait, `never` ends when released.
 */
export class DialogueHandler implements SmtpHandler {
  readonly taken: { envelope: Envelope; content: Buffer }[] = [];
  readonly refusals: string[] = [];
  readonly explanations: (string | undefined)[] = [];
  readonly tlsFailures: TlsFailure[] = [];
  readonly closings: SessionSummary[] = [];
  readonly mails: MailCommand[] = [];
  aborted = 0;
  session: SessionView | undefined;
  /** What the greeting waits for, if anything. */
  greet: Promise<void> | undefined;
  connectionRefusal: Reply | undefined;
  offered: string[] = ['PLAIN', 'LOGIN', 'X-DATA'];
  #release: (() => void)[] = [];

  release(): void {
    for (const resolve of this.#release.splice(0)) resolve();
  }

  connected(session: SessionView): Reply | undefined | Promise<Reply | undefined> {
    this.session = session;
    return this.greet ? this.greet.then(() => this.connectionRefusal) : this.connectionRefusal;
  }

  mechanisms(): string[] {
    return this.offered;
  }

  authenticate(_: SessionView, mechanism: string): SaslExchange {
    const said: string[] = [];
    return {
      step(response): SaslStep | Promise<SaslStep> {
        if (response) said.push(response.toString());
        if (mechanism === 'LOGIN') {
          if (said.length < 2)
            return { kind: 'challenge', data: Buffer.from(said[0] ? 'Password:' : 'Username:') };
          return judge(said.join(':'));
        }
        if (!response) return { kind: 'challenge', data: Buffer.alloc(0) };
        if (mechanism === 'X-DATA') return { kind: 'success', data: Buffer.from('proof'), identity: 'x' };
        if (said[0] === 'broken') throw new Error('no backend');
        return turn().then(() => judge(said[0]?.split('\0').slice(1).join(':') ?? ''));
      },
    };
  }

  mail(_: SessionView, command: MailCommand): Reply | undefined | Promise<Reply | undefined> {
    this.mails.push(command);
    return this.#judgeAddress(command.from);
  }

  recipient(
    session: SessionView,
    _: Readonly<Envelope>,
    { address }: Recipient,
  ): Reply | undefined | Promise<Reply | undefined> {
    if (address.startsWith('killer@')) session.terminate(refuse('K801'));
    return this.#judgeAddress(address);
  }

  #judgeAddress(address: string): Reply | undefined | Promise<Reply | undefined> {
    switch (address.slice(0, address.indexOf('@'))) {
      case 'refused':
        return refuse('R501');
      case 'deferred':
        return refuse('L702');
      case 'slow':
        return turn().then(() => undefined);
      case 'slow-refused':
        return turn().then(() => refuse('R501'));
      case 'thrower':
        throw new Error('backend trouble');
      default:
        return undefined;
    }
  }

  message(_: SessionView, envelope: Readonly<Envelope>): MessageReceiver | Reply {
    const locals = new Set(envelope.recipients.map(({ address }) => address.split('@')[0]));
    if (locals.has('no-data')) return REFUSED;
    const chunks: Buffer[] = [];
    return {
      write: (chunk) => {
        if (locals.has('bad-write')) throw new Error('disk on fire');
        chunks.push(Buffer.from(chunk));
        return locals.has('slow-write') ? turn() : undefined;
      },
      end: async () => {
        if (locals.has('lost-end')) throw new Error('disk is gone');
        if (locals.has('bad-end')) return REFUSED;
        if (locals.has('never')) await new Promise<void>((resolve) => this.#release.push(resolve));
        this.taken.push({ envelope: structuredClone(envelope), content: Buffer.concat(chunks) });
        return TAKEN;
      },
      abort: () => {
        this.aborted++;
      },
    };
  }

  refused(_: SessionView, reply: Reply, command: string): void {
    this.refusals.push(`${reply.refusal ?? reply.code} ${command}`);
    this.explanations.push(reply.explanation);
  }

  tlsFailed(_: SessionView, failure: TlsFailure): void {
    this.tlsFailures.push(failure);
  }

  closed(_: SessionView, summary: SessionSummary): void {
    this.closings.push(summary);
  }
}

function judge(login: string): SaslStep {
  if (login === 'printer:secret') return { kind: 'success', identity: 'printer' };
  if (login.startsWith('locked:')) return { kind: 'failure', reply: refuse('A303') };
  return { kind: 'failure', reply: refuse('A301') };
}
