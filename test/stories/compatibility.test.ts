// An old copier that knows only TLS 1.0: what lets it send, for how long, and what anybody else gets.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import net from 'node:net';
import { after, before, suite, test } from 'node:test';
import { endWithProcess } from '../support/end-with-process.ts';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { StoryRelay, until } from '../support/story-relay.ts';

const CONFIG = `hostname = "relay.test"

[[listener]]
name = "smtp"
port = 0

[[listener]]
name = "required"
port = 0
tls = "starttls-required"

[[listener]]
name = "implicit"
port = 0
tls = "implicit"

[api]
port = 0
`;

const OLD = ['-tls1', '-cipher', 'DEFAULT:@SECLEVEL=0'];
const OLDISH = ['-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0'];
const RSA_ONLY = ['-tls1_2', '-cipher', 'AES128-SHA'];
const OLD_RSA = ['-tls1', '-cipher', 'AES128-SHA:@SECLEVEL=0'];
const HERE = '127.0.0.1';
const ELSEWHERE = '127.0.0.2';

interface Exception {
  id: string;
  kind: string;
  uses: number;
  state: string;
  lastUsedFrom?: string;
  text: string;
}

/** The system's OpenSSL as an old device, which is still able to speak what Node.js and browsers no longer do. */
class OldDevice {
  output = '';
  readonly #child: ChildProcess;
  #ended = false;

