import type { CredentialRow, SourceRow } from '../store/schema.ts';
import { SOURCE_STATES, type SourceState } from './lifecycle.ts';
import { type Credential, DEFAULT_POLICY, type Rotation, type Source, type SourcePolicy } from './source.ts';

type Course = Pick<Source, 'stateChange' | 'request' | 'brownOut'>;

/** How sources and credentials stand in the store. */
export function sourceRow(source: Source): SourceRow {
  const { createdAt, updatedAt, policy, tags, stateChange, request, brownOut, ...same } = source;
  const course: Course = { stateChange, request, brownOut };
  return {
    ...same,
    policy: JSON.stringify(policy),
    tags: JSON.stringify(tags),
    course: JSON.stringify(course),
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

/** @throws when the row was damaged: a policy that can not be read must not become a default one. */
export function sourceOf(row: SourceRow): Source {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    owner: row.owner,
    // what is not known may not send
    state: SOURCE_STATES.includes(row.state as SourceState) ? (row.state as SourceState) : 'suspended',
    ...(parse(row.course, `course of source ${row.name}`) as Course),
    contact: row.contact,
    tags: parse(row.tags, `tags of source ${row.name}`) as string[],
    notes: row.notes,
    site: row.site,
    // fields that a later version added take their default
    policy: { ...DEFAULT_POLICY, ...(parse(row.policy, `policy of source ${row.name}`) as SourcePolicy) },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}

type Factors = Pick<Credential, 'secret' | 'networks' | 'certificate' | 'oauth' | 'apiKeyHash'>;

export function credentialRow(credential: Credential): CredentialRow {
  const { secret, networks, certificate, oauth, apiKeyHash } = credential;
  const factors: Factors = { secret, networks, certificate, oauth, apiKeyHash };
  return {
    id: credential.id,
    source: credential.source,
    label: credential.label,
    state: credential.state,
    account: credential.account ?? null,
    factors: JSON.stringify(factors),
    created_at: credential.createdAt,
    expires_at: credential.expiresAt ?? null,
    last_used_at: credential.lastUsedAt ?? null,
    last_used_from: credential.lastUsedFrom ?? null,
    canary: credential.canary ? 1 : 0,
    rotation: credential.rotation ? JSON.stringify(credential.rotation) : null,
  };
}

/** @throws as `sourceOf` */
export function credentialOf(row: CredentialRow): Credential {
  const factors = parse(row.factors, `credential ${row.id}`) as Factors;
  return {
    id: row.id,
    source: row.source,
    label: row.label,
    state: row.state === 'active' ? 'active' : 'revoked',
    account: row.account ?? undefined,
    ...factors,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    lastUsedFrom: row.last_used_from ?? undefined,
    ...(row.canary ? { canary: true } : {}),
    ...(row.rotation === null
      ? {}
      : { rotation: parse(row.rotation, `rotation of credential ${row.id}`) as Rotation }),
  };
}

function parse(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Error(`the control data is damaged: ${what} can not be read`, { cause: error });
  }
}
