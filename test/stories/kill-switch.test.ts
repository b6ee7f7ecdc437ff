// One source is stopped under load: it, and nothing else, within a second.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { ScriptedServer } from '../support/scripted-server.ts';
import { plainMessage, type SmtpDialogue } from '../support/smtp-dialogue.ts';
import { StoryRelay, until } from '../support/story-relay.ts';

/** What one session of an application saw. */
interface Traffic {
  name: string;
  accepted: string[];
  /** The reply that ended it, and when. */
  last?: { reply: string; at: number };
  done: Promise<void>;
}

const STOPPED = /^421 4\.7\.0 K801 /;

suite('the kill switch', () => {
  const relay = new StoryRelay();
  let hop: ScriptedServer;
  /** Recipients of this domain are put off. */
  let slow = true;
  let printer = '';
  let billing = '';

  before(async () => {
    hop = await new ScriptedServer({
      reply: (line) => (slow && /^RCPT .*@slow\.test/.test(line) ? '451 4.3.0 not now' : undefined),
    }).listen();
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    const policy = ['--from', 'corp.test', '--recipients', 'any'];
    const unlimited = ['minute', 'hour', 'day'].flatMap((per) => ['--limit', `messages/${per}=none`]);
    printer = await relay.addSource('printer', '--api-key', ...policy, ...unlimited);
    billing = await relay.addSource('billing', ...policy, ...unlimited);
    await relay.cli('route', 'set', 'hop', '--smarthost', `127.0.0.1:${hop.port}`, '--tls', 'none');
  });
  after(async () => {
    await relay.remove();
    await hop.close();
  });

  const password = (name: string): string => (name === 'printer' ? printer : billing);

  /** Sends until it is stopped, from the network or by `ended`. */
  const traffic = async (name: string, domain: string, ended: () => boolean): Promise<Traffic> => {
    const client = await relay.session(name, password(name));
    const seen: Traffic = { name, accepted: [], done: Promise.resolve() };
    const run = async (): Promise<void> => {
      while (!ended()) {
        let reply: string;
        try {
          reply = await client.send({
            from: `${name}@corp.test`,
            to: [`somebody@${domain}`],
            content: message(name),
          });
        } catch (error) {
          seen.last = { reply: (error as Error).message, at: performance.now() };
          return;
        }
        const id = /^250 2\.0\.0 ([0-9A-Z]{11}) queued/.exec(reply)?.[1];
        if (id === undefined) {
          seen.last = { reply, at: performance.now() };
          return;
        }
        seen.accepted.push(id);
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
        });
      }
      client.destroy();
    };
    seen.done = run();
    return seen;
  };

  const message = (name: string): string =>
    plainMessage([`From: ${name}@corp.test`, 'To: somebody@slow.test', 'Subject: Load']);

  test('sessions end with K801, new ones are refused, mail is held, the other source goes on', async () => {
    let ended = false;
    const load = await Promise.all([
      traffic('printer', 'slow.test', () => ended),
      traffic('printer', 'fast.test', () => ended),
      traffic('billing', 'slow.test', () => ended),
      traffic('billing', 'fast.test', () => ended),
    ]);
    const of = (name: string): Traffic[] => load.filter((one) => one.name === name);
    const idle = await relay.session('printer', printer);
    // half of a message has come: nothing of it may be taken
    const midway = await relay.session('printer', printer);
    for (const line of ['MAIL FROM:<printer@corp.test>', 'RCPT TO:<midway@fast.test>', 'DATA'])
      await midway.say(line);
    midway.write('From: printer@corp.test\r\nSubject: Half\r\n\r\nHalf of');
    const other = await relay.session('billing', billing);
    await until('there is traffic', () => load.every(({ accepted }) => accepted.length >= 10));

    await relay.cli('source', 'disable', 'printer');
    const told = performance.now();

    await Promise.all(of('printer').map(({ done }) => done));
    for (const { last } of of('printer')) {
      assert.match(last?.reply ?? '', STOPPED);
      assert.ok((last?.at ?? Infinity) - told < 1000, `it went on for ${(last?.at ?? 0) - told} ms`);
    }
    for (const session of [idle, midway]) {
      assert.match(await session.reply(), STOPPED);
      await session.closed();
    }
    assert.ok(performance.now() - told < 1000, 'all sessions have ended within a second');

    const again = await relay.connect();
    assert.match(await again.login('printer', printer), /^550 5\.7\.1 K802 /);
    again.destroy();

    // the other source: its session, its load, its mail
    const before = of('billing').map(({ accepted }) => accepted.length);
    assert.match(
      await other.send({ from: 'billing@corp.test', to: ['x@fast.test'], content: message('billing') }),
      /^250 /,
    );
    other.destroy();
    await until('its load goes on', () =>
      of('billing').every(({ accepted }, index) => accepted.length > (before[index] ?? 0) + 3),
    );
    ended = true;
    await Promise.all(load.map(({ done }) => done));
    assert.deepEqual(
      of('billing').map(({ last }) => last),
      [undefined, undefined],
    );
    await until('all that can be delivered is', async () =>
      (await relay.deliveries({ limit: '500' })).every(
        ({ domain, sourceName }) => domain === 'slow.test' || sourceName === 'printer',
      ),
    );

    const queue = await relay.queue('--limit', '5000');
    const held = queue.filter(({ sourceName }) => sourceName === 'printer');
    assert.ok(held.length >= 10, `${held.length} are held`);
    assert.deepEqual([...new Set(held.map(({ state, hold }) => `${state}/${hold}`))], ['held/source']);
    const others = queue.filter(({ sourceName }) => sourceName === 'billing');
    assert.deepEqual([...new Set(others.map(({ state }) => state))], ['queued']);
    assert.equal(
      others.length,
      of('billing')[0]?.accepted.length,
      'no message of the other source is missing',
    );
    assert.match(await relay.cli('queue', 'list', '--source', 'printer'), /held \(source\)/);

    // neither lost nor doubled: what was answered 250 is with the next hop or held
    const atHop = (name: string): number =>
      hop.messages.filter(({ mail }) => mail.includes(`<${name}@`)).length;
    const accepted = of('printer').flatMap((one) => one.accepted);
    assert.equal(atHop('printer') + held.length, accepted.length);
    assert.ok(!hop.messages.some(({ recipients }) => String(recipients).includes('midway@')));

    // nothing moves while it is disabled, whatever the operator does
    const delivered = atHop('printer');
    slow = false;
    await relay.cli('queue', 'retry', '--all');
    await until(
      'the other source is empty',
      async () => (await relay.deliveries({ source: 'billing' })).length === 0,
    );
    await relay.cli('queue', 'release', '--source', 'printer');
    await until('they are held again', async () =>
      (await relay.deliveries({ source: 'printer', limit: '500' })).every(({ state }) => state === 'held'),
    );
    assert.equal(atHop('printer'), delivered);

    await relay.cli('source', 'enable', 'printer');
    await relay.cli('queue', 'release', '--source', 'printer');
    await until('they are delivered', async () => (await relay.deliveries()).length === 0);
    assert.equal(atHop('printer'), accepted.length);
    assert.equal(atHop('billing'), of('billing').flatMap((one) => one.accepted).length + 1);
    const back: SmtpDialogue = await relay.session('printer', printer);
    back.destroy();
  });

  test('the journal tells it', async () => {
    const changes = (await relay.log('--type', 'change', '--source', 'printer')).map(({ text }) => text);
    const wanted = [
      /^source printer: active to suspended$/,
      /^\d+ deliveries held: the source was suspended$/,
      /^source printer: suspended to active$/,
    ];
    for (const text of wanted)
      assert.ok(
        changes.some((one) => text.test(one ?? '')),
        `${String(text)}: ${changes.join('; ')}`,
      );
    const codes = new Set(
      (await relay.log('--source', 'printer', '--limit', '1000')).map(({ code }) => code),
    );
    for (const code of ['K801', 'K802']) assert.ok(codes.has(code), `${code} is not in the journal`);
  });

  test('an API key of a disabled source sends nothing, and a revoked credential ends its session', async () => {
    const { apiKey } = await relay
      .json<{ apiKey: string }[]>('source', 'credential', 'add', 'printer', '--api-key')
      .then(([one]) => one ?? { apiKey: '' });
    const send = () =>
      relay.request<{ code?: string }>('POST', '/v1/messages', {
        key: apiKey,
        body: '{"from":"printer@corp.test","to":["x@fast.test"],"text":"x"}',
      });
    assert.equal((await send()).status, 202);
    const session = await relay.session('printer', printer);
    const list = await relay.json<{ id: string; account?: string }[]>(
      'source',
      'credential',
      'list',
      'printer',
    );
    const credential = list.find(({ account }) => account === 'printer')?.id ?? '';
    await relay.cli('source', 'credential', 'revoke', 'printer', credential);
    assert.match(await session.reply(), STOPPED);
    const again = await relay.connect();
    assert.match(await again.login('printer', printer), /^535 5\.7\.8 A301 /);
    again.destroy();
    await relay.cli('source', 'disable', 'printer');
    const refused = await send();
    assert.deepEqual([refused.status, refused.body.code], [403, 'K802']);
  });
});
