import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SINK_CERTIFICATE, SINK_KEY } from '../../test/support/sink-certificate.ts';
import type { JournalEvent } from '../journal/event.ts';
import { ManualClock } from '../platform/clock.ts';
import { UNDELIVERED } from './alerts.ts';
import { ChannelError } from './channel.ts';
import { alertsFixture, emptyStore, settled } from './fixtures.ts';

const HOOK = { kind: 'webhook', url: 'https://hook.example/a' };
const alarm: JournalEvent = {
  type: 'alarm',
  code: 'on-battery',
  source: 'src_ups',
  outcome: 'warning',
  text: 'mains lost',
};

async function scene(t: TestContext, db?: Awaited<ReturnType<typeof emptyStore>>, clock = new ManualClock()) {
  const store = db ?? (await emptyStore());
  if (!db) t.after(() => store.destroy());
  const written: JournalEvent[] = [];
  const fixture = await alertsFixture(store, clock, { write: (event) => written.push(event) });
  /** Seconds pass. */
  const pass = async (seconds: number, step = 1) => {
    for (let n = 0; n < seconds; n += step) {
      clock.advance(step * 1000);
      await fixture.alerts.turn();
      await settled();
      clock.advance(0);
      await settled();
    }
  };
  return { ...fixture, db: store, clock, written, pass };
}

test('from alarms to one message at every channel that wants it, and a record of each', async (t) => {
  const { settings, intake, alerts, sent, pass, written } = await scene(t);
  await settings.setChannel({ name: 'all', settings: HOOK });
  await settings.setChannel({ name: 'grave', minimumSeverity: 'critical', settings: HOOK });
  await settings.setChannel({ name: 'off', enabled: false, settings: HOOK });
  for (let n = 0; n < 600; n++) intake.write(alarm);
  await pass(12);
  assert.deepEqual(
    sent.map(({ channel, notice }) => [channel, notice.kind, notice.alert.count, notice.sourceName]),
    [['all', 'opened', 600, 'ups']],
  );
  const [alert] = await alerts.list({}, 10);
  const shown = await alerts.byId(alert?.id ?? '');
  assert.deepEqual(
    shown?.messages.map(({ id, channel, state, attempts }) => [id, channel, state, attempts]),
    [[sent[0]?.id, 'all', 'sent', 1]],
  );
  assert.match(
    written.at(-1)?.text ?? '',
    /^alert alr_\w+: \[warning\] on-battery, source ups \(600 times\)$/,
  );
});

test('a rule may send to one channel only', async (t) => {
  const { settings, intake, sent, pass } = await scene(t);
  await settings.setChannel({ name: 'a', settings: HOOK });
  await settings.setChannel({ name: 'b', settings: HOOK });
  await settings.setRule({ ...settings.rule('alarm'), channels: ['b'] });
  intake.write(alarm);
  await pass(12);
  assert.deepEqual(
    sent.map(({ channel }) => channel),
    ['b'],
  );
  await assert.rejects(settings.removeChannel('b'), { kind: 'conflict' });
  await assert.rejects(settings.setRule({ ...settings.rule('alarm'), channels: ['c'] }), {
    field: 'channels',
  });
});

test('a message that is not taken is tried later and later, and after a restart', async (t) => {
  const before = await scene(t);
  await before.settings.setChannel({ name: 'ops', settings: HOOK });
  before.failing.set('ops', new ChannelError('answered 500', true));
  before.intake.write(alarm);
  await before.pass(200);
  const [alert] = await before.alerts.list({}, 1);
  const [message] = (await before.alerts.byId(alert?.id ?? ''))?.messages ?? [];
  // at 0 s, about 10 s, 40 s and 130 s
  assert.ok(message && message.attempts >= 3 && message.attempts <= 5, `${message?.attempts} attempts`);
  assert.equal(message.lastError, 'answered 500');
  assert.equal(before.alerts.troubleOf('ops'), 'answered 500');
  await before.alerts.close();

  const later = await scene(t, before.db, before.clock);
  await later.pass(300);
  assert.deepEqual(
    later.sent.map(({ id }) => id),
    [message.id],
  );
  assert.equal(later.alerts.openCount, 1, 'the storm is still the same');
  later.intake.write(alarm);
  await later.pass(2);
  assert.equal((await later.alerts.list({}, 10)).length, 1);
});

