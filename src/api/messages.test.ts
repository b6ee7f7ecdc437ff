import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { JournalEvent } from '../journal/event.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { askFixture } from './ask-fixture.ts';

const [A, B] = ['1GA4GC1WG00', '1GA4GC1WG01'];

interface Body {
  items: { id: string; state: string; sourceName?: string; type: string; to?: string[] }[];
  next?: string;
  total?: { count: number; more: boolean };
  message: { id: string; state: string; subject?: string; hold?: string; recipients: string[] };
  summary: string;
  events: { id: number; type: string; message?: string; to?: string[] }[];
  omitted?: { count: number; after: number };
  deliveries: { route: string; rerouted: boolean }[];
  content: { spool: boolean };
  transcript: boolean;
  detail: string;
}

async function fixture(t: TestContext) {
  const made = await askFixture<Body>(t);
  const source = await made.context.sources.add({
    name: 'scanner',
    description: '',
    owner: 'ann@corp.example',
    policy: { ...DEFAULT_POLICY },
  });
  const write = (event: JournalEvent) => made.journal.write(event);
  const common = { session: 's1', listener: 'smtp', network: '10.1.2.3', source: source.id };
  write({ type: 'authentication', ...common });
  write({
    type: 'acceptance',
    ...common,
    message: A,
    from: 'app@corp.example',
    to: ['anna@dest.example'],
    outcome: 'queued',
    detail: { subject: 'Invoice' },
  });
  write({
    type: 'acceptance',
    ...common,
    message: B,
    from: 'app@corp.example',
    to: ['ben@dest.example'],
    outcome: 'queued',
  });
  write({
    type: 'refusal',
    ...common,
    code: 'S402',
    reply: '550 S402',
    detail: { command: 'DATA', from: 'app@corp.example', subject: 'No' },
  });
  write({
    type: 'attempt',
    message: B,
    source: source.id,
    to: ['ben@dest.example'],
    outcome: 'delivered',
    reply: '250 ok',
  });
  write({ type: 'connection', ...common, outcome: 'quit' });
  const envelope = {
    from: 'app@corp.example',
    recipients: [{ address: 'anna@dest.example' }],
    smtpUtf8: false,
    requireTls: false,
    body: '7bit' as const,
  };
  made.spool.add({
    id: A,
    receivedAt: made.clock.now(),
    source: source.id,
    envelope,
    head: Buffer.from('Subject: Invoice\r\n\r\n'),
    body: { kind: 'memory', bytes: Buffer.from('text') },
    traits: { eightBit: false, dotLines: false, looseSpace: false, longestLine: 10 },
  });
  await made.context.routes.set({
    name: 'backup',
    match: { recipientDomain: 'other.example' },
    target: { kind: 'mx', port: 25 },
    tls: 'opportunistic',
    connections: 1,
    messagesPerConnection: 1,
  });
  return { ...made, source };
}

