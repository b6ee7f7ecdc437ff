// Whatever happens is found again: in the journal by its filters, in the metrics by its counters; and no secret with it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import tls from 'node:tls';
import { ScriptedServer } from '../support/scripted-server.ts';
import { SINK_CERTIFICATE, SINK_KEY } from '../support/sink-certificate.ts';
import { plainMessage, SmtpDialogue } from '../support/smtp-dialogue.ts';
import { LISTENERS, StoryRelay, until } from '../support/story-relay.ts';

const IMPLICIT = '[[listener]]\nname = "tls"\nport = 0\ntls = "implicit"\n';
const REQUIRED = '[[listener]]\nname = "required"\nport = 0\ntls = "starttls-required"\n';

suite('the journal', () => {
  const relay = new StoryRelay({
    config: `hostname = "relay.test"\n${LISTENERS}${IMPLICIT}${REQUIRED}[log]\nlevel = "debug"\n`,
  });
  const files = mkdtempSync(path.join(os.tmpdir(), 'postern-secrets-'));
  /** What nobody may ever read again. */
  const secrets = new Map<string, string>();
  let hop: ScriptedServer;
  let password = '';
  let apiKey = '';

  before(async () => {
    const login = { username: 'relay', password: 'smarthost-Zx7-secret' };
    hop = await new ScriptedServer({ login, tls: { key: SINK_KEY, cert: SINK_CERTIFICATE } }).listen();
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    const { credentials } = await relay.json<{ credentials: { password?: string; apiKey?: string }[] }>(
      'source',
      'add',
      'printer',
      '--owner',
      'owner@corp.test',
      '--from',
      'corp.test',
      '--recipients',
      'any',
      '--password',
      '--cram-md5',
      '--reason',
      'to try it',
      '--until',
      '1d',
      '--api-key',
    );
    password = credentials.find((one) => one.password !== undefined)?.password ?? '';
    apiKey = credentials.find((one) => one.apiKey !== undefined)?.apiKey ?? '';
    writeFileSync(path.join(files, 'smarthost'), `${login.password}\n`);
    await relay.cli(
      'route',
      'set',
      'hop',
      '--smarthost',
      `127.0.0.1:${hop.port}`,
      '--tls',
      'opportunistic',
      '--user',
      login.username,
      '--password-file',
      path.join(files, 'smarthost'),
    );
    secrets.set('the password of the source', password).set('the API key', apiKey);
    secrets.set('the administrator token', relay.token).set('the password of the smart host', login.password);
  });
  after(async () => {
    await relay.remove();
    await hop.close();
    rmSync(files, { recursive: true, force: true });
  });

  const message = plainMessage(
    ['From: printer@corp.test', 'To: x@elsewhere.test', 'Subject: Journal'],
    'body-Qw9-text\r\n',
  );

  const counters = async (): Promise<(name: string) => number> => {
    const { body } = await relay.request<string>('GET', '/metrics', { key: relay.token });
    return (name) =>
      Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(body)?.[1] ?? 0);
  };

  test('a message is told from its connection to its delivery, and counted', async () => {
    const before = await counters();
    const client = await SmtpDialogue.connect(relay.port('smtp'));
    await client.hello();
    await client.startTls();
    await client.hello();
    assert.match(await client.login('printer', password), /^235 /);
    const reply = await client.send({
      from: 'printer@corp.test',
      to: ['x@elsewhere.test'],
      content: message,
    });
    const id = / ([0-9A-Z]{11}) queued/.exec(reply)?.[1] ?? '';
    await client.say('QUIT');
    await client.closed();
    await until(
      'it was delivered',
      async () => (await relay.events({ message: id, type: 'attempt' })).length > 0,
    );
    const [acceptance] = await relay.log('--type', 'acceptance', '--message', id);
    assert.deepEqual(
      [acceptance?.sourceName, acceptance?.network, acceptance?.from, acceptance?.to, acceptance?.outcome],
      ['printer', '127.0.0.1', 'printer@corp.test', ['x@elsewhere.test'], 'queued'],
    );
    const session = acceptance?.session ?? '';
    const told = await until('the connection has ended', async () => {
      const events = await relay.events({ session });
      return events.some(({ type }) => type === 'connection') && events;
    });
    const kinds = told.map(({ type }) => type).filter((type) => type !== 'warning');
    assert.deepEqual(kinds, ['authentication', 'acceptance', 'connection']);
    const connection = told.at(-1);
    assert.equal(connection?.outcome, 'quit');
    assert.match(connection?.tls ?? '', /^TLSv1\.3 /);
    assert.deepEqual([connection?.detail?.['hello'], connection?.detail?.['messages']], ['client.test', 1]);
    const [attempt] = await relay.log('--message', id, '--outcome', 'delivered');
    assert.deepEqual(
      [attempt?.type, attempt?.destination, attempt?.to],
      ['attempt', 'hop/127.0.0.1', ['x@elsewhere.test']],
    );

    const filters: string[][] = [
      ['--to', 'x@elsewhere.test', '--type', 'acceptance'],
      ['--from', 'printer@corp.test', '--type', 'acceptance'],
      ['--network', '127.0.0.0/8', '--type', 'acceptance', '--since', '5m'],
      ['--session', session, '--type', 'acceptance,authentication'],
    ];
    const found = await Promise.all(filters.map((filter) => relay.log(...filter)));
    for (const [index, events] of found.entries()) {
      assert.ok(
        events.some((one) => one.message === id),
        `not found by ${filters[index]?.join(' ')}`,
      );
    }
    const none = await Promise.all([
      relay.log('--until', '1d', '--type', 'acceptance'),
      relay.log('--network', '192.0.2.0/24'),
      relay.log('--to', 'nobody@elsewhere.test'),
    ]);
    assert.deepEqual(none, [[], [], []]);
    const wrong = await relay.run('log', '--type', 'accepted');
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /there is no event type "accepted"/);

    const now = await counters();
    for (const name of [
      'postern_connections_total{listener="smtp"}',
      'postern_authentications_total{result="accepted"}',
      'postern_messages_accepted_total{listener="smtp"}',
      'postern_attempts_total{outcome="delivered"}',
      'postern_acceptance_seconds_count',
    ]) {
      assert.equal(now(name) - before(name), 1, name);
    }
    assert.ok(now('postern_accepted_bytes_total') - before('postern_accepted_bytes_total') >= message.length);
  });

  test('handshakes that fail say what the client offered', async () => {
    const before = await counters();
    const old = spawnSync(
      'openssl',
      ['s_client', '-connect', `127.0.0.1:${relay.port('tls')}`, '-tls1_1', '-cipher', 'ALL@SECLEVEL=0'],
      { input: '', encoding: 'utf8', timeout: 10_000 },
    );
    assert.notEqual(old.status, 0, 'TLS 1.1 was taken');
    const distrustful = tls.connect({ port: relay.port('tls'), host: '127.0.0.1', servername: 'relay.test' });
    await once(distrustful, 'error');
    const garbage = net.connect(relay.port('tls'), '127.0.0.1');
    garbage.write('EHLO I speak in the clear\r\n');
    await once(garbage.resume(), 'close');

    const failures = await until('all are in the journal', async () => {
      const events = await relay.events({ type: 'tls-failure' });
      return events.length >= 2 && events;
    });
    for (const { network, detail, text } of failures) {
      assert.equal(network, '127.0.0.1');
      assert.ok((text ?? '').length > 0);
      assert.ok(detail?.['code'] !== undefined);
    }
    const versions = JSON.stringify(failures.map(({ detail }) => detail));
    assert.match(versions, /TLSv1\.1/, 'what the old client offered');
    assert.ok((await relay.log('--type', 'tls-failure')).length >= 2);
    const name = 'postern_tls_failures_total{listener="tls"}';
    assert.ok((await counters())(name) - before(name) >= 2);
  });

  test('failed logins tell the reason to the journal, and nothing to the client', async () => {
    const before = await counters();
    const tries: [account: string, password: string, reason: RegExp][] = [
      ['printer', 'wrong-Hj3-password', /password/],
      ['nobody', 'wrong-Hj4-password', /./],
    ];
    const replies: string[] = [];
    for (const [account, guess] of tries) {
      secrets.set(`what was guessed for ${account}`, guess);
      const client = await relay.connect();
      replies.push(await client.login(account, guess));
      client.destroy();
    }
    assert.equal(new Set(replies).size, 1);
    assert.match(replies[0] ?? '', /^535 5\.7\.8 A301 /);
    // a password where none may be shown, and one that is typed as a command
    const client = await relay.connect('smtp');
    assert.match(await client.login('printer', password), /^538 5\.7\.11 T203 /);
    secrets.set('a password as a command', 'typed-Hj5-astray');
    assert.match(await client.say('typed-Hj5-astray'), /^500 5\.5\.2 C103 /);
    client.destroy();
    const events = await until('they are in the journal', async () => {
      const all = (await relay.log('--type', 'authentication-failure')).filter(({ code }) => code === 'A301');
      return all.length >= 2 && all;
    });
    assert.deepEqual(
      events.map(({ detail }) => detail?.['account']),
      ['printer', 'nobody'],
    );
    for (const [index, [, , reason]] of tries.entries()) assert.match(events[index]?.text ?? '', reason);
    assert.deepEqual(
      events.map(({ sourceName }) => sourceName),
      ['printer', undefined],
    );
    const name = 'postern_authentications_total{result="refused"}';
    assert.ok((await counters())(name) - before(name) >= 2);
  });

  test('refusals before MAIL, and connections that come to nothing', async () => {
    const client = await relay.connect('required');
    assert.match(await client.say('MAIL FROM:<printer@corp.test>'), /^530 5\.7\.0 T201 /);
    client.destroy();
    const browser = await SmtpDialogue.connect(relay.port('plain'));
    assert.match(await browser.say('GET / HTTP/1.1'), /^500 5\.5\.2 C103 /);
    await browser.closed();
    const stranger = await relay.connect();
    assert.match(await stranger.say('MAIL FROM:<printer@corp.test>'), /^530 5\.7\.0 A302 /);
    stranger.destroy();
    for (const [code, listener] of [
      ['T201', 'required'],
      ['C103', 'plain'],
      ['A302', 'plain'],
    ] as const) {
      const events = await until(`${code} is in the journal`, async () => {
        const all = await relay.log('--code', code, '--type', 'refusal');
        return all.some((one) => one.listener === listener) && all;
      });
      assert.equal(events.at(-1)?.network, '127.0.0.1');
    }
    const counted = await counters();
    assert.ok(counted('postern_refusals_total{code="T201"}') >= 1);
  });

  test('changes by administrators, with what was before and after', async () => {
    const since = Date.now();
    await relay.cli('source', 'edit', 'printer', '--description', 'third floor', '--max-recipients', '7');
    const { apiKey: rotated = '' } = await relay
      .json<{ apiKey?: string; password?: string }>('source', 'credential', 'add', 'printer', '--api-key')
      .then((issued) => (Array.isArray(issued) ? (issued[0] as { apiKey?: string }) : issued));
    secrets.set('the second API key', rotated);
    await relay.cli('route', 'set', 'partner', '--sandbox', '--recipient-domain', 'partner.test');
    await relay.cli('route', 'remove', 'partner');
    const changes = await relay.log('--type', 'change', '--since', new Date(since).toISOString());
    const texts = changes.map(({ text }) => text ?? '');
    for (const expected of [
      /^source printer edited$/,
      /^credential crd_\w+ of source printer added$/,
      /^route partner added$/,
      /^route partner removed$/,
    ]) {
      assert.ok(
        texts.some((text) => expected.test(text)),
        `${String(expected)}: ${texts.join('; ')}`,
      );
    }
    const edited = changes.find(({ text }) => text === 'source printer edited')?.detail as {
      before: { description: string };
      after: { description: string };
    };
    assert.deepEqual([edited.before.description, edited.after.description], ['', 'third floor']);
    const [system] = await relay.log('--type', 'system');
    assert.match(system?.text ?? '', /^started, version /);
  });

  test('no secret and no body is in any file but its own, nor in log, journal or metrics', async () => {
    const sent = await relay.request('POST', '/v1/messages', {
      key: apiKey,
      body: '{"from":"printer@corp.test","to":["x@elsewhere.test"],"text":"body-Qw9-text"}',
    });
    assert.equal(sent.status, 202);
    const wrongKey = 'pst_wrong-Hj6-key';
    secrets.set('a wrong API key', wrongKey).set('a wrong token', 'token-Hj7-wrong');
    await relay.request('POST', '/v1/messages', { key: wrongKey, body: '{}' });
    await relay.request('GET', '/api/v1/status', { key: 'token-Hj7-wrong' });
    await until('nothing waits', async () => (await relay.deliveries()).length === 0);
    assert.ok(
      hop.lines.some((line) => line.includes('AUTH PLAIN')),
      'the smart host was shown its password',
    );
    const demo = JSON.parse(readFileSync(path.join(relay.data, 'demo-credentials.json'), 'utf8')) as Record<
      string,
      string
    >;
    const { body: metrics } = await relay.request<string>('GET', '/metrics', { key: relay.token });
    const events = JSON.stringify(await relay.events({}));
    await relay.stop();

    const places = new Map<string, Buffer>([
      ['metrics', Buffer.from(metrics)],
      ['events', Buffer.from(events)],
      ['errors', Buffer.from(relay.errors)],
    ]);
    // the demo source's own secrets are meant to be pasted from the summary: what follows it is the log
    places.set(
      'log',
      Buffer.from(
        relay.output
          .split('\n')
          .filter((line) => line.startsWith('{'))
          .join('\n'),
      ),
    );
    for (const file of readdirSync(relay.data, { recursive: true, encoding: 'utf8' })) {
      const full = path.join(relay.data, file);
      if (statSync(full).isFile()) places.set(file, readFileSync(full));
    }
    assert.ok(places.has('journal.db') && places.has('control.db'), [...places.keys()].join(' '));
    assert.ok((places.get('log')?.length ?? 0) > 1000, 'the log tells nothing');

    const owners: Record<string, string[]> = {
      'the administrator token': ['admin-token'],
      'the password of the demo source': ['demo-credentials.json'],
      'the API key of the demo source': ['demo-credentials.json'],
    };
    secrets
      .set('the password of the demo source', demo['password'] ?? '')
      .set('the API key of the demo source', demo['apiKey'] ?? '');
    secrets.set('the sealing key', readFileSync(path.join(relay.data, 'seal-key'), 'utf8').trim());
    owners['the sealing key'] = ['seal-key'];
    secrets.set('a body', 'body-Qw9-text');
    for (const [what, secret] of secrets) {
      assert.ok(secret.length >= 10, what);
      const forms = [
        secret,
        Buffer.from(secret).toString('base64').replace(/=+$/, ''),
        Buffer.from(`\0printer\0${secret}`).toString('base64'),
      ];
      for (const [place, octets] of places) {
        if (owners[what]?.includes(place) || (what === 'a body' && place.startsWith('spool/'))) continue;
        assert.ok(!forms.some((form) => octets.includes(form)), `${what} is in ${place}`);
      }
    }
    for (const [place, octets] of places) {
      const own = place === 'tls-key.pem';
      assert.equal(octets.includes('PRIVATE KEY-----'), own, `a private key is in ${place}`);
    }
  });
});
