/** What really happened in a lab is exported as Exchange Online would, audited, and the answer held against what happened. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { endWithProcess } from '../support/end-with-process.ts';
import { cleanEnvironment, POSTERN } from '../support/relay-child.ts';
import { postern, until } from '../support/story-relay.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-audit-story-'));
const data = path.join(folder, 'lab');
const evidence = path.join(folder, 'evidence');
let child: ChildProcess;
let token = '';
let address = '';

interface Gate {
  domain: string;
  answer: string;
  left: { id: string; name: string; class: string }[];
}

interface Sender {
  candidates: string[];
  id: string;
  name: string;
  class: string;
  directSend: string;
  addresses: string[];
  wayOut: { kind: string };
}

before(async () => {
  mkdirSync(evidence);
  child = spawn(process.execPath, [POSTERN, 'lab', 'start', '--data', data, '--port', '0'], {
    cwd: folder,
    env: cleanEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  endWithProcess(child, 'SIGKILL');
  await until(
    'the lab is ready',
    async () => {
      if (child.exitCode !== null) throw new Error(`the lab ended with ${child.exitCode}`);
      const file = path.join(data, 'api-address');
      if (!existsSync(file)) return false;
      address = readFileSync(file, 'utf8').trim();
      token = readFileSync(path.join(data, 'admin-token'), 'utf8').trim();
      return address !== '';
    },
    60_000,
  );
});

after(async () => {
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

async function api<T>(method: string, target: string, body?: Buffer | object): Promise<T> {
  const isFile = Buffer.isBuffer(body);
  const response = await fetch(`${address}/api/v1${target}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }),
    },
    body: body === undefined ? undefined : isFile ? new Uint8Array(body) : JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${target}: ${response.status} ${text}`);
  return (/json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as T;
}

async function run(...args: string[]): Promise<string> {
  const { code, out, err } = await postern(args, { cwd: folder });
  assert.equal(code, 0, `postern ${args.join(' ')}: ${err}`);
  return out;
}

const lab = (...args: string[]) => run('lab', ...args, '--data', data);
const audit = (...args: string[]) => run('audit', ...args);

/** What an administrator would export. */
async function exportEvidence(name: string): Promise<void> {
  const save = (file: string, text: string): void => writeFileSync(path.join(evidence, file), text);
  const trace = await lab('Get-MessageTraceV2', '-ResultSize', '5000', '--json');
  save(`trace-${name}.json`, trace);
  const details: object[] = [];
  for (const { MessageTraceId, RecipientAddress } of JSON.parse(trace) as Record<string, string>[]) {
    const { items } = await api<{ items: object[] }>(
      'GET',
      `/lab/trace/${encodeURIComponent(MessageTraceId ?? '')}/${encodeURIComponent(RecipientAddress ?? '')}`,
    );
    details.push(...items.map((item) => ({ ...item, RecipientAddress })));
  }
  save(`details-${name}.json`, JSON.stringify(details));
  await lab('export', 'MessageTraceDetail', '--out', path.join(evidence, `extended-${name}.csv`));
  await lab('export', 'ConnectorReport', '--out', path.join(evidence, `connector-report-${name}.csv`));
  const { items: stored } = await api<{ items: { id: string }[] }>('GET', '/lab/messages?limit=500');
  for (const { id } of stored) save(`${id}.eml`, await api<string>('GET', `/lab/messages/${id}/raw`));
  save('accepted-domains.json', await lab('Get-AcceptedDomain', '--json'));
  save('inbound-connectors.json', await lab('Get-InboundConnector', '--json'));
  save('organization-config.json', await lab('Get-OrganizationConfig', '--json'));
}

