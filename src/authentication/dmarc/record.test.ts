import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { isDmarcRecord, parseDmarcRecord } from './record.ts';

describe('which TXT record is a DMARC record', () => {
  for (const text of [
    'v=DMARC1',
    'v=DMARC1;',
    'v=DMARC1; p=none',
    'v \t= DMARC1 ;p=none',
    'V=DMARC1; p=none',
  ]) {
    test(`yes: ${text}`, () => assert.ok(isDmarcRecord(text)));
  }
  for (const text of [
    '',
    'v=DMARC2; p=none',
    'v=dmarc1; p=none',
    'v=DMARC10; p=none',
    'v=DMARC1 p=none',
    'p=none; v=DMARC1',
    ' v=DMARC1; p=none',
    ';v=DMARC1; p=none',
    'vv=DMARC1; p=none',
    'v=spf1 -all',
  ]) {
    test(`no: ${text}`, () => assert.ok(!isDmarcRecord(text)));
  }
});

/** [text after the version, policy, sp, np, usable, number of faults] */
const CASES: [string, string, string | undefined, string | undefined, boolean, number][] = [
  ['p=none', 'none', undefined, undefined, true, 0],
  ['p=reject;', 'reject', undefined, undefined, true, 0],
  ['P=Reject', 'reject', undefined, undefined, true, 1],
  [' p = quarantine ; sp=none; np=reject', 'quarantine', 'none', 'reject', true, 0],
  ['rua=mailto:a@b.test; p=reject', 'reject', undefined, undefined, true, 0],
  // removed by RFC 9989, read by nobody
  ['p=reject; pct=0; rf=afrf; ri=3600', 'reject', undefined, undefined, true, 3],
  ['p=reject; x=y; fancy=1', 'reject', undefined, undefined, true, 2],
  ['p=reject; garbage; =x; p', 'reject', undefined, undefined, true, 3],
  ['p=reject;; sp=none', 'reject', 'none', undefined, true, 1],
  ['p=reject; p=none', 'reject', undefined, undefined, true, 1],
  // RFC 9989 §4.10.1: a wrong policy is none where reports are asked for, and nothing otherwise
  ['', 'none', undefined, undefined, false, 1],
  ['p=', 'none', undefined, undefined, false, 1],
  ['p=block', 'none', undefined, undefined, false, 1],
  ['p=block; rua=mailto:a@b.test', 'none', undefined, undefined, true, 1],
  ['p=reject; sp=block; rua=mailto:a@b.test', 'none', undefined, undefined, true, 1],
  ['p=reject; np=block; sp=reject', 'none', undefined, undefined, false, 1],
  ['rua=mailto:a@b.test', 'none', undefined, undefined, true, 1],
  ['rua=a@b.test', 'none', undefined, undefined, false, 2],
  ['rua=', 'none', undefined, undefined, false, 2],
  ['rua=a@b.test,mailto:a@b.test!10m', 'none', undefined, undefined, true, 2],
  // what is wrong elsewhere takes its default
  ['p=reject; t=maybe; psd=x; adkim=strict; aspf=', 'reject', undefined, undefined, true, 4],
];

describe('what a record says', () => {
  for (const [text, policy, sp, np, usable, faults] of CASES) {
    test(text || '(nothing)', () => {
      const record = parseDmarcRecord(`v=DMARC1; ${text}`);
      assert.equal(record.policy, policy);
      assert.equal(record.subdomains, sp);
      assert.equal(record.nonexistent, np);
      assert.equal(record.usable, usable);
      assert.equal(record.faults.length, faults, record.faults.join(' '));
    });
  }

  test('flags, alignment and addresses for reports', () => {
    const record = parseDmarcRecord(
      'v=DMARC1; p=reject; t=Y; psd=n; adkim=s; aspf=S; fo=1:d; rua=mailto:a@b.test!10M, https://b.test/r ;ruf=mailto:c@b.test',
    );
    assert.ok(record.testing);
    assert.equal(record.psd, 'n');
    assert.equal(record.dkimAlignment, 'strict');
    assert.equal(record.spfAlignment, 'strict');
    assert.deepEqual(record.aggregateReports, ['mailto:a@b.test', 'https://b.test/r']);
    assert.deepEqual(record.failureReports, ['mailto:c@b.test']);
    assert.equal(record.failureOptions, '1:d');
    assert.deepEqual(record.faults, []);
  });

  test('a record of 10 MB or 100,000 tags costs little and says so', () => {
    for (const text of [
      `v=DMARC1; p=reject; x=${'y'.repeat(10_000_000)}`,
      `v=DMARC1; p=reject${'; a=b'.repeat(100_000)}`,
    ]) {
      const record = parseDmarcRecord(text);
      assert.equal(record.policy, 'reject');
      assert.ok(record.faults.length < 100 && record.text.length < 1000);
    }
  });
});
