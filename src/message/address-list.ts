/**
 * The address syntax of RFC 5322 §3.4, read strictly. Where two programs could read two things, this parser
 * reports doubt and does not choose: a filter that guesses differently from the reader's mail program is how
 * forged senders pass ("composition kills"). Linear in the length of its input; never throws.
 */
import { domainToASCII, domainToUnicode } from 'node:url';
import { decodeWords } from './encoded-word.ts';
import { tokenize, type Doubt, type Token } from './address-tokens.ts';
import { formatPhrase } from './mailbox-format.ts';

export type { Doubt } from './address-tokens.ts';

export interface Mailbox {
  /** Without quotes. */
  local: string;
  /** A-labels in lower case; a literal keeps its brackets. */
  domain: string;
  /** `local@domain`, the local part quoted only if it must be. */
  address: string;
  /** Decoded, for people; never for decisions about who sends. */
  displayName: string;
  /** The display name as written: raw phrase, fit to stand before another address. */
  phrase: string;
  /** The display name was the address once more, without the quotes that it needs; `phrase` has them. */
  unquoted?: true;
}

export interface AddressList {
  mailboxes: Mailbox[];
  /** `undisclosed-recipients:;` and the like; their members are among `mailboxes`. */
  groups: number;
  /** Empty when the text has one reading only. */
  doubts: Doubt[];
}

/** More than any header of limited size makes sense for. */
const MOST_MAILBOXES = 2000;

/** @param text an unfolded field value. */
export function parseAddressList(text: string): AddressList {
  const list: AddressList = { mailboxes: [], groups: 0, doubts: [] };
  const doubt = (kind: Doubt): void => {
    if (!list.doubts.includes(kind)) list.doubts.push(kind);
  };
  const { tokens, comments, doubts } = tokenize(text);
  for (const kind of doubts) doubt(kind);
  if (tokens.length === 0) return list;

  let element: Token[] = [];
  let inAngle = false;
  let inGroup = false;
  let groupIsEmpty = false;
  let afterGroup = false;
  const close = (emptyAllowed: boolean): void => {
    if (element.length === 0) {
      if (!emptyAllowed) doubt('empty-element');
    } else if (list.mailboxes.length >= MOST_MAILBOXES) {
      doubt('too-many');
    } else {
      const mailbox = readMailbox(element, text, comments, doubt);
      if (mailbox) list.mailboxes.push(mailbox);
    }
    element = [];
  };
  for (const token of tokens) {
    const special = token.kind === 'special' ? token.text : '';
    if (special === '<') inAngle = true;
    if (special === '>') inAngle = false;
    if (special === ':' && !inAngle) {
      if (inGroup || element.length === 0 || !isPhrase(element)) doubt('group-syntax');
      list.groups++;
      inGroup = true;
      groupIsEmpty = true;
      element = [];
    } else if (special === ';' && !inAngle) {
      if (inGroup) close(groupIsEmpty);
      else {
        doubt('stray-character');
        close(false);
      }
      inGroup = false;
      afterGroup = true;
    } else if (special === ',' && !inAngle) {
      close(afterGroup);
      afterGroup = false;
      groupIsEmpty = false;
    } else {
      if (afterGroup) doubt('group-syntax');
      afterGroup = false;
      element.push(token);
    }
  }
  if (inGroup) doubt('group-syntax');
  close(afterGroup);
  return list;
}

/** atom, quoted string and, since RFC 5322 §4.1 (obs-phrase) is what "John Q. Public" needs, the dot. */
function isPhrase(tokens: Token[]): boolean {
  return tokens.every(({ kind, text }) => kind === 'atom' || kind === 'quoted' || text === '.');
}

function readMailbox(
  tokens: Token[],
  text: string,
  comments: string[],
  doubt: (kind: Doubt) => void,
): Mailbox | undefined {
  const open = tokens.findIndex(({ kind, text }) => kind === 'special' && text === '<');
  if (open === -1) {
    if (!tokens.some(isAt)) {
      doubt(tokens.some(({ kind }) => kind === 'special') ? 'stray-character' : 'no-domain');
      return undefined;
    }
    // RFC 822 wrote names as comments: `app@corp.example (The app)`
    const displayName = decodeWords(comments.at(-1) ?? '');
    if (CONTROL.test(displayName)) doubt('control');
    return readAddress(tokens, { displayName, phrase: '' }, doubt);
  }
  const before = tokens.slice(0, open);
  const shut = tokens.findIndex(({ kind, text }) => kind === 'special' && text === '>');
  if (shut < open) {
    doubt('unbalanced-angle');
    return undefined;
  }
  const inner = tokens.slice(open + 1, shut);
  const repeated = comments.length === 0 && repeatsAddress(before, inner, text);
  if (before.some(isAt)) {
    if (!repeated) doubt('two-addresses');
  } else if (!isPhrase(before) || before[0]?.kind === 'special') doubt('stray-character');
  if (shut !== tokens.length - 1) {
    doubt(tokens.slice(shut + 1).some(isAt) ? 'two-addresses' : 'text-after-address');
  }
  if (inner.length === 0) {
    doubt('no-address');
    return undefined;
  }
  // RFC 5322 §4.4 obs-route, `<@relay,@other:user@host>`: nobody agrees any more on what it means
  if (isAt(inner[0]!)) {
    doubt('route');
    return undefined;
  }
  if (inner[0]!.gap === 'comment' || tokens[shut]!.gap === 'comment') doubt('space-in-address');
  const displayName = displayOf(before);
  if (CONTROL.test(displayName)) doubt('control');
  const phrase = textOf(before, text);
  if (!repeated) return readAddress(inner, { displayName, phrase }, doubt);
  return readAddress(inner, { displayName, phrase: formatPhrase(displayName), unquoted: true }, doubt);
}

