import type { AnswerOf } from '../../api/client.ts';

export type Rule = AnswerOf<'/alert-rules', 'get'>['items'][number];
type Events = Extract<Rule['when'], { kind: 'events' }>;

export const KINDS: Rule['when']['kind'][] = ['events', 'queue-age', 'certificate'];

/** A rule as the form holds it: times in minutes but for `gather`, and what each kind of condition needs. */
export interface RuleValues
  extends Pick<Rule, 'name' | 'enabled' | 'severity' | 'channels' | 'by' | 'closing'> {
  kind: Rule['when']['kind'];
  types: Events['types'];
  codes: string[];
  outcomes: string[];
  /** Name or identifier; empty: of any. */
  source: string;
  count: number | string;
  within: number | string;
  older: number | string;
  days: number | string;
  /** Seconds. */
  gather: number | string;
  quiet: number | string;
  repeat: number | string;
}

const minutes = (time: number): number => Math.round((time / 60) * 100) / 100;
export const seconds = (value: number | string): number => Math.round(Number(value) * 60);

/** What stands in the form at first. @param rule absent: a new one, with what the relay takes when nobody says */
export function valuesOf(rule: Rule | undefined): RuleValues {
  const when: Partial<Events> = rule?.when.kind === 'events' ? rule.when : {};
  return {
    name: rule?.name ?? '',
    enabled: rule?.enabled ?? true,
    severity: rule?.severity ?? 'warning',
    channels: rule?.channels ?? [],
    by: rule?.by ?? ['code', 'source'],
    closing: rule?.closing ?? 'grown',
    kind: rule?.when.kind ?? 'events',
    types: when.types ?? ['refusal'],
    codes: when.codes ?? [],
    outcomes: when.outcomes ?? [],
    source: when.source ?? '',
    count: when.count ?? 1,
    within: minutes(when.withinSeconds ?? 600),
    older: rule?.when.kind === 'queue-age' ? minutes(rule.when.olderThanSeconds) : 60,
    days: rule?.when.kind === 'certificate' ? rule.when.days : 21,
    gather: rule?.gatherSeconds ?? 10,
    quiet: minutes(rule?.quietSeconds ?? 600),
    repeat: minutes(rule?.repeatSeconds ?? 14_400),
  };
}

export function conditionOf(values: RuleValues): Rule['when'] {
  const { kind, types, codes, outcomes, source, count, within, older, days } = values;
  if (kind === 'queue-age') return { kind, olderThanSeconds: seconds(older) };
  if (kind === 'certificate') return { kind, days: Number(days) };
  return {
    kind,
    types,
    codes,
    outcomes,
    source: source.trim() || undefined,
    count: Number(count),
    withinSeconds: seconds(within),
  };
}
