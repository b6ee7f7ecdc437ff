import { createHash } from 'node:crypto';
import type { SigningDomain } from '../authentication/dkim/domain.ts';
import type { Route } from '../deliver/route.ts';
import type { Credential, Source } from '../sources/source.ts';
import type { DeclaredCredential, DeclaredRoute, Present } from './state.ts';

/** What is read of the registries. */
export interface Registries {
  sources: {
    list(): Source[];
    byId(id: string): Source | undefined;
    byName(name: string): Source | undefined;
    credentials(source: string): Credential[];
  };
  routes: { list(): Route[] };
  domains: { list(): SigningDomain[] };
}

/** What stands in the relay now, in the form in which files say it. */
export function presentState({ sources, routes, domains }: Registries, now: number): Present {
  const present: Present = {
    sources: new Map(),
    credentials: new Map(),
    routes: new Map(),
    domains: new Map(),
  };
  for (const source of sources.list()) {
    const { id, name, description, owner, contact, tags, notes, site, state, policy } = source;
    present.sources.set(name, {
      id,
      value: { description, owner, contact, tags, notes, site, state, policy },
    });
    present.credentials.set(
      name,
      sources
        .credentials(id)
        .filter((credential) => isManaged(credential, now))
        .map((credential) => ({ id: credential.id, value: declaredCredential(credential) })),
    );
  }
  for (const route of routes.list()) {
    present.routes.set(
      route.name,
      declaredRoute(route, (id) => sources.byId(id)?.name ?? id),
    );
  }
  for (const { name, internal } of domains.list()) present.domains.set(name, { internal });
  return present;
}

/**
 * Changes with everything that files can say, and with nothing else: what a plan was made from. 22 characters of a
 * SHA-256.
 */
export function stateHash(present: Present): string {
  const hash = createHash('sha256');
  for (const part of [present.sources, present.credentials, present.routes, present.domains]) {
    hash.update(JSON.stringify([...part]));
  }
  return hash.digest('base64url').slice(0, 22);
}

/**
 * The credentials that files speak of. The old secret of a rotation ends by itself, and a trap that stood in a file
 * would be no trap.
 */
function isManaged({ state, expiresAt, rotation, canary }: Credential, now: number): boolean {
  return (
    state === 'active' &&
    (expiresAt === undefined || expiresAt > now) &&
    rotation?.role !== 'old' &&
    canary !== true
  );
}

function declaredCredential(credential: Credential): DeclaredCredential {
  const { label, account, secret, networks, certificate, oauth, apiKeyHash, expiresAt } = credential;
  const kind = secret
    ? 'password'
    : apiKeyHash
      ? 'api-key'
      : certificate
        ? 'certificate'
        : oauth
          ? 'oauth'
          : 'network';
  return {
    kind,
    label,
    ...(account === undefined ? {} : { account }),
    ...(secret ? { cramMd5: secret.recoverable !== undefined } : {}),
    networks: [...networks].sort(),
    ...(certificate ? { certificate } : {}),
    ...(oauth ? { oauth } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function declaredRoute(route: Route, nameOf: (source: string) => string): DeclaredRoute {
  const { match, target, tls, connections, messagesPerConnection } = route;
  const { source, recipientDomain, senderDomain } = match;
  return {
    match: {
      ...(source === undefined ? {} : { source: nameOf(source) }),
      ...(recipientDomain === undefined ? {} : { recipientDomain }),
      ...(senderDomain === undefined ? {} : { senderDomain }),
    },
    target:
      target.kind === 'smarthost'
        ? {
            kind: target.kind,
            hosts: target.hosts,
            implicitTls: target.implicitTls,
            ...(target.authentication ? { username: target.authentication.username } : {}),
            ...(target.clientCertificate ? { clientCertificate: target.clientCertificate.certificate } : {}),
          }
        : target,
    tls,
    connections,
    messagesPerConnection,
  };
}
