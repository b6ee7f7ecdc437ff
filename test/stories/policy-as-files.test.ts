// Policy as files: planned with what it means for the mail of the last days, applied as one, taken back, tested.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { StoryRelay } from '../support/story-relay.ts';

const MESSAGE = 'From: app@corp.test\r\nTo: x@corp.test\r\n\r\nText.\r\n';

suite('policy as files', () => {
  let relay: StoryRelay;
  let folder: string;
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);

  before(async () => {
    relay = await new StoryRelay().start();
    folder = path.join(relay.folder, 'policy');
    mkdirSync(folder);
  });
  after(() => relay.remove());

  const send = async (to: string) => {
    const [issued] = JSON.parse(readFileSync(path.join(relay.folder, 'secrets.json'), 'utf8'));
    const client = await relay.session('app', issued.password);
    return { client, answer: await client.send({ from: 'app@corp.test', to: [to], content: MESSAGE }) };
  };

  test('what is wrong is told with file, line and field', async () => {
    write('app.toml', '[source.app]\nowner = "paul@corp.test"\n\n[source.app.policy]\nmaxSize = "big"\n');
    const { code, err } = await relay.run('plan', folder);
    assert.equal(code, 1);
    assert.match(err, /app\.toml:5: source\.app\.policy\.maxSize: expected number, not "big"/);
    write('again.toml', '[source.app]\n');
    assert.match(
      (await relay.run('plan', folder)).err,
      /app\.toml:1: source app is declared twice; it also stands in .*again\.toml:1/,
    );
    write('again.toml', '[domain."corp.test"]\n');
  });

  test('a plan, then the change; the secret is handed over in a file', async () => {
    write(
      'app.toml',
      '[policy.apps]\npairs = ["app@corp.test"]\n\n[policy.apps.recipients]\nallow = "any"\n\n[source.app]\npolicy = "apps"\ncredential = [{ kind = "password" }]\n',
    );
    const plan = await relay.run('plan', folder);
    assert.equal(plan.code, 2, plan.err);
    assert.match(plan.out, /\+ create source app/);
    assert.equal((await relay.run('apply', folder)).code, 2, 'nobody agreed');
    const secrets = ['--secrets-file', 'secrets.json'];
    assert.equal((await relay.run('apply', folder, ...secrets)).code, 2, 'nobody agreed');
    const stale = await relay.run('apply', folder, '--yes', '--base', 'stale', ...secrets);
    assert.match(stale.err, /something was changed since the plan/);
    // neither has left a file that would be in the way of the next
    const applied = await relay.run(
      'apply',
      folder,
      '--yes',
      '--comment',
      'first',
      '--secrets-file',
      'secrets.json',
    );
    assert.equal(applied.code, 0, applied.err);
    assert.match(applied.out, /entry 1 of the history/);
    const [issued] = JSON.parse(readFileSync(path.join(relay.folder, 'secrets.json'), 'utf8'));
    assert.ok(!applied.out.includes(issued.password));
    assert.equal((await relay.run('plan', folder)).code, 0, 'no change any more');
    const { client, answer } = await send('x@elsewhere.test');
    assert.match(answer, /^250/);
    client.destroy();
  });

  test('an export is planned without a change', async () => {
    const file = path.join(relay.folder, 'present.toml');
    await relay.cli('export', '--output', file);
    const { code, out, err } = await relay.run('plan', file, '--prune');
    assert.equal(code, 0, out + err);
  });

  test('the plan tells whose mail would be refused, and the change reaches open sessions', async () => {
    const { client } = await send('y@elsewhere.test');
    const text = readFileSync(path.join(folder, 'app.toml'), 'utf8');
    write('app.toml', text.replace('"any"', '"internal"'));
    const { out } = await relay.run('plan', folder);
    assert.match(out, /~ change source app\n +policy\.recipients\.allow: any → internal/);
    assert.match(out, /2 of 2 messages since .* would meet another fate/);
    assert.match(out, /2 × app: accept → refuse R501/);
    await relay.cli('apply', folder, '--yes', '--comment', 'tighter');
    assert.match(
      await client.send({ from: 'app@corp.test', to: ['z@elsewhere.test'], content: MESSAGE }),
      /^550 .*R501/,
    );
    client.destroy();
  });

  test('tests of the policy fail with what happened instead', async () => {
    write(
      '../tests.toml',
      '[[test]]\nname = "writes inside"\nsource = "app"\nfrom = "app@corp.test"\nto = ["x@corp.test"]\nexpect = "accept"\n\n[[test]]\nname = "not outside"\nsource = "app"\nfrom = "app@corp.test"\nto = ["x@elsewhere.test"]\nexpect = "refuse R501"\n',
    );
    assert.match(await relay.cli('test', 'tests.toml'), /2 tests passed/);
    const looser = readFileSync(path.join(folder, 'app.toml'), 'utf8').replace('"internal"', '"any"');
    write('../looser.toml', looser);
    const { code, out } = await relay.run('test', 'tests.toml', '--with', 'looser.toml');
    assert.equal(code, 1);
    assert.match(out, /✗ not outside \(tests\.toml:8\)\n +expected refuse R501, but: (accept|hold)/);
  });

  test('the history tells who and why, and leads back', async () => {
    assert.match(await relay.cli('history', 'list'), /2 +.*1 source changed +tighter/);
    assert.match(await relay.cli('history', 'show', '2'), /policy\.recipients\.allow: any → internal/);
    await relay.cli('history', 'rollback', '2', '--yes', '--comment', 'too tight');
    const { client, answer } = await send('x@elsewhere.test');
    assert.match(answer, /^250/);
    client.destroy();
    const [last] = await relay.json<{ id: number; reverts: number }[]>('history', 'list');
    assert.deepEqual({ id: last?.id, reverts: last?.reverts }, { id: 3, reverts: 2 });
    const events = await relay.log('--source', 'app', '--type', 'change');
    assert.ok(events.some(({ text }) => /policy files, entry 3: policy\.recipients\.allow/.test(text ?? '')));
  });
});
