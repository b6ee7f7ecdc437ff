/**
 * Mail that tries to be taken for somebody else's, as researchers and attackers have published it ("Composition
 * Kills", Chen, Paxson and Jiang, 2020; SMTP smuggling, SEC Consult, 2023), against the whole edge over real SMTP.
 * The one thing that must never happen: a message is delivered whose reader is shown an own domain that nothing
 * proves, or one of a domain that asks for rejection.
 */
import assert from 'node:assert/strict';
import { domainToASCII } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { makeKey, recordText } from '../../src/authentication/dkim/keys.ts';
import { DkimSigner } from '../../src/authentication/dkim/sign.ts';
import { tenantWith } from '../../src/edge/fixtures.ts';
import { stuffDots } from '../../src/smtp/client/dot-stuffing.ts';
import type { NewMessage } from '../../src/spool/spool.ts';
import { EdgeDoor } from '../support/edge-door.ts';

const at = Date.now();
const key = await makeKey({ algorithm: 'rsa-sha256', selector: 's1', stage: 'active', at });
const signer = new DkimSigner({
  byName: (name) => ({ name, internal: true, createdAt: at, keys: [key] }),
});

const ZONE = {
  'TXT contoso.test': 'v=spf1 ip4:198.51.100.25 -all',
  'TXT _dmarc.contoso.test': 'v=DMARC1; p=reject',
  'MX contoso.test': 'mx.contoso.test',
  // what an attacker has in his own domain is perfect
  'TXT attacker.test': 'v=spf1 ip4:203.0.113.66 -all',
  'TXT _dmarc.attacker.test': 'v=DMARC1; p=none',
  'TXT s1._domainkey.attacker.test': recordText(key),
  'TXT victim.test': 'v=spf1 -all',
  'TXT _dmarc.victim.test': 'v=DMARC1; p=reject',
  'TXT s1._domainkey.victim.test': recordText(key),
};

async function signed(domain: string, head: string, body: string): Promise<string> {
  const bytes = Buffer.from(head);
  const hash = signer.hash(Buffer.from(body), true);
  return `${(await signer.sign({ head: bytes }, hash, domain, at)).toString()}${head}${body}`;
}

const head = (...fields: string[]): string =>
  `${[...fields, 'To: boss@contoso.test', 'Subject: invoice', `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`, ''].join('\r\n')}\r\n`;
const mail = (...fields: string[]): string => `${head(...fields)}Please pay.\r\n`;
const headOf = (message: NewMessage | undefined): string => message?.head.toString('latin1') ?? '';

type Outcome = 'refused' | 'quarantined' | 'delivered';
const outcomeOf = (taken: NewMessage | undefined): Outcome =>
  taken === undefined ? 'refused' : taken.hold === 'quarantine' ? 'quarantined' : 'delivered';

