import { useTranslation } from 'react-i18next';
import type { Overview } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { Sparkline } from '../../components/sparkline.tsx';
import { PageLink } from '../../components/page-link.tsx';
import { MEASURES, type Measure } from './rates.ts';
import classes from './overview.module.css';

/** Where the messages of a count stand. */
const PLACES: Record<Measure, string> = {
  accepted: '/messages',
  delivered: '/messages?state=delivered',
  deferred: '/queue',
  bounced: '/messages?state=bounced',
  refused: '/refusals',
  held: '/queue?state=held',
};

/** How many of each, against the time before. */
export function Totals({ overview }: { overview: Overview }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  return (
    <div className={classes.totals}>
      {MEASURES.map((measure) => {
        const now = overview.totals[measure];
        const before = overview.before[measure];
        return (
          <PageLink key={measure} address={PLACES[measure]} className={classes.total}>
            <span className={classes.totalName} data-measure={measure}>
              {t(`measure.${measure}`)}
            </span>
            <span className={classes.totalValue} title={format.number(now)}>
              {now < 100_000 ? format.number(now) : format.compact(now)}
            </span>
            {measure === 'held' && (overview.spool?.held ?? 0) > 0 ? (
              // what a stop holds was taken before, and is in no count of this time
              <span className={classes.change}>
                {t('heldNow', { number: format.number(overview.spool?.held ?? 0) })}
              </span>
            ) : (
              <Change now={now} before={before} window={overview.window} />
            )}
            <span className={classes.totalCourse} data-measure={measure}>
              <Sparkline values={overview.series[measure]} width={104} height={26} />
            </span>
          </PageLink>
        );
      })}
    </div>
  );
}

/** "12 % more than in the 24 hours before", short for the eye. */
function Change({ now, before, window }: { now: number; before: number; window: Overview['window'] }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const time = t(`before.${window}`);
  const share = before === 0 ? 0 : (now - before) / before;
  const direction = now === before ? 'same' : now > before ? 'more' : 'less';
  let text = t('change.none');
  if (before > 0) {
    if (direction === 'same') text = t('change.same');
    else if (Math.abs(share) >= 10) text = t('change.number', { number: format.compact(before) });
    else text = t(`change.${direction}`, { percent: format.percent(Math.abs(share)) });
  }
  return (
    <span className={classes.change} title={t('change.title', { time, number: format.number(before) })}>
      {text}
    </span>
  );
}
