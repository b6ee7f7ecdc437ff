/** What the edge makes of envelopes: whose recipients are refused for what, and who is told of a failure later. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EDGE_SOURCE, UNPROVEN_EDGE_SOURCE } from '../../src/edge/acceptance.ts';
import { connectorOf, tenantWith } from '../../src/edge/fixtures.ts';
import { EdgeDoor, type EdgeDoorOptions } from '../support/edge-door.ts';

const OWN_SERVER = '192.0.2.10';
const PARTNER = '192.0.2.20';
const STRANGER = '203.0.113.66';

async function through(options: EdgeDoorOptions, look: (door: EdgeDoor) => Promise<void>): Promise<void> {
  const door = await new EdgeDoor(options).open();
  try {
    await look(door);
  } finally {
    await door.close();
  }
}

test('a recipient of nobody beside own ones is refused for what it is, and the own ones get the message', () =>
  through({ tenant: tenantWith() }, async (door) => {
    const client = await door.connect();
    await client.hello();
    await client.say('MAIL FROM:<a@attacker.test>');
    assert.match(await client.say('RCPT TO:<boss@contoso.test>'), /^250/);
    assert.match(await client.say('RCPT TO:<x@elsewhere.test>'), /^550 5\.7\.64/);
    assert.match(await client.say('RCPT TO:<boss@contoso.example>'), /^250/);
    assert.match(await client.say('DATA'), /^354/);
    assert.match(await client.say('From: a@attacker.test\r\n\r\nText\r\n.'), /^250/);
    client.destroy();
    const [taken] = door.spool.messages.values();
    assert.deepEqual(
      taken?.envelope.recipients.map(({ address }) => address),
      ['boss@contoso.test', 'boss@contoso.example'],
    );
  }));

test('one of nobody alone is refused at the end of DATA, and an own one behind it may come by itself', () =>
  through({ tenant: tenantWith() }, async (door) => {
    const client = await door.connect();
    await client.hello();
    await client.say('MAIL FROM:<a@attacker.test>');
    assert.match(await client.say('RCPT TO:<x@elsewhere.test>'), /^250/);
    assert.match(await client.say('RCPT TO:<boss@contoso.test>'), /^452 4\.5\.3/);
    assert.match(await client.say('DATA'), /^354/);
    assert.match(await client.say('From: a@attacker.test\r\n\r\nText\r\n.'), /^550 5\.7\.64/);
    client.destroy();
    assert.equal(door.spool.messages.size, 0);
  }));

test('every refusal in the journal names sender and recipient, and what is wrong', () =>
  through({ tenant: tenantWith() }, async (door) => {
    const last = () => door.events.events.findLast(({ type }) => type === 'refusal');
    const client = await door.connect();
    await client.hello();
    await client.say('MAIL FROM:<a@attacker.test>');
    await client.say('RCPT TO:<boss@contoso.test>');
    for (const recipient of ['nobody@contoso.test', 'x@elsewhere.test']) {
      await client.say(`RCPT TO:<${recipient}>`);
      const { detail } = last() ?? {};
      assert.deepEqual([detail?.['from'], detail?.['recipient']], ['a@attacker.test', recipient]);
    }
    client.destroy();

    for (const [content, text] of [
      ['From: a@x.test, b@y.test\r\n\r\nText\r\n', 'From: several-domains'],
      ['From: a@x.test\r\nnonsense\r\n\r\nText\r\n', /^the header section .*: no-colon$/],
    ] as const) {
      await door.send({ content });
      const { code, detail, text: said = '' } = last() ?? {};
      assert.deepEqual(
        [code, detail?.['from'], detail?.['recipient']],
        ['E205', 'attacker@attacker.test', 'boss@contoso.test'],
      );
      if (typeof text === 'string') assert.equal(said, text);
      else assert.match(said, text);
    }
  }));

test('of a failure hears a sender who is proven, or whose client a connector vouches for', () => {
  const connectors = [
    connectorOf({ name: 'own', type: 'on-premises', senderAddresses: [`${OWN_SERVER}/32`] }),
    connectorOf({ name: 'partner', senderDomains: ['news.test'], senderAddresses: [`${PARTNER}/32`] }),
  ];
  const zone = { 'TXT proven.test': `v=spf1 ip4:${STRANGER} -all` };
  const rows: [from: string, address: string, source: string][] = [
    ['ann@contoso.test', OWN_SERVER, EDGE_SOURCE],
    ['bounce@news.test', PARTNER, EDGE_SOURCE],
    ['a@proven.test', STRANGER, EDGE_SOURCE],
    ['a@attacker.test', STRANGER, UNPROVEN_EDGE_SOURCE],
    ['bounce@news.test', STRANGER, UNPROVEN_EDGE_SOURCE],
  ];
  return through({ tenant: tenantWith(connectors), zone }, async (door) => {
    for (const [from, address, source] of rows) {
      const { reply, taken } = await door.send({ from, address, content: `From: ${from}\r\n\r\nText\r\n` });
      assert.equal(taken?.source, source, `${from} from ${address}: ${reply}`);
    }
  });
});
