import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { declarationSchema } from '../../declared/declaration.ts';
import type { Change } from '../../declared/changes.ts';
import { check, line } from '../../sources/source-fields.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { withDeclaration } from '../declaration-problem.ts';
import type { Api } from '../scope.ts';

/** Fifty thousand sources with what each of them differs in. */
export const DECLARATION_BYTES = 64 * 1024 * 1024;

export const changeShape = z
  .object({
    kind: z.enum(['domain', 'source', 'credential', 'route']),
    action: z.enum(['create', 'change', 'delete']),
    name: z.string().describe('Of the item; of a credential, of its source.'),
    id: z.string().optional(),
    fields: z.array(
      z.object({ field: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
    ),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({ id: 'PlannedChange' });

const replayShape = z.object({
  since: z.number().describe('Milliseconds since the epoch.'),
  judged: z.int().describe('How many messages were judged anew.'),
  unjudged: z.int().describe('Refusals that do not tell enough of their message.'),
  truncated: z.boolean().describe('There were more messages than are looked at; the newest were.'),
  groups: z.array(
    z.object({
      source: z.string(),
      before: z.string().describe('`accept`, `hold`, `refuse S402`'),
      after: z.string(),
      count: z.int(),
      first: z.number(),
      last: z.number(),
      reason: z.string(),
      examples: z.array(
        z.object({
          at: z.number(),
          message: z.string().optional(),
          network: z.string().optional(),
          from: z.string(),
          to: z.array(z.string()),
        }),
      ),
    }),
  ),
});

export const planShape = z.object({
  base: z.string().describe('What the plan was made from; `apply` asks for it.'),
  changes: z.array(changeShape),
  unnamed: z
    .array(z.object({ kind: z.string(), name: z.string() }))
    .describe('What is there and not in the files; it stays, without `prune`.'),
  replay: replayShape.optional(),
});

const issuedSecrets = z
  .array(
    z.object({
      source: z.string(),
      label: z.string(),
      account: z.string().optional(),
      password: z.string().optional(),
      apiKey: z.string().optional(),
    }),
  )
  .describe('New secrets, shown this once.');

export const appliedShape = z.object({
  entry: z.int().optional().describe('Of the history; absent: there was nothing to change.'),
  changes: z.int(),
  issued: issuedSecrets,
});

export const routeSecrets = z
  .record(
    z.string().max(64),
    z.strictObject({
      password: z.string().min(1).max(1024).optional(),
      privateKey: z.string().max(20_000).optional(),
    }),
  )
  .default({})
  .describe('By the name of a route: what no file holds. Absent: what the route has stays.');

export const comment = line(500).default('').describe('Why; stands in the history.');

const prune = z
  .boolean()
  .default(false)
  .describe('Deletes what the declaration does not name, of the kinds of which it names something.');

const planOptions = z.strictObject({
  prune,
  days: z.int().min(0).max(90).default(7).describe('Judges the messages of so many days anew; 0: none.'),
});

const applyOptions = z.strictObject({ prune, base: z.string().max(100), comment, routeSecrets });

/**
 * Hands the body to the handler as it came: reading a declaration is its own affair, because what is wrong there is
 * told with the place in the files.
 */
export const asSent: FastifySchemaCompiler<unknown> = () => (value: unknown) => ({ value });

/** Policy as files: what there is as a declaration, what a declaration would change, and the change itself. */
export function planRoutes(api: Api, context: ApiContext): void {
  const tags = ['Policy as files'];
  const bodyLimit = DECLARATION_BYTES;

  api.get(
    '/declaration',
    {
      schema: {
        tags,
        summary: 'What there is, as a declaration',
        description: 'Without secrets. Planned again, it changes nothing.',
        response: { 200: z.record(z.string(), z.unknown()) },
      },
    },
    async () => ({ ...context.declarations.export() }),
  );

  api.post(
    '/plan',
    {
      bodyLimit,
      validatorCompiler: asSent,
      config: { role: 'auditor' },
      schema: {
        tags,
        summary: 'What a declaration would change, and whose messages would meet another fate',
        body: z.strictObject({
          declaration: declarationSchema,
          ...planOptions.shape,
        }),
        response: { 200: planShape },
      },
    },
    async (request) =>
      withDeclaration(async () => {
        const { declaration, ...rest } = rawBody(request.body);
        const options = check(planOptions, rest);
        const plan = context.declarations.plan(declaration, options.prune);
        const { days } = options;
        if (days === 0 || plan.changes.length === 0) return shownPlan(plan);
        return { ...shownPlan(plan), replay: await context.declarations.replay(plan.changes, days) };
      }),
  );

  api.post(
    '/apply',
    {
      bodyLimit,
      validatorCompiler: asSent,
      schema: {
        tags,
        summary: 'Make the relay what a declaration says: all of it, or nothing',
        description: 'Refused (412) when something was changed since the plan that `base` is of.',
        body: z.strictObject({
          declaration: declarationSchema,
          ...applyOptions.shape,
        }),
        response: { 200: appliedShape },
      },
    },
    async (request) =>
      withDeclaration(async () => {
        const { declaration, ...rest } = rawBody(request.body);
        const options = check(applyOptions, rest);
        const { entry, issued } = await context.declarations.apply(declaration, options, {
          by: request.principal.name,
          comment: options.comment,
        });
        if (entry) {
          recordChange(context, request, `policy files applied: entry ${entry.id} of the history`, {
            after: { comment: entry.comment, changes: countsOf(entry.changes) },
          });
        }
        return { entry: entry?.id, changes: entry?.changes.length ?? 0, issued };
      }),
  );
}

/** As it was sent. */
export function rawBody(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? { ...body } : {};
}

/** Only the fields that differ: whole items would say everything twice. */
export function shownPlan<T extends { changes: Change[] }>(plan: T) {
  return {
    ...plan,
    changes: plan.changes.map(({ kind, action, name, id, fields }) => ({ kind, action, name, id, fields })),
  };
}

/** `{ source: { create: 2 } }` */
export function countsOf(changes: readonly Change[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { kind, action } of changes) {
    const actions = (counts[kind] ??= {});
    actions[action] = (actions[action] ?? 0) + 1;
  }
  return counts;
}
