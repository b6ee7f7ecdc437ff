import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordedEvent } from '../../journal/event.ts';
import { ManualClock } from '../../platform/clock.ts';
import { openControlStore } from '../../store/control.ts';
import { DAY_MS, type Exception } from '../exceptions/exception.ts';
import type { Credential } from '../source.ts';
import { DEFAULT_POLICY } from '../source.ts';
import { emptyFingerprint, type Fingerprint, merge, observe } from './fingerprint.ts';
import { Fingerprints } from './fingerprints.ts';
import { type AssessedSource, assess, type Profile } from './profile.ts';
import { writeSheet } from './sheet-formats.ts';
import { type SheetFacts, type SheetListener, sheetOf } from './sheet.ts';
import { vendorHint } from './vendors.ts';

const NOW = 1_700_000_000_000;
const MODERN = 'TLSv1.3 TLS_AES_256_GCM_SHA384';
const STANDARD = 'TLSv1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';

function event(more: Partial<RecordedEvent>): RecordedEvent {
  return { id: 1, at: NOW, type: 'connection', source: 's', network: '10.1.2.3', listener: 'smtp', ...more };
}

/** What is known after these events, each `count` times over `days` days until now. */
function known(events: Partial<RecordedEvent>[], { count = 20, days = 14 } = {}): Fingerprint {
  const fingerprint = emptyFingerprint(NOW);
  for (let n = 0; n < count; n++) {
    const at = NOW - Math.round((days * DAY_MS * n) / count);
    for (const one of events) observe(fingerprint, event({ at, ...one }));
  }
  return fingerprint;
}

const login = (method: string): Partial<RecordedEvent> => ({ type: 'authentication', detail: { method } });

test('what events tell of a source', () => {
  const fingerprint = emptyFingerprint(NOW);
  const detail = {
    hello: 'scanner',
    offered: { versions: ['TLSv1.2'], families: ['ECDHE', 'RSA key exchange'] },
    chunking: true,
    bareLineEnds: true,
  };
  observe(fingerprint, event({ tls: STANDARD, detail }));
  observe(fingerprint, event({}));
  observe(fingerprint, event(login('LOGIN')));
  observe(fingerprint, event({ type: 'acceptance', size: 4000, detail: { uses: ['8BITMIME'] } }));
  observe(fingerprint, event({ type: 'warning', code: 'headers-repaired' }));
  observe(fingerprint, event({ type: 'warning', code: 'alignment' }));
  const values = Object.fromEntries(
    Object.entries(fingerprint.seen).map(([trait, found]) => [trait, Object.keys(found)]),
  );
  assert.deepEqual(values, {
    tls: ['TLSv1.2', 'none'],
    cipher: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
    offeredVersion: ['TLSv1.2'],
    offeredFamily: ['ECDHE', 'RSA key exchange'],
    method: ['LOGIN'],
    hello: ['scanner'],
    extension: ['CHUNKING', '8BITMIME'],
    repair: ['bare line ends', 'headers-repaired'],
    listener: ['smtp'],
    network: ['10.1.2.3'],
  });
  assert.deepEqual([fingerprint.connections, fingerprint.messages, fingerprint.largest], [2, 1, 4000]);
});

test('it stays small, whatever a device calls itself', () => {
  const fingerprint = emptyFingerprint(NOW);
  for (let n = 0; n < 1000; n++) {
    observe(fingerprint, event({ at: NOW + n, detail: { hello: `${n}-${'x'.repeat(1000)}` } }));
  }
  observe(fingerprint, event({ at: NOW + 2000, detail: { hello: '__proto__' } }));
  observe(fingerprint, event({ at: NOW + 2000, detail: { hello: '__proto__' } }));
  const names = Object.keys(fingerprint.seen.hello);
  assert.equal(names.length, 16);
  assert.ok(names.every((name) => name.length <= 100));
  assert.equal(Object.getOwnPropertyDescriptor(fingerprint.seen.hello, '__proto__')?.value.count, 2);
  assert.ok(JSON.stringify(fingerprint).length < 20_000);
});

test('merging is the same as having seen all of it', () => {
  const events = [event({ tls: MODERN }), event(login('PLAIN')), event({ at: NOW + 5, tls: STANDARD })];
  const whole = emptyFingerprint(NOW);
  for (const one of events) observe(whole, one);
  const [first, second] = [emptyFingerprint(NOW), emptyFingerprint(NOW)];
  observe(first, events[0] as RecordedEvent);
  for (const one of events.slice(1)) observe(second, one);
  merge(first, second);
  assert.deepEqual(first, whole);
});

test('it is kept in the store, and grows', async (t) => {
  const db = await openControlStore(':memory:');
  t.after(() => db.destroy());
  const fingerprints = new Fingerprints(db, new ManualClock(), { write: () => assert.fail() });
  assert.equal(await fingerprints.get('s'), undefined);
  for (let n = 0; n < 250; n++) fingerprints.seen(event({ source: `s${n}`, tls: MODERN }));
  fingerprints.seen(event({ source: undefined }));
  await fingerprints.flush();
  fingerprints.seen(event({ source: 's249', tls: MODERN }));
  assert.equal((await fingerprints.get('s249'))?.seen.tls['TLSv1.3']?.count, 2);
  assert.equal((await fingerprints.get('s0'))?.connections, 1);
  await fingerprints.forget('s0');
  assert.equal(await fingerprints.get('s0'), undefined);
});

