import type { CredentialRow, SourceRow } from '../store/schema.ts';
import { type Credential, DEFAULT_POLICY, type Source, type SourcePolicy } from './source.ts';

/** How sources and credentials stand in the store. */
export function sourceRow(source: Source): SourceRow {
  const { createdAt, updatedAt, policy, ...same } = source;
  return { ...same, policy: JSON.stringify(policy), created_at: createdAt, updated_at: updatedAt };
}

/** @throws when the row was damaged: a policy that can not be read must not become a default one. */
export function sourceOf(row: SourceRow): Source {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    owner: row.owner,
    state: row.state === 'active' ? 'active' : 'disabled',
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
  };
}

function parse(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Error(`the control data is damaged: ${what} can not be read`, { cause: error });
  }
}
