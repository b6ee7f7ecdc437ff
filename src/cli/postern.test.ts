import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { apiFixture, type ApiFixture } from '../api/fixtures.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/postern.mjs', import.meta.url));

interface Result {
  code: number;
  out: string;
  err: string;
}

describe('postern command', () => {
  let fixture: ApiFixture;
  let folder: string;
  let address: string;

  before(async () => {
    fixture = await apiFixture();
    address = await fixture.api.listen({ host: '127.0.0.1', port: 0 });
    folder = await mkdtemp(path.join(tmpdir(), 'postern-cli-'));
    await writeFile(path.join(folder, 'admin-token'), `${fixture.token}\n`, { mode: 0o600 });
    await writeFile(path.join(folder, 'api-address'), `${address}\n`);
  });
  after(async () => {
    await fixture.api.close();
    await rm(folder, { recursive: true });
  });

  function run(
    args: string[],
    options: { stdin?: string; env?: Record<string, string>; bare?: boolean } = {},
  ): Promise<Result> {
    const { stdin = '', env = {}, bare = false } = options;
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [LAUNCHER, ...args, ...(bare ? [] : ['--data', folder])],
        {
          env: {
            PATH: process.env['PATH'],
            TZ: 'UTC',
            NODE_COMPILE_CACHE: path.join(folder, 'compiled'),
            ...env,
          },
          cwd: folder,
          timeout: 30_000,
        },
        (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
      child.stdin?.end(stdin);
    });
  }

  it('adds a source, shows its secret once, and lists it', async () => {
    const added = await run([
      'source',
      'add',
      'printer',
      '--from',
      'scan-*@corp.example',
      '--from',
      'envelope=bounces@corp.example,header=corp.example',
      '--recipient',
      'partner.example',
      '--max-size',
      '25MB',
      '--limit',
      'messages/hour=500',
      '--limit',
      'messages/day=none',
      '--owner',
      'me@corp.example',
      '--api-key',
      '--account',
      'printer',
    ]);
    assert.equal(added.code, 0, added.err);
    assert.match(added.out, /Password +\S{20}\n/);
    assert.match(added.out, /API key +pst_/);
    assert.doesNotMatch(added.out, /\u001b/, 'no colour where there is no terminal');
    const shown = JSON.parse((await run(['source', 'show', 'printer', '--json'])).out);
    assert.deepEqual(shown.policy.pairs, [
      { envelope: 'scan-*@corp.example', header: 'scan-*@corp.example' },
      { envelope: 'bounces@corp.example', header: 'corp.example' },
    ]);
    assert.equal(shown.policy.maxSize, 25_000_000);
    assert.deepEqual(shown.policy.recipients, { allow: 'internal', patterns: ['partner.example'] });
    assert.deepEqual(shown.policy.limits, [
      { unit: 'messages', per: 'minute', most: 120 },
      { unit: 'messages', per: 'hour', most: 500 },
    ]);
    assert.equal(shown.credentials.length, 2);
    assert.match(
      (await run(['source', 'list'])).out,
      /^NAME +STATE.*\nprinter +active +scan-\*@corp\.example, corp\.example \(env/,
    );
    assert.match((await run(['source', 'show', 'printer'])).out, /Largest message +25\.0 MB/);
  });

  it('edits what the remedies of refusals name', async () => {
    await run(['source', 'add', 'edited', '--from', 'a@corp.example', '--network', '10.9.0.0/16']);
    const edits = [
      ['--from', 'b@corp.example'],
      ['--network', '10.1.2.3'],
      ['--recipients', 'any'],
      ['--null-sender'],
      ['--no-repair'],
      ['--connections', '5'],
      ['--over-limit', 'hold'],
      ['--rewrite-from', 'noreply@corp.example'],
      ['--remove-from', 'a@corp.example'],
      ['--unaligned', 'sign-with=corp.example'],
      ['--description', 'a device'],
    ];
    for (const edit of edits) {
      const { code, err } = await run(['source', 'edit', 'edited', ...edit]);
      assert.equal(code, 0, `${edit.join(' ')}: ${err}`);
    }
    const { policy, credentials, description } = JSON.parse(
      (await run(['source', 'show', 'edited', '--json'])).out,
    );
    assert.deepEqual(policy.pairs, [{ envelope: 'b@corp.example', header: 'b@corp.example' }]);
    assert.deepEqual(
      [
        policy.recipients.allow,
        policy.nullSender,
        policy.repair.missingHeaders,
        policy.connections,
        policy.overLimit,
      ],
      ['any', true, false, 5, 'hold'],
    );
    assert.equal(policy.rewrite.headerFrom, 'noreply@corp.example');
    assert.deepEqual(policy.unaligned, { action: 'sign-with', domain: 'corp.example' });
    assert.equal(description, 'a device');
    assert.deepEqual(
      credentials.map((one: { networks: string[] }) => one.networks),
      [['10.9.0.0/16'], ['10.1.2.3/32']],
    );
    assert.equal((await run(['source', 'edit', 'edited'])).code, 2, 'nothing to change');
  });

  it('disables, enables, rotates and removes; asks before what can not be undone', async () => {
    const first = await run(['source', 'add', 'app', '--password-file', '-'], {
      stdin: 'correct horse battery\n',
    });
    assert.equal(first.code, 0, first.err);
    assert.ok(!first.out.includes('correct horse'));
    assert.match((await run(['source', 'disable', 'app'])).out, /app disabled/);
    assert.equal(JSON.parse((await run(['source', 'show', 'app', '--json'])).out).state, 'suspended');
    assert.match((await run(['source', 'enable', 'app'])).out, /app enabled/);
    assert.match((await run(['source', 'rotate', 'app', '--grace', '1'])).out, /Password +\S{20}/);
    const listed = JSON.parse((await run(['source', 'credential', 'list', 'app', '--json'])).out);
    assert.equal(listed.length, 2);
    assert.equal((await run(['source', 'credential', 'revoke', 'app', listed[0].id])).code, 0);
    const refused = await run(['source', 'remove', 'app']);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /--yes/);
    assert.equal((await run(['source', 'remove', 'app', '--yes'])).code, 0);
    assert.equal((await run(['source', 'show', 'app'])).code, 1);
  });

  it('leaves no half-made source behind', async () => {
    const { code } = await run(['source', 'add', 'half', '--certificate-fingerprint', 'nonsense']);
    assert.equal(code, 1);
    assert.equal((await run(['source', 'show', 'half'])).code, 1);
  });

  it('leaves nothing behind where it looks for an audit that is not there', async () => {
    const nowhere = path.join(folder, 'no-audit');
    const gate = await run(['audit', 'gate', '--folder', nowhere], { bare: true });
    assert.equal(gate.code, 1);
    assert.match(gate.err, /nothing was audited yet in .*no-audit: run "postern audit run"/);
    await assert.rejects(stat(nowhere), { code: 'ENOENT' });
  });

  it('makes domains with the records to publish, and says when they are not there', async () => {
    const added = await run(['domain', 'add', 'corp.example', '--selector', 's1']);
    assert.match(added.out, /Name +s1\._domainkey\.corp\.example\nType +TXT\nValue +v=DKIM1; k=rsa; p=/);
    assert.match(added.out, /Name +corp\.example\nType +TXT\nValue +v=spf1 /);
    assert.match(added.out, /Name +_dmarc\.corp\.example\nType +TXT\nValue +v=DMARC1; p=none/);
    const missing = await run(['domain', 'check', 'corp.example']);
    assert.equal(missing.code, 1);
    assert.match(missing.out, /corp\.example has no SPF record/);
    const { keys } = JSON.parse((await run(['domain', 'show', 'corp.example', '--json'])).out);
    fixture.zone.set(keys[0].record.name, [keys[0].record.text]);
    assert.equal((await run(['domain', 'check', 'corp.example'])).code, 0);
    assert.match((await run(['domain', 'dns', 'corp.example'])).out, /IN TXT \( "v=DKIM1/);
    assert.equal((await run(['domain', 'key', 'add', 'corp.example', '--selector', 's2'])).code, 0);
    assert.equal((await run(['domain', 'key', 'activate', 'corp.example', 's2'])).code, 1);
    assert.equal((await run(['domain', 'key', 'activate', 'corp.example', 's2', '--force'])).code, 0);
    assert.equal((await run(['domain', 'key', 'remove', 'corp.example', 's1'])).code, 0);
    assert.match((await run(['domain', 'list'])).out, /corp\.example +yes +s2 +not seen/);
  });

  it('sets routes without a password on the command line', async () => {
    const file = path.join(folder, 'password');
    await writeFile(file, 'the route password\n');
    const set = await run([
      'route',
      'set',
      'out',
      '--smarthost',
      'mail.example.net:587',
      '--smarthost',
      '[2001:db8::1]:25',
      '--user',
      'relay',
      '--password-file',
      file,
      '--recipient-domain',
      '*.example.org',
    ]);
    assert.equal(set.code, 0, set.err);
    assert.match(
      set.out,
      /to \*\.example\.org → mail\.example\.net:587, \[2001:db8::1\]:25 \(as relay\), TLS verified/,
    );
    const { target } = fixture.context.routes.byName('out') ?? {};
    assert.equal(target?.kind === 'smarthost' && target.authentication?.password, 'the route password');
    assert.equal((await run(['route', 'set', 'all', '--mx'])).code, 0);
    const list = await run(['route', 'list', '--json']);
    assert.equal(JSON.parse(list.out).length, 2);
    assert.ok(!list.out.includes('the route password'));
    for (const args of [
      ['--mx', '--sandbox'],
      [],
      ['--mx', '--user', 'x'],
      ['--smarthost', 'a b'],
      ['--smarthost', 'x:25', '--client-cert', 'only'],
    ]) {
      assert.equal((await run(['route', 'set', 'bad', ...args])).code, 2, args.join(' '));
    }
    assert.equal((await run(['route', 'remove', 'out'])).code, 0);
    assert.equal((await run(['route', 'remove', 'out'])).code, 1);
  });

  it('works on the queue', async () => {
    assert.match((await run(['queue', 'list'])).out, /Nothing waits/);
    assert.equal((await run(['queue', 'hold'])).code, 2, 'which?');
    assert.equal((await run(['queue', 'delete', '--all'])).code, 2, 'sure?');
    assert.match((await run(['queue', 'release', '--all'])).out, /No delivery matched/);
    assert.deepEqual(JSON.parse((await run(['queue', 'retry', '--domain', 'example.net', '--json'])).out), {
      count: 0,
    });
    assert.equal((await run(['queue', 'show', '1GA4GC1WG00'])).code, 1);
  });

  it('shows the log without what could draw on a terminal, and follows it', async (t) => {
    const message = '1GA4GC1WG05';
    fixture.journal.write({ type: 'refusal', message, code: 'S402', reply: '550 evil \u001b[2J\u202e text' });
    const shown = await run(['log', '--message', message]);
    assert.match(shown.out, /refusal +1GA4GC1WG05 S402 550 evil \ufffd\[2J\ufffd text\n$/);
    const lines = (await run(['log', '--message', message, '--json'])).out.trim().split('\n');
    assert.equal(JSON.parse(lines[0] ?? '').code, 'S402');
    assert.equal((await run(['log', '--since', 'soon'])).code, 2);

    const child = execFile(process.execPath, [
      LAUNCHER,
      'log',
      '--type',
      'bounce',
      '--follow',
      '--json',
      '--data',
      folder,
    ]);
    t.after(() => child.kill());
    const arrived = new Promise<string>((resolve) =>
      child.stdout?.once('data', (chunk) => resolve(String(chunk))),
    );
    const timer = setInterval(() => fixture.journal.write({ type: 'bounce', text: 'followed' }), 50);
    assert.equal(JSON.parse((await arrived).split('\n')[0] ?? '').type, 'bounce');
    clearInterval(timer);
    child.kill();
  });

  it('shows the inbox, and a message with its signature check', async () => {
    const content = Buffer.from('From: a@corp.example\r\nSubject: \u001b[31mred\r\n\r\nbody \u0007 text\r\n');
    await fixture.inbox.deposit(
      {
        message: '1GA4GC1WG09',
        receivedAt: 1_700_000_000_000,
        source: '',
        from: 'a@corp.example',
        recipients: [{ address: 'b@example.net' }],
        size: content.length,
      },
      content,
    );
    assert.match(
      (await run(['inbox'])).out,
      /1 +2023-11-14 22:13:20 +a@corp\.example +b@example\.net +A subject/,
    );
    assert.match((await run(['inbox', 'list', '--search', 'A SUBJ'])).out, /A subject/);
    assert.match(
      (await run(['inbox', 'list', '--search', 'another'])).out,
      /No message in the inbox is like this/,
    );
    assert.match(
      (await run(['inbox', 'list', '--source', 'nobody'])).out,
      /No message in the inbox is like this/,
    );
    assert.equal((await run(['inbox', 'list', '--follow', '--search', 'x'])).code, 2);
    const shown = await run(['inbox', 'show', '1']);
    assert.match(shown.out, /DKIM pass: corp\.example, selector s1/);
    assert.match(shown.out, /body \ufffd text/);
    assert.doesNotMatch(shown.out, /[\u0007\u001b]/);
    assert.equal((await run(['inbox', 'raw', '1'])).out, content.toString());
    assert.match((await run(['inbox', 'clear'])).out, /1 message removed/);
    assert.match((await run(['inbox'])).out, /empty/);
    assert.equal((await run(['inbox', 'show', 'x'])).code, 2);
  });

  it('explains codes without the relay, and messages with it', async () => {
    const offline = await run(['why', 's402'], { bare: true, env: { POSTERN_API: 'http://127.0.0.1:1' } });
    assert.equal(offline.code, 0);
    assert.match(offline.out, /S402 From address not allowed for this source\n/);
    assert.equal((await run(['why', 'Z999'])).code, 1);
    const message = '1GA4GC1WG07';
    fixture.journal.write({
      type: 'attempt',
      message,
      outcome: 'delivered',
      destination: 'out/mx',
      reply: '250 ok',
    });
    assert.match((await run(['why', message])).out, /^The message was delivered to out\/mx\.\n/);
    assert.equal((await run(['why', 'nonsense'])).code, 1);
  });

  it('says in one line what to do when the relay can not be asked', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const cases: [Result, RegExp][] = [
      [
        await run(['status'], { env: { POSTERN_API: `http://127.0.0.1:${port}` } }),
        /does not answer at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
      ],
      [await run(['status', '--data', path.join(folder, 'none')], { bare: true }), /no administrator token/],
      [await run(['status'], { env: { POSTERN_TOKEN: 'wrong' } }), /does not take this administrator token/],
      [
        await run(['status'], { env: { POSTERN_TOKEN: 'pst_token_of-yesterday' } }),
        /does not take this token: it is over, .*"postern token add"/,
      ],
    ];
    for (const [{ code, out, err }, expected] of cases) {
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.match(err, expected);
      assert.equal(err.trim().split('\n').length, 1, err);
    }
    const usages = [
      ['sourc'],
      ['source', 'add'],
      ['status', '--odd'],
      ['status', '--api', 'nonsense'],
      ['source', 'edit', 'printer', '--max-size', 'big'],
    ];
    for (const args of usages) {
      const { code, err } = await run(args);
      assert.equal(code, 2, args.join(' '));
      assert.doesNotMatch(err, /^\s+at /m, 'no stack trace');
    }
    assert.equal((await run(['--help'], { bare: true })).code, 0);
    assert.match((await run(['version'], { bare: true })).out, /^postern \d/);
  });

  it('says that somebody was added whose password was not taken, and what to do', async () => {
    const file = path.join(folder, 'password');
    await writeFile(file, 'aaaaaaaaaaaaaaaa\n');
    const weak = await run([
      'person',
      'add',
      'ann@corp.example',
      '--role',
      'auditor',
      '--password-file',
      file,
    ]);
    assert.equal(weak.code, 1);
    assert.match(
      weak.err,
      /ann@corp\.example is auditor, but has no new password: password: repeats too few characters\. Try again with: postern person invite/,
    );
    await writeFile(file, 'a long enough sentence\n');
    const invited = await run(['person', 'invite', 'ann@corp.example', '--password-file', file]);
    assert.equal(invited.code, 0, invited.err);
    await rm(file);
    assert.equal((await run(['person', 'remove', 'ann@corp.example', '--yes'])).code, 0);
  });

  it('checks a configuration', async () => {
    const file = path.join(folder, 'postern.toml');
    await writeFile(file, 'hostname = "relay.corp.example"\n');
    assert.equal((await run(['config', 'check', '--config', file], { bare: true })).code, 0);
    await writeFile(file, 'hostnam = "x"\n');
    const wrong = await run(['config', 'check', '--config', file], { bare: true });
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /postern\.toml:1: hostnam: unknown option/);
    assert.equal((await run(['status'], {})).code, 0, 'a broken configuration does not stop administration');
    await rm(file);
  });

  it('shows the status, and writes a new administrator token where the old one was', async () => {
    assert.match((await run(['status'])).out, /Postern 0\.0\.0 on relay\.corp\.example/);
    const before = await readFile(path.join(folder, 'admin-token'), 'utf8');
    const rotated = await run(['token', 'rotate']);
    assert.equal(rotated.code, 0);
    const now = await readFile(path.join(folder, 'admin-token'), 'utf8');
    assert.notEqual(now, before);
    assert.ok(!rotated.out.includes(now.trim()));
    assert.equal((await stat(path.join(folder, 'admin-token'))).mode & 0o777, 0o600);
    assert.equal((await run(['status'])).code, 0);
    const given = await run(['token', 'rotate', '--json'], { env: { POSTERN_TOKEN: now.trim() } });
    const { token } = JSON.parse(given.out);
    assert.equal((await run(['status'])).code, 1, 'the file was not touched');
    await writeFile(path.join(folder, 'admin-token'), token);
  });
});