describe('the audit of what happened in a lab', () => {
  let senders: Sender[] = [];
  const at = (ip: string): Sender => {
    const found = senders.find(({ addresses, directSend }) => addresses.includes(ip) && directSend !== 'no');
    assert.ok(found, `${ip} is not among ${senders.map(({ name }) => name).join(', ')}`);
    return found;
  };

  test('finds who sends, and nobody else', async () => {
    for (let round = 0; round < 3; round++) await lab('send', 'all');
    await exportEvidence('before');
    const out = await audit('run', evidence);
    assert.match(out, /^Safe to switch on for contoso\.test: no; \d+ senders left/);
    for (const line of out.split('\n')) assert.ok(line.length <= 100, line);

    senders = JSON.parse(await audit('senders', '--all', '--json')) as Sender[];
    const truth = await api<{ items: { address: string }[] }>('GET', '/lab/direct-senders');
    const proven = senders.filter(({ directSend }) => directSend === 'proven');
    assert.deepEqual(
      [...new Set(proven.flatMap(({ addresses }) => addresses))].sort(),
      truth.items.map((one) => one.address).sort(),
    );
    assert.equal(at('203.0.113.25').class, 'device');
    assert.equal(at('203.0.113.25').wayOut.kind, 'relay-source');
    // a few messages of one author do not tell a forwarder from a service: it is found, and both are said to be possible
    assert.equal(at('192.0.2.80').directSend, 'proven');
    assert.deepEqual(at('192.0.2.80').candidates.slice(0, 2), ['service', 'forwarding']);
  });

  test('names the gate by domain, with settings that the lab told', async () => {
    const { gates } = JSON.parse(await audit('gate', '--json')) as { gates: Gate[] };
    const [contoso] = gates;
    assert.equal(contoso?.domain, 'contoso.test');
    assert.equal(contoso?.answer, 'no');
    assert.ok(contoso?.left.some(({ id }) => id === at('203.0.113.25').id));
    const files = JSON.parse(await audit('files', '--json')) as { name: string; outcome: string }[];
    assert.deepEqual(
      files.filter(({ outcome }) => outcome !== 'read').map(({ name }) => name),
      [],
    );
  });

  test('the source that it proposes can be imported', async () => {
    await audit('export', '--format', 'sources', '--out', 'sources.csv');
    const out = await run('source', 'import', 'sources.csv', '--data', data, '--json');
    assert.ok((JSON.parse(out) as { added: number }).added >= 1, out);
  });

  test('the API says the same as the command line', async () => {
    for (const name of readdirSync(evidence))
      await api('POST', `/audit/evidence/${name}`, readFileSync(path.join(evidence, name)));
    await api('POST', '/audit/run', {});
    await until('the run ends', async () => {
      const { state, error } = await api<{ state: string; error?: string }>('GET', '/audit/run');
      assert.notEqual(state, 'failed', error ?? '');
      return state === 'done';
    });
    const { items } = await api<{ items: Sender[] }>('GET', '/audit/senders?directSend=proven');
    assert.deepEqual(
      items.map(({ id }) => id).sort(),
      senders
        .filter(({ directSend }) => directSend === 'proven')
        .map(({ id }) => id)
        .sort(),
    );
    const report = await api<string>('GET', '/audit/export?format=html');
    assert.match(report, /Safe to switch on for contoso\.test\?/);
  });

  test('after the switch: who was moved is proven, who is refused is named', async () => {
    await audit('decide', at('203.0.113.25').id, '--migrated', '--owner', 'anna.keller@contoso.test');
    const switched = new Date().toISOString();
    await lab('Set-OrganizationConfig', '-RejectDirectSend', '$true');
    await lab('send', 'printer-relay');
    const refused = await postern(['lab', 'send', 'newsletter-bare', '--data', data], { cwd: folder });
    assert.match(refused.out + refused.err, /5\.7\.68/);
    await exportEvidence('after');
    const told = JSON.parse(await audit('run', evidence, '--switched', switched, '--json')) as {
      after: { refused: { addresses: string[] }[]; proofs: { name: string; state: string }[] };
      files: { name: string }[];
    };
    assert.ok(told.after.refused.some(({ addresses }) => addresses.includes('192.0.2.50')));
    const later = JSON.parse(await audit('gate', '--json')) as { gates: Gate[] };
    assert.ok(!later.gates[0]?.left.some(({ id }) => id === at('203.0.113.25').id));
    assert.deepEqual(
      told.after.proofs.map(({ state }) => state),
      ['proven'],
    );
  });
});
