import type { TFunction } from 'i18next';
import type { QueryOf } from '../../api/client.ts';
import type { Filter } from '../../components/filter-bar.tsx';

export const FILTERS = [
  'network',
  'fate',
  'kind',
  'dmarc',
  'from',
  'to',
  'code',
  'connector',
  'since',
  'until',
] as const;
type Values = Partial<Record<(typeof FILTERS)[number], string>>;

const FATES = ['deliver', 'junk', 'quarantine', 'refused'] as const;
const KINDS = [
  'direct-send',
  'any-spoof',
  'envelope',
  'header',
  'sender',
  'display-name',
  'lookalike',
] as const;
const RESULTS = ['pass', 'fail', 'none', 'temperror'] as const;
type Query = NonNullable<QueryOf<'/edge/messages', 'get'>>;

/** The address of the page in the words of the API. */
export function queryOf({ fate, kind, ...rest }: Values): Query {
  return {
    ...rest,
    ...(fate === 'refused' ? { outcome: 'refused' } : fate && { placement: fate as Query['placement'] }),
    ...(kind === 'direct-send'
      ? { directSend: 'true' }
      : kind && { spoof: (kind === 'any-spoof' ? 'any' : kind) as Query['spoof'] }),
  };
}

/** Those that are seldom wanted stand there when a link has set them. */
export function filtersOf(t: TFunction, values: Values): Filter[] {
  const choice = (name: string, all: readonly string[], word: (value: string) => string): Filter => ({
    kind: 'choice',
    name,
    label: t(`filter.${name}`),
    options: all.map((value) => ({ value, label: word(value) })),
    width: 190,
  });
  const seldom = (['from', 'to', 'code', 'connector', 'until'] as const).filter(
    (name) => values[name] !== undefined,
  );
  return [
    {
      kind: 'search',
      name: 'network',
      label: t('filter.network'),
      placeholder: '203.0.113.0/24',
      width: 200,
    },
    choice('fate', FATES, (value) => t(`fate.${value}`)),
    choice('kind', KINDS, (value) => t(`kind.${value}`)),
    choice('dmarc', RESULTS, (value) => t(`dmarc.${value}`)),
    { kind: 'time', name: 'since', label: t('filter.since'), width: 210 },
    ...seldom.map(
      (name): Filter =>
        name === 'until'
          ? { kind: 'time', name, label: t('filter.until'), width: 210 }
          : { kind: 'text', name, label: t(`filter.${name}`) },
    ),
  ];
}
