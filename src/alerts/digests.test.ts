import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { OwnMail } from '../deliver/system-mail.ts';
import type { JournalEvent, RecordedEvent } from '../journal/event.ts';
import { ManualClock } from '../platform/clock.ts';
import type { Credential, Source } from '../sources/source.ts';
import { Settings } from '../store/settings.ts';
import { Digests, type DigestSettings, digestFields, lastPeriod } from './digests.ts';
import { emptyStore } from './fixtures.ts';

const DAY = 86_400_000;
/** A Monday, seven o'clock. */
const MONDAY = Date.UTC(2026, 1, 2, 7);

const source = (id: string, owner: string, more: Partial<Source> = {}) =>
  ({ id, name: id.slice(4), description: '', owner, state: 'active', ...more }) as Source;

async function scene(t: TestContext) {
  const db = await emptyStore();
  t.after(() => db.destroy());
  const clock = new ManualClock(MONDAY - 3 * DAY);
  const mails: OwnMail[] = [];
  const events: RecordedEvent[] = [];
  const failing = new Set<string>();
  const wrong = new Set<string>();
  const written: JournalEvent[] = [];
  const sources = [
    source('src_erp', 'ann@corp.example', { description: 'invoices' }),
    source('src_fax', 'Bea@corp.fr'),
    source('src_old', 'ann@corp.example'),
    source('src_gone', 'ann@corp.example', { state: 'retired' }),
    source('src_nobody', ''),
  ];
  const credentials: Record<string, Partial<Credential>[]> = {
    src_erp: [
      { state: 'active', label: 'main', expiresAt: MONDAY + 5 * DAY, lastUsedAt: MONDAY - DAY },
      { state: 'active', label: 'far', expiresAt: MONDAY + 300 * DAY, lastUsedAt: MONDAY - 9 * DAY },
      { state: 'revoked', label: 'revoked', expiresAt: MONDAY + DAY },
    ],
  };
  const add = (type: RecordedEvent['type'], id: string, at: number, code?: string) =>
    events.push({ id: events.length + 1, type, at, source: id, code });
  const build = async () => {
    const digests = new Digests({
      clock,
      db,
      settings: new Settings(db),
      sources: {
        list: () => sources,
        credentials: (id) => (credentials[id] ?? []) as Credential[],
      },
      search: async ({ types, since = 0, until = Infinity }, limit, before = Infinity) =>
        events
          .filter(({ id, type, at }) => id < before && types?.includes(type) && at >= since && at < until)
          .reverse()
          .slice(0, limit),
      mail: {
        send: async (mail) => {
          if (mail.to.some((to) => failing.has(to))) throw new Error('the spool is full');
          if (mail.to.some((to) => wrong.has(to))) throw new RangeError('to: is no address');
          mails.push(mail);
          return 'id';
        },
      },
      events: { write: (event) => written.push(event) },
      hostname: 'relay.corp.example',
    });
    await digests.open();
    return digests;
  };
  return { clock, mails, add, build, failing, wrong, written, digests: await build() };
}

const PERIODS: [settings: Partial<DigestSettings>, now: number, until: number][] = [
  [{}, MONDAY, MONDAY],
  [{}, MONDAY - 1, MONDAY - 7 * DAY],
  [{}, MONDAY + 6 * DAY, MONDAY],
  [{ weekday: 7 }, MONDAY, MONDAY - DAY],
  [{ weekday: 2 }, MONDAY, MONDAY - 6 * DAY],
  [{ every: 'day' }, MONDAY + 3 * DAY + 1, MONDAY + 3 * DAY],
  [{ every: 'day', hour: 8 }, MONDAY, MONDAY - 23 * 3_600_000],
];
for (const [settings, now, until] of PERIODS) {
  test(`the period that ended last, ${JSON.stringify(settings)} at ${new Date(now).toISOString()}`, () => {
    assert.equal(lastPeriod(digestFields.parse(settings), now).until, until);
  });
}

test('it is off until somebody turns it on, and then tells of what ends from then on', async (t) => {
  const { digests, clock, mails } = await scene(t);
  clock.advance(3 * DAY);
  await digests.send();
  assert.equal(mails.length, 0);
  await digests.set({ enabled: true });
  await digests.send();
  assert.equal(mails.length, 0, 'this period ended before');
  clock.advance(7 * DAY);
  await digests.send();
  assert.equal(mails.length, 2);
});

