/**
 * How soon an administrator's change counts under full load (`npm run bench:control`): twenty connections send as fast as
 * they can; a policy is tightened, loosened, and the source is suspended. Prints milliseconds from the request to
 * the API until the last message that the old rule would have taken, and until every session was closed.
 */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { Client } from './paced-load.ts';
import { RelayProcess } from '../test/support/relay-process.ts';
import { bundleRelay } from './bundled-relay.ts';

bundleRelay();

const CONNECTIONS = 20;
const sinkFile =
  process.env['POSTERN_SINK'] ?? fileURLToPath(new URL('../../shared/bench/sink.mjs', import.meta.url));
const body = 'The quick brown fox jumps over the lazy dog, and the device sends its report.\r\n'.repeat(128);

const relay = new RelayProcess({ smtpPort: 3525, apiPort: 3025 });
const sink = spawn(process.execPath, [sinkFile, '2626', '1000000000'], { stdio: 'ignore' });
try {
  await relay.start();
  relay.setUp(2626);
  const token = readFileSync(relay.data('admin-token'), 'utf8').trim();
  const change = async (
    method: string,
    target: string,
    values: unknown,
  ): Promise<{ asked: number; answered: number }> => {
    const asked = performance.now();
    const response = await fetch(`${relay.api}/api/v1/sources/bench${target}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(values),
    });
    if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
    return { asked, answered: performance.now() };
  };

  /** When each message was taken, and when each connection was closed by the relay. */
  const taken: number[] = [];
  const closed: number[] = [];
  let refused = 0;
  let number = 0;
  let going = true;
  const load = Array.from({ length: CONNECTIONS }, async () => {
    while (going) {
      try {
        const client = await Client.open(3525);
        while (going) {
          const { code } = await client.message(number++, body);
          if (code === 250) taken.push(performance.now());
          else {
            refused++;
            await delay(5);
          }
        }
        client.end();
      } catch {
        // after a number of refusals, and by the kill switch
        closed.push(performance.now());
        await delay(20);
      }
    }
  });
  await delay(4000);
  const before = taken.length;
  const rate = Math.round(before / 4);

  const tightened = await change('PATCH', '', { policy: { maxSize: 1000 } });
  await delay(1500);
  const lastOld = taken.at(-1) ?? 0;
  const refusedThen = refused;
  const loosened = await change('PATCH', '', { policy: { maxSize: 0 } });
  await delay(1500);
  const firstNew = taken.find((at) => at > loosened.asked) ?? Number.NaN;
  const suspended = await change('POST', '/disable', {});
  await delay(2000);
  going = false;
  await Promise.race([Promise.all(load), delay(5000)]);
  // the sessions that were open then; later ones are refused, and closed in their turn
  const ends = closed.filter((at) => at > suspended.asked).slice(0, CONNECTIONS);
  const since = (at: number, { asked }: { asked: number }): number => Math.round(Math.max(0, at - asked));
  console.log(
    JSON.stringify({
      messagesPerSecond: rate,
      policy: {
        apiMs: Math.round(tightened.answered - tightened.asked),
        lastByOldRuleMs: since(lastOld, tightened),
        refused: refusedThen,
        firstByNewRuleMs: since(firstNew, loosened),
      },
      killSwitch: {
        apiMs: Math.round(suspended.answered - suspended.asked),
        lastTakenMs: since(taken.at(-1) ?? 0, suspended),
        lastSessionClosedMs: since(ends.at(-1) ?? Number.NaN, suspended),
        sessionsClosed: ends.length,
      },
    }),
  );
} finally {
  sink.kill();
  await relay.stop();
  relay.remove();
}
