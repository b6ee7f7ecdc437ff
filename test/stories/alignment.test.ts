// Nothing leaves unsigned by accident: From domains with a key, without one, and with one that is not published.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { DnsServer } from '../support/dns-server.ts';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { LISTENERS, StoryRelay, until } from '../support/story-relay.ts';

interface Key {
  selector: string;
  record: { name: string; text: string };
}

interface InboxEntry {
  id: number;
  message: string;
}

const ID = /^250 2\.0\.0 ([0-9A-Z]{11}) queued$/;

async function send(relay: StoryRelay, account: string, password: string, domain: string): Promise<string> {
  const client = await relay.session(account, password);
  const from = `app@${domain}`;
  const reply = await client.send({
    from,
    to: ['x@corp.test'],
    content: plainMessage([`From: ${from}`, 'To: x@corp.test']),
  });
  client.destroy();
  return reply;
}

/** The message as it would have left. */
async function left(relay: StoryRelay, reply: string): Promise<string> {
  const id = ID.exec(reply)?.[1];
  assert.ok(id, reply);
  const entry = await until(`${id} is in the inbox`, async () =>
    (await relay.api<{ items: InboxEntry[] }>('GET', '/inbox')).body.items.find(
      ({ message }) => message === id,
    ),
  );
  return (await relay.request<string>('GET', `/api/v1/inbox/${entry.id}/raw`, { key: relay.token })).body;
}

/** What was said of its alignment when it was accepted. */
async function warning(relay: StoryRelay, reply: string): Promise<string | undefined> {
  const message = ID.exec(reply)?.[1] ?? '';
  const event = await until('the journal has a warning', async () =>
    (await relay.events({ type: 'warning', message })).find(({ code }) => code === 'alignment'),
  );
  return event.text;
}

suite('alignment', () => {
  let dns: DnsServer;
  let relay: StoryRelay;
  const passwords = new Map<string, string>();

  before(async () => {
    dns = await new DnsServer().listen();
    relay = new StoryRelay({
      config: `hostname = "relay.test"\n${LISTENERS}[dns]\nservers = ["${dns.address}"]\n`,
    });
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test', '--ed25519');
    const policies = {
      holding: [],
      rejecting: ['reject'],
      borrowing: ['sign-with=corp.test'],
      sending: ['send'],
    };
    await Promise.all(
      Object.entries(policies).map(async ([name, [unaligned]]) => {
        const options = unaligned === undefined ? [] : ['--unaligned', unaligned];
        const from = ['--from', 'corp.test', '--from', '*.corp.test', '--from', 'keyless.test'];
        passwords.set(name, await relay.addSource(name, ...from, ...options));
      }),
    );
  });
  after(async () => {
    await relay?.remove();
    await dns?.close();
  });

  const say = (source: string, domain: string): Promise<string> =>
    send(relay, source, passwords.get(source) ?? '', domain);

  test('a From domain with a key is signed by it; a subdomain by its parent', async () => {
    for (const domain of ['corp.test', 'deep.dept.corp.test']) {
      const message = await left(relay, await say('holding', domain));
      const domains = [...message.matchAll(/^DKIM-Signature:(?:[^\r]|\r\n\s)*?\bd=([^;\s]+)/gm)].map(
        ([, d]) => d,
      );
      assert.deepEqual(domains, ['corp.test', 'corp.test'], 'one signature for each active key');
    }
  });

  test('without a key it is held by default, and the owner can read why', async () => {
    const reply = await say('holding', 'keyless.test');
    const id = ID.exec(reply)?.[1] ?? '';
    const [held] = await relay.queue('--reason', 'alignment');
    assert.deepEqual([held?.message, held?.state, held?.hold], [id, 'held', 'alignment']);
    assert.equal(await warning(relay, reply), 'no signing domain aligns with keyless.test');
    assert.match(await relay.cli('why', id), /no signing domain aligns with keyless\.test/);
  });

  test('reject answers X904', async () => {
    assert.match(
      await say('rejecting', 'keyless.test'),
      /^550 5\.7\.1 X904 No DKIM key for the From domain$/,
    );
    const [event] = await relay.log('--code', 'X904');
    assert.equal(event?.text, 'no signing domain aligns with keyless.test');
    assert.match(await say('rejecting', 'corp.test'), ID);
  });

  test('sign-with signs by the domain that is named, and warns', async () => {
    const reply = await say('borrowing', 'keyless.test');
    assert.match(await left(relay, reply), /^DKIM-Signature:(?:[^\r]|\r\n\s)*?\bd=corp\.test;/m);
    assert.match(
      (await warning(relay, reply)) ?? '',
      /signed as corp\.test, DMARC of keyless\.test does not pass by it/,
    );
  });

  test('send leaves it unsigned, and warns', async () => {
    const reply = await say('sending', 'keyless.test');
    assert.doesNotMatch(await left(relay, reply), /DKIM-Signature/i);
    assert.match((await warning(relay, reply)) ?? '', /sent without a signature that aligns/);
  });

  test('domain check: nothing published, silence, another key, the right ones', async () => {
    const { keys } = await relay.json<{ keys: Key[] }>('domain', 'show', 'corp.test');
    assert.equal(keys.length, 2);
    const none = await relay.run('domain', 'check', 'corp.test');
    assert.equal(none.code, 1);
    for (const { record } of keys) assert.ok(none.out.includes(record.name), none.out);
    assert.match(none.out, /There is no TXT record /);

    for (const { record } of keys) dns.trouble(record.name, 'servfail');
    const unknown = await relay.run('domain', 'check', 'corp.test');
    assert.equal(unknown.code, 1);
    assert.match(unknown.out, /ESERVFAIL/);
    for (const { record } of keys) dns.trouble(record.name, undefined);

    for (const { record } of keys) dns.set(record.name, 'TXT', record.text.replace(/p=.{8}/, 'p=AAAAAAAA'));
    const different = await relay.run('domain', 'check', 'corp.test');
    assert.equal(different.code, 1);
    assert.match(different.out, /publishes another key/);

    for (const { record } of keys) dns.set(record.name, 'TXT', record.text);
    const right = await relay.run('domain', 'check', 'corp.test');
    assert.equal(right.code, 0, right.out + right.err);
    assert.match(await relay.cli('domain', 'list'), /corp\.test .* yes$/m);
    const published = await relay.json<{ purpose: string }[]>('domain', 'dns', 'corp.test');
    assert.deepEqual(
      published.map(({ purpose }) => purpose),
      ['dkim', 'dkim', 'spf', 'dmarc'],
    );
  });

  test('a key that was added has to be seen in DNS before it signs', async () => {
    const made = await relay.json<Key>('domain', 'key', 'add', 'corp.test');
    const early = await relay.run('domain', 'key', 'activate', 'corp.test', made.selector);
    assert.equal(early.code, 1);
    assert.match(early.err, /publish the record first, or force it/);
    dns.set(made.record.name, 'TXT', made.record.text);
    await relay.cli('domain', 'key', 'activate', 'corp.test', made.selector);
    const message = await left(relay, await say('holding', 'corp.test'));
    const selectors = [...message.matchAll(/\bs=([^;\s]+);/g)].map(([, s]) => s);
    assert.ok(selectors.includes(made.selector), String(selectors));
    assert.equal(selectors.length, 2, 'the key before it signs no more');
  });
});

