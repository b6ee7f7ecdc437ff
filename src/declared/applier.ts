import type { SigningDomain } from '../authentication/dkim/domain.ts';
import type { DomainBatch } from '../authentication/dkim/stored-domains.ts';
import type { Route } from '../deliver/route.ts';
import type { RouteBatch } from '../deliver/stored-routes.ts';
import type { Random } from '../platform/random.ts';
import { newIdentifier } from '../sources/identifier.ts';
import { RegistryError, type SourceBatch } from '../sources/registry.ts';
import type { Credential, Source } from '../sources/source.ts';
import type { Seal } from '../store/seal.ts';
import { generateApiKey, generatePassword, hashPassword } from '../submission/secret.ts';
import type { Change } from './changes.ts';
import type { Registries } from './present.ts';
import type { DeclaredCredential, DeclaredRoute } from './state.ts';

/** A secret that was made: shown once, to who applied. */
export interface IssuedSecret {
  source: string;
  label: string;
  account?: string;
  password?: string;
  apiKey?: string;
}

/** What smart hosts ask for, which is in no file: by the name of the route. */
export type RouteSecrets = Record<string, { password?: string; privateKey?: string }>;

/** What takes its time, made before anything is held: hashes of new passwords, keys of new domains. */
export interface Prepared {
  issued: IssuedSecret[];
  secrets: Map<Change, Pick<Credential, 'secret' | 'apiKeyHash'>>;
  domains: SigningDomain[];
}

export interface Makers {
  random: Random;
  seal: Seal;
  domains: { make(name: string, options: { internal: boolean }): Promise<SigningDomain> };
}

export async function prepare(
  changes: readonly Change[],
  { random, seal, domains }: Makers,
): Promise<Prepared> {
  const prepared: Prepared = { issued: [], secrets: new Map(), domains: [] };
  await Promise.all(
    changes.map(async (change) => {
      if (change.action !== 'create' || !change.after) return;
      if (change.kind === 'domain') {
        prepared.domains.push(await domains.make(change.name, change.after));
      } else if (change.kind === 'credential') {
        const { kind, label, account, cramMd5 } = change.after;
        if (kind === 'password') {
          const password = generatePassword({ random });
          const secret = await hashPassword(password, { random, recoverable: cramMd5 ? seal : undefined });
          prepared.secrets.set(change, { secret });
          prepared.issued.push({ source: change.name, label, account, password });
        } else if (kind === 'api-key') {
          const { key, hash } = generateApiKey(random);
          prepared.secrets.set(change, { apiKeyHash: hash });
          prepared.issued.push({ source: change.name, label, apiKey: key });
        }
      }
    }),
  );
  prepared.issued.sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : 0));
  return prepared;
}

export interface Batches {
  sources: SourceBatch;
  routes: RouteBatch;
  domains: DomainBatch;
}

/**
 * The changes as each registry takes them.
 * @throws RegistryError for what the registries as they are now do not allow
 */
