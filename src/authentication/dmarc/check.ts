/** DMARC (RFC 9989) as a receiver sees it: may this message say that it is from this domain? */
import { ResolveError } from '../../platform/resolver.ts';
import type { Resolver } from '../../platform/resolver.ts';
import { DmarcDiscovery, isDomainName } from './discovery.ts';
import type { Discovery, FoundRecord } from './discovery.ts';
import type { DmarcPolicy, DmarcRecord } from './record.ts';

/** What RFC 8601 §2.7.1 and §2.7.2 call the results of SPF and DKIM. */
export type MechanismResult =
  | 'none'
  | 'neutral'
  | 'pass'
  | 'fail'
  | 'softfail'
  | 'policy'
  | 'temperror'
  | 'permerror';

export interface DmarcInput {
  /** Of the From field: A-labels, lower case. */
  domain: string;
  /**
   * The MAIL FROM identity alone (§4.4.2); with a null sender that is the HELO name (RFC 7208 §2.4).
   * Absent: not checked.
   */
  spf?: { result: MechanismResult; domain?: string | undefined };
  dkim: readonly {
    result: MechanismResult;
    domain?: string | undefined;
    selector?: string | undefined;
    /** Octets of the body behind what `l=` covers. With any, what is shown may be anybody's: it proves nothing. */
    unsignedOctets?: number | undefined;
  }[];
}

export interface AlignedIdentifier {
  mechanism: 'spf' | 'dkim';
  domain: string;
  selector?: string;
  /** Identical to the author's domain, or of the same organisation. */
  mode: 'strict' | 'relaxed';
}

export interface DmarcResult {
  result: 'none' | 'pass' | 'fail' | 'temperror' | 'permerror';
  /** The author's. */
  domain: string;
  record?: DmarcRecord;
  /** Where the record was found, without `_dmarc.` */
  recordDomain?: string;
  organisationalDomain?: string;
  /**
   * What the owner asks for mail that does not pass, `t=y` applied. Absent when there is no record, or when it
   * could not be found out. There with `temperror` too where it is known: what is to be rejected if it fails
   * should wait and not be let in.
   */
  policy?: DmarcPolicy;
  /** Which tag the policy is from, what it says, and whether `t=y` made it weaker. */
  because?: { tag: 'p' | 'sp' | 'np'; published: DmarcPolicy; testing: boolean };
  aligned: AlignedIdentifier[];
  /** For people. */
  text: string;
}

/** Every method rejects with ResolveError; `temporary` when the message's budget is used up, too. */
export type DmarcLookups = Pick<Resolver, 'txt' | 'addresses' | 'mx'>;

/** Organisational domains that are looked for on behalf of one message: its signatures are the sender's to choose. */
const MOST_WALKS = 10;

const WEAKER: Record<DmarcPolicy, DmarcPolicy> = { reject: 'quarantine', quarantine: 'none', none: 'none' };

/**
 * Judges one message with exactly one author domain. Never rejects; a failure to look up is `temperror`
 * wherever its answer could have mattered.
 */
export async function checkDmarc(input: DmarcInput, lookups: DmarcLookups): Promise<DmarcResult> {
  const domain = input.domain.toLowerCase().replace(/\.$/, '');
  const nothing = { domain, aligned: [] };
  if (!isDomainName(domain)) {
    return {
      ...nothing,
      result: 'none',
      text: 'The author has no domain that could publish a DMARC policy.',
    };
  }
  const discovery = new DmarcDiscovery(lookups);
  let found: Discovery;
  try {
    found = await discoverFor(input, domain, discovery);
  } catch (error) {
    const text = `Nobody could tell whether ${domain} has a DMARC record: ${reasonOf(error)}`;
    return { ...nothing, result: 'temperror', text };
  }
  const { applies, organisation } = found;
  const place = organisation === undefined ? {} : { organisationalDomain: organisation };
  if (!applies) return { ...nothing, ...place, result: 'none', text: `${domain} has no DMARC record.` };

  const about = { domain, ...place, record: applies.record, recordDomain: applies.domain };
  if (!applies.record.usable) {
    const text = `The DMARC record of ${applies.domain} has no policy that can be applied: ${applies.record.faults[0] ?? ''}`;
    return { ...about, result: 'permerror', aligned: [], text };
  }
  const [alignment, wanted] = await Promise.all([
    align(input, domain, applies.record, found, discovery),
    policyFor(domain, applies, lookups),
  ]);
  const known = { ...about, ...('policy' in wanted ? wanted : {}), aligned: alignment.aligned };
  const first = alignment.aligned[0];
  if (first) {
    const by = first.mechanism === 'spf' ? 'SPF' : `a signature of ${first.domain}`;
    const from = first.mechanism === 'spf' && first.domain !== domain ? ` of ${first.domain}` : '';
    return { ...known, result: 'pass', text: `${domain} is proven by ${by}${from}.` };
  }
  const open = alignment.open ?? ('open' in wanted ? wanted.open : undefined);
  if (open !== undefined) {
    return {
      ...known,
      result: 'temperror',
      text: `Nobody could tell whether this mail is from ${domain}: ${open}`,
    };
  }
  return { ...known, result: 'fail', text: failureText(input, domain, known) };
}

/** §4.10.2: where some identifier is the author's domain itself and that has a record, nothing else is asked for. */
async function discoverFor(input: DmarcInput, domain: string, discovery: DmarcDiscovery): Promise<Discovery> {
  if (identifiersOf(input).some((one) => one.result === 'pass' && one.domain === domain)) {
    const record = await discovery.recordAt(domain);
    if (record) return { applies: { domain, record }, organisation: domain };
  }
  return discovery.discover(domain);
}

interface Identifier {
  mechanism: 'spf' | 'dkim';
  result: MechanismResult;
  domain: string;
  selector?: string;
}

