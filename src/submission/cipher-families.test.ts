import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cipherFamilies } from './cipher-families.ts';

const TABLE: [string[], string[]][] = [
  [[], []],
  [['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'], ['TLS 1.3']],
  [
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_CBC_SHA'],
    ['ECDHE', 'RSA key exchange'],
  ],
  [
    ['TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'TLS_RSA_WITH_RC4_128_MD5', 'TLS_DHE_RSA_WITH_AES_128_CBC_SHA'],
    ['3DES', 'DHE', 'RC4', 'RSA key exchange'],
  ],
  [['TLS_EMPTY_RENEGOTIATION_INFO_SCSV', '0xd000'], []],
];

test('families of cipher suites', () => {
  for (const [suites, families] of TABLE) assert.deepEqual(cipherFamilies(suites), families);
});