test('the server says when: Retry-After is waited for', async (t) => {
  const { settings, failing, intake, sent, pass } = await scene(t);
  await settings.setChannel({ name: 'ops', settings: HOOK });
  failing.set('ops', new ChannelError('answered 429', true, { retryAfterMs: 300_000 }));
  intake.write(alarm);
  await pass(12);
  failing.clear();
  await pass(280);
  assert.equal(sent.length, 0);
  await pass(30);
  assert.equal(sent.length, 1);
});

test('what will never be taken is given up, which is told to the others and not to the one that failed', async (t) => {
  const { settings, failing, intake, sent, pass, written } = await scene(t);
  await settings.setChannel({ name: 'broken', settings: HOOK });
  await settings.setChannel({ name: 'works', settings: HOOK });
  failing.set('broken', new ChannelError('answered 410', false));
  intake.write(alarm);
  await pass(12);
  const undelivered = written.filter(({ code }) => code === UNDELIVERED);
  assert.equal(undelivered.length, 1);
  assert.match(undelivered[0]?.text ?? '', /channel broken: answered 410$/);
  // the journal hands it to the intake as it does every event
  for (const event of undelivered) intake.write(event);
  await pass(2000, 10);
  assert.deepEqual(
    sent.map(({ channel, notice }) => [channel, notice.alert.code]),
    [
      ['works', 'on-battery'],
      ['works', UNDELIVERED],
    ],
  );
  assert.equal(written.filter(({ code }) => code === UNDELIVERED).length, 1, 'it does not feed itself');
});

test('a dead channel is owed nothing after a day', async (t) => {
  const { settings, failing, intake, alerts, pass, clock } = await scene(t);
  await settings.setChannel({ name: 'dead', settings: HOOK });
  await settings.setRule({ ...settings.rule('alarm'), gatherSeconds: 0 });
  failing.set('dead', new ChannelError('ECONNREFUSED', true));
  for (let n = 0; n < 200; n++) intake.write({ ...alarm, source: `src_${n}` });
  await pass(10);
  const all = await alerts.list({}, 500);
  assert.equal(all.length, 200);
  clock.advance(25 * 3_600_000);
  await pass(30);
  await alerts.forgetOld();
  const states = await Promise.all(all.map(async ({ id }) => (await alerts.byId(id))?.messages[0]?.state));
  assert.deepEqual(new Set(states), new Set(['failed']));
});

test('a flood is bounded, alarms have room above it, and what is left out is counted', async (t) => {
  const { intake, pass, written, alerts, metrics } = await scene(t);
  for (let n = 0; n < 15_000; n++) intake.write({ type: 'refusal', source: 'src_a', code: 'R501' });
  intake.write(alarm);
  await pass(20);
  assert.ok(written.some(({ text }) => text?.startsWith('5000 events were not looked at')));
  assert.match(await metrics.text(), /postern_alert_events_lost_total 5000/);
  const rules = (await alerts.list({}, 10)).map(({ rule }) => rule).sort();
  assert.deepEqual(rules, ['alarm', 'refusal-rate']);
});

test('alerts are told even when they can not be stored', async (t) => {
  const { settings, intake, sent, pass, db, troubles } = await scene(t, await emptyStore());
  await settings.setChannel({ name: 'ops', settings: HOOK });
  await pass(2);
  await db.destroy();
  intake.write({ type: 'system', code: 'X901', text: 'no space left' });
  await pass(15);
  assert.equal(sent[0]?.notice.alert.severity, 'critical');
  assert.equal(troubles[0], 'alerts can not be stored');
});

test('while outcomes can not be stored, nothing is sent twice', async (t) => {
  const before = await scene(t);
  await before.settings.setChannel({ name: 'ops', settings: HOOK });
  before.failing.set('ops', new ChannelError('ECONNREFUSED', true));
  // more than a lane holds in memory
  for (let n = 0; n < 120; n++) before.intake.write({ ...alarm, source: `src_${n}` });
  await before.pass(12);
  await before.alerts.close();

  const later = await scene(t, before.db, before.clock);
  const save = later.store.save.bind(later.store);
  later.store.save = () => Promise.reject(new Error('no space left'));
  await later.pass(300);
  const ids = () => later.sent.map(({ id }) => id);
  assert.ok(ids().length >= 50);
  assert.equal(new Set(ids()).size, ids().length, 'each once');
  later.store.save = save;
  await later.pass(300);
  assert.equal(ids().length, 120);
  assert.equal(new Set(ids()).size, 120);
});