export function batchesOf(
  changes: readonly Change[],
  { secrets, domains }: Prepared,
  registries: Registries & {
    sources: { credential(id: string): Credential | undefined };
    routes: { byName(name: string): Route | undefined };
  },
  routeSecrets: RouteSecrets,
  random: Random,
): Batches {
  const sources: SourceBatch = {
    added: [],
    edited: [],
    removed: [],
    credentials: { added: [], changed: [], revoked: [] },
  };
  const routes: RouteBatch = { set: [], removed: [] };
  const batches: Batches = { sources, routes, domains: { added: domains, changed: [], removed: [] } };
  const newIds = new Map<string, string>();
  const idOf = (name: string): string => {
    const id = newIds.get(name) ?? registries.sources.byName(name)?.id;
    if (id === undefined) throw new RegistryError('invalid', `there is no source ${name}`, 'match');
    return id;
  };

  for (const change of changes) {
    if (change.kind === 'domain') {
      if (change.action === 'change' && change.after)
        batches.domains.changed.push({ name: change.name, ...change.after });
      if (change.action === 'delete') batches.domains.removed.push(change.name);
    } else if (change.kind === 'source') {
      if (change.action === 'delete') sources.removed.push(idOf(change.name));
      else if (change.action === 'create' && change.after) {
        // one that comes back has the identifier that its messages and events name
        const free = change.id !== undefined && registries.sources.byId(change.id) === undefined;
        const id = free && change.id ? change.id : newIdentifier('src', random);
        newIds.set(change.name, id);
        const { state, ...fields } = change.after;
        sources.added.push({
          ...fields,
          id,
          name: change.name,
          ...(state === undefined ? {} : { state: firstState(change.name, state) }),
        });
      } else if (change.after) {
        const edited = new Set(change.fields.map(({ field }) => field.split('.')[0]));
        const fields = Object.entries(change.after).filter(([field]) => edited.has(field));
        sources.edited.push({ id: idOf(change.name), changes: Object.fromEntries(fields) });
      }
    }
  }
  const removed = new Set(sources.removed);
  for (const change of changes) {
    if (change.kind === 'credential') {
      const { id = '', after } = change;
      if (change.action === 'delete') {
        // those of a source that goes, go with it
        const source = registries.sources.credential(id)?.source;
        if (source !== undefined && !removed.has(source)) sources.credentials.revoked.push(id);
      } else if (change.action === 'create' && after) {
        sources.credentials.added.push({
          source: idOf(change.name),
          state: 'active',
          ...credentialFieldsOf(after),
          ...secrets.get(change),
        });
      } else if (after) {
        const { secret } = registries.sources.credential(id) ?? {};
        const { recoverable, ...hashed } = secret ?? {};
        const dropped = recoverable !== undefined && !after.cramMd5;
        sources.credentials.changed.push({
          id,
          changes: {
            ...credentialFieldsOf(after),
            ...(dropped ? { secret: hashed as Credential['secret'] } : {}),
          },
        });
      }
    } else if (change.kind === 'route') {
      if (change.action === 'delete') routes.removed.push(change.name);
      else if (change.after) {
        const before = registries.routes.byName(change.name);
        routes.set.push(routeOf(change.name, change.after, before, routeSecrets[change.name] ?? {}, idOf));
      }
    }
  }
  return batches;
}

function firstState(name: string, state: Source['state']) {
  if (state !== 'retired') return state;
  throw new RegistryError('invalid', `source ${name} is new and can not be retired; leave it out`, 'state');
}

function credentialFieldsOf({ label, account, networks, certificate, oauth, expiresAt }: DeclaredCredential) {
  return { label, account, networks, certificate, oauth, expiresAt };
}

/** A secret of a route is the one that was given, or else the one that it has. */
function routeOf(
  name: string,
  { match, target, ...rest }: DeclaredRoute,
  before: Route | undefined,
  given: { password?: string; privateKey?: string },
  idOf: (source: string) => string,
): Route {
  const route = {
    ...rest,
    name,
    match: { ...match, ...(match.source === undefined ? {} : { source: idOf(match.source) }) },
  };
  if (target.kind !== 'smarthost') return { ...route, target };
  const { username, clientCertificate, ...host } = target;
  const known = before?.target.kind === 'smarthost' ? before.target : undefined;
  const password = given.password ?? known?.authentication?.password;
  if (username !== undefined && password === undefined) {
    throw new RegistryError(
      'invalid',
      `route ${name} needs the password of ${username}, which is in no file: give it with --route-password ${name}=FILE`,
      `route.${name}.target.username`,
    );
  }
  const privateKey = given.privateKey ?? known?.clientCertificate?.privateKey;
  if (clientCertificate !== undefined && privateKey === undefined) {
    throw new RegistryError(
      'invalid',
      `route ${name} needs the private key of its certificate, which is in no file: give it with --route-key ${name}=FILE`,
      `route.${name}.target.clientCertificate`,
    );
  }
  return {
    ...route,
    target: {
      ...host,
      ...(username !== undefined && password !== undefined ? { authentication: { username, password } } : {}),
      ...(clientCertificate !== undefined && privateKey !== undefined
        ? { clientCertificate: { certificate: clientCertificate, privateKey } }
        : {}),
    },
  };
}
