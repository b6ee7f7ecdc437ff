// A message is found by what people remember of it, tells its whole story, and goes another way when somebody says so.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { ScriptedServer } from '../support/scripted-server.ts';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { StoryRelay, until } from '../support/story-relay.ts';

interface Message {
  id: string;
  state: string;
  subject?: string;
  code?: string;
  sourceName?: string;
  recipients: string[];
}

interface Story {
  message: Message;
  summary: string;
  events: { type: string; outcome?: string; text?: string }[];
  deliveries: { route: string; rerouted: boolean }[];
  transcript: boolean;
  content: { spool: boolean; inbox?: number };
}

suite('messages', () => {
  const relay = new StoryRelay();
  let hop: ScriptedServer;
  let password = '';

  before(async () => {
    hop = await new ScriptedServer({}).listen();
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    password = await relay.addSource('printer', '--from', 'corp.test', '--recipients', 'any');
    // nobody listens there
    await relay.cli(
      'route',
      'set',
      'dead',
      '--smarthost',
      '127.0.0.1:9',
      '--tls',
      'none',
      '--recipient-domain',
      'dead.test',
    );
    await relay.cli(
      'route',
      'set',
      'alive',
      '--smarthost',
      `127.0.0.1:${hop.port}`,
      '--tls',
      'none',
      '--recipient-domain',
      'alive.test',
    );
  });
  after(async () => {
    await relay.remove();
    await hop.close();
  });

  const send = async (to: string, subject: string, from = 'printer@corp.test'): Promise<string> => {
    const session = await relay.session('printer', password);
    const reply = await session.send({
      from,
      to: [to],
      content: plainMessage([`From: ${from}`, `To: ${to}`, `Subject: ${subject}`]),
    });
    await session.say('QUIT');
    return reply;
  };
  const find = (...options: string[]) => relay.json<Message[]>('messages', ...options);
  const story = (id: string) => relay.json<Story>('message', id);

  test('accepted, delivered, found by a part of its decoded subject', async () => {
    await send('anna@alive.test', '=?utf-8?q?Rechnung_f=C3=BCr_M=C3=A4rz?=');
    const [found] = await until('it is delivered', async () => {
      const all = await find('-q', 'für mä', '--state', 'delivered');
      return all.length === 1 ? all : undefined;
    });
    assert.deepEqual(
      [found?.subject, found?.sourceName, found?.recipients],
      ['Rechnung für März', 'printer', ['anna@alive.test']],
    );
    const { events, summary, content } = await story(found?.id ?? '');
    assert.deepEqual(
      events
        .map(({ type }) => type)
        .filter((type) => type !== 'warning')
        .sort(),
      ['acceptance', 'attempt', 'authentication', 'connection'],
    );
    assert.match(summary, /delivered to/);
    assert.deepEqual(content, { spool: false });
    for (const command of ['messages', 'log', 'refusals', 'queue list', 'inbox list']) {
      assert.match(
        await relay.cli(...command.split(' '), '--source', 'printr'),
        /There is no source "printr" now/,
      );
    }
    assert.equal(
      await relay.cli('messages', '--source', 'printer', '--to', 'nobody@alive.test'),
      'No message matches.\n',
    );
  });

  test('refused: found by code and subject, with its transcript', async () => {
    await send('anna@alive.test', 'Not mine', 'boss@other.test');
    const [found] = await until('the refusal is found', async () => {
      const all = await find('--state', 'refused', '--from', '@other.test');
      return all.length > 0 ? all : undefined;
    });
    assert.match(found?.id ?? '', /^refusal-\d+$/);
    const { message, events } = await story(found?.id ?? '');
    assert.equal(message.code, found?.code);
    assert.ok(events.some(({ type }) => type === 'refusal'));
  });

  test('what waits for a dead route is given another one, and somebody else may not', async () => {
    await send('ben@dead.test', 'Urgent');
    const [found] = await until('it was tried', async () => {
      const all = await find('--to', 'ben@dead.test', '--state', 'deferred');
      return all.length === 1 ? all : undefined;
    });
    const id = found?.id ?? '';
    assert.deepEqual((await story(id)).content, { spool: true });
    const wrong = await relay.run('queue', 'reroute', id, 'nowhere');
    assert.match(wrong.err, /no route "nowhere"/);
    await relay.cli('queue', 'reroute', id, 'alive');
    await until('it goes the other way', async () =>
      (await find('--message', id))[0]?.state === 'delivered' ? true : undefined,
    );
    const { events } = await story(id);
    assert.ok(events.some(({ outcome }) => outcome === 'rerouted'));
  });

  test('held and deleted by an administrator', async () => {
    await send('carla@dead.test', 'To be held');
    const id = await until(
      'it is in the queue',
      async () => (await find('--to', 'carla@dead.test', '--state', 'deferred,queued'))[0]?.id,
    );
    await relay.cli('queue', 'hold', '--domain', 'dead.test');
    assert.equal((await story(id)).message.state, 'held');
    await until('it is found as held', async () =>
      (await find('--state', 'held'))[0]?.id === id ? true : undefined,
    );
    await relay.cli('queue', 'delete', id, '--yes');
    await until('it is found as deleted', async () =>
      (await find('--message', id))[0]?.state === 'deleted' ? true : undefined,
    );
  });

  test('the index is part of the status', async () => {
    const { messageIndex } = await relay.json<{ messageIndex: { messages: number; building: boolean } }>(
      'status',
    );
    assert.ok(messageIndex.messages >= 4);
    assert.equal(messageIndex.building, false);
  });
});
