import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { OwnMail } from '../../deliver/system-mail.ts';
import type { JournalEvent, RecordedEvent } from '../../journal/event.ts';
import { ManualClock } from '../../platform/clock.ts';
import { systemRandom } from '../../platform/random.ts';
import { openControlStore } from '../../store/control.ts';
import { RegistryError, type SourceChange } from '../registry.ts';
import type { Source } from '../source.ts';
import { DAY_MS, type Exception, type NewException } from './exception.ts';
import { OpenExceptions } from './open-exceptions.ts';
import { StoredExceptions } from './stored-exceptions.ts';
import { alreadyWarned, dueWarning } from './warnings.ts';
import { weaknessesOf } from './weakness.ts';

const SOURCE = { id: 'src_copier', name: 'copier' } as Source;

/** A wall clock that may be set while time goes on. */
class SetClock extends ManualClock {
  offset = 0;
  override now(): number {
    return super.now() + this.offset;
  }
}

async function scene(t: TestContext) {
  const clock = new SetClock();
  const db = await openControlStore(':memory:');
  t.after(() => db.destroy());
  const events: JournalEvent[] = [];
  const mails: OwnMail[] = [];
  let changed: (change: SourceChange) => void = () => {};
  const gone = new Set<string>();
  const open = async (): Promise<StoredExceptions> => {
    const exceptions = new StoredExceptions({
      db,
      clock,
      random: systemRandom,
      events: { write: (event) => events.push(event) },
      sources: {
        byId: (id) => (id === SOURCE.id && !gone.has(id) ? SOURCE : undefined),
        onChange: (listener) => {
          changed = listener;
          return () => {};
        },
      },
      mail: {
        send: async (mail) => {
          mails.push(mail);
          return '0';
        },
      },
      hostname: 'relay.test',
      listener: (name) => ({ requiresTls: name === 'required', plainAuthentication: name === 'plain' }),
    });
    await exceptions.open();
    return exceptions;
  };
  const exceptions = await open();
  const fields = (more: Partial<NewException> = {}): NewException => ({
    kind: 'tls-1.0',
    networks: ['10.1.2.0/24'],
    owner: 'ann@corp.test',
    reason: 'old firmware',
    endsAt: clock.now() + 90 * DAY_MS,
    ...more,
  });
  const removeSource = (): void => changed({ kind: 'source', source: SOURCE, before: SOURCE, removed: true });
  const alarms = (): string[] => events.filter(({ type }) => type === 'alarm').map(({ code }) => code ?? '');
  return { clock, events, mails, exceptions, fields, open, removeSource, gone, alarms };
}

test('what is wrong is refused in words that say what to do', async (t) => {
  const { exceptions, fields, clock } = await scene(t);
  const now = clock.now();
  const table: [Partial<NewException>, RegExp][] = [
    [{ networks: [] }, /^networks: tls-1\.0 is decided before anybody knows the source/],
    [{ networks: ['10.0.0.0/8'] }, /too wide/],
    [{ networks: ['2001:db8::/32'] }, /too wide/],
    [{ networks: ['10.1.2.3/24'] }, /bits behind the prefix/],
    [{ kind: 'cram-md5', networks: [] }, /^source: /],
    [{ kind: 'cram-md5', source: SOURCE.id }, /^networks: cram-md5 is allowed for a source/],
    [{ source: 'src_gone' }, /there is no source src_gone/],
    [{ owner: 'nobody' }, /^owner: is no e-mail address/],
    [{ reason: '   ' }, /^reason: is missing/],
    [{ reason: 'x\u202e' }, /direction characters/],
    [{ reason: 'x'.repeat(501) }, /^reason: /],
    [{ endsAt: now }, /^endsAt: is in the past/],
    [{ endsAt: now + 367 * DAY_MS }, /more than 366 days/],
    [{ endsAt: Number.NaN }, /^endsAt: /],
    [{ kind: 'telnet' as 'no-tls' }, /^kind: /],
  ];
  for (const [more, message] of table) {
    await assert.rejects(exceptions.add(fields(more), 'ann'), (error: unknown) => {
      assert.ok(error instanceof RegistryError);
      assert.match(error.message, message);
      return true;
    });
  }
  assert.deepEqual(exceptions.list(), []);
});

