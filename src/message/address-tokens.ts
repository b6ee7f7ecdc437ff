/** Why an address text can't be relied on to mean one thing. */
export type Doubt =
  | 'control'
  | 'unbalanced-quote'
  | 'unbalanced-comment'
  | 'unbalanced-angle'
  | 'comment-depth'
  | 'address-in-comment'
  | 'stray-character'
  | 'empty-element'
  | 'group-syntax'
  | 'too-many'
  | 'two-addresses'
  | 'text-after-address'
  | 'no-address'
  | 'no-domain'
  | 'route'
  | 'space-in-address'
  | 'local-part'
  | 'quoted-local-part'
  | 'encoded-word-in-address'
  | 'domain';

export interface Token {
  kind: 'atom' | 'quoted' | 'literal' | 'special';
  /** Without the quotes and backslashes of a quoted string; with the brackets of a literal. */
  text: string;
  /** What lies between this token and the one before. */
  gap: 'none' | 'space' | 'comment';
  start: number;
  end: number;
}

export interface Tokens {
  tokens: Token[];
  /** Contents of top-level comments, without nested parentheses' escapes. */
  comments: string[];
  doubts: Doubt[];
}

/** RFC 5322 sets none; nobody nests honest comments deeper. */
const MOST_COMMENT_DEPTH = 5;

/** Characters that are tokens by themselves. */
const SPECIALS = '<>@,;:.';

/** The lexical tokens of RFC 5322 §3.2, white space and comments folded into `gap`. */
export function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  const comments: string[] = [];
  const doubts: Doubt[] = [];
  let gap: Token['gap'] = 'none';
  let at = 0;
  const push = (kind: Token['kind'], content: string, start: number, end: number): void => {
    tokens.push({ kind, text: content, gap, start, end });
    gap = 'none';
    at = end;
  };
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isAtomCharacter(code)) {
      let end = at + 1;
      while (end < text.length && isAtomCharacter(text.charCodeAt(end))) end++;
      push('atom', text.slice(at, end), at, end);
      continue;
    }
    const character = text[at]!;
    if (character === ' ' || character === '\t') {
      if (gap === 'none') gap = 'space';
      at++;
    } else if (SPECIALS.includes(character)) {
      push('special', character, at, at + 1);
    } else if (character === '"') {
      const string = readQuoted(text, at);
      if (!string.closed) doubts.push('unbalanced-quote');
      if (string.control) doubts.push('control');
      push('quoted', string.content, at, string.end);
    } else if (character === '(') {
      const comment = readComment(text, at);
      if (!comment.closed) doubts.push('unbalanced-comment');
      if (comment.tooDeep) doubts.push('comment-depth');
      if (comment.control) doubts.push('control');
      // legal, but some programs look for addresses with a pattern and find this one
      if (comment.content.includes('@')) doubts.push('address-in-comment');
      comments.push(comment.content);
      gap = 'comment';
      at = comment.end;
    } else if (character === '[') {
      const end = text.indexOf(']', at);
      const literal = end === -1 ? text.slice(at) : text.slice(at, end + 1);
      if (!/^\[[A-Za-z0-9.:-]+\]$/.test(literal)) doubts.push('domain');
      push('literal', literal, at, at + literal.length);
    } else {
      if (character === ')') doubts.push('unbalanced-comment');
      else if (character === '\\' || character === ']') doubts.push('stray-character');
      else doubts.push('control');
      at++;
    }
  }
  return { tokens, comments, doubts };
}

/** atext of RFC 5322 §3.2.3, and with RFC 6532 §3.2 everything beyond ASCII except the C1 controls. */
function isAtomCharacter(code: number): boolean {
  if (code >= 128) return code >= 0xa0;
  // ( ) < > [ ] : ; @ \ , . "
  return (
    code > 32 &&
    code < 127 &&
    code !== 34 &&
    code !== 40 &&
    code !== 41 &&
    code !== 44 &&
    code !== 46 &&
    code !== 58 &&
    code !== 59 &&
    code !== 60 &&
    code !== 62 &&
    code !== 64 &&
    code !== 91 &&
    code !== 92 &&
    code !== 93
  );
}

const isControl = (code: number): boolean => (code < 32 && code !== 9) || (code >= 127 && code < 160);

function readQuoted(text: string, start: number) {
  let content = '';
  let control = false;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') return { content, control, closed: true, end: at + 1 };
    const escaped = character === '\\';
    if (escaped && ++at >= text.length) break;
    if (isControl(text.charCodeAt(at))) control = true;
    content += text[at]!;
  }
  return { content, control, closed: false, end: text.length };
}

function readComment(text: string, start: number) {
  let content = '';
  let control = false;
  let tooDeep = false;
  let depth = 1;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === '(') {
      if (++depth > MOST_COMMENT_DEPTH) tooDeep = true;
    } else if (character === ')' && --depth === 0) {
      return { content, control, tooDeep, closed: true, end: at + 1 };
    } else if (character === '\\' && ++at >= text.length) {
      break;
    }
    if (isControl(text.charCodeAt(at))) control = true;
    content += text[at]!;
  }
  return { content, control, tooDeep, closed: false, end: text.length };
}
