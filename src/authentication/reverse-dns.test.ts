import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ManualClock } from '../platform/clock.ts';
import { type LookupLimits, Lookups } from './lookups.ts';
import { checkReverseDns } from './reverse-dns.ts';
import { Zone, type ZoneEntry } from './zone.fixture.ts';

interface Case {
  what: string;
  address?: string;
  zone: Record<string, ZoneEntry>;
  expect: [result: string, name?: string];
  limits?: Partial<LookupLimits>;
}

const many = Array.from({ length: 11 }, (_, i) => `n${i}.test`);
const CASES: Case[] = [
  {
    what: 'both ways',
    zone: { 'PTR 192.0.2.1': 'mail.test.', 'A mail.test': '192.0.2.1' },
    expect: ['pass', 'mail.test'],
  },
  {
    what: 'names in another case',
    zone: { 'PTR 192.0.2.1': 'Mail.TEST', 'A mail.test': ['192.0.2.7', '192.0.2.1'] },
    expect: ['pass', 'mail.test'],
  },
  {
    what: 'IPv6, written in another way',
    address: '2001:DB8:0::1',
    zone: { 'PTR 2001:DB8:0::1': 'mail.test', 'AAAA mail.test': '2001:db8::1' },
    expect: ['pass', 'mail.test'],
  },
  {
    what: 'a mapped address is IPv4',
    address: '::ffff:192.0.2.1',
    zone: { 'PTR ::ffff:192.0.2.1': 'mail.test', 'A mail.test': '192.0.2.1' },
    expect: ['pass', 'mail.test'],
  },
  {
    what: 'the second name is true',
    zone: {
      'PTR 192.0.2.1': ['bank.test', 'mail.test'],
      'A bank.test': '192.0.2.9',
      'A mail.test': '192.0.2.1',
    },
    expect: ['pass', 'mail.test'],
  },
  {
    what: 'a failure beside a true name',
    zone: {
      'PTR 192.0.2.1': ['bank.test', 'mail.test'],
      'A bank.test': 'temporary',
      'A mail.test': '192.0.2.1',
    },
    expect: ['pass', 'mail.test'],
  },
  {
    what: 'a name of somebody else',
    zone: { 'PTR 192.0.2.1': 'bank.test', 'A bank.test': '192.0.2.9' },
    expect: ['fail'],
  },
  { what: 'a name that does not exist', zone: { 'PTR 192.0.2.1': 'bank.test' }, expect: ['fail'] },
  {
    what: 'only names that can be none',
    zone: { 'PTR 192.0.2.1': ['a..test', 'x\r\ny.test', ''] },
    expect: ['fail'],
  },
  { what: 'no name', zone: {}, expect: ['permerror'] },
  { what: 'an empty answer', zone: { 'PTR 192.0.2.1': [] }, expect: ['permerror'] },
  { what: 'nobody can tell the name', zone: { 'PTR 192.0.2.1': 'temporary' }, expect: ['temperror'] },
  {
    what: 'nobody can tell the address',
    zone: { 'PTR 192.0.2.1': ['mail.test', 'bank.test'], 'A mail.test': 'temporary' },
    expect: ['temperror'],
  },
  {
    what: 'the eleventh name',
    zone: { 'PTR 192.0.2.1': many, 'A n10.test': '192.0.2.1' },
    expect: ['fail'],
  },
  {
    what: '100,000 names',
    zone: { 'PTR 192.0.2.1': Array.from({ length: 100_000 }, () => 'mail.test') },
    expect: ['temperror'],
  },
  {
    what: 'beyond the budget',
    zone: { 'PTR 192.0.2.1': many, 'A n5.test': '192.0.2.1' },
    expect: ['temperror'],
    limits: { queries: 4 },
  },
  { what: 'no address', address: 'unix', zone: {}, expect: ['permerror'] },
];

describe('forward-confirmed reverse DNS', () => {
  for (const { what, address = '192.0.2.1', zone, expect, limits } of CASES) {
    test(`${what}: ${expect[0]}`, async () => {
      const resolver = new Zone(zone);
      const lookups = new Lookups({ resolver, clock: new ManualClock(), limits });
      const { result, name, claimed, problem } = await checkReverseDns(address, lookups);
      assert.deepEqual([result, name], [expect[0], expect[1]]);
      assert.equal(problem === undefined, result === 'pass');
      assert.ok(resolver.asked.length <= 11 && claimed.length <= 10);
      assert.ok(claimed.every((each) => /^[\x20-\x7e]+$/.test(each)));
    });
  }
});
