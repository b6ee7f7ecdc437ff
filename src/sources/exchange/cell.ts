/**
 * Spreadsheets run a cell that begins like a formula, and a description can be written by somebody who means harm
 * (CWE-1236). A leading apostrophe makes it text. It is put before apostrophes too, so that it can be taken away again
 * without doubt.
 */
const FORMULA = /^(?:'|\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/;

export function guardCell(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** Undoes `guardCell`; an apostrophe that guards nothing stays. */
export function unguardCell(text: string): string {
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}
