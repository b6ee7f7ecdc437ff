import type { LabLanguage } from './lab.ts';

/** A text in each of the lab's languages. */
export type Said = Readonly<Record<LabLanguage, string>>;

/** The French text may have ordinary spaces: see `frenchSpaces`. */
export function said(en: string, fr: string): Said {
  return { en, fr: frenchSpaces(fr) };
}

/**
 * French as it is typeset: no line may break before `:`, `;`, `!`, `?`, `%` or inside of guillemets, and the space
 * before `;`, `!` and `?` is narrow (Imprimerie nationale, "Lexique des règles typographiques").
 */
export function frenchSpaces(text: string): string {
  return text
    .replaceAll(/ ([;!?])/g, '\u202f$1')
    .replaceAll(/ ([:%»])/g, '\u00a0$1')
    .replaceAll('« ', '«\u00a0')
    .replaceAll("'", '’');
}
