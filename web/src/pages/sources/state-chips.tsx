import { UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SourceCounts } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import type { Tone } from '../../components/state-badge.tsx';
import type { Filters } from './filters.ts';
import classes from './state-chips.module.css';

/** These filters exclude each other: each chip sets one and takes the others away. */
const NONE: Filters & { view?: string } = {
  state: undefined,
  contained: undefined,
  expiresWithinDays: undefined,
  unused: undefined,
  brownOut: undefined,
};

interface Chip {
  id: string;
  count: number;
  filters: Filters;
  tone?: Tone;
}

/** How many there are of each state, what needs a look, and the way to see only these. */
export function StateChips({
  counts,
  filters,
  onChange,
}: {
  counts: SourceCounts;
  filters: Filters;
  onChange: (changes: Filters) => void;
}) {
  const { t } = useTranslation('sources');
  const format = useFormat();
  const { states } = counts;
  const chips: Chip[] = [
    { id: 'all', count: counts.total, filters: {} },
    { id: 'active', count: states.active, filters: { state: 'active' } },
    { id: 'contained', count: counts.contained, filters: { contained: 'true' }, tone: 'bad' },
    { id: 'suspended', count: states.suspended, filters: { state: 'suspended' }, tone: 'bad' },
    { id: 'expiring', count: counts.expiring, filters: { expiresWithinDays: '14' }, tone: 'warn' },
    { id: 'unused', count: counts.unused, filters: { state: 'active', unused: '90' }, tone: 'warn' },
    { id: 'sandboxed', count: states.sandboxed, filters: { state: 'sandboxed' } },
    { id: 'pending', count: states.pending, filters: { state: 'pending' } },
    { id: 'brownOut', count: counts.brownOut, filters: { brownOut: 'true' }, tone: 'warn' },
    { id: 'retired', count: states.retired, filters: { state: 'retired' } },
  ];
  const isOn = (wanted: Filters) =>
    (Object.keys(NONE) as (keyof Filters)[]).every((name) => filters[name] === wanted[name]);
  return (
    <div role="group" aria-label={t('chips.label')} className={`${classes.chips} no-print`}>
      {chips
        // what there is none of says nothing, unless it is what is looked at
        .filter(({ id, count, filters: wanted }) => count > 0 || id === 'all' || isOn(wanted))
        .map(({ id, count, filters: wanted, tone }) => (
          <UnstyledButton
            key={id}
            className={classes.chip}
            aria-pressed={isOn(wanted)}
            onClick={() => onChange({ ...NONE, ...wanted })}
          >
            {t(`chips.${id}`)}
            <span className={classes.count} data-tone={tone}>
              {format.number(count)}
            </span>
          </UnstyledButton>
        ))}
    </div>
  );
}
