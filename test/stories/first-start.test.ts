// A fresh folder and no configuration; what a restart keeps; and what a start that can't go on says.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ScriptedServer } from '../support/scripted-server.ts';
import { SINK_CERTIFICATE } from '../support/sink-certificate.ts';
import { plainMessage, SmtpDialogue } from '../support/smtp-dialogue.ts';
import { type Finished, LISTENERS, postern, StoryRelay, until } from '../support/story-relay.ts';

/** The listeners of a first start, on ports that are free on any machine. */
const FREE_PORTS = {
  POSTERN_LISTENER: JSON.stringify([
    { name: 'smtp', port: 0, tls: 'starttls' },
    { name: 'submission', port: 0, tls: 'starttls-required' },
    { name: 'submissions', port: 0, tls: 'implicit' },
  ]),
  POSTERN_API__PORT: '0',
};

interface Demo {
  account: string;
  password: string;
  apiKey: string;
}

interface InboxEntry {
  id: number;
  message: string;
  subject: string;
}

suite('the first start, without any configuration', () => {
  const relay = new StoryRelay({ config: '', environment: FREE_PORTS });
  before(() => {
    // as a package or an administrator may have made it
    mkdirSync(relay.data, { mode: 0o755 });
    return relay.start();
  });
  after(() => relay.remove());

  const demo = (): Demo => {
    const [, account = '', password = ''] =
      /--auth-user (\S+) --auth-password (\S+)/.exec(relay.output) ?? [];
    return { account, password, apiKey: /Bearer (pst_[\w-]+)/.exec(relay.output)?.[1] ?? '' };
  };

  test('the summary says where it listens, where data is, what to paste, and where mail goes', () => {
    const lines = [
      /^Postern \d+\.\d+\.\d+ {2}ready in \d+ ms$/m,
      /^ {2}smtp +127\.0\.0\.1:\d+ +STARTTLS$/m,
      /^ {2}submission +127\.0\.0\.1:\d+ +STARTTLS required$/m,
      /^ {2}submissions +127\.0\.0\.1:\d+ +TLS$/m,
      /^ {2}API +http:\/\/127\.0\.0\.1:\d+ /m,
      /configuration: defaults$/m,
      /^ {2}swaks --server 127\.0\.0\.1:\d+ --tls --auth PLAIN --auth-user demo --auth-password \S+ /m,
      /^ {2}curl http:\/\/127\.0\.0\.1:\d+\/v1\/messages -H 'Authorization: Bearer pst_/m,
      /All mail goes to the sandbox inbox: nothing leaves until a route is set/,
      /npx postern inbox --follow/,
    ];
    for (const line of lines) assert.match(relay.output, line);
    assert.ok(/^ {2}data +(\S+) /m.exec(relay.output)?.[1] === relay.data, relay.output);
    assert.equal(relay.errors, '');
  });

  test('the API says that it is ready', async () => {
    assert.equal((await relay.request('GET', '/readyz')).status, 200);
    assert.equal((await relay.request('GET', '/healthz')).status, 200);
  });

  test('whatever it has made can be read by this user only, in a folder that others may enter too', () => {
    const made = readdirSync(relay.data, { recursive: true, encoding: 'utf8' });
    for (const name of ['seal-key', 'admin-token', 'demo-credentials.json', 'tls-key.pem', 'control.db']) {
      assert.ok(made.includes(name), name);
    }
    const open = made.filter((name) => (statSync(path.join(relay.data, name)).mode & 0o077) !== 0);
    assert.deepEqual(open, []);
  });

  test('what the summary gives to paste works, and the inbox shows both messages signed', async () => {
    const { account, password, apiKey } = demo();
    const client = await SmtpDialogue.connect(relay.port('smtp'));
    await client.hello();
    await client.startTls();
    await client.hello();
    assert.match(await client.login(account, password), /^235 /);
    const answer = await client.send({
      from: 'app@postern.test',
      to: ['you@postern.test'],
      content: plainMessage(['From: app@postern.test', 'To: you@postern.test', 'Subject: By SMTP']),
    });
    assert.match(answer, /^250 2\.0\.0 [0-9A-Z]{11} queued$/);
    client.destroy();
    const sent = await relay.request('POST', '/v1/messages', {
      key: apiKey,
      body: '{"from":"app@postern.test","to":["you@postern.test"],"subject":"By HTTP","text":"It works."}',
    });
    assert.equal(sent.status, 202);

    const entries = await until('both are in the inbox', async () => {
      const { body } = await relay.api<{ items: InboxEntry[] }>('GET', '/inbox');
      return body.items.length === 2 && body.items;
    });
    assert.deepEqual(entries.map(({ subject }) => subject).sort(), ['By HTTP', 'By SMTP']);
    const table = await relay.cli('inbox');
    for (const { subject } of entries) assert.ok(table.includes(subject), table);
    for (const { id } of entries) {
      assert.match(await relay.cli('inbox', 'show', String(id)), /DKIM pass: postern\.test/);
    }
  });

  test('a second process on the same folder is refused in one line, and the first goes on', async () => {
    const second = await postern(['start', '--data', relay.data], { environment: FREE_PORTS });
    refusedInOneLine(second, /data folder .* is in use by another relay: stop that one/);
    assert.equal((await relay.request('GET', '/readyz')).status, 200);
    // what it tells the command line is still the first one's
    assert.equal((await relay.run('status')).code, 0);
  });

  test('a restart keeps keys, token, credentials and what waits', async () => {
    const kept = ['seal-key', 'admin-token', 'demo-credentials.json', 'tls-key.pem', 'tls-certificate.pem'];
    const contents = (): string[] => kept.map((name) => readFileSync(path.join(relay.data, name), 'utf8'));
    const files = contents();
    const token = relay.token;
    const credentials = demo();
    const keys = await relay.cli('domain', 'dns', 'postern.test', '--json');

    // somebody who is away until after the restart
    const away = await new ScriptedServer().listen();
    const { port } = away;
    await away.close();
    await relay.cli('route', 'set', 'away', '--smarthost', `127.0.0.1:${port}`, '--tls', 'none');
    const { body: sent } = await relay.request<{ id: string }>('POST', '/v1/messages', {
      key: credentials.apiKey,
      body: '{"from":"app@postern.test","to":["you@postern.test"],"subject":"Waits","text":"Over a restart."}',
    });
    await until('it was tried once', async () => (await relay.queue())[0]?.attempts === 1);

    assert.equal(await relay.stop('SIGTERM'), 0);
    relay.output = '';
    await relay.start();

    assert.deepEqual(contents(), files);
    assert.equal(relay.token, token);
    assert.deepEqual(demo(), credentials);
    assert.equal(await relay.cli('domain', 'dns', 'postern.test', '--json'), keys);
    assert.doesNotMatch(relay.output, /All mail goes to the sandbox/, 'a route is set');
    assert.deepEqual(
      (await relay.queue()).map(({ message, state }) => [message, state]),
      [[sent.id, 'queued']],
    );
    const client = await SmtpDialogue.connect(relay.port('submissions'), { implicitTls: true });
    await client.hello();
    assert.match(await client.login(credentials.account, credentials.password), /^235 /);
    client.destroy();

    const back = await new ScriptedServer().listen(port);
    try {
      await relay.cli('queue', 'retry', '--all');
      await until('it was delivered', () => back.messages.length > 0);
      await until('nothing waits', async () => (await relay.queue()).length === 0);
      assert.equal(back.messages.length, 1);
      assert.match(back.messages[0]?.mail ?? '', /^MAIL FROM:<app@postern\.test>/);
      assert.deepEqual(back.messages[0]?.recipients, ['RCPT TO:<you@postern.test>']);
      assert.match(back.messages[0]?.content ?? '', /^DKIM-Signature: /);
    } finally {
      await back.close();
    }
  });
});

