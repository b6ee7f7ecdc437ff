import assert from 'node:assert/strict';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import type { TlsFacts } from '../smtp/server/handler.ts';
import { certificateNames, unverifiedCertificate } from './certificate-names.ts';

const made = await generate([{ name: 'commonName', value: 'Relay.Contoso.test' }], {
  keySize: 2048,
  algorithm: 'sha256',
  extensions: [
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: '*.contoso.test' },
        { type: 2, value: 'x.test, DNS:victim.test' },
        { type: 6, value: 'https://x.test/, DNS:victim.test' },
        { type: 2, value: 'localhost' },
      ],
    },
  ],
});
const raw = Buffer.from(made.cert.replace(/-----[^-]+-----|\s/g, ''), 'base64');

function facts(certificateVerified: boolean, authorizationError = ''): TlsFacts {
  return {
    version: 'TLSv1.3',
    cipher: '',
    certificate: { raw } as unknown as DetailedPeerCertificate,
    certificateVerified,
    socket: { authorizationError } as unknown as TLSSocket,
  };
}

test('names are those of the certificate, and none that hides in another', () => {
  assert.deepEqual(certificateNames(facts(true)), ['*.contoso.test', 'relay.contoso.test']);
});

test('a certificate that leads to no trusted root has none, and that is said', () => {
  assert.deepEqual(certificateNames(undefined), []);
  assert.equal(unverifiedCertificate(undefined), undefined);
  assert.equal(unverifiedCertificate(facts(true)), undefined);
  for (const [code, text] of [
    ['INVALID_PURPOSE', /clientAuth/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /intermediate/],
    ['CERT_REVOKED', /^cert revoked$/],
  ] as const) {
    assert.deepEqual(certificateNames(facts(false, code)), []);
    assert.match(unverifiedCertificate(facts(false, code)) ?? '', text);
  }
});
