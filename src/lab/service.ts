/**
 * The stand-in for the service itself: names of its servers, identifiers, and how it speaks. The names have the form
 * of Exchange Online's, because tools and people look for it; that of a front end begins with LAB.
 */
import * as positive from '../smtp/server/positive-replies.ts';
import type { Reply } from '../smtp/reply.ts';
import type { Voice } from '../smtp/server/voice.ts';
import type { Random } from '../platform/random.ts';

export const FRONT_END = 'LABPEPF00000001';
export const BACK_END = 'LAB1PR01MB0001';
export const FRONT_END_ADDRESS = '10.167.241.200';
export const BACK_END_ADDRESS = '10.13.6.101';
/** How the front end is called on the wire. */
export const FRONT_END_HOST = `${FRONT_END}.mail.protection.outlook.com`;
/** The same server inside, in AuthSource and in the suffix of replies. */
export const FRONT_END_INSIDE = `${FRONT_END}.labprd01.prod.outlook.com`;
export const BACK_END_INSIDE = `${BACK_END}.labprd01.prod.outlook.com`;
export const BUILD = '15.20.9343.12';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Thu, 10 Aug 2023 12:35:19 +0000` */
export function serviceDate(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${DAYS[date.getUTCDay()]}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

/** `15 Nov 2022 13:35:40.9145 (UTC)` */
export function arrivalDate(at: number): string {
  const date = new Date(at);
  const [, , clock = ''] = /^(.*)T(.*)Z$/.exec(date.toISOString()) ?? [];
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${clock}0 (UTC)`;
}

/** Ends a refusal of the front end: `[server time id]`. */
export function replySuffix(at: number, random: Random): string {
  const id = `08DE${random.bytes(6).toString('hex').toUpperCase()}`;
  return `[${FRONT_END_INSIDE} ${new Date(at).toISOString()} ${id}]`;
}

/** A GUID of version 4 (RFC 9562 §5.4). */
export function newGuid(random: Random): string {
  const octets = random.bytes(16);
  octets[6] = (octets.readUInt8(6) & 0x0f) | 0x40;
  octets[8] = (octets.readUInt8(8) & 0x3f) | 0x80;
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** `250 2.6.0 …` for a message that was taken. @param milliseconds that it took */
export function queuedText(
  messageId: string,
  internalId: number,
  octets: number,
  milliseconds: number,
): string {
  const seconds = Math.max(milliseconds, 1) / 1000;
  const rate = octets / 1024 / seconds;
  return `${messageId} [InternalId=${internalId}, Hostname=${BACK_END_INSIDE}] ${octets} bytes in ${seconds.toFixed(3)}, ${rate.toFixed(3)} KB/sec Queued mail for delivery`;
}

/** In which Exchange Online names what it can do. */
const KEYWORDS = [
  'SIZE',
  'PIPELINING',
  'DSN',
  'ENHANCEDSTATUSCODES',
  'STARTTLS',
  '8BITMIME',
  'BINARYMIME',
  'CHUNKING',
  'SMTPUTF8',
];

/** What is known of its refusals on the wire, by our code and the command; the rest is said in our own words. */
function wireRefusal(
  code: string | undefined,
  command: string,
): Pick<Reply, 'code' | 'enhanced' | 'text'> | undefined {
  switch (code ?? '') {
    case 'C103':
      return { code: 500, enhanced: '5.3.3', text: 'Unrecognized command' };
    case 'C104':
      return command === 'EHLO' || command === 'HELO'
        ? { code: 501, enhanced: '5.5.4', text: 'Invalid domain name' }
        : undefined;
    case 'C105':
      return command === 'DATA' || command === 'BDAT'
        ? { code: 503, enhanced: '5.5.2', text: 'Need rcpt command' }
        : undefined;
    case 'R502':
      return { code: 452, enhanced: '4.5.3', text: 'Too many recipients' };
    default:
      return undefined;
  }
}

export const SERVICE_VOICE: Voice = {
  refusal: (reply, command) => ({ ...reply, ...wireRefusal(reply.refusal, command) }),
  greeting: (at) => `${FRONT_END_HOST} Microsoft ESMTP MAIL Service ready at ${serviceDate(at)}`,
  hello: (address) => `${FRONT_END_HOST} Hello [${address}]`,
  keywords: (offered) =>
    KEYWORDS.flatMap((keyword) => offered.find((one) => one.split(' ', 1)[0] === keyword) ?? []),
  replies: {
    ...positive,
    RESET: { code: 250, enhanced: '2.0.0', text: 'Resetting' },
    START_MAIL: { code: 354, text: 'Start mail input; end with <CRLF>.<CRLF>' },
    START_TLS: { code: 220, enhanced: '2.0.0', text: 'SMTP server ready' },
    BYE: { code: 221, enhanced: '2.0.0', text: 'Service closing transmission channel', close: true },
  },
};
