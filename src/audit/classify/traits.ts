import type { Fact } from '../facts/fact.ts';
import { type Belonging, belongingOf, domainOf } from '../facts/own-domains.ts';
import { isPublicAddress, placeOf } from '../facts/public-address.ts';
import type { Organisation } from './decision.ts';
import { type Service, serviceOfDomain, serviceOfHost } from './services.ts';

export type HeloForm = 'none' | 'loopback' | 'literal' | 'private-literal' | 'short' | 'name';

/** What one message shows by itself, before anything of its sender is known. */
export interface Traits {
  p1: Belonging;
  p2: Belonging;
  /** To whom it pretends to come from. */
  self: boolean;
  helo: HeloForm;
  /** Public network of the client; '' when it was not told. */
  place: string;
  service?: Service;
  /** Only what the client calls itself names the service, and its address bears no name of it: anybody can say so. */
  doubtful: boolean;
  /** The HELO is a model name of a device. */
  deviceName: boolean;
  /** What scanners write as subject; anybody can. */
  deviceWords: boolean;
  lure: boolean;
  calendar: boolean;
  list: boolean;
  /** Made by the service itself, or a notice without return path. */
  notice: boolean;
  /** Anonymous, as far as anybody tells. */
  anonymous: boolean;
}

const LURE =
  /(?:missed|new).{0,12}fax[- ]?msg|caller left|VM (?:msg|message)|voice ?(?:mail|message|msg)|payroll (?:update|adjust)|salary|(?:wire|ach) (?:authori[sz]ation|payment)|review (?:document|task)|password (?:expir|reset)|messagerie vocale|bulletin de paie|remittance/i;
const DEVICE_SUBJECT =
  /\b(?:scan(?:ned)?\b.*\b(?:from|to|by)\b|message from (?:km|rnp|bizhub|sharp|canon|kyocera)|attached image|scan data|num[ée]risation|numérisé|gescannt|scanner)\b/i;
const DEVICE_HELO =
  /^(?:km[a-z0-9]{4,}|rnp[0-9a-f]{6,}|brn?w?[0-9a-f]{8,}|npi[0-9a-f]{6}|hp[0-9a-f]{6,}|xrx[0-9a-f]{6,}|xerox|canon|epson|et[0-9a-f]{8,}|mfp|mfc|lex|prn|print|scan|copier|bizhub|ricoh|kyocera|sharp|ups|apc|idrac|ilo|nas|synology|qnap|camera|nvr|fax)[-\w.]*$/i;
const CALENDAR =
  /^(?:accepted|declined|tentative(?:ly accepted)?|canceled|cancelled|updated invitation|invitation|accepté|refusé|provisoire|annulé|zugesagt|abgelehnt|mit vorbehalt|abgesagt|angenommen)\s?:/i;
/** Return paths of list managers; `bounces+…` alone is what mail services write for an own subdomain as well. */
const LIST_SENDER =
  /(?:-bounces(?:\+[^@]*)?|-owner|-return-[^@]*|\+bounces)@|^(?:owner-|sentto-|list-)|@(?:lists?|listserv|mailman|googlegroups)\.|@groups\.io$/i;
const SERVICE_SENDER =
  /^(?:microsoftexchange[0-9a-f]{16,}@|(?:quarantine|postmaster|o365mc|no-?reply)@(?:[a-z]+\.)?microsoft\.com$|quarantine@messaging\.microsoft\.com$|msprotectionservice@)/i;

/** All that `traitsOf` looks at in a subject. */
export function subjectMarks(subject: string): number {
  return (
    (LURE.test(subject) ? 1 : 0) | (DEVICE_SUBJECT.test(subject) ? 2 : 0) | (CALENDAR.test(subject) ? 4 : 0)
  );
}

/** All that `traitsOf` looks at in the address of a sender besides its domain, and whether it is the recipient's. */
export function senderMarks(address: string): number {
  return (LIST_SENDER.test(address) ? 1 : 0) | (SERVICE_SENDER.test(address) ? 2 : 0);
}

export function traitsOf({ told }: Fact, { tenant }: Organisation): Traits {
  const { p1, helo, ptr, subject = '', recipient, extra = {}, attachments = [], address } = told;
  const author = told.p2 ?? told.sender;
  const field = (wanted: string) =>
    Object.entries(extra).find(([name]) => name.toLowerCase().replaceAll('_', '-') === wanted)?.[1];
  const place = address !== undefined && isPublicAddress(address) ? placeOf(address) : '';
  const belonging = belongingOf(tenant, p1);
  const service =
    serviceOfHost(helo) ??
    serviceOfHost(ptr) ??
    (belonging === 'foreign' ? serviceOfDomain(domainOf(p1 ?? '')) : undefined) ??
    serviceOfDomain(told.dkimDomain);
  const form = heloForm(helo);
  // the service does not bring its own notices over the internet, in envelopes of the organisation
  const isFromStranger = told.connector === 'none' && belonging === 'own' && place !== '';
  const calendar =
    CALENDAR.test(subject) ||
    /text\/calendar/i.test(field('content-type') ?? '') ||
    attachments.some(({ name = '', type = '' }) => type === 'text/calendar' || /\.ics$/i.test(name));
  return {
    p1: belonging,
    p2: belongingOf(tenant, author),
    self: recipient !== undefined && recipient !== '' && (author ?? p1) === recipient,
    helo: form,
    place,
    ...(service && { service }),
    doubtful:
      service !== undefined &&
      ptr !== undefined &&
      service === serviceOfHost(helo) &&
      service !== serviceOfHost(ptr) &&
      service !== serviceOfDomain(told.dkimDomain),
    deviceName: form !== 'none' && DEVICE_HELO.test(helo ?? ''),
    deviceWords: DEVICE_SUBJECT.test(subject),
    lure: LURE.test(subject),
    calendar,
    list: field('list-id') !== undefined || (belonging === 'foreign' && LIST_SENDER.test(p1 ?? '')),
    notice:
      !calendar &&
      (belonging === 'null' ||
        (!isFromStranger && (SERVICE_SENDER.test(author ?? '') || SERVICE_SENDER.test(p1 ?? ''))) ||
        (service?.kind === 'microsoft' && told.connector !== 'none')),
    anonymous: told.connector === undefined || told.connector === 'none',
  };
}

function heloForm(helo: string | undefined): HeloForm {
  if (!helo) return 'none';
  const bare = helo.replace(/^\[(?:IPv6:)?|\]$/gi, '');
  if (/^(?:127\.|::1$|localhost)/i.test(bare)) return helo.startsWith('[') ? 'loopback' : 'short';
  if (/^[\d.]+$|:/.test(bare)) return isPublicAddress(bare) ? 'literal' : 'private-literal';
  return helo.includes('.') ? 'name' : 'short';
}
