// A source comes by a request, is tested in the sandbox, approved, asked about, and goes without losing anything.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ScriptedServer } from '../support/scripted-server.ts';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { StoryRelay, until } from '../support/story-relay.ts';

interface Shown {
  name: string;
  state: string;
  brownOut?: { until: number };
  request?: { testedAt?: number };
  lastUsedAt?: number;
}

suite('the life of a source', () => {
  const relay = new StoryRelay();
  let hop: ScriptedServer;
  let password = '';

  before(async () => {
    hop = await new ScriptedServer({}).listen();
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    await relay.cli('route', 'set', 'hop', '--smarthost', `127.0.0.1:${hop.port}`, '--tls', 'none');
  });
  after(async () => {
    await relay.remove();
    await hop.close();
  });

  const show = async (name: string): Promise<Shown> =>
    JSON.parse(await relay.cli('source', 'show', name, '--json')) as Shown;

  const send = async (to: string): Promise<string> => {
    const client = await relay.session('app', password);
    const content = plainMessage(['From: app@corp.test', `To: ${to}`, 'Subject: Invoice']);
    const reply = await client.send({ from: 'app@corp.test', to: [to], content });
    client.destroy();
    return reply;
  };

  test('a request sends into the sandbox, and to the world when it was tested and approved', async () => {
    const made = await relay.cli(
      'request',
      'make',
      'app',
      '--from',
      'app@corp.test',
      '--recipients',
      'any',
      '--purpose',
      'invoices',
      '--json',
    );
    ({ password } = JSON.parse(made) as { password: string });
    // the domain's key is not published here, and nothing of this story is about that
    await relay.cli('source', 'edit', 'app', '--unaligned', 'send');
    assert.equal((await show('app')).state, 'sandboxed');
    const early = await relay.run('request', 'approve', 'app');
    assert.notEqual(early.code, 0);
    assert.match(early.err, /no message of app has come into the sandbox inbox yet/);

    assert.match(await send('test@outside.test'), /^250 /);
    await until('the test message is seen', async () => (await show('app')).request?.testedAt !== undefined);
    assert.equal(hop.messages.length, 0);
    await relay.cli('request', 'approve', 'app', '--reason', 'looks right');
    const active = await show('app');
    assert.deepEqual([active.state, active.request], ['active', undefined]);
    assert.match(await send('customer@outside.test'), /^250 /);
    await until('the message has left', async () => hop.messages.length === 1);

    const changes = (await relay.events({ type: 'change' })).map(({ text }) => text ?? '');
    assert.ok(changes.some((text) => text.startsWith('source app: requested to sandboxed')));
    assert.ok(changes.some((text) => text === 'source app: sandboxed to active: looks right'));
  });

  test('what nobody keeps is put off, then refused; what somebody keeps goes on', async () => {
    await relay.cli('source', 'edit', 'app', '--owner', 'ann@corp.test');
    const round = JSON.parse(
      await relay.cli('recertify', 'start', 'autumn', '--owner', 'ann@corp.test', '--share', '100', '--json'),
    ) as { id: string };
    await until('the owner was asked', async () => hop.messages.length === 2);
    await relay.cli('recertify', 'answer', 'app', 'retire', '--comment', 'replaced');
    assert.notEqual((await show('app')).brownOut, undefined);
    assert.match(await send('customer@outside.test'), /^450 4\.7\.1 K805 /);
    await until(
      'the journal has it',
      async () => (await relay.events({ type: 'refusal', code: 'K805' })).length === 1,
    );
    const alarms = await relay.events({ type: 'alarm' });
    for (const code of ['recertification-started', 'brown-out-started', 'brown-out-in-use']) {
      assert.equal(alarms.filter((one) => one.code === code).length, 1, code);
    }

    await relay.cli('source', 'keep', 'app', '--reason', 'month end');
    assert.match(await send('customer@outside.test'), /^250 /);
    await relay.cli('source', 'retire', 'app', '--days', '0', '--reason', 'replaced');
    await assert.rejects(relay.session('app', password), /K804/);
    assert.match(await relay.cli('recertify', 'show', round.id), /app .*retire .*replaced/);
    const back = await relay.run('source', 'enable', 'app');
    assert.match(back.err, /is retired and can not become active; from there it may become suspended/);
  });

  test('a list goes out as a file and comes back', async () => {
    const file = path.join(relay.folder, 'sources.csv');
    const rows = 'name,owner,tags,networks\nlobby,ann@corp.test,print,192.0.2.7/32\nattic,bob,print,\n';
    writeFileSync(file, rows);
    const refused = await relay.run('source', 'import', file, '--all-or-nothing');
    assert.notEqual(refused.code, 0);
    assert.match(refused.err, /nothing was imported: row 3: owner/);
    const taken = await relay.run('source', 'import', file);
    assert.match(taken.out, /2 rows: 1 added, 0 changed, 0 left out, 1 refused/);
    await relay.cli('source', 'set-state', 'suspended', '--tag', 'print', '--yes', '--reason', 'inventory');
    await relay.cli('source', 'export', file, '--tag', 'print');
    assert.match(readFileSync(file, 'utf8'), /^"lobby","suspended","","ann@corp\.test".*"192\.0\.2\.7\/32"/m);
    const unused = JSON.parse(
      await relay.cli('source', 'list', '--unused', '0d', '--tag', 'print', '--json'),
    ) as Shown[];
    assert.deepEqual(
      unused.map(({ name }) => name),
      ['lobby'],
    );
  });
});
