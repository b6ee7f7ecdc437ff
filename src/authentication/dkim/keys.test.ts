import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, test } from 'node:test';

import { parseKeyRecord } from './key-record.ts';
import {
  generateKey,
  isSelector,
  newSelector,
  readPrivateKey,
  recordText,
  splitText,
  zoneLine,
} from './keys.ts';

describe('keys', () => {
  test('an RSA key and its record', async () => {
    const key = await generateKey('rsa-sha256');
    const record = parseKeyRecord(recordText(key));
    assert.ok(!('failure' in record));
    assert.equal(record.type, 'rsa');
    assert.equal(record.bits, 2048);
    assert.equal(record.published, key.publicKey);
    assert.ok(record.key.equals(createPublicKey(key.privateKey)));
    assert.match(recordText(key), /^v=DKIM1; k=rsa; p=MII/);
    assert.deepEqual(readPrivateKey(key.privateKey), key);
  });

  test('an Ed25519 key and its record', async () => {
    const key = await generateKey('ed25519-sha256');
    assert.equal(Buffer.from(key.publicKey, 'base64').length, 32);
    const record = parseKeyRecord(recordText(key));
    assert.ok(!('failure' in record));
    assert.ok(record.key.equals(createPublicKey(key.privateKey)));
    assert.match(recordText(key), /^v=DKIM1; k=ed25519; p=/);
    assert.deepEqual(readPrivateKey(key.privateKey), key);
  });

  test('a key of another kind is refused', () => {
    assert.throws(() => readPrivateKey('no key'));
  });

  test('selectors follow each other', () => {
    const at = Date.UTC(2026, 5, 1);
    assert.equal(newSelector(at, []), 'p2026a');
    assert.equal(newSelector(at, ['P2026A', 'p2025b']), 'p2026b');
    const letters = Array.from({ length: 26 }, (_, i) => `p2026${String.fromCharCode(97 + i)}`);
    assert.equal(newSelector(at, letters), 'p2026aa');
    assert.equal(newSelector(at, [...letters, 'p2026aa']), 'p2026ab');
    assert.ok(isSelector('p2026a') && isSelector('a.b-c') && !isSelector('a..b') && !isSelector('a/b'));
  });

  test('long records are split for a zone file', () => {
    const text = 'x'.repeat(600);
    assert.deepEqual(
      splitText(text).map((part) => part.length),
      [255, 255, 90],
    );
    assert.equal(splitText(text).join(''), text);
    assert.equal(zoneLine('_dmarc.a.test', 'v=DMARC1; p=none'), '_dmarc.a.test. IN TXT "v=DMARC1; p=none"');
    assert.match(
      zoneLine('s._domainkey.a.test', text),
      /^s\._domainkey\.a\.test\. IN TXT \( "x{255}" "x{255}" "x{90}" \)$/,
    );
    assert.equal(zoneLine('a.test', 'a"b\\c'), 'a.test. IN TXT "a\\"b\\\\c"');
  });
});

describe('key record', () => {
  const ed = 'p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
  const cases: [record: string, failure: string | undefined][] = [
    [`v=DKIM1; k=ed25519; ${ed}`, undefined],
    [`k=ed25519; ${ed}; h=sha256; s=email; t=y:s; g=; n=note; x_new=1`, undefined],
    [`v=DKIM1; k=ed25519; h=sha1:sha256; s=other:*; ${ed};`, undefined],
    [`v=DKIM2; k=ed25519; ${ed}`, 'version'],
    [`k=ed25519; v=DKIM1; ${ed}`, 'version'],
    ['v=DKIM1; k=ed25519', 'syntax'],
    [`v=DKIM1; k=ed25519; ${ed}; ${ed}`, 'syntax'],
    [`v=DKIM1; k=x448; ${ed}`, 'type'],
    [`v=DKIM1; k=ed25519; h=sha1; ${ed}`, 'hash'],
    [`v=DKIM1; k=ed25519; s=tlsrpt; ${ed}`, 'service'],
    ['v=DKIM1; p=', 'revoked'],
    [`v=DKIM1; k=rsa; ${ed}`, 'key'],
    ['v=DKIM1; k=ed25519; p=AAAA', 'key'],
    ['v=DKIM1; k=rsa; p=***', 'key'],
    [`v=DKIM1; n=${'x'.repeat(5000)}; k=ed25519; ${ed}`, 'syntax'],
  ];
  for (const [text, failure] of cases) {
    test(text.slice(0, 70), () => {
      const record = parseKeyRecord(text);
      assert.equal('failure' in record ? record.failure : undefined, failure);
    });
  }

  test('flags', () => {
    const record = parseKeyRecord(`v=DKIM1; k=ed25519; t = y : s; ${ed}`);
    assert.ok(!('failure' in record) && record.testing && record.strictIdentity);
  });
});
