import type { Random } from '../../platform/random.ts';
import { type AppCredential, CertificateCredential, SecretCredential } from '../collect/credential.ts';

/** How the app registration proves who it is; kept sealed, and shown to nobody. */
export type CollectSecret =
  | { kind: 'secret'; secret: string }
  | { kind: 'certificate'; certificate: string; key: string; passphrase?: string };

/** @throws CollectError `credential-wrong` for a certificate or key that can't be used */
export function credentialOf(clientId: string, secret: CollectSecret, random: Random): AppCredential {
  if (secret.kind === 'secret') return new SecretCredential(secret.secret);
  return new CertificateCredential(clientId, secret.certificate, secret.key, random, secret.passphrase);
}
