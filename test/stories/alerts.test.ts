// Six hundred refusals of one UPS: one call of a webhook with a count, everything in the journal, and nothing forgotten
// by a restart.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { AnsweringServer } from '../../src/alerts/local-servers.fixture.ts';
import { LISTENERS, StoryRelay, until } from '../support/story-relay.ts';

interface Alert {
  id: string;
  rule: string;
  state: string;
  count: number;
  sourceName?: string;
  messages: { channel: string; kind: string; state: string; attempts: number; lastError?: string }[];
}

interface Call {
  type: string;
  data: { rule: string; sourceName?: string; count: number; id: string };
}

suite('alerts', () => {
  const relay = new StoryRelay({
    config: `hostname = "relay.test"\n${LISTENERS}[limits]\nerrors = 10000\n[log]\nlevel = "error"\n`,
  });
  let hook: AnsweringServer;
  let password = '';

  const calls = (): Call[] => hook.seen.map(({ body }) => JSON.parse(body) as Call);
  const alertOf = async (rule: string): Promise<Alert> => {
    const [one] = await relay.json<Alert[]>('alert', 'list', '--rule', rule);
    if (!one) throw new Error(`there is no alert of rule ${rule}`);
    return relay.json<Alert>('alert', 'show', one.id);
  };
  const refuse = async (times: number): Promise<void> => {
    const client = await relay.session('ups', password);
    await client.say('MAIL FROM:<ups@corp.test>');
    for (let n = 0; n < times; n++) {
      assert.match(await client.say('RCPT TO:<somebody@elsewhere.test>'), /^550 /);
    }
    client.destroy();
  };

  before(async () => {
    hook = await new AnsweringServer().listen();
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    password = await relay.addSource('ups', '--from', 'corp.test');
  });

  after(async () => {
    await relay.remove();
    await hook.close();
  });

  test('a channel is refused that leads into the network, until that is allowed', async () => {
    const url = `http://127.0.0.1:${hook.port}/hook`;
    await relay.cli('alert', 'channel', 'add', 'ops', '--webhook', url);
    const { code, err } = await relay.run('alert', 'test', 'ops');
    assert.equal(code, 1);
    assert.match(err, /private address; allow that in the channel/);
    assert.equal(hook.seen.length, 0);
    const added = await relay.cli('alert', 'channel', 'add', 'ops', '--webhook', url, '--allow-private');
    assert.doesNotMatch(added, /whsec_/, 'the secret is the one it had, and is not shown again');
    await relay.cli('alert', 'test', 'ops');
    assert.equal(calls()[0]?.type, 'alert.test');
    hook.seen.length = 0;
  });

  test('six hundred refusals are one call and a count, and all of them are in the journal', async () => {
    const rule = 'alert rule set ups --type refusal --code R501 --source ups --gather 4 --quiet 5';
    await relay.cli(...rule.split(' '), '--severity', 'critical');
    await relay.cli('alert', 'rule', 'set', 'refusal-rate', '--disable');
    await refuse(600);
    await until('the webhook was called', () => hook.seen.length > 0);
    const alert = await until('the alert is over', async () => {
      const one = await alertOf('ups');
      return one.state === 'closed' && one;
    });
    assert.deepEqual(
      calls().map(({ type, data }) => [type, data.count, data.sourceName]),
      [['alert.opened', 600, 'ups']],
    );
    assert.equal(alert.count, 600);
    assert.deepEqual(
      alert.messages.map(({ channel, kind, state, attempts }) => [channel, kind, state, attempts]),
      [['ops', 'opened', 'sent', 1]],
    );
    const refusals = await relay.json<unknown[]>('alert', 'list', '--source', 'ups');
    assert.equal(refusals.length, 1);
    let found = 0;
    let cursor = '';
    do {
      const { body } = await relay.api<{ items: unknown[]; next?: string }>(
        'GET',
        `/events?type=refusal&code=R501&limit=500${cursor}`,
      );
      found += body.items.length;
      cursor = body.next === undefined ? '' : `&cursor=${body.next}`;
    } while (cursor !== '');
    assert.equal(found, 600);
    const { body: metrics } = await relay.request<string>('GET', '/metrics', { key: relay.token });
    assert.match(metrics, /postern_alert_messages_total\{channel="ops",result="sent"\} 1/);
  });

  test('a message that was not taken is sent after a restart, under the same name', async () => {
    hook.seen.length = 0;
    hook.answers = [{ status: 503, headers: { 'retry-after': '1' } }];
    await refuse(3);
    await until('the webhook was tried', () => hook.seen.length > 0);
    const [first] = hook.seen;
    await relay.stop();
    hook.answers = [{ status: 200 }];
    hook.seen.length = 0;
    await relay.start();
    await until('it was sent', () => hook.seen.length > 0);
    assert.equal(hook.seen[0]?.headers['webhook-id'], first?.headers['webhook-id']);
    const alert = await until('it is noted', async () => {
      const one = await alertOf('ups');
      return one.messages[0]?.state === 'sent' && one;
    });
    assert.ok((alert.messages[0]?.attempts ?? 0) > 1);
    assert.equal(alert.count, 3);
  });

  test('what is muted is counted and not told', async () => {
    await until('the storm is over', async () => (await alertOf('ups')).state === 'closed');
    hook.seen.length = 0;
    await relay.cli('alert', 'mute', 'add', '--source', 'ups', '--for', '1h', '--reason', 'maintenance');
    await refuse(5);
    const alert = await until('the alert is over', async () => {
      const one = await alertOf('ups');
      return one.count === 5 && one.state === 'closed' && one;
    });
    assert.deepEqual(alert.messages, []);
    assert.equal(hook.seen.length, 0);
  });

  test('the owner can be told every week what became of it', async () => {
    assert.match(await relay.cli('alert', 'digest', 'show'), /is off/);
    const preview = await relay.cli('alert', 'digest', 'preview', 'owner@corp.test');
    assert.match(preview, /^ups\n {2}- No messages\n {2}- Refused 608 times \(R501\): /m);
    const set = await relay.cli(...'alert digest set --on --language fr --weekday 5'.split(' '));
    assert.match(set, /every Friday at 7:00 UTC, in fr/);
    assert.match(await relay.cli('alert', 'digest', 'preview', 'owner@corp.test'), /Refusé 608 fois/);
  });

  test('who changed what is in the journal, without secrets', async () => {
    const changes = await relay.log('--type', 'change');
    const texts = changes.map(({ text }) => text ?? '');
    assert.ok(texts.includes('alert channel ops added'));
    assert.ok(texts.includes('alert rule ups added'));
    assert.doesNotMatch(JSON.stringify(changes), /whsec_/);
  });
});
