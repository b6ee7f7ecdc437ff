/** Delivery status notifications (RFC 3464, and bounces in prose): whom a refusal hit, and with what words. */
import { decodeWords } from '../../../message/encoded-word.ts';
import { readMoment } from '../moments.ts';
import type { Observation } from '../observation.ts';
import { LONGEST_TEXT } from '../record.ts';
import { fieldText } from '../transcoder.ts';
import { mailAddress, messageIdentifier } from '../values.ts';
import { headLength, type MailFields, readFields } from './fields.ts';
import type { MailPart } from './parts.ts';

const REFUSAL = /\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b[^\r\n]{0,500}|\b[45]\.7\.68\b[^\r\n]{0,500}/;
/** Direct Send refused; the rest of the sentence is folded by many reporters. */
const DIRECT_SEND = /5\.7\.68|TenantInboundAttribution;?\s+Direct Send not allowed/i;

/** Whether the message tells of others that could not be delivered. */
export function isNotification(fields: MailFields, parts: readonly MailPart[]): boolean {
  if (/report-type="?delivery-status/i.test(fields.first('content-type') ?? '')) return true;
  if (
    parts.some(({ type }) => type === 'message/delivery-status' || type === 'message/global-delivery-status')
  ) {
    return true;
  }
  const daemon = /^(?:mailer-daemon|postmaster|microsoftexchange[0-9a-f]+)@/i.test(
    mailAddress(fields.first('from') ?? ''),
  );
  const automatic = /^auto-(?:generated|replied)/i.test(fields.first('auto-submitted') ?? '');
  if (!daemon && !automatic && fields.first('return-path')?.trim() !== '<>') return false;
  const returned =
    /undeliver|delivery|returned mail|failure notice|unzustellbar|non remis|échec de la remise/i;
  if (daemon && returned.test(decodeWords(fields.first('subject') ?? ''))) return true;
  return parts.some(({ type, content }) => type.startsWith('text/') && told(head(content)));
}

const told = (text: string): boolean => REFUSAL.test(text) || DIRECT_SEND.test(text);

/** An observation for each recipient that the notification names; about the message that came back. */
export function observationsOfNotification(
  fields: MailFields,
  parts: readonly MailPart[],
  file: number,
  row: number,
): Observation[] {
  const original = originalOf(parts);
  const base: Observation = { kind: 'notification', file, row, event: 'fail', status: 'failed' };
  base.at = momentOf(fields.first('date'));
  base.messageId = messageIdentifier(original?.first('message-id') ?? '');
  base.p2 = original?.first('from') === undefined ? undefined : mailAddress(original.first('from')!);
  const subject = original?.first('subject');
  if (subject !== undefined) base.subject = decodeWords(subject).slice(0, LONGEST_TEXT);
  // a notification goes to the envelope's sender (RFC 3464 §2)
  base.p1 =
    mailAddress(
      original?.first('return-path') ?? fields.first('x-failed-sender') ?? fields.first('to') ?? '',
    ) || undefined;
  base.mailer = (original?.first('x-mailer') ?? original?.first('user-agent'))?.slice(0, 200);
  const prose = parts
    .filter(({ type }) => type === 'text/plain' || type === 'text/html')
    .map(({ content }) => head(content))
    .join('\n');
  const reports = parts
    .filter(({ type }) => /^message\/(?:global-)?delivery-status$/.test(type))
    .flatMap(({ content }) => recipientsOf(content));
  const found =
    reports.length > 0
      ? reports
      : [{ recipient: recipientIn(fields, prose), reply: undefined, at: undefined }];
  return found.slice(0, 1000).map(({ recipient, reply, at }) => {
    const said = reply ?? REFUSAL.exec(prose)?.[0] ?? '';
    // the status field has the code alone, the words stand in the text
    const words =
      DIRECT_SEND.test(said) || !DIRECT_SEND.test(prose)
        ? said
        : (prose.split(/[\r\n]/).find((line) => line.includes('5.7.68')) ?? said);
    const direct = DIRECT_SEND.test(words) || DIRECT_SEND.test(said);
    return {
      ...base,
      ...(direct
        ? { event: 'refusal' as const, connector: 'none' as const, direction: 'incoming' as const }
        : {}),
      ...(recipient === undefined ? {} : { recipient }),
      ...(at === undefined ? {} : { at }),
      reply: words.trim().slice(0, LONGEST_TEXT) || undefined,
    };
  });
}

const head = (content: Buffer): string => fieldText(content.subarray(0, 65_536));

/** Groups of fields, an empty line apart; the first is about the message (RFC 3464 §2.1). */
function recipientsOf(
  content: Buffer,
): { recipient: string | undefined; reply: string | undefined; at: number | undefined }[] {
  const found = [];
  let arrival: number | undefined;
  for (const group of head(content).split(/(?:\r\n|\n){2,}/)) {
    const fields = readFields(Buffer.from(group));
    arrival ??= momentOf(fields.first('arrival-date'));
    const recipient = fields.first('final-recipient') ?? fields.first('original-recipient');
    if (recipient === undefined) continue;
    const diagnostic = fields.first('diagnostic-code')?.replace(/^[^;]{1,20};\s*/, '');
    found.push({
      recipient: mailAddress(recipient.replace(/^[^;]{1,20};\s*(?:mailto:)?/i, '')),
      reply: diagnostic ?? fields.first('status'),
      at: momentOf(fields.first('last-attempt-date')) ?? arrival,
    });
  }
  return found;
}

function recipientIn(fields: MailFields, prose: string): string | undefined {
  const failed = fields.first('x-failed-recipients')?.split(',')[0];
  const text = failed ?? /<(?:mailto:)?([^\s<>@:]{1,64}@[^\s<>@]{1,253})>/.exec(prose)?.[1];
  return text === undefined ? undefined : mailAddress(text);
}

/** The header section that came back: of the whole message, or alone. */
function originalOf(parts: readonly MailPart[]): MailFields | undefined {
  const part = parts.find(({ type }) =>
    /^(?:message\/(?:global|rfc822)|text\/rfc822-headers|message\/global-headers)/.test(type),
  );
  return part && readFields(part.content.subarray(0, Math.min(headLength(part.content), 1_048_576)));
}

/** A comment may follow, such as the name of the zone. */
function momentOf(text: string | undefined): number | undefined {
  return text === undefined
    ? undefined
    : readMoment((text.split('(', 1)[0] ?? '').trim().slice(0, 60), undefined);
}
