/** What every implementation of Spool must do, as tests: `spoolContract(name, makeHarness)` runs them against one. */
import { describe, test } from 'node:test';
import { commandsContract } from './commands-contract.ts';
import { type Contract, type Fixture, sample, type SpoolHarness } from './fixture-contract.ts';
import { listingContract } from './listing-contract.ts';
import { MessageIds } from './message-id.ts';
import { openingContract } from './opening-contract.ts';
import { settlingContract } from './settling-contract.ts';
import { storingContract } from './storing-contract.ts';

export function spoolContract(name: string, makeHarness: () => Promise<SpoolHarness>): void {
  const contract: Contract = (title, run) => {
    void test(title, async () => {
      const first = await makeHarness();
      const used = [first];
      const ids = new MessageIds(first.clock);
      const fixture: Fixture = {
        spool: first.spool(ids),
        ids,
        clock: first.clock,
        harness: first,
        async store(more) {
          fixture.clock.advance(1);
          const message = sample(fixture.ids.next(), fixture.clock.now(), more);
          await fixture.spool.store(message);
          return message;
        },
        async again(how) {
          const left = fixture.spool;
          if (how === 'close') await left.close();
          else {
            fixture.harness = await fixture.harness.killed();
            used.push(fixture.harness);
            await left.close();
          }
          fixture.clock = fixture.harness.clock;
          fixture.ids = new MessageIds(fixture.clock);
          fixture.spool = fixture.harness.spool(fixture.ids);
          await fixture.spool.open();
        },
      };
      try {
        await fixture.spool.open();
        await run(fixture);
      } finally {
        await fixture.spool.close();
        for (const harness of used) await harness.dispose();
      }
    });
  };

  describe(`spool: ${name}`, () => {
    openingContract(contract);
    storingContract(contract);
    settlingContract(contract);
    commandsContract(contract);
    listingContract(contract);
  });
}
