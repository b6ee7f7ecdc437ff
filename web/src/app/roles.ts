import type { Who } from '../api/schema.ts';

export type Role = Who['role'];

const RANK: Record<Role, number> = { 'source-owner': 0, auditor: 1, operator: 2, owner: 3 };

/** Whether `role` is `needed`, or stands above it. */
export function isAtLeast(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}
