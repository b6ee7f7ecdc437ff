import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Role } from '../people/role.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { apiFixture } from './fixtures.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

async function scene(t: TestContext) {
  const fixture = await apiFixture();
  const { api, context, clock, journal } = fixture;
  t.after(() => api.close());
  const address = await api.listen({ host: '127.0.0.1', port: 0 });
  const { people, sessions, tokens } = context.people;

  const signIn = async (role: Role = 'operator') => {
    const { id } = await people.add({ email: 'ann@corp.example', name: 'Ann', role, sources: [] });
    const value = await sessions.start(id, 'passkey', { network: '127.0.0.1', agent: 'test' });
    const [{ hash } = { hash: '' }] = await sessions.list(id);
    return { id, hash, headers: { cookie: `postern=${value}` } };
  };
  const follow = async (headers: Record<string, string>, path = '/events?follow=true') => {
    const response = await fetch(`${address}/api/v1${path}`, { headers });
    assert.equal(response.status, 200);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    let open = true;
    void (async () => {
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
        text += part.value;
    })()
      .catch(() => undefined)
      .finally(() => {
        open = false;
      });
    return { isOpen: () => open, text: () => text };
  };
  /** Lets time pass in steps, in each of which what was begun can end. */
  const pass = async (ms: number, still: () => boolean = () => true) => {
    for (let passed = 0; passed < ms && still(); passed += 1000) {
      clock.advance(1000);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };
  /** Hangs when the stream goes on. */
  const ends = async (stream: { isOpen: () => boolean }, within = 5000) => {
    await pass(within);
    await until(() => !stream.isOpen());
  };
  /** The stream still carries what happens. */
  const goesOn = async (stream: { text: () => string }, mark: string, event = {}) => {
    journal.write({ type: 'acceptance', text: mark, ...event });
    await until(() => stream.text().includes(mark));
  };
  return { ...fixture, people, sessions, tokens, signIn, follow, pass, ends, goesOn };
}

describe('a stream of events', { timeout: 30_000 }, () => {
  it('goes on while its session does, and ends soon after it', async (t) => {
    const { sessions, signIn, follow, pass, ends, goesOn } = await scene(t);
    const { hash, headers } = await signIn();
    const stream = await follow(headers);
    await pass(60_000);
    await goesOn(stream, 'after a minute');
    await sessions.end(hash);
    await ends(stream);
  });

  it('is no use of a session, which ends when nothing else is', async (t) => {
    const { signIn, follow, pass, ends, goesOn } = await scene(t);
    const { headers } = await signIn();
    const stream = await follow(headers);
    await pass(29 * MINUTE);
    await goesOn(stream, 'before its end');
    await pass(MINUTE, stream.isOpen);
    await ends(stream);
  });

  it('ends with the person, and with the role that it needs', async (t) => {
    const { people, signIn, follow, ends, tokens, clock } = await scene(t);
    const { id, headers } = await signIn();
    const stream = await follow(headers, '/inbox?follow=true');
    const { secret } = await tokens.add({
      name: 'robot',
      role: 'operator',
      person: id,
      expiresAt: clock.now() + DAY,
    });
    const robot = await follow({ authorization: `Bearer ${secret}` }, '/inbox?follow=true');
    await people.edit(id, { role: 'source-owner' });
    await ends(stream);
    await ends(robot);
  });

  it('ends with its token: revoked, over, or replaced', async (t) => {
    const { tokens, clock, follow, ends, authorization, context } = await scene(t);
    const make = async (life: number) => {
      const made = await tokens.add({ name: 'robot', role: 'auditor', expiresAt: clock.now() + life });
      return { id: made.token.id, stream: await follow({ authorization: `Bearer ${made.secret}` }) };
    };
    const revoked = await make(DAY);
    await tokens.revoke(revoked.id);
    await ends(revoked.stream);
    await ends((await make(4000)).stream, 9000);
    const root = await follow(authorization);
    await context.administrator.rotate();
    await ends(root);
  });

  it('ends when the source has another owner', async (t) => {
    const { context, signIn, follow, pass, ends, goesOn } = await scene(t);
    const { headers } = await signIn('source-owner');
    const source = await context.sources.add({
      name: 'printer',
      description: '',
      owner: 'ann@corp.example',
      policy: DEFAULT_POLICY,
    });
    const stream = await follow(headers, '/events?follow=true&source=printer');
    await pass(10_000);
    await goesOn(stream, 'while it is hers', { source: source.id });
    await context.sources.edit(source.id, { owner: 'bob@corp.example' });
    await ends(stream);
  });
});
