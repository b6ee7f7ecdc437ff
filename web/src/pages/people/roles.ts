import type { Person } from '../../api/schema.ts';

/** The most powerful first. */
export const ROLES: Person['role'][] = ['owner', 'operator', 'auditor', 'source-owner'];
