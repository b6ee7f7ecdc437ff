import { domainToASCII } from 'node:url';
import { sizeOf } from '../../message/content.ts';
import type { Recipient } from '../../message/envelope.ts';
import type { Extensions } from './extensions.ts';
import type { RecipientResult, Transaction } from './transaction.ts';

/** What will be said of one transaction, and what need not be said because it can not succeed. */
export interface EnvelopePlan {
  /** `MAIL FROM:<...> SIZE=123`, without CRLF. */
  mail: string;
  /** One for each recipient that is tried, with its index in the transaction. */
  recipients: { index: number; command: string }[];
  /** Already known results, by index. */
  results: (RecipientResult | undefined)[];
  dsnPassedOn: boolean;
  eightBitUnannounced: boolean;
}

const PATH =
  /^(?:"(?:[^"\\\u0000-\u001f\u007f]|\\[ -~])*"|[^\s"\\<>(),:;@[\]\u0000-\u0020\u007f]+)(?:@[^\s<>"\\()\u0000-\u0020\u007f]+)?$/u;
const ASCII = /^[\u0000-\u007f]*$/;

/** Decides the parameters of MAIL and RCPT for what this server offers. */
export function planEnvelope(transaction: Transaction, offered: Extensions): EnvelopePlan {
  const { envelope, recipients, content } = transaction;
  const size = sizeOf(content);
  const plan: EnvelopePlan = {
    mail: '',
    recipients: [],
    results: Array.from({ length: recipients.length }),
    dsnPassedOn: offered.dsn,
    eightBitUnannounced: false,
  };
  const failAll = (result: RecipientResult): EnvelopePlan => {
    plan.results.fill(result);
    return plan;
  };

  if (offered.maxSize > 0 && size > offered.maxSize) {
    return failAll({
      kind: 'failed',
      status: '5.3.4',
      code: 'D956',
      reply: `the next hop takes ${offered.maxSize} octets, the message has ${size}`,
    });
  }
  if (envelope.requireTls && !offered.requireTls) {
    // RFC 8689 §4.2.1: never without, never silently
    return failAll({
      kind: 'failed',
      status: '5.7.30',
      code: 'D955',
      reply: 'the next hop does not offer REQUIRETLS',
    });
  }

  const utf8 = envelope.smtpUtf8 && offered.smtpUtf8;
  const from = utf8 ? envelope.from : asciiAddress(envelope.from);
  if (from === undefined || (envelope.smtpUtf8 && !utf8 && !isAscii(content.head))) {
    return failAll(noUtf8());
  }
  if (from !== '' && !PATH.test(from)) {
    return failAll({
      kind: 'failed',
      status: '5.1.7',
      code: 'D955',
      reply: 'the sender address is malformed',
    });
  }

  let mail = `MAIL FROM:<${from}>`;
  if (offered.size) mail += ` SIZE=${size}`;
  if (content.traits.eightBit) {
    if (offered.eightBitMime) mail += ' BODY=8BITMIME';
    else plan.eightBitUnannounced = true;
  }
  if (utf8) mail += ' SMTPUTF8';
  if (envelope.requireTls) mail += ' REQUIRETLS';
  if (offered.dsn) {
    if (envelope.returnContent) mail += envelope.returnContent === 'full' ? ' RET=FULL' : ' RET=HDRS';
    if (envelope.envelopeId) mail += ` ENVID=${asXtext(envelope.envelopeId)}`;
  }
  plan.mail = mail;

  for (let index = 0; index < recipients.length; index++) {
    const recipient = recipients[index] as Recipient;
    const address = utf8 ? recipient.address : asciiAddress(recipient.address);
    if (address === undefined) {
      plan.results[index] = noUtf8();
    } else if (PATH.test(address)) {
      plan.recipients.push({ index, command: recipientCommand(address, recipient, offered, utf8) });
    } else {
      plan.results[index] = {
        kind: 'failed',
        status: '5.1.3',
        code: 'D955',
        reply: 'the recipient address is malformed',
      };
    }
  }
  return plan;
}

function recipientCommand(address: string, recipient: Recipient, offered: Extensions, utf8: boolean): string {
  let command = `RCPT TO:<${address}>`;
  if (!offered.dsn) return command;
  if (recipient.notify === 'never') command += ' NOTIFY=NEVER';
  else if (recipient.notify) command += ` NOTIFY=${recipient.notify.join(',').toUpperCase()}`;
  if (recipient.originalRecipient) {
    const [type = 'rfc822', ...rest] = recipient.originalRecipient.split(';');
    const original = rest.join(';');
    command += ` ORCPT=${asXtext(type)};${type.toLowerCase() === 'utf-8' ? asUnitext(original, utf8) : asXtext(original)}`;
  }
  return command;
}

function noUtf8(): RecipientResult {
  return {
    kind: 'failed',
    status: '5.6.7',
    code: 'D955',
    reply: 'the next hop does not offer SMTPUTF8',
  };
}

/** The address with its domain as A-labels; undefined when the local part needs SMTPUTF8. */
export function asciiAddress(address: string): string | undefined {
  if (ASCII.test(address)) return address;
  const at = address.lastIndexOf('@');
  if (at < 0 || !ASCII.test(address.slice(0, at))) return undefined;
  const domain = domainToASCII(address.slice(at + 1));
  return domain === '' ? undefined : address.slice(0, at + 1) + domain;
}

function isAscii(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] as number) > 127) return false;
  return true;
}

const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/;

/** Leaves xtext (RFC 3461 §4) as it is, and makes xtext of what is not. */
function asXtext(text: string): string {
  if (XTEXT.test(text)) return text;
  return Array.from(Buffer.from(text), (byte) =>
    byte > 32 && byte < 127 && byte !== 43 && byte !== 61
      ? String.fromCharCode(byte)
      : `+${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}

/**
 * An address of the type utf-8 (RFC 6533 §3): as it is where SMTPUTF8 was declared, else in its ASCII form, in which
 * a character is written `\x{E9}`. What neither form may hold becomes xtext.
 */
function asUnitext(text: string, utf8: boolean): string {
  if (utf8 && /^[!-<>-~\u{a0}-\u{2027}\u{202a}-\u{10ffff}]*$/u.test(text)) return text;
  return asXtext(
    text.replaceAll(/[^\0-\x7f]/gu, (c) => `\\x{${(c.codePointAt(0) as number).toString(16).toUpperCase()}}`),
  );
}
