import { useTranslation } from 'react-i18next';
import type { Source } from '../api/schema.ts';
import { StateBadge, type Tone } from './state-badge.tsx';

const TONES: Record<Source['state'], Tone> = {
  requested: 'info',
  pending: 'info',
  sandboxed: 'info',
  active: 'good',
  suspended: 'bad',
  retired: 'quiet',
};

/** The state of a source in a word, or what is more urgent than it: unusual sending, the way out. */
export function SourceState({ source }: { source: Pick<Source, 'state' | 'brownOut' | 'contained'> }) {
  const { t } = useTranslation('components');
  const { state, brownOut, contained } = source;
  if (contained && (state === 'active' || state === 'sandboxed')) {
    return (
      <StateBadge tone={contained === 'alert' ? 'warn' : 'bad'}>
        {t(`sourceState.contained.${contained}`)}
      </StateBadge>
    );
  }
  if (brownOut && state !== 'retired')
    return <StateBadge tone="warn">{t('sourceState.brownOut')}</StateBadge>;
  return <StateBadge tone={TONES[state]}>{t(`sourceState.${state}`)}</StateBadge>;
}