describe('an author who is not the author', () => {
  let door: EdgeDoor;
  before(async () => {
    const tenant = tenantWith([], { ownDomainSpoof: 'refuse', displayNameSpoof: 'quarantine' });
    door = await new EdgeDoor({ tenant, zone: ZONE }).open();
  });
  after(() => door.close());

  const AUTHORS: [what: string, fields: string[], expected: Outcome][] = [
    ['the attacker as himself', ['From: a@attacker.test'], 'delivered'],
    ['an own address', ['From: boss@contoso.test'], 'refused'],
    ['an own address, folded', ['From:\r\n boss@contoso.test'], 'refused'],
    ['an own address in upper case', ['FROM: BOSS@CONTOSO.TEST'], 'refused'],
    ['an own domain with a final dot', ['From: boss@contoso.test.'], 'refused'],
    ['a subdomain of an own one', ['From: boss@pay.contoso.test'], 'refused'],
    ['a subdomain of an own one that has no policy', ['From: boss@pay.contoso.example'], 'refused'],
    ['two From fields, the attacker first', ['From: a@attacker.test', 'From: boss@contoso.test'], 'refused'],
    ['two From fields, the attacker last', ['From: boss@contoso.test', 'From: a@attacker.test'], 'refused'],
    ['two From fields in two cases', ['from: a@attacker.test', 'FROM: boss@contoso.test'], 'refused'],
    ['no From field', ['Sender: a@attacker.test'], 'refused'],
    ['an empty From field', ['From:'], 'refused'],
    ['no address', ['From: The Boss'], 'refused'],
    ['two authors', ['From: a@attacker.test, boss@contoso.test'], 'refused'],
    ['two authors, the other way round', ['From: boss@contoso.test, a@attacker.test'], 'refused'],
    ['authors without a comma', ['From: <boss@contoso.test> <a@attacker.test>'], 'refused'],
    ['a space before the colon', ['From : boss@contoso.test', 'From: a@attacker.test'], 'refused'],
    ['a name with a control character', ['From\x01: boss@contoso.test', 'From: a@attacker.test'], 'refused'],
    ['NUL in the name of the field', ['From\0: boss@contoso.test', 'From: a@attacker.test'], 'refused'],
    ['NUL behind the own domain', ['From: boss@contoso.test\0@attacker.test'], 'refused'],
    ['NUL within the address', ['From: <boss@contoso.test\0>'], 'refused'],
    ['a group of one', ['From: Boss:boss@contoso.test;'], 'refused'],
    ['an empty group before the attacker', ['From: boss:;, a@attacker.test'], 'refused'],
    ['a source route', ['From: <@attacker.test,@b.test:boss@contoso.test>'], 'refused'],
    ['a route the other way round', ['From: <@contoso.test:a@attacker.test>'], 'refused'],
    ['two at signs', ['From: boss@contoso.test@attacker.test'], 'refused'],
    ['a quoted local part with an own address', ['From: "boss@contoso.test"@attacker.test'], 'refused'],
    ['a comment with an angle bracket', ['From: (<boss@contoso.test>) a@attacker.test'], 'refused'],
    ['a comment that does not end', ['From: boss@contoso.test (@attacker.test'], 'refused'],
    ['a comment within the domain', ['From: boss@contoso(x).test'], 'refused'],
    ['quotes that do not end', ['From: "boss <boss@contoso.test>'], 'refused'],
    ['an escaped quote', ['From: "\\"boss@contoso.test" <a@attacker.test>'], 'quarantined'],
    ['an address as an encoded word', ['From: =?utf-8?B?Ym9zc0Bjb250b3NvLnRlc3Q=?='], 'refused'],
    ['an encoded word within angle brackets', ['From: <=?utf-8?B?Ym9zc0Bjb250b3NvLnRlc3Q=?=>'], 'refused'],
    [
      'an encoded word before the attacker',
      ['From: =?utf-8?B?PGJvc3NAY29udG9zby50ZXN0Pg==?= <a@attacker.test>'],
      'quarantined',
    ],
    [
      'an encoded word that hides a comma',
      ['From: =?utf-8?Q?boss=40contoso.test=2C?= <a@attacker.test>'],
      'quarantined',
    ],
    ['an own address as display name', ['From: "boss@contoso.test" <a@attacker.test>'], 'quarantined'],
    ['an own domain as display name', ['From: Contoso.test IT <a@attacker.test>'], 'quarantined'],
    [
      'a display name with invisible letters',
      ['From: =?utf-8?Q?boss=40con=E2=80=8Btoso.test?= <a@attacker.test>'],
      'quarantined',
    ],
    [
      'a display name in wide letters',
      [`From: =?utf-8?B?${Buffer.from('boss＠contoso.test').toString('base64')}?= <a@attacker.test>`],
      'quarantined',
    ],
    ['a domain with one letter changed', ['From: boss@cont0so.test'], 'quarantined'],
    ['a domain in Cyrillic letters', [`From: boss@${domainToASCII('соntoso.test')}`], 'quarantined'],
    ['an own domain inside of another', ['From: boss@contoso.test.attacker.test'], 'quarantined'],
    ['a domain that asks for rejection', ['From: ceo@victim.test'], 'refused'],
    ['a first line that is a continuation', [' From: boss@contoso.test', 'From: a@attacker.test'], 'refused'],
    ['an mbox line', ['From boss@contoso.test Thu Jan 1 00:00:00 2026', 'From: a@attacker.test'], 'refused'],
    [
      'a blank continuation, behind which some see a body',
      ['From: a@attacker.test', ' ', 'From: boss@contoso.test'],
      'refused',
    ],
    ['a line without a colon', ['From: a@attacker.test', 'nonsense', 'From: boss@contoso.test'], 'refused'],
    [
      'an own address as Sender, shown as "on behalf of"',
      ['Sender: boss@contoso.test', 'From: a@attacker.test'],
      'quarantined',
    ],
    [
      'a second Sender',
      ['Sender: a@attacker.test', 'Sender: Boss <boss@CONTOSO.test>', 'From: a@attacker.test'],
      'quarantined',
    ],
    ['a foreign Sender', ['Sender: list@attacker.test', 'From: a@attacker.test'], 'delivered'],
    ['Resent-From is no author', ['Resent-From: boss@contoso.test', 'From: a@attacker.test'], 'delivered'],
    ['a very long From field', [`From: ${'(x)'.repeat(10_000)} boss@contoso.test`], 'refused'],
    [
      'many addresses',
      [
        `From: ${Array.from({ length: 500 }, (_, n) => `a${n}@attacker.test`).join(',\r\n ')}, boss@contoso.test`,
      ],
      'refused',
    ],
  ];

  for (const [what, fields, expected] of AUTHORS) {
    test(`${what}: ${expected}`, async () => {
      const { reply, taken } = await door.send({ content: mail(...fields) });
      assert.equal(outcomeOf(taken), expected, reply);
    });
  }

  test('an envelope that the attacker may use, and HELO of an own name, prove nothing', async () => {
    for (const from of ['', 'a@attacker.test', 'bounce@sub.attacker.test']) {
      const { taken } = await door.send({ from, content: mail('From: boss@contoso.test') });
      assert.equal(taken, undefined, from);
    }
  });

  test('a signature of the attacker with names that some cut short', async () => {
    const ownHead = head('From: boss@contoso.test');
    const good = await signed('attacker.test', ownHead, 'Please pay.\r\n');
    for (const domain of [
      'contoso.test\0.attacker.test',
      "contoso.test'.attacker.test",
      'contoso.test(.attacker.test',
      '"contoso.test".attacker.test',
      'contoso.test\\.attacker.test',
      '.contoso.test',
      'contoso.test.',
    ]) {
      const content = good.replace(/\bd=attacker\.test/, `d=${domain}`);
      const { reply, taken } = await door.send({ content });
      assert.equal(taken, undefined, `${domain}: ${reply}`);
    }
  });
});

