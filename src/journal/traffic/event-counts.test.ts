import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JournalEvent } from '../event.ts';
import type { Counts } from './counts.ts';
import { EventCounts } from './event-counts.ts';
import { windowAt } from './periods.ts';
import { overview } from './traffic-queries.ts';
import { accepted, NOW, scene } from './traffic.fixture.ts';

const NOTHING: Counts = {
  accepted: 0,
  octets: 0,
  refused: 0,
  held: 0,
  delivered: 0,
  deferred: 0,
  bounced: 0,
};

describe('what is counted of an event', () => {
  for (const [what, event, total, direction, source] of [
    ['taken', accepted(), { accepted: 1, octets: 100 }, 'submission', 'src_a'],
    ['taken over HTTP', accepted({ listener: 'http' }), { accepted: 1, octets: 100 }, 'api', 'src_a'],
    [
      'taken and held',
      accepted({ outcome: 'held' }),
      { accepted: 1, octets: 100, held: 1 },
      'submission',
      'src_a',
    ],
    [
      'taken from the internet',
      accepted({ source: undefined, listener: 'mx' }),
      { accepted: 1, octets: 100 },
      'edge',
      'edge',
    ],
    ["taken by a lab's front door", accepted({ listener: 'lab' }), {}, undefined, undefined],
    [
      "refused by a lab's front door",
      { type: 'refusal', listener: 'lab-proxied', code: 'E205' },
      {},
      undefined,
      undefined,
    ],
    [
      "no TLS at a lab's front door",
      { type: 'tls-failure', listener: 'lab', code: 'T204' },
      {},
      undefined,
      undefined,
    ],
    ['a size that is none', accepted({ size: -5 }), { accepted: 1 }, 'submission', 'src_a'],
    [
      'refused',
      { type: 'refusal', source: 'src_a', listener: 'smtp', code: 'S401' },
      { refused: 1 },
      'submission',
      'src_a',
    ],
    [
      'refused, a stranger',
      { type: 'refusal', listener: 'smtp', code: 'C103' },
      { refused: 1 },
      'submission',
      undefined,
    ],
    [
      'no TLS',
      { type: 'tls-failure', listener: 'smtp', code: 'T204' },
      { refused: 1 },
      'submission',
      undefined,
    ],
    [
      'a wrong password, told as a refusal too',
      { type: 'authentication-failure', listener: 'smtp', code: 'A301' },
      {},
      undefined,
      undefined,
    ],
    [
      'a wrong API key',
      { type: 'authentication-failure', listener: 'http', code: 'A301' },
      { refused: 1 },
      'api',
      undefined,
    ],
    [
      'an administrator without a token',
      { type: 'authentication-failure', listener: 'api' },
      {},
      undefined,
      undefined,
    ],
    [
      'delivered',
      { type: 'attempt', source: 'src_a', outcome: 'delivered' },
      { delivered: 1 },
      undefined,
      'src_a',
    ],
    [
      'deferred',
      { type: 'attempt', source: 'src_a', outcome: 'deferred' },
      { deferred: 1 },
      undefined,
      'src_a',
    ],
    [
      'held at an attempt',
      { type: 'attempt', source: 'src_a', outcome: 'held' },
      { held: 1 },
      undefined,
      'src_a',
    ],
    [
      'failed: the bounce that follows counts',
      { type: 'attempt', source: 'src_a', outcome: 'failed' },
      {},
      undefined,
      undefined,
    ],
    ['bounced', { type: 'bounce', source: 'src_a' }, { bounced: 1 }, undefined, 'src_a'],
    [
      'a notice of the relay, delivered',
      { type: 'attempt', source: '', outcome: 'delivered' },
      { delivered: 1 },
      'relay',
      'relay',
    ],
    [
      'mail from the internet, delivered',
      { type: 'attempt', source: 'edge-unproven', outcome: 'delivered' },
      { delivered: 1 },
      'edge',
      'edge',
    ],
    ['a connection', { type: 'connection', source: 'src_a', size: 7 }, {}, undefined, undefined],
  ] as [string, JournalEvent, Partial<Counts>, string?, string?][]) {
    it(what, (t) => {
      const { open, append } = scene(t);
      const { database, countAll } = open();
      append([event]);
      countAll();
      const found = overview(database.reader, windowAt('1h', NOW));
      assert.deepEqual(found.totals, { ...NOTHING, ...total });
      assert.deepEqual(
        found.directions.map((one) => one.direction),
        direction === undefined ? [] : [direction],
      );
      assert.deepEqual(
        found.sources.map((one) => [one.source, one.counts]),
        source === undefined ? [] : [[source, { ...NOTHING, ...total }]],
      );
    });
  }

  it('is nothing that a damaged row could break', () => {
    const counts = new EventCounts(new Set(), new Set());
    counts.add({
      id: 1,
      at: NOW,
      type: 'acceptance',
      source: 'src_a',
      from: 'x'.repeat(9999),
      to: [1, null, 'a@b'] as string[],
    });
    const [day] = [...counts.days.values()];
    assert.deepEqual([...(day?.get('src_a')?.recipientDomains.keys() ?? [])], ['b']);
    assert.equal([...(day?.get('src_a')?.senders.keys() ?? [])][0]?.length, 320);
  });

  it('has codes from the list alone, so that nobody makes rows by inventing them', (t) => {
    const { open, append } = scene(t);
    const { database, countAll } = open();
    append(
      ['S401', 'S401', 'R502', 'invented', undefined].map((code) => ({
        type: 'refusal',
        listener: 'smtp',
        code,
      })),
    );
    countAll();
    assert.deepEqual(overview(database.reader, windowAt('1h', NOW)).codes, [
      { code: 'S401', count: 2 },
      { code: 'other', count: 2 },
      { code: 'R502', count: 1 },
    ]);
  });
});
