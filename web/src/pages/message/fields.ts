import type { Event } from '../../api/schema.ts';

/** What an event of the journal says, by the names that it is written with. */
export interface Fields {
  session?: string;
  network?: string;
  listener?: string;
  tls?: string;
  reply?: string;
  from?: string;
  to?: string[];
  destination?: string;
  outcome?: string;
  size?: number;
  detail: Record<string, unknown>;
}

export function fieldsOf(event: Event): Fields {
  const { session, network, listener, tls, reply, from, to, destination, outcome, size, detail } =
    event as Partial<Record<string, unknown>>;
  return {
    session: text(session),
    network: text(network),
    listener: text(listener),
    tls: text(tls),
    reply: text(reply),
    from: text(from),
    to: list(to),
    destination: text(destination),
    outcome: text(outcome),
    size: number(size),
    detail: record(detail),
  };
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : undefined;
}

/** Text of strangers inside of a sentence, so that its direction ends with it (Unicode UAX #9, isolates). */
export function isolated(value: string): string {
  return `\u2068${value}\u2069`;
}

/** `m365/mx1.example` */
export function hopOf(destination = ''): { route: string; host: string } {
  const at = destination.indexOf('/');
  return at < 0
    ? { route: destination, host: destination }
    : { route: destination.slice(0, at), host: destination.slice(at + 1) };
}
