import os from 'node:os';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { edgeSchema } from './edge-schema.ts';
import { peopleSchema } from './people-schema.ts';

// The descriptions are what docs/configuration.md is made from: keep them true, short, and with their unit.

const cidr = z.string().refine((text) => ipaddr.isValidCIDR(text), {
  error: 'expected a network such as 192.0.2.0/24 or 2001:db8::/32',
});
const port = z.int().min(0).max(65535);
const seconds = (standard: number, description: string) =>
  z.number().positive().max(31_536_000).default(standard).describe(description);
const count = (standard: number, description: string) =>
  z.int().positive().default(standard).describe(description);
const hostName = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i, {
    error: 'expected a host name such as relay.example.com',
  });

/** A network that is narrow enough to be called named: at most a /8 of IPv4, a /32 of IPv6. */
const namedNetwork = cidr.refine(
  (text) => !ipaddr.isValidCIDR(text) || ipaddr.parseCIDR(text)[1] >= (text.includes(':') ? 32 : 8),
  { error: 'is too wide: name your own networks, at most a /8 of IPv4 or a /32 of IPv6' },
);

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    // the only way to ask whether a zone is known
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const listenerSchema = z.strictObject({
  name: z.string().min(1).max(40).describe('Name in the journal and in the summary.'),
  role: z
    .enum(['submission', 'edge'])
    .default('submission')
    .describe(
      'Who it is for: sources, who authenticate, or anybody on the internet who has mail for the accepted domains (docs/edge.md).',
    ),
  host: z.string().default('127.0.0.1').describe('Address to listen on; `0.0.0.0` or `::` for all.'),
  port: port.describe('Port; below 1024 needs the right to bind it.'),
  tls: z
    .enum(['none', 'starttls', 'starttls-required', 'implicit'])
    .default('starttls')
    .describe(
      'No TLS, STARTTLS offered, STARTTLS required before MAIL and AUTH, or TLS from the first octet.',
    ),
  credentials: z
    .array(z.enum(['password', 'certificate', 'oauth', 'network']))
    .min(1)
    .default(['password', 'certificate', 'oauth', 'network'])
    .describe('The kinds of credential that it takes.'),
  plainAuthentication: z
    .boolean()
    .default(false)
    .describe('Takes passwords without TLS. For fenced networks only.'),
  lineEndings: z
    .enum(['refuse', 'repair'])
    .default('refuse')
    .describe(
      'What happens to a bare CR or LF in a message: refused (M602), or made CR LF; it never ends a message.',
    ),
  learn: z
    .enum(['off', 'hold', 'refuse'])
    .default('off')
    .describe(
      'Records devices that are no known source: `hold` takes their mail and holds it until they are approved, `refuse` refuses it (A311). Nothing is delivered before approval.',
    ),
  learnFrom: z
    .array(namedNetwork)
    .max(1000)
    .default([])
    .describe('The networks in which it learns, such as `10.1.2.0/24`; anybody else is refused as ever.'),
});

const containmentSchema = z.strictObject({
  mode: z
    .enum(['off', 'watch', 'act'])
    .default('watch')
    .describe('Nothing; alarms alone; or alarms and the steps below. A source may have a mode of its own.'),
  learnDays: count(7, 'Days with messages before a source is judged.'),
  learnMessages: count(20, 'Messages before a source is judged.'),
  alert: count(2, 'Points from which on there is an alarm.'),
  slow: count(4, 'Points from which on more than usual is answered 4xx.'),
  hold: count(5, 'Points from which on its mail is held.'),
  suspend: count(7, 'Points from which on the source is suspended.'),
});

const lifecycleSchema = z.strictObject({
  brownOutDays: z
    .int()
    .min(0)
    .max(365)
    .default(14)
    .describe('Days of 4xx now and then before a source is retired; 0: at once.'),
  brownOutShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('Share of its attempts that is answered 4xx meanwhile, 0 to 1.'),
  brownOutHours: z
    .array(z.int().min(0).max(23))
    .default([])
    .describe('Hours of the day (UTC) in which all of them are.'),
  requestDays: count(30, 'Days after which a request for a source that nobody approved is closed.'),
  openRequests: count(500, 'Requests that may be open at a time.'),
  openRequestsOfOne: count(20, 'Requests of one person that may be open at a time.'),
});

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

