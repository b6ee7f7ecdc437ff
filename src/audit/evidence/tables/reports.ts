import type { Observation } from '../observation.ts';
import { type Built, type EvidenceRecord, LONGEST_TEXT } from '../record.ts';
import { readTls } from '../service-data.ts';
import { direction, messageIdentifier, namedConnector } from '../values.ts';

/** Historical search of type ConnectorReport, whose columns are known by the sender's alone. */
export function fromConnectorReport(record: EvidenceRecord, file: number): Built<Observation> {
  const sender = record.address('sender_address');
  if (!sender) return { refused: 'no sender' };
  const observation: Observation = { kind: 'connector-report', file, row: record.row, sender };
  observation.at = record.moment('time');
  if (record.has('time') && observation.at === undefined) return { refused: 'the time can not be read' };
  const id = record.text('message_id');
  if (id !== undefined) observation.messageId = messageIdentifier(id);
  observation.networkMessageId = record.guid('network_message_id');
  const path = record.text('return_path');
  if (path) observation.p1 = record.address('return_path');
  observation.p2 = record.address('from_address') || undefined;
  observation.subject = record.text('message_subject')?.slice(0, LONGEST_TEXT);
  observation.size = record.whole('total_bytes');
  observation.status = record.text('status')?.toLowerCase() || undefined;
  observation.direction = direction(record.text('directionality') ?? '');
  observation.address =
    record.network('original_client_ip') ?? record.network('from_ip') ?? record.network('client_ip');
  const helo = record.text('helo');
  if (helo) observation.helo = helo.slice(0, 255);
  observation.tls = readTls(record.text('tls') ?? '');
  const name = record.text('connector_name') ?? record.text('connector_id');
  const type = record.text('connector_type');
  if (name !== undefined || type !== undefined) observation.connector = namedConnector(name ?? '', type);
  const extra = record.extra();
  if (extra) observation.extra = extra;
  const recipients = record.address('recipient_address');
  if (!recipients) return [observation];
  return recipients
    .split(';')
    .filter((text) => text.trim() !== '')
    .slice(0, 2000)
    .map((recipient) => ({ ...observation, recipient: recipient.trim() }));
}

/** Change Optics: samples that Microsoft itself would have refused (tag DRS) or slowed (OMC). */
export function fromChangeOptics(record: EvidenceRecord, file: number): Built<Observation> {
  const sender = record.address('sender_address');
  const recipient = record.address('recipient_address');
  if (!sender || !recipient) return { refused: 'no sender or no recipient' };
  const at = record.moment('time');
  if (at === undefined) return { refused: 'the time can not be read' };
  const tag = record.text('tag') ?? '';
  const observation: Observation = { kind: 'change-optics', file, row: record.row, at, sender, recipient };
  const id = record.text('message_id') ?? '';
  observation.messageId = messageIdentifier(id);
  observation.subject = record.text('message_subject')?.slice(0, LONGEST_TEXT);
  const direct = /^DRS$|direct send/i.test(tag);
  // the report lists what RejectDirectSend concerns, and it concerns only mail without a connector
  if (direct) {
    observation.connector = 'none';
    observation.direction = 'incoming';
  }
  const details = record.text('details');
  observation.extra = {
    ...record.extra(),
    tag,
    ...(details ? { details } : {}),
    ...(observation.messageId === undefined && id !== '' ? { 'message id, cut': id } : {}),
  };
  return [observation];
}

const DAY = 86_400_000;

/** Inbound messages report: volume of a day and connector. */
export function fromInboundReport(record: EvidenceRecord, file: number): Built<Observation> {
  const at = record.moment('time');
  const count = record.whole('volume');
  if (at === undefined) return { refused: 'the date can not be read' };
  if (count === undefined) return { refused: 'the volume can not be read' };
  const observation: Observation = {
    kind: 'inbound-report',
    file,
    row: record.row,
    at,
    until: at + DAY,
    count,
  };
  observation.direction = 'incoming';
  observation.connector = namedConnector(record.text('connector_name') ?? '', record.text('connector_type'));
  const forced = record.text('forced_tls');
  const extra = { ...record.extra(), ...(forced ? { 'forced TLS': forced } : {}) };
  if (Object.keys(extra).length > 0) observation.extra = extra;
  return [observation];
}
