import { escaped } from './escape.ts';

/** What can be seen of a device, as lists of different values. */
const TOPICS = [
  'addresses',
  'listeners',
  'hellos',
  'tls',
  'serverNames',
  'tlsFailures',
  'mechanisms',
  'accounts',
  'pairs',
  'recipientDomains',
  'recipients',
  'refusals',
] as const;

export type Topic = (typeof TOPICS)[number];

/** Different values with their number, in the order of the first sight; `others` counts what found no place. */
export interface Tally {
  seen: { value: string; count: number }[];
  others: number;
}

/**
 * A device that connects and is no known source: what it did, so that somebody can decide who it is. Nothing here is
 * secret, and no content: neither passwords nor subjects. Everything is bounded, because strangers write it.
 */
export interface Device {
  /** `dev_` and 16 characters. */
  id: string;
  /** An IPv4 address, or the /64 of an IPv6 address. Unique. */
  network: string;
  /** The pending source that its held mail stands under; absent as long as none is held. */
  source?: string;
  /** It was approved; what is left is held mail that could not be released yet. */
  approved?: true;
  /** Wall times, milliseconds. */
  firstSeenAt: number;
  lastSeenAt: number;
  connections: number;
  /** Transactions that came to the end of their message. */
  messages: number;
  /** Of these, those that came without TLS. */
  messagesWithoutTls: number;
  /** Messages without a From field. */
  withoutFrom: number;
  /** Octets of all messages, and of the largest one. */
  bytes: number;
  largest: number;
  /** Recipients of the message that had most. */
  mostRecipients: number;
  /** Most connections at the same time. */
  mostConnections: number;
  /** Messages by hour of the day, UTC. */
  hours: number[];
  /** The most messages (and octets) that came within one minute, hour and day of the clock. */
  peaks: Record<Span, Amount>;
  /** The minute, hour and day under way. */
  current: Record<Span, Amount & { slot: number }>;
  seen: Record<Topic, Tally>;
}

interface Amount {
  messages: number;
  bytes: number;
}

export type Span = 'minute' | 'hour' | 'day';

const SPANS: Record<Span, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Most different values of a topic. */
const MOST: Record<Topic, number> = {
  addresses: 8,
  listeners: 8,
  hellos: 8,
  tls: 8,
  serverNames: 4,
  tlsFailures: 8,
  mechanisms: 8,
  accounts: 8,
  pairs: 20,
  recipientDomains: 30,
  recipients: 50,
  refusals: 12,
};
/** Octets that all values of one device may have together: a thousand devices are a few megabytes. */
const MOST_OCTETS = 16_384;
const MOST_VALUE = 330;

export function newDevice(id: string, network: string, at: number): Device {
  const nothing = (): Amount => ({ messages: 0, bytes: 0 });
  const none = (): Amount & { slot: number } => ({ slot: 0, ...nothing() });
  return {
    id,
    network,
    firstSeenAt: at,
    lastSeenAt: at,
    connections: 0,
    messages: 0,
    messagesWithoutTls: 0,
    withoutFrom: 0,
    bytes: 0,
    largest: 0,
    mostRecipients: 0,
    mostConnections: 0,
    hours: Array.from({ length: 24 }, () => 0),
    peaks: { minute: nothing(), hour: nothing(), day: nothing() },
    current: { minute: none(), hour: none(), day: none() },
    seen: Object.fromEntries(TOPICS.map((topic) => [topic, { seen: [], others: 0 }])) as unknown as Record<
      Topic,
      Tally
    >,
  };
}

/** Counts one sight of a value; characters that could draw on a terminal are escaped first. */
export function note(device: Device, topic: Topic, value: string): void {
  count(device, topic, escaped(value, MOST_VALUE));
}

function count(device: Device, topic: Topic, text: string): void {
  const tally = device.seen[topic];
  const known = tally.seen.find(({ value }) => value === text);
  if (known) known.count++;
  else if (tally.seen.length < MOST[topic] && octetsOf(device) + text.length <= MOST_OCTETS) {
    tally.seen.push({ value: text, count: 1 });
  } else tally.others++;
}

function octetsOf({ seen }: Device): number {
  let octets = 0;
  for (const topic of TOPICS) for (const { value } of seen[topic].seen) octets += value.length;
  return octets;
}

/** One message as far as it is remembered. Addresses are in the form in which policies compare them. */
export interface SeenMessage {
  /** Empty: the null sender. */
  envelopeFrom: string;
  /** Absent: the message had no From field. */
  headerFrom: string | undefined;
  recipients: string[];
  size: number;
  tls: boolean;
}

/** Between the two addresses of a pair; no escaped value holds it. */
const BETWEEN = '\n';

export function noteMessage(device: Device, message: SeenMessage, at: number): void {
  const { envelopeFrom, headerFrom, recipients, size } = message;
  device.lastSeenAt = at;
  device.messages++;
  if (!message.tls) device.messagesWithoutTls++;
  if (headerFrom === undefined) device.withoutFrom++;
  device.bytes += size;
  device.largest = Math.max(device.largest, size);
  device.mostRecipients = Math.max(device.mostRecipients, recipients.length);
  const hour = new Date(at).getUTCHours();
  device.hours[hour] = (device.hours[hour] ?? 0) + 1;
  for (const [span, length] of Object.entries(SPANS) as [Span, number][]) {
    const slot = Math.floor(at / length);
    let current = device.current[span];
    if (current.slot !== slot) current = device.current[span] = { slot, messages: 0, bytes: 0 };
    current.messages++;
    current.bytes += size;
    const peak = device.peaks[span];
    peak.messages = Math.max(peak.messages, current.messages);
    peak.bytes = Math.max(peak.bytes, current.bytes);
  }
  const pair = [envelopeFrom, headerFrom ?? ''].map((address) => escaped(address, MOST_VALUE));
  count(device, 'pairs', pair.join(BETWEEN));
  for (const recipient of recipients) {
    note(device, 'recipients', recipient);
    note(device, 'recipientDomains', recipient.slice(recipient.lastIndexOf('@') + 1));
  }
}

/** The pairs that were seen; an empty envelope is the null sender, an empty header a message without From. */
export function pairsOf(device: Device): { envelope: string; header: string; count: number }[] {
  return device.seen.pairs.seen.map(({ value, count }) => {
    const [envelope = '', header = ''] = value.split(BETWEEN);
    return { envelope, header, count };
  });
}
