/**
 * What following the journal (the index of messages, the counts of mail) costs the relay (`node bench/message-index.ts [MESSAGES [ROUNDS]]`): messages of 2 kB, unsigned,
 * into a dead route as fast as it takes them, with the index and without it by turns, and the processor time of each
 * thread. Prints JSON lines; quote the ratio, the figures belong to the machine.
 *
 * Without: a folder in place of the index's file, so that it can not be opened; the counts are made all the same.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RelayProcess } from '../test/support/relay-process.ts';
import { until } from '../test/support/until.ts';
import { bundleRelay } from './bundled-relay.ts';
import { pacedLoad } from './paced-load.ts';

const [messages = 30_000, rounds = 3] = process.argv.slice(2).map(Number);
const SMTP = 3538;
/** Nobody listens here. */
const DEAD = 9;
/** Clock ticks a second in /proc (sysconf(_SC_CLK_TCK), 100 on every Linux). */
const TICKS = 100;
/** What the thread that follows the journal has, and no other (follower-worker.ts). */
const NICE = 19;

bundleRelay();
const rates: Record<'with' | 'without', number[]> = { with: [], without: [] };
for (let round = 0; round < rounds; round++) {
  for (const index of ['with', 'without'] as const) rates[index].push(await measure(index));
}
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
console.log(
  JSON.stringify({
    withPerSecond: median(rates.with),
    withoutPerSecond: median(rates.without),
    ratio: Math.round((median(rates.with) / median(rates.without)) * 1000) / 1000,
  }),
);

async function measure(index: 'with' | 'without'): Promise<number> {
  const relay = new RelayProcess({
    smtpPort: SMTP,
    apiPort: 3039,
    config: '[limits]\nconnectionsPerNetwork = 1000\ncommands = 100000000\nsessionSeconds = 36000\n',
  });
  if (index === 'without') mkdirSync(relay.data('messages.db'), { recursive: true });
  try {
    await relay.start();
    relay.setUp(DEAD, { signed: false });
    // what the first seconds cost, while the code is still being compiled, counts for neither
    const idleMegabytes = Math.round(relay.residentMegabytes());
    await load(5000);
    const before = threads(relay.pid);
    const begun = performance.now();
    await load(messages);
    const perSecond = Math.round(messages / ((performance.now() - begun) / 1000));
    if (index === 'with') await until('the index has caught up', () => caughtUp(relay), 120_000);
    const after = threads(relay.pid);
    const micros = (ticks: number) => Math.round((ticks * 1e6) / TICKS / messages);
    console.log(
      JSON.stringify({
        index,
        perSecond,
        microsecondsPerMessage: {
          main: micros(after.main - before.main),
          follower: micros(after.follower - before.follower),
          all: micros(after.all - before.all),
        },
        idleMegabytes,
        residentMegabytes: Math.round(relay.residentMegabytes()),
      }),
    );
    return perSecond;
  } finally {
    await relay.stop('SIGKILL');
    relay.remove();
  }
}

async function load(count: number): Promise<void> {
  const { refused } = await pacedLoad({
    port: SMTP,
    perSecond: count,
    seconds: 1,
    connections: 20,
    bytes: 2000,
  });
  if (refused > 0) throw new Error(`${refused} messages were refused`);
}

async function caughtUp(relay: RelayProcess): Promise<boolean> {
  const answer = await relay.ask('/status');
  const { messageIndex } = (await answer.json()) as { messageIndex: { behind: number; messages: number } };
  return messageIndex.behind === 0 && messageIndex.messages >= messages;
}

/** Clock ticks that the process has used: its first thread, the follower's, and all. */
function threads(pid: number): { main: number; follower: number; all: number } {
  const found = { main: 0, follower: 0, all: 0 };
  const folder = `/proc/${pid}/task`;
  for (const thread of readdirSync(folder)) {
    // proc_pid_stat(5): the name in parentheses may hold anything; utime, stime and nice are fields 14, 15 and 19
    const stat = readFileSync(path.join(folder, thread, 'stat'), 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    found.all += ticks;
    if (thread === String(pid)) found.main += ticks;
    if (Number(fields[16]) === NICE) found.follower += ticks;
  }
  return found;
}
