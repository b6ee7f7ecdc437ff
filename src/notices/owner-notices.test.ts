import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { OwnMail } from '../deliver/system-mail.ts';
import type { EventFilter, JournalEvent, RecordedEvent } from '../journal/event.ts';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { StoredSourceRegistry } from '../sources/stored-registry.ts';
import { openControlStore } from '../store/control.ts';
import { refusalFixture } from './fixtures.ts';
import { ENGLISH } from './notice-english.ts';
import { FRENCH } from './notice-french.ts';
import { noticeText } from './notice-text.ts';
import type { OwnerNoticesOptions } from './owner-notices.ts';

const HOUR = 3_600_000;

async function fixture(t: TestContext, options: Partial<OwnerNoticesOptions> = {}) {
  const clock = new ManualClock(Date.UTC(2026, 10, 22, 12));
  const db = await openControlStore(':memory:');
  const events: RecordedEvent[] = [];
  const journal = {
    events,
    write: (event: JournalEvent) =>
      void events.push({ ...event, id: events.length + 1, at: event.at ?? clock.now() }),
    search: async ({ types, code }: EventFilter, limit: number) =>
      events
        .filter((one) => types?.includes(one.type) && one.code === code)
        .slice(-limit)
        .reverse(),
  };
  const sources = new StoredSourceRegistry(db, clock, systemRandom, journal);
  await sources.open();
  t.after(async () => {
    await sources.close();
    await db.destroy();
  });
  const mails: OwnMail[] = [];
  const trouble = { now: false };
  const mail = {
    send: async (one: OwnMail) => {
      if (trouble.now) throw new Error('the disk is full');
      if (one.to.some((to) => to.endsWith('.'))) throw new RangeError('to: is no address');
      mails.push(one);
      return 'ID';
    },
  };
  const { ownerNotices: notices, store } = refusalFixture({ journal, sources, db, clock, mail }, options);
  const add = async (name: string, owner = 'ann@corp.example', tags: string[] = []) => {
    const source = await sources.add({ name, owner, description: '', policy: DEFAULT_POLICY });
    return tags.length > 0 ? sources.edit(source.id, { tags }) : source;
  };
  const refuse = (source: string, code = 'S402', more: Partial<JournalEvent> = {}) =>
    notices.write({ type: 'refusal', source, code, network: '192.0.2.7', ...more });
  return { clock, notices, store, mails, add, refuse, trouble, events, sources };
}

