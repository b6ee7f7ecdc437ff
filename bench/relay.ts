/**
 * Speed and latency, side by side with Postfix + OpenDKIM on the same work in one run (`npm run bench`).
 * Prints JSON lines; quote the ratios, the absolute figures belong to the machine.
 *
 * The comparison script and its load source and sink are kept beside the project; COMPARE_SCRIPT names the
 * script when it is elsewhere.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pacedLoad } from './paced-load.ts';
import { RelayProcess } from '../test/support/relay-process.ts';
import { bundleRelay } from './bundled-relay.ts';

bundleRelay();

const compare =
  process.env['COMPARE_SCRIPT'] ?? fileURLToPath(new URL('../../shared/bench/compare.sh', import.meta.url));
const count = Number(process.argv[2] ?? 6000);
if (!existsSync(compare)) {
  console.error(`bench: ${compare} is not there; set COMPARE_SCRIPT to the comparison script`);
  process.exit(2);
}

const relay = new RelayProcess({ smtpPort: 3525, apiPort: 3025 });
try {
  const readyMs = await relay.start();
  console.log(JSON.stringify({ readyMs: Math.round(readyMs) }));
  relay.setUp(2626);
  // a relay runs for months: what the first seconds cost, while the code is still being compiled, is told by itself
  console.log(JSON.stringify({ cold: await unmeasured(6000), warm: await unmeasured(48_000) }));
  const { status, stdout } = spawnSync('bash', [compare, '3525', String(count)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}` },
  });
  process.stdout.write(stdout);
  if (status !== 0) throw new Error(`the comparison ended with ${status}`);
  const rates = stdout
    .split('\n')
    .filter((line) => line.includes('"relay":"relay"'))
    .map((line) => (JSON.parse(line) as { endToEndPerSecond: number }).endToEndPerSecond)
    .sort((a, b) => a - b);
  const median = rates[rates.length >> 1] ?? 0;

  // what the others have left to the disk to write is theirs
  spawnSync('sync');
  const perSecond = Math.max(1, Math.round(median / 2));
  const seconds = 20;
  const sink = spawn(
    process.execPath,
    [path.join(path.dirname(compare), 'sink.mjs'), '2626', String(perSecond * seconds)],
    { stdio: 'ignore' },
  );
  await delay(500);
  const latency = await pacedLoad({ port: 3525, perSecond, seconds, connections: 20, bytes: 10_000 });
  sink.kill();
  console.log(
    JSON.stringify({
      halfRatePerSecond: perSecond,
      ...latency,
      residentMegabytes: Math.round(relay.residentMegabytes()),
    }),
  );
} finally {
  await relay.stop();
  relay.remove();
}

/** Messages a second that the load source gets rid of, before the comparison. */
async function unmeasured(messages: number): Promise<number> {
  const beside = path.dirname(compare);
  const sink = spawn(process.execPath, [path.join(beside, 'sink.mjs'), '2626', String(messages)], {
    stdio: 'ignore',
  });
  await delay(500);
  const { stdout } = spawnSync(
    process.execPath,
    [path.join(beside, 'source.mjs'), '--port', '3525', '--count', String(messages)],
    { encoding: 'utf8' },
  );
  if (sink.exitCode === null) await Promise.race([once(sink, 'exit'), delay(10_000)]);
  sink.kill();
  return (JSON.parse(stdout) as { perSecond: number }).perSecond;
}
