import { useTranslation } from 'react-i18next';
import type { OverviewLive } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { MEASURES } from './rates.ts';
import classes from './overview.module.css';

/** What the minute in progress has seen. */
export function LiveMinute({ live }: { live: OverviewLive | undefined }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  if (!live) return null;
  const seen = MEASURES.filter((measure) => live.counts[measure] > 0);
  return (
    <span className={classes.live}>
      <span className={classes.pulse} aria-hidden="true" />
      <span className={classes.liveText}>
        {seen.length === 0
          ? t('live.nothing')
          : t('live.minute', {
              counts: seen
                .map((measure) =>
                  t(`live.${measure}`, {
                    count: live.counts[measure],
                    number: format.number(live.counts[measure]),
                  }),
                )
                .join(', '),
            })}
      </span>
    </span>
  );
}
