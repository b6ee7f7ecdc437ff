import Check from 'lucide-react/icons/check';
import CircleHelp from 'lucide-react/icons/circle-question-mark';
import Minus from 'lucide-react/icons/minus';
import X from 'lucide-react/icons/x';
import { useTranslation } from 'react-i18next';
import { type Verdict, toneOf } from './verdict.ts';
import classes from './verdicts.module.css';

const ICONS = { good: Check, bad: X, warn: CircleHelp, info: CircleHelp, quiet: Minus };

/** What one check of a sender found: its name, and a mark whose meaning is also said. */
function VerdictChip({ verdict: { check, result, of } }: { verdict: Verdict }) {
  const { t } = useTranslation('verdicts');
  const tone = toneOf(result);
  const Icon = ICONS[tone];
  const word = t(`result.${result}`, { defaultValue: result });
  return (
    <span
      className={classes.chip}
      data-tone={tone}
      title={[of, t(`means.${check}.${result}`, { defaultValue: word })].filter(Boolean).join(': ')}
    >
      <Icon size={12} aria-hidden strokeWidth={2.6} />
      {t(`check.${check}`)}
      <span className="visually-hidden"> {word}</span>
    </span>
  );
}

/** Several of them, in the order in which they were asked. */
export function VerdictChips({ verdicts }: { verdicts: readonly Verdict[] }) {
  return (
    <span className={classes.chips}>
      {verdicts.map((verdict) => (
        <VerdictChip key={`${verdict.check} ${verdict.of ?? ''}`} verdict={verdict} />
      ))}
    </span>
  );
}