const textOf = (tokens: Token[], text: string): string =>
  text.slice(tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0);

/** RFC 5321 §4.5.3.1.3; what is longer is no address that a device was given. */
const LONGEST_REPEATED = 254;

/**
 * `scan@corp.example <scan@corp.example>`: no phrase, since an @ needs quotes there (RFC 5322 §3.2.3), but what
 * many devices write, and whichever of the two is taken, it is the same. In ASCII alone: beyond it two texts
 * can look alike.
 */
function repeatsAddress(before: Token[], inner: Token[], text: string): boolean {
  if (!before.some(isAt) || before.some(({ kind }) => kind === 'quoted')) return false;
  const name = textOf(before, text);
  if (name.length > LONGEST_REPEATED || !isAscii(name)) return false;
  return name.toLowerCase() === textOf(inner, text).toLowerCase();
}

// C0, DEL, C1, and the overrides that make text read backwards
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u202d\u202e]/;

const isAt = ({ kind, text }: Token): boolean => kind === 'special' && text === '@';

function displayOf(tokens: Token[]): string {
  let name = '';
  for (const token of tokens) name += (token.gap !== 'none' && name !== '' ? ' ' : '') + token.text;
  return decodeWords(name);
}

/** addr-spec (RFC 5322 §3.4.1), without the obsolete forms that allow white space and comments inside. */
function readAddress(
  tokens: Token[],
  name: Pick<Mailbox, 'displayName' | 'phrase' | 'unquoted'>,
  doubt: (kind: Doubt) => void,
): Mailbox | undefined {
  const at = tokens.findIndex(isAt);
  if (at === -1) {
    doubt('no-domain');
    return undefined;
  }
  const local = tokens.slice(0, at);
  const domain = tokens.slice(at + 1);
  if (domain.some(isAt)) {
    doubt('two-addresses');
    return undefined;
  }
  for (let i = 1; i < tokens.length; i++) if (tokens[i]!.gap !== 'none') doubt('space-in-address');

  let localText: string;
  const quoted = local.length === 1 && local[0]!.kind === 'quoted';
  if (quoted) {
    localText = local[0]!.text;
    // well-formed, yet cut at the wrong place by too many programs
    if (/[\s@<>(),;:"\\[\]\x00-\x1f\x7f]/.test(localText)) doubt('quoted-local-part');
  } else if (isDotted(local)) {
    localText = joined(local);
  } else {
    doubt('local-part');
    return undefined;
  }
  if (localText.includes('=?')) doubt('encoded-word-in-address');
  // \p{C}: control, format (zero width, direction), unassigned; \p{Z}: every kind of space
  if (localText === '' || (!isAscii(localText) && /[\p{C}\p{Z}]/u.test(localText))) doubt('local-part');

  let domainText: string;
  if (domain.length === 1 && domain[0]!.kind === 'literal') {
    domainText = domain[0]!.text.toLowerCase();
  } else if (isDotted(domain)) {
    const raw = joined(domain);
    if (raw.includes('=?')) doubt('encoded-word-in-address');
    const ascii = toALabels(raw);
    if (ascii === undefined) doubt('domain');
    domainText = ascii ?? raw.toLowerCase();
  } else {
    doubt('domain');
    return undefined;
  }
  return { local: localText, domain: domainText, address: joinAddress(localText, domainText), ...name };
}

/** atom *("." atom) */
function isDotted(tokens: Token[]): boolean {
  return (
    tokens.length % 2 === 1 &&
    tokens.every(({ kind, text }, i) => (i % 2 === 0 ? kind === 'atom' : kind === 'special' && text === '.'))
  );
}

const joined = (tokens: Token[]): string =>
  tokens.length === 1 ? tokens[0]!.text : tokens.map(({ text }) => text).join('');

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

const LABELS = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * A domain in A-labels and lower case; undefined when it is none, or when the mapping to ASCII changed more
 * than case (full-width letters, invisible characters): then the eye and the machine read two domains.
 */
export function toALabels(domain: string): string | undefined {
  const lower = domain.toLowerCase();
  if (isAscii(lower)) return lower.length <= 253 && LABELS.test(lower) ? lower : undefined;
  if (lower.length > 253) return undefined;
  const ascii = domainToASCII(lower);
  if (!LABELS.test(ascii) || ascii.length > 253) return undefined;
  return domainToUnicode(ascii) === lower.normalize('NFC') ? ascii : undefined;
}

const DOT_ATOM = /^[^\s()<>@,;:\\".[\]\x00-\x1f\x7f]+(?:\.[^\s()<>@,;:\\".[\]\x00-\x1f\x7f]+)*$/;

/** `local@domain`, quoting the local part only where the syntax asks for it. */
export function joinAddress(local: string, domain: string): string {
  return `${DOT_ATOM.test(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`}@${domain}`;
}
