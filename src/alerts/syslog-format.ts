import type { JournalEvent } from '../journal/event.ts';
import { headline, type Notice, plainLine, type Severity } from './alert.ts';

/** One message for syslog, before it has its form. */
export interface SyslogRecord {
  /** RFC 5424 table 2: 2 critical, 3 error, 4 warning, 5 notice, 6 informational. */
  severity: number;
  /** Wall time, milliseconds. */
  at: number;
  /** What it is about, without spaces. */
  messageId: string;
  parameters: [name: string, value: string | number | undefined][];
  text: string;
}

export interface SyslogIdentity {
  facility: number;
  hostname: string;
  /** Private enterprise number. */
  enterprise: string;
  /** Process identifier. */
  process: string;
}

/** RFC 5425 §4.3.1: what a receiver should be able to take. */
const LONGEST = 8192;
const LONGEST_VALUE = 1000;

const SEVERITY: Record<Severity, number> = { critical: 2, warning: 4, info: 6 };

/** A header field: printable US-ASCII without spaces, or the nil value (RFC 5424 §6). */
function name(text: string, most: number): string {
  return text.replace(/[^\x21-\x7e]/g, '_').slice(0, most) || '-';
}

/** RFC 5424 §6.3.3: quotation mark, backslash and closing bracket are escaped, and nothing else. */
function value(text: string): string {
  return plainLine(text, LONGEST_VALUE).replace(/["\\\]]/g, '\\$&');
}

/** The message as RFC 5424 has it, without framing; UTF-8, at most 8192 octets. */
export function syslogMessage(record: SyslogRecord, identity: SyslogIdentity): Buffer {
  const { severity, at, messageId, parameters, text } = record;
  const { facility, hostname, enterprise, process } = identity;
  const priority = facility * 8 + severity;
  const header = `<${priority}>1 ${new Date(at).toISOString()} ${name(hostname, 255)} postern ${name(process, 128)} ${name(messageId, 32)}`;
  const pairs = parameters
    .filter(([, one]) => one !== undefined && one !== '')
    .map(([key, one]) => ` ${key}="${value(String(one))}"`);
  // as many parameters as fit: structured data that is cut off in the middle could not be read at all
  let data = `[postern@${enterprise}`;
  for (const pair of pairs) if (Buffer.byteLength(data + pair) < LONGEST - 2000) data += pair;
  // §6.4: UTF-8 text begins with a byte order mark
  const message = Buffer.from(`${header} ${data}] \ufeff${plainLine(text, LONGEST)}`);
  return message.length <= LONGEST ? message : cut(message);
}

/** At a boundary of characters, so that what is left is UTF-8. */
function cut(message: Buffer): Buffer {
  let end = LONGEST;
  while (end > 0 && ((message[end] ?? 0) & 0xc0) === 0x80) end--;
  return message.subarray(0, end);
}

/** RFC 5425 §4.3: the length in octets, a space, the message. */
export function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

export function noticeRecord(notice: Notice): SyslogRecord {
  const { alert, kind, at, sourceName } = notice;
  return {
    severity: SEVERITY[alert.severity],
    at,
    messageId: `alert-${kind}`,
    parameters: [
      ['alert', alert.id],
      ['rule', alert.rule],
      ['severity', alert.severity],
      ['code', alert.code],
      ['source', sourceName ?? alert.source],
      ['network', alert.network],
      ['destination', alert.destination],
      ['count', alert.count],
      ['firstAt', new Date(alert.firstAt).toISOString()],
      ['lastAt', new Date(alert.lastAt).toISOString()],
    ],
    text: `${headline(notice)}: ${alert.text}`,
  };
}

export function eventRecord(event: JournalEvent & { at: number }): SyslogRecord {
  const { type, at, source, session, message, network, listener, tls, code, reply, from, to } = event;
  return {
    severity: eventSeverity(event),
    at,
    messageId: type,
    parameters: [
      ['source', source],
      ['session', session],
      ['message', message],
      ['network', network],
      ['listener', listener],
      ['tls', tls],
      ['code', code],
      ['outcome', event.outcome],
      ['destination', event.destination],
      ['from', from],
      ['to', to?.slice(0, 20).join(' ')],
      ['recipients', to?.length],
      ['size', event.size],
      ['reply', reply],
    ],
    text: event.text ?? reply ?? type,
  };
}

/** RFC 5424 table 2. */
export function eventSeverity({ type, code, outcome }: JournalEvent): number {
  switch (type) {
    case 'alarm':
      return SEVERITY[outcome === 'critical' || outcome === 'info' ? outcome : 'warning'];
    case 'system':
      return code === undefined ? 6 : 3;
    case 'refusal':
    case 'authentication-failure':
    case 'tls-failure':
    case 'warning':
    case 'bounce':
    case 'delay':
      return 4;
    case 'attempt':
      return outcome === 'failed' || outcome === 'deferred' ? 4 : 6;
    case 'change':
      return 5;
    case 'connection':
    case 'authentication':
    case 'acceptance':
      return 6;
  }
}
