/** Lists of addresses and domains that are published in DNS (RFC 5782). */
import { type IpAddress, parseAddress, reversedLabels, sameNetwork } from '../platform/ip-address.ts';
import { ResolveError } from '../platform/resolver.ts';
import { type Lookups, queryName } from './lookups.ts';

export interface Blocklist {
  /** Under which the list is published, such as `zen.example.org`. */
  zone: string;
  /**
   * Answers that count as a listing, each an address or a network such as `127.0.0.0/29`; absent: all of 127.0.0.0/8.
   * One list often says several things, of which only some are a reason to refuse.
   */
  codes?: readonly string[];
}

export interface BlocklistResult {
  zone: string;
  /** `error`: nobody can tell; never a reason to refuse. */
  status: 'listed' | 'not-listed' | 'error';
  /** The answers that count, such as `127.0.0.2`. */
  codes: string[];
  /** What the list says about it; printable ASCII, bounded. */
  reasons: string[];
  /** One sentence for a person, of an `error`. */
  problem?: string;
}

const MOST_REASONS = 3;
const MOST_CODES = 16;
const LONGEST_REASON = 300;

const LISTINGS = parseNetwork('127.0.0.0/8')!;
/** How lists answer who may not ask, asks through a public resolver, or too often. */
const REFUSALS = parseNetwork('127.255.255.0/24')!;
/** What several lists of domains answer instead; a listing is 127.0.0.2 by convention (RFC 5782 §2.1). */
const REFUSED = '127.0.0.1';

/**
 * Asks several lists about an address at once; an IPv6 address is asked for by its 32 digits (RFC 5782 §2.4).
 * Never rejects. The results are in the order of the lists.
 */
export function checkAddressLists(
  address: string,
  lists: readonly Blocklist[],
  lookups: Lookups,
): Promise<BlocklistResult[]> {
  const parsed = parseAddress(address);
  const subject = parsed && reversedLabels(parsed);
  return Promise.all(lists.map((list) => check(subject, list, lookups)));
}

async function check(
  subject: string | undefined,
  list: Blocklist,
  lookups: Lookups,
): Promise<BlocklistResult> {
  const { zone } = list;
  const name = subject === undefined ? undefined : queryName(`${subject}.${zone}`);
  if (name === undefined) return failed(zone, 'What is asked for can not be in a list.');
  let answers: string[];
  try {
    answers = await lookups.a(name);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    if (error.failure === 'temporary') return failed(zone, `${zone} gave no answer.`);
    answers = [];
  }
  const problem = refusal(zone, answers);
  if (problem !== undefined) return failed(zone, problem);
  const codes = answers.filter((answer) => counts(answer, list)).slice(0, MOST_CODES);
  if (codes.length === 0) return { zone, status: 'not-listed', codes: [], reasons: [] };
  return { zone, status: 'listed', codes, reasons: await reasonsOf(name, lookups) };
}

/** Why these answers are no listings: a sentence, or undefined. */
function refusal(zone: string, answers: string[]): string | undefined {
  for (const answer of answers) {
    const parsed = parseAddress(answer);
    if (!parsed || !within(parsed, LISTINGS)) {
      // a zone that was sold, or a resolver that answers for what does not exist
      return `${zone} gave an answer that no list gives, ${answer.slice(0, 45)}.`;
    }
    if (answer === REFUSED || within(parsed, REFUSALS)) {
      return `${zone} refuses to answer this host (${answer}): it may want a key, or another resolver than a public one.`;
    }
  }
  return undefined;
}

function counts(answer: string, { codes }: Blocklist): boolean {
  const parsed = parseAddress(answer);
  if (!parsed) return false;
  return codes === undefined || codes.some((code) => within(parsed, parseNetwork(code)));
}

/** RFC 5782 §2.1: a TXT record of the same name tells why; a listing stands without one. */
async function reasonsOf(name: string, lookups: Lookups): Promise<string[]> {
  try {
    const texts = await lookups.txt(name);
    return texts
      .slice(0, MOST_REASONS)
      .map((text) => text.slice(0, LONGEST_REASON).replace(/[^\x20-\x7e]/g, '?'));
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    return [];
  }
}

interface Network {
  address: IpAddress;
  bits: number;
}

/** An address is a network of its own; undefined for what is neither. */
function parseNetwork(text: string): Network | undefined {
  const [, host = '', length] = /^([\d.]+)(?:\/(\d|[12]\d|3[0-2]))?$/.exec(text) ?? [];
  const address = parseAddress(host);
  return address && { address, bits: Number(length ?? 32) };
}

function within(address: IpAddress, network: Network | undefined): boolean {
  return network !== undefined && sameNetwork(address, network.address, network.bits);
}

function failed(zone: string, problem: string): BlocklistResult {
  return { zone, status: 'error', codes: [], reasons: [], problem };
}
