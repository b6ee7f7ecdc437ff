import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type { CompiledPolicy } from './compiled.ts';
import { comparable } from './pattern.ts';
import { quoted, type Refusal } from './refusal.ts';

/**
 * One RCPT against the policy: R503 without a domain, R504 for a form that could make another host relay,
 * R501 for an address that the source may not write to.
 * @param address as in Recipient.address
 */
export function checkRecipient(
  { policy, recipients }: CompiledPolicy,
  address: string,
  domains: Pick<DomainRegistry, 'isInternal'>,
): Refusal | undefined {
  const routed = routeForm(address);
  if (routed) return { code: 'R504', particulars: `RCPT TO ${quoted(address)}: ${routed}` };
  const parts = comparable(address);
  if (!parts) return { code: 'R503', particulars: `RCPT TO ${quoted(address)}` };
  const { allow } = policy.recipients;
  if (allow === 'any') return undefined;
  if (allow === 'internal' && domains.isInternal(parts.domain)) return undefined;
  if (recipients.some((pattern) => pattern(parts))) return undefined;
  const facts = { recipient: address, domain: parts.domain };
  return { code: 'R501', particulars: `RCPT TO ${quoted(address)} is not ${allow}`, facts };
}

/** R502 when a recipient more would be too many. @param count recipients taken so far */
export function checkRecipientCount({ policy }: CompiledPolicy, count: number): Refusal | undefined {
  if (count < policy.maxRecipients) return undefined;
  const particulars = `at most ${policy.maxRecipients} recipients a message`;
  return { code: 'R502', particulars, facts: { most: policy.maxRecipients } };
}

/**
 * The forms by which mail was routed by hand before DNS, and by which open relays were found after
 * (RFC 5321 Appendix F.2 lets a server refuse them). They are refused wherever they lead, since it is the next
 * host that would take them apart. So are address literals: with them a client could pick a machine inside.
 */
function routeForm(address: string): string | undefined {
  if (address.startsWith('@')) return 'source route';
  const at = address.lastIndexOf('@');
  const local = at === -1 ? address : address.slice(0, at);
  const bare = local.startsWith('"') ? local.replace(/\\(.)/g, '$1') : local;
  if (bare.includes('@')) return '@ within the local part';
  if (bare.includes('%')) return 'percent route';
  if (bare.includes('!')) return 'bang path';
  if (/[\x00-\x1f\x7f]/.test(bare)) return 'control character';
  if (at !== -1 && address[at + 1] === '[') return 'address literal';
  return undefined;
}
