import { parse, TomlError } from 'smol-toml';
import { locator } from './locate.ts';

/** A text that can't be used: what is wrong, and on which line, from 1. */
export class TomlTrouble extends Error {
  readonly line: number;

  constructor(reason: string, line: number, options?: ErrorOptions) {
    super(`no valid TOML: ${reason}`, options);
    this.line = line;
  }
}

/** Values within one another: no file of ours has more than ten, and what goes on with them calls itself for each. */
const MOST_DEPTH = 100;

/**
 * The values of a TOML document.
 * @throws TomlTrouble also for one that is nested deeper than anything that reads it could stand
 */
export function readToml(text: string): Record<string, unknown> {
  const value = parsed(text);
  const deep = tooDeep(value, MOST_DEPTH);
  if (deep)
    throw new TomlTrouble(`more than ${MOST_DEPTH} values within one another`, locator(text)(deep) ?? 1);
  return value;
}

function parsed(text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? '';
    throw new TomlTrouble(reason, error.line, { cause: error });
  }
}

/** The path of a value that has too many around it. */
function tooDeep(value: unknown, left: number): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (left === 0) return [];
  for (const [name, inner] of Object.entries(value)) {
    const deep = tooDeep(inner, left - 1);
    if (deep) return [name, ...deep];
  }
  return undefined;
}