  constructor(port: number, options: string[], from: string, startTls: boolean) {
    this.#child = spawn(
      'openssl',
      [
        's_client',
        '-connect',
        `127.0.0.1:${port}`,
        '-bind',
        `${from}:0`,
        '-crlf',
        '-nocommands',
        ...(startTls ? ['-starttls', 'smtp'] : []),
        ...options,
      ],
      // the distribution may forbid in its configuration what the device can
      { env: { ...process.env, OPENSSL_CONF: '/dev/null' }, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    endWithProcess(this.#child, 'SIGKILL');
    const heard = (chunk: Buffer) => (this.output += chunk.toString('latin1'));
    this.#child.stdout?.on('data', heard);
    this.#child.stderr?.on('data', heard);
    this.#child.stdin?.on('error', () => undefined);
    this.#child.once('close', () => (this.#ended = true));
  }

  async expect(pattern: RegExp): Promise<void> {
    await until(`${String(pattern)} in ${this.output.slice(-500)}`, () => {
      if (pattern.test(this.output)) return true;
      if (this.#ended) throw new Error(`it ended after ${this.output}`);
      return false;
    });
  }

  async say(line: string, answer: RegExp): Promise<void> {
    this.output = '';
    this.#child.stdin?.write(`${line}\n`);
    await this.expect(answer);
  }

  async ended(): Promise<void> {
    await until('it has ended', () => this.#ended);
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

suite('compatibility', () => {
  const relay = new StoryRelay({ config: CONFIG });
  let password = '';
  const ids: Record<string, string> = {};

  before(async () => {
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    password = await relay.addSource(
      'copier',
      '--description',
      'Ricoh Aficio, second floor',
      '--from',
      'copier@corp.test',
      '--recipients',
      'any',
    );
  });
  after(() => relay.remove());

  const device = (
    options: string[],
    { from = HERE, listener = 'smtp' }: { from?: string; listener?: string } = {},
  ): OldDevice => new OldDevice(relay.port(listener), options, from, listener !== 'implicit');

  const refused = async (
    options: string[],
    where: { from?: string; listener?: string } = {},
  ): Promise<void> => {
    const client = device(options, where);
    await client.ended();
    assert.match(client.output, /alert (protocol version|handshake failure|number (70|40))/);
  };

  const allowed = async (
    options: string[],
    protocol: RegExp,
    where: { from?: string; listener?: string } = {},
  ): Promise<OldDevice> => {
    const client = device(options, where);
    await client.expect(protocol);
    await client.say('EHLO copier', /250 HELP|250 .*\r?\n$/);
    return client;
  };

  const login = (account: string, secret: string): string =>
    `AUTH PLAIN ${Buffer.from(`\0${account}\0${secret}`).toString('base64')}`;

  const exceptions = (...options: string[]): Promise<Exception[]> =>
    relay.json<Exception[]>('exception', 'list', ...options);

  test('without an exception nobody has old TLS', async () => {
    for (const options of [OLD, OLDISH, RSA_ONLY, OLD_RSA]) await refused(options);
    await refused(OLD, { listener: 'implicit' });
    const modern = await allowed(['-tls1_2'], /Protocol\s*: TLSv1\.2|New, TLSv1\.2/);
    modern.close();
    const failures = await relay.events({ type: 'tls-failure' });
    assert.ok(failures.length >= 5);
  });

  test('an exception needs an owner, a reason, an end within a year, and a network of its own', async () => {
    const add = async (...options: string[]): Promise<string> => {
      const { code, err } = await relay.run('exception', 'add', ...options);
      assert.notEqual(code, 0);
      return err;
    };
    const reason = ['--reason', 'no firmware'];
    const network = ['--network', `${HERE}/32`];
    const owner = ['--owner', 'ann@corp.test'];
    const end = ['--until', '90d'];
    assert.match(await add('tls-1.0', ...network, ...owner, ...end), /--reason/);
    assert.match(await add('tls-1.0', ...network, ...owner, ...reason), /--until/);
    assert.match(await add('tls-1.0', ...network, ...reason, ...end), /owner: is missing/);
    assert.match(await add('tls-1.0', ...owner, ...reason, ...end), /networks/);
    assert.match(
      await add('tls-1.0', ...network, ...owner, ...reason, '--until', '400d'),
      /more than 366 days/,
    );
    assert.match(
      await add('tls-1.0', ...network, ...owner, ...reason, '--until', '2020-01-01'),
      /in the past/,
    );
    assert.match(await add('tls-1.0', '--network', '0.0.0.0/0', ...owner, ...reason, ...end), /too wide/);
    assert.match(await add('cram-md5', ...owner, ...reason, ...end), /source/);
    assert.match(await add('3des', ...network, ...owner, ...reason, ...end), /built without 3DES/);
    assert.deepEqual(await exceptions(), []);
  });

  test('with one, the named network has it on the same listeners, and nobody else', async () => {
    const made = await relay.json<Exception[]>(
      'exception',
      'add',
      'tls-1.0',
      'rsa-key-exchange',
      '--network',
      `${HERE}/32`,
      '--source',
      'copier',
      '--reason',
      'no firmware since 2014',
      '--until',
      '90d',
    );
    for (const { kind, id } of made) ids[kind] = id;
    for (const client of [
      await allowed(OLD, /Protocol\s*: TLSv1\s|New, TLSv1\.0|New, SSLv3|TLSv1,/),
      await allowed(OLDISH, /TLSv1\.1/),
      await allowed(RSA_ONLY, /Cipher\s*(is|:) AES128-SHA/),
      await allowed(OLD_RSA, /Cipher\s*(is|:) AES128-SHA/),
      await allowed(OLD, /ECDHE-RSA-AES256-SHA/, { listener: 'implicit' }),
    ])
      client.close();
    for (const options of [OLD, OLDISH, RSA_ONLY, OLD_RSA]) await refused(options, { from: ELSEWHERE });
    await refused(OLD, { from: ELSEWHERE, listener: 'implicit' });
  });

  test('the copier sends, its use is counted, and what it can is known', async () => {
    const copier = await allowed(OLD_RSA, /AES128-SHA/);
    await copier.say(login('copier', password), /235 /);
    await copier.say('MAIL FROM:<copier@corp.test>', /250 /);
    await copier.say('RCPT TO:<ann@corp.test>', /250 /);
    await copier.say('DATA', /354 /);
    const message = plainMessage(['From: copier@corp.test', 'To: ann@corp.test', 'Subject: Scan']);
    await copier.say(`${message.replaceAll('\r\n', '\n')}.`, /250 2\.0\.0/);
    await copier.say('QUIT', /221 /);
    await copier.ended();
    await until('it is counted', async () =>
      (await exceptions()).every(({ uses, lastUsedFrom }) => uses > 0 && lastUsedFrom === HERE),
    );
    const found = await relay.json<{
      profile: { name: string; tls: string; needs: string[]; keyExchange: string };
      seen: Record<string, { value: string }[]>;
      messages: number;
    }>('compatibility', 'show', 'copier');
    assert.equal(found.messages, 1);
    assert.deepEqual(
      [found.profile.name, found.profile.tls, found.profile.keyExchange, found.profile.needs],
      ['legacy', 'TLSv1', 'rsa', ['tls-1.0', 'rsa-key-exchange']],
    );
    assert.deepEqual(
      ['method', 'hello', 'offeredVersion', 'offeredFamily'].map((trait) => found.seen[trait]?.[0]?.value),
      ['PLAIN', 'copier', 'TLSv1', 'RSA key exchange'],
    );
    const text = await relay.cli('compatibility', 'show', 'copier');
    assert.match(text, /copier: legacy, TLS 1 \(little was seen so far\)/);
    assert.match(text, /never used LOGIN/);
  });

  test('its sheet says what to type in, and no password', async () => {
    for (const format of ['text', 'markdown', 'html']) {
      const sheet = await relay.cli('source', 'sheet', 'copier', '--format', format);
      for (const value of ['relay.test', String(relay.port('implicit')), 'copier', 'copier@corp'])
        assert.ok(sheet.includes(value), `${value} is not in ${sheet}`);
      assert.ok(!sheet.includes(password));
      assert.match(sheet, /Ricoh/);
    }
    assert.match(
      await relay.cli('source', 'sheet', 'copier', '--language', 'fr'),
      /Nom d’utilisateur +copier/,
    );
  });

  test('closed, it ends sessions within a second, and no new one comes', async () => {
    const [idle, open] = [await allowed(OLD_RSA, /AES128-SHA/), await allowed(OLD_RSA, /AES128-SHA/)];
    await open.say(login('copier', password), /235 /);
    const modern = await allowed(['-tls1_2'], /TLSv1\.2/);
    idle.output = open.output = '';
    await relay.cli('exception', 'close', ids['tls-1.0'] ?? '');
    const closed = performance.now();
    await Promise.all([idle.expect(/421 4\.7\.0 T205/), open.expect(/421 4\.7\.0 T205/)]);
    assert.ok(performance.now() - closed < 1000);
    await modern.say('NOOP', /250 /);
    modern.close();
    await refused(OLD);
    // the other exception is still there
    (await allowed(RSA_ONLY, /AES128-SHA/)).close();
    const [over] = await exceptions('--state', 'closed');
    assert.equal(over?.id, ids['tls-1.0']);
  });

  test('one whose day comes ends by itself: alarm, mail to its owner, sessions', async () => {
    const made = await relay.api<Exception>('POST', '/exceptions', {
      kind: 'tls-1.1',
      networks: [`${HERE}/32`],
      source: 'copier',
      reason: 'for a moment',
      endsAt: Date.now() + 4000,
    });
    assert.equal(made.status, 201);
    const session = await allowed(OLDISH, /TLSv1\.1/);
    session.output = '';
    await session.expect(/421 4\.7\.0 T205/);
    await refused(OLDISH);
    const [alarm] = await until('the alarm', async () => {
      const found = await relay.events({ type: 'alarm' });
      return found.some(({ code }) => code === 'exception-ended') && found;
    });
    assert.match(
      alarm?.text ?? '',
      /^TLS 1\.1 for 127\.0\.0\.1\/32 \(source copier\): the exception has ended$/,
    );
    await until('the mail is in the sandbox inbox', async () => {
      const inbox = await relay.json<{ recipients: string[]; subject: string }[]>('inbox', 'list');
      return inbox.some(
        ({ recipients, subject }) =>
          recipients.includes('owner@corp.test') && /exception has ended/.test(subject),
      );
    });
    assert.equal((await relay.json<Exception>('exception', 'show', made.body.id)).state, 'ended');
  });

  test('CRAM-MD5 needs an exception, and leaves with it', async () => {
    const add = ['source', 'credential', 'add', 'copier', '--account', 'copier2', '--cram-md5'];
    const before = await relay.run(...add);
    assert.notEqual(before.code, 0);
    assert.match(before.err, /postern exception add cram-md5 --source copier/);
    const [made] = await relay.json<Exception[]>(
      'exception',
      'add',
      'cram-md5',
      '--source',
      'copier',
      '--reason',
      'knows nothing else',
      '--until',
      '30d',
    );
    const [issued] = await relay.json<{ password: string }[]>(...add);
    const client = await relay.connect('smtp');
    await client.startTls();
    assert.match(await client.hello(), /AUTH .*CRAM-MD5/);
    const challenge = Buffer.from((await client.say('AUTH CRAM-MD5')).slice(4), 'base64');
    const digest = createHmac('md5', issued?.password ?? '')
      .update(challenge)
      .digest('hex');
    assert.match(await client.say(Buffer.from(`copier2 ${digest}`).toString('base64')), /^235 /);
    await relay.cli('exception', 'close', made?.id ?? '');
    const closed = performance.now();
    assert.match(await client.reply(), /^421 4\.7\.0 T205/);
    assert.ok(performance.now() - closed < 1000);
    const again = await relay.connect('smtp');
    await again.startTls();
    assert.doesNotMatch(await again.hello(), /CRAM-MD5/);
    assert.match(await again.say('AUTH CRAM-MD5'), /^504 /);
    again.destroy();
  });

  test('a device without TLS sends from its network alone', async () => {
    const connect = async (from: string): Promise<{ say(line: string): Promise<string>; end(): void }> => {
      const socket = net.connect({ port: relay.port('required'), host: HERE, localAddress: from });
      let heard = '';
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
      const reply = async (): Promise<string> => {
        await until('a reply', () => /^\d{3} .*\r\n/m.test(heard));
        const text = heard;
        heard = '';
        return text;
      };
      await reply();
      const say = (line: string): Promise<string> => {
        socket.write(`${line}\r\n`);
        return reply();
      };
      await say('EHLO copier');
      return { say, end: () => socket.destroy() };
    };
    const strict = await connect(ELSEWHERE);
    assert.match(await strict.say(login('copier', password)), /^530 5\.7\.0 T201/);
    const [made] = await relay.json<Exception[]>(
      'exception',
      'add',
      'no-tls',
      '--network',
      `${ELSEWHERE}/32`,
      '--owner',
      'ann@corp.test',
      '--reason',
      'no TLS at all',
      '--until',
      '30d',
    );
    // at once, on the session that is open too
    assert.match(await strict.say(login('copier', password)), /^235 /);
    const other = await connect(HERE);
    assert.match(await other.say(login('copier', password)), /^530 5\.7\.0 T201/);
    await until('its use is counted', async () =>
      (await exceptions('--kind', 'no-tls')).some(({ uses }) => uses === 1),
    );
    await relay.cli('exception', 'close', made?.id ?? '');
    assert.match(await strict.say('NOOP').catch(() => '421 4.7.0 T205'), /T205/);
    strict.end();
    other.end();
  });

  test('what was left open is still there after a restart', async () => {
    const before = await exceptions();
    assert.deepEqual(
      before.map(({ id }) => id),
      [ids['rsa-key-exchange']],
    );
    await relay.stop();
    await relay.start();
    const [after] = await exceptions();
    assert.equal(after?.id, before[0]?.id);
    assert.ok((after?.uses ?? 0) >= (before[0]?.uses ?? 1));
    (await allowed(RSA_ONLY, /AES128-SHA/)).close();
  });
});
