import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_TRAITS } from '../message/content.ts';
import type { Delivery, Payload } from '../spool/spool.ts';
import { Entry } from './entry.ts';
import { LookAhead } from './look-ahead.ts';

const payload = (): Payload => ({
  envelope: { from: 'a@corp.test', recipients: [], body: '7bit', smtpUtf8: false, requireTls: false },
  head: Buffer.from('Subject: x\r\n\r\n'),
  body: { kind: 'memory', bytes: Buffer.alloc(90) },
  traits: NO_TRAITS,
});

const entryOf = (message: string) => new Entry({ message, part: 0, size: 100 } as Delivery, payload());

test('a message is kept with its entry while octets are left, and makes room when it goes', () => {
  const memory = new LookAhead({ lookAhead: 10, payloadBytes: 200 });
  const [first, second, third, fourth] = [entryOf('1'), entryOf('2'), entryOf('3'), entryOf('4')];
  for (const entry of [first, second, third]) memory.add(entry);
  assert.deepEqual(
    [first, second, third].map((entry) => entry.payload !== undefined),
    [true, true, false],
  );
  assert.equal(memory.delete(first), true);
  assert.equal(first.payload, undefined, 'whoever still holds the entry does not hold the message');
  memory.add(fourth);
  assert.ok(fourth.payload);
});
