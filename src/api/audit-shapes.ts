import { z } from 'zod';
import { SENDER_CLASSES } from '../audit/classify/class-rules.ts';
import { PARTS } from '../audit/collect/collection.ts';
import { LACKS } from '../audit/classify/doubts.ts';
import { FINDING_CODES } from '../audit/run/posture.ts';
import { line } from '../sources/source-fields.ts';

/** What the API shows of the Direct Send audit. */

const at = z.number().describe('Milliseconds since the epoch, UTC.');
const texts = z.array(z.string());
const counts = z.record(z.string(), z.number());
const dayNumber = z.int().describe('Days since 1970.');
const directSend = z.enum(['proven', 'candidate', 'no']);
const senderClass = z.enum(SENDER_CLASSES);

export const noteFields = z.strictObject({
  decision: z.enum(['approved', 'migrated', 'ignored', 'blocked']).nullable().optional(),
  owner: line(254).nullable().optional(),
  wave: z.int().min(1).max(99).nullable().optional(),
  text: z.string().max(4000).nullable().optional(),
});

const noteShape = z.object({
  decision: z.enum(['approved', 'migrated', 'ignored', 'blocked']).optional(),
  owner: z.string().optional(),
  wave: z.int().optional(),
  text: z.string().optional(),
  decidedAt: at.optional(),
  by: z.string().optional(),
});

export const decisionShape = z
  .object({
    id: z.int(),
    at,
    sender: z.string().describe('Identifier of the sender.'),
    name: z.string(),
    by: z.string(),
    before: noteShape.optional(),
    after: noteShape,
  })
  .meta({ id: 'DirectSendDecision' });

export const runShape = z
  .object({
    id: z.int(),
    state: z.enum(['idle', 'running', 'done', 'failed', 'stopped']),
    startedAt: at.optional(),
    endedAt: at.optional(),
    progress: z
      .object({
        phase: z.enum(['settings', 'reading', 'names', 'judging', 'done']),
        files: z.object({ done: z.int(), total: z.int() }),
        octets: z.object({ done: z.number(), total: z.number() }),
        rows: z.int(),
        rowsPerSecond: z.number(),
        leftMs: z.number().optional(),
        file: z.string().optional(),
      })
      .optional(),
    error: z.string().optional(),
    answeredAt: at
      .optional()
      .describe('When there last was an answer; absent: never. Not among followed changes.'),
  })
  .meta({ id: 'AuditRun' });

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$/i;
const domainName = z.string().regex(DOMAIN, 'is no domain').toLowerCase();
const part = z.enum(PARTS);

const planFields = z.strictObject({
  tenant: z
    .string()
    .refine((text) => GUID.test(text) || DOMAIN.test(text), 'is neither a GUID nor a domain')
    .toLowerCase()
    .describe('The tenant: its identifier, or one of its domains.'),
  clientId: z.string().regex(GUID, 'is no application (client) ID').toLowerCase(),
  days: z.int().min(1).max(90).default(90).describe('How far back.'),
  parts: z
    .array(part)
    .min(1)
    .max(PARTS.length)
    .optional()
    .describe('Only these; default: all that the tenant gives.'),
  domains: z.array(domainName).max(5000).default([]).describe('Yours, where the application may not ask.'),
  details: z
    .int()
    .min(1)
    .max(10_000)
    .nullable()
    .default(1)
    .describe('Details for so many messages a day of each address and sender; `null` for all.'),
  hour: z
    .int()
    .min(0)
    .max(23)
    .nullable()
    .default(null)
    .describe('Of the day, UTC, every day; `null`: by hand.'),
  run: z.boolean().default(true).describe('Run the audit after it.'),
});

export const collectPlanFields = planFields.extend({
  secret: z.string().min(1).max(1000).optional().describe('Client secret; its value, not its identifier.'),
  certificate: z.string().min(1).max(100_000).optional().describe('PEM, as it is registered.'),
  key: z.string().min(1).max(100_000).optional().describe('Its private key, PEM.'),
  passphrase: z.string().max(1000).optional(),
});

export const collectPlanShape = planFields
  .extend({ credential: z.enum(['secret', 'certificate']) })
  .meta({ id: 'AuditCollectSettings' });

