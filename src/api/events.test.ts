import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { askFixture } from './ask-fixture.ts';
import { apiFixture } from './fixtures.ts';

/** What the answers below may hold. */
interface Body {
  id: string;
  name: string;
  items: { id: number; name: string; sourceName: string }[];
  next: string;
  match: { source: string };
  summary: string;
  steps: object[];
  headers: object[];
  text: string;
  signatures: { result: string }[];
}

const setUp = (t: TestContext) => askFixture<Body>(t);

describe('events, explanations and inbox over the API', () => {
  it('searches events with names of sources, by pages', async (t) => {
    const { ask, journal, context } = await setUp(t);
    await ask('POST', '/sources', { name: 'app' });
    const source = context.sources.byName('app')?.id;
    for (let i = 0; i < 3; i++) journal.write({ type: 'refusal', source, code: 'S402' });
    const first = await ask('GET', '/events?type=refusal&code=s402&limit=2');
    const items = first.body.items as { id: number; sourceName: string }[];
    assert.deepEqual(
      items.map(({ sourceName }) => sourceName),
      ['app', 'app'],
    );
    const second = await ask('GET', `/events?type=refusal&limit=2&cursor=${first.body.next}`);
    assert.equal(second.body.items.length, 1);
    for (const query of ['type=odd', 'network=odd', 'since=odd', 'message=odd']) {
      assert.equal((await ask('GET', `/events?${query}`)).status, 400, query);
    }
  });

  it('follows events until the server closes', async () => {
    const { api, journal, authorization } = await apiFixture();
    const address = await api.listen({ host: '127.0.0.1', port: 0 });
    const response = await fetch(`${address}/api/v1/events?follow=true&type=bounce`, {
      headers: authorization,
    });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.match((await reader?.read())?.value ?? '', /following/);
    journal.write({ type: 'acceptance' });
    journal.write({ type: 'bounce', text: 'given\nup' });
    const { value = '' } = (await reader?.read()) ?? {};
    assert.match(value, /^id: 2\ndata: \{.*"text":"given\\nup".*\}\n\n$/);
    await api.close();
    await assert.rejects(async () => {
      for (;;) if ((await reader?.read())?.done) throw new Error('ended');
    });
  });

  it('explains codes, and tells the story of a message', async (t) => {
    const { ask, journal } = await setUp(t);
    assert.match((await ask('GET', '/refusals/s402')).text, /remedy/);
    assert.equal((await ask('GET', '/refusals/Z999')).status, 404);
    const message = '1GA4GC1WG00';
    journal.write({ type: 'acceptance', message, to: ['user@example.net'], tls: 'TLSv1.3 X', size: 5 });
    journal.write({
      type: 'attempt',
      message,
      outcome: 'deferred',
      destination: 'out/mail.example.net',
      reply: '451 later',
    });
    journal.write({
      type: 'attempt',
      message,
      outcome: 'delivered',
      destination: 'out/mail.example.net',
      reply: '250 ok',
    });
    const story = await ask('GET', `/messages/${message}/why`);
    assert.equal(story.body.summary, 'The message was delivered to out/mail.example.net.');
    assert.equal(story.body.steps.length, 3);
    assert.equal((await ask('GET', '/messages/1GA4GC1WG01/why')).status, 404);
  });

  it('shows the inbox parsed, raw, and empties it', async (t) => {
    const { ask, inbox, api, authorization } = await setUp(t);
    const content = Buffer.from('Subject: =?utf-8?B?w6Q=?=\r\n\r\nbody\r\n');
    await inbox.deposit(
      {
        message: 'M',
        receivedAt: 1,
        source: 'src_x',
        from: '',
        recipients: [{ address: 'a@b.example' }],
        size: 9,
      },
      content,
    );
    assert.equal(((await ask('GET', '/inbox')).body.items as []).length, 1);
    const shown = await ask('GET', '/inbox/1');
    assert.equal(shown.body.signatures[0]?.result, 'pass');
    const raw = await api.inject({ url: '/api/v1/inbox/1/raw', headers: authorization });
    assert.equal(raw.headers['content-type'], 'message/rfc822');
    assert.deepEqual(raw.rawPayload, content);
    assert.equal((await ask('GET', '/inbox/2')).status, 404);
    assert.deepEqual((await ask('DELETE', '/inbox')).body, { count: 1 });
  });
});
