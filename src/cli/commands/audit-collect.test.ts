import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CLIENT_ID, GraphServer, TENANT_ID } from '../../../test/support/graph-server.ts';
import { systemClock } from '../../platform/clock.ts';

const LAUNCHER = fileURLToPath(new URL('../../../bin/postern.mjs', import.meta.url));
const DAY = 86_400_000;

describe('postern audit', () => {
  let server: GraphServer;
  let folder: string;

  beforeEach(async () => {
    server = await GraphServer.start(systemClock);
    folder = await mkdtemp(path.join(tmpdir(), 'postern-audit-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  function start(args: string[], env: Record<string, string> = {}): ChildProcess {
    return spawn(process.execPath, [LAUNCHER, 'audit', ...args], {
      env: {
        PATH: process.env['PATH'],
        TZ: 'UTC',
        NODE_COMPILE_CACHE: path.join(folder, 'compiled'),
        POSTERN_GRAPH_SECRET: server.secret,
        ...env,
      },
      cwd: folder,
    });
  }

  async function finished(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
    let out = '';
    let err = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, err };
  }

  const ADDRESSES = ['--graph-url', '--login-url', '--exchange-url'];
  const graph = (...more: string[]): string[] =>
    ['collect', 'graph', '--tenant', TENANT_ID, '--client-id', CLIENT_ID].concat(
      ADDRESSES.flatMap((option) => [option, server.url]),
      more,
    );

  function mail(days: number): void {
    server.rows = Array.from({ length: days * 4 }, (_, i) => ({
      id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
      messageId: `<${i}@contoso.com>`,
      receivedDateTime: new Date(Date.now() - 2 * 3_600_000 - i * (DAY / 4)).toISOString(),
      senderAddress: 'scanner@contoso.com',
      recipientAddress: 'office@contoso.com',
      subject: 'Scan',
      status: 'delivered',
      fromIP: '203.0.113.25',
      toIP: '',
      size: 1000,
    }));
  }

  async function idsIn(prefix: string): Promise<string[]> {
    const names = (await readdir(path.join(folder, 'postern-evidence'))).filter((name) =>
      name.startsWith(prefix),
    );
    const texts = await Promise.all(
      names.map((name) => readFile(path.join(folder, 'postern-evidence', name), 'utf8')),
    );
    return texts
      .flatMap((text) => text.split('\n').filter((line) => line !== ''))
      .map((line) => (JSON.parse(line) as { id: string }).id);
  }

  it('a process that is killed continues, and asks for no finished day twice', async () => {
    mail(30);
    const child = start(graph('--days', '29', '--only', 'trace'));
    server.answered = (count) => {
      if (count === 12) child.kill('SIGKILL');
    };
    await once(child, 'close');
    const before = server.traceRequests.map(({ query }) => query['$filter']);
    assert.ok(before.length >= 12 && before.length < 29);
    server.answered = () => undefined;
    server.asked = [];
    const { code, err } = await finished(start(graph('--days', '29', '--only', 'trace')));
    assert.equal(code, 0, err);
    const later = server.traceRequests.map(({ query }) => query['$filter']);
    // the last one was perhaps not yet written when the end came
    assert.deepEqual(
      later.filter((one) => before.slice(0, -1).includes(one)),
      [],
    );
    const ids = await idsIn('trace-');
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, 29 * 4);
  });

  it('says what was fetched and what was not; the exit code tells of a failure', async () => {
    mail(3);
    server.granted = new Set(['ExchangeMessageTrace.Read.All']);
    await writeFile(path.join(folder, 'secret'), `${server.secret}\n`);
    const first = await finished(
      start(graph('--days', '2', '--domain', 'contoso.com', '--secret-file', 'secret'), {
        POSTERN_GRAPH_SECRET: '',
      }),
    );
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /trace\s+done\s+8\s/);
    assert.match(first.out, /hunting\s+skipped/);
    assert.match(first.out, /needs the application permission ThreatHunting\.Read\.All/);
    assert.match(first.err, /message trace, days: \d of \d/);
    const second = await finished(start(graph('--only', 'hunting', '--domain', 'contoso.com', '--json')));
    assert.equal(second.code, 1);
    assert.equal((JSON.parse(second.out) as { parts: { outcome: string }[] }).parts[0]?.outcome, 'failed');
    for (const { out, err } of [first, second]) assert.doesNotMatch(out + err, /Xq8~/);
  });

  for (const [wrong, args] of Object.entries({
    '--tenant': ['--tenant', 'x/../y'],
    '--client-id': ['--client-id', 'postern'],
    '--days': ['--days', '91'],
    '--only': ['--only', 'trace,mailboxes'],
    '--domain': ['--domain', 'münchen.example'],
    '--graph-url': ['--graph-url', 'http://graph.example'],
    '--certificate': ['--certificate', 'nowhere.pem'],
  })) {
    it(`refuses a wrong ${wrong} before anything is sent`, async () => {
      const { code, err } = await finished(start(graph(...args)));
      assert.equal(code, 2);
      assert.match(err, new RegExp(`^postern: ${wrong}`));
      assert.equal(server.tokens, 0);
    });
  }

  it('asks for a credential, and tells a refused one without repeating it', async () => {
    const none = await finished(start(graph(), { POSTERN_GRAPH_SECRET: '' }));
    assert.match(none.err, /a credential is missing: --certificate with --key/);
    const wrong = await finished(start(graph(), { POSTERN_GRAPH_SECRET: 'Hunter2Hunter2' }));
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /was refused: AADSTS7000299: Secret '\(secret\)' is not one of ours/);
  });

  it('writes the script once, and never over another file', async () => {
    const { code } = await finished(start(['script', '--days', '30', '--out', 'gather.ps1']));
    assert.equal(code, 0);
    assert.match(await readFile(path.join(folder, 'gather.ps1'), 'utf8'), /\$Days = 30,/);
    const again = await finished(start(['script', '--out', 'gather.ps1']));
    assert.match(again.err, /gather\.ps1 exists already/);
    assert.equal((await finished(start(['script', '--days', '0']))).code, 2);
  });
});
