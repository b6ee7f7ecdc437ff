import { z } from 'zod';
import { SOURCE_STATES } from '../sources/lifecycle.ts';
import { CREDENTIAL_KINDS } from '../sources/search.ts';
import { policyFields } from '../sources/source-fields.ts';

/**
 * What the API shows. Answers are written through these shapes, so that a field which is not named here, a
 * secret above all, can not get out by mistake.
 */

const at = z.number().describe('Milliseconds since the epoch.');

export const sourceShape = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    owner: z.string(),
    contact: z.string(),
    tags: z.array(z.string()),
    notes: z.string(),
    site: z.string(),
    state: z.enum(SOURCE_STATES),
    stateChange: z
      .object({ from: z.enum(SOURCE_STATES), at, by: z.string(), reason: z.string() })
      .optional()
      .describe('How it came into its state.'),
    request: z
      .object({ by: z.string(), purpose: z.string(), at, testedAt: at.optional() })
      .optional()
      .describe('Somebody asked for it, and nobody has decided yet.'),
    brownOut: z
      .object({
        share: z.number(),
        hours: z.array(z.int()),
        startedAt: at,
        until: at,
        reason: z.string(),
      })
      .optional()
      .describe('It is about to be retired, and is answered 4xx now and then.'),
    lastUsedAt: at.optional().describe('When one of its credentials was last used.'),
    credentialKinds: z.array(z.enum(CREDENTIAL_KINDS)).describe('Kinds of its active credentials.'),
    nextExpiryAt: at.optional().describe('When the first of its active credentials ends.'),
    contained: z
      .enum(['alert', 'slow', 'hold', 'suspend'])
      .optional()
      .describe('It does what it does not usually do; see GET /sources/{name}/normal.'),
    policy: policyFields,
    createdAt: at,
    updatedAt: at,
    version: z.int(),
  })
  .meta({ id: 'Source' });

export const credentialShape = z
  .object({
    id: z.string(),
    source: z.string(),
    label: z.string(),
    state: z.enum(['active', 'revoked']),
    kinds: z
      .array(z.string())
      .describe('What must be shown: password, api-key, certificate, oauth, network.'),
    account: z.string().optional(),
    cramMd5: z.boolean().describe('The password is kept in a recoverable form.'),
    networks: z.array(z.string()),
    certificate: z
      .object({ fingerprint256: z.string().optional(), subject: z.string().optional() })
      .optional(),
    oauth: z.object({ issuer: z.string(), clientId: z.string() }).optional(),
    createdAt: at,
    expiresAt: at.optional(),
    lastUsedAt: at.optional(),
    lastUsedFrom: z.string().optional(),
    canary: z.boolean().describe('A trap: any use is refused like a wrong password, and is an alarm.'),
    rotation: z
      .object({
        role: z.enum(['old', 'new']).describe('Which of both secrets this one is.'),
        other: z.string().describe('Identifier of the other one.'),
        startedAt: at,
        unusedMs: z
          .number()
          .optional()
          .describe('The old one is revoked when it was not used for so long; absent: it has a fixed end.'),
      })
      .optional(),
  })
  .meta({ id: 'Credential' });

export const issuedShape = z
  .object({
    credential: credentialShape,
    password: z.string().optional().describe('Shown this once.'),
    apiKey: z.string().optional().describe('Shown this once.'),
    bits: z.int().optional().describe('How hard the generated password is to guess: 2 to the power of it.'),
    handover: z
      .object({
        id: z.string(),
        link: z.string().describe('Reveals the secret once.'),
        pin: z.string().optional().describe('To be told by another way than the link.'),
        expiresAt: at,
      })
      .optional(),
  })
  .meta({ id: 'IssuedCredential' });

export const handoverShape = z
  .object({
    id: z.string(),
    credential: z.string(),
    state: z.enum(['waiting', 'fetched', 'expired', 'withdrawn', 'locked']),
    hasPin: z.boolean(),
    wrongPins: z.int(),
    createdAt: at,
    expiresAt: at,
    openedAt: at.optional().describe('When somebody first looked at the page, which reveals nothing.'),
    endedAt: at.optional(),
    endedFrom: z.string().optional(),
  })
  .meta({ id: 'Handover' });

