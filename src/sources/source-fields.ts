import { z } from 'zod';
import { hasUnsafe } from '../platform/unsafe-characters.ts';
import { patternProblem } from '../policy/pattern.ts';
import { FIRST_STATES, SOURCE_STATES } from './lifecycle.ts';
import { canonicalNetwork } from './network-index.ts';
import { RegistryError } from './registry.ts';

/**
 * What an administrator may write into a source and a credential. One description serves the registry (which
 * refuses with it), the API (which publishes it) and the CLI (through the API).
 */

/** No control characters, and none that turn the direction of text: names are shown in tables and logs. */
export function line(longest: number) {
  return z
    .string()
    .max(longest)
    .refine((text) => !hasUnsafe(text), 'holds control or direction characters');
}

/** As `line`, with line ends and tabs. */
function lines(longest: number) {
  return z
    .string()
    .max(longest)
    .transform((text) => text.replaceAll('\r\n', '\n'))
    .refine((text) => !hasUnsafe(text.replaceAll(/[\n\t]/g, ' ')), 'holds control or direction characters');
}

export const sourceName = z
  .string()
  .max(64)
  .regex(
    /^[a-z0-9][a-z0-9._-]*$/,
    'may hold lower case letters, digits, dots, hyphens and underscores, and begins with a letter or digit',
  )
  // an identifier in the place of a name must never mean another source
  .refine((name) => !name.startsWith('src_'), 'may not begin with src_')
  .refine((name) => name !== 'export', 'may not be export: GET /sources/export answers all of them');

export const mailAddress = line(254).regex(/^[^\s@<>]+@[^\s@<>]+$/, 'is no e-mail address');
const optionalAddress = z.union([z.literal(''), mailAddress]);

