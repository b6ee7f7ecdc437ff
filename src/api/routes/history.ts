import { z } from 'zod';
import type { HistoryEntry } from '../../declared/history.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { cursor, PAGE, pageSize, readCursor, wholeNumber, writeCursor } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { page } from '../shapes.ts';
import { appliedShape, changeShape, comment, countsOf, planShape, routeSecrets, shownPlan } from './plan.ts';

const entryFields = {
  id: z.int(),
  at: z.number().describe('Milliseconds since the epoch.'),
  by: z.string(),
  comment: z.string(),
  reverts: z.int().optional().describe('The entry that this one takes back.'),
};

export const summaryShape = z
  .object({
    ...entryFields,
    counts: z.record(z.string(), z.record(z.string(), z.int())).describe('By kind and action.'),
  })
  .meta({ id: 'HistorySummary' });

export const entryShape = z
  .object({ ...entryFields, changes: z.array(changeShape) })
  .meta({ id: 'HistoryEntry' });

const parameters = z.object({ id: wholeNumber(1, 2 ** 31) });
const force = z.boolean().default(false).describe('Also where an item was changed since.');

/** What was applied, by whom and why; and the way back. */
export function historyRoutes(api: Api, context: ApiContext): void {
  const tags = ['Policy as files'];
  const { declarations } = context;

  api.get(
    '/history',
    {
      schema: {
        tags,
        summary: 'What was applied, newest first',
        querystring: z.object({ limit: pageSize, cursor }),
        response: { 200: page(summaryShape) },
      },
    },
    async ({ query }) => {
      const most = query.limit ?? PAGE;
      const entries = await declarations.history.list(most + 1, readCursor(z.int(), query.cursor));
      const items = entries.slice(0, most).map(summary);
      return entries.length > most ? { items, next: writeCursor(items.at(-1)?.id) } : { items };
    },
  );

  api.get(
    '/history/:id',
    {
      schema: {
        tags,
        summary: 'An entry with its changes',
        params: parameters,
        response: { 200: entryShape },
      },
    },
    async ({ params }) => {
      const entry = await declarations.history.entry(params.id);
      if (!entry) throw new Problem(404, `there is no entry ${params.id} in the history`);
      return entry;
    },
  );

  api.post(
    '/history/:id/plan-rollback',
    {
      config: { role: 'auditor' },
      schema: {
        tags,
        summary: 'What taking an entry back would change',
        params: parameters,
        body: z.strictObject({ force }),
        response: { 200: planShape },
      },
    },
    async ({ params, body }) => shownPlan(await declarations.planRollback(params.id, body.force)),
  );

  api.post(
    '/history/:id/rollback',
    {
      schema: {
        tags,
        summary: 'Take an entry back, as a new entry',
        description:
          'Secrets that were revoked do not come back: where a credential needs one, a new one is made. Refused (409) when an item was changed since, unless `force` is true.',
        params: parameters,
        body: z.strictObject({ force, comment, routeSecrets }),
        response: { 200: appliedShape },
      },
    },
    async (request) => {
      const { params, body } = request;
      const author = { by: request.principal.name, comment: body.comment };
      const { entry, issued } = await declarations.rollback(params.id, body, author);
      if (entry) {
        recordChange(context, request, `entry ${params.id} of the history taken back by entry ${entry.id}`, {
          after: { comment: entry.comment, changes: countsOf(entry.changes) },
        });
      }
      return { entry: entry?.id, changes: entry?.changes.length ?? 0, issued };
    },
  );
}

function summary({ changes, ...entry }: HistoryEntry) {
  return { ...entry, counts: countsOf(changes) };
}