export const credentialUseShape = z
  .object({
    network: z.string(),
    firstAt: at,
    lastAt: at,
    uses: z.int(),
    hello: z.string().describe('What the client called itself the last time; empty over HTTP.'),
    method: z.string(),
  })
  .meta({ id: 'CredentialUse' });

export const keyShape = z
  .object({
    selector: z.string(),
    algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
    stage: z.enum(['next', 'active', 'retiring']),
    createdAt: at,
    publishedAt: at.optional().describe('When the record was last seen to be right.'),
    record: z.object({
      name: z.string(),
      text: z.string(),
      zone: z.string().describe('The line for a zone file.'),
    }),
  })
  .meta({ id: 'SigningKey' });

export const keyCheckShape = z
  .object({
    selector: z.string(),
    stage: z.enum(['next', 'active', 'retiring']),
    name: z.string(),
    result: z
      .enum(['published', 'missing', 'different', 'unknown'])
      .describe('`unknown`: DNS gave no answer; what was known before stays.'),
    explanation: z.string(),
  })
  .meta({ id: 'KeyCheck' });

export const domainRecordShape = z
  .object({
    purpose: z.enum(['dkim', 'spf', 'dmarc']),
    selector: z.string().optional().describe('DKIM: which key.'),
    stage: z.enum(['next', 'active', 'retiring']).optional(),
    name: z.string(),
    expected: z
      .string()
      .describe('What to publish. For SPF and DMARC a proposal, where nothing is published yet.'),
    zone: z.string().describe('The line for a zone file.'),
    note: z.string().describe('What to think of before publishing it.'),
    result: z
      .enum(['published', 'missing', 'different', 'unknown'])
      .describe('`unknown`: DNS gave no answer; what was known before stays.'),
    found: z.array(z.string()).describe('What DNS answered, cut off where it is long.'),
    foundAt: z.string().describe('Where it was found: for DMARC perhaps at the organisational domain.'),
    explanation: z.string(),
  })
  .meta({ id: 'DomainRecord' });

export const domainShape = z
  .object({
    name: z.string(),
    internal: z.boolean(),
    createdAt: at,
    keys: z.array(keyShape),
  })
  .meta({ id: 'Domain' });

export const routeShape = z
  .object({
    name: z.string(),
    match: z.object({
      source: z.string().optional().describe('Name of the source.'),
      recipientDomain: z.string().optional(),
      senderDomain: z.string().optional(),
    }),
    target: z.object({
      kind: z.enum(['sandbox', 'mx', 'smarthost']),
      port: z.int().optional(),
      hosts: z.array(z.object({ host: z.string(), port: z.int() })).optional(),
      implicitTls: z.boolean().optional(),
      username: z.string().optional(),
      clientCertificate: z.string().optional().describe('PEM of the certificate.'),
    }),
    tls: z.enum(['none', 'opportunistic', 'verified']),
    connections: z.int(),
    messagesPerConnection: z.int(),
  })
  .meta({ id: 'Route' });

export const deliveryShape = z
  .object({
    message: z.string(),
    part: z.int(),
    domain: z.string(),
    recipients: z.array(z.string()),
    source: z.string(),
    sourceName: z.string(),
    from: z.string(),
    state: z.enum(['queued', 'held']),
    hold: z.string().optional(),
    receivedAt: at,
    size: z.number(),
    nextAttemptAt: at,
    attempts: z.int(),
    lastReply: z.string().optional(),
    route: z.string().describe('The route that it would take now.'),
    rerouted: z.boolean().describe('A person has chosen a route for it.'),
  })
  .meta({ id: 'Delivery' });

export const eventShape = z
  .looseObject({
    id: z.number(),
    type: z.string(),
    at,
    source: z.string().optional(),
    sourceName: z.string().optional(),
    session: z.string().optional(),
    message: z.string().optional(),
    code: z.string().optional(),
    text: z.string().optional(),
  })
  .meta({ id: 'Event' });

export const inboxShape = z
  .object({
    id: z.number(),
    message: z.string(),
    receivedAt: at,
    source: z.string(),
    sourceName: z.string(),
    from: z.string(),
    recipients: z.array(z.string()),
    size: z.number(),
    headerFrom: z.string(),
    subject: z.string(),
  })
  .meta({ id: 'InboxEntry' });

export function page<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().optional().describe('Cursor of the next page; absent on the last.'),
  });
}

export const countShape = z.object({ count: z.int().describe('How many changed.') });
