import assert from 'node:assert/strict';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { describe, test } from 'node:test';

import { HeaderIndex } from '../message/headers.ts';
import { ManualClock } from '../platform/clock.ts';
import { ResolveError } from '../platform/resolver.ts';
import type { Resolver } from '../platform/resolver.ts';
import { authenticateMessage } from './authenticate.ts';
import type { Authentication } from './authenticate.ts';
import { formatResults } from './authentication-results.ts';
import type { SigningDomain } from './dkim/domain.ts';
import { makeKey, recordText } from './dkim/keys.ts';
import { DkimSigner } from './dkim/sign.ts';
import { Lookups } from './lookups.ts';
import type { LookupLimits } from './lookups.ts';
import { methodResults } from './message-results.ts';
import { readResults } from './results-syntax.ts';
import { Zone } from './zone.fixture.ts';
import type { ZoneEntry } from './zone.fixture.ts';

const at = 1_795_000_000_000;
const key = await makeKey({ algorithm: 'ed25519-sha256', selector: 's1', stage: 'active', at });
const owner = (name: string): SigningDomain => ({ name, internal: true, createdAt: at, keys: [key] });
const signer = new DkimSigner({ byName: owner });

const LEGIT: Record<string, ZoneEntry> = {
  'TXT legit.test': 'v=spf1 ip4:192.0.2.1 -all',
  'TXT _dmarc.legit.test': 'v=DMARC1; p=reject',
  'TXT s1._domainkey.legit.test': recordText(key),
  'A mail.legit.test': '192.0.2.1',
  'PTR 192.0.2.1': 'mail.legit.test',
};
const ATTACK: Record<string, ZoneEntry> = {
  'TXT attack.test': 'v=spf1 ip4:203.0.113.9 -all',
  'TXT s1._domainkey.attack.test': recordText(key),
  'A attack.test': '203.0.113.9',
  'PTR 203.0.113.9': 'attack.test',
};
const HEAD = 'From: Admin <admin@legit.test>\r\nTo: b@corp.test\r\nSubject: hello\r\n\r\n';
const BODY = 'Pay at once.\r\n';

interface Given {
  address?: string;
  helo?: string;
  sender?: string;
  head?: string;
  body?: string;
  /** Signs as this domain. */
  signAs?: string;
  zone?: Record<string, ZoneEntry>;
  resolver?: Resolver;
  limits?: Partial<LookupLimits>;
}

const honest = { address: '192.0.2.1', helo: 'mail.legit.test', sender: 'admin@legit.test' };
const attack = { address: '203.0.113.9', helo: 'attack.test', sender: 'any@attack.test' };

async function judge(given: Given): Promise<Authentication> {
  const body = Buffer.from(given.body ?? BODY);
  let head = Buffer.from(given.head ?? HEAD);
  if (given.signAs !== undefined) {
    const signature = await signer.sign({ head }, signer.hash(Buffer.from(BODY), true), given.signAs, at);
    head = Buffer.concat([signature, head]);
  }
  const resolver = given.resolver ?? new Zone({ ...LEGIT, ...ATTACK, ...given.zone });
  const lookups = new Lookups({
    resolver,
    clock: new ManualClock(at),
    ...(given.limits && { limits: given.limits }),
  });
  const index = new HeaderIndex(head, { headerBytes: 1_000_000, headerFields: 1000 });
  return authenticateMessage(
    {
      address: given.address ?? attack.address,
      helo: given.helo ?? attack.helo,
      sender: given.sender ?? attack.sender,
      head: index,
      body,
    },
    lookups,
    { receiver: 'mx.corp.test' },
  );
}

const words = ({ iprev, spf, dkim, arc, dmarc }: Authentication): string =>
  [
    iprev.result,
    spf.result,
    dkim.map(({ result }) => result).join('+') || 'none',
    arc.result,
    dmarc.result,
  ].join(' ');

describe('a message', () => {
  test('that is what it says', async () => {
    const found = await judge({ ...honest, signAs: 'legit.test' });
    assert.equal(words(found), 'pass pass pass none pass');
    assert.equal(found.iprev.name, 'mail.legit.test');
    assert.deepEqual(
      found.dmarc.aligned.map(({ mechanism }) => mechanism),
      ['dkim', 'spf'],
    );
    assert.equal(found.dns.exceeded, undefined);
    assert.equal(
      formatResults('mx.corp.test', methodResults(found)),
      'Authentication-Results: mx.corp.test;\r\n' +
        '\tiprev=pass (mail.legit.test) policy.iprev=192.0.2.1;\r\n' +
        '\tspf=pass smtp.mailfrom=admin@legit.test;\r\n' +
        '\tdkim=pass (256-bit key) header.d=legit.test header.s=s1\r\n\theader.i=@legit.test header.a=ed25519-sha256;\r\n' +
        '\tdmarc=pass (p=reject) policy.dmarc=reject header.from=legit.test\r\n',
    );
  });

  const cases: [name: string, given: Given, expected: string][] = [
    ['forwarded: SPF is lost, the signature stays', { signAs: 'legit.test' }, 'pass pass pass none pass'],
    ['not signed', honest, 'pass pass none none pass'],
    ['a stranger with all of his own', { signAs: 'attack.test' }, 'pass pass pass none fail'],
    ['a body that was changed', { signAs: 'legit.test', body: 'Pay me.\r\n' }, 'pass pass fail none fail'],
    ['no reverse DNS', { address: '198.51.100.1', sender: 'x@legit.test' }, 'permerror fail none none fail'],
    ['reverse DNS that lies', { zone: { 'PTR 203.0.113.9': 'mail.legit.test' } }, 'fail pass none none fail'],
    ['null sender, honest HELO', { ...honest, sender: '', helo: 'legit.test' }, 'pass pass none none pass'],
    ['no From field', { head: 'To: b@corp.test\r\n\r\n' }, 'pass pass none none permerror'],
    ['a domain without DMARC', { head: 'From: a@attack.test\r\n\r\n' }, 'pass pass none none none'],
  ];
  for (const [name, given, expected] of cases) {
    test(name, async () => assert.equal(words(await judge(given)), expected));
  }
});

