import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { z } from 'zod';
import { askFixture } from './ask-fixture.ts';
import type { edgeDecisionShape, edgeMessageShape, edgeStatusShape, spoofGroupShape } from './edge-shapes.ts';

/** What the answers below may hold. */
interface Body {
  detail: string;
  field: string;
  name: string;
  type: string;
  matchSubDomains: boolean;
  rejectDirectSend: boolean;
  requireTls: boolean;
  senderAddresses: string[];
  items: { name: string; address: string; entry: string }[];
  next?: string;
}

type Decision = z.infer<typeof edgeDecisionShape>;
type Messages = { items: z.infer<typeof edgeMessageShape>[]; next?: string };
type Spoofs = { items: z.infer<typeof spoofGroupShape>[]; complete: boolean };

async function setUp(t: TestContext) {
  const fixture = await askFixture<Body>(t);
  await fixture.ask('PUT', '/edge/domains/contoso.test', { type: 'authoritative' });
  await fixture.ask('PUT', '/edge/recipients/ann@contoso.test');
  const changes = () =>
    fixture.journal.events.filter(({ type }) => type === 'change').map(({ text }) => text ?? '');
  return { ...fixture, changes };
}

describe('the edge over the API', () => {
  it('has settings that count at once, with an ETag, and each change in the journal', async (t) => {
    const { ask, changes, context } = await setUp(t);
    const before = await ask('GET', '/edge/settings');
    assert.equal(before.body.rejectDirectSend, true);
    const tag = String(before.headers['etag']);
    const stale = { 'if-match': '"other"' };
    assert.equal((await ask('PATCH', '/edge/settings', { rejectDirectSend: false }, stale)).status, 412);
    assert.equal(context.edge.directory.tenant.organization.rejectDirectSend, true);
    const set = await ask('PATCH', '/edge/settings', { rejectDirectSend: false }, { 'if-match': tag });
    assert.equal(set.status, 200);
    assert.notEqual(set.headers['etag'], tag);
    assert.equal(context.edge.directory.tenant.organization.rejectDirectSend, false);
    assert.ok(changes().includes('edge set: rejectDirectSend false'), changes().join('; '));
    const wrong = await ask('PATCH', '/edge/settings', { ownDomainSpoof: 'delete' });
    assert.deepEqual([wrong.status, wrong.body.field], [400, 'ownDomainSpoof']);
    assert.equal((await ask('PATCH', '/edge/settings', { RejectDirectSend: true })).status, 400);
  });

  it('has accepted domains and connectors, and says what is wrong with them', async (t) => {
    const { ask, changes } = await setUp(t);
    const domain = await ask('GET', '/edge/domains/CONTOSO.test');
    assert.deepEqual(
      [domain.status, domain.body.type, domain.body.matchSubDomains],
      [200, 'authoritative', false],
    );
    const tag = String(domain.headers['etag']);
    await ask('PUT', '/edge/domains/contoso.test', { type: 'authoritative', matchSubDomains: true });
    assert.equal((await ask('PUT', '/edge/domains/contoso.test', {}, { 'if-match': tag })).status, 412);
    assert.equal((await ask('PUT', '/edge/domains/new.test', {}, { 'if-match': tag })).status, 412);
    const partner = {
      type: 'partner',
      senderAddresses: ['192.0.2.9'],
      senderDomains: ['*'],
      restrictToAddresses: true,
    };
    const made = await ask('PUT', '/edge/connectors/Partner%20connector', partner);
    assert.deepEqual(
      [made.status, made.body.requireTls, made.body.senderAddresses],
      [200, true, ['192.0.2.9/32']],
    );
    const wide = await ask('PUT', '/edge/connectors/x', { ...partner, senderAddresses: ['10.0.0.0/8'] });
    assert.equal(wide.status, 400);
    assert.match(wide.body.detail, /senderAddresses\.0: .*\/24 to \/32/);
    const without = await ask('PUT', '/edge/connectors/x', { ...partner, senderAddresses: [] });
    assert.match(without.body.detail, /restrictToAddresses would refuse all mail/);
    assert.equal((await ask('GET', '/edge/connectors/partner%20CONNECTOR')).body.name, 'Partner connector');
    assert.equal((await ask('DELETE', '/edge/connectors/Partner%20connector')).status, 204);
    assert.equal((await ask('GET', '/edge/connectors/Partner%20connector')).status, 404);
    const kept = await ask('DELETE', '/edge/domains/contoso.test');
    assert.equal(kept.status, 409);
    assert.match(kept.body.detail, /1 listed recipients/);
    assert.equal((await ask('DELETE', '/edge/domains/contoso.test?recipients=remove')).status, 204);
    for (const pattern of [/contoso\.test changed/, /connector Partner connector added/, /with 1 listed/])
      assert.ok(
        changes().some((text) => pattern.test(text)),
        `${String(pattern)} in ${changes().join('; ')}`,
      );
  });

  it('lists recipients page by page, and takes files of them', async (t) => {
    const { ask, api, authorization } = await setUp(t);
    const post = async (query: string, payload: string, type: string) => {
      const response = await api.inject({
        method: 'POST',
        url: `/api/v1/edge/recipients/import${query}`,
        headers: { ...authorization, 'content-type': type },
        payload,
      });
      return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
    };
    const csv =
      'PrimarySmtpAddress,EmailAddresses\nbob@contoso.test,SMTP:bob@contoso.test smtp:b@elsewhere.test\nbroken@,\n';
    const dry = await post('?dryRun=true', csv, 'text/csv');
    assert.deepEqual(
      [dry.status, dry.body['added'], dry.body['foreign'], dry.body['written']],
      [200, 1, 1, false],
    );
    assert.deepEqual(dry.body['errors'], [{ line: 3, detail: '"broken@" is no address of a recipient' }]);
    assert.equal((await ask('GET', '/edge/recipients/bob@contoso.test')).status, 404);
    const many = Array.from({ length: 3000 }, (_, one) => `u${one}@contoso.test`);
    const done = await post('', JSON.stringify(many), 'application/json');
    assert.deepEqual([done.body['added'], done.body['total'], done.body['written']], [3000, 3001, true]);
    const first = await ask('GET', '/edge/recipients?limit=2');
    assert.deepEqual(
      first.body.items.map(({ address }) => address),
      ['ann@contoso.test', 'u0@contoso.test'],
    );
    const second = await ask('GET', `/edge/recipients?limit=1&cursor=${first.body.next}`);
    assert.equal(second.body.items[0]?.address, 'u1000@contoso.test');
    const found = await ask('GET', '/edge/recipients?search=U2999');
    assert.deepEqual(found.body.items, [{ address: 'u2999@contoso.test' }]);
    const replaced = await post('?replace=true', 'ann@contoso.test\n', 'text/csv');
    assert.deepEqual([replaced.body['removed'], replaced.body['total']], [3000, 1]);
    const foreign = await post('', 'x@elsewhere.test\n', 'text/csv');
    assert.equal(foreign.status, 422);
    assert.match(String(foreign.body['detail']), /postern edge domain add/);
    const single = await ask('PUT', '/edge/recipients/x@elsewhere.test');
    assert.match(single.body.detail, /elsewhere\.test is no accepted domain; add it first/);
    assert.equal((await ask('DELETE', '/edge/recipients/Ann@contoso.test')).status, 204);
    assert.equal((await ask('DELETE', '/edge/recipients/ann@contoso.test')).status, 404);
  });

  it('keeps safe senders', async (t) => {
    const { ask, context } = await setUp(t);
    assert.equal((await ask('PUT', '/edge/safe-senders/partner.test', { note: 'invoices' })).status, 200);
    assert.equal((await ask('PUT', '/edge/safe-senders/com', {})).status, 400);
    assert.equal((await ask('GET', '/edge/safe-senders')).body.items[0]?.entry, 'partner.test');
    assert.deepEqual(context.edge.directory.tenant.organization.safeSenders, ['partner.test']);
    assert.equal((await ask('DELETE', '/edge/safe-senders/partner.test')).status, 204);
    assert.equal((await ask('DELETE', '/edge/safe-senders/partner.test')).status, 404);
  });

  it('shows its status, with advice', async (t) => {
    const { ask } = await setUp(t);
    await ask('PUT', '/edge/domains/empty.test', {});
    const { body } = await ask<z.infer<typeof edgeStatusShape>>('GET', '/edge/status');
    assert.equal(body.domains, 2);
    assert.equal(body.recipients.listed, 1);
    assert.match(body.advice.join(), /empty\.test is authoritative and nobody of it is listed/);
    assert.ok(body.openQuestions.some(({ question }) => question === 'null-sender'));
    const french = await ask<z.infer<typeof edgeStatusShape>>('GET', '/edge/status?language=fr');
    assert.equal(french.body.advice.length, body.advice.length);
    assert.match(french.body.advice.join(), /empty\.test fait autorité/);
    assert.equal((await ask('GET', '/edge/status?language=de')).status, 400);
  });
});

