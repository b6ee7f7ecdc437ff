// Who is let in at the edge, and for whom: recipients by three ways, clients by lists, names, limits and patience.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { encodeFilter, fillFilter } from '../../src/edge/recipients/ldap/filter.ts';
import { DnsServer } from '../support/dns-server.ts';
import { LdapServer, message, result } from '../support/ldap-server.ts';
import { ScriptedServer } from '../support/scripted-server.ts';
import { SINK_CERTIFICATE, SINK_KEY } from '../support/sink-certificate.ts';
import { plainMessage, SmtpDialogue } from '../support/smtp-dialogue.ts';
import { type LoggedEvent, StoryRelay, until } from '../support/story-relay.ts';

const FILTER = '(mail={address})';
const inDirectory = encodeFilter(fillFilter(FILTER, 'directory@contoso.test'));

const configuration = (dns: DnsServer, ldap: LdapServer): string => `
hostname = "edge.contoso.test"

[[listener]]
name = "mx"
port = 0
role = "edge"
tls = "none"

[api]
port = 0

[proxy]
from = ["127.0.0.1/32"]

[dns]
servers = ["${dns.address}"]

[edge]
helo = "refuse"

[[edge.blocklist]]
zone = "bl.test"
name = "Examplehaus"

[edge.greylist]
enabled = true
delaySeconds = 1

[edge.limits]
recipientsPerMinute = 12
unknownSlow = 1000
unknownRefuse = 3

[edge.recipients]
verify = ["list", "ldap", "call-ahead"]
unknownSeconds = 1

[edge.recipients.ldap]
urls = ["ldaps://localhost:${ldap.port}"]
bindDn = "cn=postern"
password = "secret"
base = "dc=contoso,dc=test"
filter = "${FILTER}"
ca = "directory.pem"
`;

