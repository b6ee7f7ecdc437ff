import { Paper, Skeleton, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import ChevronRight from 'lucide-react/icons/chevron-right';
import { useTranslation } from 'react-i18next';
import type { DirectSendInventory } from '../../api/schema.ts';
import { useRate } from '../../components/audit/rate.ts';
import { useWords } from '../../components/audit/words.ts';
import classes from './direct-send.module.css';

/** What to do, in which order. */
export function Waves({ inventory }: { inventory: DirectSendInventory | undefined }) {
  const { t } = useTranslation('direct-send');
  const words = useWords();
  const rate = useRate();
  const waves = inventory?.waves.filter(({ left }) => left > 0) ?? [];
  return (
    <Paper p="md">
      <Title order={2} mb={4}>
        {t('waves.title')}
      </Title>
      {!inventory && <Skeleton height={120} />}
      {inventory && waves.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('waves.none')}
        </Text>
      )}
      <ol className={classes.waves}>
        {waves.map(({ wave, left, perDay, ways }) => (
          <li key={wave ?? 'none'}>
            <Link
              to="/direct-send/senders"
              search={{ left: 'true', ...(wave !== undefined && { wave: String(wave) }) }}
              className={classes.wave}
            >
              <span className={classes.waveNumber}>{wave ?? '–'}</span>
              <span className={classes.waveText}>
                <span className={classes.waveTitle}>
                  {wave === undefined ? t('waves.without') : t('waves.wave', { number: wave })}
                </span>
                <span className={classes.waveWays}>
                  {ways.map(({ kind, senders }) => `${words.wayOut[kind] ?? kind} (${senders})`).join(', ')}
                </span>
              </span>
              <span className={classes.waveCount}>
                <strong>{t('waves.senders', { count: left })}</strong>
                <span>{t('perDay', { rate: rate(perDay) })}</span>
              </span>
              <ChevronRight size={16} aria-hidden className={classes.chevron} />
            </Link>
          </li>
        ))}
      </ol>
    </Paper>
  );
}
