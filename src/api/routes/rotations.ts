import { z } from 'zod';
import type { Replacement, RotationEnd } from '../../sources/credential-rotation.ts';
import type { Credential, Source } from '../../sources/source.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { generator, handover, issueSecret, password, shownSecret } from '../issue-secret.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { credentialShape, credentialUseShape, issuedShape } from '../shapes.ts';
import { showCredential } from '../views.ts';
import { credentialParameters, findCredential } from './credentials.ts';
import { findSource, sourceParameters } from './sources.ts';

const HOUR_MS = 3_600_000;

const rotation = z.strictObject({
  credential: z.string().max(40).optional().describe('Needed when the source has several passwords or keys.'),
  graceHours: z
    .number()
    .min(0)
    .max(8760)
    .optional()
    .describe('The old secret ends after this time, whether or not it is still used.'),
  unusedHours: z
    .number()
    .positive()
    .max(8760)
    .optional()
    .describe(
      'The old secret ends when it was not used for so long and the new one was; without both, the configured time.',
    ),
  password: password.optional(),
  generator: generator.optional(),
  handover: handover.optional(),
});

const rotationShape = z
  .object({
    source: z.string(),
    old: credentialShape,
    new: credentialShape.optional(),
    stillUsedBy: z
      .array(credentialUseShape)
      .describe('From where the old secret was used since the rotation began, the latest first.'),
  })
  .meta({ id: 'Rotation' });

/** Rotation: two secrets are valid until nobody uses the old one. */
export function rotationRoutes(api: Api, context: ApiContext): void {
  const tags = ['Credentials'];

  api.post(
    '/sources/:name/rotate',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'Make a new secret beside the old one; both work until the old one is no longer used',
        params: sourceParameters,
        body: rotation,
        response: { 200: issuedShape.extend({ replaced: credentialShape }) },
      },
    },
    async (request) => {
      const source = findSource(context, request.params.name);
      const { body } = request;
      const old = rotatable(context, source, body.credential);
      const kind = old.secret ? 'password' : 'api-key';
      if (kind === 'api-key' && body.password !== undefined) {
        throw new Problem(400, 'password: the credential is an API key, which is always generated', {
          field: 'password',
        });
      }
      const end = endOf(context, body);
      const issued = await issueSecret(context, {
        kind,
        password: body.password,
        generator: body.generator,
        networks: old.networks,
        // without an exception the new password is not kept recoverable any more
        cramMd5:
          old.secret?.recoverable !== undefined &&
          context.exceptions.forSource('cram-md5', source.id) !== undefined,
        beside: old.secret,
      });
      const replacement = issued.stored as Replacement;
      const { credential, replaced } = await context.sources.rotateCredential(old.id, replacement, end);
      recordChange(context, request, `credential of source ${source.name} rotated`, {
        source: source.id,
        before: { credential: replaced.id, expiresAt: replaced.expiresAt },
        after: { credential: credential.id, ...end },
      });
      const secret = await shownSecret(context, request, credential, issued, body.handover);
      return { credential: showCredential(credential), replaced: showCredential(replaced), ...secret };
    },
  );

  api.get(
    '/sources/:name/rotations',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'Rotations that are under way, and who still uses the old secret',
        params: sourceParameters,
        response: { 200: z.object({ items: z.array(rotationShape) }) },
      },
    },
    async ({ params }) => {
      const source = findSource(context, params.name);
      const items: z.infer<typeof rotationShape>[] = [];
      for (const old of context.sources.credentials(source.id)) {
        if (old.rotation?.role !== 'old') continue;
        const { other, startedAt } = old.rotation;
        const fresh = context.sources.credential(other);
        const uses = await context.credentials.uses.of(old.id);
        items.push({
          source: source.name,
          old: showCredential(old),
          new: fresh && showCredential(fresh),
          stillUsedBy: uses.filter(({ lastAt }) => lastAt >= startedAt),
        });
      }
      return { items };
    },
  );

  for (const [verb, summary, done] of [
    ['complete', 'End a rotation now: the old secret is revoked, whoever still uses it', 'completed'],
    ['cancel', 'Go back: the new secret is revoked, and the old one goes on', 'cancelled'],
  ] as const) {
    api.post(
      `/sources/:name/credentials/:credential/${verb}-rotation`,
      {
        config: { ownSource: 'name' },
        schema: {
          tags,
          summary,
          params: credentialParameters,
          response: { 200: z.object({ items: z.array(credentialShape) }) },
        },
      },
      async (request) => {
        const source = findSource(context, request.params.name);
        const { id } = findCredential(context, source, request.params.credential);
        const changed = await context.sources.endRotation(id, verb);
        const revoked = changed.find(({ state }) => state === 'revoked');
        recordChange(context, request, `rotation of credential ${id} of source ${source.name} ${done}`, {
          source: source.id,
          after: { revoked: revoked?.id },
        });
        return { items: changed.map(showCredential) };
      },
    );
  }
}

function endOf(
  context: ApiContext,
  { graceHours, unusedHours }: { graceHours?: number; unusedHours?: number },
): RotationEnd {
  if (graceHours === undefined) {
    return {
      unusedMs: unusedHours === undefined ? context.credentials.unusedMs : unusedHours * HOUR_MS,
    };
  }
  if (unusedHours !== undefined) {
    throw new Problem(400, 'graceHours and unusedHours: give one of both', { field: 'unusedHours' });
  }
  return { graceMs: graceHours * HOUR_MS };
}

function rotatable(context: ApiContext, source: Source, id: string | undefined): Credential {
  const now = context.clock.now();
  const candidates = context.sources
    .credentials(source.id)
    .filter(({ state, secret, apiKeyHash }) => state === 'active' && (secret || apiKeyHash));
  if (id !== undefined) {
    const chosen = candidates.find((one) => one.id === id);
    if (chosen) return chosen;
    throw new Problem(
      404,
      `source ${source.name} has no password or API key ${JSON.stringify(id)} to rotate`,
    );
  }
  // one that is on its way out has been rotated already
  const open = candidates.filter(
    ({ expiresAt, rotation, canary }) =>
      !canary && rotation?.role !== 'old' && (expiresAt === undefined || expiresAt > now),
  );
  const lasting = open.filter(({ expiresAt }) => expiresAt === undefined);
  const [only] = lasting.length > 0 ? lasting : open;
  if (!only)
    throw new Problem(409, `source ${source.name} has no password or API key to rotate; add a credential`);
  if ((lasting.length > 0 ? lasting : open).length > 1) {
    throw new Problem(
      409,
      `source ${source.name} has several passwords or keys; name one: ${open.map((one) => `${one.id} (${one.label || one.account || 'API key'})`).join(', ')}`,
      { field: 'credential' },
    );
  }
  return only;
}
