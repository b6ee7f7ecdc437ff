import { LabError, type LabCertificate } from './lab.ts';

/** An authority for the lab alone: what it signs counts where its own certificate is named as trusted. */
export interface Authority extends LabCertificate {}

/** Authority and certificates last as long as most clients let them. */
const DAYS = 825;
const HOST =
  /^(?:\*\.)?(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

export async function makeAuthority(): Promise<Authority> {
  const { cert, private: key } = await make('Postern lab authority', {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { certificate: cert, privateKey: key };
}

/**
 * A certificate of the authority, for servers and clients alike.
 * @throws LabError for what is no host name
 */
export async function issueCertificate(
  authority: Authority,
  name: string,
  others: { names?: string[]; addresses?: string[] } = {},
): Promise<LabCertificate> {
  const { names = [], addresses = [] } = others;
  for (const one of [name, ...names]) {
    if (one !== 'localhost' && !HOST.test(one))
      throw new LabError('invalid', `${JSON.stringify(one.slice(0, 80))} is no host name`, 'name');
  }
  const { cert, private: key } = await make(name, {
    ca: { key: authority.privateKey, cert: authority.certificate },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[name, ...names].map((value) => ({ type: 2 as const, value })),
          ...addresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  return { certificate: cert, privateKey: key };
}

type Options = NonNullable<Parameters<typeof import('selfsigned').generate>[1]>;

async function make(commonName: string, options: Options): Promise<{ cert: string; private: string }> {
  // loaded here because only a lab needs it
  const { generate } = (await import('selfsigned')).default;
  return generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + DAYS * 86_400_000),
    ...options,
  });
}
