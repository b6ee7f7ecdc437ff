/** What somebody may do. Source owners see and act on their own sources only; the others stand above each other. */
export type Role = 'owner' | 'operator' | 'auditor' | 'source-owner';

export const ROLES = ['owner', 'operator', 'auditor', 'source-owner'] as const satisfies Role[];

const RANK: Record<Role, number> = { 'source-owner': 0, auditor: 1, operator: 2, owner: 3 };

/** Whether `role` is `needed`, or stands above it. */
export function isAtLeast(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}

/** The one that may do less. */
export function lesserRole(one: Role, other: Role): Role {
  return RANK[one] < RANK[other] ? one : other;
}
