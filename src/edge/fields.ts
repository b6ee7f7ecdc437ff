import { getDomain } from 'tldts';
import { z } from 'zod';
import { toALabels } from '../message/address-list.ts';
import { comparable } from '../policy/pattern.ts';
import { canonicalNetwork } from '../sources/network-index.ts';
import { line } from '../sources/source-fields.ts';

/**
 * What an administrator may write into the settings of the edge: the directory refuses with it, the API publishes it.
 * Names and rules are those of Exchange Online, so that what is known of one holds for the other.
 */

const LONGEST_ADDRESS = 254;
const LONGEST_LOCAL = 64;

/**
 * A domain that one organization can have, in lower-case A-labels: not `uk`, not `co.uk`, no address.
 * @param shared whether one under which a service gives names to its customers (`azurewebsites.net`) is one
 */
function domainIn(text: string, shared: 'shared' | 'own' = 'shared'): string | undefined {
  const name = toALabels(text.trim().replace(/\.$/, ''));
  if (name === undefined || /^[\d.]+$/.test(name)) return undefined;
  return getDomain(name, { allowPrivateDomains: shared === 'own' }) === null ? undefined : name;
}

/** A text that `read` understands, or an issue that says how it is written. */
function read<T>(longest: number, parse: (text: string) => T | undefined, how: string) {
  return z
    .string()
    .max(longest)
    .transform((text, context) => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: how });
      return z.NEVER;
    });
}

const domainName = read(
  255,
  domainIn,
  'is no domain of one organization such as contoso.com; for its subdomains set matchSubDomains instead of writing *.contoso.com',
);

export const domainFields = z.strictObject({
  name: domainName,
  type: z
    .enum(['authoritative', 'internal-relay'])
    .default('authoritative')
    .describe('Authoritative: who is not known is refused. Internal relay: who is not known is sent on.'),
  matchSubDomains: z.boolean().default(false).describe('All subdomains count as this domain.'),
});

/** `smtp:*;1` is how Get-InboundConnector shows what was written as `*`. */
function senderDomainIn(text: string): string | undefined {
  const bare = text.trim().replace(/^smtp:(.*?)(?:;\d+)?$/i, '$1');
  if (bare === '*') return bare;
  const wild = bare.startsWith('*.');
  const name = domainIn(wild ? bare.slice(2) : bare);
  return name && (wild ? `*.${name}` : name);
}

const NARROWEST_IPV4 = 24;
/** The network of one site, as a /24 is for IPv4. Exchange Online takes no IPv6 here. */
const NARROWEST_IPV6 = 64;

function senderAddressIn(text: string): string | undefined {
  const block = canonicalNetwork(text.trim());
  const length = Number(block?.split('/')[1]);
  return length >= (block?.includes(':') ? NARROWEST_IPV6 : NARROWEST_IPV4) ? block : undefined;
}

function certificateNameIn(text: string): string | undefined {
  const name = text.trim();
  const wild = name.startsWith('*.');
  // a name of one's own below a shared domain is to be had by anybody
  const domain = domainIn(wild ? name.slice(2) : name, wild ? 'own' : 'shared');
  return domain && (wild ? `*.${domain}` : domain);
}

