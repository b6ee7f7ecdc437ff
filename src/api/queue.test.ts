import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { NO_TRAITS } from '../message/content.ts';
import { askFixture, changesIn } from './ask-fixture.ts';

/** What the answers below may hold. */
interface Body {
  id: string;
  items: { id: number; name: string; sourceName: string }[];
  next: string;
  match: { source: string };
  deliveries: { route: string }[];
  text: string;
}

const setUp = (t: TestContext) => askFixture<Body>(t);

describe('queue over the API', () => {
  const ID = '1GA4GC1WG00';

  async function withMessages(t: TestContext) {
    const fixture = await setUp(t);
    for (const [index, id] of [ID, '1GA4GC1WG01', '1GA4GC1WG02'].entries()) {
      fixture.spool.add({
        id,
        receivedAt: fixture.clock.now() + index,
        source: 'src_x',
        envelope: {
          from: 'app@corp.example',
          recipients: [{ address: 'user@example.net' }],
          smtpUtf8: false,
          body: '7bit',
          requireTls: false,
        },
        head: Buffer.from('Subject: hello\r\n\r\n'),
        body: { kind: 'memory', bytes: Buffer.from('the secret body') },
        traits: NO_TRAITS,
      });
    }
    return fixture;
  }

  it('is listed by pages, and one message is shown without its body', async (t) => {
    const { ask } = await withMessages(t);
    const first = await ask('GET', '/queue?limit=2');
    assert.equal(first.body.items.length, 2);
    const second = await ask('GET', `/queue?limit=2&cursor=${first.body.next}`);
    assert.equal(second.body.items.length, 1);
    assert.equal(second.body.next, undefined);
    const shown = await ask('GET', `/queue/${ID.toLowerCase()}`);
    assert.match(shown.text, /Subject: hello/);
    assert.ok(!shown.text.includes('secret body'));
    assert.equal(shown.body.deliveries[0]?.route, 'sandbox');
    assert.equal((await ask('GET', '/queue/1GA4GC1WG99')).status, 404);
    assert.equal((await ask('GET', '/queue/nonsense')).status, 400);
  });

  it('changes what a condition names, and everything only when that is said', async (t) => {
    const { ask, spool, journal } = await withMessages(t);
    assert.equal((await ask('POST', '/queue/delete', {})).status, 400);
    assert.equal(spool.calls.length, 0);
    assert.deepEqual((await ask('POST', '/queue/hold', { message: ID })).body, { count: 1 });
    assert.deepEqual((await ask('POST', '/queue/release', { all: true })).body, { count: 3 });
    assert.deepEqual((await ask('POST', '/queue/retry', { domain: 'Example.NET' })).body, { count: 3 });
    assert.deepEqual((await ask('POST', '/queue/delete', { message: ID })).body, { count: 1 });
    assert.equal((await ask('POST', '/queue/hold', { source: 'misspelt' })).status, 404);
    assert.deepEqual(
      spool.calls.map(([verb]) => verb),
      ['hold', 'release', 'retry', 'remove'],
    );
    assert.equal(changesIn(journal).length, 4);
  });
});
