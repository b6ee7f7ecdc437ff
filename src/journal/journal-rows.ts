import type { EventType, JournalEvent, RecordedEvent } from './event.ts';

/** The columns of `event`, in order; what is not searched for is JSON in the last. */
export const COLUMNS =
  'id, at, type, source, session, message, network, code, sender, outcome, recipients, rest';
export const WIDTH = 12;

export type Cell = string | number | null;

/** Appends an event's row to a flat array: what goes to the thread costs less than objects would. */
export function pushRow(cells: Cell[], id: number, at: number, event: JournalEvent): void {
  const { listener, tls, reply, destination, size, text, detail, to } = event;
  const bare =
    listener === undefined &&
    tls === undefined &&
    reply === undefined &&
    destination === undefined &&
    size === undefined &&
    text === undefined &&
    detail === undefined;
  cells.push(
    id,
    at,
    event.type,
    event.source ?? null,
    event.session ?? null,
    event.message ?? null,
    event.network ?? null,
    event.code ?? null,
    event.from ?? null,
    event.outcome ?? null,
    to === undefined ? null : JSON.stringify(to),
    bare ? null : restOf({ listener, tls, reply, destination, size, text, detail }),
  );
}

/** JSON, without `detail` when that has no JSON: whoever wrote the event can not be told. */
function restOf(rest: Partial<JournalEvent>): string {
  try {
    return JSON.stringify(rest);
  } catch (error) {
    return JSON.stringify({ ...rest, detail: { error: String(error) } });
  }
}

export function eventOf(row: Cell[]): RecordedEvent {
  const [id, at, type, source, session, message, network, code, from, outcome, recipients, rest] = row;
  const event: RecordedEvent = { id: id as number, at: at as number, type: type as EventType };
  if (source !== null) event.source = source as string;
  if (session !== null) event.session = session as string;
  if (message !== null) event.message = message as string;
  if (network !== null) event.network = network as string;
  if (code !== null) event.code = code as string;
  if (from !== null) event.from = from as string;
  if (outcome !== null) event.outcome = outcome as string;
  if (recipients !== null) event.to = JSON.parse(recipients as string);
  return rest === null ? event : Object.assign(event, JSON.parse(rest as string));
}
