import type { RefusalCode } from '../refusals.ts';
import { RegistryError } from './registry.ts';

/**
 * The life of a source:
 *
 *   requested ──▶ pending ──▶ sandboxed ──▶ active ◀──▶ suspended
 *       └────────────┴────────────┴───────────┴────▶ retired ──▶ suspended
 *
 * requested: somebody asked for it; pending: it waits for a decision (seen on the network, imported);
 * sandboxed: its mail is accepted and goes to the sandbox inbox only; suspended: stopped for now; retired: over.
 */
export const SOURCE_STATES = ['requested', 'pending', 'sandboxed', 'active', 'suspended', 'retired'] as const;

export type SourceState = (typeof SOURCE_STATES)[number];

/**
 * Where each state may lead. A request never becomes active without the sandbox. Retired leads back to suspended
 * only: a second decision is needed before something that was over may send again.
 */
export const TRANSITIONS: Readonly<Record<SourceState, readonly SourceState[]>> = {
  requested: ['pending', 'sandboxed', 'retired'],
  pending: ['sandboxed', 'active', 'suspended', 'retired'],
  sandboxed: ['active', 'suspended', 'retired'],
  active: ['sandboxed', 'suspended', 'retired'],
  suspended: ['sandboxed', 'active', 'retired'],
  retired: ['suspended'],
};

/** States in which a source may begin. */
export const FIRST_STATES = ['requested', 'pending', 'sandboxed', 'active', 'suspended'] as const;

/** Its mail is accepted; where it goes is another question, see `isSandboxed`. */
export function maySend(state: SourceState): boolean {
  return state === 'active' || state === 'sandboxed';
}

/**
 * What waits in the spool stays there. Mail that a retired source sent while it could still goes out: it was
 * accepted, and must not be lost because nobody answered a question about the device.
 */
export function holdsMail(state: SourceState): boolean {
  return state === 'suspended' || state === 'requested' || state === 'pending';
}

export function isSandboxed(state: SourceState): boolean {
  return state === 'sandboxed';
}

const REFUSALS = {
  requested: 'K803',
  pending: 'K803',
  suspended: 'K802',
  retired: 'K804',
} as const satisfies Partial<Record<SourceState, RefusalCode>>;

/** How a source is answered that may not send; undefined for one that may, or that is gone. */
export function stateRefusal(state: SourceState | undefined): RefusalCode | undefined {
  if (state === undefined) return 'K802';
  return maySend(state) ? undefined : REFUSALS[state as keyof typeof REFUSALS];
}

/** @throws RegistryError `conflict` that names what is possible instead */
export function checkTransition(name: string, from: SourceState, to: SourceState): void {
  if (from === to || TRANSITIONS[from].includes(to)) return;
  throw new RegistryError(
    'conflict',
    `source ${name} is ${from} and can not become ${to}; from there it may become ${TRANSITIONS[from].join(', ')}`,
    'state',
  );
}

/** Who moved a source, and why; shown to people. */
export interface Cause {
  by: string;
  reason: string;
}

/** How a source came into the state that it is in. */
export interface StateChange extends Cause {
  from: SourceState;
  /** Wall time, milliseconds. */
  at: number;
}
