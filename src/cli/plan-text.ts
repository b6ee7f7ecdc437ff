import type { z } from 'zod';
import type { planShape } from '../api/routes/plan.ts';
import type { Output } from './output.ts';
import { printable, when } from './output.ts';

export type Plan = z.infer<typeof planShape>;
export type PlannedChange = Plan['changes'][number];

const SIGNS = { create: ['green', '+'], change: ['yellow', '~'], delete: ['red', '-'] } as const;

/** A plan for people: items with their fields, then the messages whose fate would change. */
export function writePlan(out: Output, plan: Plan): void {
  const { changes, unnamed, replay } = plan;
  if (changes.length === 0) out.done('No changes: the relay is as the files say');
  for (const change of changes) writeChange(out, change);
  if (unnamed.length > 0) {
    const names = unnamed.slice(0, 5).map(({ kind, name }) => `${kind} ${name}`);
    const more = unnamed.length > names.length ? `, and ${unnamed.length - names.length} more` : '';
    out.note(
      printable(`Not in the files, and left as it is: ${names.join(', ')}${more} (--prune deletes it)`),
    );
  }
  if (replay) writeReplay(out, replay);
}

export function writeChange(out: Output, { kind, action, name, fields }: PlannedChange): void {
  const [colour, sign] = SIGNS[action];
  const kindOf = fields.find(({ field }) => field === 'kind');
  const what =
    kind === 'credential'
      ? `credential ${valueText(kindOf?.after ?? kindOf?.before ?? '')} of ${name}`
      : `${kind} ${name}`;
  out.line(out.style(colour, printable(`${sign} ${action} ${what}`)));
  for (const { field, before, after } of fields) {
    if (kind === 'credential' && field === 'kind') continue;
    for (const line of fieldLines(field, before, after)) {
      const style = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'reset';
      out.line(`    ${out.style(style, printable(line))}`);
    }
  }
}

/** What is new in a list and what is gone; of anything else, the old value and the new. */
function fieldLines(field: string, before: unknown, after: unknown): string[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    const old = before.map(valueText);
    const now = after.map(valueText);
    const lines = [
      ...old.filter((value) => !now.includes(value)).map((value) => `- ${field}: ${value}`),
      ...now.filter((value) => !old.includes(value)).map((value) => `+ ${field}: ${value}`),
    ];
    return lines.length > 0 ? lines : [`  ${field}: in another order`];
  }
  if (before === undefined) return isEmpty(after) ? [] : [`+ ${field}: ${valueText(after)}`];
  if (after === undefined) return isEmpty(before) ? [] : [`- ${field}: ${valueText(before)}`];
  return [`  ${field}: ${valueText(before)} → ${valueText(after)}`];
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

function valueText(value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value).map(([key, one]) => `${key} ${valueText(one)}`);
    const pair = value as { envelope?: unknown; header?: unknown };
    if (entries.length === 2 && pair.envelope !== undefined && pair.envelope === pair.header)
      return valueText(pair.envelope);
    return entries.join(', ');
  }
  if (Array.isArray(value)) return value.map(valueText).join('; ');
  return value === '' ? '""' : `${value as string | number | boolean}`;
}

function writeReplay(
  out: Output,
  { since, judged, unjudged, truncated, groups }: NonNullable<Plan['replay']>,
): void {
  out.line();
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) {
    out.line(`None of the ${judged} messages of these sources since ${when(since)} would meet another fate`);
  } else {
    out.heading(`${total} of ${judged} messages since ${when(since)} would meet another fate`);
    for (const { source, before, after, count, reason, examples } of groups) {
      const colour = after === 'accept' || after === 'let in' ? 'green' : 'red';
      out.line(out.style(colour, printable(`  ${count} × ${source}: ${before} → ${after}`)));
      if (reason !== '') out.line(printable(`      ${reason}`));
      for (const { at, message, from, to } of examples.slice(0, 3)) {
        const who = from === '' && to.length === 0 ? '' : `${from || '<>'} to ${to.join(', ')}`;
        out.line(out.style('dim', printable(`      ${when(at)}  ${message ?? ''}  ${who}`)));
      }
    }
  }
  if (unjudged > 0) out.note(`${unjudged} refusals do not tell enough of their message to be judged anew`);
  if (truncated) out.note('There were more messages than are looked at; these are the newest');
}
