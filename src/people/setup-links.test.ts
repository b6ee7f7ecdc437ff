import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { SetupLinks } from './setup-links.ts';

describe('links that make the first owner', () => {
  const clock = new ManualClock();
  const links = new SetupLinks(clock, systemRandom);

  it('are taken once', async () => {
    const { token } = links.make();
    assert.equal(links.isOpen(token), true);
    const both = await Promise.all([links.use(token, async () => 'a'), links.use(token, async () => 'b')]);
    assert.deepEqual(both, ['a', undefined]);
    assert.equal(links.isOpen(token), false);
  });

  it('stay open when the account could not be made', async () => {
    const { token } = links.make();
    await assert.rejects(links.use(token, () => Promise.reject(new Error('weak password'))));
    assert.equal(await links.use(token, async () => 'a'), 'a');
  });

  it('end with a newer one, and after an hour', async () => {
    const { token: first } = links.make();
    const { token: second, expiresAt } = links.make();
    assert.equal(await links.use(first, async () => 'a'), undefined);
    assert.equal(links.isOpen('pst_setup_guess'), false);
    clock.advance(expiresAt - clock.now());
    assert.equal(await links.use(second, async () => 'a'), undefined);
  });
});
