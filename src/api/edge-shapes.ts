import { z } from 'zod';
import { settingsFields } from '../edge/fields.ts';
import { page } from './shapes.ts';

const at = z.number().describe('Milliseconds since the epoch.');

export const SPOOF_KINDS = ['envelope', 'header', 'sender', 'display-name', 'lookalike'] as const;

export const edgeSettingsShape = z
  .object({ ...settingsFields.shape, trustedSealers: z.array(z.string()) })
  .meta({ id: 'EdgeSettings' });

export const acceptedDomainShape = z
  .object({
    name: z.string(),
    type: z.enum(['authoritative', 'internal-relay']),
    matchSubDomains: z.boolean(),
    recipients: z.int().describe('Listed recipients of exactly this domain.'),
  })
  .meta({ id: 'AcceptedDomain' });

export const inboundConnectorShape = z
  .object({
    name: z.string(),
    enabled: z.boolean(),
    type: z.enum(['partner', 'on-premises']),
    senderDomains: z.array(z.string()),
    senderAddresses: z.array(z.string()),
    certificateName: z.string().optional(),
    requireTls: z.boolean(),
    restrictToAddresses: z.boolean(),
    restrictToCertificate: z.boolean(),
  })
  .meta({ id: 'InboundConnector' });

export const safeSenderShape = z
  .object({
    entry: z.string().describe('An address, or a domain with its subdomains.'),
    note: z.string(),
    createdAt: at,
  })
  .meta({ id: 'SafeSender' });

export const recipientShape = z.object({ address: z.string() }).meta({ id: 'EdgeRecipient' });

const openQuestion = z.object({
  question: z.string(),
  text: z.string().describe('What Microsoft leaves open, and what is done here.'),
});

export const edgeStatusShape = z
  .object({
    tenant: z.object({ id: z.string(), name: z.string() }),
    listeners: z.array(z.object({ name: z.string(), address: z.string(), tls: z.string() })),
    settings: edgeSettingsShape,
    refuseAt: z.enum(['recipient', 'data']),
    domains: z.int(),
    connectors: z.object({ total: z.int(), enabled: z.int() }),
    safeSenders: z.int(),
    recipients: z.object({
      listed: z.int(),
      sources: z.array(z.object({ name: z.string(), problem: z.string().optional() })),
      unavailableSince: at.optional().describe('Mail waits since then, because nobody could be asked.'),
    }),
    checks: z.object({
      blocklists: z.array(z.object({ zone: z.string(), used: z.boolean(), problem: z.string().optional() })),
      greylisted: z
        .int()
        .optional()
        .describe('Networks and first attempts that are remembered; absent: greylisting is off.'),
      networks: z.int().describe('Networks whose traffic is counted now.'),
      harvesters: z.int().describe('Networks that are refused for trying addresses.'),
    }),
    advice: z.array(z.string()).describe('Settings that will not do what they look like.'),
    openQuestions: z.array(openQuestion),
  })
  .meta({ id: 'EdgeStatus' });

export const edgeDecisionShape = z
  .object({
    refused: z.boolean(),
    refusal: z
      .object({
        code: z.string(),
        reply: z.string().describe('As it is said to the client.'),
        stage: z.enum(['recipient', 'data']),
        explanation: z.string(),
        remedy: z.string(),
      })
      .optional(),
    attribution: z.object({
      kind: z.enum(['originating', 'incoming', 'none']),
      tenant: z.string().optional(),
      domain: z.string().optional().describe('The accepted domain of the recipient.'),
      connector: z.string().optional(),
      by: z.enum(['certificate', 'address']).optional(),
    }),
    recipientExists: z.boolean().describe('As asked, or as the list of recipients has it.'),
    directSend: z.boolean(),
    reason: z.string(),
    open: z.array(openQuestion),
  })
  .meta({ id: 'EdgeDecision' });

export const edgeMessageShape = z
  .object({
    id: z.number().describe('Of the event.'),
    at,
    outcome: z.enum(['queued', 'held', 'refused']),
    message: z.string().optional(),
    session: z.string().optional(),
    listener: z.string().optional(),
    network: z.string().optional(),
    hello: z.string().optional(),
    tls: z.string().optional(),
    from: z.string().describe('Envelope sender.'),
    headerFrom: z.string().optional().describe('Author, where it is not the envelope sender.'),
    to: z.array(z.string()),
    size: z.number().optional(),
    code: z.string().optional(),
    reply: z.string().optional(),
    attribution: z.string().optional(),
    tenant: z.string().optional(),
    connector: z.string().optional(),
    directSend: z.boolean(),
    placement: z.enum(['deliver', 'junk', 'quarantine']).optional(),
    reasons: z.array(z.string()),
    spoof: z.string().optional(),
    imitates: z.string().optional(),
    spf: z.string().optional(),
    dkim: z.array(z.object({ domain: z.string(), result: z.string() })),
    dmarc: z.string().optional(),
    dmarcPolicy: z.string().optional(),
    arc: z.string().optional(),
    iprev: z.string().optional(),
    open: z.array(z.string()),
  })
  .meta({ id: 'EdgeMessage' });

export const edgeMessagePage = page(edgeMessageShape);

export const spoofGroupShape = z
  .object({
    network: z.string().describe('An IPv4 address, or the /64 of an IPv6 address.'),
    imitates: z.string().describe('The own domain or address that was pretended to.'),
    kinds: z.array(z.string()).describe('`direct-send`: refused by RejectDirectSend, before it was read.'),
    attempts: z.int(),
    refused: z.int(),
    quarantined: z.int(),
    junk: z.int(),
    delivered: z.int(),
    first: at,
    last: at,
    hello: z.string().describe('What the client called itself the last time.'),
    from: z.array(z.string()).describe('Some of the authors.'),
    to: z.array(z.string()).describe('Some of the recipients.'),
  })
  .meta({ id: 'SpoofGroup' });
