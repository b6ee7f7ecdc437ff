import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { count, seconds } from './fields.ts';

const zoneName = z.string().regex(/^(?=.{1,200}$)[a-z0-9_-]+(\.[a-z0-9_-]+)+$/i, {
  error: 'expected the name of a zone such as zen.example.org',
});

const answerNetwork = z
  .string()
  .regex(/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}(\/([89]|[12]\d|3[0-2]))?$/)
  .refine((text) => ipaddr.isValid(text.replace(/\/.*/, '')), {
    error: 'expected an answer such as 127.0.0.2 or 127.0.0.0/29',
  });

const blocklistSchema = z.strictObject({
  zone: zoneName.describe('Under which the list is published, such as `zen.example.org`.'),
  name: z
    .string()
    .regex(/^[!-~]{0,60}$/, { error: 'expected at most 60 printable characters without spaces' })
    .default('')
    .describe('What it is called in the refusal; empty: the zone.'),
  codes: z
    .array(answerNetwork)
    .max(50)
    .default([])
    .describe('Answers that count, such as `127.0.0.0/29`; empty: all.'),
  removal: z
    .string()
    .max(200)
    .regex(/^[!-~]*$/)
    .default('')
    .describe(
      'Address at which its owner asks to be taken off the list, `{address}` standing for the client; empty: what the list itself says.',
    ),
  whenSilent: z
    .enum(['wait', 'pass'])
    .default('wait')
    .describe(
      'What happens while the list gives no answer: the mail waits (451), or passes as if it were not listed, which opens the door to whoever can silence the list.',
    ),
});

const ldapSchema = z.strictObject({
  urls: z
    .array(
      z.string().regex(/^ldaps?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?\/?$/i, {
        error: 'expected ldaps://dc.example.com or ldap://dc.example.com, with a port if need be',
      }),
    )
    .max(8)
    .default([])
    .describe(
      'Directory servers in the order in which they are tried: `ldaps://dc1.example.com`, or `ldap://…` which goes over to TLS by StartTLS. Never in the clear.',
    ),
  bindDn: z.string().max(1000).default('').describe('Who asks; empty: nobody (anonymous).'),
  password: z
    .string()
    .max(1000)
    .default('')
    .describe('Its password; better in the environment: `POSTERN_EDGE__RECIPIENTS__LDAP__PASSWORD`.'),
  base: z.string().max(1000).default('').describe('Where the search begins, such as `dc=example,dc=com`.'),
  filter: z
    .string()
    .max(4000)
    .default('(|(mail={address})(proxyAddresses=smtp:{address}))')
    .describe(
      'Finds the entry of a recipient (RFC 4515). `{address}`, `{local}` and `{domain}` stand for what is asked, escaped.',
    ),
  ca: z
    .string()
    .default('')
    .describe('PEM file of authorities that are trusted for these servers, besides the well-known ones.'),
  timeoutSeconds: seconds(5, 'Seconds to wait for a server.'),
});

