import os from 'node:os';
import { z } from 'zod';
import { deliverySchema } from './delivery-schema.ts';
import { edgeSchema } from './edge-schema.ts';
import { cidr, count, port, seconds } from './fields.ts';
import { listenersSchema } from './listener-schema.ts';
import { peopleSchema } from './people-schema.ts';
import { containmentSchema, credentialsSchema, discoverySchema, lifecycleSchema } from './source-schema.ts';

// The descriptions are what docs/configuration.md is made from: keep them true, short, and with their unit.

const hostName = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i, {
    error: 'expected a host name such as relay.example.com',
  });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    // the only way to ask whether a zone is known
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const limitsSchema = z.strictObject({
  connections: count(2000, 'Simultaneous connections.'),
  connectionsPerNetwork: count(100, 'Simultaneous connections of one IPv4 address or IPv6 /64.'),
  commandLine: count(2048, 'Octets in a command line.'),
  commands: count(5000, 'Commands in one connection.'),
  errors: count(20, 'Refused commands in one connection.'),
  recipients: count(1000, 'Recipients of one message; a source may have less.'),
  messageBytes: count(52_428_800, 'Octets of one message; a source may have less.'),
  headerBytes: count(262_144, 'Octets of a header section.'),
  headerFields: count(1000, 'Fields of a header section.'),
  hops: count(50, 'Received fields, above which a message is in a loop.'),
  idleSeconds: seconds(300, 'Seconds without a command.'),
  dataIdleSeconds: seconds(180, 'Seconds without an octet inside a message.'),
  sessionSeconds: seconds(3600, 'Seconds that one connection may last.'),
  minimumBytesPerSecond: count(50, 'A message that arrives more slowly is dropped.'),
  memoryBytes: count(
    100_663_296,
    'Octets of all message bodies in memory together. Above it bodies over SMTP go to files; requests over HTTP are answered 503.',
  ),
  inlineBytes: count(262_144, 'A larger body goes to a file instead of memory.'),
});

const guardSchema = z.strictObject({
  failures: count(10, 'Failed logins for one account within the window, above which it is locked.'),
  networkFailures: count(
    50,
    'Failed logins from one IPv4 address or IPv6 /64 within the window, above which it is locked.',
  ),
  windowSeconds: seconds(600, 'The window in which failures are counted.'),
  lockSeconds: seconds(900, 'How long a lock lasts.'),
  cacheSeconds: seconds(
    300,
    'How long a checked password is remembered (as a keyed hash), so that it costs less the next time.',
  ),
});

const issuerSchema = z.strictObject({
  issuer: z.url().describe('Exactly as in the `iss` claim; for Microsoft Entra ID it holds the tenant.'),
  audience: z.string().min(1).describe('What the `aud` claim must be.'),
  jwksUri: z.url().optional().describe('Where the keys are; found by OpenID discovery when absent.'),
});

