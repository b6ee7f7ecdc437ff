// The front door of an organization: closed before anything is set up, opened domain by domain, watched, and asked.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before as beforeAll, suite, test } from 'node:test';
import { DnsServer } from '../support/dns-server.ts';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { LISTENERS, StoryRelay, until } from '../support/story-relay.ts';

interface Decision {
  refused: boolean;
  directSend: boolean;
  refusal?: { code: string; reply: string };
  attribution: { kind: string; connector?: string };
}

interface Message {
  id: number;
  outcome: string;
  message?: string;
  from: string;
  headerFrom?: string;
  code?: string;
  placement?: string;
  directSend: boolean;
  spoof?: string;
  imitates?: string;
  connector?: string;
  spf?: string;
  dmarc?: string;
}

interface Spoof {
  network: string;
  imitates: string;
  kinds: string[];
  attempts: number;
  refused: number;
  quarantined: number;
}

const EDGE = '[[listener]]\nname = "mx"\nport = 0\nrole = "edge"\n';

suite('administration of the edge', () => {
  let dns: DnsServer;
  let relay: StoryRelay;

  beforeAll(async () => {
    dns = await new DnsServer().listen();
    dns.set('contoso.test', 'TXT', 'v=spf1 ip4:192.0.2.1 -all');
    dns.set('_dmarc.contoso.test', 'TXT', 'v=DMARC1; p=none');
    dns.set('partner.test', 'TXT', 'v=spf1 ip4:127.0.0.1 -all');
    dns.set('_dmarc.partner.test', 'TXT', 'v=DMARC1; p=reject');
    relay = new StoryRelay({
      config: `hostname = "relay.test"\n${LISTENERS}\n${EDGE}\n[dns]\nservers = ["${dns.address}"]\n`,
    });
    await relay.start();
  });
  after(async () => {
    await relay?.remove();
    await dns?.close();
  });

  /** What came last before the latest `send`. */
  let before = 0;
  const send = async (from: string, to: string, author = from): Promise<string> => {
    before = (await relay.api<{ items: Message[] }>('GET', '/edge/messages?limit=1')).body.items[0]?.id ?? 0;
    const client = await relay.connect('mx');
    const content = plainMessage([
      `From: ${author}`,
      `To: ${to}`,
      'Subject: hello',
      'Message-ID: <1@x.test>',
    ]);
    const answer = await client.send({ from, to: [to], content });
    client.destroy();
    return answer;
  };
  const messages = (...filters: string[]): Promise<Message[]> => relay.json('edge', 'messages', ...filters);
  const latest = (): Promise<Message> =>
    until('the message is in the journal', async () => {
      const [message] = await messages('--limit', '1');
      return message !== undefined && message.id > before && message;
    });

  test('without a domain nothing comes in, and the status says so', async () => {
    assert.match(await send('a@partner.test', 'ann@contoso.test'), /^550 5\.7\.64 TenantAttribution/);
    assert.match(
      await send('a@partner.test', 'Postmaster'),
      /^550 5\.1\.3 R503 Recipient address has no domain/,
    );
    const status = await relay.cli('edge', 'status');
    assert.match(status, /there is no accepted domain, so that all mail is refused: postern edge domain add/);
    assert.match(status, /rejectDirectSend\s+true/);
    assert.match(status, /mx 127\.0\.0\.1:\d+/);
  });

  test('a domain is accepted at once; its mail waits until somebody of it is known', async () => {
    assert.match(await relay.cli('edge', 'domain', 'add', 'Contoso.test'), /nobody of it is listed yet/);
    assert.match(await send('a@partner.test', 'ann@contoso.test'), /^451 4\.4\.3 /);
    const rows = Array.from({ length: 2000 }, (_, one) => `"U${one}","u${one}@contoso.test",""`);
    const file = path.join(relay.folder, 'recipients.csv');
    const ann = '"Ann","ann@contoso.test","SMTP:ann@contoso.test smtp:a.n@contoso.test SIP:ann@contoso.test"';
    writeFileSync(file, ['DisplayName,PrimarySmtpAddress,EmailAddresses', ann, ...rows].join('\r\n'));
    assert.match(
      await relay.cli('edge', 'recipient', 'import', file, '--dry-run'),
      /nothing was changed; it would be: 2002 added, 0 removed, 2002 listed/,
    );
    assert.match(await relay.cli('edge', 'recipient', 'import', file), /2002 added, 0 removed, 2002 listed/);
    assert.match(await relay.cli('edge', 'recipient', 'list', '--search', 'A.N@'), /a\.n@contoso\.test/);
    assert.match(await send('a@partner.test', 'A.N@contoso.test'), /^250 2\.6\.0 /);
    assert.match(
      await send('a@partner.test', 'nobody@contoso.test'),
      /^550 5\.4\.1 \[nobody@contoso\.test\]/,
    );
  });

  test('the postmaster is reached without being listed, and without a domain', async () => {
    for (const to of ['PostMaster@contoso.test', 'Postmaster', 'postmaster']) {
      assert.match(await send('a@partner.test', to), /^250 2\.6\.0 /, to);
      const taken = await latest();
      assert.deepEqual([taken.outcome, taken.from], ['queued', 'a@partner.test']);
      const story = JSON.stringify(await relay.json<unknown>('why', taken.message ?? ''));
      assert.match(story, /postmaster@contoso\.test/i);
    }
  });

  test('Direct Send is refused, as was foretold', async () => {
    const question = ['--client', '127.0.0.1', '--from', 'printer@contoso.test', '--to', 'ann@contoso.test'];
    const decision = await relay.json<Decision>('edge', 'decide', ...question);
    assert.deepEqual([decision.refused, decision.directSend, decision.refusal?.code], [true, true, 'E201']);
    const answer = await send('printer@contoso.test', 'ann@contoso.test');
    assert.match(answer, /^550 5\.7\.68 TenantInboundAttribution; Direct Send not allowed/);
    assert.equal(answer.replaceAll('\n', ' '), decision.refusal?.reply);
    assert.match(await relay.cli('edge', 'decide', ...question), /What to do\s+Let the device/);
    const refused = await latest();
    assert.deepEqual(
      [refused.outcome, refused.code, refused.directSend, refused.from],
      ['refused', 'E201', true, 'printer@contoso.test'],
    );
  });

  test('where it is let in, what it proves decides', async () => {
    assert.match(await relay.cli('edge', 'set', 'RejectDirectSend', '$false'), /rejectDirectSend is false/);
    assert.match(await send('ceo@contoso.test', 'ann@contoso.test'), /^250 /);
    const held = await latest();
    assert.deepEqual(
      [held.outcome, held.placement, held.directSend, held.spoof, held.imitates, held.spf, held.dmarc],
      ['held', 'quarantine', true, 'envelope', 'contoso.test', 'fail', 'fail'],
    );
    assert.match(await relay.cli('edge', 'status'), /Direct Send is let in/);
    await relay.cli('edge', 'set', 'reject-direct-send', 'true');
  });

  test('an own From behind a foreign envelope is seen, and refused where that is set', async () => {
    assert.match(await send('x@partner.test', 'ann@contoso.test', 'ceo@contoso.test'), /^250 /);
    const held = await latest();
    assert.deepEqual([held.outcome, held.spoof, held.headerFrom], ['held', 'header', 'ceo@contoso.test']);
    await relay.cli('edge', 'set', 'ownDomainSpoof', 'refuse');
    assert.match(await send('x@partner.test', 'ann@contoso.test', 'ceo@contoso.test'), /^550 5\.7\.1 E220/);
    await relay.cli('edge', 'set', 'ownDomainSpoof', 'quarantine');
  });

  test('a partner is identified by a connector, written as in Exchange', async () => {
    await relay.cli(
      'edge',
      'connector',
      'add',
      'Newsletter service',
      '--ConnectorType',
      'Partner',
      '--SenderDomains',
      'smtp:contoso.test;1',
      '--SenderIPAddresses',
      '127.0.0.1',
      '--RequireTls',
      '$false',
    );
    assert.match(await send('news@contoso.test', 'ann@contoso.test'), /^250 /);
    const taken = await latest();
    assert.deepEqual(
      [taken.outcome, taken.connector, taken.directSend, taken.placement],
      ['queued', 'Newsletter service', false, 'deliver'],
    );
    const edited = ['edge', 'connector', 'edit', 'newsletter SERVICE', '--address', '192.0.2.7'];
    await relay.cli(...edited, '--restrict-to-addresses');
    assert.match(await send('news@contoso.test', 'ann@contoso.test'), /^550 5\.7\.51 /);
    assert.match(await relay.cli('edge', 'connector', 'list'), /192\.0\.2\.7\/32\s+only from its addresses/);
    await relay.cli('edge', 'connector', 'edit', 'Newsletter service', '--enabled', 'false');
    assert.match(await send('news@contoso.test', 'ann@contoso.test'), /^550 5\.7\.68 /);
  });

  const mistakes: [string[], RegExp][] = [
    [['set', 'RejectDirectSend'], /outside of PowerShell, the shell takes \$true for a variable/],
    [['set', 'RejectDirectSend', 'maybe'], /expected true or false, not "maybe"/],
    [['set', 'Reject', 'true'], /there is no setting "Reject"; there are name, rejectDirectSend/],
    [
      ['connector', 'add', 'x', '--type', 'partner', '--address', '10.0.0.0/8'],
      /write a larger network as several/,
    ],
    [['connector', 'add', 'x', '--type', 'hybrid'], /expected one of partner, on-premises/],
    [
      ['connector', 'add', 'x', '--type', 'OnPremises'],
      /needs the name of a certificate, or sender addresses/,
    ],
    [['connector', 'add', 'newsletter service', '--type', 'partner'], /there is a connector .* already/],
    [['domain', 'add', '*.contoso.test'], /set matchSubDomains instead/],
    [['domain', 'remove', 'contoso.test'], /has 2002 listed recipients/],
    [['recipient', 'add', 'x@elsewhere.test'], /is no accepted domain; add it first/],
    [['safe-sender', 'add', 'com'], /is neither an address/],
    [['decide', '--client', 'mx', '--from', '', '--to', 'a@b.test'], /is no IP address/],
  ];
  for (const [args, pattern] of mistakes) {
    test(`postern edge ${args.join(' ')}: says what to do`, async () => {
      const { code, err } = await relay.run('edge', ...args);
      assert.notEqual(code, 0);
      assert.match(err, pattern);
    });
  }

  test('a safe sender is kept, and who tried to be somebody else is told', async () => {
    await relay.cli('edge', 'safe-sender', 'add', 'partner.test', '--note', 'invoices');
    assert.match(await relay.cli('edge', 'safe-sender', 'list'), /partner\.test.*invoices/);
    const { items } = await relay.json<{ items: Spoof[] }>('edge', 'spoofs');
    const [own, ...others] = items;
    assert.deepEqual(others, []);
    assert.deepEqual([own?.network, own?.imitates], ['127.0.0.1', 'contoso.test']);
    assert.deepEqual([...(own?.kinds ?? [])].sort(), ['direct-send', 'envelope', 'header']);
    assert.ok((own?.refused ?? 0) >= 3 && own?.quarantined === 2, JSON.stringify(own));
    assert.equal((await messages('--spoof', 'header', '--outcome', 'held')).length, 1);
    assert.match(await relay.cli('edge', 'messages', '--direct-send'), /refused E201/);
    assert.match(await relay.cli('edge', 'spoofs'), /127\.0\.0\.1\s+contoso\.test/);
  });

  test('all of it outlives a restart, and stands in the audit log', async () => {
    await relay.stop('SIGTERM');
    await relay.start();
    const status = await relay.json<{ domains: number; recipients: { listed: number }; safeSenders: number }>(
      'edge',
      'status',
    );
    assert.deepEqual([status.domains, status.recipients.listed, status.safeSenders], [1, 2002, 1]);
    assert.match(await send('a@partner.test', 'u1999@contoso.test'), /^250 /);
    const log = await relay.cli('audit-log', 'list');
    for (const text of ['accepted domain contoso.test added', 'edge set: rejectDirectSend false'])
      assert.ok(log.includes(text), log);
    await relay.cli('edge', 'domain', 'remove', 'contoso.test', '--with-recipients');
    assert.match(await send('a@partner.test', 'ann@contoso.test'), /^550 5\.7\.64 /);
  });
});
