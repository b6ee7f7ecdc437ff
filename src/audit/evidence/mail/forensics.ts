/**
 * What the header section of a stored message says of how it came in. Fields that only Exchange Online may write
 * are believed only where one of its front doors is on the way: it removes those that the sender brought.
 */
import { parseAddressList } from '../../../message/address-list.ts';
import { decodeWords } from '../../../message/encoded-word.ts';
import { readMoment } from '../moments.ts';
import type { Attachment, Direction, Observation } from '../observation.ts';
import { LONGEST_TEXT } from '../record.ts';
import { readTls } from '../service-data.ts';
import { mailAddress, messageGuid, messageIdentifier, networkAddress } from '../values.ts';
import type { MailFields } from './fields.ts';

/** A hop, as a Received field tells it. */
interface Hop {
  /** Place among all fields. */
  place: number;
  helo: string;
  address: string | undefined;
  by: string;
  text: string;
}

const MICROSOFT = /\.(?:outlook\.com|office365\.com|exchangelabs\.com|office\.com)$/i;
const FRONT_DOOR = /\.(?:mail\.)?(?:[\w-]+\.prod\.)?protection\.outlook\.com$/i;
const ORGANIZATION = 'x-ms-exchange-organization-';
const CROSS_TENANT = 'x-ms-exchange-crosstenant-';

/** One observation a recipient that is told; at least one. */
export function observationsOfMail(
  fields: MailFields,
  attachments: Attachment[],
  file: number,
  row: number,
): Observation[] {
  const door = frontDoor(fields);
  const base: Observation = { kind: 'message', file, row };
  const own = (name: string): string | undefined => (door ? fields.first(name) : undefined);

  base.messageId = messageIdentifier(fields.first('message-id') ?? '');
  base.networkMessageId = messageGuid(
    own(`${ORGANIZATION}network-message-id`) ??
      own(`${CROSS_TENANT}network-message-id`) ??
      own('x-ms-office365-filtering-correlation-id') ??
      '',
  );
  const path = fields.first('return-path');
  if (path !== undefined && path !== '') base.p1 = mailAddress(path);
  base.p2 = firstAddress(fields.first('from'));
  const subject = fields.first('subject');
  if (subject !== undefined) base.subject = decodeWords(subject).slice(0, LONGEST_TEXT);
  base.at =
    momentOf(own(`${CROSS_TENANT}originalarrivaltime`)) ??
    momentOf(door?.text.slice(door.text.lastIndexOf(';') + 1)) ??
    momentOf(fields.first('date'));
  base.mailer = (fields.first('x-mailer') ?? fields.first('user-agent'))?.slice(0, 200);
  if (attachments.length > 0) base.attachments = attachments;
  client(base, fields, door, own);
  results(base, fields, door);
  provenance(base, own);
  const recipients = recipientsOf(fields);
  return recipients.length === 0 ? [base] : recipients.map((recipient) => ({ ...base, recipient }));
}

/** The last hop on which the message came from outside into the service: the topmost such field. */
function frontDoor(fields: MailFields): Hop | undefined {
  for (const [place, { name, value }] of fields.all.entries()) {
    if (name !== 'received') continue;
    const hop = readHop(value, place);
    if (hop && FRONT_DOOR.test(hop.by) && !MICROSOFT.test(hop.helo) && /with Microsoft\s+SMTP/i.test(value))
      return hop;
  }
  // a redacted copy has the names alone
  const place = fields.all.findIndex(
    ({ name, value }) => name === 'received' && /by \S+\.mail\.protection\.outlook\.com/i.test(value),
  );
  const value = place === -1 ? undefined : fields.all[place]!.value;
  const hop = value === undefined ? undefined : readHop(value, place);
  return hop && !MICROSOFT.test(hop.helo) ? hop : undefined;
}

function readHop(value: string, place: number): Hop | undefined {
  const match = /^\s*from\s+(\S{1,255})(?:\s+\(([^()]{0,300})\))?\s+by\s+(\S{1,255})/i.exec(value);
  if (!match) return undefined;
  const [, helo = '', comment = '', by = ''] = match;
  const literal = comment.split(/\s+/).at(-1) ?? '';
  return { place, helo, address: networkAddress(literal), by, text: value };
}

