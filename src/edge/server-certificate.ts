import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate } from 'node:tls';
import type { Clock } from '../platform/clock.ts';

const MOST_INTERMEDIATES = 5;
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';
/** DER of the object identifier 2.5.29.30, name constraints. */
const NAME_CONSTRAINTS = Buffer.from('0603551d1e', 'hex');
const SHORTEST_RSA = 2048;

/**
 * Validates chains of certificates that are for servers only. Mail servers show theirs as clients too, and public
 * authorities have stopped to certify them for that: OpenSSL then answers INVALID_PURPOSE for a chain that proves the name
 * all the same, and says nothing more of it. Stricter than RFC 5280 where that is simpler: a chain with name constraints
 * is not taken.
 */
export class ServerCertificates {
  readonly #clock: Clock;
  /** By subject; made at the first use, because most clients need it never. */
  #roots: () => ReadonlyMap<string, X509Certificate[]> = () => new Map();
  /** A connection asks for each of its transactions. */
  #judged = new WeakMap<DetailedPeerCertificate, { fault: string | undefined }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param roots PEM of the trusted authorities, each one certificate */
  trust(roots: readonly string[]): void {
    let known: Map<string, X509Certificate[]> | undefined;
    this.#roots = () => (known ??= bySubject(roots));
    this.#judged = new WeakMap();
  }

  /** Why the chain proves nothing; undefined when it does. */
  fault(peer: DetailedPeerCertificate): string | undefined {
    let judged = this.#judged.get(peer);
    if (!judged) {
      judged = { fault: this.#fault(peer) };
      this.#judged.set(peer, judged);
    }
    return judged.fault;
  }

  #fault(peer: DetailedPeerCertificate): string | undefined {
    const now = this.#clock.now();
    const chain = chainOf(peer);
    const [leaf] = chain;
    if (!leaf) return 'no certificate';
    if (leaf.ca) return 'it is an authority itself';
    if (!isForServers(leaf)) return 'it is for other purposes than servers';
    for (const [index, certificate] of chain.entries()) {
      const fault =
        faultOf(certificate, now) ??
        weakness(certificate) ??
        (index > 0 ? faultOfAuthority(certificate) : undefined);
      if (fault !== undefined) return fault;
      const root = this.#rootOf(certificate, now);
      if (root) return undefined;
      const issuer = chain[index + 1];
      if (!issuer) break;
      if (!isIssuedBy(certificate, issuer)) return 'its chain does not hold together';
    }
    return 'its authority is not trusted (tls.clientCa), or its intermediate certificates are missing';
  }

  #rootOf(certificate: X509Certificate, now: number): X509Certificate | undefined {
    return this.#roots()
      .get(certificate.issuer ?? '')
      ?.find(
        (root) => isIssuedBy(certificate, root) && faultOf(root, now) === undefined && !isConstrained(root),
      );
  }
}

/** As the client sent it, each issuer behind what it issued. */
function chainOf(peer: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = peer;
  while (next?.raw && chain.length <= MOST_INTERMEDIATES) {
    chain.push(new X509Certificate(next.raw));
    // the issuer of one that has signed itself is itself
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return chain;
}

function bySubject(roots: readonly string[]): Map<string, X509Certificate[]> {
  const map = new Map<string, X509Certificate[]>();
  for (const pem of roots) {
    const root = new X509Certificate(pem);
    const subject = root.subject ?? '';
    map.set(subject, [...(map.get(subject) ?? []), root]);
  }
  return map;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** `keyUsage` of Node holds the extended key usage; without that extension, all purposes are allowed (RFC 5280 §4.2.1.12). */
function isForServers({ keyUsage }: X509Certificate): boolean {
  const purposes = keyUsage as string[] | undefined;
  return purposes === undefined || purposes.includes(SERVER_AUTHENTICATION) || purposes.includes(ANY_PURPOSE);
}

function isConstrained({ raw }: X509Certificate): boolean {
  return raw.includes(NAME_CONSTRAINTS);
}

function faultOf(certificate: X509Certificate, now: number): string | undefined {
  if (now < Date.parse(certificate.validFrom)) return 'it is not valid yet';
  if (now > Date.parse(certificate.validTo)) return 'it has expired';
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  const bits = asymmetricKeyDetails?.modulusLength;
  if (asymmetricKeyType === 'rsa' && bits !== undefined && bits < SHORTEST_RSA) return 'its key is too short';
  return undefined;
}

/** Of a signature; that of a root over itself says nothing. */
function weakness({ signatureAlgorithm }: X509Certificate): string | undefined {
  return /md5|sha-?1(?!\d)/i.test(signatureAlgorithm ?? '')
    ? 'its signature is weak (SHA-1 or MD5)'
    : undefined;
}

function faultOfAuthority(certificate: X509Certificate): string | undefined {
  if (!certificate.ca) return 'it was issued by what is no authority';
  if (!isForServers(certificate)) return 'its authority is not one for servers';
  if (isConstrained(certificate))
    return 'its authority may only certify certain names, which is not looked at here';
  return undefined;
}
