import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directSenders } from './inventory.ts';
import type { LabDns, StoredMessage } from './lab.ts';

type Arrived = [address: string, from: string, dmarc: string, id: string, at?: number, directSend?: boolean];

const ARRIVED: Arrived[] = [
  ['203.0.113.25', 'scanner@contoso.test', 'pass', 'a'],
  // the same message in a second mailbox
  ['203.0.113.25', 'scanner@contoso.test', 'pass', 'a'],
  ['203.0.113.25', 'fax@contoso.test', 'fail', 'b'],
  ['198.51.100.66', 'anna@contoso.test', 'fail', 'c'],
  ['192.0.2.50', 'x@newsletter.test', 'pass', 'd', 50, false],
  ['192.0.2.80', 'old@contoso.test', 'pass', 'e', 10],
];

const lab = {
  messages: () =>
    ARRIVED.map(([clientAddress, from, dmarc, networkMessageId, receivedAt = 50, directSend = true]) => ({
      from,
      networkMessageId,
      receivedAt,
      verdict: { clientAddress, hello: 'x', dmarc, directSend },
    })) as unknown as StoredMessage[],
  dns: {
    get: (name: string) => (name === '25.113.0.203.in-addr.arpa' ? ['office.contoso.test'] : []),
  } as unknown as LabDns,
};

test('one line for each address, most messages first; a message counts once, and only by Direct Send', () => {
  assert.deepEqual(directSenders(lab, 20), [
    {
      address: '203.0.113.25',
      name: 'office.contoso.test',
      hello: 'x',
      messages: 2,
      senders: ['scanner@contoso.test', 'fax@contoso.test'],
      dmarc: ['pass', 'fail'],
    },
    {
      address: '198.51.100.66',
      name: undefined,
      hello: 'x',
      messages: 1,
      senders: ['anna@contoso.test'],
      dmarc: ['fail'],
    },
  ]);
  assert.deepEqual(
    directSenders(lab).map(({ address }) => address),
    ['203.0.113.25', '192.0.2.80', '198.51.100.66'],
  );
});