describe('messages over the API', () => {
  it('are listed newest first, in pages, and counted', async (t) => {
    const { ask } = await fixture(t);
    const { body } = await ask('GET', '/messages');
    assert.deepEqual(
      body.items.map(({ id, state, sourceName }) => [id, state, sourceName]),
      [
        ['refusal-4', 'refused', 'scanner'],
        [B, 'delivered', 'scanner'],
        [A, 'queued', 'scanner'],
      ],
    );
    assert.deepEqual([body.total, body.next], [{ count: 3, more: false }, undefined]);
    const first = await ask('GET', '/messages?limit=2');
    const second = await ask('GET', `/messages?limit=2&cursor=${first.body.next}`);
    assert.deepEqual([first.body.items.length, second.body.items.map(({ id }) => id)], [2, [A]]);
    assert.equal(second.body.total, undefined);
  });

  it('are filtered, and a wrong filter is told', async (t) => {
    const { ask } = await fixture(t);
    const ids = async (query: string) =>
      (await ask('GET', `/messages?${query}`)).body.items.map(({ id }) => id);
    assert.deepEqual(await ids('q=INVOI'), [A]);
    assert.deepEqual(await ids('state=refused,queued'), ['refusal-4', A]);
    assert.deepEqual(await ids('source=scanner&code=s402'), ['refusal-4']);
    assert.deepEqual(await ids('to=@dest.example'), [B, A]);
    for (const query of [
      'state=x',
      'direction=queued,x',
      'code=Z999',
      'network=x',
      'since=never',
      'cursor=x',
      'limit=0',
      'q=%0A',
    ])
      assert.equal((await ask('GET', `/messages?${query}`)).status, 400, query);
  });

  it('tell their story, without that of others in the same session', async (t) => {
    const { ask } = await fixture(t);
    const { body } = await ask('GET', `/messages/${A?.toLowerCase()}`);
    assert.deepEqual(
      [body.message.id, body.message.subject, body.message.state, body.content, body.transcript],
      [A, 'Invoice', 'queued', { spool: true }, false],
    );
    assert.deepEqual(
      body.events.map(({ type }) => type),
      ['authentication', 'acceptance', 'refusal', 'connection'],
    );
    const refused = await ask('GET', '/messages/refusal-4');
    assert.deepEqual([refused.body.message.state, refused.body.content], ['refused', { spool: false }]);
    for (const id of ['1GA4GC1WG99', 'refusal-1', 'refusal-2', 'refusal-999'])
      assert.equal((await ask('GET', `/messages/${id}`)).status, 404, id);
    for (const id of ['x', 'refusal-', 'refusal-1x'])
      assert.equal((await ask('GET', `/messages/${id}`)).status, 400, id);
  });

  it('tell how they came in, however much has happened to them', async (t) => {
    const { ask, journal, source } = await fixture(t);
    const to = Array.from({ length: 900 }, (_, index) => `a${index}@d${index}.example`);
    const message = '1GA4GC1WG05';
    const common = { session: 's5', listener: 'smtp', network: '10.1.2.3', source: source.id };
    journal.write({ type: 'authentication', ...common });
    for (let index = 0; index < 150; index++)
      journal.write({ type: 'refusal', ...common, code: 'R501', detail: { command: 'RCPT' } });
    journal.write({
      type: 'acceptance',
      ...common,
      message,
      from: 'app@corp.example',
      to,
      outcome: 'queued',
    });
    journal.write({ type: 'warning', message, source: source.id, code: 'headers-repaired' });
    journal.write({ type: 'connection', ...common, outcome: 'quit' });
    for (const address of to)
      journal.write({
        type: 'attempt',
        message,
        source: source.id,
        to: [address],
        outcome: 'delivered',
        destination: address.slice(address.indexOf('@') + 1),
      });
    const { body } = await ask('GET', `/messages/${message}`);
    const types = body.events.map(({ type }) => type);
    assert.equal(types[0], 'authentication');
    assert.ok(types.indexOf('warning') < types.indexOf('attempt'));
    assert.ok(types.includes('connection'));
    assert.equal(types.filter((type) => type === 'attempt').length, 498);
    assert.deepEqual(body.events.at(-1)?.to, ['a899@d899.example']);
    assert.equal(body.message.state, 'delivered', 'also by those that are left out');
    assert.deepEqual(body.message.recipients.length, 900);
    assert.ok(body.summary.length < 400, body.summary);
    assert.ok(body.omitted);
    assert.equal(body.omitted.count, 402);
    assert.deepEqual(body.events.find(({ id }) => id === body.omitted?.after)?.to, [to[97]]);
    const all: Body['items'] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const from: string = next && `&cursor=${next}`;
      const page: { body: Body } = await ask('GET', `/messages/${message}/events?limit=200${from}`);
      all.push(...page.body.items);
      ({ next } = page.body);
    }
    assert.deepEqual(all.map(({ type }) => type).slice(0, 2), ['acceptance', 'warning']);
    assert.deepEqual(
      all.slice(2).map((event) => event.to?.[0]),
      to,
    );
    const why = await ask('GET', `/messages/${message}/why`);
    assert.deepEqual([why.body.events[0]?.type, why.body.omitted?.count], ['acceptance', 402]);
    assert.equal((await ask('GET', `/messages/1GA4GC1WG99/events`)).status, 404);
    assert.equal((await ask('GET', `/messages/${message}/events?cursor=WzFd`)).status, 400);
  });

  it('have no more than what is shown where that is all', async (t) => {
    const { ask } = await fixture(t);
    assert.equal((await ask('GET', `/messages/${B}`)).body.omitted, undefined);
    const { body } = await ask('GET', `/messages/${B}/events`);
    assert.deepEqual([body.items.map(({ type }) => type), body.next], [['acceptance', 'attempt'], undefined]);
  });

  it('are shown to owners of sources as far as they are theirs', async (t) => {
    const { api, context, journal } = await fixture(t);
    const theirs: JournalEvent = {
      type: 'acceptance',
      listener: 'smtp',
      from: 'x@corp.example',
      to: ['y@dest.example'],
      outcome: 'queued',
    };
    journal.write({ ...theirs, message: '1GA4GC1WG07', source: 'src_other' });
    journal.write({ ...theirs, message: '1GA4GC1WG08', listener: 'mx', detail: { edge: {} } });
    const asOwner = async (email: string) => {
      const person = await context.people.people.add({
        email,
        name: email,
        role: 'source-owner',
        sources: [],
      });
      const session = await context.people.sessions.start(person.id, 'passkey', {
        network: '127.0.0.1',
        agent: 'test',
      });
      const headers = { cookie: `postern=${session}`, origin: 'http://localhost:80' };
      return (path: string) => api.inject({ method: 'GET', url: `/api/v1${path}`, headers });
    };
    const ids = (response: { json(): unknown }) => (response.json() as Body).items.map(({ id }) => id);
    const ann = await asOwner('ann@corp.example');
    assert.deepEqual(ids(await ann('/messages')), ['refusal-4', B, A]);
    assert.equal((await ann('/messages?source=src_other')).statusCode, 403);
    assert.equal((await ann(`/messages/${A}`)).statusCode, 200);
    assert.equal((await ann(`/messages/${A}/events`)).statusCode, 200);
    for (const id of ['1GA4GC1WG07', '1GA4GC1WG08'])
      for (const path of [`/messages/${id}`, `/messages/${id}/events`])
        assert.equal((await ann(path)).statusCode, 404, path);
    const nobody = await asOwner('nobody@corp.example');
    assert.deepEqual(ids(await nobody('/messages')), []);
  });

  it('say what the spool says of those that wait', async (t) => {
    const { ask, spool } = await fixture(t);
    Object.assign(spool.deliveries[0] ?? {}, { state: 'held', hold: 'operator' });
    const { body } = await ask('GET', `/messages/${A}`);
    assert.deepEqual([body.message.state, body.message.hold], ['held', 'operator']);
  });

  it('are given another route, and the change is written down', async (t) => {
    const { ask, journal } = await fixture(t);
    const reroute = (route: unknown, id = A) => ask('POST', `/messages/${id}/reroute`, { route });
    assert.equal((await reroute('nowhere')).status, 400);
    assert.equal((await reroute('')).status, 400);
    assert.equal((await reroute('backup', B)).status, 404, 'nothing of it waits');
    assert.deepEqual((await reroute('backup')).body, { count: 1 });
    const [delivery] = (await ask('GET', `/messages/${A}`)).body.deliveries;
    assert.deepEqual([delivery?.route, delivery?.rerouted], ['backup', true]);
    const change = journal.events.find(({ type }) => type === 'change');
    assert.match(change?.text ?? '', /rerouted to route backup/);
    assert.deepEqual((await reroute(null)).body, { count: 1 });
    assert.equal((await ask('GET', `/messages/${A}`)).body.deliveries[0]?.rerouted, false);
  });
});
