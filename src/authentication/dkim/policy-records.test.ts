import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { inspectSpf, isSpfRecord } from './policy-records.ts';

describe('SPF', () => {
  test('which TXT record is one', () => {
    for (const text of ['v=spf1', 'v=spf1 -all', 'V=SPF1 -all']) assert.ok(isSpfRecord(text), text);
    for (const text of ['v=spf10 -all', ' v=spf1', 'spf1', 'google-site-verification=x']) {
      assert.ok(!isSpfRecord(text), text);
    }
  });

  const good = [
    'v=spf1 -all',
    'v=spf1 a mx ~all',
    'v=spf1  a:relay.corp.test/24 mx/28//64 a//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 include:x.test ?all',
    'v=spf1 exists:%{ir}.sbl.test -all',
    'v=spf1 redirect=_spf.x.test',
    'v=spf1 -all exp=why.x.test other=1',
    `v=spf1 ${'include:a.test '.repeat(10)}-all`,
  ];
  for (const text of good) test(text, () => assert.equal(inspectSpf(text), undefined));

  const bad: [text: string, about: RegExp][] = [
    ['v=spf1 +all', /everybody/],
    ['v=spf1 all', /everybody/],
    ['v=spf1 a', /without "all"/],
    ['v=spf1', /without "all"/],
    ['v=spf1 -all a', /behind "all"/],
    ['v=spf1 ip4:300.1.1.1 -all', /ip4:300/],
    ['v=spf1 ip4:192.0.2.0/33 -all', /\/33/],
    ['v=spf1 ip6:192.0.2.1 -all', /ip6/],
    ['v=spf1 include -all', /include/],
    ['v=spf1 ip:192.0.2.1 -all', /not an SPF term/],
    ['v=spf1 192.0.2.1 -all', /not an SPF term/],
    ['v=spf1 a/33 -all', /not an SPF term/],
    ['v=spf1 redirect=a redirect=b', /two redirects/],
    [`v=spf1 ${'include:a.test '.repeat(11)}-all`, /11 DNS queries/],
  ];
  for (const [text, about] of bad) {
    test(text.slice(0, 50), () => assert.match(inspectSpf(text) ?? 'nothing wrong', about));
  }
});
