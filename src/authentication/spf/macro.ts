/** Macros of SPF (RFC 7208 §7): read once, expanded with what is known about a connection. */

/** `c`, `r` and `t` are for explanations only (RFC 7208 §7.2). */
export type MacroLetter = 's' | 'l' | 'o' | 'd' | 'i' | 'p' | 'v' | 'h' | 'c' | 'r' | 't';

interface Macro {
  letter: MacroLetter;
  /** Upper case: what it stands for is escaped as in a URL. */
  escaped: boolean;
  /** Right-hand parts that are used; undefined: all. */
  parts: number | undefined;
  reversed: boolean;
  delimiters: string;
}

export type MacroString = readonly (string | Macro)[];

/** What each letter stands for. */
export type MacroValues = Readonly<Record<MacroLetter, string>>;

const EXPAND = /^\{([slodipvhcrt])(\d*)(r?)([-.+,/_=]*)\}/i;
const PLAIN: Record<string, string> = { '%': '%', _: ' ', '-': '%20' };
const EXPLANATION_ONLY: ReadonlySet<MacroLetter> = new Set(['c', 'r', 't']);

/**
 * Reads a macro-string; undefined when it is not one.
 * @param text printable ASCII; spaces are for the caller to judge.
 */
export function parseMacroString(text: string): MacroString | undefined {
  return read(text)?.segments;
}

/**
 * Reads a domain-spec: a macro-string that ends in a dot and a top label, or in something expanded (RFC 7208 §7.1).
 * Undefined when it is none.
 */
export function parseDomainSpec(text: string): MacroString | undefined {
  if (text === '') return undefined;
  const found = read(text);
  if (!found || usesAny(found.segments, EXPLANATION_ONLY)) return undefined;
  return found.tail === '' || endsInTopLabel(found.tail) ? found.segments : undefined;
}

/** `tail`: what stands behind the last thing that is expanded. */
function read(text: string): { segments: MacroString; tail: string } | undefined {
  const segments: (string | Macro)[] = [];
  let literal = '';
  let at = 0;
  for (let percent = text.indexOf('%'); percent >= 0; percent = text.indexOf('%', at)) {
    literal += text.slice(at, percent);
    const plain = PLAIN[text[percent + 1] ?? ''];
    if (plain !== undefined) {
      literal += plain;
      at = percent + 2;
      continue;
    }
    // letter, digits and delimiters of an honest macro are a handful
    const match = EXPAND.exec(text.slice(percent + 1, percent + 65));
    if (!match) return undefined;
    const [all, letter = '', digits = '', reverse = '', delimiters = ''] = match;
    // RFC 7208 §7.3: the number of parts must not be zero
    if (digits !== '' && Number(digits) === 0) return undefined;
    if (literal !== '') segments.push(literal);
    literal = '';
    segments.push({
      letter: letter.toLowerCase() as MacroLetter,
      escaped: letter !== letter.toLowerCase(),
      parts: digits === '' ? undefined : Number(digits),
      reversed: reverse !== '',
      delimiters: delimiters === '' ? '.' : delimiters,
    });
    at = percent + 1 + all.length;
  }
  const tail = text.slice(at);
  literal += tail;
  if (literal !== '') segments.push(literal);
  return { segments, tail };
}

/** RFC 7208 §7.1: letters, digits and inner hyphens, not digits alone. */
function endsInTopLabel(text: string): boolean {
  const bare = text.endsWith('.') ? text.slice(0, -1) : text;
  const dot = bare.lastIndexOf('.');
  const label = bare.slice(dot + 1);
  return dot >= 0 && /^[a-z0-9][a-z0-9-]*$/i.test(label) && !/^\d+$|-$/.test(label);
}

/** Whether one of these letters occurs. */
export function usesAny(segments: MacroString, letters: ReadonlySet<MacroLetter>): boolean {
  return segments.some((segment) => typeof segment !== 'string' && letters.has(segment.letter));
}

/** RFC 1035 §3.1, as text without the final dot. */
const LONGEST_NAME = 253;

/**
 * The name that a domain-spec stands for: no final dot, cut from the left, label by label, when it is longer than
 * a name can be (RFC 7208 §7.3). Not yet a name that can be asked for: macros may bring anything.
 */
export function expandName(segments: MacroString, values: MacroValues): string {
  let name = '';
  // from the right, where the part that stays is
  for (let i = segments.length - 1; i >= 0 && name.length <= LONGEST_NAME + 1; i--) {
    name = expandSegment(segments[i]!, values) + name;
  }
  if (name.endsWith('.')) name = name.slice(0, -1);
  if (name.length <= LONGEST_NAME) return name;
  const dot = name.indexOf('.', name.length - LONGEST_NAME - 1);
  return dot < 0 ? name.slice(-LONGEST_NAME - 1) : name.slice(dot + 1);
}

/** Expands at most about `longest` characters. */
export function expandText(segments: MacroString, values: MacroValues, longest: number): string {
  let text = '';
  for (const segment of segments) {
    if (text.length >= longest) break;
    text += expandSegment(segment, values);
  }
  return text.slice(0, longest);
}

function expandSegment(segment: string | Macro, values: MacroValues): string {
  if (typeof segment === 'string') return segment;
  const { letter, escaped, parts, reversed, delimiters } = segment;
  const value = values[letter];
  const plain =
    parts === undefined && !reversed && delimiters === '.'
      ? value
      : transform(value, delimiters, reversed, parts);
  return escaped ? escapeForUrl(plain) : plain;
}

/** RFC 7208 §7.3: split, reversed, right-hand parts, joined by dots. */
function transform(value: string, delimiters: string, reversed: boolean, count: number | undefined): string {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < value.length; i++) {
    if (!delimiters.includes(value[i]!)) continue;
    parts.push(value.slice(start, i));
    start = i + 1;
  }
  parts.push(value.slice(start));
  if (reversed) parts.reverse();
  return (count === undefined ? parts : parts.slice(-count)).join('.');
}

/** RFC 3986 §2.3: everything but the unreserved characters, octet by octet. */
function escapeForUrl(text: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (octet) => {
    const character = String.fromCharCode(octet);
    return /[A-Za-z0-9\-._~]/.test(character)
      ? character
      : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
