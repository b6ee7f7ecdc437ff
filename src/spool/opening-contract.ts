/** How a spool begins and ends. */
import assert from 'node:assert/strict';
import { MessageIds } from './message-id.ts';
import { type Contract, finished, sample } from './fixture-contract.ts';

export function openingContract(contract: Contract): void {
  contract('a new spool is empty', async ({ spool, ids, clock }) => {
    assert.deepEqual(await spool.statistics(), {
      messages: 0,
      queued: 0,
      held: 0,
      bytes: 0,
      oldestAt: undefined,
    });
    assert.deepEqual(await spool.backlog(), []);
    assert.deepEqual(await spool.list({}, 10), []);
    assert.deepEqual(await spool.due('example.org', clock.now(), 10), []);
    assert.deepEqual(await spool.receivedBefore(clock.now(), 10), []);
    assert.equal(await spool.payload(ids.next()), undefined);
    assert.equal(await spool.payload('no identifier'), undefined);
  });

  contract('names are not given again, whatever the clock says after a restart', async (fixture) => {
    const { id } = await fixture.store();
    await fixture.spool.settle([finished(id)]);
    fixture.clock.advance(-86_400_000);
    await fixture.again('kill');
    assert.ok(fixture.ids.next() > id);
  });

  contract('a closed spool takes nothing', async ({ spool, ids, clock }) => {
    const pending = spool.store(sample(ids.next(), clock.now()));
    await spool.close();
    await pending;
    await spool.close();
    await assert.rejects(spool.store(sample(ids.next(), clock.now())), { name: 'Error' });
    await assert.rejects(spool.statistics());
  });

  contract('a spool that is open can not be opened by another', async ({ harness, clock }) => {
    const second = harness.spool(new MessageIds(clock));
    await assert.rejects(second.open(), /in use by another/);
    await second.close();
  });
}
