import type { SigningDomain } from '../authentication/dkim/domain.ts';
import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type { UnalignedAction } from '../sources/source.ts';
import { quoted, type Refusal } from './refusal.ts';

/** With which domain a message is signed, if with any, and what follows when none aligns with its From. */
export type Alignment =
  | { kind: 'aligned'; domain: string }
  /** Signed or not, DMARC will not pass by DKIM: a warning is written. */
  | { kind: 'unaligned'; domain: string | undefined; text: string }
  | { kind: 'hold'; text: string }
  | { kind: 'reject'; refusal: Refusal };

/**
 * The domain of ours that DKIM alignment asks for (RFC 9989): that of the From header, or the nearest parent
 * of it (relaxed alignment), with an active key whose record has been seen published.
 */
export function alignmentOf(
  action: UnalignedAction,
  headerFromDomain: string,
  domains: Pick<DomainRegistry, 'byName'>,
): Alignment {
  let known: SigningDomain | undefined;
  for (let name = headerFromDomain; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const domain = domains.byName(name);
    if (domain && isUsable(domain)) return { kind: 'aligned', domain: domain.name };
    known ??= domain;
  }
  const text = known
    ? `no published DKIM key of ${quoted(known.name)} for From domain ${quoted(headerFromDomain)}`
    : `From domain ${quoted(headerFromDomain)} has no DKIM key`;
  switch (action.action) {
    case 'hold':
      return { kind: 'hold', text };
    case 'reject':
      return { kind: 'reject', refusal: { code: 'X904', particulars: text } };
    case 'sign-with':
      return { kind: 'unaligned', domain: action.domain, text };
    case 'send':
      return { kind: 'unaligned', domain: undefined, text };
  }
}

function isUsable({ keys }: SigningDomain): boolean {
  return keys.some(({ stage, publishedAt }) => stage === 'active' && publishedAt !== undefined);
}