export const collectStatusShape = z
  .object({
    id: z.int(),
    state: z.enum(['idle', 'running', 'done', 'failed', 'stopped']),
    startedAt: at.optional(),
    endedAt: at.optional(),
    progress: z
      .object({ part, done: z.number(), total: z.number(), text: z.string().optional() })
      .optional()
      .describe('Steps of the part; `text` is what is fetched now.'),
    waiting: z.object({ text: z.string(), until: at }).optional().describe('The service asked to wait.'),
    report: z
      .object({
        from: at,
        to: at,
        domains: texts,
        parts: z.array(
          z.object({
            part,
            outcome: z.enum(['done', 'failed', 'skipped', 'interrupted']),
            rows: z.int(),
            files: z.int(),
            notes: texts,
            problem: z.string().optional(),
          }),
        ),
      })
      .optional(),
    error: z.string().optional(),
    isSet: z
      .boolean()
      .optional()
      .describe('Whether somebody has said what to fetch. Not among followed changes.'),
  })
  .meta({ id: 'AuditCollection' });

const wayKind = z.enum([
  'relay-source',
  'partner-connector',
  'custom-return-path',
  'fix-forwarding',
  'block',
  'investigate',
  'nothing',
]);

export const senderShape = z
  .object({
    id: z.string(),
    name: z.string(),
    class: senderClass.describe('The most likely.'),
    candidates: z
      .array(senderClass)
      .describe(
        'All that it may be as far as the evidence goes, the most likely first; one: the evidence tells.',
      ),
    lacks: z.array(z.enum(LACKS)).describe('What would tell them apart.'),
    confidence: z.number(),
    reasons: texts,
    directSend,
    messages: z.object({
      total: z.number(),
      proven: z.number(),
      candidates: z.number(),
      perDay: z.number(),
    }),
    missing: counts.describe('What the evidence lacks, for how many messages.'),
    service: z.string().optional(),
    networks: texts,
    addresses: texts,
    helos: texts,
    names: texts.describe('By reverse DNS.'),
    tls: counts,
    connectors: counts,
    first: at.optional(),
    last: at.optional(),
    rhythm: z.object({
      hours: z.array(z.number()).describe('Messages by hour, UTC.'),
      weekdays: z.array(z.number()).describe('From Sunday.'),
      activeDays: z.int(),
      regularity: z.number(),
      businessHours: z.number(),
      pattern: z.enum(['once', 'steady', 'bursts', 'now-and-then']),
    }),
    days: counts.describe('Messages by day since 1970.'),
    domains: counts,
    senders: texts,
    authors: texts,
    recipients: z.object({ count: z.int(), more: z.boolean(), some: texts }),
    subjects: texts,
    authentication: z.object({ spf: counts, dkim: counts, dmarc: counts }),
    abuse: z.object({ messages: z.number(), reasons: texts, hidden: z.number(), campaigns: texts }),
    evidence: counts,
    wayOut: z.object({
      kind: wayKind,
      why: z.string(),
      row: z.looseObject({ name: z.string() }).optional().describe('For the import of sources.'),
      powershell: z.string().optional(),
      domain: z.string().optional(),
    }),
    wave: z.int().optional(),
    note: noteShape.optional(),
  })
  .meta({ id: 'DirectSendSender' });

export const provenSenderShape = senderShape
  .extend({
    proofs: z.array(
      z.object({
        outcome: z.enum(['direct-send', 'candidate', 'not']),
        why: z.string(),
        told: z.array(z.object({ field: z.string(), value: z.string(), from: z.string() })),
        abuse: z.object({ score: z.number(), reasons: texts }),
      }),
    ),
  })
  .meta({ id: 'ProvenDirectSendSender' });

export const inventoryShape = z
  .object({
    senders: z.int(),
    left: z.int().describe('That would be refused, and for which nothing was decided.'),
    perDay: z.number().describe('Messages a day of those that are left.'),
    directSend: z.object({ proven: z.int(), candidate: z.int(), no: z.int() }),
    classes: z.array(z.object({ class: senderClass, senders: z.int(), left: z.int(), perDay: z.number() })),
    waves: z.array(
      z.object({
        wave: z.int().optional(),
        senders: z.int(),
        left: z.int(),
        perDay: z.number(),
        ways: z.array(z.object({ kind: wayKind, senders: z.int() })),
      }),
    ),
    decisions: z.object({ approved: z.int(), migrated: z.int(), ignored: z.int(), blocked: z.int() }),
    asks: z
      .array(z.object({ lack: z.enum(LACKS), senders: z.int() }))
      .describe('Evidence that would tell what senders are, the most useful first.'),
  })
  .meta({ id: 'DirectSendInventory' });

