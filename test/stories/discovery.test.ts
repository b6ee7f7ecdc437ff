// A printer that nobody knows: seen, held, approved, and from then on a source like any other; or refused.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { plainMessage, SmtpDialogue } from '../support/smtp-dialogue.ts';
import { type QueuedDelivery, StoryRelay, until } from '../support/story-relay.ts';

interface Device {
  id: string;
  network: string;
  state: string;
  source?: string;
  connections: number;
  messages: number;
  held: { messages: number; bytes: number };
  hellos: { value: string; count: number }[];
  tls: { value: string }[];
  mechanisms: { value: string }[];
  accounts: { value: string }[];
  pairs: { envelope: string; header: string; count: number }[];
  recipients: { value: string }[];
  refusals: { value: string }[];
}

interface Plan {
  name: string;
  policy: { pairs: unknown[]; recipients: { allow: string; patterns: string[] }; maxSize: number };
  credential: { kind: string; networks: string[] };
}

interface Approved {
  source: { id: string; name: string; state: string };
  released: { message: string; as: string }[];
  refused: unknown[];
  password?: string;
}

interface InboxEntry {
  id: number;
  message: string;
  sourceName: string;
}

const listener = (name: string, learn: string): string => `
[[listener]]
name = "${name}"
port = 0
plainAuthentication = true
${learn}
`;

const CONFIG = `hostname = "relay.test"
${listener('holding', 'learn = "hold"\nlearnFrom = ["127.0.0.0/8"]')}
${listener('refusing', 'learn = "refuse"\nlearnFrom = ["127.0.0.0/8"]')}
${listener('elsewhere', 'learn = "hold"\nlearnFrom = ["192.0.2.0/24"]')}
${listener('plain', '')}
[discovery]
deviceMessages = 2

[api]
port = 0
`;

const scan = (subject: string): { from: string; to: string[]; content: string } => ({
  from: 'scanner@corp.test',
  to: ['anna@corp.test'],
  content: plainMessage(['From: Scanner <scan@corp.test>', 'To: anna@corp.test', `Subject: ${subject}`]),
});

const HELD = /^250 2\.0\.0 ([0-9A-Z]{11}) held until the device is approved$/;