test('a rule over all system events makes no alert of the messages about its own alerts', async (t) => {
  const { settings, intake, sent, pass, written } = await scene(t);
  await settings.setChannel({ name: 'ops', settings: HOOK });
  await settings.setRule({ name: 'system', when: { kind: 'events', types: ['system'] } });
  intake.write({ type: 'system', text: 'started' });
  // the journal hands to the intake what telling writes, and what writing a mail writes
  let handed = 0;
  for (let n = 0; n < 10; n++) {
    await pass(700, 10);
    for (; handed < written.length; handed++) intake.write(written[handed] as JournalEvent);
    intake.write({
      type: 'system',
      message: '01ABCDEFGHJ',
      outcome: 'queued',
      text: 'mail of the relay itself',
    });
  }
  assert.ok(handed > 0);
  assert.equal(sent.length, 1);
});

test('at the end everything that came is looked at, and stored', async (t) => {
  const { intake, alerts, store } = await scene(t);
  for (let n = 0; n < 5000; n++) intake.write(alarm);
  await alerts.close();
  assert.deepEqual(
    (await store.open()).map(({ count }) => count),
    [5000],
  );
});

test('what waits for a channel that is off ends when the channel is removed', async (t) => {
  const { settings, failing, intake, alerts, pass } = await scene(t);
  await settings.setChannel({ name: 'ops', settings: HOOK });
  failing.set('ops', new ChannelError('ECONNREFUSED', true));
  intake.write(alarm);
  await pass(12);
  await settings.setChannel({ name: 'ops', enabled: false, settings: HOOK });
  await settings.removeChannel('ops');
  await settled();
  const [alert] = await alerts.list({}, 1);
  const shown = await alerts.byId(alert?.id ?? '');
  assert.deepEqual(
    shown?.messages.map(({ state, lastError }) => [state, lastError]),
    [['failed', 'the channel was removed']],
  );
});

test('closed alerts are kept for a time, and no more than a number of them', async (t) => {
  const { store, clock } = await scene(t);
  const now = clock.now();
  const closed = (n: number) => ({
    id: `alr_${n}`,
    rule: 'alarm',
    key: `${n}`,
    severity: 'info' as const,
    text: '',
    state: 'closed' as const,
    count: 1,
    toldCount: 1,
    firstAt: now - n * 1000,
    lastAt: now - n * 1000,
    closedAt: now - n * 1000,
  });
  await store.save([1, 2, 3, 4, 5, 6].map(closed), []);
  const left = async () => (await store.list({}, 10)).map(({ id }) => id);
  await store.forget(now - 5500, 100);
  assert.deepEqual(await left(), ['alr_1', 'alr_2', 'alr_3', 'alr_4', 'alr_5']);
  await store.forget(now - 5500, 3);
  assert.deepEqual(await left(), ['alr_1', 'alr_2', 'alr_3']);
});

test('what a mute covers is counted and not told, until it ends', async (t) => {
  const { settings, intake, sent, pass, clock } = await scene(t);
  await settings.setChannel({ name: 'ops', settings: HOOK });
  await settings.addMute({ source: 'src_ups', until: clock.now() + 60_000, reason: '' }, 'ann');
  intake.write(alarm);
  intake.write({ ...alarm, source: 'src_other' });
  await pass(30);
  assert.deepEqual(
    sent.map(({ notice }) => notice.alert.source),
    ['src_other'],
  );
  await pass(35);
  assert.deepEqual(
    sent.map(({ notice }) => notice.alert.source),
    ['src_other', 'src_ups'],
  );
  assert.deepEqual(settings.mutes(), []);
  await assert.rejects(settings.addMute({ rule: 'alarm', until: clock.now(), reason: '' }, 'ann'), {
    field: 'until',
  });
});

