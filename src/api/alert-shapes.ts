import { z } from 'zod';
import { SEVERITIES } from '../alerts/alert.ts';

/** What the API shows of alerts. Answers are written through these shapes, so that no secret gets out by mistake. */

const at = z.number().describe('Milliseconds since the epoch.');

export const alertShape = z
  .object({
    id: z.string(),
    rule: z.string(),
    severity: z.enum(SEVERITIES),
    state: z.enum(['open', 'closed']),
    code: z.string().optional(),
    source: z.string().optional(),
    sourceName: z.string().optional(),
    network: z.string().optional(),
    destination: z.string().optional(),
    text: z.string().describe('What happened the last time.'),
    count: z.int(),
    firstAt: at,
    lastAt: at,
    toldAt: at.optional(),
    toldCount: z.int().describe('How many the last message spoke of.'),
    muted: z.boolean(),
    acknowledgedAt: at.optional(),
    acknowledgedBy: z.string().optional(),
    closedAt: at.optional(),
  })
  .meta({ id: 'Alert' });

export const messageShape = z
  .object({
    id: z.string(),
    channel: z.string(),
    kind: z.enum(['opened', 'continues', 'closed', 'test']),
    count: z.int().describe('How many it speaks of.'),
    state: z.enum(['pending', 'sent', 'failed']),
    attempts: z.int(),
    nextAttemptAt: at.optional(),
    lastError: z.string().optional(),
    createdAt: at,
    finishedAt: at.optional(),
  })
  .meta({ id: 'AlertMessage' });

export const channelShape = z
  .object({
    name: z.string(),
    enabled: z.boolean(),
    minimumSeverity: z.enum(SEVERITIES),
    kind: z.enum(['mail', 'webhook', 'teams', 'slack', 'syslog', 'otlp']),
    to: z.array(z.string()).optional(),
    address: z.string().optional().describe('Where it goes; without what is secret in it.'),
    allowPrivate: z.boolean().optional(),
    facility: z.int().optional(),
    enterprise: z.string().optional(),
    ca: z.string().optional().describe('Authorities that it trusts besides the well-known ones, PEM.'),
    clientCertificate: z.boolean().optional().describe('It shows one.'),
    headers: z.array(z.string()).optional().describe('Names of the header fields.'),
    logs: z.boolean().optional(),
    metricsSeconds: z.int().optional(),
    events: z
      .object({
        types: z.array(z.string()),
        codes: z.array(z.string()),
        source: z.string().optional(),
      })
      .optional()
      .describe('The journal events that it streams.'),
    trouble: z.string().optional().describe('Why the last message was not taken.'),
  })
  .meta({ id: 'AlertChannel' });

export const muteShape = z
  .object({
    id: z.string(),
    rule: z.string().optional(),
    code: z.string().optional(),
    source: z.string().optional(),
    sourceName: z.string().optional(),
    until: at,
    reason: z.string(),
    createdAt: at,
    by: z.string(),
  })
  .meta({ id: 'AlertMute' });
