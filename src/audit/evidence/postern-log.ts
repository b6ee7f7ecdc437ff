import { isObject, type JsonObject } from './json-record.ts';
import type { Connector, Observation } from './observation.ts';
import { LONGEST_TEXT, type Built } from './record.ts';
import { readTls } from './service-data.ts';
import { mailAddress, networkAddress } from './values.ts';

const TYPES = new Set([
  'connection',
  'tls-failure',
  'authentication',
  'authentication-failure',
  'refusal',
  'acceptance',
  'warning',
  'attempt',
  'bounce',
  'delay',
  'change',
  'alarm',
  'system',
]);

/** Whether an object is an event as `postern log --json` writes it. */
export function isPosternEvent(object: JsonObject): boolean {
  return typeof object['type'] === 'string' && TYPES.has(object['type']) && object['at'] !== undefined;
}

/**
 * An event of Postern's own journal: what the relay or the edge took, and what was refused, by Postern or by the next
 * hop. @returns an observation a recipient.
 */
export function fromPosternEvent(event: JsonObject, file: number, row: number): Built<Observation> {
  const type = String(event['type']);
  if (type !== 'acceptance' && type !== 'refusal' && type !== 'attempt') return { aside: `event ${type}` };
  const at = momentOf(event['at']);
  if (at === undefined) return { refused: 'the time can not be read' };
  const detail = isObject(event['detail']) ? event['detail'] : {};
  const edge = isObject(detail['edge']) ? detail['edge'] : undefined;
  const outcome = text(event['outcome']);
  const base: Observation = { kind: 'postern-log', file, row, at };
  base.event =
    type === 'acceptance'
      ? 'receive'
      : type === 'refusal'
        ? 'refusal'
        : outcome === 'failed'
          ? 'fail'
          : 'deliver';
  const from = text(event['from']) ?? text(detail['from']);
  if (from !== undefined) base.p1 = mailAddress(from);
  const author = text(detail['headerFrom']);
  if (author !== undefined) base.p2 = mailAddress(author);
  else if (type === 'acceptance' && base.p1) base.p2 = base.p1;
  // the address of an attempt is the next hop's
  if (type !== 'attempt') {
    base.address = networkAddress(text(event['network']) ?? '');
    base.helo = text(detail['hello'])?.slice(0, 255);
    const tls = text(event['tls']);
    base.tls = tls === undefined ? 'none' : readTls(tls);
  }
  if (typeof event['size'] === 'number') base.size = event['size'];
  base.status = outcome?.toLowerCase();
  base.reply = text(event['reply']);
  base.extra = named({
    message: event['message'],
    source: event['sourceName'] ?? event['source'],
    code: event['code'],
  });
  if (edge) edgeFacts(base, edge);
  const to = Array.isArray(event['to']) ? event['to'].filter((item) => typeof item === 'string') : [];
  const recipients = to.length > 0 ? to : [text(detail['recipient'])].filter((item) => item !== undefined);
  if (recipients.length === 0) return [base];
  return recipients.slice(0, 2000).map((recipient) => ({ ...base, recipient: mailAddress(recipient) }));
}

/** What the edge found out, with the connector that it attributed the message to. */
function edgeFacts(base: Observation, edge: JsonObject): void {
  base.direction = edge['attribution'] === 'originating' ? 'originating' : 'incoming';
  const connector = text(edge['connector']);
  base.connector = connector === undefined ? 'none' : ({ name: connector } satisfies Connector);
  base.spf = text(edge['spf']);
  base.dmarc = text(edge['dmarc']);
  const signatures = Array.isArray(edge['dkim']) ? edge['dkim'].filter(isObject) : [];
  const passed = signatures.find((signature) => signature['result'] === 'pass');
  base.dkim = passed ? 'pass' : (text(signatures[0]?.['result']) ?? 'none');
  base.dkimDomain = text(passed?.['domain'])?.toLowerCase();
}

function momentOf(value: unknown): number | undefined {
  const at = typeof value === 'number' ? value : Date.parse(text(value) ?? '');
  return Number.isFinite(at) ? at : undefined;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : undefined;

function named(values: Record<string, unknown>): Record<string, string> | undefined {
  const pairs = Object.entries(values).flatMap(([name, value]) => {
    const string = text(value);
    return string === undefined ? [] : [[name, string]];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}