test('settings come back after a restart, with secrets sealed in the store', async (t) => {
  const { settings, db, clock } = await scene(t);
  const { newSecret } = await settings.setChannel({ name: 'hook', settings: HOOK });
  assert.match(newSecret ?? '', /^whsec_/);
  const slack = { kind: 'slack', url: 'https://hooks.slack.example/services/very-secret' };
  await settings.setChannel({ name: 'chat', settings: slack });
  const otlp = {
    kind: 'otlp',
    url: 'https://otel.example',
    headers: { authorization: 'Bearer very-secret' },
  };
  await settings.setChannel({ name: 'otel', settings: otlp });
  await settings.setRule({ ...settings.rule('certificate'), enabled: false });
  const stored = JSON.stringify(await db.selectFrom('alert_channels').selectAll().execute());
  assert.doesNotMatch(stored, /very-secret/);
  assert.ok(!stored.includes(newSecret ?? ''));
  const again = await scene(t, db, clock);
  assert.deepEqual(again.settings.channels(), settings.channels());
  assert.equal(again.settings.rule('certificate')?.enabled, false);
  await again.settings.removeRule('certificate');
  assert.equal(again.settings.rule('certificate')?.enabled, true);
});

test('an edit keeps secrets, but carries no token to another server', async (t) => {
  const { settings } = await scene(t);
  const headers = { authorization: 'Bearer x' };
  await settings.setChannel({ name: 'otel', settings: { kind: 'otlp', url: 'https://a.example', headers } });
  const same = await settings.setChannel({
    name: 'otel',
    settings: { kind: 'otlp', url: 'https://a.example/x' },
  });
  assert.deepEqual(same.channel.settings.kind === 'otlp' && same.channel.settings.headers, headers);
  const other = await settings.setChannel({
    name: 'otel',
    settings: { kind: 'otlp', url: 'https://b.example' },
  });
  assert.equal(other.channel.settings.kind === 'otlp' && other.channel.settings.headers, undefined);
  const first = await settings.setChannel({ name: 'hook', settings: HOOK });
  const second = await settings.setChannel({ name: 'hook', settings: { ...HOOK, allowPrivate: true } });
  assert.equal(second.newSecret, undefined);
  assert.equal(second.channel.settings.kind === 'webhook' && second.channel.settings.secret, first.newSecret);
});

test('an edit of a syslog channel keeps its client certificate, but shows it to no other server', async (t) => {
  const { settings } = await scene(t);
  const clientCertificate = { certificate: SINK_CERTIFICATE, privateKey: SINK_KEY };
  const siem = { kind: 'syslog', host: 'siem.example', port: 6514 };
  const kept = async (change: object) => {
    const { channel } = await settings.setChannel({ name: 'siem', settings: { ...siem, ...change } });
    return channel.settings.kind === 'syslog' ? channel.settings.clientCertificate : undefined;
  };
  assert.deepEqual(await kept({ clientCertificate }), clientCertificate);
  assert.deepEqual(await kept({ facility: 3 }), clientCertificate);
  assert.equal(await kept({ host: 'other.example' }), undefined);
});

const WRONG: [what: string, fields: object, field: RegExp][] = [
  ['no scheme', { settings: { ...HOOK, url: 'hook.example' } }, /^settings\.url$/],
  ['a file', { settings: { ...HOOK, url: 'file:///etc/passwd' } }, /^settings\.url$/],
  [
    'an account in the address',
    { settings: { ...HOOK, url: 'https://a:b@hook.example' } },
    /^settings\.url$/,
  ],
  ['Teams without TLS', { settings: { kind: 'teams', url: 'http://hook.example' } }, /^settings\.url$/],
  ['a short secret', { settings: { ...HOOK, secret: 'whsec_AAAA' } }, /^settings\.secret$/],
  [
    'a line end in a header',
    { settings: { kind: 'otlp', url: 'https://a.example', headers: { a: 'b\r\nc: d' } } },
    /^settings\.headers/,
  ],
  ['nobody', { settings: { kind: 'mail', to: [] } }, /^settings\.to$/],
  ['no name', { name: 'Ops Team', settings: HOOK }, /^name$/],
];
for (const [what, fields, field] of WRONG) {
  test(`a channel is refused: ${what}`, async (t) => {
    const { settings } = await scene(t);
    await assert.rejects(
      settings.setChannel({ name: 'x', ...fields }),
      (error: { kind: string; field: string }) => {
        assert.equal(error.kind, 'invalid');
        assert.match(error.field, field);
        return true;
      },
    );
  });
}
