import type { Rule } from './rule-values.ts';

type EventType = Extract<Rule['when'], { kind: 'events' }>['types'][number];

/** What the journal tells of, as the relay calls it; what alerts are usually about comes first. */
export const EVENT_TYPES = [
  'refusal',
  'authentication-failure',
  'tls-failure',
  'attempt',
  'bounce',
  'delay',
  'warning',
  'alarm',
  'system',
  'change',
  'acceptance',
  'authentication',
  'connection',
] as const satisfies readonly EventType[];