describe('mails to owners', () => {
  test('one when it begins, one a day with a count after that', async (t) => {
    const { clock, notices, mails, add, refuse } = await fixture(t);
    const { id } = await add('scanner');
    refuse(id, 'S402', {
      detail: { header: 'x@corp.example', envelope: 'y@corp.example', password: 'secret' },
    });
    refuse(id);
    await notices.sweep();
    assert.equal(mails.length, 1);
    assert.deepEqual(mails[0]?.to, ['ann@corp.example']);
    assert.match(mails[0]?.text ?? '', /2 times/);
    for (let hour = 1; hour < 24; hour++) {
      clock.advance(HOUR);
      refuse(id);
      await notices.sweep();
    }
    assert.equal(mails.length, 1);
    clock.advance(HOUR);
    await notices.sweep();
    assert.equal(mails.length, 2);
    assert.match(mails[1]?.text ?? '', /23 times, between 22 Nov 2026, 13:00 and 23 Nov 2026, 11:00/);
    clock.advance(100 * HOUR);
    await notices.sweep();
    assert.equal(mails.length, 2, 'nothing new was refused');
  });

  test('what came before the end, or while nothing could be stored, is told later', async (t) => {
    const { notices, mails, add, refuse, store } = await fixture(t);
    const scanner = await add('scanner');
    const { id } = scanner;
    refuse(id);
    const storing = store.add.bind(store);
    store.add = () => Promise.reject(new Error('no space left'));
    refuse(id, 'S401');
    const swept = assert.rejects(notices.sweep(), /no space left/);
    refuse(id, 'S402', { network: '192.0.2.8' });
    await swept;
    store.add = storing;
    await notices.keep();
    assert.deepEqual(
      (await notices.stateOf(scanner)).items.map(({ code, waiting }) => [code, waiting]),
      [
        ['S401', 1],
        ['S402', 2],
      ],
    );
    await notices.sweep();
    assert.match(mails[0]?.text ?? '', /2 times.*192\.0\.2\.8/);
  });

  test('an address that is none is said once a period, and stands in nobody’s way', async (t) => {
    const { notices, mails, add, refuse, events } = await fixture(t);
    refuse((await add('first', 'ann@corp.')).id);
    refuse((await add('second', 'bob@corp.example')).id);
    await notices.sweep();
    await notices.sweep();
    assert.deepEqual(
      mails.map(({ to }) => to[0]),
      ['bob@corp.example'],
    );
    assert.equal(events.filter(({ text }) => text?.includes('ann@corp. could not be told')).length, 1);
  });

  test('what is refused of all devices of an owner at once is one mail; another owner has another', async (t) => {
    const { notices, mails, add, refuse, clock } = await fixture(t);
    for (let index = 0; index < 300; index++) refuse((await add(`printer-${index}`)).id, 'T203');
    refuse((await add('app', 'bob@corp.example')).id);
    await notices.sweep();
    assert.deepEqual(
      mails.map(({ to, subject }) => [to[0], subject]),
      [
        ['ann@corp.example', 'Mail of 300 of your devices is refused'],
        ['bob@corp.example', 'Mail of app is refused'],
      ],
    );
    assert.match(mails[0]?.text ?? '', /and 280 more/);
    assert.ok((mails[0]?.text.length ?? 0) < 20_000);
    refuse((await add('late')).id);
    await notices.sweep();
    assert.equal(mails.length, 2, 'the owner had a mail a moment ago');
    clock.advance(HOUR);
    await notices.sweep();
    assert.equal(mails[2]?.subject, 'Mail of late is refused');
  });

  test('nobody is told of what passes by itself, or where they do not want it', async (t) => {
    const { notices, mails, add, refuse, sources } = await fixture(t);
    const { id } = await add('scanner');
    for (const code of ['C102', 'C114', 'X901', 'X902', 'K805', 'R502', 'D951']) refuse(id, code);
    notices.write({ type: 'acceptance', source: id });
    notices.write({ type: 'refusal', code: 'A302', network: '192.0.2.7' });
    refuse((await add('silent', 'ann@corp.example', ['no-notices'])).id);
    const orphan = await add('orphan', '');
    refuse(orphan.id);
    refuse('src_gone');
    await notices.sweep();
    assert.deepEqual(mails, []);
    assert.match((await notices.stateOf(orphan)).why ?? '', /no owner/);
    assert.deepEqual((await notices.stateOf(orphan)).items, [
      { code: 'S402', toldAt: undefined, waiting: 0 },
    ]);
    await sources.remove(orphan.id);
    await notices.sweep();
  });

  test('switched off as a whole', async (t) => {
    const { notices, mails, add, refuse } = await fixture(t, { on: false });
    const source = await add('scanner');
    refuse(source.id);
    await notices.sweep();
    assert.deepEqual(mails, []);
    assert.match((await notices.stateOf(source)).why ?? '', /notices\.owners is off/);
  });

  test('in the language of the source, or of the relay', async (t) => {
    const { notices, mails, add, refuse } = await fixture(t, { language: 'fr' });
    refuse((await add('one')).id);
    refuse((await add('two', 'bob@corp.example', ['lang:en'])).id);
    await notices.sweep();
    assert.deepEqual(mails.map(({ subject }) => subject).sort(), [
      'Le courrier de one est refusé',
      'Mail of two is refused',
    ]);
  });

  test('trouble with the disk loses nothing, and a clock that is set back stops nothing', async (t) => {
    const { notices, mails, add, refuse, trouble, clock } = await fixture(t);
    const { id } = await add('scanner');
    refuse(id);
    trouble.now = true;
    await assert.rejects(notices.sweep(), /disk is full/);
    trouble.now = false;
    await notices.sweep();
    assert.equal(mails.length, 1);
    const { now } = clock;
    clock.now = () => now.call(clock) - 365 * 24 * HOUR;
    refuse(id);
    await notices.sweep();
    assert.equal(mails.length, 2);
  });

  test('what a client has sent can not shape the mail, and other details do not come into it', () => {
    const { subject, text } = noticeText(
      [
        {
          source: 'scanner',
          description: 'x\r\nBcc: y\u202e',
          code: 'S402',
          count: 1,
          first: 0,
          last: 0,
          network: '192.0.2.7\nhttps://evil.example',
          facts: { header: `a\r\n\r\nClick here\u202e@x.example${'y'.repeat(5000)}`, password: 'secret' },
        },
      ],
      { language: 'en', timeZone: 'UTC', everyHours: 24, contact: 'postmaster@relay.example' },
    );
    assert.equal(subject, 'Mail of scanner is refused');
    assert.ok(!/[\r\u202e]/.test(text));
    assert.ok(!/^(?:Bcc|Click|https)/m.test(text));
    assert.ok(!text.includes('secret'));
    assert.ok(text.length < 2500);
  });

  test('both languages tell of the same codes', () => {
    assert.deepEqual(Object.keys(FRENCH.what), Object.keys(ENGLISH.what));
    assert.deepEqual(Object.keys(FRENCH.todo), Object.keys(ENGLISH.todo));
    assert.deepEqual(Object.keys(FRENCH.facts), Object.keys(ENGLISH.facts));
  });
});
