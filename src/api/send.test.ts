import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { refuse } from '../smtp/reply.ts';
import { askFixture } from './ask-fixture.ts';

/** What the answers below may hold. */
interface Body {
  name: string;
  apiKey: string;
  field: string;
  headers: object[];
  text: string;
}

const setUp = (t: TestContext) => askFixture<Body>(t);

describe('sending over HTTP', () => {
  async function withKey(t: TestContext) {
    const fixture = await setUp(t);
    await fixture.ask('POST', '/sources', { name: 'app' });
    const { body } = await fixture.ask('POST', '/sources/app/credentials', { kind: 'api-key' });
    const post = (payload: object | string, headers: Record<string, string> = {}, query = '') =>
      fixture.api.inject({
        method: 'POST',
        url: `/v1/messages${query}`,
        headers: { authorization: `Bearer ${body.apiKey}`, ...headers },
        payload,
      });
    return { ...fixture, post };
  }

  const MESSAGE = { from: 'App <app@corp.example>', to: ['user@example.net'], subject: 'Hi', text: 'hello' };

  it('takes JSON, with recipients that no header names', async (t) => {
    const { post, gate } = await withKey(t);
    const response = await post({
      ...MESSAGE,
      cc: { address: 'c@example.net', name: 'C' },
      bcc: 'hidden@example.net',
      envelopeFrom: 'bounces@corp.example',
      attachments: [{ filename: 'a.txt', contentType: 'text/plain', content: 'aGk=' }],
    });
    assert.equal(response.statusCode, 202, response.body);
    const [sent] = gate.submitted;
    assert.equal(sent?.envelope.from, 'bounces@corp.example');
    assert.deepEqual(
      sent?.envelope.recipients.map(({ address }) => address),
      ['user@example.net', 'c@example.net', 'hidden@example.net'],
    );
    assert.ok(!sent?.message.includes('hidden@example.net'));
    assert.equal(gate.reserved, 0);
  });

  it('takes a whole message, with the envelope from its headers or the query, and removes Bcc', async (t) => {
    const { post, gate } = await withKey(t);
    const type = { 'content-type': 'message/rfc822' };
    const raw =
      'From: app@corp.example\r\nTo: a@example.net\r\nBcc: b@example.net,\r\n c@example.net\r\nSubject: x\r\n\r\nBcc: in the body\r\n';
    assert.equal((await post(raw, type)).statusCode, 202);
    assert.deepEqual(
      gate.submitted[0]?.envelope.recipients.map(({ address }) => address),
      ['a@example.net', 'b@example.net', 'c@example.net'],
    );
    assert.equal(
      gate.submitted[0]?.message.toString(),
      'From: app@corp.example\r\nTo: a@example.net\r\nSubject: x\r\n\r\nBcc: in the body\r\n',
    );
    await post(raw.replaceAll('\r\n', '\n'), type, '?from=&to=x@example.net&to=y@example.net');
    assert.equal(gate.submitted[1]?.envelope.from, '');
    assert.equal(gate.submitted[1]?.envelope.recipients.length, 2);
    assert.ok(!/(?<!\r)\n/.test(gate.submitted[1]?.message.toString() ?? ''));
  });

  const wrong: [string, object | string, number, string, string][] = [
    ['no JSON', '{', 400, 'M609', ''],
    ['no sender', { ...MESSAGE, from: undefined }, 400, 'M609', 'from'],
    ['no recipient', { ...MESSAGE, to: [] }, 400, 'M609', 'to'],
    ['a recipient that is none', { ...MESSAGE, to: ['user'] }, 400, 'M609', 'to.0'],
    ['two addresses in one', { ...MESSAGE, to: ['a@b.example, c@d.example'] }, 400, 'M609', 'to.0'],
    ['a line end in the subject', { ...MESSAGE, subject: 'a\r\nBcc: x@example.org' }, 400, 'M609', 'subject'],
    ['a line end in an address', { ...MESSAGE, from: 'a@corp.example\r\nX: y' }, 400, 'M609', 'from'],
    [
      'a reserved header',
      { ...MESSAGE, headers: { 'DKIM-Signature': 'x' } },
      400,
      'M609',
      'headers.DKIM-Signature',
    ],
    [
      'content that is no base64',
      { ...MESSAGE, attachments: [{ content: '***' }] },
      400,
      'M609',
      'attachments.0.content',
    ],
    ['an unknown field', { ...MESSAGE, templateId: 5 }, 400, 'M609', ''],
    ['nothing to say', { ...MESSAGE, text: undefined }, 400, 'M609', 'text'],
    [
      'too many recipients',
      { ...MESSAGE, to: Array.from({ length: 101 }, (_, i) => `u${i}@example.net`) },
      400,
      'M609',
      'to',
    ],
    ['a message that is too big', { ...MESSAGE, text: 'x'.repeat(1_100_000) }, 413, 'M601', ''],
    ['10 MB', { ...MESSAGE, text: 'x'.repeat(10_000_000) }, 413, 'M601', ''],
  ];
  for (const [what, payload, status, code, field] of wrong) {
    it(`refuses ${what}`, async (t) => {
      const { post, gate } = await withKey(t);
      const response = await post(payload, { 'content-type': 'application/json' });
      assert.equal(response.statusCode, status, response.body);
      const problem = response.json<{ code: string; field?: string }>();
      assert.equal(problem.code, code);
      assert.equal(problem.field ?? '', field, response.body);
      assert.doesNotMatch(response.body, /Invalid (?:input|option)/);
      assert.equal(gate.submitted.length, 0);
      assert.equal(gate.reserved, 0, 'the memory set aside is given back');
    });
  }

  const refusals = [
    ['S402', 403],
    ['R501', 403],
    ['K802', 403],
    ['K805', 503],
    ['M601', 413],
    ['M603', 422],
    ['L702', 429],
    ['X901', 503],
    ['X902', 503],
  ] as const;
  for (const [code, status] of refusals) {
    it(`answers ${code} with ${status}, and its particulars to nobody`, async (t) => {
      const { post, gate } = await withKey(t);
      gate.refusal = refuse(code, 'internal particulars');
      const response = await post(MESSAGE, { 'idempotency-key': 'k' });
      assert.equal(response.statusCode, status);
      assert.equal(response.json<{ code: string }>().code, code);
      assert.ok(!response.body.includes('particulars'));
      const temporary = status === 503 || code === 'L702';
      assert.equal(response.headers['retry-after'] !== undefined, temporary);
      gate.refusal = undefined;
      assert.equal(
        (await post(MESSAGE, { 'idempotency-key': 'k' })).statusCode,
        202,
        'the key was not used up',
      );
    });
  }

  it('sends once for an idempotency key', async (t) => {
    const { post, gate } = await withKey(t);
    const headers = { 'idempotency-key': 'order-1' };
    let open = () => {};
    gate.barrier = new Promise((resolve) => {
      open = resolve;
    });
    const first = post(MESSAGE, headers);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal((await post(MESSAGE, headers)).statusCode, 409, 'in progress');
    open();
    const answered = await first;
    assert.equal(answered.statusCode, 202);
    const again = await post(MESSAGE, headers);
    assert.equal(again.body, answered.body);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal((await post({ ...MESSAGE, subject: 'other' }, headers)).statusCode, 422);
    assert.equal((await post(MESSAGE, { 'idempotency-key': 'a\u00e4b' })).statusCode, 400);
    assert.equal(gate.submitted.length, 1);
  });

  it('answers 503 when memory is short, 411 without a length, and 403 to a disabled source', async (t) => {
    const { post, gate, ask, api } = await withKey(t);
    gate.most = 10;
    const short = await post(MESSAGE);
    assert.equal(short.statusCode, 503);
    assert.equal(short.json<{ code: string }>().code, 'X903');
    gate.most = Number.MAX_SAFE_INTEGER;
    const { body } = await ask('POST', '/sources/app/credentials', { kind: 'api-key' });
    const address = await api.listen({ host: '127.0.0.1', port: 0 });
    const chunked = await fetch(`${address}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body.apiKey}`, 'content-type': 'application/json' },
      body: new Blob(['{}']).stream(),
      duplex: 'half',
    });
    assert.equal(chunked.status, 411);
    await ask('POST', '/sources/app/disable');
    const disabled = await post(MESSAGE);
    assert.equal(disabled.statusCode, 403);
    assert.equal(disabled.json<{ code: string }>().code, 'K802');
  });

  it('gives memory back when a client goes away in the middle', async (t) => {
    const { gate, api, ask } = await withKey(t);
    const { body } = await ask('POST', '/sources/app/credentials', { kind: 'api-key' });
    const address = new URL(await api.listen({ host: '127.0.0.1', port: 0 }));
    const { connect } = await import('node:net');
    const socket = connect(Number(address.port), '127.0.0.1');
    socket.write(
      `POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${body.apiKey}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"from"`,
    );
    while (gate.reserved === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    while (gate.reserved !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
