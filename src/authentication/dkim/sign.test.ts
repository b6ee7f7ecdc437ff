import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import type { SigningDomain } from './domain.ts';
import { makeKey, recordText } from './keys.ts';
import { SigningError, DkimSigner } from './sign.ts';
import { verifyDkim } from './verify.ts';

const at = 1_767_225_600_000;
const rsa = await makeKey({ algorithm: 'rsa-sha256', selector: 'p2026a', stage: 'active', at });
const ed = await makeKey({ algorithm: 'ed25519-sha256', selector: 'p2026b', stage: 'active', at });
const next = { ...ed, selector: 'p2026c', stage: 'next' as const };
const domains = new Map<string, SigningDomain>(
  [
    { name: 'both.test', keys: [ed, next, rsa] },
    { name: 'rsa.test', keys: [rsa] },
    { name: 'ed.test', keys: [ed] },
    { name: 'idle.test', keys: [next] },
    { name: `${'long-label-of-a-name.'.repeat(5)}test`, keys: [{ ...ed, selector: 's'.repeat(60) }] },
  ].map((domain) => [domain.name, { internal: true, createdAt: at, ...domain }]),
);
const signer = new DkimSigner({ byName: (name) => domains.get(name) });
const lookup = async (selector: string, domain: string) =>
  (domains.get(domain)?.keys ?? []).filter((key) => key.selector === selector).map(recordText);

const HEAD = [
  'Received: from a.test by b.test; Thu, 1 Jan 2026 00:00:00 +0000',
  'From: A <a@both.test>',
  'To: b@x.test',
  'Subject: hello',
  'Date: Thu, 1 Jan 2026 00:00:00 +0000',
  '',
  '',
].join('\r\n');

async function sign(head: string, domain = 'ed.test', body = 'text\r\n'): Promise<string> {
  const bytes = Buffer.from(head);
  return (await signer.sign({ head: bytes }, signer.hash(Buffer.from(body), true), domain, at)).toString();
}

const tag = (field: string, name: string): string =>
  new RegExp(`[; \\t]${name}=([^;]*)`).exec(field.replace(/\r\n /g, ' '))?.[1]?.replace(/ /g, '') ?? '';

