/**
 * Whether a name is made to be taken for one of ours. Nobody's authentication helps against a domain that really
 * is the sender's and only looks like ours, or against a display name.
 */
import { domainToASCII, domainToUnicode } from 'node:url';

import { getDomain } from 'tldts';

import { skeleton } from './confusables.ts';

export type Imitation =
  /** The display name shows one of our addresses or domains as it is. */
  | 'shown'
  /** Another spelling that looks the same: other scripts, digits, `rn` for `m`. */
  | 'confusable'
  /** Ours stands in a strange domain, as labels or joined by hyphens: `corp.example.evil.test`. */
  | 'embedded'
  /** The same name under another suffix: `corp.test` for `corp.example`. */
  | 'other-suffix'
  /** One letter added, left out, changed, or two exchanged. */
  | 'near';

export interface Lookalike {
  /** Ours. */
  domain: string;
  how: Imitation;
}

/** Shorter names are one letter away from too many honest ones. */
const SHORTEST_NEAR = 6;
/** Shorter names are words within others. */
const SHORTEST_EMBEDDED = 4;
const LONGEST_DOMAIN = 253;

interface Own {
  domain: string;
  /** Of the organisation: `corp` of `mail.corp.example`. */
  name: string;
  registered: string;
  skeleton: string;
}

/** Our domains, prepared once. */
export class Lookalikes {
  readonly #own: Own[];

  /** @param domains A-labels or U-labels, any case. */
  constructor(domains: Iterable<string>) {
    this.#own = [...domains].map((domain) => {
      const name = normal(domain);
      const registered = registeredDomain(name);
      return { domain: name, registered, name: registered.split('.')[0]!, skeleton: skeleton(unicode(name)) };
    });
  }

  /**
   * Which of our domains another one imitates; undefined for ours, for subdomains of ours, and for what does not
   * look like any.
   * @param domain A-labels or U-labels.
   */
  domain(domain: string): Lookalike | undefined {
    const name = normal(domain);
    if (
      name === '' ||
      name.length > LONGEST_DOMAIN ||
      this.#own.some((own) => isWithin(name, own.registered))
    ) {
      return undefined;
    }
    const shown = skeleton(unicode(name));
    // the clearest likeness first, whichever of our domains it is to
    for (const how of ['confusable', 'embedded', 'other-suffix', 'near'] as const) {
      const own = this.#own.find((one) => LIKENESS[how](name, shown, one));
      if (own) return { domain: own.domain, how };
    }
    return undefined;
  }

  /**
   * Which of our domains a display name pretends to: by an address or domain of ours in it, or by one that looks
   * like it. To be asked only where the address beside it is not ours.
   */
  displayName(displayName: string): Lookalike | undefined {
    const text = displayName.slice(0, LONGEST_NAME).normalize('NFKC').replace(INVISIBLE, '').toLowerCase();
    // "name at corp dot example" and "corp . example" are read as what they mean
    const joined = text
      .replace(/\s*(?:\.|\(dot\)|\[dot\])\s*/g, '.')
      .replace(/\s*(?:@|\(at\)|\[at\])\s*/g, '@');
    for (const candidate of [...words(text), ...words(joined)].slice(0, MOST_WORDS)) {
      const own = this.#own.find((one) => isWithin(candidate, one.domain));
      if (own) return { domain: own.domain, how: 'shown' };
      const alike = this.domain(candidate);
      // an honest company may have our name elsewhere; in the sender's name a likeness in writing counts alone
      if (alike && (alike.how === 'confusable' || alike.how === 'embedded')) return alike;
    }
    return undefined;
  }
}

const LONGEST_NAME = 1000;
const MOST_WORDS = 100;
// zero width, direction, soft hyphen, variation selectors, and what else is not seen
const INVISIBLE = /[\p{Cf}\p{Mn}\p{Cc}\u115f\u1160\u3164\uffa0]/gu;

/** What could be domains in a text, also behind an at sign. */
function words(text: string): string[] {
  return text
    .split(/[\s<>()[\]{}"',;:|/\\@]+/)
    .map((word) => word.replace(/^[.\-_]+|[.\-_]+$/g, ''))
    .filter((word) => word.includes('.') && word.length <= LONGEST_DOMAIN);
}

const LIKENESS: Record<Exclude<Imitation, 'shown'>, (name: string, shown: string, own: Own) => boolean> = {
  confusable: (_, shown, own) => shown === own.skeleton || shown.endsWith(`.${own.skeleton}`),
  embedded: (name, shown, own) => {
    if (own.name.length < SHORTEST_EMBEDDED) return false;
    // `corp-example.test`, `corp.example-login.test`, `login.corp.example.evil.test`
    const flat = `-${shown.replaceAll('.', '-')}-`;
    if (flat.includes(`-${own.skeleton.replaceAll('.', '-')}-`)) return true;
    // `corp-invoices.test`
    if (own.name.length < SHORTEST_NEAR) return false;
    return (
      registeredDomain(name).split('.')[0]!.split('-').slice(0, MOST_WORDS).includes(own.name) &&
      name.includes('-')
    );
  },
  'other-suffix': (name, shown, own) => {
    const registered = registeredDomain(name);
    if (own.name.length < SHORTEST_EMBEDDED) return false;
    return (
      registered.split('.')[0] === own.name || registeredDomain(shown).split('.')[0] === skeleton(own.name)
    );
  },
  near: (name, _, own) => {
    const other = registeredDomain(name);
    if (own.name.length < SHORTEST_NEAR) return false;
    return suffixOf(other) === suffixOf(own.registered) && isOneEditAway(other.split('.')[0]!, own.name);
  },
};

const suffixOf = (registered: string): string => registered.slice(registered.indexOf('.') + 1);

const isWithin = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);

/** The domain that somebody registered; the last two labels where no suffix is known. */
function registeredDomain(name: string): string {
  return getDomain(name, { allowPrivateDomains: true }) ?? name.split('.').slice(-2).join('.');
}

/** A-labels, lower case; what is no name stays as it is. */
function normal(domain: string): string {
  const text = domain.slice(0, 1000).normalize('NFKC').toLowerCase().replace(/\.+$/, '');
  return domainToASCII(text) || text;
}

/** As a reader sees it; labels that are no punycode stay as they are. */
const unicode = (name: string): string => (name.includes('xn--') ? domainToUnicode(name) || name : name);

/** Damerau-Levenshtein distance of exactly 1, in one pass. */
function isOneEditAway(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  const [restA, restB] = [a.slice(at), b.slice(at)];
  if (a.length > b.length) return restA.slice(1) === restB;
  if (a.length < b.length) return restB.slice(1) === restA;
  if (restA.slice(1) === restB.slice(1)) return true;
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
}
