import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { StoryRelay } from '../support/story-relay.ts';

const PASSWORD = 'a sentence for this story';
const OWN = { 'x-postern-request': '1' };

describe('people, from the first account to who did what', () => {
  const relay = new StoryRelay();
  let cookie = '';
  let secret = '';
  let noted = '';

  before(() => relay.start());
  after(() => relay.remove());

  const signIn = (password: string) =>
    relay.request('POST', '/api/v1/session', {
      headers: OWN,
      body: JSON.stringify({ email: 'ann@corp.test', password }),
    });

  it('an owner is made with the administrator token, on the command line', async () => {
    const file = path.join(relay.folder, 'password');
    writeFileSync(file, `${PASSWORD}\n`);
    assert.match(
      await relay.cli(
        'person',
        'add',
        'Ann@corp.test',
        '--name',
        'Ann',
        '--role',
        'owner',
        '--password-file',
        file,
      ),
      /ann@corp\.test may sign in as owner/,
    );
    assert.match(await relay.cli('person', 'list'), /ann@corp\.test +Ann +owner +active +password/);
    const weak = await relay.run('person', 'add', 'b@corp.test', '--role', 'emperor');
    assert.equal(weak.code, 1);
    assert.match(weak.err, /role/);
  });

  it('she signs in, and what she changes is hers', async () => {
    assert.equal((await signIn('something else entirely')).status, 401);
    const signedIn = await signIn(PASSWORD);
    assert.equal(signedIn.status, 200);
    cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const added = await relay.request('POST', '/api/v1/sources', {
      headers: { ...OWN, cookie, origin: relay.address },
      body: JSON.stringify({ name: 'printer', owner: 'bob@corp.test' }),
    });
    assert.equal(added.status, 201);
    const forged = await relay.request('POST', '/api/v1/sources', {
      headers: { cookie, origin: 'https://evil.example' },
      body: JSON.stringify({ name: 'evil' }),
    });
    assert.equal(forged.status, 403);
    const [change] = (await relay.log('--type', 'change')).slice(-1);
    assert.equal(change?.detail?.['by'], 'Ann <ann@corp.test>');
  });

  it('a program gets a token for one source', async () => {
    const made = await relay.json<{ secret: string }>(
      'token',
      'add',
      'robot',
      '--role',
      'operator',
      '--source',
      'printer',
    );
    secret = made.secret;
    const list = await relay.run('source', 'list', '--token', secret, '--json');
    assert.deepEqual(
      (JSON.parse(list.out) as { name: string }[]).map(({ name }) => name),
      ['printer'],
    );
    const refused = await relay.run('person', 'list', '--token', secret);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /needs the role|for .* only/);
  });

  it('a source owner sees their own source after a restart too', async () => {
    const answer = await relay.json<{ invitation: string }>(
      'person',
      'add',
      'bob@corp.test',
      '--role',
      'source-owner',
    );
    const taken = await relay.request('POST', '/api/v1/session/invitation', {
      headers: OWN,
      body: JSON.stringify({ invitation: answer.invitation, password: 'another sentence for this' }),
    });
    assert.equal(taken.status, 200);
    await relay.stop();
    await relay.start();
    const session = await relay.request('GET', '/api/v1/session', { headers: { cookie } });
    assert.equal(session.status, 200, 'sessions outlast a restart');
    const bob = await relay.request('POST', '/api/v1/session', {
      headers: OWN,
      body: JSON.stringify({ email: 'bob@corp.test', password: 'another sentence for this' }),
    });
    const own = bob.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const { body } = await relay.request<{ items: { name: string }[] }>('GET', '/api/v1/sources', {
      headers: { cookie: own },
    });
    assert.deepEqual(
      body.items.map(({ name }) => name),
      ['printer'],
    );
  });

  it('who did what is listed, and whole', async () => {
    const text = await relay.cli('audit-log', 'list');
    assert.match(text, /Ann <ann@corp\.test> +127\.0\.0\.1 +source printer added/);
    assert.match(text, /administrator token +127\.0\.0\.1 +person bob@corp\.test added as source-owner/);
    const verified = await relay.cli('audit-log', 'verify');
    assert.match(verified, /none altered, removed or moved/);
    noted = /^\d+:[0-9a-f]{64}$/m.exec(verified)?.[0] ?? '';
    await relay.cli('audit-log', 'verify', '--noted', noted);
    const lines = (await relay.cli('audit-log', 'export')).trim().split('\n');
    assert.equal(lines.length, Number(noted.split(':')[0]));
  });

  it('no secret stands in log or journal', async () => {
    const log = path.join(relay.data, 'postern.log');
    const everything = [
      relay.output,
      relay.errors,
      existsSync(log) ? readFileSync(log, 'utf8') : '',
      JSON.stringify(await relay.log('--limit', '1000')),
      await relay.cli('audit-log', 'export'),
    ].join('\n');
    for (const word of [PASSWORD, secret, cookie.split('=')[1] ?? '', relay.token, 'another sentence']) {
      assert.ok(word.length > 10);
      assert.ok(!everything.includes(word), `${word.slice(0, 10)}... stands in the log`);
    }
  });

  it('who alters it in the database is found out', async () => {
    await relay.stop();
    const db = new DatabaseSync(path.join(relay.data, 'control.db'));
    const changed = db
      .prepare(
        "update audit_log set entry = replace(entry, 'printer', 'nothing') where entry like '%printer added%'",
      )
      .run();
    assert.equal(changed.changes, 1);
    db.exec('delete from audit_log where sequence = (select max(sequence) from audit_log)');
    db.close();
    await relay.start();
    const { code, out } = await relay.run('audit-log', 'verify', '--noted', noted);
    assert.equal(code, 1);
    assert.match(out, /is not what it was when its hash was made/);
    assert.match(out, /missing|the log ends with entry/);
    const alarms = await relay.log('--type', 'alarm');
    assert.ok(alarms.some(({ code: word }) => word === 'audit-log-damaged'));
  });
});