suite('with dkim.requirePublished', () => {
  let dns: DnsServer;
  let relay: StoryRelay;
  let password = '';

  before(async () => {
    dns = await new DnsServer().listen();
    relay = new StoryRelay({
      config: `hostname = "relay.test"\n${LISTENERS}[dns]\nservers = ["${dns.address}"]\n[dkim]\nrequirePublished = true\n`,
    });
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    password = await relay.addSource('app', '--from', 'corp.test');
  });
  after(async () => {
    await relay?.remove();
    await dns?.close();
  });

  test('a key that nobody has seen counts as none, until the check has seen it', async () => {
    const reply = await send(relay, 'app', password, 'corp.test');
    assert.match(reply, ID);
    const [held] = await relay.queue();
    assert.deepEqual([held?.state, held?.hold], ['held', 'alignment']);
    assert.match(
      (await warning(relay, reply)) ?? '',
      /a key of corp\.test is published|no active key of corp\.test is published/,
    );

    const { keys } = await relay.json<{ keys: Key[] }>('domain', 'show', 'corp.test');
    for (const { record } of keys) dns.set(record.name, 'TXT', record.text);
    assert.equal((await relay.run('domain', 'check', 'corp.test')).code, 0);
    assert.match(await left(relay, await send(relay, 'app', password, 'corp.test')), /^DKIM-Signature: /);

    // it stays known when DNS is away, and over a restart
    for (const { record } of keys) dns.trouble(record.name, 'servfail');
    await relay.run('domain', 'check', 'corp.test');
    assert.match(await left(relay, await send(relay, 'app', password, 'corp.test')), /^DKIM-Signature: /);
    await relay.stop();
    await relay.start();
    assert.match(await left(relay, await send(relay, 'app', password, 'corp.test')), /^DKIM-Signature: /);
  });
});