suite('discovery', () => {
  const relay = new StoryRelay({ config: CONFIG });

  before(async () => {
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test', '--ed25519');
  });
  after(() => relay.remove());

  const devices = (): Promise<Device[]> => relay.json<Device[]>('discovery', 'list');

  const printer = async (name: string, subject: string): Promise<string> => {
    const client = await SmtpDialogue.connect(relay.port(name));
    await client.say('EHLO printer-3.corp.test');
    const answer = await client.send(scan(subject));
    client.destroy();
    return answer;
  };

  const inInbox = (message: string): Promise<InboxEntry> =>
    until(`${message} is in the inbox`, async () =>
      (await relay.api<{ items: InboxEntry[] }>('GET', '/inbox')).body.items.find(
        (one) => one.message === message,
      ),
    );

  test('a listener that does not learn, or not from here, refuses as ever and records nothing', async () => {
    assert.match(await printer('plain', 'One'), /^530 5\.7\.0 A302 /);
    assert.match(await printer('elsewhere', 'One'), /^530 5\.7\.0 A302 /);
    assert.deepEqual(await devices(), []);
  });

  test('refuse: the message is refused with its reason, what was seen is recorded', async () => {
    assert.match(
      await printer('refusing', 'One'),
      /^550 5\.7\.1 A311 Unknown device, recorded for approval$/,
    );
    const [device] = await devices();
    assert.equal(device?.network, '127.0.0.1');
    assert.equal(device.messages, 1);
    assert.equal(device.held.messages, 0);
    assert.equal(device.source, undefined);
    assert.deepEqual(device.pairs, [{ envelope: 'scanner@corp.test', header: 'scan@corp.test', count: 1 }]);
    assert.deepEqual(
      device.recipients.map(({ value }) => value),
      ['anna@corp.test'],
    );
    assert.deepEqual(await relay.queue(), []);
    const [alarm] = await relay.events({ type: 'alarm' });
    assert.equal(alarm?.code, 'unknown-device');
    assert.equal(alarm?.outcome, 'info');
  });

  test('hold: taken and kept, up to the bound; a failed login is remembered without its password', async () => {
    const client = await SmtpDialogue.connect(relay.port('holding'));
    await client.startTls();
    await client.say('EHLO printer-3.corp.test');
    assert.match(await client.login('scan-account', 'hunter2-secret'), /^535 /);
    assert.match(await client.send(scan('Held one')), HELD);
    client.destroy();
    assert.match(await printer('holding', 'Held two'), HELD);
    assert.match(await printer('holding', 'Too many'), /^451 4\.7\.1 A312 /);

    const { stdout } = { stdout: await relay.cli('discovery', 'show', '127.0.0.1', '--json') };
    const device = JSON.parse(stdout) as Device;
    assert.equal(device.held.messages, 2);
    assert.equal(device.source, 'printer-3');
    assert.match(device.tls[0]?.value ?? '', /^TLSv1\.3 /);
    assert.deepEqual([device.mechanisms[0]?.value, device.accounts[0]?.value], ['PLAIN', 'scan-account']);
    assert.ok(!stdout.includes('hunter2') && !stdout.includes('Held one'));
    assert.match(await relay.cli('discovery', 'show', '127.0.0.1'), /Accounts tried +scan-account/);

    const waiting = await relay.deliveries();
    assert.equal(waiting.length, 2);
    assert.ok(
      waiting.every(
        ({ state, hold, sourceName }: QueuedDelivery) =>
          state === 'held' && hold === 'approval' && sourceName === 'printer-3',
      ),
    );
  });

  test('not even an operator who releases the queue gets it out before it is approved', async () => {
    await relay.cli('queue', 'release', '--source', 'printer-3');
    await until('it is held again', async () =>
      (await relay.deliveries()).every(({ state }) => state === 'held'),
    );
    assert.deepEqual((await relay.api<{ items: InboxEntry[] }>('GET', '/inbox')).body.items, []);
  });

  test('what waits is still known after a restart', async () => {
    await relay.stop();
    await relay.start();
    const [device] = await devices();
    assert.equal(device?.held.messages, 2);
    assert.match(await printer('holding', 'Still too many'), /^451 4\.7\.1 A312 /);
  });

  test('dry run: the tightest policy that fits; nothing changes', async () => {
    const plan = await relay.json<Plan>('discovery', 'approve', '127.0.0.1', '--network', '--dry-run');
    assert.deepEqual(plan.policy.pairs, [{ envelope: 'scanner@corp.test', header: 'scan@corp.test' }]);
    assert.deepEqual(plan.policy.recipients, { allow: 'internal', patterns: [] });
    assert.equal(plan.policy.maxSize, 1_048_576);
    assert.deepEqual(plan.credential, { kind: 'network', networks: ['127.0.0.1/32'] });
    assert.equal((await devices()).length, 1);
    assert.match(await printer('plain', 'Not yet'), /^530 /);
  });

  test('a plan that is out of date is not approved', async () => {
    const headers = { 'if-match': `"${'0'.repeat(32)}"` };
    const answer = await relay.request('POST', '/api/v1/discovery/127.0.0.1/approve', {
      key: relay.token,
      body: '{}',
      headers,
    });
    assert.equal(answer.status, 412);
  });

  test('approve: held mail is judged, signed and delivered; the next message goes directly', async () => {
    const approved = await relay.json<Approved>(
      'discovery',
      'approve',
      '127.0.0.1',
      '--network',
      '--owner',
      'it@corp.test',
      '--unaligned',
      'send',
    );
    assert.equal(approved.source.name, 'printer-3');
    assert.equal(approved.source.state, 'active');
    assert.equal(approved.released.length, 2);
    assert.deepEqual(approved.refused, []);
    for (const { as } of approved.released) {
      const entry = await inInbox(as);
      assert.equal(entry.sourceName, 'printer-3');
      const raw = (await relay.request<string>('GET', `/api/v1/inbox/${entry.id}/raw`, { key: relay.token }))
        .body;
      assert.match(raw, /^DKIM-Signature: .*d=corp\.test/ms);
      assert.match(raw, /^Subject: Held (one|two)\r?$/m);
    }
    await until('nothing waits', async () => (await relay.deliveries()).length === 0);
    assert.deepEqual(await devices(), []);

    for (const name of ['holding', 'refusing', 'plain']) {
      const direct = /^250 2\.0\.0 ([0-9A-Z]{11}) queued$/.exec(await printer(name, 'Direct'))?.[1];
      assert.ok(direct, name);
      await inInbox(direct);
    }
    // as tight as what was seen
    const client = await SmtpDialogue.connect(relay.port('plain'));
    await client.hello();
    assert.match(await client.send({ ...scan('Foreign'), from: 'boss@corp.test' }), /^550 5\.7\.1 S401 /);
    client.destroy();
    const changes = await relay.events({ type: 'change' });
    assert.ok(changes.some(({ text }) => text?.includes('approved as source printer-3')));
  });

  test('a stranger that calls itself by a pattern gets no pattern; dismissed and blocked it is forgotten', async () => {
    await relay.cli('source', 'remove', 'printer-3', '--yes');
    const client = await SmtpDialogue.connect(relay.port('holding'));
    await client.hello();
    const content = plainMessage(['From: "*"@corp.test', 'To: anna@corp.test', 'Subject: All']);
    assert.match(await client.send({ from: '*@corp.test', to: ['anna@corp.test'], content }), HELD);
    client.destroy();
    const refused = await relay.run('discovery', 'approve', '127.0.0.1');
    assert.equal(refused.code, 1);
    assert.match(refused.err, /nothing was seen that it sends as/);

    await relay.cli('discovery', 'dismiss', '127.0.0.1', '--block', '--yes');
    assert.deepEqual(await relay.queue(), []);
    assert.deepEqual(await devices(), []);
    assert.doesNotMatch(await relay.cli('source', 'list'), /127-0-0-1|client/);
    assert.match(await printer('holding', 'Again'), /^530 5\.7\.0 A302 /);
    assert.deepEqual(await devices(), []);
    await relay.cli('discovery', 'unblock', '127.0.0.1');
    assert.match(await printer('refusing', 'Again'), /^550 5\.7\.1 A311 /);
  });
});
