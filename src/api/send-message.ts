import { parseAddressList } from '../message/address-list.ts';
import { type Address, BuildError, type BuildOptions, buildMessage } from '../message/build.ts';
import type { Envelope } from '../message/envelope.ts';
import { HeaderIndex } from '../message/headers.ts';
import { decodeBase64 } from '../message/transfer-encoding.ts';
import { refuse } from '../smtp/reply.ts';
import { Problem, refusalProblem } from './problem.ts';
import type { SendBody } from './send-request.ts';

export interface Composed {
  envelope: Envelope;
  message: Buffer;
}

interface Limits {
  messageBytes: number;
  recipients: number;
}

/**
 * Makes message and envelope from the JSON form.
 * @throws Problem 400 with M609 and the field, 413 with M601.
 */
export function composeJson(body: SendBody, limits: Limits, options: BuildOptions): Composed {
  const from = mailbox(body.from, 'from');
  const to = mailboxes(body.to, 'to');
  const cc = mailboxes(body.cc, 'cc');
  const bcc = mailboxes(body.bcc, 'bcc');
  const sender =
    body.envelopeFrom === ''
      ? ''
      : body.envelopeFrom
        ? mailbox(body.envelopeFrom, 'envelopeFrom').address
        : from.address;
  const envelope = makeEnvelope(
    sender,
    [...to, ...cc, ...bcc].map((one) => one.address),
    limits,
  );
  envelope.requireTls = body.requireTls;
  try {
    const message = buildMessage(
      {
        from,
        to,
        cc,
        replyTo: mailboxes(body.replyTo, 'replyTo'),
        subject: body.subject,
        text: body.text,
        html: body.html,
        attachments: body.attachments.map((one, index) => ({
          filename: one.filename,
          contentType: one.contentType,
          content: decodeBase64(one.content) ?? malformed(`attachments.${index}.content`, 'is no base64'),
          disposition: one.disposition ?? (one.contentId === undefined ? 'attachment' : 'inline'),
          contentId: one.contentId,
        })),
        headers: Object.entries(body.headers),
      },
      options,
    );
    refuseTooBig(message.length, limits);
    return { envelope, message };
  } catch (error) {
    if (error instanceof BuildError) return malformed(error.field, error.message);
    throw error;
  }
}

/**
 * Takes a whole message; Bcc fields go. A message without any CR gets CRLF line ends, because that is what a
 * text file has; mixed ones are left for acceptance to refuse.
 * @throws as `composeJson`
 */
export function composeRaw(
  raw: Buffer,
  query: { from?: string; to?: string | string[] },
  limits: Limits,
): Composed {
  if (raw.length === 0) malformed('body', 'is empty');
  const text = raw.includes(13)
    ? raw
    : Buffer.from(raw.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  refuseTooBig(text.length, limits);
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.subarray(0, end + 4);
  const index = new HeaderIndex(head, { headerBytes: 262_144, headerFields: 1000 });
  if (index.fault) throw refusalProblem(refuse('M603'));
  const listed = (name: string) =>
    index.all(name).flatMap((field) => {
      const list = parseAddressList(index.value(field));
      if (list.doubts.length > 0)
        malformed(name, 'holds no addresses that can be read without doubt; give the envelope in the query');
      return list.mailboxes.map((one) => one.address);
    });
  const sender =
    query.from === '' ? '' : query.from ? mailbox(query.from, 'from').address : listed('from')[0];
  if (sender === undefined) return malformed('from', 'is missing: neither in the query nor in the headers');
  const recipients =
    query.to === undefined
      ? [...listed('to'), ...listed('cc'), ...listed('bcc')]
      : mailboxes(query.to, 'to').map((one) => one.address);
  const bcc = index.all('bcc');
  const kept: Buffer[] = [];
  let at = 0;
  for (const field of bcc) {
    kept.push(text.subarray(at, field.start));
    at = field.end;
  }
  kept.push(text.subarray(at));
  return {
    envelope: makeEnvelope(sender, recipients, limits),
    message: bcc.length === 0 ? text : Buffer.concat(kept),
  };
}

function makeEnvelope(from: string, addresses: string[], limits: Limits): Envelope {
  const unique = [...new Set(addresses)];
  if (unique.length === 0) malformed('to', 'there is no recipient');
  if (unique.length > limits.recipients)
    malformed('to', `there are more than ${limits.recipients} recipients; send several messages`);
  return {
    from,
    recipients: unique.map((address) => ({ address })),
    // domains are A-labels by now: what is left beyond ASCII are local parts
    smtpUtf8: [from, ...unique].some((address) => /[^\0-\x7f]/.test(address)),
    body: '8bitmime',
    requireTls: false,
  };
}

type Given = string | { address: string; name: string };

function mailboxes(given: Given | Given[], field: string): Address[] {
  if (!Array.isArray(given)) return [mailbox(given, field)];
  return given.map((one, index) => mailbox(one, `${field}.${index}`));
}

function mailbox(given: Given, field: string): Address {
  const text = typeof given === 'string' ? given : given.address;
  const { mailboxes: found, doubts, groups } = parseAddressList(text);
  const [only] = found;
  if (!only || found.length > 1 || groups > 0 || doubts.length > 0) {
    return malformed(field, `${JSON.stringify(text.slice(0, 80))} is not one e-mail address`);
  }
  return { address: only.address, name: typeof given === 'string' ? only.displayName : given.name };
}

function refuseTooBig(octets: number, { messageBytes }: Limits): void {
  if (octets > messageBytes) throw refusalProblem(refuse('M601'));
}

function malformed(field: string, why: string): never {
  throw new Problem(400, `${field}: ${why}`, { code: 'M609', field });
}
