/** Where the configuration may hold secrets; `*` stands for the elements of a list. */
export const SECRETS: readonly (readonly string[])[] = [
  ['edge', 'recipients', 'ldap', 'password'],
  ['people', 'provider', '*', 'clientSecret'],
];

/** What stands in the place of the secret of this number, from 1. */
const placeholder = (number: number): string => `<secret ${number}>`;
const PLACEHOLDER = /(["'])<secret (\d{1,4})>\1/g;

const NAMES = [...new Set(SECRETS.map((path) => path.at(-1)))].join('|');
/** An assignment of one, in a line or in an inline table, also where it is commented out. */
const ASSIGNMENT = new RegExp(
  `((?:^|[\\s{,.#])["']?(?:${NAMES})["']?\\s*=\\s*)("(?:[^"\\\\\\n]|\\\\.)*"|'[^'\\n]*')`,
  'gm',
);

export function isSecret(path: readonly PropertyKey[]): boolean {
  return SECRETS.some(
    (secret) =>
      secret.length === path.length &&
      secret.every((name, index) => name === '*' || name === String(path[index])),
  );
}

/** The value with its secrets replaced; those that are empty stay. A copy. */
export function redacted(value: unknown, path: readonly PropertyKey[] = []): unknown {
  if (isSecret(path)) return value === '' || value === undefined ? value : '<secret>';
  if (Array.isArray(value)) return value.map((one, index) => redacted(one, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redacted(one, [...path, key])]));
}

export interface RedactedText {
  text: string;
  /** As they are written, quotes included; the first has the number 1. */
  secrets: string[];
}

/**
 * A configuration file with a number in the place of each secret, so that it can be shown, edited and put back.
 * @param parse reads TOML
 * @returns undefined where a secret is written in a way that is not recognized (over several lines)
 */
export function redactText(
  text: string,
  parse: (text: string) => Record<string, unknown>,
): RedactedText | undefined {
  const secrets: string[] = [];
  const shown = text.replace(ASSIGNMENT, (whole, assignment: string, secret: string) => {
    if (secret.length === 2) return whole;
    secrets.push(secret);
    return `${assignment}"${placeholder(secrets.length)}"`;
  });
  let left: Record<string, unknown>;
  try {
    left = parse(shown);
  } catch {
    // what is no TOML has been shown to nobody as such; its secrets are still where they were recognized, or not
    return undefined;
  }
  return holdsSecret(left) ? undefined : { text: shown, secrets };
}

function holdsSecret(value: unknown, path: readonly PropertyKey[] = []): boolean {
  if (isSecret(path)) return value !== '' && !/^<secret \d{1,4}>$/.test(String(value));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, one]) => holdsSecret(one, [...path, key]));
}

/** Puts the secrets back. @returns the number of one that there is not */
export function restoreText(
  text: string,
  secrets: readonly string[],
): { text: string } | { missing: number } {
  let missing: number | undefined;
  const restored = text.replace(PLACEHOLDER, (whole, _quote, number: string) => {
    const secret = secrets[Number(number) - 1];
    if (secret === undefined) missing ??= Number(number);
    return secret ?? whole;
  });
  return missing === undefined ? { text: restored } : { missing };
}
