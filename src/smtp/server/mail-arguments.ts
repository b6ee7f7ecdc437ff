/** What MAIL and RCPT say: path and parameters, checked against the extensions that are in force. */
import type { Notify, Recipient } from '../../message/envelope.ts';
import { type Reply, refuse } from '../reply.ts';
import { type Parameters, parseParameters } from '../syntax/parameters.ts';
import { type Path, hasNonAscii, parsePath } from '../syntax/path.ts';
import { decodeXtext } from '../syntax/xtext.ts';
import type { MailCommand } from './handler.ts';

export interface Terms {
  /** EHLO was said: parameters are allowed. */
  extended: boolean;
  /** The session is encrypted: REQUIRETLS is offered (RFC 8689 §4.1). */
  encrypted: boolean;
  /** RFC 1870 §6.1. */
  messageBytes: number;
  /** The address that `<Postmaster>` stands for, given as it was written; undefined: it is nobody's here. */
  postmaster(local: string): string | undefined;
}

/** Reads the argument of MAIL; a Reply refuses it. */
export function readMail(argument: string, terms: Terms): MailCommand | Reply {
  const read = readArgument('FROM:', argument, terms);
  if ('code' in read) return read;
  const { path, parameters } = read;
  if (path.domain === '' && path.local !== '') return refuse('C104', 'the sender address has no domain');

  const command: MailCommand = {
    from: path.address,
    size: 0,
    envelope: { smtpUtf8: false, body: '7bit', requireTls: false },
  };
  for (const [keyword, value] of parameters) {
    const refusal = applyMailParameter(command, keyword, value, terms);
    if (refusal) return refusal;
  }
  if (path.utf8 && !command.envelope.smtpUtf8) return refuse('C117');
  return command;
}

function applyMailParameter(
  command: MailCommand,
  keyword: string,
  value: string | undefined,
  terms: Terms,
): Reply | undefined {
  const { envelope } = command;
  switch (keyword) {
    case 'SIZE':
      if (!value || !/^[0-9]{1,20}$/.test(value)) return refuse('C104', 'SIZE is not a number');
      command.size = Number(value);
      return command.size > terms.messageBytes
        ? refuse('M601', `the client announced ${value} octets`)
        : undefined;
    case 'BODY': {
      const body = value?.toLowerCase();
      if (body !== '7bit' && body !== '8bitmime' && body !== 'binarymime') {
        return refuse('C116', 'the BODY type is unknown');
      }
      envelope.body = body;
      return undefined;
    }
    case 'SMTPUTF8':
      if (value !== undefined) return refuse('C104', 'SMTPUTF8 has no value');
      envelope.smtpUtf8 = true;
      return undefined;
    case 'REQUIRETLS':
      if (!terms.encrypted) return refuse('C113', 'REQUIRETLS is offered under TLS only');
      if (value !== undefined) return refuse('C104', 'REQUIRETLS has no value');
      envelope.requireTls = true;
      return undefined;
    case 'RET': {
      const content = value?.toUpperCase();
      if (content !== 'FULL' && content !== 'HDRS') return refuse('C104', 'RET is neither FULL nor HDRS');
      envelope.returnContent = content === 'FULL' ? 'full' : 'headers';
      return undefined;
    }
    case 'ENVID':
      // RFC 3461 §4.4; kept encoded, as the next hop wants it. 100 characters are its limit (§5.4)
      if (!value || value.length > 100 || !isPrintable(decodeXtext(value))) {
        return refuse('C104', 'ENVID is no xtext of printable characters');
      }
      envelope.envelopeId = value;
      return undefined;
    case 'AUTH': {
      const submitter = value === undefined ? undefined : decodeXtext(value);
      if (submitter === undefined) return refuse('C104', 'AUTH is no xtext');
      command.submitter = submitter;
      return undefined;
    }
    default:
      return refuse('C113', 'the MAIL parameter is unknown');
  }
}

