import { z } from 'zod';
import { line } from '../sources/source-fields.ts';
import type { Alert } from './alert.ts';
import { ruleName } from './rule.ts';

/** What is not to be told for some time. It is counted and shown all the same. */
export const muteFields = z
  .strictObject({
    rule: ruleName.optional(),
    code: line(65).optional(),
    source: line(100).optional().describe('Identifier of a source.'),
    until: z.int().positive().describe('Milliseconds since the epoch.'),
    reason: line(500).default(''),
  })
  .refine(
    ({ rule, code, source }) => (rule ?? code ?? source) !== undefined,
    'names nothing: give at least one of rule, code and source',
  );

export type NewMute = z.infer<typeof muteFields>;

export interface Mute extends NewMute {
  /** `mut_` and 16 characters. */
  id: string;
  createdAt: number;
  by: string;
}

export function mutes({ rule, code, source, until }: Mute, alert: Alert, now: number): boolean {
  return (
    now < until &&
    (rule === undefined || rule === alert.rule) &&
    (code === undefined || code === alert.code) &&
    (source === undefined || source === alert.source)
  );
}
