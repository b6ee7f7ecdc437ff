import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';

/** Why a certificate and a private key, both PEM, can not be used together; undefined when they can. */
export function pairProblem(certificate: string, privateKey: string): string | undefined {
  let shown: X509Certificate;
  try {
    shown = new X509Certificate(certificate);
  } catch (error) {
    return `the certificate can not be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  try {
    if (shown.publicKey.equals(createPublicKey(createPrivateKey(privateKey)))) return undefined;
    return 'the private key does not belong to the certificate';
  } catch {
    // OpenSSL's words would say something of the key; that it can not be read is all that may be told
    return 'the private key can not be read; write it as PEM without a passphrase';
  }
}
