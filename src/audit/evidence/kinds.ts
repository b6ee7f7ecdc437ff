import type { FieldName } from './fields.ts';
import type { EvidenceKind } from './observation.ts';

/** Kinds that come as tables or as lists of objects with the same fields. */
export type TableKind = Exclude<EvidenceKind, 'dmarc' | 'message' | 'notification' | 'postern-log'>;

/** What a table must have to be of a kind; the first that fits is it. One word of each inner list is enough. */
const SIGNS: { kind: TableKind; needs: (FieldName | FieldName[])[]; without?: FieldName[] }[] = [
  { kind: 'trace-enhanced', needs: ['recipient_status', 'sender_address', 'message_id'], without: ['event'] },
  { kind: 'trace-extended', needs: ['event', 'source', 'message_id', ['sender_address', 'return_path']] },
  { kind: 'trace-detail', needs: ['event', ['data', 'detail'], ['message_id', 'trace_id', 'time']] },
  {
    kind: 'email-events',
    needs: [
      'recipient_address',
      ['network_message_id', 'message_id'],
      ['return_path', 'from_address'],
      'time',
    ],
    without: ['sender_address'],
  },
  { kind: 'change-optics', needs: ['tag', 'message_id', 'sender_address', 'recipient_address'] },
  { kind: 'inbound-report', needs: ['volume', 'connector_name', 'time'], without: ['sender_address'] },
  {
    kind: 'trace',
    needs: ['sender_address', 'recipient_address', 'time', ['trace_id', 'status']],
    without: ['connector_name', 'connector_type', 'network_message_id', 'tls'],
  },
  {
    kind: 'connector-report',
    needs: [
      'sender_address',
      ['time', 'message_id'],
      ['recipient_address', 'connector_name', 'connector_type', 'tls', 'directionality'],
    ],
  },
];

/** The kind of a table by its fields. */
export function kindOf(has: (field: FieldName) => boolean): TableKind | undefined {
  const fits = (need: FieldName | FieldName[]): boolean => (Array.isArray(need) ? need.some(has) : has(need));
  return SIGNS.find(({ needs, without = [] }) => needs.every(fits) && !without.some(has))?.kind;
}

/** Fields that a table of messages must have; what a person is asked for when they are not found. */
export const ASKED: readonly FieldName[] = ['sender_address', 'time', 'recipient_address'];
