import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Random } from '../../platform/random.ts';
import { CollectError } from './collect-error.ts';

/** How an app registration proves who it is. Its secret parts show in no print-out of the object. */
export interface AppCredential {
  /** Form fields of a token request (RFC 6749 §4.4.2, RFC 7523 §2.2). */
  fields(tokenUrl: string, now: number): Promise<Record<string, string>>;
  /** What must not appear in any text. */
  secrets(): string[];
}

/** A client secret. */
export class SecretCredential implements AppCredential {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  fields(): Promise<Record<string, string>> {
    return Promise.resolve({ client_secret: this.#secret });
  }

  secrets(): string[] {
    return [this.#secret];
  }
}

const ASSERTION_SECONDS = 300;

/** A certificate and its key: a signed assertion goes over the wire, the key never does. */
export class CertificateCredential implements AppCredential {
  readonly #clientId: string;
  readonly #certificate: X509Certificate;
  readonly #key: KeyObject;
  readonly #random: Random;

  /**
   * @param certificate PEM; the first certificate in it is the one that is registered
   * @param key PEM, of RSA
   * @throws CollectError `credential-wrong`
   */
  constructor(clientId: string, certificate: string, key: string, random: Random, passphrase?: string) {
    this.#clientId = clientId;
    this.#random = random;
    try {
      this.#certificate = new X509Certificate(certificate);
    } catch (error) {
      throw new CollectError('credential-wrong', 'the certificate is no PEM certificate', { cause: error });
    }
    try {
      this.#key = createPrivateKey({ key, passphrase });
    } catch {
      // OpenSSL's words may tell of the key
      throw new CollectError(
        'credential-wrong',
        'the private key can not be read: it must be PEM, and its passphrase right if it has one',
      );
    }
    if (this.#key.asymmetricKeyType !== 'rsa') {
      throw new CollectError('credential-wrong', 'the private key must be of RSA: Entra ID takes no other');
    }
    if (!this.#certificate.checkPrivateKey(this.#key)) {
      throw new CollectError('credential-wrong', 'the private key does not belong to the certificate');
    }
  }

  /** SHA-256 of the certificate, as the portal shows it. */
  get thumbprint(): string {
    return this.#certificate.fingerprint256.replaceAll(':', '');
  }

  async fields(tokenUrl: string, now: number): Promise<Record<string, string>> {
    if (Date.parse(this.#certificate.validTo) < now) {
      throw new CollectError(
        'credential-wrong',
        `the certificate has expired (${this.#certificate.validTo}); upload a new one to the app registration`,
      );
    }
    const seconds = Math.floor(now / 1000);
    const assertion = await new SignJWT()
      // the thumbprint tells Entra ID which of the registered certificates it is (RFC 7515 §4.1.8)
      .setProtectedHeader({
        alg: 'PS256',
        typ: 'JWT',
        'x5t#S256': Buffer.from(this.thumbprint, 'hex').toString('base64url'),
      })
      .setAudience(tokenUrl)
      .setIssuer(this.#clientId)
      .setSubject(this.#clientId)
      .setJti(this.#random.bytes(16).toString('hex'))
      .setIssuedAt(seconds)
      .setNotBefore(seconds)
      .setExpirationTime(seconds + ASSERTION_SECONDS)
      .sign(this.#key);
    return {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    };
  }

  secrets(): string[] {
    return [];
  }
}
