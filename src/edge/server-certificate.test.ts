import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { DetailedPeerCertificate } from 'node:tls';
import selfsigned from 'selfsigned';
import { systemClock } from '../platform/clock.ts';
import { ServerCertificates } from './server-certificate.ts';

type Options = NonNullable<Parameters<typeof selfsigned.generate>[1]>;
interface Made {
  cert: string;
  private: string;
}

const DAY = 86_400_000;
const now = systemClock.now();

function make(name: string, issuer: Made | undefined, options: Options = {}): Promise<Made> {
  return selfsigned.generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY),
    notAfterDate: new Date(now + DAY),
    ...(issuer && { ca: { key: issuer.private, cert: issuer.cert } }),
    ...options,
  });
}

const authority = (more: NonNullable<Options['extensions']> = []): Options => ({
  extensions: [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, critical: true },
    ...more,
  ],
});
const leafOptions = (purposes: {
  serverAuth?: true;
  clientAuth?: true;
  emailProtection?: true;
}): Options => ({
  extensions: [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'extKeyUsage', ...purposes },
    { name: 'subjectAltName', altNames: [{ type: 2, value: 'relay.contoso.test' }] },
  ],
});
const FOR_SERVERS = leafOptions({ serverAuth: true });

const root = await make('Root', undefined, authority());
const rsaRoot = await make('RSA root', undefined, { ...authority(), keyType: 'rsa', keySize: 2048 });
const between = await make('Between', root, authority());
const mailOnly = await make('Mail', root, authority([{ name: 'extKeyUsage', emailProtection: true }]));
const stranger = await make('Root', undefined, authority());
const plain = await make('relay.contoso.test', root, FOR_SERVERS);
const throughBetween = await make('relay.contoso.test', between, FOR_SERVERS);
const throughLeaf = await make('other.test', plain, FOR_SERVERS);

/** As Node gives the chain that a client has sent. */
function peerOf(...chain: Made[]): DetailedPeerCertificate {
  const [first, ...rest] = chain;
  const raw = new X509Certificate(first!.cert).raw;
  return {
    raw,
    issuerCertificate: rest.length > 0 ? peerOf(...rest) : undefined,
  } as unknown as DetailedPeerCertificate;
}

const CASES: [what: string, chain: Made[], fault: RegExp | undefined][] = [
  ['signed by a root', [plain], undefined],
  ['with the root sent along', [plain, root], undefined],
  ['through an intermediate', [throughBetween, between], undefined],
  ['the intermediate is missing', [throughBetween], /not trusted.*or its intermediate/],
  ['another root of the same name', [await make('relay.contoso.test', stranger, FOR_SERVERS)], /not trusted/],
  [
    'another root of the same name, sent along',
    [await make('relay.contoso.test', stranger, FOR_SERVERS), stranger],
    /not trusted/,
  ],
  ['self-signed', [await make('relay.contoso.test', undefined, FOR_SERVERS)], /not trusted/],
  ['an authority itself', [between], /authority itself/],
  [
    'for mail only',
    [await make('relay.contoso.test', root, leafOptions({ emailProtection: true }))],
    /other purposes/,
  ],
  [
    'by an authority for mail only',
    [await make('relay.contoso.test', mailOnly, FOR_SERVERS), mailOnly],
    /not one for servers/,
  ],
  ['by what is no authority', [throughLeaf, plain], /no authority|does not hold/],
  ['an issuer that did not sign it', [plain, between], undefined],
  ['a chain of strangers', [throughBetween, mailOnly], /does not hold together/],
  [
    'expired',
    [
      await make('relay.contoso.test', root, {
        ...FOR_SERVERS,
        notBeforeDate: new Date(now - 3 * DAY),
        notAfterDate: new Date(now - DAY),
      }),
    ],
    /expired/,
  ],
  [
    'not valid yet',
    [await make('relay.contoso.test', root, { ...FOR_SERVERS, notBeforeDate: new Date(now + DAY / 2) })],
    /not valid yet/,
  ],
  [
    'a short key',
    [await make('relay.contoso.test', rsaRoot, { ...FOR_SERVERS, keyType: 'rsa', keySize: 1024 })],
    /too short/,
  ],
];

for (const [what, chain, fault] of CASES) {
  test(`a certificate for servers only: ${what}`, () => {
    const certificates = new ServerCertificates(systemClock);
    certificates.trust([root.cert, rsaRoot.cert]);
    const found = certificates.fault(peerOf(...chain));
    if (fault) assert.match(found ?? 'none', fault);
    else assert.equal(found, undefined);
  });
}

test('trust that was taken back does not last', () => {
  const certificates = new ServerCertificates(systemClock);
  const peer = peerOf(plain);
  assert.notEqual(certificates.fault(peer), undefined);
  certificates.trust([root.cert]);
  assert.equal(certificates.fault(peer), undefined);
  certificates.trust([stranger.cert]);
  assert.notEqual(certificates.fault(peer), undefined);
});
