import { createHash } from 'node:crypto';
import { z } from 'zod';
import { accountName, certificateFields, line, network, oauthFields } from '../../sources/source-fields.ts';
import type { Credential, Source } from '../../sources/source.ts';
import { countsAt } from '../../submission/conditions.ts';
import {
  ALPHABETS,
  entropyBits,
  LEAST_BITS,
  type PasswordPreset,
  PRESETS,
  shortAccount,
} from '../../submission/password-presets.ts';
import { difference, recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import {
  type Generator,
  generator,
  handover,
  issueSecret,
  password,
  refuseHandover,
  shownSecret,
} from '../issue-secret.ts';
import { cursor, etagOf, flag, PAGE, pageSize, readCursor, wholeNumber, writeCursor } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { credentialShape, credentialUseShape, issuedShape, page } from '../shapes.ts';
import { showCredential } from '../views.ts';
import { closeException, cramException, requireCramException } from './exceptions.ts';
import { findSource, refuseStale, sourceParameters } from './sources.ts';

const DAY_MS = 86_400_000;

const newCredential = z.strictObject({
  kind: z
    .enum(['password', 'api-key', 'certificate', 'oauth', 'network'])
    .describe('What proves it; networks given beside another kind narrow where it may be used from.'),
  label: line(100).default(''),
  account: accountName.optional().describe('For password; the name of the source when it is absent.'),
  password: password.optional(),
  cramMd5: z
    .boolean()
    .default(false)
    .describe('Keeps the password in a recoverable form, for devices that know nothing better.'),
  exception: cramException
    .optional()
    .describe('With cramMd5: makes the exception that it needs, if there is none.'),
  networks: z.array(network).max(1000).default([]),
  certificate: certificateFields.optional(),
  oauth: oauthFields.optional(),
  expiresAt: z.int().min(0).optional().describe('Milliseconds since the epoch.'),
  generator: generator.optional(),
  handover: handover.optional(),
  canary: z
    .boolean()
    .default(false)
    .describe('A trap: plant it where an intruder looks. Any use is refused, and is an alarm.'),
});

const edits = z.strictObject({
  label: line(100).optional(),
  expiresAt: z
    .int()
    .min(0)
    .nullable()
    .optional()
    .describe('Milliseconds since the epoch; null: it does not end.'),
});

export const credentialParameters = sourceParameters.extend({
  credential: z.string().max(40).describe('Identifier of the credential.'),
});

/** @throws Problem 404 */
export function findCredential(context: ApiContext, source: Source, id: string): Credential {
  const found = context.sources.credential(id);
  if (found?.source === source.id) return found;
  throw new Problem(404, `source ${source.name} has no credential ${JSON.stringify(id)}`);
}

/** Credentials: how a source proves who it is. Secrets are shown once, in the answer that makes them. */
export function credentialRoutes(api: Api, context: ApiContext): void {
  const tags = ['Credentials'];

  api.get(
    '/sources/:name/credentials',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'List the credentials of a source',
        params: sourceParameters,
        response: { 200: z.object({ items: z.array(credentialShape) }) },
      },
    },
    async ({ params }) => {
      const source = findSource(context, params.name);
      return { items: context.sources.credentials(source.id).map(showCredential) };
    },
  );

  api.post(
    '/sources/:name/credentials',
    {
      schema: {
        tags,
        summary: 'Add a credential',
        params: sourceParameters,
        body: newCredential,
        response: { 201: issuedShape },
      },
    },
    async (request, reply) => {
      const source = findSource(context, request.params.name);
      const { body } = request;
      refuseUnfit(body);
      refuseHandover(body.kind, body.handover);
      if (body.expiresAt !== undefined && body.expiresAt <= context.clock.now()) {
        throw new Problem(400, 'expiresAt: is in the past', { field: 'expiresAt' });
      }
      const issued = await issueSecret(context, body);
      const account = body.kind === 'password' ? accountFor(context, source, body) : undefined;
      const exception = body.cramMd5
        ? await requireCramException(context, request, source, body.exception)
        : undefined;
      const credential = await context.sources
        .addCredential({
          source: source.id,
          label: body.label,
          state: 'active',
          account,
          networks: body.networks,
          certificate: body.certificate,
          oauth: body.oauth,
          expiresAt: body.expiresAt,
          ...(body.canary ? { canary: true as const } : {}),
          ...issued.stored,
        })
        .catch(async (error: unknown) => {
          // nothing weak stays allowed for a credential that there is not
          if (exception) await closeException(context, request, exception);
          throw error;
        });
      const shown = showCredential(credential);
      recordChange(context, request, `credential ${credential.id} of source ${source.name} added`, {
        source: source.id,
        after: shown,
      });
      const secret = await shownSecret(context, request, credential, issued, body.handover);
      return reply.code(201).send({ credential: shown, ...secret });
    },
  );

  api.patch(
    '/sources/:name/credentials/:credential',
    {
      schema: {
        tags,
        summary: 'Change the label or the end of a credential',
        params: credentialParameters,
        headers: z.object({ 'if-match': z.string().max(100).optional() }),
        body: edits,
        response: { 200: credentialShape },
      },
    },
    async (request, reply) => {
      const source = findSource(context, request.params.name);
      const before = findCredential(context, source, request.params.credential);
      const { body } = request;
      if (typeof body.expiresAt === 'number' && body.expiresAt <= context.clock.now()) {
        throw new Problem(400, 'expiresAt: is in the past; to end it now, revoke it', { field: 'expiresAt' });
      }
      const condition = request.headers['if-match'];
      const credential = await context.sources.editCredential(before.id, body, (current) =>
        refuseStale(condition, tagOf(current)),
      );
      const changed = difference(showCredential(before), showCredential(credential));
      recordChange(context, request, `credential ${credential.id} of source ${source.name} edited`, {
        source: source.id,
        ...changed,
      });
      return reply.header('etag', tagOf(credential)).send(showCredential(credential));
    },
  );

  api.get(
    '/sources/:name/credentials/:credential',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'A credential, and from where it is used',
        params: credentialParameters,
        response: { 200: credentialShape.extend({ uses: z.array(credentialUseShape) }) },
      },
    },
    async ({ params }, reply) => {
      const source = findSource(context, params.name);
      const credential = findCredential(context, source, params.credential);
      const uses = await context.credentials.uses.of(credential.id);
      return reply.header('etag', tagOf(credential)).send({ ...showCredential(credential), uses });
    },
  );

  api.get(
    '/credentials',
    {
      schema: {
        tags,
        summary: 'Search the credentials of all sources, in the order of their names',
        querystring: z.object({
          account: line(128).optional().describe('Exactly this account name.'),
          state: z.enum(['active', 'revoked']).optional(),
          expiresWithinDays: wholeNumber(0, 3650).optional().describe('What has expired counts as well.'),
          unusedDays: wholeNumber(0, 3650).optional().describe('Active ones that were not used for so long.'),
          rotating: flag.optional(),
          canary: flag.optional(),
          limit: pageSize,
          cursor,
        }),
        response: { 200: page(credentialShape.extend({ sourceName: z.string() })) },
      },
    },
    async ({ query }) => {
      const [afterName, afterId] = readCursor(z.tuple([z.string(), z.string()]), query.cursor) ?? ['', ''];
      const most = query.limit ?? PAGE;
      const now = context.clock.now();
      const items: (ReturnType<typeof showCredential> & { sourceName: string })[] = [];
      for (const source of context.sources.list()) {
        if (source.name < afterName) continue;
        const found = context.sources
          .credentials(source.id)
          .filter((one) => isWanted(one, query, now))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        for (const credential of found) {
          if (source.name === afterName && credential.id <= afterId) continue;
          const last = items.at(-1);
          if (items.length === most) return { items, next: writeCursor([last?.sourceName, last?.id]) };
          items.push({ ...showCredential(credential), sourceName: source.name });
        }
      }
      return { items };
    },
  );

  api.get(
    '/password-presets',
    {
      schema: {
        tags,
        summary: 'The forms in which passwords are generated, for what a device can hold',
        response: {
          200: z.object({
            leastBits: z.number().describe('Weaker ones are made for credentials with networks only.'),
            items: z.array(
              z.object({
                name: z.string(),
                description: z.string(),
                length: z.int(),
                alphabet: z.string(),
                characters: z.string(),
                accountLength: z.int().optional(),
                bits: z.int(),
                needsNetwork: z.boolean(),
              }),
            ),
          }),
        },
      },
    },
    async () => ({
      leastBits: LEAST_BITS,
      items: Object.entries<PasswordPreset>(PRESETS).map(([name, preset]) => ({
        name,
        ...preset,
        characters: ALPHABETS[preset.alphabet],
        bits: Math.floor(entropyBits(preset)),
        needsNetwork: entropyBits(preset) < LEAST_BITS,
      })),
    }),
  );

  api.delete(
    '/sources/:name/credentials/:credential',
    {
      config: { ownSource: 'name', emergency: true },
      schema: {
        tags,
        summary: 'Revoke a credential',
        params: credentialParameters,
        response: { 200: credentialShape },
      },
    },
    async (request) => {
      const source = findSource(context, request.params.name);
      const before = findCredential(context, source, request.params.credential);
      const credential = await context.sources.revokeCredential(before.id);
      if (before.state !== 'revoked') {
        recordChange(context, request, `credential ${credential.id} of source ${source.name} revoked`, {
          source: source.id,
          before: { state: 'active' },
          after: { state: 'revoked' },
        });
      }
      return showCredential(credential);
    },
  );
}

