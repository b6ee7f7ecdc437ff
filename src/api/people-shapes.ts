import { z } from 'zod';
import { MOST_PASSWORD } from '../people/password.ts';
import { ROLES } from '../people/role.ts';

const at = z.number().describe('Milliseconds since the epoch.');

export const password = z.string().min(1).max(MOST_PASSWORD);

export const whoShape = z
  .object({
    kind: z.enum(['root', 'person', 'token']),
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    email: z.string().optional(),
    groups: z.array(z.string()).optional().describe('The only groups of routes that a token is for.'),
    secondFactor: z.boolean().optional().describe('Whether more than a password was shown.'),
  })
  .meta({ id: 'Who' });

/** A session has begun. */
export const startedShape = z.object({ person: whoShape });

/** A sign-in of the organisation. */
export const providerShape = z.object({ name: z.string(), label: z.string() });

export const personShape = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    state: z.enum(['active', 'disabled']),
    sources: z.array(z.string()).describe('Names of sources that are assigned.'),
    hasPassword: z.boolean(),
    hasTotp: z.boolean(),
    recoveryCodes: z.int().describe('How many are left.'),
    issuer: z.string().optional().describe("Of the organisation's sign-in that was used."),
    invitedUntil: at.optional(),
    createdAt: at,
    updatedAt: at,
    lastSignedInAt: at.optional(),
    lastSignedInFrom: z.string().optional(),
    version: z.int(),
  })
  .meta({ id: 'Person' });

export const invitationShape = z.object({
  invitation: z.string().describe('Shown this once; POST /session/invitation takes it.'),
  expiresAt: at,
});

export const sessionShape = z
  .object({
    id: z.string(),
    method: z.string(),
    createdAt: at,
    usedAt: at,
    expiresAt: at,
    network: z.string(),
    agent: z.string(),
    current: z.boolean(),
  })
  .meta({ id: 'Session' });

export const passkeyShape = z
  .object({ id: z.string(), name: z.string(), createdAt: at, lastUsedAt: at.optional() })
  .meta({ id: 'Passkey' });

export const tokenShape = z
  .object({
    id: z.string(),
    name: z.string(),
    person: z.string().optional().describe('E-mail address of whose it is; absent: of the relay.'),
    role: z.enum(ROLES),
    sources: z.array(z.string()).optional().describe('Names of the only sources that it is for.'),
    groups: z.array(z.string()).optional().describe('Tags of the only routes that it is for.'),
    createdAt: at,
    expiresAt: at,
    lastUsedAt: at.optional(),
    lastUsedFrom: z.string().optional(),
  })
  .meta({ id: 'Token' });

export const auditEntryShape = z
  .object({
    sequence: z.int(),
    at,
    actor: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
    network: z.string(),
    action: z.string(),
    source: z.string().optional().describe('Identifier of the source that it was about.'),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    previous: z.string().describe('Hash of the entry before.'),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' });
