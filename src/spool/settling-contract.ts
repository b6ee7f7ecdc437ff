/** What is due, and what becomes of it. */
import assert from 'node:assert/strict';
import { type Contract, deferred, finished, names, sample } from './fixture-contract.ts';

export function settlingContract(contract: Contract): void {
  contract('due: the oldest first, of one domain, not before their time', async (fixture) => {
    const { spool, clock, store } = fixture;
    const [a, b, c] = [await store(), await store(), await store()];
    const other = await store({ to: ['x@example.net'] });
    const later = clock.now() + 60_000;
    await spool.settle([deferred(a, later)]);
    assert.deepEqual(names(await spool.due('example.org', clock.now(), 10)), [`${b.id}/0`, `${c.id}/0`]);
    assert.deepEqual(names(await spool.due('example.org', clock.now(), 1)), [`${b.id}/0`]);
    assert.deepEqual(names(await spool.due('example.net', clock.now(), 10)), [`${other.id}/0`]);
    assert.deepEqual(await spool.due('org', clock.now(), 10), []);
    assert.equal((await spool.due('example.org', later - 1, 10)).length, 2);
    assert.deepEqual(names(await spool.due('example.org', later, 10)), [
      `${b.id}/0`,
      `${c.id}/0`,
      `${a.id}/0`,
    ]);
  });

  contract('backlog: every domain with queued deliveries, and its next time', async (fixture) => {
    const { spool, clock, store } = fixture;
    const a = await store({ to: ['x@a.example', 'y@b.example', 'z@a.example'] });
    await store({ to: ['x@a.example'] });
    await store({ to: ['x@held.example'], hold: 'limit' });
    await spool.settle([deferred(a, clock.now() + 1000), deferred(a, clock.now() + 2000, 1)]);
    const backlog = (await spool.backlog()).sort((x, y) => (x.domain < y.domain ? -1 : 1));
    assert.deepEqual(backlog, [
      { domain: 'a.example', queued: 2, nextAttemptAt: a.receivedAt + 1 },
      { domain: 'b.example', queued: 1, nextAttemptAt: clock.now() + 2000 },
    ]);
  });

  contract('a deferred delivery keeps what remains, over a restart', async (fixture) => {
    const { spool, clock, store } = fixture;
    const message = await store({ to: ['a@example.org', 'b@example.org', 'c@example.org'] });
    await spool.settle([
      {
        message: message.id,
        part: 0,
        outcome: {
          kind: 'deferred',
          recipients: [{ address: 'b@example.org', notify: ['success'] }],
          nextAttemptAt: clock.now() + 5000,
          attempts: 3,
          lastReply: "451 4.3.0 can't now",
          delayNotified: true,
        },
      },
    ]);
    await fixture.again('kill');
    const [delivery] = await fixture.spool.list({}, 10);
    assert.deepEqual(delivery?.recipients, [{ address: 'b@example.org', notify: ['success'] }]);
    assert.equal(delivery.nextAttemptAt, message.receivedAt + 5000);
    assert.equal(delivery.attempts, 3);
    assert.equal(delivery.lastReply, "451 4.3.0 can't now");
    assert.equal(delivery.delayNotified, true);
    assert.equal(delivery.state, 'queued');
  });

  contract('a message leaves with its last delivery', async ({ spool, store }) => {
    const { id } = await store({ to: ['a@a.example', 'b@b.example'] });
    await spool.settle([finished(id, 0)]);
    assert.ok(await spool.payload(id));
    assert.deepEqual(names(await spool.list({}, 10)), [`${id}/1`]);
    await spool.settle([finished(id, 1)]);
    assert.equal(await spool.payload(id), undefined);
    assert.equal((await spool.statistics()).bytes, 0);
  });

  contract('a settlement and its notifications are one step', async (fixture) => {
    const { spool, ids, clock, store } = fixture;
    const message = await store();
    const taken = await store();
    const bounce = sample(ids.next(), clock.now(), { source: '', to: ['app@corp.example'] });
    // the notification can not be stored: then the delivery is not finished either
    await assert.rejects(
      spool.settle([{ ...finished(message.id), notifications: [bounce, sample(taken.id, clock.now())] }]),
    );
    assert.deepEqual(names(await spool.list({}, 10)), [`${message.id}/0`, `${taken.id}/0`]);
    await spool.settle([{ ...finished(message.id), notifications: [bounce] }]);
    await fixture.again('kill');
    assert.deepEqual(names(await fixture.spool.list({}, 10)), [`${taken.id}/0`, `${bounce.id}/0`]);
    assert.deepEqual((await fixture.spool.payload(bounce.id))?.body, bounce.body);
  });

  contract('settling what has left changes nothing and tells nobody', async (fixture) => {
    const { spool, ids, clock, store } = fixture;
    const { id } = await store();
    await spool.settle([finished(id)]);
    await spool.settle([
      { ...finished(id), notifications: [sample(ids.next(), clock.now())] },
      finished(ids.next()),
    ]);
    assert.equal((await spool.statistics()).messages, 0);
  });

  contract('several settlements of one call', async ({ spool, clock, store }) => {
    const [a, b, c] = [await store(), await store(), await store()];
    await spool.settle([
      finished(a.id),
      deferred(b, clock.now() + 1),
      { message: c.id, part: 0, outcome: { kind: 'held', reason: 'alignment', lastReply: 'no key' } },
    ]);
    const [second, third] = await spool.list({}, 10);
    assert.equal(second?.attempts, 1);
    assert.deepEqual([third?.state, third?.hold, third?.lastReply], ['held', 'alignment', 'no key']);
    const { messages, queued, held } = await spool.statistics();
    assert.deepEqual({ messages, queued, held }, { messages: 2, queued: 1, held: 1 });
  });
}
