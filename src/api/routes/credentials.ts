import { z } from 'zod';
import { accountName, certificateFields, line, network, oauthFields } from '../../sources/source-fields.ts';
import type { Credential, Source, StoredSecret } from '../../sources/source.ts';
import { generateApiKey, generatePassword, hashPassword } from '../../submission/secret.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { credentialShape, issuedShape } from '../shapes.ts';
import { showCredential } from '../views.ts';
import { findSource, sourceParameters } from './sources.ts';

const HOUR_MS = 3_600_000;

// what device panels can type; SASLprep and the hash set the rest
const password = z.string().min(8).max(256).describe('Generated when it is absent, which is better.');

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
  networks: z.array(network).max(1000).default([]),
  certificate: certificateFields.optional(),
  oauth: oauthFields.optional(),
  expiresAt: z.int().min(0).optional().describe('Milliseconds since the epoch.'),
});

const rotation = z.strictObject({
  credential: z.string().max(40).optional().describe('Needed when the source has several passwords or keys.'),
  graceHours: z.number().min(0).max(8760).default(24).describe('How long the old secret still works.'),
  password: password.optional(),
});

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
      if (body.expiresAt !== undefined && body.expiresAt <= context.clock.now()) {
        throw new Problem(400, 'expiresAt: is in the past', { field: 'expiresAt' });
      }
      const issued = await issueSecret(context, body);
      const credential = await context.sources.addCredential({
        source: source.id,
        label: body.label,
        state: 'active',
        account: body.kind === 'password' ? (body.account ?? source.name) : undefined,
        networks: body.networks,
        certificate: body.certificate,
        oauth: body.oauth,
        expiresAt: body.expiresAt,
        ...issued.stored,
      });
      const shown = showCredential(credential);
      recordChange(context, request, `credential ${credential.id} of source ${source.name} added`, {
        source: source.id,
        after: shown,
      });
      return reply.code(201).send({ credential: shown, ...issued.shown });
    },
  );

  api.delete(
    '/sources/:name/credentials/:credential',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'Revoke a credential',
        params: sourceParameters.extend({ credential: z.string().max(40) }),
        response: { 200: credentialShape },
      },
    },
    async (request) => {
      const source = findSource(context, request.params.name);
      const before = context.sources.credential(request.params.credential);
      if (!before || before.source !== source.id) {
        throw new Problem(
          404,
          `source ${source.name} has no credential ${JSON.stringify(request.params.credential)}`,
        );
      }
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

  api.post(
    '/sources/:name/rotate',
    {
      config: { ownSource: 'name' },
      schema: {
        tags,
        summary: 'Make a new secret; the old one works until the end of the grace time',
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
      const issued = await issueSecret(context, {
        kind,
        password: body.password,
        cramMd5: old.secret?.recoverable !== undefined,
      });
      const { credential, replaced } = await context.sources.rotateCredential(
        old.id,
        issued.stored as { secret: StoredSecret } | { apiKeyHash: string },
        body.graceHours * HOUR_MS,
      );
      recordChange(context, request, `credential of source ${source.name} rotated`, {
        source: source.id,
        before: { credential: replaced.id, expiresAt: replaced.expiresAt },
        after: { credential: credential.id },
      });
      return { credential: showCredential(credential), replaced: showCredential(replaced), ...issued.shown };
    },
  );
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
  if (body.cramMd5 && body.kind !== 'password') {
    throw new Problem(400, 'cramMd5: is for passwords only', { field: 'cramMd5' });
  }
  for (const kind of ['certificate', 'oauth'] as const) {
    if (body.kind === kind && !body[kind]) throw new Problem(400, `${kind}: is missing`, { field: kind });
  }
  if (body.kind === 'network' && body.networks.length === 0) {
    throw new Problem(400, 'networks: is missing', { field: 'networks' });
  }
}

interface Issued {
  stored: { secret?: StoredSecret; apiKeyHash?: string };
  shown: { password?: string; apiKey?: string };
}

async function issueSecret(
  context: ApiContext,
  { kind, password: given, cramMd5 }: { kind: string; password?: string; cramMd5: boolean },
): Promise<Issued> {
  if (kind === 'api-key') {
    const { key, hash } = generateApiKey(context.random);
    return { stored: { apiKeyHash: hash }, shown: { apiKey: key } };
  }
  if (kind !== 'password') return { stored: {}, shown: {} };
  const plain = given ?? generatePassword({ random: context.random });
  let secret: StoredSecret;
  try {
    secret = await hashPassword(plain, {
      random: context.random,
      recoverable: cramMd5 ? context.seal : undefined,
    });
  } catch (error) {
    if (given === undefined || !(error instanceof Error)) throw error;
    // what SASLprep does not allow
    throw new Problem(400, `password: ${error.message}`, { field: 'password' });
  }
  // a password that was given is known to who gave it, and is not repeated
  return { stored: { secret }, shown: given === undefined ? { password: plain } : {} };
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
  const open = candidates.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
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
