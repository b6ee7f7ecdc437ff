import { Skeleton, Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import Expand from 'lucide-react/icons/expand';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { AttentionList } from './attention-list.tsx';
import { Health } from './health.tsx';
import { TopRefusals, TopSources, Waiting } from './lists.tsx';
import { LiveMinute } from './live-minute.tsx';
import { SetupChecklist } from './setup-checklist.tsx';
import { Totals } from './totals.tsx';
import { TrafficChart } from './traffic-chart.tsx';
import { useOverview, type WindowName, WINDOWS } from './use-overview.ts';
import { WindowChoice } from './window-choice.tsx';
import classes from './overview.module.css';

/** What is sent now, what became of it, and what needs somebody. */
export default function OverviewPage() {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters(['window', 'kiosk']);
  const window = WINDOWS.find((one) => one === filters.window) ?? '24h';
  const isWall = filters.kiosk !== undefined;
  const { data, error, refetch, live, isPlaceholderData } = useOverview(window);
  useWall(isWall, () => setFilters({ kiosk: undefined }));
  const choose = (next: WindowName) => void navigate({ to: '.', search: { ...filters, window: next } });

  return (
    <div className={isWall ? classes.wall : undefined}>
      <Stack gap="md" className={classes.page} aria-busy={isPlaceholderData}>
        <PageHeader
          title={t('title')}
          mark={<LiveMinute live={live} />}
          actions={
            <>
              <WindowChoice value={window} onChange={choose} />
              <button
                type="button"
                className={classes.wallButton}
                aria-label={t(isWall ? 'wall.leave' : 'wall.open')}
                title={t(isWall ? 'wall.leave' : 'wall.open')}
                onClick={() => setFilters({ kiosk: isWall ? undefined : 'true' })}
              >
                <Expand size={16} aria-hidden />
              </button>
            </>
          }
        />
        {error && !data && <ProblemAlert error={error} onRetry={() => void refetch()} />}
        {!error && !data && <Coming />}
        {data && (
          <>
            {data.setup && !isWall && <SetupChecklist setup={data.setup} />}
            {data.behind > 1000 && (
              <p className={classes.behind} role="status">
                {t('behind', { number: format.number(data.behind) })}
              </p>
            )}
            {data.setup?.message === false || data.missing ? (
              // nothing was ever sent, or nobody can say how much: six noughts and an empty chart would tell a lie
              <div className={classes.pair}>
                <AttentionList items={data.attention} />
                <Health overview={data} />
              </div>
            ) : (
              <Body data={data} isWall={isWall} />
            )}
          </>
        )}
      </Stack>
    </div>
  );
}

function Body({ data, isWall }: { data: Overview; isWall: boolean }) {
  return (
    <>
      <Totals overview={data} />
      <div className={classes.columns}>
        <div className={classes.wide}>
          <TrafficChart overview={data} height={isWall ? 380 : undefined} />
          <div className={classes.pair}>
            <TopSources overview={data} />
            <TopRefusals overview={data} />
          </div>
        </div>
        <div className={classes.side}>
          <AttentionList items={data.attention} isWall={isWall} />
          <Waiting overview={data} />
          <Health overview={data} />
        </div>
      </div>
    </>
  );
}

/** The place of what comes, so that nothing jumps. */
function Coming() {
  return (
    <>
      <Skeleton height={92} radius="md" />
      <div className={classes.columns}>
        <Skeleton height={340} radius="md" />
        <Skeleton height={340} radius="md" />
      </div>
    </>
  );
}

/** A screen on the wall shows nothing but the overview; Escape leaves it. */
function useWall(isWall: boolean, leave: () => void): void {
  useEffect(() => {
    if (!isWall) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') leave();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [isWall, leave]);
}
