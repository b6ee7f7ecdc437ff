/**
 * Months of an organisation's message trace as one CSV, the same rows in every run: mail of its mailboxes, mail of strangers, and
 * mail from outside in its own name, which is what an audit looks for: devices and services in their own rhythm, and attacks.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

export interface TraceShape {
  rows: number;
  /** Share of mail from outside in an own name. */
  own: number;
  /** Only these of them, so that a second file can go on where a first one ends. */
  from?: number;
  to?: number;
}

export const OWN_DOMAINS = ['contoso.com', 'contoso.fr', 'fabrikam.com'];

const HEADER =
  '"Received","SenderAddress","RecipientAddress","Subject","Status","FromIP","Size","MessageTraceId","MessageId"';
const START = Date.UTC(2026, 6, 1);
const SPAN = 92 * 86_400_000;
const MAILBOXES = 20_000;
const STRANGERS = 60_000;
const DEVICES = 3000;
const ATTACKS = 40;
const TOPICS = [
  'Minutes',
  'Offer',
  'Your question',
  'Réunion de lundi',
  'Invoice',
  'Planning',
  'Newsletter',
  'Re: Contract',
];
const JOBS = [
  'Scanned document',
  'Backup finished',
  'Door 7 opened',
  'Toner low',
  'Rapport quotidien',
  'UPS on battery',
];

/** 32 bits that look like chance and are not (Wellons, lowbias32). */
function mixed(number: number): number {
  let x = number >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

interface Row {
  sender: string;
  recipient: string;
  subject: string;
  address: string;
  status: string;
}

const mailbox = (number: number): string => {
  const place = number % MAILBOXES;
  return `user${place}@${OWN_DOMAINS[place % OWN_DOMAINS.length]}`;
};
const stranger = (number: number): string =>
  `person${number % STRANGERS}@company${mixed(number % STRANGERS) % 9000}.example`;
/** Addresses that are not kept for documentation: those count as places on the internet. */
const addressOf = (number: number): string =>
  `${60 + (number % 120)}.${(number >>> 7) % 256}.${(number >>> 15) % 256}.${1 + ((number >>> 23) % 254)}`;

function rowOf(place: number, rows: number, own: number): Row {
  const a = mixed(place);
  const b = mixed(a ^ 0x5bd1e995);
  const topic = `${TOPICS[b % TOPICS.length]} ${b % 5000}`;
  const kind = a / 0x1_0000_0000;
  if (kind < own) {
    // an attack has half an hour of some night, and a network of its own
    const attack = Math.floor((place / rows) * ATTACKS);
    const within = place - (attack * rows) / ATTACKS;
    if (within < rows / 5000 + 400 && b % 4 !== 0) {
      const victim = mailbox(b >>> 3);
      return {
        sender: victim,
        recipient: victim,
        subject: `Caller left a voice message for ${victim} ${b % 1000}`,
        address: `185.${100 + attack}.7.${1 + (b % 9)}`,
        status: 'Delivered',
      };
    }
    const device = mixed(b % DEVICES);
    const domain = OWN_DOMAINS[device % OWN_DOMAINS.length]!;
    return {
      sender: `device${b % DEVICES}@${domain}`,
      recipient: mailbox(device + ((b >>> 20) % 40)),
      subject: `${JOBS[device % JOBS.length]} ${b % 10_000}`,
      address: addressOf(mixed(device % 400)),
      status: 'Delivered',
    };
  }
  const rest = (kind - own) / (1 - own);
  if (rest < 0.4)
    return {
      sender: mailbox(b),
      recipient: mailbox(b >>> 5),
      subject: topic,
      address: '',
      status: 'Delivered',
    };
  if (rest < 0.62)
    return {
      sender: mailbox(b),
      recipient: stranger(b >>> 3),
      subject: topic,
      address: '',
      status: 'Delivered',
    };
  return {
    sender: stranger(b),
    recipient: mailbox(b >>> 3),
    subject: topic,
    address: addressOf(mixed(mixed(b % STRANGERS) % 9000)),
    status: b % 31 === 0 ? 'FilteredAsSpam' : 'Delivered',
  };
}

const hex = (number: number): string => number.toString(16).padStart(8, '0');

function line(place: number, rows: number, own: number): string {
  const { sender, recipient, subject, address, status } = rowOf(place, rows, own);
  const id = mixed(place ^ 0x2545f491);
  const guid = `${hex(id)}-${hex(place).slice(0, 4)}-${hex(place).slice(4)}-a1b2-08ddc4${hex(mixed(id)).slice(0, 6)}`;
  const at = new Date(START + Math.floor((place / rows) * SPAN)).toISOString();
  return `"${at.slice(0, 23)}","${sender}","${recipient}","${subject}","${status}","${address}","${2000 + (id % 90_000)}","${guid}","<${guid}@mail.example>"\r\n`;
}

/** Writes the trace in UTF-16LE without a mark, as Exchange Online does. @returns once it is written */
export async function writeTrace(
  file: string,
  { rows, own, from = 0, to = rows }: TraceShape,
): Promise<void> {
  const out = createWriteStream(file);
  let text = `${HEADER}\r\n`;
  for (let place = from; place < to; place++) {
    text += line(place, rows, own);
    if (text.length < 2_000_000 && place + 1 < to) continue;
    if (!out.write(Buffer.from(text, 'utf16le'))) await once(out, 'drain');
    text = '';
  }
  out.end();
  await once(out, 'finish');
}
