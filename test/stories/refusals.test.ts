// A device is refused: who it is, why, what was said, what would change it; and its owner reads of it in plain words.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import { after, before, suite, test } from 'node:test';
import tls from 'node:tls';
import { LISTENERS, StoryRelay, until } from '../support/story-relay.ts';

interface Group {
  group: string;
  sourceName?: string;
  code: string;
  count: number;
  advice: { cause: string; change: { kind: string; line: string }; caution?: string };
}

interface Transcript {
  session: string;
  ending: string;
  messages: number;
  lines: { by: string; text: string }[];
}

interface InboxEntry {
  id: string;
  from: string;
  recipients: string[];
  subject: string;
}

const CONFIG = `hostname = "relay.test"
${LISTENERS}
[notices]
delaySeconds = 0.3
timeZone = "UTC"
contact = "helpdesk@corp.test"
`;

/** STARTTLS with TLS 1.1 at most. Resolves when it has failed. */
async function oldHandshake(port: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  const said = (end: RegExp): Promise<void> =>
    new Promise((resolve) => {
      let text = '';
      const take = (chunk: Buffer): void => {
        text += chunk.toString();
        if (!end.test(text)) return;
        socket.removeListener('data', take);
        resolve();
      };
      socket.on('data', take);
    });
  await said(/^220 /);
  socket.write('EHLO old-printer\r\n');
  await said(/^250 /m);
  socket.write('STARTTLS\r\n');
  await said(/^220 /);
  const secured = tls.connect({
    socket,
    servername: 'relay.test',
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
    rejectUnauthorized: false,
  });
  await new Promise((resolve) => {
    secured.once('error', resolve);
  });
  socket.destroy();
}

