import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicy } from '../../policy/compiled.ts';
import { checkRecipient } from '../../policy/recipients.ts';
import { checkEnvelopeSender } from '../../policy/sender.ts';
import { newDevice, note, noteMessage, type SeenMessage } from './device.ts';
import { escaped } from './escape.ts';
import { fitPolicy, isExact } from './fit.ts';
import { sourceNameFor } from './name.ts';
import { deviceNetwork, seenNetworks } from './network.ts';

const AT = Date.parse('2027-03-01T08:00:10Z');
const internal = (domain: string): boolean => domain === 'corp.example';

const MESSAGE: SeenMessage = {
  envelopeFrom: 'scan@corp.example',
  headerFrom: 'scan@corp.example',
  recipients: ['anna@corp.example'],
  size: 3_300_000,
  tls: true,
};

function deviceThat(...messages: Partial<SeenMessage>[]) {
  const device = newDevice('dev_1', '192.0.2.7', AT);
  for (const message of messages) noteMessage(device, { ...MESSAGE, ...message }, AT);
  return device;
}

const fit = (...messages: Partial<SeenMessage>[]) => fitPolicy(deviceThat(...messages), internal, 50_000_000);

test('the policy allows what was seen, and its neighbours not', () => {
  const { policy, remarks } = fit(
    {},
    {
      envelopeFrom: 'bounce@corp.example',
      headerFrom: 'app@corp.example',
      recipients: ['help@vendor.example'],
    },
  );
  assert.deepEqual(remarks, []);
  assert.deepEqual(policy.pairs, [
    { envelope: 'scan@corp.example', header: 'scan@corp.example' },
    { envelope: 'bounce@corp.example', header: 'app@corp.example' },
  ]);
  assert.deepEqual(policy.recipients, { allow: 'internal', patterns: ['help@vendor.example'] });
  assert.equal(policy.maxSize, 4 * 1_048_576);
  assert.equal(policy.maxRecipients, 1);
  assert.equal(policy.nullSender, false);
  const compiled = compilePolicy(policy);
  const domains = { isInternal: internal };
  for (const [from, allowed] of [
    ['scan@corp.example', true],
    ['ceo@corp.example', false],
    ['', false],
  ] as const)
    assert.equal(checkEnvelopeSender(compiled, from) === undefined, allowed, from);
  for (const [to, allowed] of [
    ['anna@corp.example', true],
    ['help@vendor.example', true],
    ['sales@vendor.example', false],
  ] as const)
    assert.equal(checkRecipient(compiled, to, domains) === undefined, allowed, to);
});

test('only recipients outside: nobody inside is allowed', () => {
  assert.deepEqual(fit({ recipients: ['a@vendor.example', 'b@vendor.example'] }).policy.recipients, {
    allow: 'listed',
    patterns: ['a@vendor.example', 'b@vendor.example'],
  });
});

test('an address that would be a pattern becomes none', () => {
  const table: [string, boolean][] = [
    ['scan@corp.example', true],
    ['*@corp.example', false],
    ['sc*n@corp.example', false],
    ['corp.example', false],
    ['*.corp.example', false],
    ['root', false],
    ['scan@localhost', false],
    ['a b@corp.example', false],
    ['a@b@corp.example', false],
    ['a\\u{a}@corp.example', false],
    ['', false],
  ];
  for (const [address, exact] of table) {
    assert.equal(isExact(address), exact, address);
    if (exact || address === '') continue;
    const { policy, remarks } = fit({ envelopeFrom: address, headerFrom: address, recipients: [address] });
    assert.deepEqual(policy.pairs, [], address);
    assert.deepEqual(policy.recipients.patterns, [], address);
    assert.ok(remarks.length > 1, address);
  }
});

test('null sender, and messages without From', () => {
  const bounce = fit({ envelopeFrom: '' }).policy;
  assert.equal(bounce.nullSender, true);
  assert.deepEqual(bounce.pairs, [{ envelope: 'scan@corp.example', header: 'scan@corp.example' }]);
  const bare = fit({ headerFrom: undefined }).policy;
  assert.equal(bare.repair.missingFrom, 'scan@corp.example');
  assert.deepEqual(bare.pairs, [{ envelope: 'scan@corp.example', header: 'scan@corp.example' }]);
});

test('rates are twice the peaks of the clock, and never less than a few', () => {
  const device = newDevice('dev_1', '192.0.2.7', AT);
  for (let i = 0; i < 30; i++) noteMessage(device, MESSAGE, AT + i);
  for (let i = 0; i < 10; i++) noteMessage(device, MESSAGE, AT + 3_600_000 + i * 60_000);
  const most = Object.fromEntries(
    fitPolicy(device, internal, 50_000_000).policy.limits.map((limit) => [
      `${limit.unit}/${limit.per}`,
      limit.most,
    ]),
  );
  assert.deepEqual(most, {
    'messages/minute': 60,
    'messages/hour': 60,
    'messages/day': 80,
    'bytes/day': 80 * 3_300_000,
  });
  assert.equal(device.hours[8], 30);
  assert.equal(device.hours[9], 10);
  assert.equal(fit({}).policy.limits[0]?.most, 5);
});

test('whatever a stranger says, a device stays small, and what found no place is counted', () => {
  const device = newDevice('dev_1', '192.0.2.7', AT);
  for (let i = 0; i < 5000; i++) {
    note(device, 'hellos', `h${i}`.padEnd(255, 'x'));
    note(device, 'accounts', `\u001b[31m\u202e${i}`.padEnd(10_000, 'x'));
    const address = `a${i}@${'x'.repeat(300)}.example`;
    noteMessage(device, { ...MESSAGE, envelopeFrom: address, recipients: [address] }, AT);
  }
  assert.ok(JSON.stringify(device).length < 40_000, `${JSON.stringify(device).length} octets`);
  assert.ok(device.seen.hellos.others > 4000);
  assert.equal(device.messages, 5000);
  assert.doesNotMatch(JSON.stringify(device), /\\u001b|\u202e/);
  assert.equal(escaped('a\u202eb\\\n', 50), 'a\\u{202e}b\\u{5c}\\u{a}');
});

test('networks and names', () => {
  assert.equal(deviceNetwork('192.0.2.7'), '192.0.2.7');
  assert.equal(deviceNetwork('::ffff:192.0.2.7'), '192.0.2.7');
  assert.equal(deviceNetwork('2001:db8:0:1:a:b:c:d'), '2001:db8:0:1::/64');
  const six = newDevice('dev_1', '2001:db8:0:1::/64', AT);
  note(six, 'addresses', '2001:db8:0:1::7');
  assert.deepEqual(seenNetworks(six), ['2001:db8:0:1::7/128']);
  for (let i = 0; i < 20; i++) note(six, 'addresses', `2001:db8:0:1::${i}`);
  assert.deepEqual(seenNetworks(six), ['2001:db8:0:1::/64']);
  const named = (hello: string, taken: string[] = []): string => {
    const device = newDevice('dev_1', '192.0.2.7', AT);
    note(device, 'hellos', hello);
    return sourceNameFor(device, (name) => taken.includes(name));
  };
  assert.equal(named('Printer-3.corp.example'), 'printer-3');
  assert.equal(named('printer-3', ['printer-3', 'printer-3-2']), 'printer-3-3');
  for (const hello of ['localhost', '[192.0.2.7]', '-x', 'x'.repeat(200)])
    assert.equal(named(hello), 'device-192-0-2-7');
});
