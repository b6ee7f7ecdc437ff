// Sending over HTTP: the same policy and codes as over SMTP, once for each key, and 202 only when it is stored.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type Answer, LISTENERS, StoryRelay, until } from '../support/story-relay.ts';

interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code?: string;
  field?: string;
}

interface Shown {
  headers: { name: string; value: string }[];
  text?: { content: string };
  html?: { part: string };
  attachments: { name: string; declaredType: string; size: number }[];
  signatures: { result: string }[];
}

interface InboxEntry {
  id: number;
  message: string;
  recipients: string[];
  from: string;
}

const MESSAGE_BYTES = 400_000;

suite('the send API', () => {
  const relay = new StoryRelay({
    config: `hostname = "relay.test"\n${LISTENERS}[limits]\nmessageBytes = ${MESSAGE_BYTES}\n`,
  });
  let key = '';

  const addKey = async (name: string, ...options: string[]): Promise<string> => {
    const { credentials } = await relay.json<{ credentials: { apiKey: string }[] }>(
      'source',
      'add',
      name,
      '--owner',
      'owner@corp.test',
      '--from',
      'corp.test',
      '--api-key',
      ...options,
    );
    return credentials[0]?.apiKey ?? '';
  };

  before(async () => {
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    key = await addKey('app');
  });
  after(() => relay.remove());

  const BASIC = { from: 'App <app@corp.test>', to: ['x@corp.test'], subject: 'Hello', text: 'It works.' };
  const post = <T = { id: string }>(
    body: unknown,
    headers: Record<string, string> = {},
    by = key,
  ): Promise<Answer<T>> =>
    relay.request<T>('POST', '/v1/messages', { key: by, body: JSON.stringify(body), headers });
  const raw = <T = { id: string }>(message: string, query = ''): Promise<Answer<T>> =>
    relay.request<T>('POST', `/v1/messages${query}`, {
      key,
      body: Buffer.from(message),
      headers: { 'content-type': 'message/rfc822' },
    });

  const arrival = (id: string): Promise<InboxEntry> =>
    until(`${id} is in the inbox`, async () =>
      (await relay.api<{ items: InboxEntry[] }>('GET', '/inbox?limit=500')).body.items.find(
        ({ message }) => message === id,
      ),
    );
  const shown = async (id: string): Promise<Shown> => {
    const place = `/inbox/${(await arrival(id)).id}`;
    const [entry, content] = await Promise.all([
      relay.api<Pick<Shown, 'signatures'>>('GET', place),
      relay.api<Omit<Shown, 'signatures'>>('GET', `${place}/content`),
    ]);
    return { ...entry.body, ...content.body };
  };

  const isProblem = ({ status, headers, body }: Answer<Problem>, expected: number, code?: string): void => {
    assert.match(headers.get('content-type') ?? '', /^application\/problem\+json(;|$)/, JSON.stringify(body));
    assert.deepEqual([status, body.status, body.code], [expected, expected, code]);
    if (code !== undefined) assert.equal(body.type, `/api/v1/refusals/${code}`);
    assert.ok(body.detail.length > 0 && body.title.length > 0);
  };

  test('JSON with text, HTML and attachments becomes one signed message', async () => {
    const picture = Buffer.from(Array.from({ length: 3000 }, (_, index) => index % 256));
    const sent = await post({
      ...BASIC,
      to: ['x@corp.test', { address: 'y@corp.test', name: 'Ÿ, the second' }],
      cc: 'z@corp.test',
      bcc: 'hidden@corp.test',
      replyTo: 'tickets@elsewhere.test',
      subject: 'Grüße',
      html: '<p>It <b>works</b>.</p>',
      attachments: [
        { filename: 'Übersicht.png', contentType: 'image/png', content: picture.toString('base64') },
        { filename: 'note.txt', contentType: 'text/plain', content: Buffer.from('Note.').toString('base64') },
      ],
      headers: { 'X-Order': '4711' },
    });
    assert.equal(sent.status, 202);
    const entry = await arrival(sent.body.id);
    assert.deepEqual(entry.recipients, ['x@corp.test', 'y@corp.test', 'z@corp.test', 'hidden@corp.test']);
    const message = await shown(sent.body.id);
    const header = (name: string) => message.headers.find((one) => one.name.toLowerCase() === name)?.value;
    assert.equal(header('subject'), 'Grüße');
    assert.equal(header('x-order'), '4711');
    assert.match(header('reply-to') ?? '', /tickets@elsewhere\.test/);
    assert.equal(header('bcc'), undefined);
    assert.equal(message.text?.content.trim(), 'It works.');
    assert.ok(message.html);
    const page = await relay.request<string>('GET', `/api/v1/inbox/${entry.id}/content/html`, {
      key: relay.token,
    });
    assert.match(page.body, /<b>works<\/b>/);
    assert.deepEqual(
      message.attachments.map(({ name, declaredType, size }) => [name, declaredType, size]),
      [
        ['Übersicht.png', 'image/png', 3000],
        ['note.txt', 'text/plain', 5],
      ],
    );
    assert.deepEqual(
      message.signatures.map(({ result }) => result),
      ['pass'],
    );
    const octets = (await relay.request<string>('GET', `/api/v1/inbox/${entry.id}/raw`, { key: relay.token }))
      .body;
    assert.ok(!octets.includes('hidden@corp.test'), 'a blind copy is blind');
  });

  test('a whole message is taken as it is, with the envelope of its headers or of the query', async () => {
    const message =
      'From: app@corp.test\r\nTo: x@corp.test\r\nBcc: b@corp.test\r\nSubject: Raw\r\n\r\nAs it is.\r\n';
    const plain = await raw(message);
    assert.equal(plain.status, 202);
    assert.deepEqual((await arrival(plain.body.id)).recipients, ['x@corp.test', 'b@corp.test']);
    assert.equal(
      (await shown(plain.body.id)).headers.find(({ name }) => name.toLowerCase() === 'bcc'),
      undefined,
    );
    const chosen = await raw(message.replaceAll('\r\n', '\n'), '?from=bounces@corp.test&to=q@corp.test');
    assert.equal(chosen.status, 202);
    const entry = await arrival(chosen.body.id);
    assert.deepEqual([entry.from, entry.recipients], ['bounces@corp.test', ['q@corp.test']]);
    isProblem(await raw<Problem>(`${message}One\nline\r\n`), 422, 'M602');
  });

  test('the same key sends once: again, at the same time, and not for another request', async () => {
    const body = { ...BASIC, subject: 'Once' };
    const first = await post(body, { 'idempotency-key': 'order-1' });
    const second = await post(body, { 'idempotency-key': 'order-1' });
    assert.deepEqual([first.status, second.status], [202, 202]);
    assert.equal(second.body.id, first.body.id);
    assert.equal(second.headers.get('idempotency-replayed'), 'true');
    const other = await post<Problem>({ ...body, text: 'Another.' }, { 'idempotency-key': 'order-1' });
    isProblem(other, 422);
    assert.equal(other.body.field, 'Idempotency-Key');

    const together = await Promise.all(
      Array.from({ length: 8 }, () =>
        post({ ...BASIC, subject: 'Together' }, { 'idempotency-key': 'order-2' }),
      ),
    );
    const taken = together.filter(({ status }) => status === 202);
    assert.ok(taken.length >= 1);
    assert.equal(new Set(taken.map(({ body: { id } }) => id)).size, 1);
    for (const { status, headers } of together.filter(({ status: code }) => code !== 202)) {
      assert.equal(status, 409);
      assert.equal(headers.get('retry-after'), '1');
    }
    // a refusal is not kept: what was corrected meanwhile is sent
    const refused = await post<Problem>(
      { ...BASIC, to: 'x@elsewhere.test' },
      { 'idempotency-key': 'order-3' },
    );
    isProblem(refused, 403, 'R501');
    await relay.cli('source', 'edit', 'app', '--recipient', 'x@elsewhere.test');
    assert.equal(
      (await post({ ...BASIC, to: 'x@elsewhere.test' }, { 'idempotency-key': 'order-3' })).status,
      202,
    );
    // the keys of one source are nothing to another
    const theirs = await addKey('other');
    assert.notEqual((await post(body, { 'idempotency-key': 'order-1' }, theirs)).body.id, first.body.id);

    await relay.stop();
    await relay.start();
    const later = await post(body, { 'idempotency-key': 'order-1' });
    assert.deepEqual([later.status, later.body.id], [202, first.body.id], 'over a restart too');
    const subjects = (
      await relay.api<{ items: { subject: string; sourceName: string }[] }>('GET', '/inbox?limit=500')
    ).body.items;
    const count = (subject: string) =>
      subjects.filter((one) => one.subject === subject && one.sourceName === 'app').length;
    assert.deepEqual([count('Once'), count('Together')], [1, 1]);
  });

  test('refusals are problems with the codes of SMTP', async () => {
    const cases: [body: unknown, status: number, code: string, field?: string][] = [
      [{ ...BASIC, from: 'boss@elsewhere.test' }, 403, 'S401'],
      [{ ...BASIC, from: 'boss@elsewhere.test', envelopeFrom: 'app@corp.test' }, 403, 'S402'],
      [{ ...BASIC, envelopeFrom: '' }, 403, 'S407'],
      [{ ...BASIC, to: 'y@elsewhere.test' }, 403, 'R501'],
      [{ ...BASIC, to: 'a%b@corp.test' }, 403, 'R504'],
      [{ ...BASIC, from: 'app@corp.test, boss@corp.test' }, 400, 'M609', 'from'],
      [{ ...BASIC, to: [] }, 400, 'M609', 'to'],
      [{ ...BASIC, text: 5 }, 400, 'M609', 'text'],
      [{ ...BASIC, surprise: true }, 400, 'M609'],
      [{ ...BASIC, attachments: [{ content: 'no base64!' }] }, 400, 'M609', 'attachments.0.content'],
      [{ ...BASIC, headers: { 'X-A': 'one\r\nFrom: boss@corp.test' } }, 400, 'M609'],
    ];
    for (const [body, status, code, field] of cases) {
      const answer = await post<Problem>(body);
      isProblem(answer, status, code);
      if (field !== undefined) assert.equal(answer.body.field, field);
    }
    const broken = await relay.request<Problem>('POST', '/v1/messages', { key, body: '{"from":' });
    isProblem(broken, 400, 'M609');
    const [event] = await relay.log('--code', 'S402');
    assert.deepEqual([event?.type, event?.sourceName, event?.['from']], ['refusal', 'app', 'app@corp.test']);
    assert.match(event?.text ?? '', /boss@elsewhere\.test/);
    const page = await relay.api<{ code: string; remedy: string }>('GET', '/refusals/S402');
    assert.deepEqual([page.status, page.body.code], [200, 'S402']);
  });

  test('what is too large is refused, at the relay and at the source', async () => {
    const text = (octets: number): string =>
      'x'
        .repeat(75)
        .concat('\n')
        .repeat(Math.ceil(octets / 76));
    isProblem(await post<Problem>({ ...BASIC, text: text(MESSAGE_BYTES * 1.1) }), 413, 'M601');
    isProblem(await post<Problem>({ ...BASIC, text: text(MESSAGE_BYTES * 3) }), 413, 'M601');
    assert.equal((await post({ ...BASIC, text: text(MESSAGE_BYTES * 0.8) })).status, 202);
    const small = await addKey('small', '--max-size', '10kB');
    isProblem(await post<Problem>({ ...BASIC, text: text(12_000) }, {}, small), 413, 'M601');
    assert.equal((await post({ ...BASIC, text: text(5000) }, {}, small)).status, 202);
  });

  test('nobody learns whether a key was wrong, revoked or never there', async () => {
    const gone = await addKey('gone');
    const [credential] = await relay.json<{ id: string }[]>('source', 'credential', 'list', 'gone');
    await relay.cli('source', 'credential', 'revoke', 'gone', credential?.id ?? '');
    const altered = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
    const answers: string[] = [];
    for (const by of [altered, 'pst_nothing', gone, relay.token]) {
      const answer = await post<Problem>(BASIC, {}, by);
      isProblem(answer, 401, 'A301');
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer /);
      answers.push(JSON.stringify(answer.body));
    }
    assert.equal(new Set(answers).size, 1, answers.join('\n'));
    // and a key for sending administers nothing
    assert.equal((await relay.request('GET', '/api/v1/sources', { key })).status, 401);
    assert.equal((await post(BASIC)).status, 202, 'the right key still works');
  });

  test('over a limit it is 429, with the time to wait', async () => {
    const limited = await addKey('limited', '--limit', 'messages/hour=1', '--over-limit', 'defer');
    assert.equal((await post(BASIC, {}, limited)).status, 202);
    const refused = await post<Problem>(BASIC, {}, limited);
    isProblem(refused, 429, 'L702');
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
  });

  test('202 means stored: killed at that moment, the message is there after the restart', async () => {
    await relay.cli('source', 'edit', 'app', '--unaligned', 'hold', '--from', 'keyless.test');
    const ids: string[] = [];
    for (let round = 0; round < 2; round++) {
      const sent = await post({ ...BASIC, from: 'app@keyless.test', subject: `Killed ${round}` });
      await relay.stop('SIGKILL');
      assert.equal(sent.status, 202);
      ids.push(sent.body.id);
      await relay.start();
    }
    const waiting = await relay.queue('--source', 'app');
    assert.deepEqual(
      waiting.map(({ message, hold }) => [message, hold]),
      ids.map((id) => [id, 'alignment']),
    );
    for (const id of ids) assert.match(await relay.cli('queue', 'show', id), /Subject: Killed \d/);
  });
});