/** Everything about a credential that can be edited. */
function tagOf({ id, state, label, expiresAt }: Credential): string {
  const text = JSON.stringify([id, state, label, expiresAt]);
  return etagOf(createHash('sha256').update(text).digest('base64url').slice(0, 16));
}

interface Search {
  account?: string;
  state?: string;
  expiresWithinDays?: number;
  unusedDays?: number;
  rotating?: boolean;
  canary?: boolean;
}

function isWanted(credential: Credential, search: Search, now: number): boolean {
  const { account, state, expiresWithinDays, unusedDays, rotating, canary } = search;
  const { expiresAt = Infinity, lastUsedAt, createdAt } = credential;
  if (account !== undefined && credential.account !== account) return false;
  if (state !== undefined && credential.state !== state) return false;
  if (canary !== undefined && (credential.canary ?? false) !== canary) return false;
  if (rotating !== undefined && (credential.rotation !== undefined) !== rotating) return false;
  const active = credential.state === 'active';
  if (expiresWithinDays !== undefined && !(active && expiresAt - now <= expiresWithinDays * DAY_MS))
    return false;
  return unusedDays === undefined || (active && now - (lastUsedAt ?? createdAt) >= unusedDays * DAY_MS);
}

/** The name that was given, or one that the device can hold. */
function accountFor(
  context: ApiContext,
  source: Source,
  { account, generator: wanted }: { account?: string; generator?: Generator },
): string {
  const preset: PasswordPreset = PRESETS[wanted?.preset ?? 'default'];
  const longest = preset.accountLength;
  if (account !== undefined) {
    if (longest === undefined || account.length <= longest) return account;
    const problem = `account: has ${account.length} characters, and such devices hold ${longest}`;
    throw new Problem(400, problem, { field: 'account' });
  }
  if (longest === undefined) return source.name;
  const now = context.clock.now();
  const isTaken = (name: string) => context.sources.byAccount(name).some((one) => countsAt(one, now));
  return shortAccount(source.name, longest, isTaken, context.random);
}

