import { domainOf, type Envelope } from '../message/envelope.ts';
import { MessageScanner } from '../message/scan.ts';
import { judge, type JudgementLimits } from '../policy/judgement.ts';
import { checkRecipient, checkRecipientCount } from '../policy/recipients.ts';
import { checkEnvelopeSender } from '../policy/sender.ts';
import { stateRefusal } from '../sources/lifecycle.ts';
import type { Source } from '../sources/source.ts';
import { inNetworks } from '../submission/network.ts';
import type { World } from './world.ts';

/** What is known of a message that was, or could be, sent. */
export interface Probe {
  /** Absent: only its network tells. */
  source: Source | undefined;
  /** Identifier of the credential that it was let in by. */
  credential?: string;
  /** The client's address. */
  network?: string;
  /** Absent: not known, and not judged. */
  from?: string;
  /** Address of the From header; absent: not known, and not judged. */
  headerFrom?: string;
  to: string[];
  /** Octets; 0: not known. */
  size: number;
  /** The whole message, CRLF throughout. */
  message?: Buffer;
  /** Wall time, milliseconds. */
  at: number;
}

export type Fate =
  | { kind: 'accept' }
  | { kind: 'hold'; reason: 'alignment' | 'limit' }
  | { kind: 'refuse'; code: string; particulars: string };

export interface FateLimits extends JudgementLimits {
  /** Octets of the relay's largest message. */
  messageBytes: number;
}

/** What a message meets, in the order in which the relay asks; an accepted one counts against the limits. */
export function fateOf(world: World, probe: Probe, limits: FateLimits): Fate {
  const source = probe.source ?? (probe.network && world.sourceOfNetwork(probe.network)) ?? undefined;
  if (!source) {
    return refused('A302', probe.network ? `${probe.network} is the network of no source` : 'no such source');
  }
  const closed = stateRefusal(source.state);
  if (closed) return refused(closed, `source ${source.name} is ${source.state}`);
  const unknown = credentialRefusal(world, source, probe);
  if (unknown) return unknown;

  const { maxSize } = source.policy;
  const most = maxSize === 0 ? limits.messageBytes : Math.min(maxSize, limits.messageBytes);
  const size = Math.max(probe.size, probe.message?.length ?? 0);
  if (size > most) return refused('M601', `${size} octets, allowed are ${most}`);
  const policy = world.policies.of(source);
  const sender = probe.from === undefined ? undefined : checkEnvelopeSender(policy, probe.from);
  if (sender) return refused(sender.code, sender.particulars);
  for (const [count, address] of probe.to.entries()) {
    const refusal = checkRecipientCount(policy, count) ?? checkRecipient(policy, address, world);
    if (refusal) return refused(refusal.code, refusal.particulars);
  }

  const judged = judgeContent(world, source, probe, limits);
  if (judged && 'kind' in judged) return judged;
  world.moveTo(probe.at);
  const { decision } = world.limiter.take(source.id, source.policy, size);
  if (typeof decision === 'object') return refused(decision.code, decision.particulars);
  const domain = judged?.domain;
  if (domain !== undefined) {
    const alignment = world.alignment.decide(domain, source.policy.unaligned);
    if (alignment.kind === 'reject') return refused('X904', alignment.reason);
    if (alignment.kind === 'hold' && decision === 'ok') return { kind: 'hold', reason: 'alignment' };
  }
  return decision === 'hold' ? { kind: 'hold', reason: 'limit' } : { kind: 'accept' };
}

/** Whether the client would be let in: by the credential that it used, or else by any that the source has. */
function credentialRefusal(world: World, source: Source, { credential, network }: Probe): Fate | undefined {
  const usable = world.credentials(source);
  const counts = (networks: string[]) =>
    network === undefined || networks.length === 0 || inNetworks(network, networks);
  if (credential !== undefined) {
    const found = usable.find(({ id }) => id === credential);
    if (!found) return refused('A301', 'the credential that it used is revoked');
    return counts(found.networks)
      ? undefined
      : refused('A301', `the credential does not count from ${network}`);
  }
  if (network === undefined || usable.some(({ networks }) => counts(networks))) return undefined;
  const code = usable.some(({ secret, apiKeyHash }) => secret ?? apiKeyHash) ? 'A301' : 'A302';
  return refused(code, `no credential of source ${source.name} counts from ${network}`);
}

/** The domain of the author, or why the message is refused; undefined when nothing is known of its header. */
function judgeContent(
  world: World,
  source: Source,
  probe: Probe,
  limits: FateLimits,
): { domain: string } | Fate | undefined {
  const { from } = probe;
  if (from === undefined) return undefined;
  const message = probe.message ?? (probe.headerFrom === undefined ? undefined : lettered(probe.headerFrom));
  if (message === undefined) return undefined;
  const scanner = new MessageScanner(limits);
  scanner.feed(message, () => {});
  scanner.finish();
  if (scanner.failure) return refused(scanner.failure, 'the header section is too large');
  const { head, traits, bodyTraits } = scanner;
  const judgement = judge(
    {
      source,
      envelope: envelopeOf({ ...probe, from }),
      head,
      traits,
      bodyTraits,
      id: '00000000000',
      hostname: 'relay.invalid',
      at: probe.at,
    },
    world.policies,
    limits,
  );
  if (judgement.kind === 'refused') {
    return refused(judgement.reply.refusal ?? 'X902', judgement.reply.explanation ?? '');
  }
  return { domain: judgement.headerFromDomain };
}

function envelopeOf({ from, to, message, headerFrom }: Probe & { from: string }): Envelope {
  const utf8 = [from, headerFrom ?? '', ...to].some((text) => /[^\u0000-\u007f]/.test(text));
  return {
    from,
    recipients: to.map((address) => ({
      address: address.slice(0, address.lastIndexOf('@') + 1) + domainOf(address),
    })),
    smtpUtf8: utf8,
    body: message === undefined && !utf8 ? '7bit' : '8bitmime',
    requireTls: false,
  };
}

/** The smallest message of an author: nothing in it is wrong. */
function lettered(headerFrom: string): Buffer {
  return Buffer.from(
    `From: ${headerFrom}\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <probe@relay.invalid>\r\n\r\n`,
  );
}

function refused(code: string, particulars: string): Fate {
  return { kind: 'refuse', code, particulars };
}

/** `accept`, `hold`, `refuse S402` */
export function fateText(fate: Fate): string {
  return fate.kind === 'refuse' ? `refuse ${fate.code}` : fate.kind;
}
