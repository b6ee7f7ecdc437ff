/**
 * Address patterns of policies (see AddressPair): compiled once, matched on each message.
 *
 * Both parts are compared without regard to case. RFC 5321 §2.4 lets a host distinguish case in its local
 * parts, but none does that readers can see: `CEO@` and `ceo@` reach the same person, so a policy
 * that told them apart would stop honest devices and no forger.
 */
import { toALabels } from '../message/address-list.ts';

/** An address in the form in which patterns are compared. */
export interface ComparableAddress {
  /** Lower case, without quotes. */
  local: string;
  /** A-labels, lower case. */
  domain: string;
}

export type Pattern = (address: ComparableAddress) => boolean;

/** Longer than any address (RFC 5321 §4.5.3.1). */
const MOST_PATTERN = 320;

export class PatternError extends Error {}

/**
 * An envelope address as compared; undefined without a local part and a domain. The quotes of a quoted local
 * part go, so that `"app"@corp.example` is `app@corp.example`.
 */
export function comparable(address: string): ComparableAddress | undefined {
  const at = address.lastIndexOf('@');
  if (at < 1) return undefined;
  let local = address.slice(0, at);
  if (local.length > 2 && local.startsWith('"') && local.endsWith('"')) {
    local = local.slice(1, -1).replace(/\\(.)/g, '$1');
  }
  const raw = address.slice(at + 1);
  const domain = raw.startsWith('[') ? raw.toLowerCase() : toALabels(raw);
  return domain === undefined || domain === '' ? undefined : { local: foldCase(local), domain };
}

/** Composed and in lower case; the same letter can be written in two ways (RFC 6532 §3.1 asks for NFC). */
export function foldCase(local: string): string {
  return local.normalize('NFC').toLowerCase();
}

/** @throws PatternError with a sentence for the person who wrote the pattern. */
export function compilePattern(pattern: string): Pattern {
  const fail = (why: string): never => {
    throw new PatternError(`${JSON.stringify(pattern.slice(0, 80))} is no address pattern: ${why}`);
  };
  if (pattern === '') fail('it is empty');
  if (pattern.length > MOST_PATTERN) fail(`it is longer than ${MOST_PATTERN} characters`);
  if (/[\s\p{C}]/u.test(pattern)) fail('it holds white space or control characters');
  const at = pattern.lastIndexOf('@');
  const domainPart = pattern.slice(at + 1);
  if (at === -1 && domainPart.startsWith('*.')) {
    const suffix = `.${compileDomain(domainPart.slice(2), fail)}`;
    return ({ domain }) => domain.endsWith(suffix) && domain.length > suffix.length;
  }
  const domain = compileDomain(domainPart, fail);
  if (at === -1) return (address) => address.domain === domain;
  const local = foldCase(pattern.slice(0, at));
  if (local === '') fail('nothing stands before the @; for all addresses of a domain write the domain alone');
  if (/[@"<>(),;:\\]/.test(local)) fail('the part before the @ holds a character that needs quotes');
  const pieces = local.split('*');
  if (pieces.length === 1) return (address) => address.domain === domain && address.local === local;
  return (address) => address.domain === domain && matchesPieces(address.local, pieces);
}

function compileDomain(domain: string, fail: (why: string) => never): string {
  if (domain.includes('*')) {
    fail('in a domain, * may only stand at its front, as *.corp.example, without a part before an @');
  }
  const labels = toALabels(domain);
  if (labels === undefined) return fail('what should be its domain is no domain name');
  if (!labels.includes('.')) return fail('its domain has no dot; write the full name');
  return labels;
}

/** The text between the stars, found from left to right: linear, whatever the pattern. */
function matchesPieces(text: string, pieces: string[]): boolean {
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) {
    return false;
  }
  let from = first.length;
  const end = text.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, from);
    if (found === -1 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
}

/** Why `pattern` is wrong, in a sentence for the API's answer; undefined when it is right. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}
