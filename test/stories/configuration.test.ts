// The settings of a relay by its API: where each comes from, a new file for the next start, and what is refused.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { LISTENERS, StoryRelay } from '../support/story-relay.ts';

interface Shown {
  file: { path: string; exists: boolean; text?: string; readOnly?: string };
  settings: { field: string; value: unknown; from: string; variable?: string; line?: number }[];
  restart: { needed: boolean; changes: { field: string }[] };
  schema: { properties: Record<string, { description?: string }> };
}

const TEXT = `hostname = "relay.test"\n${LISTENERS}`;
const LDAP = `
[edge.recipients]
verify = ["list", "ldap"]
[edge.recipients.ldap]
urls = ["ldaps://dc1.contoso.test"]
bindDn = "cn=postern"
password = "very-hidden"
base = "dc=contoso"
`;

suite('the configuration', () => {
  let relay: StoryRelay;
  before(async () => {
    relay = new StoryRelay({ config: TEXT, environment: { POSTERN_LIMITS__HOPS: '31' } });
    await relay.start();
  });
  after(() => relay?.remove());

  const shown = () => relay.json<Shown>('config', 'show');
  const file = (): string => path.join(relay.folder, 'postern.toml');
  const put = async (text: string, headers: Record<string, string>, key = relay.token) =>
    relay.request<{ detail: string; field?: string }>('PUT', '/api/v1/configuration', {
      key,
      body: JSON.stringify({ text }),
      headers,
    });

  test('every setting is there with where it is from', async () => {
    const { file: read, settings, restart, schema } = await shown();
    assert.deepEqual([read.path, read.exists, read.text, read.readOnly], [file(), true, TEXT, undefined]);
    const of = (field: string) => settings.find((one) => one.field === field);
    assert.deepEqual(
      [of('hostname')?.value, of('hostname')?.from, of('hostname')?.line],
      ['relay.test', 'file', 1],
    );
    assert.deepEqual([of('limits.hops')?.value, of('limits.hops')?.variable], [31, 'POSTERN_LIMITS__HOPS']);
    assert.equal(of('spool.minimumFreeBytes')?.from, 'default');
    assert.equal(restart.needed, false);
    assert.match(schema.properties['hostname']?.description ?? '', /Name in the greeting/);
    const french = await relay.api<Shown>('GET', '/configuration?language=fr');
    assert.match(french.body.schema.properties['hostname']?.description ?? '', /^Nom dans l’accueil/);
    const text = await relay.cli('config', 'show');
    assert.match(text, /hostname +"relay\.test" +line 1/);
    assert.doesNotMatch(text, /minimumFreeBytes/);
  });

  test('a text is judged as at a start', async () => {
    const { body } = await relay.api<{ problems: { line?: number; field?: string; expected: string }[] }>(
      'POST',
      '/configuration/check',
      { text: `${TEXT}[limits]\nconections = 5\n` },
    );
    assert.deepEqual(
      body.problems.map(({ field, expected }) => [field, expected]),
      [['limits.conections', 'unknown option; did you mean "connections"?']],
    );
    const missing = await relay.api<{ problems: { expected: string }[] }>('POST', '/configuration/check', {
      text: `${TEXT}[tls]\ncertificate = "none.pem"\nkey = "none.key"\n`,
    });
    assert.match(missing.body.problems[0]?.expected ?? '', /none\.pem/);
  });

  test('a wrong file is not written, and a start by it is not risked', async () => {
    const wanted = path.join(relay.folder, 'wanted.toml');
    writeFileSync(wanted, `${TEXT}[limits]\nhop = 5\n`);
    const { code, err } = await relay.run('config', 'set', wanted);
    assert.equal(code, 1);
    assert.match(
      err,
      /postern\.toml:\d+: limits\.hop: unknown option; did you mean "hops"\?; nothing was written/,
    );
    writeFileSync(wanted, TEXT.replace('[api]\nport = 0', '[api]\nport = 18025'));
    const locking = await relay.run('config', 'set', wanted);
    assert.match(locking.err, /api\.port would change\. Look at it again, and confirm/);
    assert.equal(readFileSync(file(), 'utf8'), TEXT);
    assert.ok(!existsSync(`${file()}.bak`));
  });

  test('a right one is, for the next start, and stands in the audit log without secrets', async () => {
    const wanted = path.join(relay.folder, 'wanted.toml');
    writeFileSync(wanted, `${TEXT.replace('relay.test', 'mail.test')}${LDAP}`);
    const text = await relay.cli('config', 'set', wanted);
    assert.match(text, /the one before is .*postern\.toml\.bak/);
    assert.match(text, /hostname +"relay\.test" +"mail\.test"/);
    assert.match(text, /It takes effect when the relay is started anew/);
    assert.equal(readFileSync(`${file()}.bak`, 'utf8'), TEXT);
    const after = await relay.cli('config', 'show', '--json');
    assert.doesNotMatch(after, /very-hidden/);
    const { restart, file: read } = JSON.parse(after) as Shown;
    assert.equal(restart.needed, true);
    assert.match(read.text ?? '', /password = "<secret 1>"/);
    const log = await relay.cli('audit-log', 'list', '--json');
    assert.match(log, /configuration file .*postern\.toml written/);
    assert.match(log, /mail\.test/);
    assert.doesNotMatch(log, /very-hidden/);
  });

  test('what was read before is not written over what came since', async () => {
    assert.equal((await put(TEXT, {})).status, 428);
    assert.equal((await put(TEXT, { 'if-match': '"old"' })).status, 412);
  });

  test('a token of a program can not, whatever its role', async () => {
    const { secret } = await relay.json<{ secret: string }>('token', 'add', 'robot', '--role', 'owner');
    const { status, body } = await put(TEXT, { 'if-match': '*' }, secret);
    assert.equal(status, 403);
    assert.match(body.detail, /for people who have signed in/);
    assert.match(readFileSync(file(), 'utf8'), /mail\.test/);
  });

  test('the next start has it', async () => {
    await relay.stop();
    await relay.start();
    const { restart, settings } = await shown();
    assert.equal(restart.needed, false);
    assert.equal(settings.find(({ field }) => field === 'hostname')?.value, 'mail.test');
    const { body } = await relay.api<{ hostname: string }>('GET', '/status');
    assert.equal(body.hostname, 'mail.test');
  });
});

test('started without a file, the relay makes the one that the next start finds', async (t) => {
  const relay = new StoryRelay({
    config: '',
    environment: {
      POSTERN_API__PORT: '0',
      POSTERN_LISTENER: '[{"name":"smtp","port":0}]',
    },
  });
  t.after(() => relay.remove());
  await relay.start();
  const wanted = path.join(relay.folder, 'wanted.toml');
  writeFileSync(wanted, 'hostname = "made.test"\n');
  assert.match(await relay.cli('config', 'show'), /postern\.toml \(not there\)/);
  await relay.cli('config', 'set', wanted);
  assert.equal(readFileSync(path.join(relay.folder, 'postern.toml'), 'utf8'), 'hostname = "made.test"\n');
  await relay.stop();
  await relay.start();
  const { body } = await relay.api<{ hostname: string }>('GET', '/status');
  assert.equal(body.hostname, 'made.test');
});
