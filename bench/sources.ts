/**
 * What many sources cost (`npm run bench:sources`): authentication, list, search and start with 50,000 sources and
 * 100,000 credentials, against 10 sources. With `--load` also messages a second with AUTH and TLS on against off.
 * Prints JSON lines; quote the ratios, the absolute figures belong to the machine.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { credentialRow, sourceRow } from '../src/sources/rows.ts';
import { type Credential, DEFAULT_POLICY, NO_DETAILS, type Source } from '../src/sources/source.ts';
import { openControlStore } from '../src/store/control.ts';
import { hashApiKey, hashPassword } from '../src/submission/secret.ts';
import { RelayProcess } from '../test/support/relay-process.ts';
import { SmtpDialogue } from '../test/support/smtp-dialogue.ts';
import { bundleRelay } from './bundled-relay.ts';

bundleRelay();

const { values: options } = parseArgs({
  options: {
    sources: { type: 'string', default: '50000' },
    logins: { type: 'string', default: '200' },
    load: { type: 'boolean', default: false },
    messages: { type: 'string', default: '4000' },
  },
});
const PASSWORD = 'the-same-for-all-of-them';
const SINK_PORT = 2628;

for (const count of [10, Number(options.sources)]) {
  console.log(JSON.stringify({ sources: count, credentials: 2 * count, ...(await many(count)) }));
}
if (options.load) console.log(JSON.stringify(await authenticatedLoad(Number(options.messages))));

async function many(count: number): Promise<Record<string, unknown>> {
  const relay = new RelayProcess({
    listeners: [{ name: 'plain', tls: 'none', plainAuthentication: true }],
    config: '[limits]\nconnectionsPerNetwork = 1000\n',
  });
  try {
    await fill(relay.data(''), count);
    const readyMs = await relay.start();
    const { plain: port = 0 } = await relay.ports();
    const logins = Math.min(count, Number(options.logins));
    // spread over all of them, so that no cache of any kind is of help
    const chosen = Array.from({ length: logins }, (_, n) => nameOf(Math.floor((n * count) / logins)));
    const checked = await loginTimes(port, chosen);
    await loginTimes(port, chosen);
    const remembered = await loginTimes(port, repeated(chosen, Number(options.logins)));
    const last = nameOf(count - 1);
    return {
      readyMs: Math.round(readyMs),
      authentication: { checked, remembered },
      listMs: await askTimes(relay, '/sources?limit=100'),
      searchMs: await askTimes(relay, `/sources?search=${last}`),
      credentialSearchMs: await askTimes(relay, '/credentials?rotating=true'),
      residentMegabytes: Math.round(relay.residentMegabytes()),
    };
  } finally {
    await relay.stop();
    relay.remove();
  }
}

/** Writes them into the store of a relay that has not started yet; one hash for all, as making it is slow by design. */
async function fill(folder: string, count: number): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const db = await openControlStore(path.join(folder, 'control.db'));
  const secret = await hashPassword(PASSWORD);
  const now = Date.now();
  await db.transaction().execute(async (transaction) => {
    for (let n = 0; n < count; n++) {
      const name = nameOf(n);
      const source: Source = {
        ...NO_DETAILS,
        id: `src_${String(n).padStart(16, '0')}`,
        name,
        description: `device number ${n} on floor ${n % 40}`,
        owner: `owner-${n % 500}@corp.test`,
        state: 'active',
        policy: { ...DEFAULT_POLICY, pairs: [{ envelope: 'corp.test', header: 'corp.test' }] },
        createdAt: now,
        updatedAt: now,
        version: 1,
      };
      const common = { source: source.id, label: '', state: 'active' as const, networks: [], createdAt: now };
      const password: Credential = { ...common, id: `crd_a${n}`, account: name, secret };
      const key: Credential = { ...common, id: `crd_b${n}`, apiKeyHash: hashApiKey(`key ${n}`) };
      await transaction.insertInto('sources').values(sourceRow(source)).execute();
      for (const one of [password, key])
        await transaction.insertInto('credentials').values(credentialRow(one)).execute();
    }
  });
  await db.destroy();
}

function nameOf(n: number): string {
  return `device-${String(n).padStart(5, '0')}`;
}

function repeated(names: string[], count: number): string[] {
  return Array.from({ length: count }, (_, n) => names[n % names.length] ?? '');
}

/** Milliseconds from AUTH to its reply, one after another. */
async function loginTimes(port: number, accounts: string[]) {
  const times: number[] = [];
  for (const account of accounts) {
    const client = await SmtpDialogue.connect(port);
    await client.hello();
    const start = performance.now();
    const answer = await client.login(account, PASSWORD);
    times.push(performance.now() - start);
    client.destroy();
    if (!answer.startsWith('235')) throw new Error(`${account} was not let in: ${answer}`);
  }
  return quantiles(times);
}

async function askTimes(relay: RelayProcess, target: string) {
  const times: number[] = [];
  for (let n = 0; n < 20; n++) {
    const start = performance.now();
    await (await relay.ask(target)).text();
    times.push(performance.now() - start);
  }
  return quantiles(times);
}

function quantiles(times: number[]): { p50: number; p99: number } {
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    Number((times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0).toFixed(2));
  return { p50: at(0.5), p99: at(0.99) };
}

/** The load source and sink are kept beside the project, as for `bench/relay.ts`. */
async function authenticatedLoad(messages: number): Promise<Record<string, unknown>> {
  const compare =
    process.env['COMPARE_SCRIPT'] ?? fileURLToPath(new URL('../../shared/bench/compare.sh', import.meta.url));
  const beside = path.dirname(compare);
  const relay = new RelayProcess({ smtpPort: 3527 });
  try {
    await relay.start();
    relay.setUp(SINK_PORT);
    const [issued] = JSON.parse(relay.cli('credential', 'add', 'bench', '--password', '--json')) as {
      password: string;
    }[];
    const secured = ['--starttls', '--user', 'bench', '--pass', issued?.password ?? ''];
    const run = async (more: string[]): Promise<number> => {
      const sink = spawn(
        process.execPath,
        [path.join(beside, 'sink.mjs'), String(SINK_PORT), String(messages)],
        {
          stdio: 'ignore',
        },
      );
      await delay(500);
      const { stdout } = spawnSync(
        process.execPath,
        [path.join(beside, 'source.mjs'), '--port', '3527', '--count', String(messages), ...more],
        { encoding: 'utf8', env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
      );
      if (sink.exitCode === null) await Promise.race([once(sink, 'exit'), delay(10_000)]);
      sink.kill();
      return (JSON.parse(stdout) as { perSecond: number }).perSecond;
    };
    await run([]);
    await run(secured);
    const off: number[] = [];
    const on: number[] = [];
    // in turn, so that what else the machine does falls on both
    for (let round = 0; round < 3; round++) {
      off.push(await run([]));
      on.push(await run(secured));
    }
    const median = (rates: number[]) => rates.sort((a, b) => a - b)[rates.length >> 1] ?? 0;
    return {
      perSecondOff: Math.round(median(off)),
      perSecondWithAuthAndTls: Math.round(median(on)),
      ratio: Number((median(on) / median(off)).toFixed(3)),
    };
  } finally {
    await relay.stop();
    relay.remove();
  }
}