export const campaignShape = z
  .object({
    id: z.string(),
    first: at,
    last: at,
    messages: z.int(),
    recipients: z.int(),
    places: texts,
    subjects: texts,
    attachments: texts,
    self: z.int().describe('Messages to those whom they pretend to be from.'),
  })
  .meta({ id: 'DirectSendCampaign' });

export const effectShape = z.object({
  domain: z.string(),
  refused: z.number(),
  perhaps: z.number(),
  withSubdomains: z.number().describe('More, if its subdomains matched.'),
  untouched: z.number().describe('Shows the domain in From, and is let in all the same.'),
});

export const gateShape = z
  .object({
    domain: z.string(),
    answer: z.enum(['yes', 'no', 'unknown']),
    text: z.string(),
    left: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        class: senderClass,
        perDay: z.number(),
        proven: z.boolean(),
      }),
    ),
    perDay: z.number(),
    confidence: z.number(),
    reasons: texts,
  })
  .meta({ id: 'DirectSendGate' });

const coverageShape = z.object({
  firstDay: dayNumber.optional(),
  lastDay: dayNumber.optional(),
  days: z.int(),
  completeDays: z.int().describe('Days with evidence of every message.'),
  completeAge: z.int().optional().describe('How many days old the newest of them is.'),
  gaps: z.int(),
  kinds: texts,
  messages: counts,
  proven: z.number(),
  spots: z.array(z.object({ code: z.string(), days: z.number().optional() })),
  blind: texts.describe('What the evidence can not see.'),
});

export const timelineShape = z.object({
  day: dayNumber,
  proven: z.number(),
  candidates: z.number(),
  abusive: z.number(),
});

const afterShape = z.object({
  silent: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      last: at,
      perDay: z.number(),
      days: z.int(),
      chance: z.number(),
    }),
  ),
  refused: z.array(
    z.object({
      sender: z.string(),
      messages: z.number(),
      first: z.number().nullable(),
      last: z.number().nullable(),
      envelopeSenders: texts,
      addresses: texts,
    }),
  ),
  proofs: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      state: z.enum(['proven', 'mixed', 'still-direct', 'silent', 'not-told']),
      connectors: texts,
      through: z.int(),
      without: z.int(),
      last: at.optional(),
    }),
  ),
});

export const auditShape = z
  .object({
    at,
    from: at.optional(),
    to: at.optional(),
    switchedAt: at.optional(),
    domains: z.array(
      z.object({
        name: z.string(),
        type: z.enum(['authoritative', 'internal-relay']),
        matchSubDomains: z.boolean(),
      }),
    ),
    rejectDirectSend: z.boolean(),
    gates: z.array(gateShape),
    coverage: coverageShape,
    findings: z.array(z.object({ code: z.enum(FINDING_CODES), subject: z.string().optional() })),
    senders: z.int(),
    campaigns: z.int(),
    files: z.int(),
    names: z
      .object({ addresses: z.int(), asked: z.int(), named: z.int(), open: z.int() })
      .optional()
      .describe('Addresses without a name in the evidence, and what reverse DNS said.'),
    after: afterShape.optional(),
  })
  .meta({ id: 'DirectSendAudit' });

export const uploadShape = z.object({
  name: z.string(),
  size: z.int(),
  at,
  incomplete: z.boolean().describe('Parts are still missing.'),
});

export const fileShape = z.object({
  name: z.string(),
  kind: z.string().optional(),
  outcome: z.enum(['read', 'partly', 'refused', 'question', 'other']),
  rows: z.int(),
  used: z.int(),
  observations: z.int(),
  aside: counts,
  refused: z.int(),
  reasons: counts,
  faults: z.array(z.object({ row: z.int(), reason: z.string() })),
  notes: texts,
  question: z.object({ columns: texts, missing: texts, required: z.boolean() }).optional(),
});
