/** What people and the relay do to all that a filter chooses. */
import assert from 'node:assert/strict';
import { type Contract, deferred, finished, names, sample } from './fixture-contract.ts';

export function commandsContract(contract: Contract): void {
  contract('held messages wait, and are released', async (fixture) => {
    const { spool, clock, store } = fixture;
    const { id } = await store({ hold: 'limit' });
    assert.deepEqual(await spool.due('example.org', clock.now() + 1e9, 10), []);
    assert.deepEqual((await spool.list({ state: 'held', hold: 'limit' }, 10))[0]?.hold, 'limit');
    assert.equal(await spool.release({ hold: 'source' }, clock.now()), 0);
    clock.advance(500);
    assert.equal(await spool.release({ hold: 'limit' }, clock.now()), 1);
    const [delivery] = await spool.due('example.org', clock.now(), 10);
    assert.equal(delivery?.message, id);
    assert.equal(delivery.nextAttemptAt, clock.now());
    assert.equal(delivery.hold, undefined);
    const { queued, held } = await spool.statistics();
    assert.deepEqual([queued, held], [1, 0]);
  });

  contract(
    'what an attempt says of a delivery that was held meanwhile does not release it',
    async (fixture) => {
      const { spool, clock, store } = fixture;
      const message = await store();
      await spool.hold({}, 'operator');
      await spool.settle([deferred(message, clock.now())]);
      const [delivery] = await spool.list({}, 1);
      assert.deepEqual([delivery?.state, delivery?.hold, delivery?.attempts], ['held', 'operator', 1]);
      const { queued, held } = await spool.statistics();
      assert.deepEqual([queued, held], [0, 1]);
      await spool.settle([finished(message.id)]);
      assert.equal((await spool.statistics()).held, 0);
    },
  );

  contract('commands change what their filter chooses, and say how many', async (fixture) => {
    const { spool, clock, store } = fixture;
    const messages = [];
    for (let index = 0; index < 30; index += 1) {
      messages.push(await store({ source: `src_${index % 3}`, to: ['a@a.example', 'b@b.example'] }));
    }
    const later = clock.now() + 1e6;
    await spool.settle(messages.map((message) => deferred(message, later)));
    assert.equal(await spool.hold({ source: 'src_1' }, 'source'), 20);
    assert.equal(await spool.hold({ source: 'src_1' }, 'operator'), 0, 'held ones keep their reason');
    assert.equal(await spool.retry({}, clock.now()), 20, 'queued and not yet due');
    assert.equal((await spool.due('a.example', clock.now(), 100)).length, 20);
    assert.equal(await spool.release({ domain: 'a.example' }, clock.now()), 10);
    assert.equal(await spool.remove({ state: 'held' }), 10);
    assert.equal((await spool.statistics()).messages, 30);
    assert.equal(await spool.remove({ message: messages[0]?.id }), 2);
    assert.equal(await spool.payload(messages[0]?.id ?? ''), undefined);
    assert.equal(await spool.remove({ message: 'nonsense' }), 0);
    await fixture.again('close');
    const { messages: left, queued, held } = await fixture.spool.statistics();
    assert.deepEqual({ left, queued, held }, { left: 29, queued: 48, held: 0 });
    assert.equal(await fixture.spool.remove({}), 48);
    assert.equal((await fixture.spool.statistics()).bytes, 0);
  });

  contract('a route that a person has chosen stays with its deliveries', async (fixture) => {
    const { clock, store } = fixture;
    const message = await store({ to: ['a@a.example', 'b@b.example'] });
    await fixture.spool.settle([deferred(message, clock.now() + 1e6)]);
    await fixture.spool.hold({ message: message.id, domain: 'b.example' }, 'operator');
    const held = (await fixture.spool.list({ domain: 'b.example' }, 1))[0]?.nextAttemptAt;
    assert.equal(await fixture.spool.reroute({ message: message.id }, 'other', clock.now()), 2);
    assert.equal((await fixture.spool.backlog())[0]?.rerouted, true);
    await fixture.again('close');
    const { spool } = fixture;
    const [a, b] = await spool.list({}, 10);
    assert.deepEqual(
      [a?.route, a?.state, a?.nextAttemptAt, a?.attempts],
      ['other', 'queued', clock.now(), 1],
    );
    assert.deepEqual(
      [b?.route, b?.state, b?.nextAttemptAt],
      ['other', 'held', held],
      'what is held stays so',
    );
    assert.equal((await spool.due('a.example', clock.now(), 10))[0]?.route, 'other');
    await spool.settle([deferred(message, clock.now())]);
    assert.equal((await spool.list({}, 1))[0]?.route, 'other', 'also after another attempt');
    assert.equal(await spool.reroute({ message: message.id }, undefined, clock.now()), 2);
    assert.deepEqual(
      (await spool.list({}, 10)).map(({ route }) => route),
      [undefined, undefined],
    );
    assert.equal((await spool.backlog())[0]?.rerouted, undefined);
  });

  contract('long changes go on in steps while messages are taken', async ({ spool, ids, clock }) => {
    const stored = Array.from({ length: 2500 }, () => sample(ids.next(), clock.now()));
    await Promise.all(stored.map((message) => spool.store(message)));
    const holding = spool.hold({ source: 'src_a' }, 'operator');
    const meanwhile = sample(ids.next(), clock.now(), { source: 'src_b' });
    await spool.store(meanwhile);
    assert.equal(await holding, 2500);
    const { queued, held } = await spool.statistics();
    assert.deepEqual([queued, held], [1, 2500]);
    assert.equal(await spool.remove({ source: 'src_a' }), 2500);
    assert.deepEqual(names(await spool.list({}, 10)), [`${meanwhile.id}/0`]);
  });
}