const SOURCE: AssessedSource = {
  id: 's',
  name: 'copier',
  policy: { maxSize: 1000 },
  credentials: [],
  exceptions: [],
};

test('the tightest profile that works', () => {
  const table: [Partial<RecordedEvent>[], string, string | undefined, string[]][] = [
    [[], 'unknown', undefined, []],
    [[{ tls: MODERN }, login('SCRAM-SHA-256-PLUS')], 'modern', 'TLSv1.3', []],
    [[{ tls: MODERN }, login('PLAIN')], 'standard', 'TLSv1.3', []],
    [[{ tls: MODERN }, { tls: STANDARD }, login('SCRAM-SHA-256')], 'standard', 'TLSv1.2', []],
    [
      [{ tls: 'TLSv1.1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA' }, login('PLAIN')],
      'legacy',
      'TLSv1.1',
      ['tls-1.1'],
    ],
    [
      [{ tls: 'TLSv1 TLS_RSA_WITH_AES_128_CBC_SHA' }, login('CRAM-MD5')],
      'legacy',
      'TLSv1',
      ['tls-1.0', 'rsa-key-exchange', 'cram-md5'],
    ],
    [[{}, login('network')], 'standard', 'none', []],
    [[{}, login('LOGIN')], 'legacy', 'none', ['no-tls']],
  ];
  for (const [events, name, tls, needs] of table) {
    const { profile } = assess(SOURCE, known(events), NOW);
    assert.deepEqual([profile.name, profile.tls, profile.needs], [name, tls, needs]);
  }
  assert.equal(assess(SOURCE, known([{ tls: MODERN }]), NOW).profile.sure, true);
  assert.equal(assess(SOURCE, known([{ tls: MODERN }], { count: 3 }), NOW).profile.sure, false);
  assert.equal(assess(SOURCE, known([{ tls: MODERN }], { days: 1 }), NOW).profile.sure, false);
  // what was replaced long ago is not counted on
  const mended = known([{ tls: MODERN }]);
  observe(mended, event({ at: NOW - 60 * DAY_MS, tls: 'TLSv1 TLS_RSA_WITH_AES_128_CBC_SHA' }));
  assert.deepEqual(assess(SOURCE, mended, NOW).profile.needs, []);
});

test('advice', () => {
  const exception = (more: Partial<Exception>): Exception =>
    ({
      id: 'exc_1',
      kind: 'tls-1.0',
      source: 's',
      networks: ['10.1.2.3/32'],
      createdAt: NOW - 5 * DAY_MS,
      ...more,
    }) as Exception;
  const recoverable = { state: 'active', secret: { recoverable: 'x' } } as Credential;
  const table: [Partial<RecordedEvent>[], Partial<AssessedSource>, string[]][] = [
    [[{ tls: MODERN }, login('SCRAM-SHA-256')], {}, ['could-require-tls-1.3', 'could-be-scram-only']],
    [[{ tls: STANDARD }, login('PLAIN')], {}, ['could-require-tls-1.2', 'never-login']],
    [[{ tls: STANDARD }, login('LOGIN')], {}, ['could-require-tls-1.2']],
    [[{ tls: STANDARD }, {}, login('LOGIN')], {}, ['sometimes-without-tls']],
    [[{}, login('network')], {}, ['never-tls', 'network-alone']],
    [[{ tls: 'TLSv1 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA' }], { exceptions: [exception({})] }, ['old-tls']],
    [[{ tls: STANDARD }], { exceptions: [exception({})] }, ['could-require-tls-1.2', 'exception-not-needed']],
    [
      [{ tls: STANDARD }],
      { exceptions: [exception({ source: undefined, createdAt: NOW - 31 * DAY_MS })] },
      ['could-require-tls-1.2', 'exception-unused'],
    ],
    [[{ tls: STANDARD }], { credentials: [recoverable] }, ['could-require-tls-1.2', 'cram-md5-unused']],
    [
      [{ tls: STANDARD }, { type: 'acceptance', size: 700_000 }],
      { policy: { maxSize: 0 } },
      ['could-require-tls-1.2', 'size-limit'],
    ],
    [
      [{ tls: STANDARD }, { type: 'warning', code: 'headers-repaired' }],
      {},
      ['could-require-tls-1.2', 'needs-repair'],
    ],
  ];
  for (const [events, more, codes] of table) {
    const { advice } = assess({ ...SOURCE, ...more }, known(events), NOW);
    assert.deepEqual(
      advice.map(({ code }) => code),
      codes,
    );
  }
  assert.deepEqual(
    assess(SOURCE, undefined, NOW).advice.map(({ code }) => code),
    ['never-seen'],
  );
});

