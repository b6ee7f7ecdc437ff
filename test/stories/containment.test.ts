// An application whose password was stolen: what it usually does is known, so that its mail is held, and its owner answers.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { countMessage, newHour, Normal } from '../../src/containment/normal.ts';
import { writeStored } from '../../src/containment/stored.ts';
import { StoredNormals } from '../../src/containment/stored-normals.ts';
import { openControlStore } from '../../src/store/control.ts';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { LISTENERS, StoryRelay, until } from '../support/story-relay.ts';

const HOUR = 3_600_000;

/** Three weeks of five messages every hour from this very host, as a relay would have learnt them. */
async function teach(relay: StoryRelay, source: string): Promise<void> {
  const control = await openControlStore(path.join(relay.data, 'control.db'));
  const now = Math.floor(Date.now() / HOUR);
  const normal = new Normal((now - 21 * 24) * HOUR);
  for (let hour = now - 21 * 24; hour < now; hour++) {
    const usual = newHour(hour);
    for (let one = 0; one < 5; one++) countMessage(usual, '127.0.0.0/24', ['corp.test'], 2000);
    normal.learn(usual);
  }
  const stored = { level: 'none', levelAt: 0, deviations: [], doubtful: [], mode: undefined } as const;
  const learnt = writeStored({ ...stored, normal: normal.record(), deviations: [], doubtful: [] });
  await new StoredNormals(control).save([{ source, learnt, level: 'none', mode: undefined }], Date.now());
  await control.destroy();
}

suite('containment', () => {
  const relay = new StoryRelay({
    config: `hostname = "relay.test"\n${LISTENERS}\n[containment]\nmode = "act"\nslow = 90\nhold = 3\nsuspend = 99\n`,
  });
  let password = '';
  let source = '';

  before(async () => {
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    password = await relay.addSource('billing', '--from', 'corp.test', '--recipients', 'any');
    source = (await relay.json<{ id: string }>('source', 'show', 'billing')).id;
    await relay.stop();
    await teach(relay, source);
    await relay.start();
  });
  after(() => relay.remove());

  const send = async (count: number, to: (one: number) => string): Promise<string[]> => {
    const client = await relay.session('billing', password);
    const replies: string[] = [];
    for (let one = 0; one < count; one++) {
      replies.push(
        await client.send({
          from: 'billing@corp.test',
          to: [to(one)],
          content: plainMessage(['From: billing@corp.test', `To: ${to(one)}`, 'Subject: invoice']),
        }),
      );
    }
    client.destroy();
    return replies;
  };

  test('usual work passes', async () => {
    for (const reply of await send(3, () => 'staff@corp.test')) assert.match(reply, /^250 /);
    assert.deepEqual(await relay.json('containment', 'list'), []);
    const shown = await relay.cli('containment', 'show', 'billing');
    assert.match(shown, /127\.0\.0\.0\/24/);
    assert.match(shown, /on 2[12] days/);
  });

  test('a list of strangers is held, told, and shown in plain words', async () => {
    for (const reply of await send(40, (one) => `someone@victim${one}.test`)) assert.match(reply, /^250 /);
    const held = await until('mail is held', async () => {
      const deliveries = await relay.queue('--reason', 'containment');
      return deliveries.length > 0 && deliveries;
    });
    assert.ok(held.length >= 10 && held.length < 40, `${held.length} held`);
    const [alarm] = (await relay.log('--type', 'alarm')).slice(-1);
    assert.equal(alarm?.code, 'unusual-sending');
    assert.equal(alarm?.outcome, 'critical');
    assert.match(alarm?.text ?? '', /for the first time within an hour/);
    const listed = await relay.cli('containment', 'list');
    assert.match(listed, /billing\s+hold/);
    assert.match(listed, /within an hour \(.*\).*; it sent \d+ messages/);
    assert.doesNotMatch(listed, /\ufffd/);
  });

  test('a restart releases nothing', async () => {
    const before = (await relay.queue('--reason', 'containment')).length;
    await relay.stop('SIGTERM');
    await relay.start();
    assert.equal((await relay.queue('--reason', 'containment')).length, before);
    for (const reply of await send(1, () => 'staff@corp.test')) assert.match(reply, /^250 /);
    assert.equal((await relay.queue('--reason', 'containment')).length, before + 1);
  });

  test('it was expected: what was held goes out, and the same is usual', async () => {
    assert.match(await relay.cli('containment', 'expected', 'billing'), /released/);
    await until('nothing waits', async () => (await relay.queue()).length === 0);
    for (const reply of await send(5, (one) => `someone@victim${one}.test`)) assert.match(reply, /^250 /);
    await until('nothing waits', async () => (await relay.queue()).length === 0);
    const changes = await relay.log('--type', 'change', '--source', 'billing');
    assert.match(changes.at(-1)?.text ?? '', /unusual sending of billing: expected/);
  });

  test('it was an attack: what was held is deleted, and the source stopped', async () => {
    await send(60, (one) => `someone@stranger${one}.test`);
    const refused = await relay.run('containment', 'attack', 'billing');
    assert.notEqual(refused.code, 0, 'without --yes nothing is deleted');
    assert.match(
      await relay.cli('containment', 'attack', 'billing', '--yes'),
      /suspended; \d+ deliveries deleted/,
    );
    assert.deepEqual(await relay.queue('--reason', 'containment'), []);
    const client = await relay.connect();
    assert.doesNotMatch(await client.login('billing', password), /^235/);
    client.destroy();
    const { stateChange } = await relay.json<{ stateChange: { by: string; reason: string } }>(
      'source',
      'show',
      'billing',
    );
    assert.match(stateChange.reason, /it was an attack/);
    assert.notEqual(stateChange.by, 'relay');
    assert.match(await relay.cli('containment', 'expected', 'billing'), /postern source enable billing/);
  });

  test('a mode that does not exist is refused in one line', async () => {
    const { code, err } = await relay.run('containment', 'mode', 'billing', 'strict');
    assert.notEqual(code, 0);
    assert.match(err, /is no mode: off, watch, act or relay/);
  });
});
