import { isAllowedDeclaration } from './allowed.ts';

const MOST_STYLE = 20_000;
const MOST_SHEET = 200_000;
const MOST_RULES = 2000;
/** Without `~`, which looks at all elements before each one: time by the square of their number. */
const SELECTOR = /^(?:[\w\s.,*>+:()[\]="'-]|~=){1,1000}$/;
/** States and positions; nothing that asks for a resource or leaves the document. */
const PSEUDO = /:(?!(?:first-child|last-child|nth-child\([\w+]{1,10}\)|hover|link|visited)(?![\w-]))/;
const MEDIA = /^@media\s[\w\s():,.-]{1,200}$/;
const REMOTE = /url\s*\(|@import|image-set\s*\(/i;

export interface SafeStyle {
  text: string;
  /** It would have fetched something. */
  remote: boolean;
}

/** The declarations of a `style` attribute that may stay. */
export function safeDeclarations(input: string): SafeStyle {
  const text = withoutComments(input.slice(0, MOST_STYLE));
  const kept: string[] = [];
  for (const declaration of text.split(';')) {
    const colon = declaration.indexOf(':');
    if (colon < 0) continue;
    const property = declaration.slice(0, colon).trim().toLowerCase();
    // what is important here would win over what the viewer says itself
    const value = declaration
      .slice(colon + 1)
      .replace(/!\s*important\s*$/i, '')
      .trim();
    if (isAllowedDeclaration(property, value)) kept.push(`${property}:${value}`);
  }
  return { text: kept.join(';'), remote: REMOTE.test(text) };
}

/**
 * The rules of a style sheet that may stay, written anew: plain ones, and those of `@media`. Made of letters that can
 * neither end the element in which they will stand nor escape from their rule.
 */
export function safeSheet(input: string): SafeStyle {
  const text = withoutComments(input.slice(0, MOST_SHEET)).replaceAll(/<!--|-->/g, ' ');
  const kept: string[] = [];
  let media: string | undefined;
  let start = 0;
  let rules = 0;
  for (let at = 0; at < text.length && rules < MOST_RULES; at++) {
    const character = text[at];
    if (character === ';') start = at + 1;
    else if (character === '}') {
      if (media !== undefined) kept.push('}');
      media = undefined;
      start = at + 1;
    } else if (character === '{') {
      const selector = text.slice(start, at).trim();
      start = at + 1;
      if (media === undefined && MEDIA.test(selector)) {
        media = selector;
        kept.push(`${selector}{`);
        continue;
      }
      const end = text.indexOf('}', at);
      if (end < 0) break;
      rules++;
      // an at-rule with rules in it is left out as far as its first one goes, the others stand for themselves
      const block = text.slice(at + 1, end);
      const { text: declarations } = safeDeclarations(block);
      if (isPlain(selector) && !block.includes('{') && declarations !== '')
        kept.push(`${selector}{${declarations}}`);
      at = end;
      start = end + 1;
    }
  }
  if (media !== undefined) kept.push('}');
  return { text: kept.join('\n'), remote: REMOTE.test(text) };
}

function isPlain(selector: string): boolean {
  return SELECTOR.test(selector) && !PSEUDO.test(selector);
}

/** Without comments (CSS Syntax §4.3.2); an unclosed one takes the rest with it. */
function withoutComments(text: string): string {
  if (!text.includes('/*')) return text;
  let result = '';
  let at = 0;
  for (;;) {
    const open = text.indexOf('/*', at);
    if (open < 0) return result + text.slice(at);
    result += `${text.slice(at, open)} `;
    const close = text.indexOf('*/', open + 2);
    if (close < 0) return result;
    at = close + 2;
  }
}