suite('checks at the edge', () => {
  let dns: DnsServer;
  let ldap: LdapServer;
  let hop: ScriptedServer;
  let relay: StoryRelay;

  before(async () => {
    dns = await new DnsServer().listen();
    ldap = await new LdapServer({
      key: SINK_KEY,
      cert: SINK_CERTIFICATE,
      implicitTls: true,
      finds: (filter) => filter.equals(inDirectory),
    }).listen();
    hop = await new ScriptedServer({
      reply: (line) =>
        line.startsWith('RCPT') && !/<(listed|directory|ahead)@/i.test(line)
          ? '550 5.1.1 no such user'
          : undefined,
    }).listen();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-edge-'));
    writeFileSync(path.join(folder, 'directory.pem'), SINK_CERTIFICATE);
    relay = await new StoryRelay({ config: configuration(dns, ldap), folder }).start();
    await relay.cli('route', 'set', 'inside', '--smarthost', `127.0.0.1:${hop.port}`, '--tls', 'none');
    await relay.cli('edge', 'domain', 'add', 'contoso.test');
    await relay.cli('edge', 'recipient', 'add', 'listed@contoso.test');
    // SPF proves these senders, so that they need not wait
    dns.set('proven.test', 'TXT', 'v=spf1 ip4:203.0.113.0/24 ip4:198.51.100.0/24 -all');
  });
  after(async () => {
    await relay?.remove();
    await hop?.close();
    await ldap?.[Symbol.asyncDispose]();
    await dns?.close();
  });

  const connect = async (address: string, hello = 'mail.proven.test'): Promise<SmtpDialogue> => {
    const client = await SmtpDialogue.connect(relay.port('mx'), { clientAddress: address });
    await client.say(`EHLO ${hello}`);
    return client;
  };
  /** The reply to RCPT, in a session of its own. */
  const ask = async (
    recipient: string,
    {
      address = '203.0.113.9',
      sender = 'a@proven.test',
      hello,
    }: { address?: string; sender?: string; hello?: string } = {},
  ): Promise<string> => {
    const client = await connect(address, hello);
    await client.say(`MAIL FROM:<${sender}>`);
    const answer = await client.say(`RCPT TO:<${recipient}>`);
    client.destroy();
    return answer;
  };
  const refusal = async (code: string): Promise<LoggedEvent> =>
    until(`refusal ${code}`, async () =>
      (await relay.events({ code })).findLast(({ type }) => type === 'refusal'),
    );

  test('a recipient is found by list, directory or next hop, or not at all', async () => {
    for (const [index, recipient] of ['listed', 'Listed+shop', 'directory', 'ahead'].entries()) {
      const answer = await ask(`${recipient}@contoso.test`, { address: `203.0.113.${20 + index}` });
      assert.match(answer, /^250 2\.1\.5/, recipient);
    }
    assert.equal(
      await ask('nobody@contoso.test', { address: '203.0.113.30' }),
      '550 5.4.1 [nobody@contoso.test]: Recipient address rejected: Access denied',
    );
    assert.ok(ldap.requests.every(({ encrypted }) => encrypted));
    assert.equal(hop.messages.length, 0, 'asking sends nothing');
    assert.equal(hop.connections, 1, 'and takes one connection');
    assert.equal((await refusal('E204')).network, '203.0.113.30');
  });

  test('while the directory does not answer, nobody is unknown, and somebody is told', async () => {
    const well = ldap.options;
    ldap.options = {
      ...well,
      reply: ({ id, op }) => (op === 0x63 ? [message(id, result(0x65, 52, 'shutting down'))] : undefined),
    };
    assert.match(await ask('stranger@contoso.test', { address: '203.0.113.31' }), /^451 4\.4\.3 E207/);
    assert.match(await ask('listed@contoso.test', { address: '203.0.113.31' }), /^250/);
    const alarm = await until('the alarm', async () =>
      (await relay.events({ type: 'alarm' })).find(({ code }) => code === 'recipients-unavailable'),
    );
    assert.match(alarm.text ?? '', /ldap: the search failed: shutting down/);
    const status = await relay.json<{ recipients: { sources: { name: string; problem?: string }[] } }>(
      'edge',
      'status',
    );
    assert.match(
      status.recipients.sources.find(({ name }) => name === 'ldap')?.problem ?? '',
      /shutting down/,
    );
    ldap.options = well;
    assert.match(await ask('stranger@contoso.test', { address: '203.0.113.31' }), /^550 5\.4\.1/);
  });

  test('a client that calls itself by our name is refused', async () => {
    for (const hello of ['[127.0.0.1]', 'contoso.test', 'edge.contoso.test'])
      assert.equal(
        await ask('listed@contoso.test', { hello, address: '203.0.113.40' }),
        '550 5.7.506 Access Denied, Bad HELO',
      );
    assert.match((await refusal('E209')).text ?? '', /203\.0\.113\.40 calls itself by/);
  });

  test('a client on a blocklist is refused in the words that administrators know', async () => {
    dns
      .set('50.113.0.203.bl.test', 'A', '127.0.0.2')
      .set('50.113.0.203.bl.test', 'TXT', 'see https://bl.test/q?203.0.113.50');
    assert.equal(
      await ask('listed@contoso.test', { address: '203.0.113.50' }),
      '550 5.7.1 Service unavailable, Client host [203.0.113.50] blocked using Examplehaus. To request removal from this list see https://bl.test/q?203.0.113.50',
    );
    dns.trouble('51.113.0.203.bl.test', 'servfail');
    assert.match(await ask('listed@contoso.test', { address: '203.0.113.51' }), /^451 4\.4\.3 E211/);
    assert.match((await refusal('E211')).text ?? '', /bl\.test gave no answer/);
  });

  test('a stranger is told to come again, and is known when it does', async () => {
    const stranger = { address: '198.51.100.60', sender: 'new@stranger.test' };
    assert.match(await ask('listed@contoso.test', stranger), /^451 4\.7\.1 E213 Greylisted/);
    assert.match(await ask('listed@contoso.test', { ...stranger, sender: 'a@proven.test' }), /^250/);
    await new Promise((resolve) => {
      setTimeout(resolve, 1100);
    });
    assert.match(await ask('listed@contoso.test', stranger), /^250/);
    assert.match(
      await ask('listed@contoso.test', { ...stranger, address: '198.51.100.61', sender: 'b@else.test' }),
      /^250/,
      'its network',
    );
    assert.match((await refusal('E213')).text ?? '', /may come again in 1 s/);
  });

  test('who tries addresses is refused for a while, and others are not', async () => {
    const client = await connect('203.0.113.70');
    await client.say('MAIL FROM:<a@proven.test>');
    const replies: string[] = [];
    for (let i = 0; i < 5; i++)
      replies.push((await client.say(`RCPT TO:<guess${i}@contoso.test>`)).slice(0, 9));
    client.destroy();
    assert.deepEqual(replies, ['550 5.4.1', '550 5.4.1', '550 5.4.1', '550 5.4.1', '451 4.7.1']);
    assert.match(await ask('listed@contoso.test', { address: '203.0.113.70' }), /E215/);
    assert.match(await ask('listed@contoso.test', { address: '203.0.113.71' }), /^250/);
    const alarm = await until('the alarm', async () =>
      (await relay.events({ type: 'alarm' })).find(({ code }) => code === 'directory-harvest'),
    );
    assert.match(alarm?.text ?? '', /^203\.0\.113\.70 asked for 4 recipients/);
  });

  test('a network has its limits, and a connector raises them', async () => {
    const burst = async (): Promise<string[]> => {
      const client = await connect('203.0.113.80');
      await client.say('MAIL FROM:<a@proven.test>');
      const replies: string[] = [];
      for (let i = 0; i < 13; i++)
        replies.push((await client.say('RCPT TO:<listed@contoso.test>')).slice(0, 14));
      client.destroy();
      return replies;
    };
    assert.deepEqual(
      (await burst()).map((reply) => reply.slice(0, 3)),
      [...Array.from({ length: 12 }, () => '250'), '451'],
    );
    assert.match((await refusal('E214')).text ?? '', /12 recipients within a minute, allowed are 12/);
    await relay.cli(
      'edge',
      'connector',
      'add',
      'proven',
      '--type',
      'partner',
      '--sender-domain',
      'proven.test',
      '--address',
      '203.0.113.80',
      '--require-tls',
      'false',
    );
    assert.deepEqual([...new Set(await burst())], ['250 2.1.5 Reci']);
  });

  test('what is let in arrives, and the greylist outlives a restart', async () => {
    const client = await connect('198.51.100.62');
    const content = plainMessage([
      'From: c@else.test',
      'To: listed@contoso.test',
      'Subject: x',
      'Message-ID: <9@else.test>',
    ]);
    assert.match(
      await client.send({ from: 'c@else.test', to: ['listed@contoso.test'], content }),
      /^250 2\.6\.0/,
    );
    client.destroy();
    await until('delivery', () => hop.messages.find(({ content: text }) => text.includes('<9@else.test>')));
    await relay.stop();
    await relay.start();
    assert.match(
      await ask('listed@contoso.test', { address: '198.51.100.63', sender: 'd@other.test' }),
      /^250/,
    );
    assert.match(await ask('listed@contoso.test', { address: '192.0.2.63', sender: 'd@other.test' }), /E213/);
  });
});