describe('what if', () => {
  const client = { address: '198.51.100.7', sender: 'printer@contoso.test', recipient: 'Ann@contoso.test' };
  const table: [string, object, Partial<Decision> & { code?: string; reply?: RegExp }][] = [
    ['Direct Send', {}, { refused: true, directSend: true, code: 'E201', reply: /^550 5\.7\.68 Tenant/ }],
    ['a foreign sender', { sender: 'x@other.test' }, { refused: false, directSend: false }],
    ['the null sender', { sender: '<>' }, { refused: false, directSend: false }],
    ['a sender in capitals', { sender: 'X@CONTOSO.TEST' }, { refused: true, code: 'E201' }],
    [
      'an unknown recipient',
      { recipient: 'bob@contoso.test' },
      { code: 'E204', reply: /\[bob@contoso\.test\]/ },
    ],
    ['one said to exist', { recipient: 'bob@contoso.test', recipientExists: true }, { code: 'E201' }],
    ['a foreign recipient', { recipient: 'x@other.test' }, { refused: true, code: 'E203' }],
    ['the partner', { certificateNames: ['MX.vendor.test'] }, { refused: false, directSend: false }],
  ];
  for (const [what, changes, expected] of table) {
    it(`is answered for ${what}, and nothing happens`, async (t) => {
      const { ask, journal } = await setUp(t);
      await ask('PUT', '/edge/connectors/vendor', { type: 'partner', certificateName: '*.vendor.test' });
      const before = journal.events.length;
      const { status, body } = await ask<Decision>('POST', '/edge/decide', { ...client, ...changes });
      assert.equal(status, 200);
      const { code, reply, ...fields } = expected;
      for (const [name, value] of Object.entries(fields))
        assert.equal(body[name as keyof Decision], value, name);
      if (code !== undefined) assert.equal(body.refusal?.code, code);
      if (reply) assert.match(body.refusal?.reply ?? '', reply);
      assert.equal(journal.events.length, before);
    });
  }

  it('is refused for what is no address', async (t) => {
    const { ask } = await setUp(t);
    for (const wrong of [{ address: 'mail.test' }, { sender: 'nobody' }, { recipient: '' }])
      assert.equal((await ask('POST', '/edge/decide', { ...client, ...wrong })).status, 400);
  });
});

