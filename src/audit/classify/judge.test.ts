import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measure } from '../../../test/support/audit-accuracy.ts';
import { makeTraffic } from '../../../test/support/audit-traffic.ts';
import { tenantWith } from '../../edge/fixtures.ts';
import { factOf, type Told } from '../facts/fact.ts';
import { abuseOf } from './abuse.ts';
import { heloPattern, Places } from './places.ts';
import { SERVICES, serviceOfDomain, serviceOfHost } from './services.ts';
import { traitsOf } from './traits.ts';

const organisation = { tenant: tenantWith(), connectorsKnown: false };
const told: Told = {
  at: Date.UTC(2026, 4, 4),
  p1: 'joe@contoso.test',
  p2: 'joe@contoso.test',
  recipient: 'joe@contoso.test',
  address: '139.28.36.230',
  helo: '[127.0.0.1]',
  connector: 'none',
  subject: 'New Missed Fax-msg',
};
const factWith = (more: Partial<Told>) => factOf({ kind: 'message', file: 1, row: 1, ...told, ...more });

function scored(more: Partial<Told>, approved = false): number {
  const fact = factWith(more);
  const traits = traitsOf(fact, organisation);
  const places = new Places();
  places.add(fact, traits);
  return abuseOf(fact, traits, { places, approved }).score;
}

describe('the signs of abuse', () => {
  const calm = scored({ helo: 'host', subject: 'Lunch', recipient: 'ann@contoso.test' });
  const table: [string, Partial<Told>, number][] = [
    ['to oneself', { recipient: 'joe@contoso.test' }, 3],
    ['bracketed loopback', { helo: '[127.0.0.1]' }, 3],
    ['a private address in brackets', { helo: '[192.168.1.9]' }, 1],
    ['no name', { ptr: '' }, 2],
    ['DMARC fails', { dmarc: 'fail' }, 2],
    ['DMARC fails under reject', { dmarc: 'fail', extra: { action: 'oreject' } }, 3],
    ['composite authentication', { compauth: 'fail', reason: '601' }, 2],
    ['bypassed before a foreign MX', { compauth: 'none', reason: '451' }, 2],
    ['another failure', { compauth: 'fail', reason: '001' }, 0],
    ['a lure', { subject: 'Caller Left VM Message' }, 2],
    ['an attachment', { attachments: [{ name: 'voice.svg' }] }, 2],
    ['PowerShell', { mailer: 'Windows PowerShell' }, 2],
    ['signed and proven', { dkim: 'pass', dmarc: 'pass' }, -2],
    ['a model name', { helo: 'RNP0026736A1B2C' }, -3],
    ['a service', { helo: 'o1.sendgrid.net' }, -3],
    [
      'a service by its own word, from an address with another name',
      { helo: 'o1.sendgrid.net', ptr: 'vps.example' },
      0,
    ],
    ['a service whose address bears its name', { helo: 'o1.sendgrid.net', ptr: 'o1.sendgrid.net' }, -3],
    ['a meeting', { subject: 'Accepted: lunch' }, -4],
  ];
  for (const [name, more, points] of table)
    it(`${name}: ${points}`, () =>
      assert.equal(
        scored({ helo: 'host', subject: 'Lunch', recipient: 'ann@contoso.test', ...more }) - calm,
        points,
      ));

  it('do not count where a connector matched, or nothing is of the organisation', () => {
    assert.equal(scored({ connector: { name: 'X' } }), 0);
    assert.equal(scored({ p1: 'a@else.example', p2: 'a@else.example', recipient: 'ann@contoso.test' }), 0);
  });

  it('count less for who is approved', () => assert.equal(scored({}) - scored({}, true), 4));
});

describe('names', () => {
  const hosts: [string, string | undefined][] = [
    ['a1-2.smtp-out.amazonses.com', 'Amazon SES'],
    ['O1.PTR.SENDGRID.NET.', 'SendGrid'],
    ['notsendgrid.net', undefined],
    ['sendgrid.net.evil.example', undefined],
    ['mail-wr1-f41.google.com', 'Google'],
    ['', undefined],
  ];
  for (const [host, name] of hosts)
    it(`${host} is ${name}`, () => assert.equal(serviceOfHost(host)?.name, name));

  it('of return paths', () => assert.equal(serviceOfDomain('eu-west-1.amazonses.com')?.name, 'Amazon SES'));
  it('each service once', () =>
    assert.equal(new Set(SERVICES.map(({ name }) => name)).size, SERVICES.length));

  const patterns: [string, string][] = [
    ['mta-12.vendor.example', 'mta-#.vendor.example'],
    ['RNP0026736A1B2C', 'rnp#'],
    ['[192.168.1.20]', '[address]'],
    ['[127.0.0.1]', '[127.0.0.1]'],
    ['localhost', 'localhost'],
  ];
  for (const [helo, pattern] of patterns)
    it(`${helo} is ${pattern}`, () => assert.equal(heloPattern(helo), pattern));
});

describe('two months whose truth is known, on seeds that nothing was tuned on', () => {
  const evidence = {
    'all of it': [
      { kind: 'trace' },
      { kind: 'trace-detail' },
      { kind: 'email-events' },
      { kind: 'message', share: 0.3 },
    ],
    'trace and details': [{ kind: 'trace' }, { kind: 'trace-detail' }],
  } as const;
  for (const [name, kinds] of Object.entries(evidence)) {
    it(`${name}: Direct Send, classes and campaigns`, async () => {
      const runs = [];
      for (const seed of [201, 202]) runs.push(await measure(makeTraffic({ seed }), kinds));
      for (const { proven, macro, campaigns, mistakes } of runs) {
        const text = JSON.stringify(mistakes);
        assert.ok(proven.precision >= 0.99 && proven.recall >= 0.99, JSON.stringify(proven));
        assert.ok(macro >= 0.97, `${macro} ${text}`);
        assert.ok(campaigns.false < 0.0001, `${campaigns.false}`);
      }
      const recall = runs.reduce((sum, { campaigns }) => sum + (campaigns.recall ?? 0), 0) / runs.length;
      assert.ok(recall >= 0.95, `${recall}`);
    });
  }

  it('a trace alone proves nothing, and misses nothing', async () => {
    const { proven, found } = await measure(makeTraffic({ seed: 203, days: 30 }), [{ kind: 'trace' }]);
    assert.deepEqual([proven.recall, found.recall], [0, 1]);
  });
});
