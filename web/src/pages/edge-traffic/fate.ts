import type { EdgeMessage } from '../../api/schema.ts';
import type { Tone } from '../../components/state-badge.tsx';

export type Fate = 'deliver' | 'junk' | 'quarantine' | 'refused' | 'later' | 'held';

export const FATE_TONES: Record<Fate, Tone> = {
  deliver: 'good',
  junk: 'warn',
  quarantine: 'warn',
  held: 'warn',
  later: 'quiet',
  refused: 'bad',
};

/** What became of a message at the edge. */
export function fateOf({ outcome, placement, reply }: EdgeMessage): Fate {
  // 4xx: its sender tries again by itself
  if (outcome === 'refused') return reply?.startsWith('4') ? 'later' : 'refused';
  if (placement === 'quarantine') return 'quarantine';
  if (outcome === 'held') return 'held';
  return placement === 'junk' ? 'junk' : 'deliver';
}
