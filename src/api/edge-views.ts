import { networkOf } from '../submission/network.ts';
import { addressText, parseAddress } from '../platform/ip-address.ts';
import type { FrontDoorDecision } from '../edge/front-door.ts';
import { OPEN_QUESTIONS, type OpenQuestion } from '../edge/open-questions.ts';
import { edgeReply } from '../edge/replies.ts';
import type { RecordedEvent } from '../journal/event.ts';
import { domainOf } from '../message/envelope.ts';
import { REFUSALS } from '../refusals.ts';
import type { z } from 'zod';
import type { edgeDecisionShape, edgeMessageShape, spoofGroupShape } from './edge-shapes.ts';

type Decision = z.infer<typeof edgeDecisionShape>;
type EdgeMessage = z.infer<typeof edgeMessageShape>;
type SpoofGroup = z.infer<typeof spoofGroupShape>;

export function showOpen(questions: readonly OpenQuestion[]): { question: string; text: string }[] {
  return questions.map((question) => ({ question, text: OPEN_QUESTIONS[question] }));
}

/** A decision of the front door, for whoever asked what would happen. */
export function showDecision(
  { attribution, refusal, directSend, open }: FrontDoorDecision,
  { recipient, recipientExists }: { recipient: string; recipientExists: boolean },
  refuseAt: 'recipient' | 'data',
): Decision {
  const reply = refusal && edgeReply(refusal, { recipient });
  return {
    refused: refusal !== undefined,
    ...(refusal &&
      reply && {
        refusal: {
          code: refusal,
          reply: `${reply.code} ${reply.enhanced ?? ''} ${String(reply.text)}`,
          stage: refusal === 'E204' ? ('recipient' as const) : refuseAt,
          explanation: REFUSALS[refusal].explanation,
          remedy: REFUSALS[refusal].remedy,
        },
      }),
    attribution: {
      kind: attribution.kind,
      ...(attribution.kind !== 'none' && { tenant: attribution.tenant.name }),
      ...(attribution.kind === 'incoming' && { domain: attribution.domain.name }),
      ...(attribution.kind !== 'none' && attribution.connector && { connector: attribution.connector.name }),
      ...(attribution.kind === 'originating' && { by: attribution.by }),
    },
    recipientExists,
    directSend,
    reason: refusal ? REFUSALS[refusal].explanation : reasonOf(attribution, directSend),
    open: showOpen(open),
  };
}

function reasonOf(attribution: FrontDoorDecision['attribution'], directSend: boolean): string {
  if (attribution.kind === 'originating')
    return `The client is one of the own servers (connector ${attribution.connector.name}, by ${attribution.by}), and may send anywhere.`;
  if (attribution.kind === 'incoming' && attribution.connector)
    return `Partner connector ${attribution.connector.name} vouches for the client.`;
  return directSend
    ? 'Direct Send, which is not refused here. What the message proves decides about the rest.'
    : 'Anonymous mail from outside for an accepted domain. What the message proves decides about the rest.';
}

/** What an acceptance or a refusal at the edge says of a message. */
export function showEdgeMessage(event: RecordedEvent): EdgeMessage {
  const { id, at, type, session, listener, network, tls, size, code, reply } = event;
  const detail = event.detail ?? {};
  // a refusal has its facts, which are text and numbers, beside the command; an acceptance has them under `edge`
  const facts = (type === 'acceptance' ? detail['edge'] : detail) as Record<string, unknown>;
  const text = (name: string): string | undefined => textOf(facts[name]);
  const recipient = text('recipient');
  const placement = text('placement') as EdgeMessage['placement'];
  return {
    id,
    at,
    outcome: type === 'refusal' ? 'refused' : event.outcome === 'held' ? 'held' : 'queued',
    message: event.message,
    session,
    listener,
    network,
    hello: textOf(detail['hello']),
    tls,
    from: event.from ?? text('from') ?? '',
    headerFrom: textOf(detail['headerFrom']),
    to: event.to ?? (recipient === undefined ? [] : [recipient]),
    size,
    code,
    reply,
    attribution: text('attribution'),
    tenant: text('tenant'),
    connector: text('connector'),
    directSend: facts['directSend'] === true || facts['directSend'] === 'yes',
    placement,
    reasons: listOf(facts['reasons']) ?? (type === 'refusal' && event.text !== undefined ? [event.text] : []),
    spoof: text('spoof'),
    imitates: text('imitates'),
    spf: text('spf'),
    dkim: Array.isArray(facts['dkim']) ? (facts['dkim'] as EdgeMessage['dkim']) : [],
    dmarc: text('dmarc'),
    dmarcPolicy: text('dmarcPolicy'),
    arc: text('arc'),
    iprev: text('iprev'),
    open: listOf(facts['open']) ?? text('open')?.split(' ') ?? [],
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function listOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
}

const MOST_GROUPS = 2000;
const MOST_EXAMPLES = 5;

/** Attempts to appear as somebody from inside, by who tried and whom they imitated. */
export class SpoofGroups {
  readonly #groups = new Map<string, SpoofGroup>();
  /** Some were left out, because there are too many. */
  overflow = false;

  add(message: EdgeMessage): void {
    const { at, spoof, from, headerFrom, placement, outcome } = message;
    const network = shownNetwork(message.network ?? '');
    const imitates = message.imitates ?? domainOf(headerFrom ?? from);
    const group = this.#group(`${network}\n${imitates}`, () => ({
      network,
      imitates,
      kinds: [],
      attempts: 0,
      refused: 0,
      quarantined: 0,
      junk: 0,
      delivered: 0,
      first: at,
      last: 0,
      hello: '',
      from: [],
      to: [],
    }));
    if (!group) return;
    group.attempts++;
    if (outcome === 'refused') group.refused++;
    else if (placement === 'quarantine') group.quarantined++;
    else if (placement === 'junk') group.junk++;
    else group.delivered++;
    group.first = Math.min(group.first, at);
    if (at > group.last) {
      group.last = at;
      group.hello = message.hello ?? '';
    }
    note(group.kinds, spoof ?? 'direct-send');
    note(group.from, headerFrom ?? from);
    for (const address of message.to) note(group.to, address);
  }

  /** The most attempts first. */
  all(): SpoofGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.attempts - a.attempts || b.last - a.last);
  }

  #group(key: string, make: () => SpoofGroup): SpoofGroup | undefined {
    let group = this.#groups.get(key);
    if (!group && this.#groups.size >= MOST_GROUPS) {
      this.overflow = true;
      return undefined;
    }
    if (!group) this.#groups.set(key, (group = make()));
    return group;
  }
}

function note(examples: string[], example: string): void {
  if (examples.length < MOST_EXAMPLES && !examples.includes(example)) examples.push(example);
}

/** As `networkOf` counts them, in the form in which people write them. */
function shownNetwork(address: string): string {
  const parsed = parseAddress(address);
  if (parsed?.family !== 6) return networkOf(address);
  const octets = Uint8Array.from(parsed.octets, (octet, index) => (index < 8 ? octet : 0));
  return `${addressText({ family: 6, octets })}/64`;
}
