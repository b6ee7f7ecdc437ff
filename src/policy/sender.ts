import { parseAddressList, type Mailbox } from '../message/address-list.ts';
import { readFrom } from '../message/from-header.ts';
import type { HeaderField, HeaderIndex } from '../message/headers.ts';
import type { CompiledPolicy } from './compiled.ts';
import { comparable, foldCase, type ComparableAddress } from './pattern.ts';
import { quoted, type Refusal } from './refusal.ts';

/** MAIL FROM against the pairs: S401, or S407 for the empty one. */
export function checkEnvelopeSender({ policy, pairs }: CompiledPolicy, from: string): Refusal | undefined {
  if (from === '') {
    return policy.nullSender ? undefined : { code: 'S407', particulars: 'MAIL FROM:<> is not allowed' };
  }
  const address = comparable(from);
  if (address && pairs.some(({ envelope }) => envelope(address))) return undefined;
  return { code: 'S401', particulars: `MAIL FROM ${quoted(from)} is in no pair`, facts: { envelope: from } };
}

/** RFC 5322 §3.6 (From is judged by itself, S403) and the MIME fields of RFC 2045 and RFC 2183. */
const SINGLE = new Set([
  'date',
  'subject',
  'to',
  'cc',
  'bcc',
  'message-id',
  'reply-to',
  'sender',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-id',
  'content-description',
  'content-disposition',
]);

export interface HeaderFindings {
  /** The author; undefined when there is no From field. */
  author: Mailbox | undefined;
  displayAddress: string | undefined;
  /** The first field of each single-occurrence name, and `from`. */
  fields: Map<string, HeaderField>;
  /** Fields of one mailbox whose display name lacks its quotes: to be written anew. */
  unquoted: { field: HeaderField; mailbox: Mailbox }[];
}

/**
 * What the header section says of its origin, against the policy: one From with one address which, together
 * with the envelope sender, is in one and the same pair; Sender and Resent fields that some pair allows;
 * no duplicates, no loop. A missing From is left to repair.
 *
 * Reply-To may name anybody: applications rightly let answers go to a customer or a ticket system, mail
 * programs do not show it as the origin, and no authentication covers it. It must only be single.
 */
export function checkHeaders(
  compiled: CompiledPolicy,
  envelopeFrom: string,
  index: HeaderIndex,
  limits: { hops: number },
): Refusal | HeaderFindings {
  const fields = new Map<string, HeaderField>();
  const origins: HeaderField[] = [];
  let hops = 0;
  for (const field of index.fields) {
    const { name } = field;
    if (name === 'received') hops++;
    else if (name === 'from') fields.set(name, field);
    else if (SINGLE.has(name)) {
      if (fields.has(name)) return { code: 'M607', particulars: `${name} occurs more than once` };
      fields.set(name, field);
      if (name === 'sender') origins.push(field);
    } else if (name === 'resent-from' || name === 'resent-sender') origins.push(field);
  }
  // RFC 5321 §6.3
  if (hops > limits.hops) return { code: 'M606', particulars: `${hops} Received fields` };

  const reading = readFrom(index);
  if (reading?.ok === false) {
    const value = index.value(fields.get('from')!);
    return { code: reading.code, particulars: `From ${quoted(value)}: ${reading.reason}` };
  }
  if (reading && !pairAllows(compiled, envelopeFrom, reading.mailbox)) {
    const particulars = `From ${quoted(reading.mailbox.address)} with MAIL FROM ${quoted(envelopeFrom)} is in no pair`;
    return { code: 'S402', particulars, facts: { envelope: envelopeFrom, header: reading.mailbox.address } };
  }
  const unquoted: HeaderFindings['unquoted'] = [];
  if (reading?.mailbox.unquoted) unquoted.push({ field: fields.get('from')!, mailbox: reading.mailbox });
  for (const field of origins) {
    const origin = checkOrigin(compiled, field.name, index.value(field));
    if ('code' in origin) return origin;
    if (origin.unquoted) unquoted.push({ field, mailbox: origin });
  }
  return { author: reading?.mailbox, displayAddress: reading?.displayAddress, fields, unquoted };
}

const ofMailbox = ({ local, domain }: Mailbox): ComparableAddress => ({ local: foldCase(local), domain });

/** A notification (null envelope sender) has no envelope domain to go with; its header alone must be allowed. */
function pairAllows({ pairs }: CompiledPolicy, envelopeFrom: string, author: Mailbox): boolean {
  const header = ofMailbox(author);
  if (envelopeFrom === '') return pairs.some((pair) => pair.header(header));
  const envelope = comparable(envelopeFrom);
  return envelope !== undefined && pairs.some((pair) => pair.envelope(envelope) && pair.header(header));
}

/** The first mailbox of a field beside From that names an origin, when all of them may stand there. */
function checkOrigin({ pairs }: CompiledPolicy, name: string, value: string): Refusal | Mailbox {
  const { mailboxes, groups, doubts } = parseAddressList(value);
  const refusal = (why: string, header?: string): Refusal => ({
    code: 'S406',
    particulars: `${name} ${quoted(value)}: ${why}`,
    ...(header !== undefined && { facts: { header } }),
  });
  if (doubts.length > 0) return refusal(doubts.join(', '));
  const [first] = mailboxes;
  if (groups > 0 || first === undefined) return refusal(groups > 0 ? 'group' : 'empty');
  if (mailboxes.length > 1) {
    // RFC 5322 §3.6.2 and §3.6.6: only Resent-From may hold several
    if (name !== 'resent-from') return refusal(`${mailboxes.length} addresses`);
    if (mailboxes.some(({ unquoted }) => unquoted)) return refusal('a display name without its quotes');
  }
  const foreign = mailboxes.find((mailbox) => {
    const address = ofMailbox(mailbox);
    return !pairs.some((pair) => pair.header(address));
  });
  return foreign ? refusal(`${quoted(foreign.address)} is in no pair`, foreign.address) : first;
}
