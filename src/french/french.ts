import type { Language } from '../notices/notice-text.ts';
import { REFUSALS, type RefusalCode } from '../refusals.ts';
import { REFUSALS_FRENCH } from '../refusals-french.ts';
import { ADVICE_PHRASES } from './advice-phrases.ts';
import { EDGE_PHRASES } from './edge-phrases.ts';
import { Phrasebook, type Phrases } from './phrasebook.ts';
import { REFUSAL_PHRASES } from './refusal-phrases.ts';
import { SETTING_PHRASES } from './setting-phrases.ts';

/** Tells a sentence in the language that was asked for. */
export type Teller = (text: string) => string;

/** What the list of refusals says of its codes. */
const CODES: Phrases = Object.fromEntries(
  (Object.keys(REFUSALS) as RefusalCode[]).flatMap((code) => [
    [REFUSALS[code].explanation, REFUSALS_FRENCH[code][0]],
    [REFUSALS[code].remedy, REFUSALS_FRENCH[code][1]],
  ]),
);

const BOOK = new Phrasebook({
  ...CODES,
  ...ADVICE_PHRASES,
  ...REFUSAL_PHRASES,
  ...EDGE_PHRASES,
  ...SETTING_PHRASES,
});

/** Several reasons that weighed at the edge are one text in the journal. */
function inFrench(text: string): string {
  const reasons = text.split('; ');
  const known = reasons.map((reason) => BOOK.find(reason));
  const all = () => reasons.map((reason, index) => known[index] ?? reason).join('\u{a0}; ');
  return known.includes(undefined) ? (BOOK.find(text) ?? (known.some(Boolean) ? all() : text)) : all();
}

/** For texts of refusals, of the edge, of advice and of settings; what is not known in French stays as it is. */
export function tellerOf(language: Language): Teller {
  return language === 'fr' ? inFrench : (text) => text;
}
