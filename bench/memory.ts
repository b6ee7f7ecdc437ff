/**
 * Memory under two loads (`npm run bench:memory`): a million messages that wait for a dead route, with the time
 * that a restart takes on them, and many connections that send large messages at once. Prints JSON lines.
 *
 *   node bench/memory.ts [MESSAGES [CONNECTIONS [MEGABYTES]]]      0 leaves a part out
 *
 * The waiting messages go unsigned (`unaligned: send`): a million RSA signatures would take most of the time and
 * none of the memory.
 */
import net from 'node:net';
import { RelayProcess } from '../test/support/relay-process.ts';
import { bundleRelay } from './bundled-relay.ts';

bundleRelay();

const [messages = 1_000_000, connections = 500, megabytes = 20] = process.argv.slice(2).map(Number);
const SMTP = 3528;
/** Nobody listens here. */
const DEAD = 9;

/** Watches the relay's resident memory; answers the most that it was, in MB. */
function watch(relay: RelayProcess): () => number {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, relay.residentMegabytes());
  }, 100);
  return () => {
    clearInterval(timer);
    return Math.round(most);
  };
}

/** Sends `count` messages over one connection, pipelined; resolves with how many were answered 250. */
function send(count: number, compose: (n: number) => string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: '127.0.0.1', port: SMTP, noDelay: true });
    let buffered = '';
    let sent = 0;
    let accepted = 0;
    // one message is two steps: the envelope up to 354, then the content
    let step: 'greeting' | 'hello' | 'envelope' | 'content' = 'greeting';
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('close', () => resolve(accepted));
    const envelope = (): void => {
      if (sent === count) {
        socket.end('QUIT\r\n');
        return;
      }
      sent++;
      step = 'envelope';
      socket.write('MAIL FROM:<app@corp.test>\r\nRCPT TO:<user@dest.test>\r\nDATA\r\n');
    };
    const content = async (): Promise<void> => {
      step = 'content';
      for (const part of compose(sent)) {
        if (!socket.write(part)) await new Promise((drained) => socket.once('drain', drained));
      }
      socket.write('.\r\n');
    };
    socket.on('data', (text: string) => {
      buffered += text;
      for (;;) {
        const match = /^(?:\d{3}-[^\n]*\n)*(\d{3}) [^\n]*\n/.exec(buffered);
        if (!match) return;
        buffered = buffered.slice(match[0].length);
        const code = Number(match[1]);
        if (step === 'greeting') {
          step = 'hello';
          socket.write('EHLO bench.test\r\n');
        } else if (step === 'hello') envelope();
        else if (step === 'content' && code === 250) {
          accepted++;
          envelope();
        } else if (step === 'envelope' && code === 354) void content();
        else if (code >= 400) {
          step = 'greeting'; // nothing more is sent
          reject(new Error(match[0].trim()));
          socket.destroy();
          return;
        }
      }
    });
  });
}

const head = (n: number): string =>
  `From: <app@corp.test>\r\nTo: <user@dest.test>\r\nSubject: report ${n}\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <${n}@corp.test>\r\n\r\n`;
const line = 'The quick brown fox jumps over the lazy dog, and the device sends its report.\r\n';

if (messages > 0) await waitingMessages();
if (connections > 0) await largeMessages();

async function waitingMessages(): Promise<void> {
  const relay = new RelayProcess({
    smtpPort: SMTP,
    apiPort: 3029,
    config: '[limits]\nconnectionsPerNetwork = 1000\ncommands = 100000000\nsessionSeconds = 36000\n',
  });
  try {
    await relay.start();
    relay.setUp(DEAD, { signed: false });
    const idle = Math.round(relay.residentMegabytes());

    const small = line.repeat(Math.max(1, Math.round((2000 - head(0).length) / line.length)));
    const stopWatching = watch(relay);
    const started = performance.now();
    const accepted = await Promise.all(
      Array.from({ length: 20 }, () => send(messages / 20, (n) => [head(n) + small])),
    );
    const total = accepted.reduce((sum, count) => sum + count, 0);
    const perSecond = Math.round(total / ((performance.now() - started) / 1000));
    // what the scheduler does about the dead route goes on
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    const most = stopWatching();
    const after = Math.round(relay.residentMegabytes());
    console.log(
      JSON.stringify({
        waiting: total,
        perSecond,
        idleMegabytes: idle,
        mostMegabytes: most,
        minuteLaterMegabytes: after,
      }),
    );

    await relay.stop();
    const restart = await relay.start();
    const begun = performance.now();
    await send(1, (n) => [head(n) + small]);
    console.log(
      JSON.stringify({
        restartMs: Math.round(restart),
        firstMessageMs: Math.round(performance.now() - begun),
        residentMegabytes: Math.round(relay.residentMegabytes()),
      }),
    );
    await relay.stop('SIGKILL');
    relay.remove();
  } catch (error) {
    await relay.stop('SIGKILL');
    relay.remove();
    throw error;
  }
}

async function largeMessages(): Promise<void> {
  const second = new RelayProcess({
    smtpPort: SMTP,
    apiPort: 3029,
    config: '[limits]\nconnections = 2000\nconnectionsPerNetwork = 2000\ndataIdleSeconds = 600\n',
  });
  try {
    await second.start();
    second.setUp(DEAD, { signed: true });
    const stopWatching = watch(second);
    const started = performance.now();
    const block = line.repeat(800);
    const blocks = Math.ceil((megabytes * 1e6) / block.length);
    const accepted = await Promise.all(
      Array.from({ length: connections }, () =>
        send(1, (n) => [head(n), ...Array.from({ length: blocks }, () => block)]),
      ),
    );
    const total = accepted.reduce((sum, count) => sum + count, 0);
    const seconds = (performance.now() - started) / 1000;
    console.log(
      JSON.stringify({
        connections,
        megabytesEach: megabytes,
        accepted: total,
        seconds: Math.round(seconds),
        megabytesPerSecond: Math.round((total * megabytes) / seconds),
        mostMegabytes: stopWatching(),
      }),
    );
  } finally {
    await second.stop('SIGKILL');
    second.remove();
  }
}
