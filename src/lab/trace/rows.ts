/** Rows of message trace and of its details, made from what has arrived. */
import type { Arrival, ArrivedFor } from '../arrival.ts';
import { BACK_END_ADDRESS, BACK_END_INSIDE } from '../service.ts';
import { filterXml, mepXml, receiveXml } from './mep.ts';
import { statusOf } from './status.ts';
import type { MessageTrace, TraceDetail, TraceFilter } from './trace.ts';

const USUAL_ROWS = 1000;
const MOST_ROWS = 5000;

/**
 * A row for each recipient, newest first, then by recipient; as many as the filter wants.
 * @param organizationOf names a tenant by its identifier
 */
export function traceRows(
  arrivals: readonly Arrival[],
  filter: TraceFilter,
  organizationOf: (tenant: string) => string,
): MessageTrace[] {
  const most = Math.min(filter.resultSize ?? USUAL_ROWS, MOST_ROWS);
  const rows: MessageTrace[] = [];
  for (let at = arrivals.length - 1; at >= 0 && rows.length < most; at--) {
    const arrival = arrivals[at] as Arrival;
    if (!arrivalMatches(arrival, filter)) continue;
    const recipients = [...arrival.recipients].sort((a, b) => (a.address < b.address ? -1 : 1));
    for (const recipient of recipients) {
      const status = statusOf(arrival, recipient);
      if (filter.status !== undefined && filter.status !== status) continue;
      if (!addressMatches(recipient.address, filter.recipient) || rows.length >= most) continue;
      rows.push({
        Organization: organizationOf(arrival.tenant),
        MessageTraceId: arrival.networkMessageId,
        MessageId: arrival.messageId,
        Received: new Date(arrival.at).toISOString(),
        SenderAddress: arrival.sender || arrival.returnPath || '<>',
        RecipientAddress: recipient.address,
        Subject: arrival.subject,
        Status: status,
        FromIP: arrival.clientAddress,
        ToIP: '',
        Size: arrival.size,
        Index: rows.length,
      });
    }
  }
  return rows;
}

/** The events of one row, oldest first; none when there is no such row. */
export function detailRows(
  arrivals: readonly Arrival[],
  messageTraceId: string,
  recipient: string,
): TraceDetail[] {
  const arrival = arrivals.findLast(
    (one) => one.networkMessageId.toLowerCase() === messageTraceId.toLowerCase(),
  );
  const found = arrival?.recipients.find(({ address }) => sameAddress(address, recipient));
  return arrival && found ? eventsOf(arrival, found) : [];
}

function eventsOf(arrival: Arrival, recipient: ArrivedFor): TraceDetail[] {
  const common = {
    MessageTraceId: arrival.networkMessageId,
    MessageId: arrival.messageId,
    Date: new Date(arrival.at).toISOString(),
    Action: '',
  };
  const received: TraceDetail = {
    ...common,
    Event: 'Receive',
    Detail: `Message received by: ${BACK_END_INSIDE}`,
    Data: receiveXml(arrival),
  };
  if (!arrival.accepted) {
    return [
      received,
      { ...common, Event: 'Fail', Action: 'Fail', Detail: failReason(arrival), Data: failXml(arrival) },
    ];
  }
  const spam: TraceDetail[] =
    recipient.folder === 'Junk' || recipient.folder === 'Quarantine'
      ? [
          {
            ...common,
            Event: 'Spam',
            Action: recipient.folder,
            Detail: 'The message was identified as spam',
            Data: filterXml(arrival),
          },
        ]
      : [];
  if (recipient.folder === undefined) return [received, ...spam];
  const delivered: TraceDetail = {
    ...common,
    Event: 'Deliver',
    Action: recipient.folder,
    Detail: `The message was delivered to the folder ${recipient.folder} of ${recipient.address}`,
    Data: mepXml([
      ['ServerHostName', 'String', BACK_END_INSIDE],
      ['ServerIP', 'String', BACK_END_ADDRESS],
      ['DestinationFolder', 'String', recipient.folder],
      ['SequenceNumber', 'Long', 2],
    ]),
  };
  return [received, ...spam, delivered];
}

function failReason({ reply, clientAddress, at }: Arrival): string {
  const time = new Date(at).toISOString();
  return `Reason: [{LED=${reply};{MSG=};{FQDN=${BACK_END_INSIDE}};{IP=${clientAddress}};{LRT=${time}}]`;
}

function failXml(arrival: Arrival): string {
  return mepXml([
    ['RecipientStatus', 'String', failReason(arrival)],
    ['ReturnPath', 'String', arrival.returnPath || '<>'],
    ['SequenceNumber', 'Long', 1],
  ]);
}

/** The part of the filter that is of the message, whoever the recipient is. */
export function arrivalMatches(arrival: Arrival, filter: Omit<TraceFilter, 'recipient' | 'status'>): boolean {
  const { sender, messageId, messageTraceId, fromIp, subject, start, end } = filter;
  return (
    (start === undefined || arrival.at >= start) &&
    (end === undefined || arrival.at <= end) &&
    (sender === undefined ||
      addressMatches(arrival.sender, sender) ||
      addressMatches(arrival.returnPath, sender)) &&
    (messageId === undefined || bare(arrival.messageId) === bare(messageId)) &&
    (messageTraceId === undefined ||
      arrival.networkMessageId.toLowerCase() === messageTraceId.toLowerCase()) &&
    (fromIp === undefined || arrival.clientAddress === fromIp) &&
    (subject === undefined || arrival.subject.toLowerCase().includes(subject.toLowerCase()))
  );
}

/** `ann@contoso.test`, or `*@contoso.test` for all of a domain. */
export function addressMatches(address: string, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (wanted.startsWith('*@')) return address.toLowerCase().endsWith(wanted.slice(1).toLowerCase());
  return sameAddress(address, wanted);
}

function sameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function bare(messageId: string): string {
  return messageId.replace(/^<|>$/g, '');
}
