import {
  type Direction,
  type IndexedMessage,
  MOST_NAMED,
  type MessageState,
  type Waiting,
} from './message-row.ts';

export type Cell = string | number | null;

/** The columns of `message`, in order. */
const NAMES = [
  'id',
  'at',
  'message',
  'session',
  'source',
  'listener',
  'direction',
  'network',
  'sender',
  'header_from',
  'recipients',
  'recipient_count',
  'subject',
  'message_id',
  'size',
  'state',
  'hold',
  'code',
  'reply',
  'attempts',
  'last_at',
  'waiting',
  'delivered',
  'failed',
  'ended',
] as const;

export const COLUMNS = NAMES.join(', ');
export const PLACES = NAMES.map(() => '?').join(', ');

export function cellsOf(row: IndexedMessage): Cell[] {
  return [
    row.id,
    row.at,
    row.message ?? null,
    row.session ?? null,
    row.source ?? null,
    row.listener ?? null,
    row.direction,
    row.network ?? null,
    row.from ?? null,
    row.headerFrom ?? null,
    namedRecipients(row),
    row.recipientCount,
    row.subject ?? null,
    row.messageId ?? null,
    row.size ?? null,
    row.state,
    row.hold ?? null,
    row.code ?? null,
    row.reply ?? null,
    row.attempts,
    row.lastAt,
    row.waiting,
    row.delivered,
    row.failed,
    endedRecipients(row),
  ];
}

/** Those that are shown. */
export function namedRecipients({ recipients }: Pick<IndexedMessage, 'recipients'>): string {
  return JSON.stringify(recipients.slice(0, MOST_NAMED));
}

export function endedRecipients({ ended }: Pick<IndexedMessage, 'ended'>): string {
  return JSON.stringify([...ended]);
}

export function rowOf(cells: Cell[]): IndexedMessage {
  const optional = (index: number) => (cells[index] ?? undefined) as string | undefined;
  const number = (index: number) => cells[index] as number;
  return {
    id: number(0),
    at: number(1),
    message: optional(2),
    session: optional(3),
    source: optional(4),
    listener: optional(5),
    direction: cells[6] as Direction,
    network: optional(7),
    from: optional(8),
    headerFrom: optional(9),
    recipients: JSON.parse(cells[10] as string) as string[],
    recipientCount: number(11),
    subject: optional(12),
    messageId: optional(13),
    size: (cells[14] ?? undefined) as number | undefined,
    state: cells[15] as MessageState,
    hold: optional(16),
    code: optional(17),
    reply: optional(18),
    attempts: number(19),
    lastAt: number(20),
    waiting: cells[21] as Waiting,
    delivered: number(22),
    failed: number(23),
    ended: new Set(JSON.parse(cells[24] as string) as string[]),
  };
}
