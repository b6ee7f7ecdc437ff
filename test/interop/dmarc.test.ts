/**
 * DMARC against other implementations: for made-up zones the same result and policy as mailauth, and where Postern
 * finds one author domain, nodemailer's parser finds that domain too and no other.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import fc from 'fast-check';
import { evaluateDmarc } from 'mailauth/lib/dmarc/index.js';

import { readDomainAuthor } from '../../src/authentication/author.ts';
import { checkDmarc } from '../../src/authentication/dmarc/check.ts';
import { Zone } from '../../src/authentication/zone.fixture.ts';
import type { ZoneEntry } from '../../src/authentication/zone.fixture.ts';
import { HeaderIndex } from '../../src/message/headers.ts';
import { ResolveError } from '../../src/platform/resolver.ts';

const NAMES = [
  'test',
  'corp.test',
  'a.corp.test',
  'b.corp.test',
  'x.a.corp.test',
  'y.b.corp.test',
  '1.2.3.4.5.6.7.x.a.corp.test',
];
const name = fc.constantFrom(...NAMES);
const record = fc
  .record(
    {
      p: fc.constantFrom('none', 'quarantine', 'reject', 'bad'),
      sp: fc.constantFrom('none', 'quarantine', 'reject', 'bad'),
      np: fc.constantFrom('none', 'quarantine', 'reject'),
      rua: fc.constant('mailto:a@b.test'),
      t: fc.constantFrom('y', 'n'),
      psd: fc.constantFrom('y', 'n', 'u'),
      adkim: fc.constantFrom('r', 's'),
      aspf: fc.constantFrom('r', 's'),
      pct: fc.constant('0'),
    },
    { requiredKeys: [] },
  )
  .map(
    (tags) =>
      `v=DMARC1; ${Object.entries(tags)
        .map(([tag, value]) => `${tag}=${value}`)
        .join('; ')}`,
  );
const entry: fc.Arbitrary<ZoneEntry> = fc.oneof(
  { weight: 8, arbitrary: record },
  { weight: 1, arbitrary: fc.constant<ZoneEntry>(['v=DMARC1; p=none', 'v=DMARC1; p=reject']) },
  { weight: 1, arbitrary: fc.constant('temporary') },
);
const zones = fc
  .tuple(fc.dictionary(name, entry), fc.subarray(NAMES))
  .map(([records, existing]) =>
    Object.fromEntries([
      ...Object.entries(records).map(([domain, value]): [string, ZoneEntry] => [
        `TXT _dmarc.${domain}`,
        value,
      ]),
      ...existing.map((domain): [string, ZoneEntry] => [`A ${domain}`, '192.0.2.1']),
    ] satisfies [string, ZoneEntry][]),
  );

const CODES = { nxdomain: 'ENOTFOUND', nodata: 'ENODATA', temporary: 'ETIMEOUT' };

/** DNS as mailauth asks for it. */
function resolverOf(zone: Zone) {
  return async (domain: string, type: string): Promise<unknown[]> => {
    try {
      if (type === 'TXT') return (await zone.txt(domain)).map((text) => [text]);
      if (type === 'A') return await zone.addresses(domain);
    } catch (error) {
      if (!(error instanceof ResolveError)) throw error;
      throw Object.assign(new Error(error.message), { code: CODES[error.failure] });
    }
    throw Object.assign(new Error(type), { code: 'ENOTFOUND' });
  };
}

test('the same results and policies as mailauth', async () => {
  await fc.assert(
    fc.asyncProperty(
      zones,
      name,
      fc.option(name),
      fc.array(name, { maxLength: 2 }),
      async (zone, domain, spf, dkim) => {
        const dns = new Zone(zone);
        const mine = await checkDmarc(
          {
            domain,
            ...(spf === null ? {} : { spf: { result: 'pass', domain: spf } }),
            dkim: dkim.map((one) => ({ result: 'pass', domain: one })),
          },
          dns,
        );
        const answer = await evaluateDmarc({
          headerFrom: [domain],
          spfDomains: spf === null ? [] : [spf],
          dkimDomains: dkim.map((one) => ({ domain: one })),
          resolver: resolverOf(dns),
        } as unknown as Parameters<typeof evaluateDmarc>[0]);
        const theirs = answer.response;
        assert.ok(theirs);
        // a record without a policy is `none` there
        assert.equal(mine.result === 'permerror' ? 'none' : mine.result, theirs.status.result);
        if (mine.result === 'fail') assert.equal(mine.policy, theirs.policy);
      },
    ),
    { numRuns: 5000 },
  );
});

interface Parsed {
  address?: string;
  group?: Parsed[];
}
const parseAddresses = createRequire(import.meta.url)('nodemailer/lib/addressparser') as (
  text: string,
) => Parsed[];
const flat = (list: Parsed[]): string[] =>
  list.flatMap(({ address, group }) => (group ? flat(group) : [String(address).toLowerCase()]));

test('one author for nodemailer as well', () => {
  const piece = fc.constantFrom(
    'a@legit.test',
    'b@attack.test',
    '<a@legit.test>',
    '<b@attack.test>',
    '=?utf-8?Q?a=40legit.test?=',
    'legit.test',
    '"q"',
    '(c)',
    '\r\n ',
    ...Array.from('"\\()<>,;: \t@.x\'%|'),
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
      const value = pieces.join('');
      const head = Buffer.from(`From: ${value}\r\n\r\n`);
      const author = readDomainAuthor(new HeaderIndex(head, { headerBytes: 10_000, headerFields: 10 }));
      if (author.kind !== 'domain') return;
      for (const address of flat(parseAddresses(value.replaceAll('\r\n', '')))) {
        assert.equal(address.slice(address.lastIndexOf('@') + 1), author.domain);
      }
    }),
    { numRuns: 50_000 },
  );
});
