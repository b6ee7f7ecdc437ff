import { z } from 'zod';
import { line, mailAddress, network } from '../source-fields.ts';

/**
 * An exception allows one weak setting for one source, or for the networks of some devices, until a day. Each has
 * somebody who answers for it and a reason. Without one, what is weak is refused.
 */
export const EXCEPTION_KINDS = {
  'tls-1.0': { scope: 'networks', allows: 'TLS 1.0' },
  'tls-1.1': { scope: 'networks', allows: 'TLS 1.1' },
  'rsa-key-exchange': { scope: 'networks', allows: 'TLS with RSA key exchange' },
  '3des': { scope: 'networks', allows: 'TLS with 3DES' },
  'no-tls': { scope: 'networks', allows: 'authentication and mail without TLS' },
  'cram-md5': { scope: 'source', allows: 'CRAM-MD5' },
} as const;

export type ExceptionKind = keyof typeof EXCEPTION_KINDS;

export const EXCEPTION_KIND_NAMES = Object.keys(EXCEPTION_KINDS) as [ExceptionKind, ...ExceptionKind[]];

/** What allows a weakness: the exception for it, or one for something weaker still. */
export const ALLOWED_BY: Record<ExceptionKind, readonly ExceptionKind[]> = {
  'tls-1.0': ['tls-1.0'],
  'tls-1.1': ['tls-1.1', 'tls-1.0'],
  'rsa-key-exchange': ['rsa-key-exchange'],
  '3des': ['3des'],
  'no-tls': ['no-tls'],
  'cram-md5': ['cram-md5'],
};

/** open: in force; ended: its day has come; closed: by a person, or with its source. */
export type ExceptionState = 'open' | 'ended' | 'closed';

export interface Exception {
  /** `exc_` and 16 characters. */
  id: string;
  kind: ExceptionKind;
  /** Source identifier; for kinds by network it only says whose devices they are. */
  source?: string;
  /** CIDR blocks; empty for kinds by source. */
  networks: string[];
  /** E-mail address of the person who answers for it. */
  owner: string;
  reason: string;
  createdAt: number;
  createdBy: string;
  /** Wall time, milliseconds. */
  endsAt: number;
  state: ExceptionState;
  endedAt?: number;
  endedBy?: string;
  uses: number;
  lastUsedAt?: number;
  lastUsedFrom?: string;
  /** The last warning that was given: days before the end. */
  warned?: number;
  /** Raised by one at each change by a person; the ETag of the API. */
  version: number;
}

export const DAY_MS = 86_400_000;
/** A year, a leap year too: whoever still needs it then says so again. */
export const LONGEST_DAYS = 366;
/** Open at the same time. */
export const MOST_OPEN = 5000;
/** Prefixes of the widest blocks: an exception is for devices, not for an organisation. */
const WIDEST = { v4: 16, v6: 48 };

const namedNetwork = network.refine(
  (block) => Number(block.split('/')[1]) >= (block.includes(':') ? WIDEST.v6 : WIDEST.v4),
  `is too wide: an exception is for at most a /${WIDEST.v4} (IPv6: /${WIDEST.v6}); name the network of the devices`,
);

const reason = line(500).refine(
  (text) => text.trim() !== '',
  'is missing: say why it is needed, for whoever looks at it next year',
);

export const exceptionFields = z.strictObject({
  kind: z.enum(EXCEPTION_KIND_NAMES),
  source: z
    .string()
    .max(100)
    .optional()
    .describe('Name or identifier; needed for cram-md5, informative otherwise.'),
  networks: z.array(namedNetwork).max(50).default([]).describe('CIDR blocks; needed for all but cram-md5.'),
  owner: mailAddress.describe('E-mail address of the person who answers for it and is warned.'),
  reason,
  endsAt: z.int().describe(`Milliseconds since the epoch; at most ${LONGEST_DAYS} days from now.`),
});

export const extensionFields = z.strictObject({
  endsAt: exceptionFields.shape.endsAt,
  reason: reason.describe('Why it is still needed; takes the place of the old reason.'),
  owner: mailAddress.optional(),
});

export type NewException = z.infer<typeof exceptionFields>;
export type Extension = z.infer<typeof extensionFields>;

/** For people: `TLS 1.0 for 10.1.2.0/24`. @param sourceName of the source, where it is known */
export function describeException(
  { kind, networks, source }: Pick<Exception, 'kind' | 'networks' | 'source'>,
  sourceName: string | undefined,
): string {
  const { scope, allows } = EXCEPTION_KINDS[kind];
  if (scope === 'source') return `${allows} for source ${sourceName ?? source ?? ''}`;
  const shown = networks.length > 3 ? [...networks.slice(0, 3), `${networks.length - 3} more`] : networks;
  return `${allows} for ${shown.join(', ')}${sourceName === undefined ? '' : ` (source ${sourceName})`}`;
}