const LISTENERS: SheetListener[] = (
  [
    ['smtp', 25, 'starttls'],
    ['submission', 587, 'starttls-required'],
    ['submissions', 465, 'implicit'],
  ] as const
).map(([name, port, tls]) => ({
  name,
  port,
  tls,
  host: '0.0.0.0',
  credentials: ['password', 'network'],
  plainAuthentication: false,
}));

function facts(more: Partial<SheetFacts> & { credential?: Partial<Credential> } = {}): SheetFacts {
  const { credential = { account: 'copier', secret: {} }, ...rest } = more;
  const pairs = [{ envelope: 'scan@corp.test', header: 'scan@corp.test' }];
  return {
    hostname: 'relay.corp.test',
    source: {
      name: 'copier',
      description: 'Ricoh, second floor',
      policy: { ...DEFAULT_POLICY, pairs, maxSize: 9_900_000 },
    },
    credentials: [{ state: 'active', networks: [], ...credential } as Credential],
    listeners: LISTENERS,
    profile: { name: 'unknown', methods: [], needs: [], sure: false },
    withoutTls: false,
    hellos: [],
    messageBytes: 50_000_000,
    now: NOW,
    ...rest,
  };
}

const value = (sheet: ReturnType<typeof sheetOf>, label: string): string | undefined =>
  sheet.rows.find((row) => row.label === label)?.value;

test('the sheet names the best way that the device is able to use', () => {
  const none: Profile = { name: 'standard', tls: 'none', methods: [], needs: [], sure: true };
  const network = { networks: ['10.1.2.3/32'] };
  const table: [Parameters<typeof facts>[0], string | undefined, string | undefined][] = [
    [{}, '465', 'on (SCRAM-SHA-256, PLAIN, LOGIN)'],
    [
      { credential: { account: 'c', secret: { recoverable: 'x' } as never } },
      '465',
      'on (SCRAM-SHA-256, PLAIN, LOGIN, CRAM-MD5)',
    ],
    [{ credential: network }, '465', 'off; the device is known by its network address'],
    [{ credential: network, profile: none }, '25', 'off; the device is known by its network address'],
    [{ profile: none }, undefined, undefined],
    [{ profile: none, withoutTls: true }, '587', 'on (SCRAM-SHA-256, PLAIN, LOGIN)'],
    [{ credential: { apiKeyHash: 'x' } }, undefined, undefined],
    [{ credential: { account: 'c', secret: {} as never, state: 'revoked' } }, undefined, undefined],
    [{ credential: { account: 'c', secret: {} as never, expiresAt: NOW } }, undefined, undefined],
  ];
  for (const [more, port, authentication] of table) {
    const sheet = sheetOf(facts(more), 'en');
    assert.deepEqual([value(sheet, 'Port'), value(sheet, 'SMTP authentication')], [port, authentication]);
  }
  const sheet = sheetOf(facts(), 'en');
  assert.equal(value(sheet, 'Largest message'), '9 MB');
  assert.equal(value(sheet, 'Sender address (From)'), 'scan@corp.test');
  assert.ok(sheet.notes.some((note) => /Ricoh: usually under/.test(note)));
  assert.ok(sheet.notes.some((note) => note.includes('587 (STARTTLS, always), 25 (STARTTLS)')));
});

test('every language has the same rows', () => {
  const [english, french] = [sheetOf(facts(), 'en'), sheetOf(facts(), 'fr')];
  assert.equal(english.rows.length, french.rows.length);
  assert.equal(english.notes.length, french.notes.length);
  assert.notEqual(english.title, french.title);
});

test('what people wrote stays text in every format', () => {
  const source = {
    ...facts().source,
    description: '<script>alert("x")</script> | [link](javascript:x) `code` & co',
  };
  const sheet = sheetOf(facts({ source }), 'fr');
  const html = writeSheet(sheet, 'html');
  assert.match(html, /^<!doctype html>\n<html lang="fr">/);
  assert.ok(!html.includes('<script>'));
  assert.ok(html.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;'));
  assert.ok(!/(?:src|href)=|https?:/.test(html), 'nothing is loaded from anywhere');
  const markdown = writeSheet(sheet, 'markdown');
  assert.ok(markdown.includes('\\<script\\>alert("x")\\</script\\> \\| \\[link\\](javascript:x) \\`code\\`'));
  assert.match(writeSheet(sheet, 'text'), /^Port +465$/m);
});

test('vendors by a word, not by a part of one', () => {
  const table: [string, string | undefined][] = [
    ['bizhub C250i', 'Konica Minolta'],
    ['hp-laserjet-4', 'HP'],
    ['NPI1A2B3C', 'HP'],
    ['BRN30055C1A2B3C', 'Brother'],
    ['xerox_versalink', 'Xerox'],
    ['php application', undefined],
    ['capcom', undefined],
    ['', undefined],
  ];
  for (const [text, vendor] of table) assert.equal(vendorHint(text)?.vendor, vendor, text);
});