const connectorName = line(64).regex(
  /^[\p{L}\p{N}][\p{L}\p{N} ._()'&+-]*$/u,
  "may hold letters, digits, spaces and . _ ( ) ' & + -, and begins with a letter or digit",
);

export const connectorShape = z.strictObject({
  name: connectorName,
  enabled: z.boolean().default(true),
  type: z
    .enum(['partner', 'on-premises'])
    .describe(
      'Partner: another organization or a service; its mail stays incoming. On-premises: own servers, which may send anywhere.',
    ),
  senderDomains: z
    .array(
      read(
        300,
        senderDomainIn,
        'is no sender domain: write *, contoso.com, or *.contoso.com (which holds contoso.com too)',
      ),
    )
    .min(1, 'is empty: write * for mail of any sender')
    .max(500)
    .default(['*'])
    .describe('Envelope senders that a partner connector is for.'),
  senderAddresses: z
    .array(
      read(
        64,
        senderAddressIn,
        'is no address or block from /24 to /32 (IPv6: /64 to /128) with nothing set behind the prefix; write a larger network as several blocks',
      ),
    )
    .max(1000)
    .default([]),
  certificateName: read(
    255,
    certificateNameIn,
    'is no name of a certificate of one organization: write relay.contoso.com or *.contoso.com, as it stands in its subject alternative names',
  ).optional(),
  requireTls: z.boolean().optional().describe('Partner only. Absent: true for a partner.'),
  restrictToAddresses: z
    .boolean()
    .default(false)
    .describe('Partner only: mail of its sender domains from another address is refused (5.7.51).'),
  restrictToCertificate: z
    .boolean()
    .default(false)
    .describe('Partner only: mail of its sender domains without the certificate is refused (5.7.51).'),
});

/** As `connectorShape`, with what the parts of a connector ask of each other. */
export const connectorFields = connectorShape
  .superRefine((connector, context) => {
    const issue = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    const { type, senderDomains, senderAddresses, certificateName } = connector;
    if (type === 'on-premises') {
      for (const field of ['requireTls', 'restrictToAddresses', 'restrictToCertificate'] as const) {
        if (connector[field]) issue(field, 'is for partner connectors only; leave it out');
      }
      if (senderDomains.join() !== '*')
        issue(
          'senderDomains',
          'is for partner connectors only: own servers are known by certificate or address; leave it out',
        );
      if (certificateName === undefined && senderAddresses.length === 0)
        issue(
          'certificateName',
          'is missing: an on-premises connector needs the name of a certificate, or sender addresses',
        );
    }
    if (connector.restrictToAddresses && senderAddresses.length === 0)
      issue(
        'senderAddresses',
        'is empty: restrictToAddresses would refuse all mail of the sender domains; say which addresses are the partner',
      );
    if (connector.restrictToCertificate && certificateName === undefined)
      issue(
        'certificateName',
        'is missing: restrictToCertificate would refuse all mail of the sender domains; say which certificate is the partner',
      );
  })
  .transform(({ requireTls, ...connector }) => ({
    ...connector,
    requireTls: requireTls ?? connector.type === 'partner',
  }));

const spoofAction = z.enum(['off', 'junk', 'quarantine', 'refuse']);

export const settingsFields = z.strictObject({
  name: line(64).min(1).describe('Of the organization, in the journal.'),
  rejectDirectSend: z
    .boolean()
    .describe('Anonymous mail whose envelope sender is an accepted domain is refused (5.7.68).'),
  honourDmarcReject: z
    .enum(['reject', 'quarantine'])
    .describe('What becomes of mail that fails a DMARC policy of reject: refused (5.7.509), or quarantine.'),
  ownDomainSpoof: spoofAction.describe('Mail that shows an own domain in From and does not prove it.'),
  displayNameSpoof: spoofAction.describe(
    'Mail whose display name shows an own domain, or whose domain looks like an own one.',
  ),
  trustedSealers: z
    .array(domainName)
    .max(200)
    .transform((names) => [...new Set(names)].sort())
    .describe('Domains (d= of the ARC seal) whose changes to a message are trusted.'),
});

export type EdgeSettings = z.infer<typeof settingsFields>;

/** What counts until somebody says otherwise: what an own device must not do is closed from the first day. */
export const DEFAULT_SETTINGS: EdgeSettings = {
  name: 'organization',
  rejectDirectSend: true,
  honourDmarcReject: 'reject',
  ownDomainSpoof: 'quarantine',
  displayNameSpoof: 'junk',
  trustedSealers: [],
};

/**
 * A recipient's address in the form in which it is kept and compared: lower case, the domain in A-labels; undefined
 * for what is no address of a mailbox on the internet.
 */
export function canonicalRecipient(text: string): string | undefined {
  if (text.length > LONGEST_ADDRESS || /[\s<>\p{C}]/u.test(text)) return undefined;
  const address = comparable(text);
  if (!address || Buffer.byteLength(address.local) > LONGEST_LOCAL) return undefined;
  return domainIn(address.domain) === undefined ? undefined : `${address.local}@${address.domain}`;
}

export const recipientAddress = read(
  400,
  canonicalRecipient,
  'is no address of a recipient such as ann@contoso.com',
);

export const safeSenderFields = z.strictObject({
  entry: read(
    400,
    (text) => (text.includes('@') ? canonicalRecipient(text) : domainIn(text, 'own')),
    'is neither an address such as news@partner.com nor the domain of one organization such as partner.com (which holds its subdomains)',
  ),
  note: line(200).default(''),
});
