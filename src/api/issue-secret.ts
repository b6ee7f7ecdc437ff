import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { HandedSecret } from '../sources/credential-handovers.ts';
import { generatePin } from '../sources/credential-handovers.ts';
import type { Credential, StoredSecret } from '../sources/source.ts';
import {
  ALPHABETS,
  type AlphabetName,
  entropyBits,
  formProblem,
  type PasswordForm,
  passwordOf,
  PRESETS,
  type PresetName,
} from '../submission/password-presets.ts';
import { generateApiKey, hashPassword, matchPassword } from '../submission/secret.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import type { issuedShape } from './shapes.ts';

// what device panels can type; SASLprep and the hash set the rest
export const password = z.string().min(8).max(256).describe('Generated when it is absent, which is better.');

export const generator = z
  .strictObject({
    preset: z
      .enum(Object.keys(PRESETS) as [PresetName, ...PresetName[]])
      .default('default')
      .describe('See GET /password-presets.'),
    length: z.int().min(6).max(128).optional().describe('Characters, instead of those of the preset.'),
    alphabet: z
      .enum(Object.keys(ALPHABETS) as [AlphabetName, ...AlphabetName[]])
      .optional()
      .describe('Instead of that of the preset.'),
  })
  .describe('What the device can hold.');

export const handover = z
  .strictObject({
    hours: z.number().positive().max(720).optional().describe('How long the link works.'),
    pin: z
      .union([z.boolean(), z.string().regex(/^\d{4,12}$/, 'has 4 to 12 digits')])
      .default(false)
      .describe('A PIN that has to be told by another way: `true` makes one.'),
  })
  .describe('Instead of the secret the answer has a link that reveals it once.');

export type Generator = z.infer<typeof generator>;
export type HandoverRequest = z.infer<typeof handover>;

interface SecretRequest {
  kind: string;
  password?: string;
  cramMd5: boolean;
  generator?: Generator;
  networks: readonly string[];
  /** The secret whose place it takes. */
  beside?: StoredSecret;
}

export interface Issued {
  stored: { secret?: StoredSecret; apiKeyHash?: string };
  shown: { password?: string; apiKey?: string; bits?: number };
  /** The secret itself, also where its giver knows it. */
  plain?: string;
}

/** Makes a secret, or takes the one that was given. @throws Problem 400 when it is too weak, or can not be one */
export async function issueSecret(context: ApiContext, request: SecretRequest): Promise<Issued> {
  const { kind, password: given, cramMd5, beside } = request;
  if (kind !== 'password' && request.generator) {
    throw new Problem(400, 'generator: is for passwords only', { field: 'generator' });
  }
  if (kind === 'api-key') {
    const { key, hash } = generateApiKey(context.random);
    return { stored: { apiKeyHash: hash }, shown: { apiKey: key }, plain: key };
  }
  if (kind !== 'password') return { stored: {}, shown: {} };
  if (given !== undefined && request.generator) {
    throw new Problem(400, 'generator: a password was given; leave one of both out', { field: 'generator' });
  }
  const form = formOf(request.generator);
  const problem = formProblem(form, request.networks.length > 0);
  if (given === undefined && problem !== undefined) {
    throw new Problem(400, `generator: ${problem}`, { field: 'generator' });
  }
  const plain = given ?? passwordOf(form, context.random);
  const secret = await hashed(context, plain, { cramMd5, beside, given: given !== undefined });
  // a password that was given is known to who gave it, and is not repeated
  const shown = given === undefined ? { password: plain, bits: Math.floor(entropyBits(form)) } : {};
  return { stored: { secret }, shown, plain };
}

function formOf({ preset = 'default', length, alphabet }: Partial<Generator> = {}): PasswordForm {
  const standard = PRESETS[preset];
  return { length: length ?? standard.length, alphabet: alphabet ?? standard.alphabet };
}

async function hashed(
  context: ApiContext,
  plain: string,
  { cramMd5, beside, given }: { cramMd5: boolean; beside?: StoredSecret; given: boolean },
): Promise<StoredSecret> {
  try {
    const secret = await hashPassword(plain, {
      random: context.random,
      recoverable: cramMd5 ? context.seal : undefined,
      beside,
    });
    if (beside && (await matchPassword(plain, [beside])) === 0)
      throw new Error('is the one that it shall replace');
    return secret;
  } catch (error) {
    if (!given || !(error instanceof Error)) throw error;
    // what SASLprep does not allow
    throw new Problem(400, `password: ${error.message}`, { field: 'password' });
  }
}

/** What is answered for a new secret: itself, or the link that hands it over. */
export async function shownSecret(
  context: ApiContext,
  request: FastifyRequest,
  credential: Credential,
  issued: Issued,
  wanted: HandoverRequest | undefined,
): Promise<Omit<z.infer<typeof issuedShape>, 'credential'>> {
  if (!wanted || issued.plain === undefined) return issued.shown;
  const { handovers, handoverMs, handoverAddress } = context.credentials;
  const pin =
    wanted.pin === true ? generatePin(context.random) : wanted.pin === false ? undefined : wanted.pin;
  const secret: HandedSecret = {
    kind: credential.apiKeyHash === undefined ? 'password' : 'api-key',
    account: credential.account,
    secret: issued.plain,
  };
  const lifeMs = wanted.hours === undefined ? handoverMs : wanted.hours * 3_600_000;
  const about = { source: credential.source, credential: credential.id };
  const { handover: made, token } = await handovers.make(about, secret, { lifeMs, pin });
  const base = handoverAddress.replace(/\/+$/, '') || `${request.protocol}://${request.host}`;
  return {
    bits: issued.shown.bits,
    handover: { id: made.id, link: `${base}/handover/${token}`, pin, expiresAt: made.expiresAt },
  };
}

/** @throws Problem 400 where there is no secret that could be handed over */
export function refuseHandover(kind: string, wanted: HandoverRequest | undefined): void {
  if (wanted && kind !== 'password' && kind !== 'api-key') {
    throw new Problem(400, `handover: a credential of the kind ${kind} has no secret`, { field: 'handover' });
  }
}