export const addressPattern = line(320).superRefine((pattern, context) => {
  const problem = patternProblem(pattern);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

export const network = z
  .string()
  .max(64)
  .transform((text, context) => {
    const canonical = canonicalNetwork(text);
    if (canonical !== undefined) return canonical;
    context.addIssue({
      code: 'custom',
      message: 'is no address or CIDR block such as 10.1.2.0/24 (the bits behind the prefix must be zero)',
    });
    return z.NEVER;
  });

const MOST_BYTES = 1024 ** 4;

export const policyFields = z.strictObject({
  pairs: z
    .array(z.strictObject({ envelope: addressPattern, header: addressPattern }))
    .max(500)
    .describe('What may stand in MAIL FROM together with what in the From header.'),
  nullSender: z.boolean().describe('MAIL FROM:<> is allowed.'),
  recipients: z.strictObject({
    allow: z.enum(['internal', 'listed', 'any']),
    patterns: z.array(addressPattern).max(1000),
  }),
  maxSize: z.int().min(0).max(MOST_BYTES).describe("Octets; 0 means the relay's own limit."),
  maxRecipients: z.int().min(1).max(10_000),
  connections: z.int().min(1).max(10_000),
  limits: z
    .array(
      z.strictObject({
        unit: z.enum(['messages', 'bytes']),
        per: z.enum(['minute', 'hour', 'day']),
        most: z.int().min(0).max(MOST_BYTES),
      }),
    )
    .max(6)
    .refine(
      (limits) => new Set(limits.map(({ unit, per }) => `${unit}/${per}`)).size === limits.length,
      'holds two limits of the same unit and time',
    ),
  overLimit: z.enum(['reject', 'defer', 'hold']),
  repair: z.strictObject({
    missingHeaders: z.boolean(),
    missingFrom: optionalAddress,
    longLines: z.boolean(),
    rawHeaders: z.boolean(),
  }),
  rewrite: z.strictObject({
    headerFrom: optionalAddress,
    envelopeFrom: optionalAddress,
    replyTo: optionalAddress,
  }),
  unaligned: z.discriminatedUnion('action', [
    z.strictObject({ action: z.literal('hold') }),
    z.strictObject({ action: z.literal('reject') }),
    z.strictObject({ action: z.literal('sign-with'), domain: line(253) }),
    z.strictObject({ action: z.literal('send') }),
  ]),
});

/** Small letters, so that nobody has `Printer` and `printer`. */
export const tag = z
  .string()
  .max(40)
  .transform((text) => text.toLowerCase())
  .refine(
    (text) => /^[a-z0-9][a-z0-9._:/-]*$/.test(text),
    'may hold letters, digits and . _ : / -, and begins with a letter or digit',
  );

export const detailFields = z.strictObject({
  contact: line(200).describe('Whom to call: a name, a telephone number, a team.'),
  tags: z
    .array(tag)
    .max(30)
    .transform((tags) => [...new Set(tags)].sort())
    .describe('Words to find it by.'),
  notes: lines(4000).describe('What people should know; may have several lines.'),
  site: line(100).describe('Where it stands: a building, a plant, a data centre.'),
});

const sourceRequest = z.strictObject({
  by: line(254),
  purpose: line(500),
  at: z.int(),
  testedAt: z.int().optional(),
});

export const brownOutPlan = z.strictObject({
  share: z.number().min(0).max(1).describe('Share of the attempts that are answered 4xx, 0 to 1.'),
  hours: z
    .array(z.int().min(0).max(23))
    .max(24)
    .transform((hours) => [...new Set(hours)].sort((a, b) => a - b))
    .describe('Hours of the day (UTC) in which every attempt is answered 4xx.'),
});

const brownOutFields = brownOutPlan.extend({
  startedAt: z.int(),
  until: z.int(),
  reason: line(500),
});

const described = z.strictObject({
  name: sourceName,
  description: line(500),
  owner: optionalAddress.describe('E-mail address of the person who answers for it.'),
  policy: policyFields,
});

export const sourceFields = described.extend({
  ...detailFields.partial().shape,
  state: z.enum(FIRST_STATES).optional(),
  request: sourceRequest.optional(),
});

export const sourceChanges = described.partial().extend({
  ...detailFields.partial().shape,
  state: z.enum(SOURCE_STATES).optional(),
  request: sourceRequest.nullable().optional(),
  brownOut: brownOutFields.nullable().optional(),
});

/** What travels in AUTH without quoting, and what device panels can hold. */
export const accountName = z
  .string()
  .max(128)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/,
    'may hold letters, digits and . _ @ + -, and begins with a letter or digit',
  );

export const certificateFields = z.union([
  z.strictObject({
    fingerprint256: z
      .string()
      .max(128)
      .transform((text) => text.toUpperCase())
      .refine(
        (text) => /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(text),
        'is no SHA-256 fingerprint: 32 octets in hexadecimal with colons',
      ),
  }),
  z.strictObject({ subject: line(500).min(1) }),
]);

export const oauthFields = z.strictObject({
  issuer: line(500).regex(/^https?:\/\/\S+$/, 'is no URL'),
  clientId: line(200).min(1),
});

export const credentialFields = z.strictObject({
  source: z.string(),
  label: line(100),
  state: z.enum(['active', 'revoked']),
  account: accountName.optional(),
  secret: z
    .object({
      argon2id: z.string(),
      scram: z.object({
        iterations: z.number(),
        salt: z.string(),
        storedKey: z.string(),
        serverKey: z.string(),
      }),
      recoverable: z.string().optional(),
    })
    .optional(),
  networks: z.array(network).max(1000),
  certificate: certificateFields.optional(),
  oauth: oauthFields.optional(),
  apiKeyHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  expiresAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
  lastUsedFrom: z.string().optional(),
  canary: z.literal(true).optional(),
  rotation: z
    .strictObject({
      role: z.enum(['old', 'new']),
      other: z.string(),
      startedAt: z.number(),
      unusedMs: z.number().optional(),
    })
    .optional(),
});

/** @throws RegistryError `invalid` that names the first wrong field and what it may hold. */
export function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new RegistryError('invalid', `${field || 'the request'}: ${issue?.message ?? 'is wrong'}`, field);
}