/** Reads the argument of RCPT; a Reply refuses it. `smtpUtf8`: MAIL had that parameter. */
export function readRecipient(argument: string, smtpUtf8: boolean, terms: Terms): Recipient | Reply {
  const read = readArgument('TO:', argument, terms);
  if ('code' in read) return read;
  const { path, parameters } = read;
  if (path.address === '') return refuse('C104', 'the recipient is empty');
  if (path.routed) return refuse('R504');
  if (path.utf8 && !smtpUtf8) return refuse('C117');

  let address = path.address;
  if (path.domain === '') {
    // RFC 5321 §4.5.1: the only local part that needs no domain
    if (path.local.toLowerCase() !== 'postmaster') return refuse('R503');
    const postmaster = terms.postmaster(path.local);
    if (postmaster === undefined)
      return refuse(
        'R503',
        '<Postmaster> without a domain, and there is no accepted domain whose it could be',
      );
    address = postmaster;
  }
  const recipient: Recipient = { address };
  for (const [keyword, value] of parameters) {
    if (keyword === 'NOTIFY') {
      const notify = readNotify(value);
      if (!notify) return refuse('C104', 'NOTIFY is malformed');
      recipient.notify = notify;
    } else if (keyword === 'ORCPT') {
      if (!isOriginalRecipient(value, smtpUtf8)) return refuse('C104', 'ORCPT is malformed');
      recipient.originalRecipient = value;
    } else {
      return refuse('C113', 'the RCPT parameter is unknown');
    }
  }
  return recipient;
}

function readArgument(
  keyword: 'FROM:' | 'TO:',
  argument: string,
  terms: Terms,
): { path: Path; parameters: Parameters } | Reply {
  if (argument.slice(0, keyword.length).toUpperCase() !== keyword) {
    return refuse('C104', `${keyword} is missing`);
  }
  // RFC 5321 §3.3 forbids a space after the colon, and devices send it
  const parsed = parsePath(argument.slice(keyword.length).trimStart());
  if ('fault' in parsed) return refuse('C104', parsed.fault);
  const parameters = parseParameters(parsed.rest);
  if (typeof parameters === 'string') return refuse('C104', parameters);
  if (parameters.size > 0 && !terms.extended) return refuse('C113', 'the client said HELO, not EHLO');
  return { path: parsed.path, parameters };
}

/** RFC 3461 §4.1: NEVER alone, or a list of the others. */
function readNotify(value: string | undefined): Notify | undefined {
  const words = value?.toLowerCase().split(',') ?? [];
  if (words.length === 1 && words[0] === 'never') return 'never';
  const notify: Exclude<Notify, 'never'> = [];
  for (const word of words) {
    if (word !== 'success' && word !== 'failure' && word !== 'delay') return undefined;
    if (!notify.includes(word)) notify.push(word);
  }
  return notify.length > 0 ? notify : undefined;
}

/** RFC 3461 §4.2: an address type, a semicolon and xtext; RFC 6533 §3 adds raw UTF-8 for the type `utf-8`. */
function isOriginalRecipient(value: string | undefined, smtpUtf8: boolean): value is string {
  if (value === undefined || Buffer.byteLength(value) > 500) return false;
  const found = /^([A-Za-z0-9!#$%&'*/?^_`{|}~-]{1,40});(.+)$/u.exec(value);
  if (!found) return false;
  const [, type = '', encoded = ''] = found;
  if (!hasNonAscii(encoded)) return isPrintable(decodeXtext(encoded));
  const ascii = encoded.replaceAll(/[\u{a0}-\u{2027}\u{202a}-\u{10ffff}]/gu, '');
  return smtpUtf8 && type.toLowerCase() === 'utf-8' && (ascii === '' || isPrintable(decodeXtext(ascii)));
}

function isPrintable(text: string | undefined): boolean {
  return text !== undefined && /^[\t -~]+$/.test(text);
}