/** Fields that do not belong to the kind are an error: somebody meant something else. */
function refuseUnfit(body: z.infer<typeof newCredential>): void {
  const belongs = {
    account: body.kind === 'password',
    password: body.kind === 'password',
    certificate: body.kind === 'certificate',
    oauth: body.kind === 'oauth',
  };
  for (const field of ['account', 'password', 'certificate', 'oauth'] as const) {
    if (body[field] !== undefined && !belongs[field]) {
      throw new Problem(400, `${field}: does not belong to a credential of the kind ${body.kind}`, { field });
    }
  }
  if (body.canary && body.kind !== 'password' && body.kind !== 'api-key') {
    throw new Problem(400, 'canary: is for passwords and API keys, which can be planted', {
      field: 'canary',
    });
  }
  if (body.cramMd5 && body.kind !== 'password') {
    throw new Problem(400, 'cramMd5: is for passwords only', { field: 'cramMd5' });
  }
  if (body.exception && !body.cramMd5) {
    throw new Problem(400, 'exception: belongs to cramMd5', { field: 'exception' });
  }
  for (const kind of ['certificate', 'oauth'] as const) {
    if (body.kind === kind && !body[kind]) throw new Problem(400, `${kind}: is missing`, { field: kind });
  }
  if (body.kind === 'network' && body.networks.length === 0) {
    throw new Problem(400, 'networks: is missing', { field: 'networks' });
  }
}