describe('traffic of the edge', () => {
  async function traffic(t: TestContext) {
    const fixture = await setUp(t);
    const { journal, clock } = fixture;
    const facts = {
      attribution: 'incoming',
      tenant: 'organization',
      directSend: false,
      placement: 'deliver',
    };
    const results = { spf: 'pass', dkim: [{ domain: 'other.test', result: 'pass' }], dmarc: 'pass' };
    const accepted = { type: 'acceptance', listener: 'mx', network: '192.0.2.1', outcome: 'queued' } as const;
    journal.write({ type: 'acceptance', listener: 'smtp', from: 'app@contoso.test', to: ['x@y.test'] });
    journal.write({
      ...accepted,
      from: 'a@other.test',
      to: ['ann@contoso.test'],
      detail: { hello: 'h', edge: { ...facts, ...results } },
    });
    journal.write({
      ...accepted,
      outcome: 'held',
      network: '2001:db8:1:2:3::4',
      from: 'x@evil.test',
      to: ['ann@contoso.test'],
      detail: {
        headerFrom: 'ceo@contoso.test',
        edge: {
          ...facts,
          placement: 'quarantine',
          spoof: 'header',
          imitates: 'contoso.test',
          reasons: ['From says contoso.test, which nothing proves, behind a foreign envelope sender'],
          spf: 'pass',
          dkim: [],
          dmarc: 'fail',
        },
      },
    });
    const refusal = { type: 'refusal', listener: 'mx', network: '203.0.113.5' } as const;
    for (let one = 0; one < 3; one++) {
      clock.advance(1000);
      journal.write({
        ...refusal,
        code: 'E201',
        reply: '550 5.7.68 TenantInboundAttribution',
        detail: {
          hello: '[127.0.0.1]',
          from: `user${one}@contoso.test`,
          recipient: `user${one}@contoso.test`,
          attribution: 'incoming',
          directSend: 'yes',
          open: 'stage-of-refusal',
        },
      });
    }
    journal.write({ ...refusal, code: 'C101', reply: '500 what?', detail: { command: 'XYZZY' } });
    return fixture;
  }

  const table: [string, number][] = [
    ['', 5],
    ['outcome=refused', 3],
    ['outcome=held', 1],
    ['directSend=true', 3],
    ['spoof=any', 1],
    ['spoof=header', 1],
    ['spoof=envelope', 0],
    ['dmarc=fail', 1],
    ['spf=pass&dmarc=pass', 1],
    ['placement=quarantine', 1],
    ['network=203.0.113.0/24', 3],
    ['code=e201', 3],
    ['from=a@other.test', 1],
    ['attribution=incoming', 5],
  ];
  for (const [query, count] of table) {
    it(`is found by ${query || 'nothing'}`, async (t) => {
      const { ask } = await traffic(t);
      const { body } = await ask<Messages>('GET', `/edge/messages?${query}`);
      assert.equal(body.items.length, count);
      assert.equal(body.next, undefined);
    });
  }

  it('tells its reasons in French as well', async (t) => {
    const { ask } = await traffic(t);
    const reasons = async (query: string) =>
      (await ask<Messages>('GET', `/edge/messages?${query}`)).body.items.flatMap((one) => one.reasons);
    assert.match((await reasons('')).join(), /^From says contoso\.test/);
    assert.match((await reasons('language=fr')).join(), /^l’en-tête «\u{a0}De\u{a0}» dit contoso\.test/u);
  });

  it('comes in pages, and says of each message what is known', async (t) => {
    const { ask } = await traffic(t);
    const { body } = await ask<Messages>('GET', '/edge/messages?limit=1');
    const [refused] = body.items;
    assert.deepEqual(
      [refused?.outcome, refused?.from, refused?.to, refused?.directSend, refused?.open],
      ['refused', 'user2@contoso.test', ['user2@contoso.test'], true, ['stage-of-refusal']],
    );
    const rest = await ask<Messages>('GET', `/edge/messages?limit=3&cursor=${body.next}`);
    assert.equal(rest.body.items.length, 3);
    const [held] = rest.body.items.slice(-1);
    assert.deepEqual(
      [held?.outcome, held?.headerFrom, held?.spoof, held?.imitates, held?.dmarc, held?.reasons],
      [
        'held',
        'ceo@contoso.test',
        'header',
        'contoso.test',
        'fail',
        ['From says contoso.test, which nothing proves, behind a foreign envelope sender'],
      ],
    );
    assert.equal((await ask('GET', '/edge/messages?network=mail.test')).status, 400);
  });

  it('is grouped by who pretends to be whom', async (t) => {
    const { ask } = await traffic(t);
    const { body } = await ask<Spoofs>('GET', '/edge/spoofs');
    assert.equal(body.complete, true);
    assert.deepEqual(
      body.items.map(({ network, imitates, kinds, attempts, refused, quarantined, hello }) => [
        network,
        imitates,
        kinds.join(),
        attempts,
        refused,
        quarantined,
        hello,
      ]),
      [
        ['203.0.113.5', 'contoso.test', 'direct-send', 3, 3, 0, '[127.0.0.1]'],
        ['2001:db8:1:2::/64', 'contoso.test', 'header', 1, 0, 1, ''],
      ],
    );
  });
});