describe('a signature that does not cover what is shown', () => {
  let door: EdgeDoor;
  before(async () => {
    door = await new EdgeDoor({ tenant: tenantWith(), zone: ZONE }).open();
  });
  after(() => door.close());
  const body = 'The real text.\r\n';

  test('replayed as it was, it is what it says; more nobody can know', async () => {
    const content = await signed('victim.test', head('From: ceo@victim.test'), body);
    const { taken } = await door.send({ content });
    assert.match(headOf(taken), /dmarc=pass/);
  });

  const CHANGES: [what: string, change: (content: string) => string][] = [
    ['a second From on top', (content) => `From: other@victim.test\r\n${content}`],
    ['a second Subject on top', (content) => `Subject: urgent\r\n${content}`],
    ['a changed Subject', (content) => content.replace('Subject: invoice', 'Subject: urgent')],
    ['a changed body', (content) => content.replace('The real text', 'Another text')],
    ['an appended body', (content) => `${content}<a href="https://evil.test">pay here</a>\r\n`],
    [
      'a new Content-Type around an old body',
      (content) => `Content-Type: multipart/mixed; boundary=x\r\n${content}`,
    ],
  ];
  for (const [what, change] of CHANGES) {
    test(`${what}: refused`, async () => {
      const content = change(await signed('victim.test', head('From: ceo@victim.test'), body));
      const { reply, taken } = await door.send({ content });
      assert.equal(taken, undefined, reply);
    });
  }
});

