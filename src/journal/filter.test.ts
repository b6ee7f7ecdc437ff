import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventFilter, JournalEvent } from './event.ts';
import { eventMatcher, networkMatcher } from './filter.ts';

const networks: [network: string, address: string, matches: boolean][] = [
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.10', false],
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['0.0.0.0/0', '198.51.100.7', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:DB8:0:0::1', true],
  ['2001:db8::1', '2001:0db8:0000::0001', true],
  ['192.0.2.0/33', '192.0.2.0', false],
  ['192.0.2.0/x', '192.0.2.0', false],
  ['192.0.2.0/', '192.0.2.0', false],
  ['mail.example', 'mail.example', false],
  ['', '', false],
];

for (const [network, address, matches] of networks) {
  test(`${address || 'nothing'} is ${matches ? '' : 'not '}in ${network || 'nothing'}`, () => {
    assert.equal(networkMatcher(network)(address), matches);
  });
}

const event: JournalEvent & { at: number } = {
  type: 'attempt',
  at: 1000,
  source: 'src_a',
  session: 's1',
  message: '01ABCDEFGHJ',
  network: '192.0.2.1',
  code: 'D956',
  from: 'App@Corp.Example',
  to: ['One@example.org', 'tWO@example.net'],
  outcome: 'failed',
  listener: 'mx',
  detail: { directSend: 'yes', edge: { spoof: 'header', directSend: true, junk: 0 } },
};

const filters: [filter: EventFilter, matches: boolean][] = [
  [{}, true],
  [{ types: ['refusal', 'attempt'] }, true],
  [{ types: ['refusal'] }, false],
  [{ types: [] }, false],
  [{ source: 'src_a', session: 's1', code: 'D956', outcome: 'failed' }, true],
  [{ source: 'src_a', session: 's2' }, false],
  [{ message: '01abc' }, true],
  [{ message: '01ABD' }, false],
  [{ from: 'app@corp.example' }, true],
  [{ from: 'corp.example' }, false],
  [{ to: 'two@EXAMPLE.net' }, true],
  [{ to: 'example.net' }, false],
  [{ network: '192.0.2.0/28' }, true],
  [{ network: '198.51.100.0/24' }, false],
  [{ since: 1000, until: 1001 }, true],
  [{ since: 1001 }, false],
  [{ until: 1000 }, false],
  [{ listeners: ['smtp', 'mx'] }, true],
  [{ listeners: ['smtp'] }, false],
  [{ listeners: [] }, false],
  [{ details: [{ paths: ['edge.spoof'] }] }, true],
  [{ details: [{ paths: ['spoof'] }] }, false],
  [{ details: [{ paths: ['spoof', 'edge.spoof'], values: ['envelope', 'header'] }] }, true],
  [{ details: [{ paths: ['edge.spoof'], values: ['envelope'] }] }, false],
  [{ details: [{ paths: ['edge.directSend'], values: [true] }] }, true],
  [{ details: [{ paths: ['edge.directSend'], values: [false] }] }, false],
  [{ details: [{ paths: ['edge.junk'] }, { paths: ['directSend.deeper'] }] }, false],
];

for (const [filter, matches] of filters) {
  test(`${JSON.stringify(filter)} ${matches ? 'matches' : 'does not match'}`, () => {
    assert.equal(eventMatcher(filter)(event), matches);
  });
}
