import assert from 'node:assert/strict';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as signSync,
} from 'node:crypto';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { ResolveError } from '../../platform/resolver.ts';
import { parseKeyRecord } from './key-record.ts';
import { KeyRecords } from './key-records.ts';
import { generateKey, recordText } from './keys.ts';
import { verifyDkim } from './verify.ts';
import type { KeyLookup } from './verify.ts';

const crlf = (lines: string[]): string => lines.join('\r\n');
const FIELDS = [
  'From: Joe SixPack <joe@football.example.com>',
  'To: Suzie Q <suzie@shopping.example.net>',
  'Subject: Is dinner ready?',
  'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
  'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
];

describe('examples of the RFCs', () => {
  // RFC 6376 appendix A.2, with errata 3192 (one space in the body) and 4926 (indentation)
  const RFC6376 = {
    head: crlf([
      'DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;',
      '      c=simple/simple; q=dns/txt; i=joe@football.example.com;',
      '      h=Received : From : To : Subject : Date : Message-ID;',
      '      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
      '      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB',
      '      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut',
      '      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV',
      '      4bmp/YzhwvcubU4=;',
      'Received: from client1.football.example.com  [192.0.2.1]',
      '      by submitserver.example.com with SUBMISSION;',
      '      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)',
      ...FIELDS,
      '',
      '',
    ]),
    body: crlf(['Hi.', '', 'We lost the game. Are you hungry yet?', '', 'Joe.', '']),
    record:
      'v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt' +
      'IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi' +
      'tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB',
  };

  test('RFC 6376 appendix A', async () => {
    const { head, body, record } = RFC6376;
    const lookup: KeyLookup = async (selector, domain) => {
      assert.equal(`${selector} ${domain}`, 'brisbane example.com');
      return [record];
    };
    const verify = async (h: string, b: string) =>
      (await verifyDkim({ head: Buffer.from(h), body: Buffer.from(b) }, lookup, { now: 0 }))[0];
    const result = await verify(head, body);
    assert.equal(result?.result, 'pass');
    assert.equal(result?.identity, 'joe@football.example.com');
    assert.equal(result?.keyBits, 1024);
    assert.equal((await verify(head, `${body}\r\n\r\n`))?.result, 'pass');
    assert.equal((await verify(head, `${body}x`))?.reason, 'body-hash');
    assert.equal((await verify(head.replace('dinner', 'lunch'), body))?.reason, 'signature');
    // simple: white space counts
    assert.equal((await verify(head.replace('Subject: ', 'Subject:  '), body))?.reason, 'signature');
  });

  test('RFC 8463 appendix A', async () => {
    const head = crlf([
      'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;',
      ' d=football.example.com; i=@football.example.com;',
      ' q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
      ' subject : date : message-id : from : subject : date;',
      ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
      ' b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus',
      ' Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
      'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;',
      ' d=football.example.com; i=@football.example.com;',
      ' q=dns/txt; s=test; t=1528637909; h=from : to : subject :',
      ' date : message-id : from : subject : date;',
      ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
      ' b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3',
      ' DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz',
      ' dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=',
      ...FIELDS,
      '',
      '',
    ]);
    const body = crlf(['Hi.', '', 'We lost the game.  Are you hungry yet?', '', 'Joe.', '']);
    const records: Record<string, string> = {
      brisbane: 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
      test:
        'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bd' +
        'OKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3' +
        'Ip3G+2kryOTIKT+l/K4w3QIDAQAB',
    };
    const results = await verifyDkim(
      { head: Buffer.from(head), body: Buffer.from(body) },
      async (selector) => [records[selector]!],
      { now: Date.UTC(2018, 6) },
    );
    assert.deepEqual(
      results.map((one) => `${one.algorithm} ${one.result}`),
      ['ed25519-sha256 pass', 'rsa-sha256 pass'],
    );
  });
});

