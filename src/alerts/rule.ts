import { z } from 'zod';
import type { EventType, JournalEvent } from '../journal/event.ts';
import { line } from '../sources/source-fields.ts';
import { type Severity, SEVERITIES } from './alert.ts';

const TYPES: Record<EventType, true> = {
  connection: true,
  'tls-failure': true,
  authentication: true,
  'authentication-failure': true,
  refusal: true,
  acceptance: true,
  warning: true,
  attempt: true,
  bounce: true,
  delay: true,
  change: true,
  alarm: true,
  system: true,
};

export const eventType = z.enum(Object.keys(TYPES) as [EventType, ...EventType[]]);

export const ruleName = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'may hold lower case letters, digits and hyphens');

const seconds = (least: number, description: string) =>
  z.int().min(least).max(31_536_000).describe(`${description} Seconds.`);

/** A code, or the beginning of one and `*`. */
const codePattern = line(65).regex(
  /^[A-Za-z0-9][A-Za-z0-9_-]*\*?$/,
  'is no code such as R501, canary-used or X9*',
);

const condition = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('events'),
    types: z.array(eventType).min(1).max(20),
    codes: z.array(codePattern).max(100).default([]).describe('Empty: any, also none.'),
    outcomes: z.array(line(40)).max(20).default([]).describe('Empty: any, also none.'),
    source: line(100).optional().describe('Identifier of a source; absent: any.'),
    count: z.int().min(1).max(1_000_000).default(1).describe('So many make an alert.'),
    withinSeconds: seconds(1, 'In this time.').default(600),
  }),
  z.strictObject({
    kind: z.literal('queue-age'),
    olderThanSeconds: seconds(60, 'The oldest message that waits is older than this.'),
  }),
  z.strictObject({
    kind: z.literal('certificate'),
    days: z.int().min(1).max(365).describe("Days before the end of the listeners' certificate."),
  }),
]);

export const ruleFields = z.strictObject({
  name: ruleName,
  enabled: z.boolean().default(true),
  severity: z
    .enum(['as-event', ...SEVERITIES])
    .default('warning')
    .describe("`as-event`: what the event's outcome says."),
  when: condition,
  by: z
    .array(z.enum(['code', 'source', 'network', 'destination']))
    .max(4)
    .default(['code', 'source'])
    .describe('What agrees in these is one alert. `source` is the network where no source is known.'),
  gatherSeconds: seconds(0, 'The first message waits this long, so that it can count.').default(10),
  quietSeconds: seconds(1, 'Without a further occurrence for so long it is over.').default(600),
  repeatSeconds: seconds(0, 'Told again after this time while it grows; 0: never.').default(14_400),
  closing: z
    .enum(['grown', 'always', 'never'])
    .default('grown')
    .describe('A last message with the total: when there were more than was told, always, or never.'),
  channels: z.array(ruleName).max(50).default([]).describe('Names; empty: every channel.'),
});

export type Rule = z.infer<typeof ruleFields>;
export type EventCondition = Extract<Rule['when'], { kind: 'events' }>;

const builtIn = (rule: z.input<typeof ruleFields>): Rule => ruleFields.parse(rule);

/** What is watched without anybody having set anything. */
export function builtInRules(): Rule[] {
  return [
    builtIn({ name: 'alarm', severity: 'as-event', when: { kind: 'events', types: ['alarm'] } }),
    builtIn({
      name: 'system-trouble',
      severity: 'critical',
      when: { kind: 'events', types: ['system', 'warning'], codes: ['X9*'] },
      by: ['code'],
    }),
    builtIn({
      name: 'refusal-rate',
      when: { kind: 'events', types: ['refusal', 'authentication-failure'], count: 50, withinSeconds: 600 },
      by: ['source'],
    }),
    builtIn({
      name: 'delivery-failures',
      when: {
        kind: 'events',
        types: ['attempt'],
        outcomes: ['deferred', 'failed'],
        count: 20,
        withinSeconds: 900,
      },
      by: ['destination'],
      quietSeconds: 1800,
    }),
    builtIn({
      name: 'queue-age',
      when: { kind: 'queue-age', olderThanSeconds: 14_400 },
      by: [],
      gatherSeconds: 0,
      quietSeconds: 900,
      repeatSeconds: 86_400,
    }),
    builtIn({
      name: 'certificate',
      when: { kind: 'certificate', days: 21 },
      by: [],
      gatherSeconds: 0,
      quietSeconds: 7200,
      repeatSeconds: 86_400,
    }),
  ];
}

/** The condition as one test of an event. */
export function eventTest(condition: EventCondition): (event: JournalEvent) => boolean {
  const { types, outcomes, source } = condition;
  const exact = new Set(condition.codes.filter((code) => !code.endsWith('*')));
  const beginnings = condition.codes.filter((code) => code.endsWith('*')).map((code) => code.slice(0, -1));
  const fits = (code: string) =>
    exact.has(code) || beginnings.some((beginning) => code.startsWith(beginning));
  return (event) =>
    types.includes(event.type) &&
    (outcomes.length === 0 || outcomes.includes(event.outcome ?? '')) &&
    (source === undefined || event.source === source) &&
    (condition.codes.length === 0 || (event.code !== undefined && fits(event.code)));
}

/** What has to agree for two events to be one alert. */
export function keyOf({ by }: Rule, event: JournalEvent): string {
  const values = by.map(
    (field) => (field === 'source' ? (event.source ?? event.network) : event[field]) ?? '',
  );
  return JSON.stringify(values).slice(0, 500);
}

export function severityOf({ severity }: Rule, event: JournalEvent): Severity {
  if (severity !== 'as-event') return severity;
  return SEVERITIES.find((one) => one === event.outcome) ?? 'warning';
}