const recipientsSchema = z.strictObject({
  verify: z
    .array(z.enum(['list', 'ldap', 'call-ahead']))
    .min(1)
    .max(3)
    .refine((ways) => new Set(ways).size === ways.length, { error: 'name each way once' })
    .default(['list'])
    .describe(
      'Who is asked whether a recipient of an authoritative domain exists, in this order: the list that is kept here, the directory, the next hop. The first that knows it decides; it is unknown when all say so.',
    ),
  subaddress: z
    .string()
    .regex(/^[!#$%&'*+/=?^_`{|}~-]?$/, { error: 'expected one character, such as +' })
    .default('+')
    .describe(
      'Separator of an address and its detail: with `+` the recipient `ann+shop@example.com` exists when `ann@example.com` does; empty: no address has a detail.',
    ),
  caseSensitive: z
    .boolean()
    .default(false)
    .describe('`Ann@example.com` and `ann@example.com` are two recipients; hardly any system has it so.'),
  knownSeconds: seconds(14_400, 'How long it is remembered that directory or next hop know a recipient.'),
  unknownSeconds: seconds(300, 'How long it is remembered that they do not.'),
  staleSeconds: seconds(
    259_200,
    'While they can not be asked, a recipient that they knew within this time counts as known (3 days).',
  ),
  cacheEntries: count(100_000, 'Known recipients, and as many others, that are remembered.'),
  callAheadSeconds: seconds(10, 'Seconds that asking the next hop may take, connection included.'),
  ldap: ldapSchema.prefault({}).describe('The directory, for `ldap` in `verify`.'),
});

export const edgeSchema = z
  .strictObject({
    refuseAt: z
      .enum(['recipient', 'data'])
      .default('data')
      .describe(
        'When a message that the front door refuses is told so: at RCPT, or at the end of DATA as Exchange Online is thought to do. Unknown recipients are refused at RCPT either way.',
      ),
    reverseDns: z
      .enum(['off', 'mark', 'refuse'])
      .default('off')
      .describe(
        'What happens to clients whose address has no name in DNS that leads back to it: nothing, their mail is marked as junk, or it is refused (E212).',
      ),
    helo: z
      .enum(['off', 'mark', 'refuse'])
      .default('mark')
      .describe(
        'What happens to clients from outside that call themselves by the name of this host, by an accepted domain, or by a loopback address: nothing, a mark as junk, or a refusal (E209).',
      ),
    blocklist: z
      .array(blocklistSchema)
      .max(10)
      .default([])
      .describe(
        'DNS blocklists that are asked about the address of the client; whoever is listed is refused (E210).',
      ),
    greylist: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .describe(
            'Whoever was never seen before is told to come again (E213), as mail servers do and bots often do not.',
          ),
        delaySeconds: seconds(300, 'How long it has to wait at least.'),
        windowSeconds: seconds(86_400, 'Until when it has to have come again.'),
        lifetimeSeconds: seconds(
          3_024_000,
          'How long a network that has passed is let through; each message renews it (5 weeks).',
        ),
        exceptSpfPass: z
          .boolean()
          .default(true)
          .describe(
            'Senders for whom SPF passes do not wait: large services come again from other addresses each time. A record that lets everybody pass does not count.',
          ),
        entries: count(200_000, 'Networks, and as many first attempts, that are remembered.'),
      })
      .prefault({})
      .describe('Greylisting by network (/24 of IPv4, /64 of IPv6), sender and recipient.'),
    limits: z
      .strictObject({
        messagesPerMinute: count(600, 'Messages in a minute.'),
        messagesPerHour: count(10_000, 'Messages in an hour.'),
        recipientsPerMinute: count(1200, 'Recipients in a minute, those that are refused among them.'),
        recipientsPerHour: count(20_000, 'Recipients in an hour.'),
        connectorFactor: z
          .number()
          .min(1)
          .max(1000)
          .default(10)
          .describe('Clients that a connector identifies may send so many times as much.'),
        unknownSlow: count(10, 'Unknown recipients in ten minutes, after which answers come slowly.'),
        unknownRefuse: count(
          30,
          'Unknown recipients in ten minutes, after which the network is refused for a while (E215).',
        ),
        refuseSeconds: seconds(3600, 'How long.'),
      })
      .prefault({})
      .describe('What one network may send: an IPv4 address or an IPv6 /64. Above it E214 (451).'),
    recipients: recipientsSchema.prefault({}).describe('Whether a recipient exists.'),
    seal: z
      .string()
      .regex(/^$|^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/i, { error: 'expected a signing domain such as example.com' })
      .default('')
      .describe(
        'Signing domain in whose name what goes on is sealed (ARC), for a mail service that trusts it; empty: none. It needs an RSA key (`postern domain add`).',
      ),
  })
  .superRefine(({ recipients }, context) => {
    const { verify, ldap } = recipients;
    // the value of that field alone: the whole of them has the password in it
    const wrong = (key: keyof typeof ldap, message: string): void =>
      context.addIssue({ code: 'custom', path: ['recipients', 'ldap', key], input: ldap[key], message });
    if (verify.includes('ldap')) {
      if (ldap.urls.length === 0)
        wrong('urls', 'name the directory servers, such as ["ldaps://dc1.example.com"]');
      if (ldap.base === '') wrong('base', 'say where the search begins, such as "dc=example,dc=com"');
      if (!/\{(address|local)\}/.test(ldap.filter)) wrong('filter', 'has to ask for {address} or {local}');
    }
    // RFC 4513 §5.1.2: a name without a password is let in as nobody, whoever it is
    if ((ldap.bindDn === '') !== (ldap.password === ''))
      wrong(ldap.bindDn === '' ? 'bindDn' : 'password', 'bindDn and password belong together');
  });