test('it ends with its source, also when that went unnoticed', async (t) => {
  const { exceptions, fields, open, gone } = await scene(t);
  const made = await exceptions.add(fields({ source: SOURCE.id }), 'ann');
  const other = await exceptions.add(fields({ kind: 'tls-1.1' }), 'ann');
  gone.add(SOURCE.id);
  const again = await open();
  await again.sweep();
  assert.deepEqual(
    again.list().map(({ id }) => id),
    [other.id],
  );
  const closed = await again.find(made.id);
  assert.deepEqual([closed?.state, closed?.endedBy], ['closed', 'its source was removed']);
});

test('it holds for its network and kind, until its end, by the wall clock at each use', async (t) => {
  const { exceptions, fields, clock, alarms } = await scene(t);
  const made = await exceptions.add(fields(), 'ann');
  assert.equal(exceptions.forAddress('tls-1.0', '10.1.2.3')?.id, made.id);
  assert.equal(exceptions.forAddress('tls-1.0', '10.1.3.3'), undefined);
  assert.equal(exceptions.forAddress('no-tls', '10.1.2.3'), undefined);
  assert.equal(exceptions.forAddress('tls-1.0', 'nonsense'), undefined);
  assert.equal(
    exceptions.allowing('tls-1.1', '10.1.2.3', undefined)?.id,
    made.id,
    'what is weaker covers it',
  );
  clock.offset = 90 * DAY_MS - 1;
  assert.ok(exceptions.forAddress('tls-1.0', '10.1.2.3'));
  clock.offset = 90 * DAY_MS;
  assert.equal(exceptions.forAddress('tls-1.0', '10.1.2.3'), undefined, 'before any sweep');
  const ended: string[] = [];
  exceptions.onEnd(({ id }) => ended.push(id));
  await exceptions.sweep();
  assert.deepEqual(ended, [made.id]);
  assert.deepEqual(alarms(), ['exception-ended']);
  clock.offset = 0;
  await exceptions.sweep();
  assert.equal(
    exceptions.forAddress('tls-1.0', '10.1.2.3'),
    undefined,
    'a clock that goes back opens nothing',
  );
  assert.equal((await exceptions.find(made.id))?.state, 'ended');
});

test('a clock that is set back prolongs nothing', async (t) => {
  const { exceptions, fields, clock } = await scene(t);
  await exceptions.add(fields({ endsAt: clock.now() + DAY_MS }), 'ann');
  clock.offset = -10 * DAY_MS;
  clock.advance(DAY_MS - 1);
  assert.ok(exceptions.forAddress('tls-1.0', '10.1.2.3'));
  clock.advance(1);
  assert.equal(exceptions.forAddress('tls-1.0', '10.1.2.3'), undefined);
});

test('its owner is warned 30, 7 and 1 days before, once each, and only of what was not over at the beginning', async (t) => {
  const { exceptions, fields, clock, alarms, mails } = await scene(t);
  await exceptions.add(fields({ source: SOURCE.id }), 'ann');
  await exceptions.add(fields({ kind: 'tls-1.1' }), 'ann');
  await exceptions.add(fields({ endsAt: clock.now() + 5 * DAY_MS, networks: ['10.9.9.9'] }), 'ann');
  const said: [number, number, number][] = [];
  for (let day = 0; day <= 90; day++) {
    const before: [number, number] = [alarms().length, mails.length];
    await exceptions.sweep();
    await exceptions.sweep();
    const [alarmed, mailed] = [alarms().length - before[0], mails.length - before[1]];
    if (alarmed > 0) said.push([day, alarmed, mailed]);
    clock.advance(DAY_MS);
  }
  assert.deepEqual(said, [
    [4, 1, 1],
    [5, 1, 1],
    [60, 2, 1],
    [83, 2, 1],
    [89, 2, 1],
    [90, 2, 1],
  ]);
  assert.match(
    mails.at(-2)?.text ?? '',
    /TLS 1\.0 for 10\.1\.2\.0\/24 \(source copier\).*\n.*\n.*old firmware/,
  );
  assert.match(mails.at(-2)?.text ?? '', /postern exception extend exc_/);
  assert.deepEqual(mails.at(-1)?.to, ['ann@corp.test']);
  assert.match(mails.at(-1)?.subject ?? '', /2 exceptions have ended/);
});

