import { useTranslation } from 'react-i18next';
import { StateBadge } from '../state-badge.tsx';
import { type Verdict, toneOf } from './verdict.ts';
import classes from './verdicts.module.css';

/** The checks of a sender with what each result means. */
export function VerdictList({ verdicts }: { verdicts: readonly Verdict[] }) {
  const { t } = useTranslation('verdicts');
  return (
    <dl className={classes.list}>
      {verdicts.map(({ check, result, of }) => (
        <div key={`${check} ${of ?? ''}`}>
          <dt>
            <abbr title={t(`about.${check}`)}>{t(`check.${check}`)}</abbr>
          </dt>
          <dd>
            <StateBadge tone={toneOf(result)}>{t(`result.${result}`, { defaultValue: result })}</StateBadge>
            {of !== undefined && <span className={classes.of}>{of}</span>}
            <span className={classes.means}>
              {t([`means.${check}.${result}`, `means.any.${result}`], { defaultValue: '' })}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