test('what an owner reads: messages, refusals with their reason, what ends, what is unused', async (t) => {
  const { digests, clock, mails, add } = await scene(t);
  await digests.set({ enabled: true, otherLanguages: [{ match: 'corp.fr', language: 'fr' }] });
  // more than a page of the journal
  for (let n = 0; n < 1234; n++) add('acceptance', 'src_erp', MONDAY - DAY);
  add('acceptance', 'src_erp', MONDAY - 8 * DAY);
  add('acceptance', 'src_erp', MONDAY + 1);
  for (let n = 0; n < 3; n++) add('refusal', 'src_erp', MONDAY - DAY, 'R501');
  add('refusal', 'src_fax', MONDAY - DAY, 'R501');
  clock.advance(3 * DAY);
  await digests.send();
  const ann = mails.find(({ to }) => to[0] === 'ann@corp.example');
  assert.equal(ann?.subject, 'Your mail until 2 February 2026: 2 senders');
  assert.match(
    ann?.text ?? '',
    /^erp \(invoices\)\n {2}- Messages: 1,234\n {2}- Refused 3 times \(R501\): \S.*\n {2}- Its credential main ends on 7 February 2026: renew it before\n {2}- Last used on 1 February 2026$/m,
  );
  assert.match(ann?.text ?? '', /^old\n {2}- No messages\n {2}- Never used/m);
  assert.doesNotMatch(ann?.text ?? '', /gone|revoked|far/);
  const bea = mails.find(({ to }) => to[0] === 'bea@corp.fr');
  assert.match(bea?.subject ?? '', /^Votre courrier jusqu’au 2 février 2026/);
  assert.match(bea?.text ?? '', /Refusé 1 fois \(R501\) : Il a écrit/);
});

test('one mail an owner and period, over restarts and failures', async (t) => {
  const { digests, clock, mails, build, failing } = await scene(t);
  await digests.set({ enabled: true });
  clock.advance(3 * DAY);
  failing.add('bea@corp.fr');
  await assert.rejects(digests.send(), /the spool is full/);
  const restarted = await build();
  await assert.rejects(restarted.send(), /the spool is full/);
  failing.clear();
  await restarted.send();
  await restarted.send();
  await (await build()).send();
  assert.deepEqual(
    mails.map(({ to }) => to[0] ?? '').sort((a, b) => (a < b ? -1 : 1)),
    ['ann@corp.example', 'bea@corp.fr'],
  );
  clock.advance(7 * DAY);
  await restarted.send();
  assert.equal(mails.length, 4);
});

test('one owner who can not be told keeps no other one from the digest', async (t) => {
  const { digests, clock, mails, failing, wrong, written } = await scene(t);
  await digests.set({ enabled: true });
  clock.advance(3 * DAY);
  failing.add('ann@corp.example');
  await assert.rejects(digests.send(), /the spool is full/);
  assert.deepEqual(
    mails.map(({ to }) => to[0]),
    ['bea@corp.fr'],
  );
  failing.clear();
  wrong.add('ann@corp.example');
  await digests.send();
  await digests.send();
  assert.equal(mails.length, 1);
  const told = written.filter(({ text }) =>
    text?.includes('ann@corp.example got no digest: to: is no address'),
  );
  assert.equal(told.length, 1);
});

test('a clock that was set back sends nothing twice', async (t) => {
  const { digests, clock, mails, build } = await scene(t);
  await digests.set({ enabled: true });
  clock.advance(3 * DAY);
  await digests.send();
  clock.advance(7 * DAY);
  await digests.send();
  clock.advance(-7 * DAY);
  await (await build()).send();
  assert.equal(mails.length, 4);
});

test('a preview is of the time until now, and marks nothing', async (t) => {
  const { digests, add, clock, mails } = await scene(t);
  add('acceptance', 'src_erp', clock.now() - 1);
  const mail = await digests.preview('Ann@corp.example');
  assert.match(mail?.text ?? '', /Messages: 1/);
  assert.equal(await digests.preview('nobody@corp.example'), undefined);
  assert.equal(mails.length, 0);
});

for (const wrong of [
  { hour: 24 },
  { weekday: 0 },
  { every: 'month' },
  { language: 'de' },
  { color: 'red' },
]) {
  test(`refused: ${JSON.stringify(wrong)}`, async (t) => {
    const { digests } = await scene(t);
    await assert.rejects(digests.set(wrong), { kind: 'invalid' });
  });
}
