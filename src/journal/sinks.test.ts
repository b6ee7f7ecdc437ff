import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JournalEvent } from './event.ts';
import { FanOut } from './fan-out.ts';
import { EventLog } from './log.ts';
import { type Gauges, Metrics } from './metrics.ts';

test('an event goes to every sink', () => {
  const seen: [string, JournalEvent][] = [];
  const event: JournalEvent = { type: 'system' };
  new FanOut({ write: (e) => seen.push(['a', e]) }, { write: (e) => seen.push(['b', e]) }).write(event);
  assert.deepEqual(seen, [
    ['a', event],
    ['b', event],
  ]);
});

function log(level: 'debug' | 'warn' | 'silent', events: JournalEvent[]): Record<string, unknown>[] {
  const lines: string[] = [];
  const sink = new EventLog({ level, destination: { write: (line) => void lines.push(line) } });
  for (const event of events) sink.write(event);
  return lines.map((line) => JSON.parse(line));
}

test('the level follows from what happened', () => {
  const events: JournalEvent[] = [
    { type: 'connection' },
    { type: 'acceptance', message: 'M' },
    { type: 'refusal', code: 'S402', text: 'no' },
    { type: 'system', code: 'X901' },
    { type: 'attempt', outcome: 'deferred' },
  ];
  assert.deepEqual(
    log('debug', events).map(({ level }) => level),
    [20, 30, 40, 50, 40],
  );
  assert.deepEqual(
    log('warn', events).map(({ type }) => type),
    ['refusal', 'system', 'attempt'],
  );
  assert.deepEqual(log('silent', events), []);
  const [line] = log('warn', [{ type: 'refusal', code: 'S402', text: 'no', to: ['a@b'] }]);
  assert.deepEqual(
    { ...line, time: 0 },
    { level: 40, time: 0, type: 'refusal', code: 'S402', to: ['a@b'], msg: 'no' },
  );
});

test('what looks like a secret is not logged, however deep', () => {
  const detail = { password: 'hunter2', list: [{ accessToken: 'hunter2', name: 'kept' }], apiKey: 'hunter2' };
  const [line] = log('debug', [{ type: 'change', detail }]);
  assert.doesNotMatch(JSON.stringify(line), /hunter2/);
  assert.match(JSON.stringify(line), /kept/);
  const endless: Record<string, unknown> = {};
  endless.self = endless;
  assert.equal(log('debug', [{ type: 'change', detail: endless }]).length, 1);
});

async function exposed(context: TestContext, events: JournalEvent[], gauges?: Gauges): Promise<string> {
  const metrics = new Metrics(gauges);
  context.after(() => metrics.close());
  for (const event of events) metrics.write(event);
  return (await metrics.metricsText()).text;
}

test('events are counted by what they are', async (context) => {
  const text = await exposed(context, [
    { type: 'connection', listener: 'submission' },
    { type: 'acceptance', listener: 'submission', size: 100, detail: { milliseconds: 3 } },
    { type: 'acceptance', listener: 'submission', size: 50 },
    { type: 'refusal', code: 'S402' },
    { type: 'refusal', code: 'made up by a client' },
    { type: 'attempt', outcome: 'delivered' },
    { type: 'attempt', outcome: 'weird' },
    { type: 'authentication-failure' },
    { type: 'bounce' },
  ]);
  for (const line of [
    'postern_connections_total{listener="submission"} 1',
    'postern_messages_accepted_total{listener="submission"} 2',
    'postern_accepted_bytes_total 150',
    'postern_acceptance_seconds_bucket{le="0.002"} 0',
    'postern_acceptance_seconds_bucket{le="0.005"} 1',
    'postern_refusals_total{code="S402"} 1',
    'postern_refusals_total{code="other"} 1',
    'postern_attempts_total{outcome="delivered"} 1',
    'postern_attempts_total{outcome="other"} 1',
    'postern_authentications_total{result="refused"} 1',
    'postern_notifications_total{kind="bounce"} 1',
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line} is missing`);
  }
});

test('gauges are read when they are asked for, and a failing one is left out', async (context) => {
  const spool = async () => ({ messages: 1, queued: 2, held: 3, bytes: 4 });
  const text = await exposed(context, [], { spool, sessions: () => 7 });
  assert.match(text, /^postern_spool\{of="held"\} 3$/m);
  assert.match(text, /^postern_sessions 7$/m);
  assert.match(text, /^postern_resident_memory_bytes \d+$/m);
  const without = await exposed(context, [], { spool: () => Promise.reject(new Error('closed')) });
  assert.doesNotMatch(without, /^postern_spool\{/m);
  assert.match(without, /^postern_event_loop_lag_seconds /m);
});
