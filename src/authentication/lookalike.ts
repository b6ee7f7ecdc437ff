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

/** A domain, and what it is compared by. */
interface Shape {
  domain: string;
  registered: string;
  /** The first label of what is registered: `corp` of `mail.corp.example`. */
  name: string;
  suffix: string;
  /** As it looks. */
  skeleton: string;
  nameSkeleton: string;
  /** The skeleton with hyphens for dots, between two of them. */
  flat: string;
  /** The parts of a hyphenated name. */
  parts: string[];
}

function shapeOf(domain: string): Shape {
  const registered = registeredDomain(domain);
  const dot = registered.indexOf('.');
  const name = dot < 0 ? registered : registered.slice(0, dot);
  const shown = skeleton(unicode(domain));
  return {
    domain,
    registered,
    name,
    suffix: dot < 0 ? '' : registered.slice(dot + 1),
    skeleton: shown,
    nameSkeleton: skeleton(unicode(name)),
    flat: `-${shown.replaceAll('.', '-')}-`,
    parts: name.includes('-') ? name.split('-') : [],
  };
}

/** Our domains, prepared once. */
export class Lookalikes {
  readonly #own: Shape[];

  /** @param domains A-labels or U-labels, any case. */
  constructor(domains: Iterable<string>) {
    this.#own = [...domains].map((domain) => shapeOf(normal(domain)));
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
    const shape = shapeOf(name);
    // the clearest likeness first, whichever of our domains it is to
    for (const how of ['confusable', 'embedded', 'other-suffix', 'near'] as const) {
      const own = this.#own.find((one) => LIKENESS[how](shape, one));
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

const LIKENESS: Record<Exclude<Imitation, 'shown'>, (other: Shape, own: Shape) => boolean> = {
  confusable: (other, own) => other.skeleton === own.skeleton || other.skeleton.endsWith(`.${own.skeleton}`),
  embedded: (other, own) => {
    if (own.name.length < SHORTEST_EMBEDDED) return false;
    // `corp-example.test`, `corp.example-login.test`, `login.corp.example.evil.test`
    if (other.flat.includes(own.flat)) return true;
    // `corporation-invoices.test`
    return own.name.length >= SHORTEST_NEAR && other.parts.includes(own.name);
  },
  'other-suffix': (other, own) =>
    own.name.length >= SHORTEST_EMBEDDED && other.nameSkeleton === own.nameSkeleton,
  near: (other, own) =>
    own.name.length >= SHORTEST_NEAR && other.suffix === own.suffix && isOneEditAway(other.name, own.name),
};

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