function client(
  base: Observation,
  fields: MailFields,
  door: Hop | undefined,
  own: (name: string) => string | undefined,
): void {
  const connecting = own(`${CROSS_TENANT}originalattributedtenantconnectingip`)?.slice(0, LONGEST_TEXT) ?? '';
  const report = reportValues(own('x-forefront-antispam-report') ?? '');
  base.address =
    networkAddress(/Ip=\[([^\]]+)\]/i.exec(connecting)?.[1] ?? '') ??
    networkAddress(own(`${ORGANIZATION}originalclientipaddress`) ?? '') ??
    networkAddress(own('x-sender-ip') ?? report.get('CIP') ?? '') ??
    door?.address;
  const literal = /Helo=\[(\[[^\]]+\]|[^\]]+)\]/i.exec(connecting)?.[1];
  base.helo = (literal ?? door?.helo ?? report.get('H'))?.slice(0, 255);
  const ptr = report.get('PTR');
  if (ptr !== undefined) base.ptr = ptr === 'InfoDomainNonexistent' ? '' : ptr.toLowerCase();
  base.verdict = report.get('SFV') || undefined;
  if (door) base.tls = readTls(/version=(\w+)/.exec(door.text)?.[1] ?? 'none');
  const facts = ['SCL', 'CTRY', 'IPV', 'CAT', 'SFTY', 'DIR'].flatMap((key) => {
    const value = report.get(key);
    return value ? [[key, value.slice(0, 200)]] : [];
  });
  if (fields.first('list-id')) facts.push(['List-Id', fields.first('list-id')!.slice(0, 200)]);
  if (facts.length > 0) base.extra = Object.fromEntries(facts);
}

/** `CIP:192.0.2.1;CTRY:US;...` */
function reportValues(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const piece of text.split(';', 100)) {
    const colon = piece.indexOf(':');
    const key = piece.slice(0, colon).trim();
    if (colon > 0 && !values.has(key)) values.set(key, piece.slice(colon + 1).trim());
  }
  return values;
}

/** Of several fields the one that judges DMARC, and only one that the front door put above itself. */
function results(base: Observation, fields: MailFields, door: Hop | undefined): void {
  const above = door ? fields.all.slice(0, door.place + 1) : fields.all;
  const judged = above.filter(({ name }) => name === 'authentication-results').map(({ value }) => value);
  const value = judged.find((text) => /\bdmarc=/i.test(text)) ?? judged[0];
  if (value === undefined) return;
  const of = (method: string): string | undefined =>
    new RegExp(`(?:^|[;\\s])${method}=([a-z]{1,20})`, 'i').exec(value)?.[1]?.toLowerCase();
  base.spf = of('spf');
  base.dkim = of('dkim');
  base.dmarc = of('dmarc');
  base.compauth = of('compauth');
  base.reason = /compauth=[a-z]+\s+reason=(\d{3})/i.exec(value)?.[1];
  if (base.dkim === 'pass') base.dkimDomain = /header\.d=([\w.-]{1,255})/i.exec(value)?.[1]?.toLowerCase();
  const from = /smtp\.mailfrom=([^\s;]{1,320})/i.exec(value)?.[1]?.toLowerCase();
  // Return-Path is written at the last delivery, and is often not kept
  if (base.p1 === undefined && from !== undefined) base.p1 = from.includes('@') ? from : `@${from}`;
}

/** Who the service took the sender for. */
function provenance(base: Observation, own: (name: string) => string | undefined): void {
  const directionality = own(`${ORGANIZATION}messagedirectionality`)?.toLowerCase();
  const as = (own(`${ORGANIZATION}authas`) ?? own(`${CROSS_TENANT}authas`))?.toLowerCase();
  const entity = own(`${CROSS_TENANT}fromentityheader`)?.toLowerCase();
  const anonymous = own(`${ORGANIZATION}isanonymousdirectsend`)?.toLowerCase() === 'true';
  const known: Record<string, Direction> = { incoming: 'incoming', originating: 'originating' };
  base.direction = anonymous ? 'incoming' : known[directionality ?? ''];
  if (anonymous) base.connector = 'none';
  else if (as === 'internal' && entity === 'hybridonprem') base.connector = { type: 'OnPremises' };
  const facts = Object.entries({
    AuthAs: as,
    FromEntityHeader: entity,
    AuthMechanism: own(`${ORGANIZATION}authmechanism`),
    IsAnonymousDirectSend: anonymous ? 'true' : undefined,
    InternalOrgSender: own(`${ORGANIZATION}internalorgsender`),
    MxPointsToUs: own(`${ORGANIZATION}mxpointstous`),
    CrossTenantId: own(`${CROSS_TENANT}id`),
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value.slice(0, 200)]]));
  if (facts.length > 0) base.extra = { ...base.extra, ...Object.fromEntries(facts) };
}

const MOST_RECIPIENTS = 200;

/** Where it was delivered, else for whom the last hop took it, else to whom it was written. */
function recipientsOf(fields: MailFields): string[] {
  const delivered =
    fields.first('delivered-to') ?? fields.first('x-original-to') ?? fields.first('envelope-to');
  if (delivered !== undefined && delivered.includes('@')) return [mailAddress(delivered)];
  const written = ['to', 'cc'].flatMap((name) => fields.values(name)).flatMap(addresses);
  return [...new Set(written)].slice(0, MOST_RECIPIENTS);
}

function addresses(value: string): string[] {
  return parseAddressList(value).mailboxes.map(({ address }) => address.toLowerCase());
}

function firstAddress(value: string | undefined): string | undefined {
  return value === undefined ? undefined : addresses(value)[0];
}

/** Exchange writes `14 Apr 2025 12:33:38.6018 (UTC)`. */
function momentOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : readMoment(text.trim().slice(0, 60), undefined);
}
