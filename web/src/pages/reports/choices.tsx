import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { FilterBar } from '../../components/filter-bar.tsx';
import { BY, byOf, type Parameters, PERIODS, type Span } from './query.ts';
import classes from './reports.module.css';

interface Props {
  parameters: Parameters;
  span: Span;
  onChange: (changes: Parameters) => void;
}

/** What the report is by, of which time and of whom. */
export function Choices({ parameters, span, onChange }: Props) {
  const { t } = useTranslation('reports');
  const by = byOf(parameters);
  return (
    <div className={`${classes.choices} no-print`}>
      <div role="group" aria-label={t('byLabel')} className={classes.pills}>
        {BY.map((one) => (
          <button
            key={one}
            type="button"
            className={classes.pill}
            aria-pressed={one === by}
            onClick={() => onChange({ by: one, sort: undefined })}
          >
            {t(`by.${one}`)}
          </button>
        ))}
      </div>
      <div className={classes.filters}>
        <NativeSelect
          label={t('period.label')}
          size="sm"
          value={span.period}
          onChange={({ currentTarget }) =>
            onChange(
              currentTarget.value === 'custom'
                ? { period: 'custom', from: span.from, to: span.to }
                : { period: currentTarget.value, from: undefined, to: undefined },
            )
          }
          data={PERIODS.map((value) => ({ value, label: t(`period.${value}`) }))}
        />
        {span.period === 'custom' && (
          <>
            <TextInput
              type="date"
              label={t('from')}
              value={span.from}
              max={span.to}
              onChange={({ currentTarget }) => onChange({ from: currentTarget.value || undefined })}
            />
            <TextInput
              type="date"
              label={t('to')}
              value={span.to}
              min={span.from}
              onChange={({ currentTarget }) => onChange({ to: currentTarget.value || undefined })}
            />
          </>
        )}
        <FilterBar
          values={parameters}
          onChange={onChange}
          filters={[
            { kind: 'text', name: 'source', label: t('filter.source'), width: 160 },
            { kind: 'text', name: 'tag', label: t('filter.tag'), width: 130 },
            { kind: 'text', name: 'owner', label: t('filter.owner'), width: 180 },
          ]}
        />
        <Checkbox
          className={classes.compare}
          label={t('compare')}
          checked={parameters.compare !== undefined}
          onChange={({ currentTarget }) => onChange({ compare: currentTarget.checked ? 'true' : undefined })}
        />
      </div>
    </div>
  );
}
