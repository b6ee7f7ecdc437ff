import type { Observation } from '../observation.ts';
import { type Built, type EvidenceRecord, LONGEST_TEXT } from '../record.ts';
import { direction, messageIdentifier, namedConnector } from '../values.ts';

/** EmailEvents of Defender XDR, from the hunting page or from the streaming API. */
export function fromEmailEvents(record: EvidenceRecord, file: number): Built<Observation> {
  const recipient = record.address('recipient_address');
  if (!recipient) return { refused: 'no recipient' };
  const at = record.moment('time');
  if (at === undefined) return { refused: 'the time can not be read' };
  const observation: Observation = { kind: 'email-events', file, row: record.row, at, recipient };
  const id = record.text('message_id');
  if (id !== undefined) observation.messageId = messageIdentifier(id);
  observation.networkMessageId = record.guid('network_message_id');
  observation.p1 = record.address('return_path');
  observation.p2 = record.address('from_address') || undefined;
  observation.subject = record.text('message_subject')?.slice(0, LONGEST_TEXT);
  observation.size = record.whole('total_bytes');
  observation.direction = direction(record.text('directionality') ?? '');
  observation.address =
    record.network('sender_ipv4') ?? record.network('sender_ipv6') ?? record.network('from_ip');
  // null and empty are the same here: no connector
  const connectors = record.text('connector_name');
  if (connectors !== undefined) observation.connector = namedConnector(connectors);
  observation.status = record.text('delivery_action')?.toLowerCase() || undefined;
  authentication(observation, record.text('authentication') ?? '');
  const extra = record.extra();
  if (extra) observation.extra = extra;
  return [observation];
}

/** `{"SPF":"pass","DKIM":"pass","DMARC":"pass","CompAuth":"pass"}`, as text inside of a field. */
function authentication(observation: Observation, text: string): void {
  const pairs = text.slice(0, 1000).matchAll(/"(SPF|DKIM|DMARC|CompAuth)"\s*:\s*"([A-Za-z]{1,20})"/gi);
  for (const [, method = '', result = ''] of pairs) {
    const key = method.toLowerCase() as 'spf' | 'dkim' | 'dmarc' | 'compauth';
    observation[key] = result.toLowerCase();
  }
}
