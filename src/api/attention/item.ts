import { z } from 'zod';
import { SEVERITIES } from '../../alerts/alert.ts';

export const attentionShape = z
  .object({
    kind: z.string().describe('A word with hyphens that stays the same: what it is about.'),
    severity: z.enum(SEVERITIES),
    sentence: z.string().describe('In English, for a person.'),
    parameters: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .describe('What stands in the sentence, for other languages; times in milliseconds since the epoch.'),
    since: z.number().optional().describe('Milliseconds since the epoch.'),
    subject: z
      .object({
        type: z.enum([
          'relay',
          'source',
          'credential',
          'domain',
          'certificate',
          'destination',
          'alert',
          'exception',
          'recertification',
          'edge',
        ]),
        id: z.string().optional(),
        name: z.string(),
      })
      .describe('What it is about.'),
    source: z.string().optional().describe('Identifier of the source that it concerns.'),
    action: z
      .object({
        console: z.string().describe('Path of the page where it is mended.'),
        command: z.string().describe('The same on the command line.'),
      })
      .describe('What to do.'),
  })
  .meta({ id: 'Attention' });

/** Something that a person should look at. */
export type Attention = z.infer<typeof attentionShape>;

/** Of one kind; above it the rest is one item with their number. */
const MOST_OF_A_KIND = 10;

/**
 * The first of many, and how many more there are.
 * @param rest what stands for those that are left out
 */
export function first(items: Attention[], rest: (count: number) => Attention): Attention[] {
  if (items.length <= MOST_OF_A_KIND) return items;
  return [...items.slice(0, MOST_OF_A_KIND), rest(items.length - MOST_OF_A_KIND)];
}

/** `in 5 days`, `today`, `3 days ago` */
export function inDays(days: number): string {
  if (days < 0) return days === -1 ? 'a day ago' : `${-days} days ago`;
  if (days === 0) return 'today';
  return days === 1 ? 'in a day' : `in ${days} days`;
}

export const DAY_MS = 86_400_000;

/** Whole days from one wall time to another. */
export const daysBetween = (from: number, to: number): number => Math.floor((to - from) / DAY_MS);
