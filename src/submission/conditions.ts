import type { TlsFacts } from '../smtp/server/handler.ts';
import type { Credential } from '../sources/source.ts';
import { certificateMismatch, clientCertificate } from './client-certificate.ts';
import { inNetworks } from './network.ts';

/** Where a credential is shown, as far as it matters for who it is. */
export interface Client {
  address: string;
  /** What it called itself in EHLO, for the journal; absent over HTTP. */
  hello?: string;
  /** Session identifier, for the journal. */
  session?: string;
  /** Listener name, for the journal. */
  listener?: string;
  tls?: TlsFacts;
}

/**
 * Why a credential whose first factor was right does not count, in words for the journal; undefined when
 * everything else about it holds as well: it is neither revoked nor expired, and its networks and
 * its certificate match.
 */
export function unmetCondition(credential: Credential, client: Client, now: number): string | undefined {
  if (credential.state !== 'active') return 'the credential was revoked';
  if (isExpired(credential, now)) return 'the credential has expired';
  if (credential.networks.length > 0 && !inNetworks(client.address, credential.networks)) {
    return 'the credential does not count from this network';
  }
  return credential.certificate
    ? certificateMismatch(credential.certificate, clientCertificate(client.tls), now)
    : undefined;
}

/** Neither revoked nor expired. */
export function countsAt(credential: Credential, now: number): boolean {
  return credential.state === 'active' && !isExpired(credential, now);
}

function isExpired(credential: Credential, now: number): boolean {
  return credential.expiresAt !== undefined && credential.expiresAt <= now;
}

/** The one to check of several for the same account or client: one that counts now, or else the likeliest reason. */
function mostLikely(credentials: readonly Credential[], now: number): Credential | undefined {
  const active = credentials.filter((credential) => credential.state === 'active');
  return active.find((credential) => !isExpired(credential, now)) ?? active[0] ?? credentials.at(-1);
}

/** The first of several that counts for this client, or else the one whose reason is worth telling. */
export function bestFor(
  credentials: readonly Credential[],
  client: Client,
  now: number,
): Credential | undefined {
  const fitting = credentials.find((credential) => unmetCondition(credential, client, now) === undefined);
  return fitting ?? mostLikely(credentials, now);
}
