import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DirectSendAudit, DirectSendInventory } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useRate } from '../../components/audit/rate.ts';
import { StatTile } from '../../components/stat-tile.tsx';

/** The audit in five numbers. */
export function Figures({
  audit,
  inventory,
}: {
  audit: DirectSendAudit;
  inventory: DirectSendInventory | undefined;
}) {
  const { t } = useTranslation('direct-send');
  const format = useFormat();
  const rate = useRate();
  const { coverage } = audit;
  const decided = inventory ? Object.values(inventory.decisions).reduce((sum, count) => sum + count, 0) : 0;
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
      <StatTile
        label={t('figures.left')}
        value={inventory ? format.number(inventory.left) : '…'}
        note={
          inventory && t('figures.ofSenders', { count: audit.senders, number: format.number(audit.senders) })
        }
        tone={inventory && inventory.left > 0 ? 'bad' : 'good'}
        to="/direct-send/senders"
        search={{ left: 'true' }}
      />
      <StatTile
        label={t('figures.perDay')}
        value={inventory ? rate(inventory.perDay) : '…'}
        note={t('figures.perDayNote')}
      />
      <StatTile
        label={t('figures.decided')}
        value={format.number(decided)}
        note={inventory && t('figures.migrated', { count: inventory.decisions.migrated })}
        to="/direct-send/senders"
        search={{ decided: 'true' }}
      />
      <StatTile
        label={t('figures.campaigns')}
        value={format.number(audit.campaigns)}
        note={t('figures.campaignsNote')}
        tone={audit.campaigns > 0 ? 'warn' : 'quiet'}
        to="/direct-send/campaigns"
      />
      <StatTile
        label={t('figures.days')}
        value={format.number(coverage.days)}
        note={t('figures.complete', { count: coverage.completeDays })}
        to="/direct-send/evidence"
      />
    </SimpleGrid>
  );
}
