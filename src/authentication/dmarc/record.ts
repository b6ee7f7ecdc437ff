/** The DMARC policy record (RFC 9989 §4.7): what a domain asks of those who receive mail in its name. */

export type DmarcPolicy = 'none' | 'quarantine' | 'reject';

export interface DmarcRecord {
  /** As published, cut off where it is long. */
  text: string;
  /** `p=` as it applies: `none` where it is missing or wrong and reports are asked for (§4.10.1). */
  policy: DmarcPolicy;
  /** `sp=` and `np=`; absent: the next in the order np, sp, p applies. */
  subdomains?: DmarcPolicy;
  nonexistent?: DmarcPolicy;
  /** `p=` is there, and no policy in the record is wrong. */
  valid: boolean;
  /** It is valid, or at least asks for reports; otherwise there is nothing to apply (§4.10.1). */
  usable: boolean;
  psd: 'y' | 'n' | 'u';
  /** `t=y`: apply the policy one level weaker. */
  testing: boolean;
  dkimAlignment: 'relaxed' | 'strict';
  spfAlignment: 'relaxed' | 'strict';
  /** The URIs of `rua=` and `ruf=` that are URIs, without the sizes of RFC 7489. */
  aggregateReports: string[];
  failureReports: string[];
  /** `fo=` as written, lower case. */
  failureOptions: string;
  /** One sentence for each mistake in it, for the domain's owner. None of them is an error for a receiver. */
  faults: string[];
}

/** §4.7: the version comes first, in this case; the name of its tag in any (ABNF). */
export function isDmarcRecord(text: string): boolean {
  return /^[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text);
}

/** Beyond these no tag is read. */
const LONGEST = 8192;
const MOST_TAGS = 64;
const LONGEST_SHOWN = 60;

const CURRENT = new Set(['p', 'sp', 'np', 'adkim', 'aspf', 'fo', 'rua', 'ruf', 't', 'psd']);
/** Removed by RFC 9989 (appendix C): `pct` is followed by `t`, the others by nothing. */
const HISTORIC = new Set(['pct', 'rf', 'ri']);

/** Reads a record for which `isDmarcRecord` holds. Wrong parts are left out or take their default (§4.8). */
export function parseDmarcRecord(text: string): DmarcRecord {
  const faults: string[] = [];
  const tags = readTags(text, faults);
  const choice = <T extends string>(name: string, values: readonly T[]): T | undefined => {
    const value = tags.get(name)?.toLowerCase();
    if (value === undefined) return undefined;
    const known = values.find((one) => one === value);
    if (known === undefined) faults.push(`"${name}=${shown(value)}" is none of ${values.join(', ')}.`);
    return known;
  };

  const policies = ['none', 'quarantine', 'reject'] as const;
  const p = choice('p', policies);
  const sp = choice('sp', policies);
  const np = choice('np', policies);
  if (!tags.has('p')) faults.push('The record has no policy (p=).');
  const aggregateReports = readUris('rua', tags, faults);
  // §4.10.1: with one of the policies wrong all count as none, if the owner can at least be told so
  const valid =
    p !== undefined && tags.has('sp') === (sp !== undefined) && tags.has('np') === (np !== undefined);
  return {
    text: text.slice(0, LONGEST_SHOWN * 10),
    policy: valid ? p : 'none',
    ...(valid && sp !== undefined ? { subdomains: sp } : {}),
    ...(valid && np !== undefined ? { nonexistent: np } : {}),
    valid,
    usable: valid || aggregateReports.length > 0,
    psd: choice('psd', ['y', 'n', 'u']) ?? 'u',
    testing: choice('t', ['y', 'n']) === 'y',
    dkimAlignment: choice('adkim', ['r', 's']) === 's' ? 'strict' : 'relaxed',
    spfAlignment: choice('aspf', ['r', 's']) === 's' ? 'strict' : 'relaxed',
    aggregateReports,
    failureReports: readUris('ruf', tags, faults),
    failureOptions: (tags.get('fo') ?? '0').toLowerCase(),
    faults,
  };
}

function readTags(text: string, faults: string[]): Map<string, string> {
  const tags = new Map<string, string>();
  const parts = text.slice(0, LONGEST).split(';');
  if (text.length > LONGEST || parts.length > MOST_TAGS)
    faults.push('The record is too long to be read whole.');
  for (const [place, part] of parts.slice(1, MOST_TAGS).entries()) {
    const tag = part.trim();
    // only the last semicolon may be followed by nothing
    if (tag === '') {
      if (place < parts.length - 2) faults.push('There is an empty part between two semicolons.');
      continue;
    }
    const equals = tag.indexOf('=');
    const written = tag.slice(0, Math.max(0, equals)).trim();
    const name = written.toLowerCase();
    if (!/^[a-z]+$/.test(name)) faults.push(`"${shown(tag)}" is not a tag.`);
    else if (HISTORIC.has(name)) faults.push(`"${name}" means nothing any more (RFC 9989).`);
    else if (!CURRENT.has(name)) faults.push(`"${shown(name)}" is not a tag of DMARC.`);
    else if (tags.has(name)) faults.push(`"${name}" is there twice; the first one counts.`);
    else {
      // RFC 6376 §3.2 has names in lower case; what "P=reject" wants is beyond doubt
      if (written !== name) faults.push(`"${written}" should be in lower case.`);
      tags.set(name, tag.slice(equals + 1).trim());
    }
  }
  return tags;
}

const MOST_URIS = 20;
// RFC 3986: a scheme and the rest; commas and exclamation marks are percent-encoded (§4.8)
const URI = /^[a-z][a-z0-9+.-]{0,30}:[a-z0-9._~:/?#[\]@$&'()*+;=%-]{1,1000}$/i;

function readUris(name: string, tags: Map<string, string>, faults: string[]): string[] {
  const value = tags.get(name);
  if (value === undefined) return [];
  const uris: string[] = [];
  for (const part of value.split(',').slice(0, MOST_URIS)) {
    const uri = part.trim().replace(/![0-9]{1,20}[kmgt]?$/i, '');
    if (URI.test(uri)) uris.push(uri);
    else faults.push(`"${shown(part.trim())}" in ${name}= is not a URI such as mailto:dmarc@example.com.`);
  }
  return uris;
}

const shown = (text: string): string => text.slice(0, LONGEST_SHOWN).replace(/[^\x20-\x7e]/g, '?');
