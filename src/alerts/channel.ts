import { z } from 'zod';
import { line, mailAddress } from '../sources/source-fields.ts';
import { type Notice, SEVERITIES } from './alert.ts';
import { eventType, ruleName } from './rule.ts';

const address = (protocols: RegExp, expected: string) =>
  z
    .url()
    .max(2000)
    .refine((text) => protocols.test(text), `expected ${expected}`)
    .refine((text) => {
      const url = URL.parse(text);
      return url?.username === '' && url.password === '' && url.hash === '';
    }, 'may hold no account, password or fragment');

const web = address(/^https?:\/\//i, 'an address that begins with https://');
const secureWeb = address(/^https:\/\//i, 'an address that begins with https://');
const pem = z
  .string()
  .max(200_000)
  .regex(/^\s*-----BEGIN [A-Z ]+-----/, 'is no PEM');

const allowPrivate = z
  .boolean()
  .default(false)
  .describe('Connects to loopback and private addresses too, and there without TLS if the address says so.');
const ca = pem.optional().describe('Authorities that are trusted besides the well-known ones, PEM.');

const eventStream = z
  .strictObject({
    types: z.array(eventType).max(20).default([]).describe('Empty: all.'),
    source: line(100).optional().describe('Identifier of a source; absent: all.'),
    codes: z.array(line(65)).max(100).default([]).describe('Empty: all.'),
  })
  .optional()
  .describe('Sends journal events as they happen, besides alerts. Absent: alerts only.');

/** Printable ASCII of a header field that carries a token. */
const headerValue = z
  .string()
  .max(4000)
  .regex(/^[\x20-\x7e]*$/, 'may hold printable ASCII only');

const channelSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mail'), to: z.array(mailAddress).min(1).max(20) }),
  z.strictObject({
    kind: z.literal('webhook'),
    url: web,
    secret: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,128}={0,2}$/, 'expected whsec_ and at least 24 octets in base64')
      .optional()
      .describe('What signs; absent: the one it has, or a new one that the answer shows once.'),
    allowPrivate,
    ca,
  }),
  z.strictObject({ kind: z.literal('teams'), url: secureWeb, allowPrivate, ca }),
  z.strictObject({ kind: z.literal('slack'), url: secureWeb, allowPrivate, ca }),
  z.strictObject({
    kind: z.literal('syslog'),
    host: line(253).regex(/^[A-Za-z0-9._:-]+$/, 'is no host name or address'),
    port: z.int().min(1).max(65_535).default(6514),
    facility: z.int().min(0).max(23).default(2).describe('RFC 5424 table 1; 2 is mail.'),
    enterprise: z
      .string()
      .regex(/^\d{1,10}(\.\d{1,10}){0,5}$/)
      .default('32473')
      .describe('Private enterprise number in the name of the structured data.'),
    clientCertificate: z.strictObject({ certificate: pem, privateKey: pem }).optional(),
    allowPrivate,
    ca,
    events: eventStream,
  }),
  z.strictObject({
    kind: z.literal('otlp'),
    url: web.describe('Base address of the collector; /v1/logs and /v1/metrics are appended.'),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/), headerValue)
      .optional()
      .describe('Header fields with tokens; absent: those it has.'),
    logs: z.boolean().default(true),
    metricsSeconds: z.int().min(0).max(3600).default(0).describe('Metrics are sent so often; 0: not.'),
    allowPrivate,
    ca,
    events: eventStream,
  }),
]);

export const channelFields = z.strictObject({
  name: ruleName,
  enabled: z.boolean().default(true),
  minimumSeverity: z.enum(SEVERITIES).default('warning'),
  settings: channelSettings,
});

export type Channel = z.infer<typeof channelFields>;
export type ChannelKind = Channel['settings']['kind'];
export type SettingsOf<K extends ChannelKind> = Extract<Channel['settings'], { kind: K }>;

/** A channel did not take a message. `retry`: later it may; `retryAfterMs`: not before. */
export class ChannelError extends Error {
  readonly retry: boolean;
  readonly retryAfterMs?: number;
  constructor(message: string, retry: boolean, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retry = retry;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Gives a message to the outside. `id` names it and stays the same over all attempts. @throws ChannelError */
export interface Sender {
  send(notice: Notice, id: string): Promise<void>;
  close(): void;
}
