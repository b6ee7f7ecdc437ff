import { z } from 'zod';
import { line, mailAddress } from '../sources/source-fields.ts';
import type { PersonRow } from '../store/people-rows.ts';
import { type Role, ROLES } from './role.ts';

/** Somebody who may sign in. Secrets stay in the store. */
export interface Person {
  /** `per_` and 16 characters. */
  id: string;
  /** Lower case; unique. */
  email: string;
  name: string;
  role: Role;
  state: 'active' | 'disabled';
  /** Identifiers of sources that a source owner looks after, besides those whose owner address is `email`. */
  sources: string[];
  hasPassword: boolean;
  /** An authenticator app is set up. */
  hasTotp: boolean;
  /** Recovery codes that are left. */
  recoveryCodes: number;
  /** Issuer of the organisation's sign-in that this person has used. */
  issuer?: string;
  /** Until when an open invitation can be taken up. */
  invitedUntil?: number;
  /** Wall times, milliseconds. */
  createdAt: number;
  updatedAt: number;
  lastSignedInAt?: number;
  lastSignedInFrom?: string;
  /** Raised by one at each change; the ETag of the API. */
  version: number;
}

export const emailAddress = mailAddress.transform((text) => text.toLowerCase());

/** What an owner writes of a person. */
export const personFields = z.strictObject({
  email: emailAddress,
  name: line(100).min(1),
  role: z.enum(ROLES),
  sources: z
    .array(z.string().max(100))
    .max(1000)
    .default([])
    .describe(
      'Names or identifiers of sources that a source owner looks after, besides those that have their address as owner.',
    ),
});

export type PersonFields = z.infer<typeof personFields>;

export function personOf(row: PersonRow): Person {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role as Role,
    state: row.state as Person['state'],
    sources: JSON.parse(row.sources) as string[],
    hasPassword: row.password !== null,
    hasTotp: row.totp !== null,
    recoveryCodes: (JSON.parse(row.recovery_codes) as string[]).length,
    issuer: row.issuer ?? undefined,
    invitedUntil: row.invitation_hash === null ? undefined : (row.invitation_expires_at ?? undefined),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastSignedInAt: row.last_signed_in_at ?? undefined,
    lastSignedInFrom: row.last_signed_in_from ?? undefined,
    version: row.version,
  };
}
