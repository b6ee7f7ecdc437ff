import { useTranslation } from 'react-i18next';
import type { Message } from '../../api/schema.ts';
import { StateBadge, type Tone } from '../state-badge.tsx';

export type State = Message['state'];

export const STATES: readonly State[] = [
  'queued',
  'deferred',
  'held',
  'partly',
  'delivered',
  'bounced',
  'refused',
  'deleted',
];

export const DIRECTIONS: readonly Message['direction'][] = ['submission', 'api', 'edge', 'relay'];

const TONES: Record<State, Tone> = {
  queued: 'info',
  deferred: 'warn',
  held: 'warn',
  partly: 'warn',
  delivered: 'good',
  bounced: 'bad',
  refused: 'bad',
  deleted: 'quiet',
};

/** What has become of a message, in a word. */
export function MessageState({ state }: { state: State }) {
  const { t } = useTranslation('message-state');
  return <StateBadge tone={TONES[state]}>{t(`state.${state}`)}</StateBadge>;
}

/** Why something is held, in some words. */
export function useHoldReason(): (hold: string) => string {
  const { t } = useTranslation('message-state');
  return (hold) => t(`hold.${hold}`, { defaultValue: hold });
}
