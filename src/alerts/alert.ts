import { replaceUnsafe } from '../platform/unsafe-characters.ts';

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Whether something is at least as grave as a channel wants it. */
export function reaches(severity: Severity, minimum: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(minimum);
}

/** What happened once or six hundred times: one storm, from its first occurrence until it has been quiet. */
export interface Alert {
  /** `alr_` and 16 characters. */
  id: string;
  /** Name of the rule. */
  rule: string;
  /** What was folded into it: the values of the rule's `by`. */
  key: string;
  severity: Severity;
  code?: string;
  /** Source identifier. */
  source?: string;
  network?: string;
  destination?: string;
  /** What happened the last time, one line. */
  text: string;
  state: 'open' | 'closed';
  count: number;
  /** Wall times, milliseconds. */
  firstAt: number;
  lastAt: number;
  /** When the last message about it was handed to the channels; absent: none yet. */
  toldAt?: number;
  /** How many the last message spoke of. */
  toldCount: number;
  acknowledgedAt?: number;
  acknowledgedBy?: string;
  closedAt?: number;
}

/** Why a message is sent: it began, it goes on, it is over, or somebody tries the channel. */
export type NoticeKind = 'opened' | 'continues' | 'closed' | 'test';

/** One message about an alert, before a channel gives it its form. */
export interface Notice {
  kind: NoticeKind;
  /** Wall time, milliseconds. */
  at: number;
  /** Which relay says it. */
  hostname: string;
  /** Name of the source at that time. */
  sourceName?: string;
  alert: Alert;
}

/** The notice in one line: `[critical] canary-used, source ups: text (600 times)`. */
export function headline({ kind, alert, sourceName }: Notice): string {
  const source = sourceName ?? alert.source;
  const about = [alert.code ?? alert.rule, source && `source ${source}`].filter(Boolean).join(', ');
  const times = alert.count === 1 ? '' : ` (${alert.count} times)`;
  const state = { opened: '', continues: 'still: ', closed: 'over: ', test: 'test: ' }[kind];
  return `[${alert.severity}] ${state}${about}${times}`;
}

/** What is worth showing of it, as name and value. */
export function facts({ alert, sourceName, hostname }: Notice): [name: string, value: string][] {
  const pairs: [string, string | undefined][] = [
    ['Relay', hostname],
    ['Rule', alert.rule],
    ['Severity', alert.severity],
    ['Code', alert.code],
    ['Source', sourceName ?? alert.source],
    ['Network', alert.network],
    ['Destination', alert.destination],
    ['Count', String(alert.count)],
    ['First', new Date(alert.firstAt).toISOString()],
    ['Last', new Date(alert.lastAt).toISOString()],
    ['Alert', alert.id],
  ];
  return pairs.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '');
}

/** One line of text from outside, without what breaks lines or turns their direction; at most `most` characters. */
export function plainLine(text: string, most: number): string {
  const clean = replaceUnsafe(text.slice(0, most * 2), ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  // toWellFormed: a cut must not leave half of a pair, which no UTF-8 text can hold
  return clean.length > most ? `${clean.slice(0, most - 1).toWellFormed()}…` : clean.toWellFormed();
}
