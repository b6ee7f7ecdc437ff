import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ResolveError } from '../../platform/resolver.ts';
import { checkDomain, domainRecords, recordPublication } from './check.ts';
import type { RecordStatus } from './check.ts';
import type { SigningDomain } from './domain.ts';
import { makeKey, recordText } from './keys.ts';

const at = 1_767_225_600_000;
const active = await makeKey({ algorithm: 'rsa-sha256', selector: 'p2026a', stage: 'active', at });
const next = await makeKey({ algorithm: 'ed25519-sha256', selector: 'p2026b', stage: 'next', at });
const domain: SigningDomain = { name: 'mail.corp.test', internal: true, createdAt: at, keys: [active, next] };

/** DNS as a table; `temporary` and what is not there fail as the real one does. */
function dns(zone: Record<string, string[] | 'temporary'>) {
  return {
    async txt(name: string): Promise<string[]> {
      const texts = zone[name];
      if (texts === 'temporary') throw new ResolveError('temporary', `TXT ${name}: ETIMEOUT`);
      if (!texts) throw new ResolveError('nxdomain', `TXT ${name}: ENOTFOUND`);
      return texts;
    },
  };
}

const RIGHT = {
  'p2026a._domainkey.mail.corp.test': [recordText(active)],
  'p2026b._domainkey.mail.corp.test': [recordText(next)],
  'mail.corp.test': ['verification=1', 'v=spf1 a:relay.corp.test ~all'],
  '_dmarc.mail.corp.test': ['v=DMARC1; p=none; adkim=s'],
};

test('the records to publish are the ones that the check wants', async () => {
  const records = domainRecords(domain, { hostname: 'relay.corp.test', spfTerms: ['include:spf.x.test'] });
  assert.deepEqual(
    records.map((record) => record.name),
    [
      'p2026a._domainkey.mail.corp.test',
      'p2026b._domainkey.mail.corp.test',
      'mail.corp.test',
      '_dmarc.mail.corp.test',
    ],
  );
  assert.equal(records[2]?.value, 'v=spf1 a:relay.corp.test include:spf.x.test ~all');
  for (const record of records) {
    const strings = [...record.zone.matchAll(/"([^"]*)"/g)].map((match) => match[1]!);
    assert.equal(strings.join(''), record.value);
    assert.ok(strings.every((text) => text.length <= 255));
  }
  const zone = Object.fromEntries(records.map((record) => [record.name, [record.value]]));
  const check = await checkDomain(domain, dns(zone), at);
  assert.deepEqual(
    check.records.map((record) => record.status),
    ['ok', 'ok', 'ok', 'ok'],
  );
});

describe('check of a domain', () => {
  const key = 'p2026a._domainkey.mail.corp.test';
  const cases: [name: string, zone: Record<string, string[] | 'temporary'>, expected: RecordStatus[]][] = [
    ['all right', {}, ['ok', 'ok', 'ok', 'ok']],
    [
      'nothing there',
      { [key]: [], 'mail.corp.test': [], '_dmarc.mail.corp.test': [] },
      ['missing', 'ok', 'missing', 'missing'],
    ],
    [
      'DNS does not answer',
      { [key]: 'temporary', 'mail.corp.test': 'temporary', '_dmarc.mail.corp.test': 'temporary' },
      ['temporary', 'ok', 'temporary', 'temporary'],
    ],
    ['the key of another', { [key]: [recordText(next)] }, ['different', 'ok', 'ok', 'ok']],
    ['two records', { [key]: [recordText(active), recordText(active)] }, ['different', 'ok', 'ok', 'ok']],
    ['revoked', { [key]: ['v=DKIM1; p='] }, ['different', 'ok', 'ok', 'ok']],
    [
      'written with other spaces',
      { [key]: [`k=rsa;t=y;p=${active.publicKey.replace(/(.{64})/g, '$1 ')}`] },
      ['ok', 'ok', 'ok', 'ok'],
    ],
    [
      'two SPF records',
      { 'mail.corp.test': ['v=spf1 -all', 'v=spf1 a -all'] },
      ['ok', 'ok', 'different', 'ok'],
    ],
    ['SPF lets all in', { 'mail.corp.test': ['v=spf1 +all'] }, ['ok', 'ok', 'different', 'ok']],
    [
      'DMARC without policy',
      { '_dmarc.mail.corp.test': ['v=DMARC1; rua=mailto:x@corp.test'] },
      ['ok', 'ok', 'ok', 'different'],
    ],
    [
      'two DMARC records',
      { '_dmarc.mail.corp.test': ['v=DMARC1; p=none', 'v=DMARC1; p=reject'] },
      ['ok', 'ok', 'ok', 'different'],
    ],
    [
      'the parent does not answer',
      { '_dmarc.mail.corp.test': [], '_dmarc.corp.test': 'temporary' },
      ['ok', 'ok', 'ok', 'temporary'],
    ],
  ];
  for (const [name, changes, expected] of cases) {
    test(name, async () => {
      const check = await checkDomain(domain, dns({ ...RIGHT, ...changes }), at);
      assert.deepEqual(
        check.records.map((record) => record.status),
        expected,
      );
      assert.ok(check.records.every((record) => record.text !== ''));
    });
  }

  test('DMARC of the organisation counts for a subdomain', async () => {
    const zone = {
      ...RIGHT,
      '_dmarc.mail.corp.test': [],
      '_dmarc.corp.test': ['v=DMARC1; p=reject; sp=quarantine'],
    };
    const found = (await checkDomain(domain, dns(zone), at)).records.find(
      (record) => record.purpose === 'dmarc',
    );
    assert.equal(found?.name, '_dmarc.corp.test');
    assert.equal(found?.policy, 'quarantine');
  });

  test('what DNS answers is cut off', async () => {
    const zone = {
      ...RIGHT,
      'p2026a._domainkey.mail.corp.test': Array.from({ length: 50 }, () => 'x'.repeat(9000)),
    };
    const found = (await checkDomain(domain, dns(zone), at)).records[0]!;
    assert.equal(found.found.length, 5);
    assert.ok(found.found.every((text) => text.length < 600));
  });

  test('a bug of the resolver is not a DNS failure', async () => {
    await assert.rejects(
      checkDomain(domain, { txt: () => Promise.reject(new TypeError('bug')) }, at),
      TypeError,
    );
  });
});

test('only a definite answer changes what the registry knows', async () => {
  const marks: unknown[] = [];
  const registry = {
    markPublished: async (...mark: unknown[]) => {
      marks.push(mark);
    },
  };
  await recordPublication(await checkDomain(domain, dns(RIGHT), at), registry);
  assert.deepEqual(marks.splice(0), [
    ['mail.corp.test', 'p2026a', at],
    ['mail.corp.test', 'p2026b', at],
  ]);
  const zone = {
    ...RIGHT,
    'p2026a._domainkey.mail.corp.test': 'temporary' as const,
    'p2026b._domainkey.mail.corp.test': [],
  };
  await recordPublication(await checkDomain(domain, dns(zone), at), registry);
  assert.deepEqual(marks, [['mail.corp.test', 'p2026b', undefined]]);
});