test('warnings, uses and ends survive a restart', async (t) => {
  const { exceptions, fields, clock, alarms, open } = await scene(t);
  const made = await exceptions.add(fields({ endsAt: clock.now() + 31 * DAY_MS }), 'ann');
  clock.advance(2 * DAY_MS);
  await exceptions.sweep();
  exceptions.seen(connection({ tls: 'TLSv1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA' }));
  await exceptions.close();
  const again = await open();
  await again.sweep();
  assert.deepEqual(alarms(), ['exception-ending']);
  assert.equal(again.list()[0]?.uses, 1);
  clock.advance(60 * DAY_MS);
  const late = await open();
  assert.equal(late.forAddress('tls-1.0', '10.1.2.3'), undefined);
  await late.sweep();
  assert.equal((await late.find(made.id))?.state, 'ended');
});

test('another end needs a reason; a stale version, what is over and what is too long are refused', async (t) => {
  const { exceptions, fields, clock } = await scene(t);
  const made = await exceptions.add(fields(), 'ann');
  const endsAt = clock.now() + 200 * DAY_MS;
  const extended = await exceptions.extend(made.id, { endsAt, reason: 'still no firmware' }, 1);
  assert.deepEqual([extended.version, extended.endsAt, extended.owner], [2, endsAt, 'ann@corp.test']);
  await assert.rejects(exceptions.extend(made.id, { endsAt, reason: 'x' }, 1), /changed by somebody else/);
  const tooLong = { endsAt: clock.now() + 400 * DAY_MS, reason: 'x' };
  await assert.rejects(exceptions.extend(made.id, tooLong), /366 days/);
  await exceptions.end(made.id, 'ann');
  await assert.rejects(exceptions.extend(made.id, { endsAt, reason: 'x' }), /no open exception/);
  await assert.rejects(exceptions.end(made.id, 'ann'), /no open exception/);
  const closed = await exceptions.find(made.id);
  assert.deepEqual([closed?.state, closed?.endedBy], ['closed', 'ann']);
});

test('with its source it goes', async (t) => {
  const { exceptions, fields, removeSource } = await scene(t);
  const cram = await exceptions.add(fields({ kind: 'cram-md5', source: SOURCE.id, networks: [] }), 'ann');
  await exceptions.add(fields(), 'ann');
  assert.ok(exceptions.forSource('cram-md5', SOURCE.id));
  removeSource();
  assert.equal(exceptions.forSource('cram-md5', SOURCE.id), undefined);
  assert.equal((await exceptions.find(cram.id))?.state, 'closed');
  assert.equal(exceptions.list().length, 1);
});

function connection(more: Partial<RecordedEvent>): RecordedEvent {
  return { id: 1, at: 5, type: 'connection', network: '10.1.2.3', listener: 'smtp', ...more };
}