export const configSchema = z.strictObject({
  hostname: hostName
    .default(() => {
      const name = os.hostname().toLowerCase();
      return hostName.safeParse(name).success ? name : 'localhost';
    })
    .describe(
      'Name in the greeting, in EHLO, in Received and Message-ID. Set it to the name that DNS knows. Default: the name of the machine.',
    ),
  data: z
    .string()
    .default('data')
    .describe('Folder of spool, journal, keys and settings, seen from the configuration file.'),
  listener: listenersSchema.describe('SMTP listeners, as many as needed.'),
  limits: limitsSchema.prefault({}).describe('Limits of the relay as a whole.'),
  tls: z
    .strictObject({
      certificate: z
        .string()
        .default('')
        .describe('PEM file of the certificate with its chain; empty: a self-signed one in the data folder.'),
      key: z.string().default('').describe('PEM file of its private key.'),
      weakCertificate: z
        .string()
        .default('')
        .describe(
          'PEM file of an RSA certificate with its chain, for clients that an exception lets have old TLS; empty: the same as for all, or a self-signed one where that is not RSA.',
        ),
      weakKey: z.string().default('').describe('PEM file of its private key.'),
      minimumVersion: z
        .enum(['TLSv1.2', 'TLSv1.3'])
        .default('TLSv1.2')
        .describe('Oldest version that is accepted.'),
      clientCa: z.string().default('').describe('PEM file of the authorities that sign client certificates.'),
    })
    .prefault({})
    .describe('The certificate of the listeners.'),
  proxy: z
    .strictObject({
      from: z
        .array(cidr)
        .default([])
        .describe(
          'Networks of load balancers; a connection from them must begin with a PROXY protocol header.',
        ),
    })
    .prefault({})
    .describe('PROXY protocol, versions 1 and 2.'),
  oauth: z
    .strictObject({ issuer: z.array(issuerSchema).default([]).describe('Issuers of access tokens.') })
    .prefault({})
    .describe('OAUTHBEARER and XOAUTH2.'),
  guard: guardSchema.prefault({}).describe('Protection against guessing of passwords.'),
  containment: containmentSchema
    .prefault({})
    .describe('Watches each source for what it does not usually do; see docs/containment.md.'),
  lifecycle: lifecycleSchema
    .prefault({})
    .describe('How sources come and go: requests, recertification, retirement; see docs/sources.md.'),
  credentials: credentialsSchema.prefault({}).describe('Expiry, rotation and hand-over of credentials.'),
  delivery: deliverySchema.prefault({}).describe('Delivery, retry and bounces.'),
  dkim: z
    .strictObject({
      requirePublished: z
        .boolean()
        .default(false)
        .describe(
          'Treats a domain whose key record was not seen in DNS as if it had no key; otherwise that is a warning.',
        ),
      checkSeconds: seconds(3600, 'How often the published records are looked up.'),
    })
    .prefault({})
    .describe('Signing.'),
  dns: z
    .strictObject({
      servers: z
        .array(z.string())
        .default([])
        .describe('Name servers, `address` or `address:port`; empty: those of the system.'),
    })
    .prefault({})
    .describe('DNS.'),
  spool: z
    .strictObject({
      minimumFreeBytes: count(
        67_108_864,
        'With less free space nothing is accepted (452), so that what is spooled can still be finished.',
      ),
    })
    .prefault({})
    .describe('Messages taken and not yet finished.'),
  discovery: discoverySchema
    .prefault({})
    .describe('Listeners that learn: what is remembered of unknown devices.'),
  journal: z
    .strictObject({
      retentionDays: count(30, 'Days that events are kept.'),
      subjects: z
        .boolean()
        .default(true)
        .describe(
          'Keeps the subject of each message, so that messages are found by it. False: neither journal nor message search know subjects.',
        ),
      maximumBytes: count(4_294_967_296, 'Size of the journal, above which the oldest events are removed.'),
      minuteCountDays: count(3, 'Days that counts of mail by the minute are kept; the overview needs two.'),
      hourCountDays: count(93, 'Days that counts by the hour are kept; the overview needs sixty.'),
      dayCountDays: count(1096, 'Days that counts by the day are kept, for reports.'),
      transcriptBytes: count(
        67_108_864,
        'Octets of transcripts of sessions with a refusal, above which the oldest are removed.',
      ),
    })
    .prefault({})
    .describe('Events.'),
  notices: z
    .strictObject({
      owners: z
        .boolean()
        .default(true)
        .describe(
          'Tells the owner of a source by mail when its mail begins to be refused. The tag `no-notices` ends it for one source.',
        ),
      language: z
        .enum(['en', 'fr'])
        .default('en')
        .describe('Language of these mails; the tag `lang:en` or `lang:fr` of a source comes first.'),
      everyHours: z
        .number()
        .positive()
        .max(8760)
        .default(24)
        .describe(
          'Of the same refusal of the same source its owner is told again after so many hours, with a count.',
        ),
      delaySeconds: seconds(60, 'How long refusals are collected before a mail.'),
      timeZone: z
        .string()
        .default('')
        .refine((zone) => zone === '' || isTimeZone(zone), {
          error: 'expected a time zone such as Europe/Paris',
        })
        .describe('Time zone of the times in these mails; empty: that of the system.'),
      contact: z
        .string()
        .max(200)
        .default('')
        .describe('Whom an owner may ask, as it stands in the mail; empty: the postmaster address.'),
    })
    .prefault({})
    .describe('Mails to the owners of sources about refusals.'),
  edge: edgeSchema
    .prefault({})
    .describe('Mail from the internet, for listeners of the role `edge`; see docs/edge.md.'),
  audit: z
    .strictObject({
      folders: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'Folders of this machine with evidence that a run may read; what is uploaded always may be.',
        ),
      reverseDns: z
        .boolean()
        .default(false)
        .describe(
          'Whether a run may ask reverse DNS for the names of addresses (`ptr`): it tells their owners, and whoever answers for them, which addresses interest you.',
        ),
      uploadBytes: count(10_737_418_240, 'Octets that uploaded evidence may take, all files together.'),
    })
    .prefault({})
    .describe('The Direct Send audit; see docs/direct-send-audit.md.'),
  inbox: z
    .strictObject({
      messages: count(1000, 'Messages that the sandbox keeps.'),
      bytes: count(104_857_600, 'Octets that the sandbox keeps.'),
    })
    .prefault({})
    .describe('The sandbox inbox.'),
  api: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('Address of the API.'),
      port: port.default(8025).describe('Port of the API.'),
      tls: z
        .boolean()
        .optional()
        .describe(
          'HTTPS with the certificate of the listeners. Default: yes, unless the address is loopback.',
        ),
      trustedProxies: z
        .array(cidr)
        .default([])
        .describe(
          'Networks of reverse proxies before the API. Only they are believed when they say who the client is and whether it came by HTTPS.',
        ),
      proxyHeader: z
        .enum(['x-forwarded', 'forwarded'])
        .default('x-forwarded')
        .describe(
          'How they say it: `X-Forwarded-For`, `-Proto` and `-Host`, or `Forwarded` (RFC 7239). The other one is not read, as clients may have written it.',
        ),
      console: z
        .boolean()
        .default(true)
        .describe('Serves the console, the pages for administrators, at `/`.'),
      messageContent: z
        .boolean()
        .default(true)
        .describe(
          'Lets operators read what is in kept messages: in the sandbox inbox, waiting or held. Each reading stands in the audit log. `false`: nobody can.',
        ),
      metricsOpen: z.boolean().default(false).describe('Serves /metrics without a token.'),
    })
    .prefault({})
    .describe('HTTP: administration, sending, metrics.'),
  people: peopleSchema.prefault({}).describe('Signing in of people who administer the relay.'),
  log: z
    .strictObject({
      level: z
        .enum(['silent', 'error', 'warn', 'info', 'debug'])
        .default('info')
        .describe('How much is logged.'),
      file: z
        .string()
        .default('')
        .describe(
          'File of the log; empty: standard output when that is no terminal, else `postern.log` in the data folder.',
        ),
    })
    .prefault({})
    .describe('Structured log, JSON lines.'),
});

export type Config = z.infer<typeof configSchema>;
