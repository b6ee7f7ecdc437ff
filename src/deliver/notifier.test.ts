import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notify } from '../message/envelope.ts';
import { systemClock } from '../platform/clock.ts';
import type { Delivery } from '../spool/spool.ts';
import type { NoticeKind } from './dsn.ts';
import { EVEN, EventLog } from './fixtures.ts';
import { Notifier } from './notifier.ts';

const POSTMASTER = 'postmaster@relay.test';

function deliveryOf(source: string, from: string): Delivery {
  return {
    message: 'M1',
    part: 0,
    domain: 'contoso.test',
    recipients: [],
    source,
    from,
    state: 'queued',
    receivedAt: 0,
    size: 100,
    nextAttemptAt: 0,
    attempts: 1,
    delayNotified: false,
  };
}

const ROWS: [source: string, kind: NoticeKind, from: string, notify: Notify | undefined, told?: string][] = [
  ['edge', 'failure', 'a@news.test', undefined, 'a@news.test'],
  ['edge', 'delay', 'a@news.test', undefined, 'a@news.test'],
  ['edge', 'failure', 'a@news.test', 'never'],
  ['edge', 'failure', '', undefined],
  // whoever was impersonated hears nothing, whatever was asked for in his name
  ['unproven', 'failure', 'victim@bank.test', undefined, POSTMASTER],
  ['unproven', 'failure', 'victim@bank.test', 'never', POSTMASTER],
  ['unproven', 'delay', 'victim@bank.test', ['delay']],
  ['unproven', 'success', 'victim@bank.test', ['success']],
  ['unproven', 'failure', '', undefined],
];

for (const [source, kind, from, notify, told] of ROWS) {
  test(`${kind} of ${source} mail from <${from}>, notify ${String(notify)}: ${told ?? 'nobody'} is told`, async () => {
    const events = new EventLog();
    const notifier = new Notifier({
      clock: systemClock,
      random: EVEN,
      events,
      hostname: 'relay.test',
      from: POSTMASTER,
      returnLimit: 1000,
      newId: () => 'N1',
      insteadOfSender: (delivery) => (delivery.source === 'unproven' ? POSTMASTER : undefined),
    });
    const recipient = { address: 'b@contoso.test', ...(notify && { notify }) };
    const notice = await notifier.notice(
      kind,
      deliveryOf(source, from),
      [{ recipient, reply: '550 5.1.1 no such user', code: 'D956' }],
      undefined,
    );
    assert.deepEqual(
      notice?.envelope.recipients.map(({ address }) => address),
      told && [told],
    );
    assert.equal(notice?.envelope.from ?? '', '');
    const bounces = events.events.filter(({ type }) => type === 'bounce');
    assert.deepEqual(
      bounces.map(({ outcome }) => outcome),
      kind === 'failure' ? [told === undefined ? 'dropped' : 'notified'] : [],
    );
  });
}
