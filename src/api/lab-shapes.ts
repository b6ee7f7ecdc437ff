import { z } from 'zod';
import { CONNECTOR_TYPES, REPORT_TYPES } from '../lab/trace/historical-search.ts';

/** What the API shows of a lab. */

const at = z.number().describe('Milliseconds since the epoch.');
const folder = z.enum(['Inbox', 'Junk', 'Quarantine']);

export const labStatusShape = z.object({
  folder: z.string(),
  language: z.enum(['en', 'fr']),
  frontDoor: z.object({
    host: z.string(),
    name: z.string(),
    port: z.number().describe('For people.'),
    proxiedPort: z.number().describe('A PROXY header says where the client is.'),
  }),
  relay: z.object({
    host: z.string(),
    hostname: z.string(),
    port: z.number(),
    account: z.string(),
    from: z.string(),
    address: z.string().describe('Where its mail reaches the front door from.'),
  }),
  dns: z.object({ address: z.string() }),
  messages: z.int(),
});

export const labDomainShape = z.object({
  name: z.string(),
  type: z.enum(['authoritative', 'internal-relay']),
  matchSubDomains: z.boolean(),
});

export const labConnectorShape = z.object({
  name: z.string(),
  enabled: z.boolean(),
  type: z.enum(['partner', 'on-premises']),
  senderDomains: z.array(z.string()).readonly(),
  senderAddresses: z.array(z.string()).readonly(),
  certificateName: z.string().optional(),
  requireTls: z.boolean(),
  restrictToAddresses: z.boolean(),
  restrictToCertificate: z.boolean(),
});

export const labTenantShape = z.object({
  id: z.string(),
  name: z.string(),
  domains: z.array(labDomainShape).readonly(),
  connectors: z.array(labConnectorShape).readonly(),
});

export const labSettingShape = z.object({
  name: z.string(),
  value: z.union([z.boolean(), z.string(), z.array(z.string()).readonly()]),
  description: z.string(),
});

export const labMailboxShape = z.object({
  address: z.string(),
  name: z.string(),
  kind: z.enum(['user', 'shared']),
  tenant: z.string(),
  inbox: z.int(),
  junk: z.int(),
  quarantine: z.int(),
});

const labVerdictShape = z.object({
  directionality: z.enum(['Incoming', 'Originating']),
  directSend: z.boolean().describe('Anonymous, with an accepted domain in the envelope.'),
  connector: z.string().optional(),
  spf: z.string(),
  dkim: z.string(),
  dmarc: z.string(),
  action: z.string(),
  compauth: z.string(),
  reason: z.string(),
  scl: z.int(),
  category: z.string(),
  clientAddress: z.string(),
  hello: z.string(),
  open: z
    .array(z.string())
    .readonly()
    .describe('Points that the documentation of Exchange Online leaves open; see docs/edge.md.'),
});

export const labMessageShape = z.object({
  id: z.string(),
  mailbox: z.string(),
  folder,
  receivedAt: at,
  networkMessageId: z.string(),
  messageId: z.string(),
  from: z.string().describe('Envelope sender; empty: the null sender.'),
  headerFrom: z.string(),
  subject: z.string(),
  size: z.int(),
  verdict: labVerdictShape,
});

export const labTraceShape = z.object({
  Organization: z.string(),
  MessageTraceId: z.string(),
  MessageId: z.string(),
  Received: z.string(),
  SenderAddress: z.string(),
  RecipientAddress: z.string(),
  Subject: z.string(),
  Status: z.enum(['Delivered', 'Failed', 'FilteredAsSpam', 'Quarantined', 'Pending']),
  FromIP: z.string(),
  ToIP: z.string(),
  Size: z.int(),
  Index: z.int(),
});

export const labTraceDetailShape = z.object({
  MessageTraceId: z.string(),
  MessageId: z.string(),
  Date: z.string(),
  Event: z.enum(['Receive', 'Spam', 'Deliver', 'Fail']),
  Action: z.string(),
  Detail: z.string(),
  Data: z.string(),
});

export const labFolder = folder;
export const labReportType = z.enum(REPORT_TYPES);
export const labConnectorType = z.enum(CONNECTOR_TYPES);
export const labRecordType = z.enum(['A', 'AAAA', 'MX', 'TXT', 'PTR']);