/** Those that prove something, or might have if DNS had answered. */
function identifiersOf({ spf, dkim }: DmarcInput): Identifier[] {
  const identifiers: Identifier[] = [];
  const add = (one: Identifier): void => {
    const domain = one.domain.toLowerCase().replace(/\.$/, '');
    if ((one.result === 'pass' || one.result === 'temperror') && isDomainName(domain)) {
      identifiers.push({ ...one, domain });
    }
  };
  for (const { result, domain, selector, unsignedOctets = 0 } of dkim) {
    if (domain === undefined || unsignedOctets > 0) continue;
    add({ mechanism: 'dkim', result, domain, ...(selector === undefined ? {} : { selector }) });
  }
  if (spf?.domain !== undefined) add({ mechanism: 'spf', result: spf.result, domain: spf.domain });
  return identifiers;
}

interface Alignment {
  aligned: AlignedIdentifier[];
  /** Why it is not known whether some other identifier would have aligned. */
  open?: string;
}

async function align(
  input: DmarcInput,
  domain: string,
  record: DmarcRecord,
  found: Discovery,
  discovery: DmarcDiscovery,
): Promise<Alignment> {
  const alignment: Alignment = { aligned: [] };
  for (const one of identifiersOf(input)) {
    const strict = (one.mechanism === 'spf' ? record.spfAlignment : record.dkimAlignment) === 'strict';
    const answer =
      one.domain === domain || (!strict && (await sameOrganisation(one.domain, domain, found, discovery)));
    if (answer === false) continue;
    if (answer !== true) {
      alignment.open ??= answer;
    } else if (one.result === 'temperror') {
      const what = one.mechanism === 'spf' ? 'SPF' : 'the signature';
      alignment.open ??= `${what} of ${one.domain} could not be checked.`;
    } else {
      const { mechanism, selector } = one;
      const mode = one.domain === domain ? 'strict' : 'relaxed';
      alignment.aligned.push({
        mechanism,
        domain: one.domain,
        ...(selector === undefined ? {} : { selector }),
        mode,
      });
    }
  }
  return alignment;
}

/** Relaxed alignment (§4.4, §4.10.2); a sentence when it can not be known. */
async function sameOrganisation(
  one: string,
  author: string,
  { organisation, failure }: Discovery,
  discovery: DmarcDiscovery,
): Promise<boolean | string> {
  if (organisation === undefined) {
    // an organisation is never wider than the last label
    if (lastLabel(one) !== lastLabel(author)) return false;
    return `the organisation of ${author} is not known: ${reasonOf(failure)}`;
  }
  // who belongs to it is named by it or below it
  if (one !== organisation && !one.endsWith(`.${organisation}`)) return false;
  if (discovery.walks >= MOST_WALKS) return 'the message has signatures of too many domains.';
  try {
    const other = await discovery.discover(one);
    if (other.organisation !== undefined) return other.organisation === organisation;
    return `the organisation of ${one} is not known: ${reasonOf(other.failure)}`;
  } catch (error) {
    return `the organisation of ${one} is not known: ${reasonOf(error)}`;
  }
}

const lastLabel = (domain: string): string => domain.slice(domain.lastIndexOf('.') + 1);

type Wanted = Pick<DmarcResult, 'policy' | 'because'> | { open: string };

/** §4.10.1: `p` of the domain's own record; of an inherited one `np` or `sp`, and `p` where they are not there. */
async function policyFor(domain: string, applies: FoundRecord, lookups: DmarcLookups): Promise<Wanted> {
  const { policy, subdomains, nonexistent, testing } = applies.record;
  const want = (tag: 'p' | 'sp' | 'np', published: DmarcPolicy): Wanted => ({
    policy: testing ? WEAKER[published] : published,
    because: { tag, published, testing },
  });
  if (applies.domain === domain) return want('p', policy);
  const existing = (): Wanted => (subdomains === undefined ? want('p', policy) : want('sp', subdomains));
  if (nonexistent === undefined) return existing();
  const exists = await domainExists(domain, lookups);
  if (exists === true) return existing();
  if (exists === false) return want('np', nonexistent);
  // which of the two applies matters only if they differ
  return nonexistent === (subdomains ?? policy) ? existing() : { open: exists };
}

/**
 * §3.2.13: only NXDOMAIN says that a name does not exist; an existing name may lack what is asked for.
 * Answers a sentence when nobody could tell.
 */
async function domainExists(domain: string, lookups: DmarcLookups): Promise<boolean | string> {
  let doubt: string | undefined;
  for (const ask of [() => lookups.addresses(domain), () => lookups.mx(domain)]) {
    try {
      await ask();
      return true;
    } catch (error) {
      if (!(error instanceof ResolveError)) throw error;
      if (error.failure === 'nodata') return true;
      if (error.failure === 'temporary')
        doubt ??= `it is not known whether the domain exists: ${error.message}`;
    }
  }
  return doubt ?? false;
}

function failureText(
  input: DmarcInput,
  domain: string,
  known: Pick<DmarcResult, 'policy' | 'because'>,
): string {
  const others = identifiersOf(input).filter(({ result }) => result === 'pass');
  const why =
    others.length === 0
      ? 'neither SPF nor a signature proves anything'
      : `what is proven is ${[...new Set(others.map((one) => one.domain))].slice(0, 3).join(', ')}, which does not align`;
  const { policy, because } = known;
  const from = because ? ` (${because.tag}=${because.published}${because.testing ? ', t=y' : ''})` : '';
  return `This mail is not proven to be from ${domain}: ${why}. Its owner asks for ${policy ?? 'nothing'}${from}.`;
}

const reasonOf = (error: unknown): string => {
  if (error instanceof ResolveError) return error.message;
  throw error;
};
