import { z } from 'zod';
import { type Assessment, ConfigurationRefused, MOST_OCTETS } from '../../config/configuration.ts';
import { configurationSchema } from '../../config/settings.ts';
import { type Teller, tellerOf } from '../../french/french.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { refuseOld } from '../fresh-sign-in.ts';
import { contentTags, language } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { refuseStale } from './sources.ts';

const problemShape = z.object({
  place: z.string().describe('`/etc/postern.toml:12`, or the variable of the environment.'),
  line: z.int().optional().describe('In the text, from 1.'),
  field: z.string().optional().describe('`listener[2].tls`'),
  expected: z.string().describe('What is wrong, and what is expected.'),
});

const changeShape = z.object({
  field: z.string(),
  before: z.unknown().describe('`<secret>` for one.'),
  after: z.unknown(),
});

const assessmentShape = z.object({
  problems: z.array(problemShape).describe('Empty: the relay would start with it.'),
  changes: z.array(changeShape).describe('Against what the relay runs with.'),
  locking: z
    .array(z.string())
    .describe('Fields that change and by which the API may be reached no more; they need `confirm`.'),
  overridden: z
    .array(z.object({ field: z.string(), variable: z.string() }))
    .describe('What the text says and a variable of the environment overrides.'),
});

const configurationShape = z.object({
  file: z.object({
    path: z.string().optional().describe('Absent: this relay reads no file.'),
    exists: z.boolean().describe('Without one, all is default; a write makes it.'),
    readOnly: z.string().optional().describe('Why it can not be written here, and what to do.'),
    text: z
      .string()
      .optional()
      .describe('`<secret 1>` stands for a secret, and may be sent back. Absent where that can not be done.'),
    problems: z.array(problemShape).describe('What keeps the relay from starting with it.'),
  }),
  settings: z
    .array(
      z.object({
        field: z.string().describe('`limits.connections`'),
        value: z.unknown().describe('What the relay runs with.'),
        from: z.enum(['default', 'file', 'environment', 'command line']),
        variable: z.string().optional(),
        line: z.int().optional(),
      }),
    )
    .describe('All of them, in the order of the schema.'),
  restart: z.object({
    needed: z.boolean().describe('The file has become different from what the relay runs with.'),
    changes: z.array(changeShape),
  }),
  schema: z
    .record(z.string(), z.unknown())
    .describe('JSON Schema of the file, with descriptions and defaults.'),
});

const text = z.string().max(MOST_OCTETS);

/** The configuration file: what counts and from where it is, whether a text could be it, and a new one for the next start. */
export function configurationRoutes(api: Api, context: ApiContext): void {
  const tags = ['Configuration'];
  const { configuration } = context;
  const tagOf = contentTags(context.random);
  const schemas = {
    en: configurationSchema(),
    fr: describedIn(configurationSchema(), tellerOf('fr')) as Record<string, unknown>,
  };

  api.get(
    '/configuration',
    {
      schema: {
        tags,
        summary:
          'Every setting with where it comes from, the file, and whether a restart would change something',
        querystring: z.object({ language }),
        response: { 200: configurationShape },
      },
    },
    async ({ query }, reply) => {
      const state = await configuration.file();
      const { settings, pending } = await configuration.effective(state);
      const { raw, problems, ...file } = state;
      return reply.header('etag', tagOf(raw)).send({
        file: { ...file, problems: [...problems] },
        settings,
        restart: { needed: pending.length > 0, changes: pending },
        schema: schemas[query.language],
      });
    },
  );

  api.post(
    '/configuration/check',
    {
      config: { role: 'auditor' },
      schema: {
        tags,
        summary: 'Say what a start with this text would say, and what it would change; writes nothing',
        body: z.strictObject({ text }),
        response: { 200: assessmentShape },
      },
    },
    async (request) => {
      // nothing is changed: what somebody tries while typing is no entry of the audit log
      request.isRecorded = true;
      return shown(await configuration.assess(request.body.text));
    },
  );

  api.put(
    '/configuration',
    {
      config: { role: 'owner' },
      schema: {
        tags,
        summary: 'Write the configuration file for the next start; the one before stays beside it as .bak',
        description:
          'Takes effect at the next start. Needs a sign-in of the last 15 minutes, or the administrator token, and If-Match.',
        headers: z.object({ 'if-match': z.string().max(100).optional() }),
        body: z.strictObject({
          text,
          confirm: z
            .boolean()
            .default(false)
            .describe('Yes, although the API may be reached no more as it is now (`locking` of a check).'),
        }),
        response: {
          200: assessmentShape.extend({
            path: z.string(),
            backup: z.string().optional(),
            restartNeeded: z.boolean(),
          }),
        },
      },
    },
    async (request, reply) => {
      // whoever has the administrator token can write in the data folder
      if (request.principal.kind !== 'root') await refuseOld(context, request);
      const condition = request.headers['if-match'];
      if (condition === undefined) {
        throw new Problem(
          428,
          'say with If-Match which text is replaced: the ETag of GET /api/v1/configuration',
        );
      }
      try {
        const { text: wanted, confirm } = request.body;
        const written = await configuration.write(wanted, {
          confirmed: confirm,
          still: (raw) => refuseStale(condition, tagOf(raw)),
        });
        const { assessment, path, backup, before: changes } = written;
        recordChange(context, request, `configuration file ${path} written`, {
          before: Object.fromEntries(changes.map(({ field, before }) => [field, before])),
          after: Object.fromEntries(changes.map(({ field, after }) => [field, after])),
        });
        const { raw } = await configuration.file();
        return reply.header('etag', tagOf(raw)).send({
          ...shown(assessment),
          path,
          backup,
          restartNeeded: assessment.changes.length > 0,
        });
      } catch (error) {
        if (error instanceof ConfigurationRefused) throw problemOf(error);
        throw error;
      }
    },
  );
}

function shown({ problems, ...assessment }: Assessment): z.infer<typeof assessmentShape> {
  return { ...assessment, problems: [...problems] };
}

function problemOf({ kind, message, assessment }: ConfigurationRefused): Problem {
  if (kind === 'locking') {
    const errors = assessment?.locking.map((field) => ({ field, detail: 'needs confirm' }));
    return new Problem(409, message, { field: 'confirm', errors });
  }
  if (kind === 'read-only') return new Problem(409, message);
  const errors = assessment?.problems.map(({ line, field, expected }) => ({
    field: field ?? '',
    detail: line === undefined ? expected : `line ${line}: ${expected}`,
  }));
  return new Problem(400, message, { field: 'text', errors });
}

/** A JSON Schema with its descriptions told anew. */
function describedIn(node: unknown, tell: Teller): unknown {
  if (Array.isArray(node)) return node.map((one) => describedIn(one, tell));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([name, inner]) => [
      name,
      name === 'description' && typeof inner === 'string' ? tell(inner) : describedIn(inner, tell),
    ]),
  );
}
