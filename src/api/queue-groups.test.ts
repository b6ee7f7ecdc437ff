import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sleep, WaitingGroup } from '../deliver/waiting.ts';
import { NO_TRAITS } from '../message/content.ts';
import { askFixture } from './ask-fixture.ts';

interface Groups {
  total: { deliveries: number; groups: number };
  groups: WaitingGroup[];
  unreachable: (Sleep & { route: string; deliveries: number; domains: string[] })[];
  held: { hold: string; source: string; sourceName?: string; deliveries: number }[];
  leftOut: number;
}

describe('the queue as a whole over the API', () => {
  it('what waits by domain and route, what is held by reason and source', async (t) => {
    const { ask, spool, clock, context } = await askFixture<Groups>(t);
    await ask('POST', '/sources', { name: 'app' });
    const source = context.sources.byName('app')?.id ?? '';
    const add = (id: string, more: object) =>
      spool.add(
        {
          id,
          receivedAt: clock.now(),
          source,
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
        },
        more,
      );
    add('1GA4GC1WG00', {});
    add('1GA4GC1WG01', { attempts: 2, lastReply: '451 4.7.1 come back in 60 s' });
    add('1GA4GC1WG02', { domain: 'other.example' });
    add('1GA4GC1WG03', { state: 'held', hold: 'limit' });
    const groups = async (query = '') => (await ask('GET', `/queue-groups${query}`)).body;

    const all = await groups();
    assert.deepEqual(all.total, { deliveries: 3, groups: 2 });
    assert.deepEqual(
      all.groups.map(({ domain, route, deliveries, untried }) => [domain, route, deliveries, untried]),
      [
        ['example.net', 'sandbox', 2, 1],
        ['other.example', 'sandbox', 1, 1],
      ],
    );
    assert.deepEqual(all.groups[0]?.reasons, [{ reply: '451 4.7.1 come back in 60 s', deliveries: 1 }]);
    assert.deepEqual(
      all.held.map(({ hold, sourceName, deliveries }) => [hold, sourceName, deliveries]),
      [['limit', 'app', 1]],
    );
    assert.deepEqual([all.unreachable, all.leftOut], [[], 0]);
    assert.deepEqual((await groups('?domain=other')).total, { deliveries: 1, groups: 1 });
    assert.deepEqual((await groups('?route=elsewhere')).groups, []);
    assert.ok(!JSON.stringify(all).includes('secret body'));

    assert.equal((await ask('POST', '/queue/release', { state: 'held', source: '' })).status, 200);
    assert.equal((await ask('POST', '/queue/release', { state: 'held', source: 'misspelt' })).status, 404);

    // whoever has changed something sees it at once
    spool.deliveries = spool.deliveries.filter(({ state }) => state === 'queued');
    await ask('POST', '/queue/release', { all: true });
    assert.deepEqual((await groups()).held, []);
  });
});
