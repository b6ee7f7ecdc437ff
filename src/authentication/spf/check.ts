/** Whether a domain lets an address send in its name: check_host() of RFC 7208, with results in the words of RFC 8601 §2.7.2. */
import { domainToASCII } from 'node:url';

import { type IpAddress, parseAddress } from '../../platform/ip-address.ts';
import { queryName, type Lookups } from '../lookups.ts';
import { Evaluation, SpfStop, type Verdict } from './evaluation.ts';

export type SpfVerdict = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';

export interface SpfQuery {
  /** Of the client. */
  address: string;
  /** The reverse-path as MAIL gave it, without angle brackets; empty: the null reverse-path. */
  sender: string;
  /** The argument of HELO or EHLO. */
  helo: string;
  /** What this host is called, for explanations. */
  receiver: string;
}

export interface SpfResult {
  result: SpfVerdict;
  /** Whose record was judged, in A-labels; empty when there is no such domain. */
  domain: string;
  /** `helo` when the reverse-path is null (RFC 7208 §2.4). */
  scope: 'mfrom' | 'helo';
  /** The term that decided, as it is published; absent when none matched. Includes are named, not what matched in them. */
  mechanism?: string;
  /** What the domain's owner says about a `fail`; printable ASCII, bounded, and not to be trusted. */
  explanation?: string;
  /** One sentence for a person: why there is no verdict. */
  problem?: string;
  /** Terms that needed DNS; ten are allowed (RFC 7208 §4.6.4). */
  lookups: number;
}

/** RFC 5321 §4.5.3.1 allows 256 octets in a path and 255 in a domain; what is longer can not be judged. */
const LONGEST_SENDER = 1000;

/**
 * Checks the domain of the reverse-path, or of HELO when that is null. For a check of HELO beside that of the
 * reverse-path (RFC 7208 §2.3) give an empty `sender`.
 * Never rejects; what DNS can not tell is `temperror`.
 */
export async function checkSpf(query: SpfQuery, lookups: Lookups): Promise<SpfResult> {
  const scope = query.sender === '' ? 'helo' : 'mfrom';
  const identity = identityOf(query);
  const base = { domain: identity?.domain ?? '', scope } as const;
  const address = parseAddress(query.address);
  if (!address) {
    return { ...base, result: 'temperror', problem: 'The address of the client is not known.', lookups: 0 };
  }
  if (!identity) {
    const what = scope === 'helo' ? 'The name given in HELO' : 'The domain of the sender';
    return { ...base, result: 'none', problem: `${what} is not a domain name.`, lookups: 0 };
  }
  const evaluation = new Evaluation(inputs(query, identity, address), lookups);
  const { result, mechanism, problem, explanation } = await judge(evaluation, identity.domain);
  return {
    ...base,
    result,
    ...(mechanism === undefined ? {} : { mechanism }),
    ...(explanation === undefined ? {} : { explanation }),
    ...(problem === undefined ? {} : { problem: printable(problem) }),
    lookups: evaluation.terms,
  };
}

async function judge(
  evaluation: Evaluation,
  domain: string,
): Promise<Omit<Verdict, 'result'> & { result: SpfVerdict; problem?: string; explanation?: string }> {
  try {
    const verdict = await evaluation.checkHost(domain);
    if (!verdict) return { result: 'none', problem: `${domain} has no SPF record.` };
    return verdict.result === 'fail'
      ? { ...verdict, explanation: await evaluation.explain(verdict) }
      : verdict;
  } catch (error) {
    if (!(error instanceof SpfStop)) throw error;
    return { result: error.result, problem: error.message };
  }
}

interface Identity {
  local: string;
  domain: string;
}

function identityOf({ sender, helo }: SpfQuery): Identity | undefined {
  if (sender.length > LONGEST_SENDER) return undefined;
  const at = sender.lastIndexOf('@');
  const domain = domainName(sender === '' ? helo : sender.slice(at + 1));
  // RFC 7208 §4.3: "postmaster" stands for a local part that is not there
  return domain === undefined ? undefined : { local: at > 0 ? sender.slice(0, at) : 'postmaster', domain };
}

/** RFC 7208 §4.3: labels of 1 to 63 octets, at least two of them; not an address. In A-labels (RFC 8616 §4). */
function domainName(text: string): string | undefined {
  if (text.length > 255) return undefined;
  const ascii = /[^\0-\x7f]/.test(text) ? domainToASCII(text) : text;
  const name = queryName(ascii);
  if (name === undefined || !/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/.test(name)) return undefined;
  return /\.\d+$/.test(name) ? undefined : name;
}

function inputs({ sender, helo, receiver }: SpfQuery, { local, domain }: Identity, address: IpAddress) {
  const original = sender.slice(sender.lastIndexOf('@') + 1);
  return {
    address,
    local,
    // as it was written, where that is ASCII: explanations quote it
    senderDomain: sender !== '' && /^[\x21-\x7e]+$/.test(original) ? original : domain,
    helo: helo.slice(0, 255),
    receiver: queryName(receiver) ?? 'unknown',
  };
}

/** Names and terms come from others; a person or a log reads the sentence. */
function printable(text: string): string {
  return text.slice(0, 500).replace(/[^\x20-\x7e]/g, '?');
}