describe('words of the service in the mouth of a stranger', () => {
  let door: EdgeDoor;
  before(async () => {
    door = await new EdgeDoor({ tenant: tenantWith(), zone: ZONE }).open();
  });
  after(() => door.close());

  test('fields that only the service may set do not get through', async () => {
    const forged = [
      'Authentication-Results: edge.test; dmarc=pass header.from=contoso.test',
      'authentication-results: EDGE.TEST. ; spf=pass',
      'Authentication-Results: "edge.test" 1; dkim=pass header.d=contoso.test',
      'Authentication-Results:\r\n (c) edge.test (x); dmarc=pass',
      'X-MS-Exchange-Organization-AuthAs: Internal',
      'X-MS-Exchange-Organization-SCL: -1',
      'x-ms-exchange-organization-messagedirectionality: Originating',
      'X-MS-Exchange-CrossTenant-AuthAs: Internal',
      'X-MS-Exchange-CrossPremises-AuthAs: Internal',
      'X-Forefront-Antispam-Report: SFV:SKI;SCL:-1',
      'X-Microsoft-Antispam: BCL:0',
      'X-EOPAttributedMessage: 0',
      'X-Postern-Junk: no',
      'Return-Path: <boss@contoso.test>',
    ];
    const other = 'Authentication-Results: mx.other.test; spf=pass smtp.mailfrom=a@attacker.test';
    const { taken } = await door.send({ content: mail(...forged, other, 'From: a@attacker.test') });
    const written = headOf(taken);
    const results = written.match(/^Authentication-Results:/gim) ?? [];
    assert.equal(results.length, 2, written);
    assert.match(written, /^Received: [\s\S]*?^Authentication-Results: edge\.test;\s+[\s\S]*?spf=pass/m);
    assert.match(written, /mx\.other\.test/);
    assert.doesNotMatch(
      written,
      /x-ms-exchange|forefront|microsoft-antispam|eopattributed|x-postern|return-path/i,
    );
  });

  test('what the client says of itself can not become a field or a result', async () => {
    const client = await door.connect();
    assert.match(await client.say('EHLO x;dmarc=pass'), /^501/);
    await client.hello();
    const reply = await client.send({
      from: '"a; dkim=pass header.d=contoso.test"@attacker.test',
      to: ['boss@contoso.test'],
      content: mail('From: "dmarc=pass" <a@attacker.test>'),
    });
    client.destroy();
    assert.match(reply, /^250/);
    const written = headOf([...door.spool.messages.values()].at(-1));
    const results = /^Authentication-Results:[\s\S]*?(?=^\S)/m.exec(written)?.[0] ?? '';
    const bare = results.replace(/"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)/g, '');
    assert.doesNotMatch(bare, /dkim=pass|header\.d=|header\.from=(?!attacker\.test)/);
  });
});

describe('a second message inside of the first', () => {
  const ENDINGS = [
    '\n.\n',
    '\n.\r\n',
    '\r\n.\n',
    '\r.\r',
    '\r.\r\n',
    '\r\n.\r',
    '\r\n\0.\r\n',
    '\n\r.\r\n',
    '\r\r\n.\r\r\n',
    '.\r\n.\n',
  ];
  for (const lineEndings of ['refuse', 'repair'] as const) {
    for (const ending of ENDINGS) {
      test(`${JSON.stringify(ending)}, line endings are to ${lineEndings}`, async () => {
        const door = await new EdgeDoor({ tenant: tenantWith(), zone: ZONE, lineEndings }).open();
        try {
          const smuggled = `MAIL FROM:<boss@contoso.test>\r\nRCPT TO:<boss@contoso.test>\r\nDATA\r\n${mail('From: boss@contoso.test')}`;
          const { reply } = await door.send({
            content: `${mail('From: a@attacker.test')}${ending}${smuggled}`,
          });
          const kept = [...door.spool.messages.values()];
          assert.ok(kept.length <= 1, reply);
          for (const message of kept) {
            assert.equal(message.envelope.from, 'attacker@attacker.test');
            const { bytes } = message.body as { bytes: Buffer };
            // on the way out, nothing in it may end the message for a next hop that is less careful
            assert.doesNotMatch(
              stuffDots(bytes, true).toString('latin1'),
              /[\r\n]\.[\r\n]|\r(?!\n)|(?<!\r)\n/,
            );
          }
        } finally {
          await door.close();
        }
      });
    }
  }
});