suite('a start that can not go on says why in one line', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-refused-'));
  const occupied = net.createServer();
  before(async () => {
    await new Promise<void>((resolve) => {
      occupied.listen(0, '127.0.0.1', resolve);
    });
  });
  after(() => {
    occupied.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts in a folder of its own; answers what was made there. */
  const refused = async (name: string, config: string, files: Record<string, string> = {}) => {
    const cwd = path.join(folder, name);
    mkdirSync(cwd);
    writeFileSync(path.join(cwd, 'postern.toml'), config);
    for (const [file, text] of Object.entries(files)) writeFileSync(path.join(cwd, file), text);
    const finished = await postern(['start'], { cwd });
    return {
      cwd,
      finished,
      made: existsSync(path.join(cwd, 'data')) ? readdirSync(path.join(cwd, 'data')) : undefined,
    };
  };

  test('configurations that are wrong name file, line and field, and nothing is made', async () => {
    const cases: [name: string, config: string, says: RegExp][] = [
      ['no-toml', 'hostname = "relay.test\n', /^postern: postern\.toml:1: no valid TOML: /],
      [
        'unknown-option',
        'hostname = "relay.test"\n[limits]\nconnection = 5\n',
        /^postern: postern\.toml:3: limits\.connection: unknown option; did you mean "connections"\?$/m,
      ],
      [
        'wrong-value',
        '[delivery]\ngiveUpSeconds = "never"\n',
        /^postern: postern\.toml:2: delivery\.giveUpSeconds: expected number, not "never"$/m,
      ],
      [
        'two-alike',
        `${LISTENERS}\n[[listener]]\nname = "smtp"\nport = 0\n`,
        /^postern: postern\.toml: listener "smtp" is there twice/,
      ],
      ['certificate-alone', '[tls]\ncertificate = "a.pem"\n', /certificate and key go together/],
    ];
    const all = await Promise.all(
      cases.map(async ([name, config, says]) => ({ says, ...(await refused(name, config)) })),
    );
    for (const { says, finished, made } of all) {
      refusedInOneLine(finished, says);
      assert.equal(made, undefined);
    }
    const missing = await postern(['start', '--config', path.join(folder, 'nowhere.toml')], { cwd: folder });
    refusedInOneLine(missing, /nowhere\.toml: can not be read: ENOENT/);
  });

  test('an option that the command line does not know is an error of usage', async () => {
    const { code, err } = await postern(['start', '--prot', '25'], { cwd: folder });
    assert.equal(code, 2);
    assert.match(err, /unknown option '--prot'/);
    assert.doesNotMatch(err, /^\s+at /m);
    assert.equal(existsSync(path.join(folder, 'data')), false);
  });

  test('certificates that are missing, no certificates, or belong to another key', async () => {
    const tls = (files: string): string => `${LISTENERS}\n[tls]\n${files}`;
    const both = 'certificate = "cert.pem"\nkey = "key.pem"\n';
    const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const pem = otherKey.export({ type: 'pkcs8', format: 'pem' });
    const cases: [name: string, config: string, files: Record<string, string>, says: RegExp][] = [
      ['certificate-missing', tls(both), {}, /tls\.certificate: .*cert\.pem can not be read \(ENOENT\)/],
      ['certificate-garbage', tls(both), { 'cert.pem': 'garbage', 'key.pem': pem }, /tls\.certificate/],
      ['certificate-of-another-key', tls(both), { 'cert.pem': SINK_CERTIFICATE, 'key.pem': pem }, /tls\.key/],
      ['authorities-garbage', tls('clientCa = "ca.pem"\n'), { 'ca.pem': 'garbage' }, /tls\.clientCa/],
      ['authorities-missing', tls('clientCa = "ca.pem"\n'), {}, /tls\.clientCa: .*ca\.pem can not be read/],
    ];
    const all = await Promise.all(
      cases.map(async ([name, config, files, says]) => ({
        name,
        says,
        ...(await refused(name, config, files)),
      })),
    );
    for (const { name, says, finished, made = [] } of all) {
      refusedInOneLine(finished, says);
      assert.deepEqual(
        made.filter((file) => /demo-credentials|admin-token|control/.test(file)),
        [],
        `${name} made something`,
      );
    }
  });

  test('a folder that can not be written', async () => {
    const file = path.join(folder, 'a-file');
    writeFileSync(file, '');
    const finished = await postern(['start', '--data', path.join(file, 'data')], {
      cwd: folder,
      environment: FREE_PORTS,
    });
    refusedInOneLine(finished, /data folder .* can not be written \(ENOTDIR\)/);
  });

  test('a port in use; corrected, the next start is a whole first start', async () => {
    const { port } = occupied.address() as net.AddressInfo;
    const taken = (smtp: number, api: number): string =>
      `[[listener]]\nname = "smtp"\nport = ${smtp}\n[api]\nport = ${api}\n`;
    const [smtp, api] = await Promise.all([
      refused('smtp-port', taken(port, 0)),
      refused('api-port', taken(0, port)),
    ]);
    for (const { finished } of [smtp, api]) {
      refusedInOneLine(
        finished,
        new RegExp(`^postern: 127\\.0\\.0\\.1:${port} is in use by another program`),
      );
    }
    const relay = new StoryRelay({ config: taken(0, 0), folder: smtp.cwd });
    try {
      await relay.start();
      assert.match(relay.output, /swaks --server .* --auth-user demo --auth-password \S+/);
    } finally {
      await relay.remove();
    }
  });

  test('a sealing key that is none, or another than that of before', async () => {
    const none = await postern(['start'], {
      cwd: folder,
      environment: { ...FREE_PORTS, POSTERN_SEAL_KEY: 'short', POSTERN_DATA: path.join(folder, 'unsealed') },
    });
    refusedInOneLine(none, /POSTERN_SEAL_KEY: expected 64 hexadecimal digits/);
    const relay = new StoryRelay({ config: '', environment: FREE_PORTS });
    try {
      await relay.start();
      await relay.stop();
      const other = await postern(['start', '--data', relay.data], {
        cwd: folder,
        environment: { ...FREE_PORTS, POSTERN_SEAL_KEY: 'ab'.repeat(32) },
      });
      refusedInOneLine(other, /can not be unsealed: the sealing key is another one/);
    } finally {
      await relay.remove();
    }
  });
});

function refusedInOneLine({ code, out, err }: Finished, says: RegExp): void {
  assert.equal(code, 1, err);
  assert.match(err, says);
  assert.equal(err.trimEnd().split('\n').length, 1, `more than one line: ${err}`);
  assert.doesNotMatch(err, /^\s+at |node:internal|\.ts:\d/m, 'a stack trace');
  assert.doesNotMatch(out, /ready in/);
}
