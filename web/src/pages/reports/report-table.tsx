import { Code } from '@mantine/core';
import ArrowDown from 'lucide-react/icons/arrow-down';
import { useTranslation } from 'react-i18next';
import type { Counts } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { PageLink } from '../../components/page-link.tsx';
import { useRefusalText } from '../../components/refusal-text/refusal-text.ts';
import { type By, COLUMNS, type Measure } from './query.ts';
import classes from './reports.module.css';

export interface Row {
  key: string;
  name: string;
  counts: Counts;
  before?: Counts;
}

interface Props {
  by: By;
  rows: readonly Row[];
  totals: Counts;
  before?: Counts;
  sort: Measure | 'key';
  onSort: (sort: Measure | 'key') => void;
  /** The search of this page with other parameters: where a row leads into. */
  into: (changes: Record<string, string>) => string;
}

/** The rows, with a bar for what they are sorted by; paper gets the same table. */
export function ReportTable({ by, rows, totals, before, sort, onSort, into }: Props) {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const columns = COLUMNS[by];
  const measured = sort === 'key' ? (columns[0] ?? 'accepted') : sort;
  const most = Math.max(1, ...rows.map(({ counts }) => counts[measured]));
  const write = (measure: Measure, value: number) =>
    measure === 'octets' ? format.bytes(value) : format.number(value);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by keyboard
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('table', { by: t(`by.${by}`) })}>
      <table className={classes.table}>
        <thead>
          <tr>
            <Head id="key" sort={sort} onSort={onSort}>
              {t(`by.${by}`)}
            </Head>
            <th className={classes.barHead} aria-hidden="true" />
            {columns.map((measure) => (
              <Head key={measure} id={measure} sort={sort} onSort={onSort} isNumber>
                {t(`measure.${measure}`)}
              </Head>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row" className={classes.key}>
                <Name by={by} row={row} into={into} />
              </th>
              <td className={classes.barCell} aria-hidden="true">
                <progress
                  className={classes.bar}
                  max={most}
                  value={row.counts[measured]}
                  aria-hidden="true"
                />
              </td>
              {columns.map((measure) => (
                <td
                  key={measure}
                  className={classes.number}
                  data-nought={row.counts[measure] === 0 || undefined}
                >
                  {write(measure, row.counts[measure])}
                  {row.before && measure === measured && (
                    <Change now={row.counts[measure]} before={row.before[measure]} />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" className={classes.key}>
              {t('total')}
            </th>
            <td className={classes.barCell} aria-hidden="true" />
            {columns.map((measure) => (
              <td key={measure} className={classes.number}>
                {write(measure, totals[measure])}
                {before && <Change now={totals[measure]} before={before[measure]} />}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function Head({
  id,
  sort,
  onSort,
  isNumber = false,
  children,
}: {
  id: Measure | 'key';
  sort: Measure | 'key';
  onSort: (sort: Measure | 'key') => void;
  isNumber?: boolean;
  children: string;
}) {
  const isSorted = sort === id;
  return (
    <th
      scope="col"
      className={isNumber ? classes.number : classes.key}
      aria-sort={isSorted ? (id === 'key' ? 'ascending' : 'descending') : undefined}
    >
      <button type="button" className={classes.sort} onClick={() => onSort(id)}>
        {children}
        {isSorted && isNumber && <ArrowDown size={12} aria-hidden />}
      </button>
    </th>
  );
}

/** `+12 %`, or that there was none. */
function Change({ now, before }: { now: number; before: number }) {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const share = before === 0 ? 0 : (now - before) / before;
  const sign = share > 0 ? '+' : share < 0 ? '−' : '±';
  const text =
    before === 0
      ? now === 0
        ? ''
        : t('new')
      : Math.abs(share) >= 10
        ? t('was', { number: format.compact(before) })
        : `${sign}${format.percent(Math.abs(share))}`;
  return (
    <span className={classes.change} title={t('was', { number: format.number(before) })}>
      {text}
    </span>
  );
}

const PLACES = ['edge', 'relay'];

function Name({ by, row: { key, name }, into }: { by: By; row: Row; into: Props['into'] }) {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const textOf = useRefusalText();
  if (key === '*') return <span className={classes.other}>{t('others')}</span>;
  if (key === '') return <span className={classes.other}>{t(`none.${by}`)}</span>;
  const shown = (text: string) => <span title={text}>{text}</span>;
  switch (by) {
    case 'source':
      if (PLACES.includes(key)) return <span className={classes.other}>{t(`place.${key}`)}</span>;
      // a source that is gone has no page, and no name but its identifier
      return name === key ? (
        shown(name)
      ) : (
        <PageLink address={`/sources/${encodeURIComponent(name)}`}>{shown(name)}</PageLink>
      );
    case 'code':
      return (
        <>
          <Code className={classes.code}>{key}</Code>
          <PageLink address={`/refusals?code=${key}`}>{shown(textOf(key))}</PageLink>
        </>
      );
    case 'day':
      return (
        <PageLink address={into({ by: 'source', period: 'custom', from: key, to: key, sort: '' })}>
          {format.date(Date.parse(`${key}T12:00:00`))}
        </PageLink>
      );
    case 'tag':
    case 'owner':
      return <PageLink address={into({ by: 'source', [by]: key, sort: '' })}>{shown(name)}</PageLink>;
    case 'address':
      return <PageLink address={`/messages?from=${encodeURIComponent(key)}`}>{shown(name)}</PageLink>;
    case 'domain':
    case 'recipient-domain':
      return shown(name);
  }
}