/** "Composition Kills" (Chen, Paxson, Jiang, 2020), as numbered by espoofer; those on the From field: author.test.ts. */
describe('attacks on the composition of SPF, DKIM and DMARC', () => {
  const rejected: [name: string, given: Given][] = [
    ['A1 MAIL FROM of a subdomain that does not exist', { sender: 'any@notexist.legit.test' }],
    [
      'A1 of a subdomain without SPF',
      { sender: 'any@www.legit.test', zone: { 'A www.legit.test': '192.0.2.7' } },
    ],
    ['A2 null MAIL FROM, HELO of the attacker', { sender: '' }],
    ['A2 null MAIL FROM, HELO of the victim', { sender: '', helo: 'legit.test' }],
    ['A2 MAIL FROM that is no address', { sender: '(any@attack.test', helo: 'legit.test' }],
    [
      'A5 a bracket in MAIL FROM',
      { sender: 'admin@legit.test(.attack.test', zone: { 'TXT legit.test(.attack.test': 'v=spf1 +all' } },
    ],
    [
      'A6 a quote in MAIL FROM',
      { sender: "any@legit.test'@a.attack.test", zone: { 'TXT a.attack.test': 'v=spf1 +all' } },
    ],
    [
      'A6 quotes and spaces',
      { sender: '"admin@legit.test; x"@a.attack.test', zone: { 'TXT a.attack.test': 'v=spf1 +all' } },
    ],
    ['A7 a route in MAIL FROM', { sender: "@legit.test,@any.test:'any@attack.test" }],
    ['replay with another From on top', { head: `From: x@attack.test\r\n${HEAD}` }],
  ];
  for (const [name, given] of rejected) {
    test(name, async () => {
      const { dmarc } = await judge(given);
      assert.ok(dmarc.result === 'fail' || dmarc.result === 'permerror', dmarc.text);
      assert.deepEqual(dmarc.aligned, []);
      if (dmarc.result === 'fail') assert.equal(dmarc.policy, 'reject');
    });
  }

  const forgedNames: [name: string, tags: string][] = [
    ['A3 a NUL in the selector', 'd=legit.test; s=attack.test\u0001.any'],
    ['A4 a quote in the domain', "d=legit.test'@a.attack.test; s=s1"],
    ['A4 a bracket in the domain', 'd=legit.test(.attack.test; s=s1'],
    ['a domain with a space', 'd=legit.test .attack.test; s=s1'],
    ['a domain twice', 'd=legit.test; d=attack.test; s=s1'],
    ['a top-level domain', 'd=test; s=s1'],
  ];
  for (const [name, tags] of forgedNames) {
    test(name, async () => {
      const signature = await signer.sign(
        { head: Buffer.from(HEAD) },
        signer.hash(Buffer.from(BODY), true),
        'attack.test',
        at,
      );
      const head = signature.toString('latin1').replace(/d=attack\.test;\s*s=s1/, tags) + HEAD;
      assert.ok(head.includes(tags));
      const found = await judge({
        head,
        zone: {
          'TXT s1._domainkey.a.attack.test': recordText(key),
          'TXT s1._domainkey.test': recordText(key),
        },
      });
      assert.equal(found.dmarc.result, 'fail', words(found));
      const read = readResults(formatResults('mx.corp.test', methodResults(found)).slice(24));
      assert.equal(read?.results.find(({ method }) => method === 'dmarc')?.result, 'fail');
      assert.ok(!read.results.some(({ method, result }) => method === 'dkim' && result === 'pass'));
    });
  }

  test('octets appended behind l=', async () => {
    const plain = { head: Buffer.from(HEAD), body: Buffer.from(BODY) };
    const bh = createHash('sha256').update(plain.body).digest('base64');
    const field = `DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=legit.test; s=s1; h=from:to:subject; l=${plain.body.length}; bh=${bh}; b=`;
    const data = Buffer.from(HEAD.replace(/\r\n$/, '') + field);
    const signature = sign(
      null,
      createHash('sha256').update(data).digest(),
      createPrivateKey(key.privateKey),
    ).toString('base64');
    const head = `${field}${signature}\r\n${HEAD}`;
    assert.equal(words(await judge({ head })), 'pass pass pass none pass');
    const found = await judge({ head, body: `${BODY}Pay to this account instead.\r\n` });
    assert.equal(words(found), 'pass pass pass none fail');
    assert.match(formatResults('mx.corp.test', methodResults(found)), /30 octets of the body are not signed/);
  });

  test('what the network says stays a value in the field', async () => {
    const found = await judge({
      sender: 'x"; dmarc=pass header.from=legit.test; y="@attack.test',
      helo: 'x\r\nY: z',
    });
    const read = readResults(
      formatResults('mx.corp.test', methodResults(found)).slice(24).replace(/\r\n/g, ''),
    );
    assert.deepEqual(
      read?.results.map(({ method }) => method),
      ['iprev', 'spf', 'dkim', 'dmarc'],
    );
    assert.equal(read.results.at(-1)?.result, 'fail');
  });
});