const deliverySchema = z.strictObject({
  connections: count(200, 'Simultaneous outgoing connections.'),
  lookAhead: count(2000, 'Deliveries that are held in memory, ready to go.'),
  retryFirstSeconds: seconds(60, 'Seconds to the second attempt; each further wait is longer.'),
  retryMostSeconds: seconds(7200, 'The longest wait between attempts.'),
  giveUpSeconds: seconds(432_000, 'After this time the sender gets a bounce (5 days).'),
  delayNoticeSeconds: seconds(14_400, 'After this time the sender is told of the delay, once (4 hours).'),
  connectSeconds: seconds(30, 'Seconds to open a connection.'),
  replySeconds: seconds(300, 'Seconds to wait for a reply.'),
  dataEndSeconds: seconds(
    600,
    'Seconds to wait for the reply after the end of a message (RFC 5321 section 4.5.3.2.6).',
  ),
  idleSeconds: seconds(5, 'Seconds that an unused connection is kept for the next message.'),
  postmaster: z
    .string()
    .default('')
    .describe('From address of bounces; empty: `postmaster@` and the host name.'),
  trustedCa: z
    .string()
    .default('')
    .describe('PEM file of authorities that are trusted for next hops, besides the well-known ones.'),
  localAddress: z
    .string()
    .default('')
    .describe('Address that outgoing connections come from; empty: the system chooses.'),
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

const credentialsSchema = z.strictObject({
  warnDays: z
    .array(z.int().min(1).max(365))
    .max(10)
    .default([30, 7, 1])
    .describe('Days before a credential expires at which an alarm is raised and its owner gets a mail.'),
  rotationUnusedHours: z
    .number()
    .positive()
    .max(8760)
    .default(168)
    .describe('A rotation is complete when the old secret was not used for so many hours.'),
  rotationOverdueDays: z
    .number()
    .positive()
    .max(365)
    .default(30)
    .describe('A rotation that takes longer is an alarm, and again each time that so many days have passed.'),
  checkSeconds: seconds(300, 'How often expiry and rotations are looked at.'),
  handoverHours: z
    .number()
    .positive()
    .max(720)
    .default(72)
    .describe('How long a hand-over link works, unless its maker says otherwise.'),
  handoverAddress: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .describe(
      'What hand-over links begin with, such as `https://relay.example.com:8025`; empty: the address by which the administrator reached the API.',
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
  listener: z
    .array(listenerSchema)
    .min(1)
    .superRefine((listeners, context) => {
      for (const [index, { name, learn, learnFrom }] of listeners.entries()) {
        if (learn === 'off') continue;
        if (learnFrom.length === 0) {
          context.addIssue({
            code: 'custom',
            path: [index, 'learnFrom'],
            input: learnFrom,
            message:
              'name the networks in which it learns, such as ["10.1.2.0/24"]; without one nobody is learned from',
          });
        }
        if (listeners.filter((other) => other.name === name).length > 1) {
          context.addIssue({
            code: 'custom',
            path: [index, 'name'],
            input: name,
            message: 'a listener that learns needs a name of its own',
          });
        }
      }
    })
    .default(() =>
      [
        { name: 'smtp', port: 2525, tls: 'starttls' as const },
        { name: 'submission', port: 2587, tls: 'starttls-required' as const },
        { name: 'submissions', port: 2465, tls: 'implicit' as const },
      ].map((listener) => listenerSchema.parse(listener)),
    )
    .describe('SMTP listeners, as many as needed.'),
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
  discovery: z
    .strictObject({
      devices: count(
        500,
        'Unknown devices that are remembered; beyond them the one that was not seen longest makes room.',
      ),
      deviceMessages: count(20, 'Messages of one unknown device that are held; above it A312 (451).'),
      deviceBytes: count(52_428_800, 'Octets of one unknown device that are held; above it A312 (451).'),
      messages: count(1000, 'Messages of all unknown devices together that are held.'),
      bytes: count(536_870_912, 'Octets of all unknown devices together that are held.'),
      receptions: count(10, 'Messages of unknown devices that may arrive at the same time.'),
      keepDays: count(
        30,
        'Days after which a device is forgotten that did not come again and has no mail here.',
      ),
    })
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