describe('DKIM signer', () => {
  test('one field for each active key, RSA first', async () => {
    const fields = (await sign(HEAD, 'both.test')).split(/(?<=\r\n)(?=DKIM-Signature:)/);
    assert.deepEqual(
      fields.map((field) => tag(field, 'a')),
      ['rsa-sha256', 'ed25519-sha256'],
    );
    assert.deepEqual(
      fields.map((field) => tag(field, 's')),
      ['p2026a', 'p2026b'],
    );
    for (const field of fields) {
      assert.equal(tag(field, 'd'), 'both.test');
      assert.equal(tag(field, 't'), '1767225600');
      assert.equal(tag(field, 'c'), 'relaxed/relaxed');
      assert.doesNotMatch(field, /[; ](?:l|x)=/);
      assert.ok(field.endsWith('\r\n') && !field.endsWith('\r\n\r\n'));
    }
  });

  test('lines stay below 78 columns', async () => {
    for (const domain of ['both.test', 'rsa.test', `${'long-label-of-a-name.'.repeat(5)}test`]) {
      const lines = (await sign(HEAD, domain)).split('\r\n');
      // a domain can not be folded
      for (const line of lines) assert.ok(line.length < 78 || line.startsWith(' d='), line);
      assert.ok(lines.every((line) => line === '' || /^(?:DKIM-Signature:| \S)/.test(line)));
    }
  });

  test('which fields are signed, and which may not be added', async () => {
    const names = tag(await sign(HEAD), 'h').split(':');
    assert.deepEqual(names, [
      'from',
      'from',
      'reply-to',
      'to',
      'to',
      'cc',
      'subject',
      'subject',
      'date',
      'date',
      'content-type',
      'content-transfer-encoding',
    ]);
  });

  for (const [name, added] of [
    ['a second From', 'From: evil@x.test\r\n'],
    ['a second Subject', 'Subject: other\r\n'],
    ['a Reply-To', 'Reply-To: evil@x.test\r\n'],
    ['a Content-Type', 'Content-Type: text/html\r\n'],
    ['a second Date', 'Date: Fri, 2 Jan 2026 00:00:00 +0000\r\n'],
  ]) {
    test(`${name} breaks the signature`, async () => {
      const body = Buffer.from('text\r\n');
      const signature = await sign(HEAD);
      const verify = (head: string) => verifyDkim({ head: Buffer.from(head), body }, lookup, { now: at });
      assert.equal((await verify(signature + HEAD))[0]?.result, 'pass');
      assert.equal((await verify(added + signature + HEAD))[0]?.reason, 'signature');
      assert.equal(
        (await verify(signature + HEAD.replace('\r\n\r\n', `\r\n${added}\r\n`)))[0]?.reason,
        'signature',
      );
    });
  }

  for (const added of [
    'Received: from b by c; now\r\n',
    'Message-ID: <added@next.test>\r\n',
    'MIME-Version: 1.0\r\n',
  ]) {
    test(`the next hop may add ${added.split(':')[0]}`, async () => {
      const head = Buffer.from(added + (await sign(HEAD)) + HEAD);
      const [result] = await verifyDkim({ head, body: Buffer.from('text\r\n') }, lookup, { now: at });
      assert.equal(result?.result, 'pass');
    });
  }

  test('repeated fields are bound from the bottom up', async () => {
    const head = HEAD.replace('Subject', 'References: <1@x>\r\nREFERENCES : <2@x>\r\nSubject');
    const signed = (await sign(head)) + head;
    const swapped = signed.replace('<1@x>', '<3@x>').replace('<2@x>', '<1@x>').replace('<3@x>', '<2@x>');
    const verify = async (text: string) =>
      (await verifyDkim({ head: Buffer.from(text), body: Buffer.from('text\r\n') }, lookup, { now: at }))[0]
        ?.result;
    assert.equal(await verify(signed), 'pass');
    assert.equal(await verify(swapped), 'fail');
  });

  test('thousands of equal fields are bounded', async () => {
    const head = HEAD.replace('Subject', `${'References: <1@x>\r\n'.repeat(3000)}Subject`);
    const signature = await sign(head);
    assert.equal(
      tag(signature, 'h')
        .split(':')
        .filter((name) => name === 'references').length,
      64,
    );
    const message = { head: Buffer.from(signature + head), body: Buffer.from('text\r\n') };
    assert.equal((await verifyDkim(message, lookup, { now: at }))[0]?.result, 'pass');
  });

  test('expiry when it is configured', async () => {
    const expiring = new DkimSigner({ byName: (name) => domains.get(name) }, { expireAfterSeconds: 3600 });
    const head = Buffer.from(HEAD);
    const field = await expiring.sign({ head }, expiring.hash(Buffer.from('a\r\n'), false), 'ed.test', at);
    assert.equal(tag(field.toString(), 'x'), '1767229200');
    const message = { head: Buffer.concat([field, head]), body: Buffer.from('a\r\n') };
    assert.equal((await verifyDkim(message, lookup, { now: at + 3_600_000 }))[0]?.result, 'pass');
    assert.equal((await verifyDkim(message, lookup, { now: at + 3_601_000 }))[0]?.reason, 'expired');
  });

  test('a key that was exchanged in place is noticed', async () => {
    const domain: SigningDomain = { name: 'moving.test', internal: true, createdAt: at, keys: [{ ...ed }] };
    const moving = new DkimSigner({ byName: () => domain });
    const head = Buffer.from(HEAD);
    const hash = moving.hash(Buffer.from('a\r\n'), false);
    assert.match((await moving.sign({ head }, hash, 'moving.test', at)).toString(), /s=p2026b;/);
    const other = await makeKey({ algorithm: 'ed25519-sha256', selector: 'p2026z', stage: 'active', at });
    Object.assign(domain.keys[0]!, other);
    const field = await moving.sign({ head }, hash, 'moving.test', at);
    assert.match(field.toString(), /s=p2026z;/);
    const [result] = await verifyDkim(
      { head: Buffer.concat([field, head]), body: Buffer.from('a\r\n') },
      async () => [recordText(other)],
      { now: at },
    );
    assert.equal(result?.result, 'pass');
  });

  test('no signature for an unknown domain, or without an active key', async () => {
    await assert.rejects(sign(HEAD, 'other.test'), SigningError);
    await assert.rejects(sign(HEAD, 'idle.test'), SigningError);
  });
});

describe('body hash', () => {
  const line = fc.array(fc.constantFrom('a', 'bc', '.', '\u00e9', 'd e', ' f'), { maxLength: 8 });
  const tight = fc
    .array(
      line.map((parts) => parts.join('')),
      { maxLength: 12 },
    )
    .map((lines) =>
      lines
        .join('\r\n')
        .replace(/ +/g, ' ')
        .replace(/(?:\r\n)+$/, ''),
    )
    .map((text) => (text === '' ? '' : `${text}\r\n`));

  test('what is not loose hashes the same without canonicalisation', () => {
    fc.assert(
      fc.property(tight, (text) => {
        const body = Buffer.from(text);
        assert.deepEqual(signer.hash(body, false), signer.hash(body, true));
      }),
    );
  });

  test('a stream hashes as the whole does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('\r\n', ' ', '\t', 'word', '\r', '\n')),
        fc.nat(40),
        (parts, size) => {
          const body = Buffer.from(parts.join(''));
          const hasher = signer.hasher();
          for (let i = 0; i < body.length; i += size + 1) hasher.update(body.subarray(i, i + size + 1));
          assert.deepEqual(hasher.digest(), signer.hash(body, true));
        },
      ),
    );
  });

  test('the empty body (RFC 6376 §3.4.4)', () => {
    const empty = { relaxed: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' };
    assert.deepEqual(signer.hash(Buffer.alloc(0), false), empty);
    assert.deepEqual(signer.hash(Buffer.from('\r\n\r\n'), true), empty);
    assert.deepEqual(signer.hasher().digest(), empty);
  });
});