suite('refusals explained', () => {
  const relay = new StoryRelay({ config: CONFIG });
  let password = '';

  before(async () => {
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    password = await relay.addSource(
      'scanner',
      '--from',
      'scan@corp.test',
      '--recipients',
      'any',
      '--unaligned',
      'send',
    );
    await relay.addSource(
      'imprimante',
      '--from',
      'imp@corp.test',
      '--tag',
      'lang:fr',
      '--owner',
      'responsable@corp.test',
    );
    await relay.addSource('quiet', '--from', 'quiet@corp.test', '--tag', 'no-notices');
  });
  after(() => relay.remove());

  const message = (from: string): string =>
    `From: ${from}\r\nTo: x@corp.test\r\nSubject: Confidential figures\r\n\r\nThe body.\r\n`;
  const groups = (...options: string[]): Promise<Group[]> => relay.json('refusals', ...options);
  const mailTo = async (address: string): Promise<InboxEntry[]> =>
    (await relay.api<{ items: InboxEntry[] }>('GET', '/inbox?limit=500')).body.items.filter(
      ({ recipients }) => recipients.includes(address),
    );
  const rawOf = async ({ id }: InboxEntry): Promise<string> =>
    (await relay.request<string>('GET', `/api/v1/inbox/${id}/raw`, { key: relay.token })).body;

  /** Runs a line as a shell would that finds `postern` for this relay. */
  const pasted = async (line: string): Promise<void> => {
    const words = await new Promise<string>((resolve) => {
      const shell = spawn('sh', ['-c', `printf '%s\\n' ${line}`], { stdio: ['ignore', 'pipe', 'inherit'] });
      let out = '';
      shell.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      shell.once('close', () => resolve(out));
    });
    const [program, ...rest] = words.trimEnd().split('\n');
    assert.equal(program, 'postern');
    await relay.cli(...rest);
  };

  test('a device that sends as the wrong address: the report names the setting, and the setting helps', async () => {
    const client = await relay.session('scanner', password);
    const mail = { to: ['x@corp.test'], content: message('Scanner <scanner-2@corp.test>') };
    assert.match(await client.send({ from: 'scan@corp.test', ...mail }), /^550 5\.7\.1 S402 /);
    const [group, ...others] = await groups('--source', 'scanner');
    assert.ok(group);
    assert.deepEqual([group.group, group.count, others.length], ['scanner:S402', 1, 0]);
    assert.match(group.advice.cause, /scanner-2@corp\.test/);
    assert.deepEqual(group.advice.change, {
      kind: 'command',
      line: 'postern source edit scanner --from envelope=scan@corp.test,header=scanner-2@corp.test',
    });

    // while the session is still open, and after it
    const show = async () =>
      relay.json<Group & { transcript: Transcript }>('refusals', 'show', 'scanner:s402');
    assert.equal((await show()).transcript.ending, '');
    await pasted(group.advice.change.line);
    assert.match(await client.send({ from: 'scan@corp.test', ...mail }), /^250 /);
    await client.say('QUIT');
    client.destroy();
    const { transcript } = await until('the session is over', async () => {
      const found = await show();
      return found.transcript.ending === 'quit' && found;
    });
    const said = transcript.lines.map(({ by, text }) => `${by}: ${text}`);
    assert.ok(said.includes('client: EHLO client.test'));
    assert.ok(said.includes('client: AUTH PLAIN [hidden]'));
    assert.ok(said.includes('client: MAIL FROM:<scan@corp.test>'));
    assert.ok(said.some((line) => line.startsWith('server: 550 5.7.1 S402')));
    const all = said.join('\n');
    for (const secret of [
      password,
      Buffer.from(`\0scanner\0${password}`).toString('base64'),
      'Confidential',
      'The body',
    ]) {
      assert.ok(!all.includes(secret), secret);
    }
    const shown = await relay.cli('refusals', 'show', 'scanner:S402');
    assert.match(shown, /C: AUTH PLAIN \[hidden\]/);
    assert.match(await relay.cli('refusals', 'transcript', transcript.session), /S: 550 5\.7\.1 S402/);
    assert.match(await relay.cli('refusals'), /To allow it +postern source edit scanner --from/);
  });

  test('its owner is told in plain words, once, and reads nothing of the message', async () => {
    const [mail] = await until('the mail is in the inbox', async () => {
      const found = await mailTo('owner@corp.test');
      return found.length > 0 && found;
    });
    assert.ok(mail);
    assert.equal(mail.subject, 'Mail of scanner is refused');
    const raw = await rawOf(mail);
    assert.match(raw, /^Auto-Submitted: auto-generated\r$/m);
    assert.equal(mail.from, '');
    assert.match(raw, /sender \(From\): scanner-2@corp\.test/);
    assert.match(raw, /postern refusals show scanner:S402/);
    assert.match(raw, /helpdesk@corp\.test/);
    assert.ok(!raw.includes('Confidential') && !raw.includes('The body') && !raw.includes(password));

    const client = await relay.session('scanner', password);
    for (let times = 0; times < 3; times++) {
      const content = message('other@corp.test');
      assert.match(await client.send({ from: 'scan@corp.test', to: ['x@corp.test'], content }), /^550 /);
    }
    client.destroy();
    const state = await until('the refusals are counted', async () => {
      const found = await relay.json<{ on: boolean; items: { code: string; waiting: number }[] }>(
        'refusals',
        'notices',
        'scanner',
      );
      return found.items[0]?.waiting === 3 && found;
    });
    assert.ok(state.on);
    assert.equal(
      (await mailTo('owner@corp.test')).filter(({ subject }) => /scanner/.test(subject)).length,
      1,
    );
  });

  test('in French where the source says so, and not at all where it says that', async () => {
    const refuse = async (account: string): Promise<void> => {
      const client = await relay.connect();
      assert.match(await client.login(account, 'wrong-password'), /^535 5\.7\.8 A301/);
      client.destroy();
    };
    await refuse('quiet');
    await refuse('imprimante');
    const mail = await until(
      'the mail is in the inbox',
      async () => (await mailTo('responsable@corp.test'))[0],
    );
    assert.equal(mail.subject, 'Le courrier de imprimante est refusé');
    assert.match(await rawOf(mail), /^Content-Transfer-Encoding: (?:quoted-printable|base64)\r$/m);
    const preview = await relay.cli('refusals', 'notice', 'imprimante:A301');
    assert.match(preview, /Le courrier de imprimante est refusé/);
    assert.match(preview, /mot de passe est faux/);
    assert.match(
      await relay.cli('refusals', 'notice', 'imprimante:A301', '--language', 'en'),
      /password is wrong/,
    );
    const quiet = await relay.cli('refusals', 'notices', 'quiet');
    assert.match(quiet, /off: the source has the tag no-notices/);
    assert.ok(!/wrong-password/.test(await relay.cli('refusals', 'show', 'imprimante:A301')));
  });

  test('a client with old TLS: what it offered, and the exception that it would need', async () => {
    await oldHandshake(relay.port('smtp'));
    const group = await until('it is in the report', async () =>
      (await groups('--code', 'T204')).find(({ group: name }) => name === '127.0.0.1:T204'),
    );
    assert.equal(
      group.advice.change.line,
      "postern exception add tls-1.1 --network 127.0.0.1 --owner postmaster@relay.test --reason 'it can do no better' --until 90d",
    );
    const { events, transcript } = await relay.json<{
      events: { detail: Record<string, string[]> }[];
      transcript: Transcript;
    }>('refusals', 'show', '127.0.0.1:T204');
    const detail = events[0]?.detail ?? {};
    assert.deepEqual(detail['offeredVersions'], ['TLSv1.1']);
    assert.ok(detail['offeredCiphers']?.includes('TLS_RSA_WITH_AES_128_CBC_SHA'));
    assert.equal(detail['serverName'], 'relay.test');
    assert.ok(transcript.lines.some(({ by, text }) => by === 'relay' && /handshake failed/.test(text)));
  });

  test('an account that nobody has leads to discovery; an answer that is none is an error that helps', async () => {
    const client = await relay.connect();
    await client.login('nobody-knows', 'hunter2');
    client.destroy();
    const group = await until('it is in the report', async () =>
      (await groups('--code', 'A301')).find(({ sourceName }) => sourceName === undefined),
    );
    assert.equal(group.advice.change.line, 'postern discovery list');
    const missing = await relay.run('refusals', 'show', 'scanner:S499');
    assert.equal(missing.code, 1);
    const counts = (await groups('--sort', 'count')).map(({ count }) => count);
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => b - a),
    );
    assert.ok((counts[0] ?? 0) > (counts.at(-1) ?? 0), String(counts));
    assert.match((await relay.run('refusals', '--sort', 'size')).err, /sort/);
    assert.match(missing.err, /postern refusals lists what there is/);
    assert.match((await relay.run('refusals', '--code', 'S999')).err, /there is no refusal code/);
    assert.match(
      (await relay.run('refusals', 'transcript', 'ffff')).err,
      /nothing was refused, or it was aged out/,
    );
  });
});