test('uses are counted where the weakness was used, on the narrowest exception', async (t) => {
  const { exceptions, fields } = await scene(t);
  const wide = await exceptions.add(fields(), 'ann');
  const narrow = await exceptions.add(fields({ networks: ['10.1.2.3'] }), 'ann');
  const cram = await exceptions.add(fields({ kind: 'cram-md5', source: SOURCE.id, networks: [] }), 'ann');
  const clear = await exceptions.add(fields({ kind: 'no-tls' }), 'ann');
  const login = (more: Partial<RecordedEvent>, method: string): RecordedEvent =>
    connection({
      type: 'authentication',
      outcome: 'accepted',
      source: SOURCE.id,
      detail: { method },
      ...more,
    });
  const modern = 'TLSv1.3 TLS_AES_256_GCM_SHA384';
  for (const event of [
    connection({ tls: modern }),
    connection({ tls: 'TLSv1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA' }),
    connection({ tls: 'TLSv1.1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', network: '10.1.2.4' }),
    connection({ tls: 'TLSv1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', network: '10.7.7.7' }),
    login({ tls: modern }, 'CRAM-MD5'),
    login({ tls: modern }, 'PLAIN'),
    login({}, 'PLAIN'),
    login({}, 'network'),
    login({ listener: 'plain' }, 'PLAIN'),
    login({ listener: 'required' }, 'network'),
    login({ outcome: 'refused', tls: modern }, 'CRAM-MD5'),
  ])
    exceptions.seen(event);
  const uses = async ({ id }: Exception): Promise<number | undefined> => (await exceptions.find(id))?.uses;
  assert.deepEqual(await Promise.all([wide, narrow, cram, clear].map(uses)), [1, 1, 1, 2]);
});

test('weaknesses of a session', () => {
  const open = { requiresTls: false, plainAuthentication: false };
  const required = { ...open, requiresTls: true };
  const plain = { ...open, plainAuthentication: true };
  const table: [Parameters<typeof weaknessesOf>[0], string[]][] = [
    [{ listener: open }, []],
    [{ listener: required }, ['no-tls']],
    [{ listener: open, method: 'PLAIN' }, ['no-tls']],
    [{ listener: open, method: 'network' }, []],
    [{ listener: plain, method: 'PLAIN' }, []],
    [{ listener: plain, method: 'CRAM-MD5' }, ['cram-md5']],
    [{ listener: required, tls: 'TLSv1.3 TLS_AES_128_GCM_SHA256', method: 'PLAIN' }, []],
    [{ listener: open, tls: 'TLSv1 TLS_RSA_WITH_3DES_EDE_CBC_SHA' }, ['tls-1.0', 'rsa-key-exchange', '3des']],
    [{ listener: open, tls: 'TLSv1.1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA' }, ['tls-1.1']],
    [{ listener: open, tls: 'TLSv1.2 TLS_RSA_WITH_AES_128_CBC_SHA' }, ['rsa-key-exchange']],
  ];
  for (const [facts, expected] of table) assert.deepEqual(weaknessesOf(facts), expected);
});

test('warnings', () => {
  const ending = (days: number, warned?: number): Exception =>
    ({ endsAt: days * DAY_MS, warned }) as Exception;
  const table: [number, number | undefined, number | undefined][] = [
    [31, undefined, undefined],
    [30, undefined, 30],
    [29, 30, undefined],
    [3, undefined, 7],
    [3, 30, 7],
    [3, 7, undefined],
    [0.5, 7, 1],
    [0.5, 1, undefined],
    [0, 7, undefined],
    [-1, undefined, undefined],
  ];
  for (const [days, warned, due] of table) assert.equal(dueWarning(ending(days, warned), 0), due, `${days}`);
  assert.equal(alreadyWarned(5 * DAY_MS, 0), 7);
  assert.equal(alreadyWarned(90 * DAY_MS, 0), undefined);
});

test('a look-up among thousands finds the one', () => {
  const clock = new ManualClock();
  const open = new OpenExceptions(clock);
  for (let n = 0; n < 3000; n++) {
    open.set({
      id: `exc_${n}`,
      kind: 'tls-1.0',
      networks: [`10.${n >> 8}.${n & 255}.0/24`],
      endsAt: clock.now() + DAY_MS,
    } as Exception);
  }
  assert.equal(open.forAddress('tls-1.0', '10.4.7.9')?.id, `exc_${4 * 256 + 7}`);
  open.delete(`exc_${4 * 256 + 7}`);
  assert.equal(open.forAddress('tls-1.0', '10.4.7.9'), undefined);
  assert.equal(open.size, 2999);
});