const ed = await generateKey('ed25519-sha256');
const other = await generateKey('ed25519-sha256');
const record = recordText(ed);
const BODY = 'Hello  there \r\n\r\n';
const HEAD = 'From: a@d.test\r\nTo: b@x.test\r\nSubject: s  s\r\n\r\n';

interface Forged {
  tags?: Record<string, string | undefined>;
  bodyHash?: string;
  header?: 'simple' | 'relaxed';
}

/** Signs by the letter, apart from the code under test; `tags` replaces tags or, undefined, leaves them out. */
function forge({ tags = {}, bodyHash, header = 'relaxed' }: Forged = {}): string {
  const all: Record<string, string | undefined> = {
    v: '1',
    a: 'ed25519-sha256',
    c: `${header}/relaxed`,
    d: 'd.test',
    s: 'sel',
    h: 'from:to:subject',
    bh: bodyHash ?? createHash('sha256').update('Hello there\r\n').digest('base64'),
    ...tags,
  };
  const list = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`);
  const unsigned = `${list.join('; ')}; b=`;
  const fields =
    header === 'relaxed'
      ? 'from:a@d.test\r\nto:b@x.test\r\nsubject:s s\r\n'
      : 'From: a@d.test\r\nTo: b@x.test\r\nSubject: s  s\r\n';
  const name = header === 'relaxed' ? 'dkim-signature:' : 'DKIM-Signature: ';
  const digest = createHash('sha256').update(`${fields}${name}${unsigned}`, 'latin1').digest();
  const signature = signSync(null, digest, createPrivateKey(ed.privateKey)).toString('base64');
  return `DKIM-Signature: ${unsigned}${signature}\r\n`;
}

async function verify(field: string, lookup: KeyLookup = async () => [record], body = BODY, now = 1_000_000) {
  const head = Buffer.from(field + HEAD, 'latin1');
  return (await verifyDkim({ head, body: Buffer.from(body) }, lookup, { now }))[0];
}

describe('DKIM verifier', () => {
  const cases: [name: string, forged: Forged, result: string, reason: string | undefined][] = [
    ['as it should be', {}, 'pass', undefined],
    ['simple header', { header: 'simple' }, 'pass', undefined],
    ['unknown tag', { tags: { z9: 'x' } }, 'pass', undefined],
    ['i= in a subdomain', { tags: { i: 'u@sub.d.test' } }, 'pass', undefined],
    ['q=dns/txt', { tags: { q: 'other : dns/txt' } }, 'pass', undefined],
    ['not yet expired', { tags: { t: '900', x: '1000' } }, 'pass', undefined],
    ['names that do not occur', { tags: { h: 'from:to:subject:from:cc' } }, 'pass', undefined],
    ['expired', { tags: { t: '900', x: '999' } }, 'fail', 'expired'],
    ['t= a little ahead', { tags: { t: '1300' } }, 'pass', undefined],
    ['t= in the future', { tags: { t: '1301' } }, 'fail', 'future'],
    ['d= is a top-level domain', { tags: { d: 'test' } }, 'neutral', 'syntax'],
    ['h= is empty', { tags: { h: '' } }, 'neutral', 'syntax'],
    ['NUL in a tag', { tags: { n: 'x\0' } }, 'neutral', 'syntax'],
    ['a bare LF in the field', { tags: { n: 'x\n y' } }, 'neutral', 'syntax'],
    ['a tag twice', { tags: { n: 'x; n=y' } }, 'neutral', 'syntax'],
    ['x= before t=', { tags: { t: '900', x: '900' } }, 'neutral', 'syntax'],
    ['body hash', { bodyHash: createHash('sha256').update('x').digest('base64') }, 'fail', 'body-hash'],
    ['body hash of a wrong length', { bodyHash: 'AAAA' }, 'neutral', 'syntax'],
    ['version', { tags: { v: '2' } }, 'neutral', 'version'],
    ['no version', { tags: { v: undefined } }, 'neutral', 'syntax'],
    ['no h=', { tags: { h: undefined } }, 'neutral', 'syntax'],
    ['From is not signed', { tags: { h: 'to:subject' } }, 'permerror', 'from-not-signed'],
    ['rsa-sha1', { tags: { a: 'rsa-sha1' } }, 'permerror', 'algorithm'],
    ['canonicalisation', { tags: { c: 'nofws' } }, 'neutral', 'canonicalization'],
    ['query', { tags: { q: 'dns/dane' } }, 'neutral', 'query'],
    ['i= elsewhere', { tags: { i: 'u@d2.test' } }, 'permerror', 'identity'],
    ['i= of a domain that only ends alike', { tags: { i: 'u@xd.test' } }, 'permerror', 'identity'],
    ['d= is no name', { tags: { d: 'd..test' } }, 'neutral', 'syntax'],
    ['selector with a slash', { tags: { s: '../x' } }, 'neutral', 'syntax'],
    ['l= is no number', { tags: { l: '-1' } }, 'neutral', 'syntax'],
    ['l= beyond the body', { tags: { l: '5000' } }, 'permerror', 'length'],
  ];
  for (const [name, forged, result, reason] of cases) {
    test(name, async () => {
      const found = await verify(forge(forged));
      assert.equal(found?.result, result);
      assert.equal(found?.reason, reason);
    });
  }

  test('l= passes and is marked, and what follows it is counted', async () => {
    const signed = (length: string, text: string) =>
      forge({ tags: { l: length }, bodyHash: createHash('sha256').update(text).digest('base64') });
    const whole = await verify(signed('13', 'Hello there\r\n'));
    assert.deepEqual([whole?.result, whole?.partial, whole?.unsignedOctets], ['pass', true, 0]);
    const added = await verify(signed('5', 'Hello'), undefined, 'Hello  and an attack\r\n');
    assert.deepEqual([added?.result, added?.partial, added?.unsignedOctets], ['pass', true, 16]);
    const nothing = await verify(signed('0', ''), undefined, 'an attack\r\n');
    assert.deepEqual([nothing?.result, nothing?.partial, nothing?.unsignedOctets], ['pass', true, 11]);
    const plain = await verify(forge());
    assert.deepEqual([plain?.partial, plain?.unsignedOctets], [undefined, undefined]);
  });

  test('signatures over ever other lengths of one body are not all hashed', async () => {
    const fields = Array.from({ length: 10 }, (_, l) =>
      forge({
        tags: { l: String(l) },
        bodyHash: createHash('sha256').update('Hello there'.slice(0, l)).digest('base64'),
      }),
    );
    const head = Buffer.from(fields.join('') + HEAD);
    const results = await verifyDkim({ head, body: Buffer.from(BODY) }, async () => [record], { now: 0 });
    assert.deepEqual(
      results.map((one) => one.reason),
      [...Array.from({ length: 8 }), 'size', 'size'],
    );
  });

  const beside = async (added: string, tags: Forged['tags'] = {}, below = false) => {
    const fields = below ? HEAD.replace(/\r\n\r\n$/, `\r\n${added}\r\n`) : added + HEAD;
    const head = Buffer.from(forge({ tags }) + fields);
    return (await verifyDkim({ head, body: Buffer.from(BODY) }, async () => [record], { now: 0 }))[0];
  };

  test('a second From takes the signature away, on whichever side', async () => {
    assert.equal((await beside('From: ceo@victim.test\r\n'))?.reason, 'unsigned-from');
    assert.equal((await beside('fRoM : ceo@victim.test\r\n'))?.reason, 'unsigned-from');
    assert.equal((await beside('From: ceo@victim.test\r\n', {}, true))?.reason, 'unsigned-from');
    // over-signed: it is the signature that breaks
    assert.equal(
      (await beside('From: ceo@victim.test\r\n', { h: 'from:to:subject:from' }))?.reason,
      'signature',
    );
  });

  test('another field that is doubled and unsigned is named', async () => {
    const found = await beside('Subject: pay at once\r\nContent-Type: text/html\r\n');
    assert.equal(found?.result, 'pass');
    assert.deepEqual(found?.unsignedDuplicates, ['subject']);
    // the lowest is the signed one (RFC 6376 §5.4.2)
    assert.equal((await beside('Subject: pay at once\r\n', {}, true))?.reason, 'signature');
    assert.equal((await beside('Received: x\r\nReceived: y\r\n'))?.unsignedDuplicates, undefined);
  });

  test('a local part of i= that could deceive is not told', async () => {
    for (const local of ['"a b"', 'x'.repeat(400), Buffer.from('\u202egro').toString('latin1'), 'a(b']) {
      const found = await verify(forge({ tags: { i: `${local}@d.test` } }));
      assert.equal(found?.identity, '@d.test');
      assert.equal(found?.result, 'pass');
    }
  });

  test('simple and relaxed over an empty body', async () => {
    for (const [form, text] of [
      ['simple', '\r\n'],
      ['relaxed', ''],
    ]) {
      const bodyHash = createHash('sha256').update(text!).digest('base64');
      const field = forge({ tags: { c: `relaxed/${form}` }, bodyHash });
      assert.equal((await verify(field, undefined, ''))?.result, 'pass');
      assert.equal((await verify(field, undefined, '\r\n\r\n'))?.result, 'pass');
    }
  });

  test('very long and much folded fields', async () => {
    const long = `Subject: s${' \r\n '.repeat(20_000)}s\r\n`;
    const head = Buffer.from(forge() + HEAD.replace('Subject: s  s\r\n', long));
    const [found] = await verifyDkim({ head, body: Buffer.from(BODY) }, async () => [record], { now: 0 });
    assert.equal(found?.result, 'pass');
  });

  test('the body may come in chunks of a file', async () => {
    async function* chunks() {
      for (const octet of Buffer.from(BODY)) yield Buffer.of(octet);
    }
    const head = Buffer.from(forge() + HEAD);
    assert.equal(
      (await verifyDkim({ head, body: chunks() }, async () => [record], { now: 0 }))[0]?.result,
      'pass',
    );
  });

  const weak = generateKeyPairSync('rsa', { modulusLength: 768 }).publicKey.export({
    type: 'spki',
    format: 'der',
  });
  const keys: [name: string, records: string[], result: string, reason: string | undefined][] = [
    ['no record', [], 'permerror', 'key-missing'],
    ['revoked', ['v=DKIM1; p='], 'permerror', 'key-revoked'],
    ['no key record', ['v=spf1 -all'], 'permerror', 'key-version'],
    ['another type', [`v=DKIM1; k=rsa; p=${weak.toString('base64')}`], 'permerror', 'key-mismatch'],
    ['another key', [recordText(other)], 'fail', 'signature'],
    ['for another service', [`${record}; s=other`], 'permerror', 'key-service'],
    ['for email', [`${record}; s=other : email`], 'pass', undefined],
    ['any service', [`${record}; s=*`], 'pass', undefined],
    ['only for SHA-1', [`${record}; h=sha1`], 'permerror', 'key-hash'],
    ['g= of old', [`${record}; g=nobody`], 'pass', undefined],
    ['v= not in front', [`${record.replace('v=DKIM1; ', '')}; v=DKIM1`], 'permerror', 'key-version'],
    [
      '100,000 records, no key among the first',
      Array.from({ length: 100_000 }, () => 'x'),
      'permerror',
      'key-syntax',
    ],
    ['a record of a megabyte', [`${record}; n=${'x'.repeat(1_000_000)}`], 'permerror', 'key-syntax'],
    ['not base64', ['v=DKIM1; k=ed25519; p=%%%%'], 'permerror', 'key-key'],
    ['two keys, the second is right', [recordText(other), record], 'pass', undefined],
    ['rubbish and the key', ['hello', record], 'pass', undefined],
  ];
  for (const [name, records, result, reason] of keys) {
    test(`key: ${name}`, async () => {
      const found = await verify(forge(), async () => records);
      assert.equal(found?.result, result);
      assert.equal(found?.reason, reason);
    });
  }

  test('t=s forbids subdomains in i=, t=y is told', async () => {
    const strict = async () => [`${record}; t=s:y`];
    assert.equal((await verify(forge({ tags: { i: 'u@sub.d.test' } }), strict))?.reason, 'key-identity');
    const found = await verify(forge({ tags: { i: 'u@d.test' } }), strict);
    assert.equal(found?.result, 'pass');
    assert.equal(found?.testing, true);
  });

  test('RSA below 1024 bits does not count', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 768 });
    const hash = createHash('sha256').update('Hello there\r\n').digest('base64');
    const unsigned = ` v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.test; s=sel; h=from; bh=${hash}; b=`;
    const data = `from:a@d.test\r\ndkim-signature:${unsigned.trim()}`;
    const field = `DKIM-Signature:${unsigned}${signSync('sha256', Buffer.from(data), privateKey).toString('base64')}\r\n`;
    const text = `p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
    const head = Buffer.from(field + HEAD);
    const run = async (minBits?: number) =>
      (await verifyDkim({ head, body: Buffer.from(BODY) }, async () => [text], { now: 0, minBits }))[0];
    assert.equal((await run())?.reason, 'key-short');
    assert.equal((await run(512))?.result, 'pass', 'only its length stood against it');
  });

  test('RSA exponents that cost too much, or cost nobody anything, give no key', () => {
    const [modulus] = [
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }).n,
    ];
    const text = (e: Buffer): string => {
      const key = createPublicKey({
        key: { kty: 'RSA', n: modulus!, e: e.toString('base64url') },
        format: 'jwk',
      });
      return `p=${key.export({ type: 'spki', format: 'der' }).toString('base64')}`;
    };
    const outcome = (e: Buffer) => {
      const read = parseKeyRecord(text(e));
      return 'failure' in read ? read.failure : read.bits;
    };
    assert.equal(outcome(Buffer.from([1, 0, 1])), 2048);
    assert.equal(outcome(Buffer.from([3])), 2048);
    assert.equal(outcome(Buffer.concat([Buffer.from([1]), Buffer.alloc(7, 0xff)])), 2048);
    assert.equal(outcome(Buffer.alloc(200, 0xff)), 'key');
    assert.equal(outcome(Buffer.from([1])), 'key');
  });

  test('remembered keys are those of their text', async () => {
    const records = new KeyRecords();
    const run = async (text: string) => {
      const head = Buffer.from(forge() + HEAD);
      return (await verifyDkim({ head, body: Buffer.from(BODY) }, async () => [text], { now: 0, records }))[0]
        ?.result;
    };
    for (let i = 0; i < 2; i++) {
      assert.equal(await run(record), 'pass');
      assert.equal(await run(recordText(other)), 'fail');
      assert.equal(await run(`${record}; s=other`), 'permerror');
    }
    for (let i = 0; i < 5000; i++) records.read(`v=DKIM1; n=${i}; p=`);
    assert.equal(await run(record), 'pass');
  });

  test('the RSA key may be a bare RSAPublicKey', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const hash = createHash('sha256').update('Hello there\r\n').digest('base64');
    const unsigned = ` v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.test; s=sel; h=from; bh=${hash}; b=`;
    const data = `from:a@d.test\r\ndkim-signature:${unsigned.trim()}`;
    const field = `DKIM-Signature:${unsigned}${signSync('sha256', Buffer.from(data), privateKey).toString('base64')}\r\n`;
    const text = `p=${publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')}`;
    assert.equal((await verify(field, async () => [text]))?.result, 'pass');
  });

  for (const [failure, result, reason] of [
    ['temporary', 'temperror', 'key-unavailable'],
    ['nxdomain', 'permerror', 'key-missing'],
    ['nodata', 'permerror', 'key-missing'],
  ] as const) {
    test(`DNS says ${failure}`, async () => {
      const found = await verify(forge(), () => Promise.reject(new ResolveError(failure, 'no')));
      assert.equal(found?.result, result);
      assert.equal(found?.reason, reason);
    });
  }

  test('another failure of the lookup is not hidden', async () => {
    await assert.rejects(
      verify(forge(), () => Promise.reject(new TypeError('a bug'))),
      TypeError,
    );
  });

  test('no signature, no result', async () => {
    assert.equal(await verify(''), undefined);
  });

  test('signatures, their size and the head are bounded', async () => {
    const head = Buffer.from(forge().repeat(12) + HEAD);
    let queries = 0;
    const lookup: KeyLookup = async () => {
      queries++;
      return [record];
    };
    const message = { head, body: Buffer.from(BODY) };
    assert.equal((await verifyDkim(message, lookup, { now: 0 })).length, 10);
    assert.equal(queries, 1, 'the same selector is asked for once');
    assert.equal((await verifyDkim(message, lookup, { now: 0, maxSignatures: 2 })).length, 2);
    assert.equal((await verify(forge({ tags: { z: 'x'.repeat(20_000) } })))?.reason, 'size');
    const large = Buffer.from(`${forge()}X: ${'x'.repeat(1_100_000)}\r\n${HEAD}`);
    assert.equal(
      (await verifyDkim({ head: large, body: Buffer.alloc(0) }, lookup, { now: 0 }))[0]?.reason,
      'size',
    );
  });

  test('a body that was changed costs no query', async () => {
    const lookup = () => Promise.reject(new Error('asked'));
    assert.equal((await verify(forge(), lookup, 'changed\r\n'))?.reason, 'body-hash');
  });

  test('no field and no record makes it fail otherwise than by a result', async () => {
    const field = forge();
    const words = fc.constantFrom(
      ';',
      '=',
      'b=',
      'h=from',
      'l=',
      '1e9',
      'c=relaxed',
      '\r\n ',
      '\r\n',
      ' ',
      '\0',
      '\xff',
      ':',
      '@',
    );
    const change = fc.tuple(fc.nat(field.length), fc.nat(12), fc.array(words, { maxLength: 3 }));
    const text = fc.oneof(
      fc.array(words).map((parts) => `v=DKIM1;${parts.join('')}p=AAAA`),
      fc.constant(record),
    );
    await fc.assert(
      fc.asyncProperty(change, text, async ([at, removed, added], key) => {
        const changed = `${field.slice(0, at)}${added.join('')}${field.slice(at + removed)}`;
        const head = Buffer.from(changed + HEAD, 'latin1');
        const results = await verifyDkim({ head, body: Buffer.from(BODY) }, async () => [key], { now: 0 });
        for (const one of results) {
          assert.equal(one.reason === undefined, one.result === 'pass');
          if (key !== record) assert.notEqual(one.result, 'pass');
        }
      }),
      { numRuns: 500 },
    );
  });

  test('signatures and keys that OpenSSL dislikes', async () => {
    const shorter = forge().replace(/b=[^=]*==\r\n$/, 'b=AAAA\r\n');
    assert.equal((await verify(shorter))?.result, 'fail');
    const zero = `v=DKIM1; k=ed25519; p=${Buffer.alloc(32, 0xff).toString('base64')}`;
    assert.notEqual((await verify(forge(), async () => [zero]))?.result, 'pass');
  });

  test('U-labels of RFC 8616', async () => {
    const found = await verify(
      forge({ tags: { d: Buffer.from('b\u00fccher.test').toString('latin1') } }),
      async (_, domain) => (domain === 'xn--bcher-kva.test' ? [record] : []),
    );
    assert.equal(found?.domain, 'xn--bcher-kva.test');
    assert.equal(found?.result, 'pass');
  });
});