describe('when DNS does not answer, nothing passes for it', () => {
  const names = Object.keys({ ...LEGIT, 'TXT _dmarc.test': 0 });
  for (const name of names) {
    test(`an honest message without ${name}`, async () => {
      const zone = { [name]: 'temporary' };
      const { dmarc, iprev, spf, dkim } = await judge({ ...honest, signAs: 'legit.test', zone });
      // one of SPF and DKIM is left; without the policy itself nothing is known
      assert.equal(dmarc.result, name === 'TXT _dmarc.legit.test' ? 'temperror' : 'pass');
      assert.equal(iprev.result, /^(?:PTR|A)/.test(name) ? 'temperror' : 'pass');
      assert.equal(spf.result, name === 'TXT legit.test' ? 'temperror' : 'pass');
      assert.equal(dkim[0]?.result, name.includes('_domainkey') ? 'temperror' : 'pass');
    });
    test(`a forged message without ${name}`, async () => {
      const { dmarc } = await judge({ signAs: 'attack.test', zone: { [name]: 'temporary' } });
      assert.ok(
        dmarc.result === 'temperror' || (dmarc.result === 'fail' && dmarc.policy === 'reject'),
        dmarc.text,
      );
    });
  }

  test('only SPF could have proven it', async () => {
    const { dmarc } = await judge({ ...honest, zone: { 'TXT legit.test': 'temporary' } });
    assert.equal(dmarc.result, 'temperror');
    assert.equal(dmarc.policy, 'reject');
  });

  test('only the signature could have proven it', async () => {
    const { dmarc } = await judge({
      signAs: 'legit.test',
      zone: { 'TXT s1._domainkey.legit.test': 'temporary' },
    });
    assert.equal(dmarc.result, 'temperror');
    assert.equal(dmarc.policy, 'reject');
  });

  const fails = async (): Promise<never> => {
    throw new ResolveError('temporary', 'no answer');
  };
  const silent: Resolver = { txt: fails, mx: fails, a: fails, aaaa: fails, addresses: fails, ptr: fails };
  test('no answer at all', async () => {
    const found = await judge({ ...honest, signAs: 'legit.test', resolver: silent });
    assert.equal(words(found), 'temperror temperror temperror none temperror');
  });

  const many = async (): Promise<string[]> => Array.from({ length: 100_000 }, () => 'v=DMARC1; p=none');
  const hostile: [name: string, resolver: Partial<Resolver>][] = [
    ['100,000 records', { txt: many, ptr: many, a: many, aaaa: many }],
    ['one record of 10 MB', { txt: async () => ['v=spf1 '.padEnd(10_000_000, 'x')] }],
    ['records of the wrong type', { txt: async () => [7, null, {}] as unknown as string[] }],
    ['no list', { txt: async () => 'v=DMARC1; p=none' as unknown as string[] }],
    ['an error that is none of DNS', { txt: async () => Promise.reject(new TypeError('broken')) }],
    [
      'an error thrown at once',
      {
        txt: () => {
          throw new RangeError('broken');
        },
      },
    ],
  ];
  for (const [name, resolver] of hostile) {
    test(name, async () => {
      const found = await judge({ ...honest, signAs: 'legit.test', resolver: { ...silent, ...resolver } });
      assert.equal(found.dmarc.result, 'temperror', words(found));
      assert.equal(found.spf.result, 'temperror');
      assert.ok(found.dkim.every(({ result }) => result !== 'pass'));
    });
  }

  for (let queries = 0; queries <= 8; queries++) {
    test(`a budget of ${queries} questions`, async () => {
      const limits = { queries };
      const forged = await judge({ signAs: 'attack.test', limits });
      assert.ok(
        forged.dmarc.result === 'temperror' ||
          (forged.dmarc.result === 'fail' && forged.dmarc.policy === 'reject'),
      );
      const good = await judge({ ...honest, signAs: 'legit.test', limits });
      assert.ok(good.dmarc.result === 'temperror' || good.dmarc.result === 'pass');
      assert.ok(forged.dns.queries <= queries);
      if (queries < 4) assert.equal(forged.dns.exceeded, 'queries');
    });
  }
});
