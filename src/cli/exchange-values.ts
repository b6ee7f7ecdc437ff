import { usage } from './failure.ts';

/** Values as administrators of Exchange write them; what a shell makes of them is said, too. */

/** `true`, `$true`, `yes`, `on`, `1`, and their opposites; an option that stands alone is on. */
export function switchValue(option: string, value: string | boolean | undefined): boolean {
  if (typeof value === 'boolean') return value;
  const word = (value ?? '').toLowerCase().replace(/^\$/, '');
  if (['true', 'yes', 'on', '1'].includes(word)) return true;
  if (['false', 'no', 'off', '0'].includes(word)) return false;
  if (word === '') {
    throw usage(
      `${option}: say true or false (outside of PowerShell, the shell takes $true for a variable that is empty: leave out the $)`,
    );
  }
  throw usage(`${option}: expected true or false, not ${JSON.stringify(value)}`);
}

/** One of `words`, in any case and with or without hyphens: `OnPremises` is `on-premises`. */
export function oneWord<const T extends string>(
  option: string,
  value: string | undefined,
  words: readonly T[],
): T {
  const found = words.find((word) => plain(word) === plain(value ?? ''));
  if (found !== undefined) return found;
  throw usage(`${option}: expected one of ${words.join(', ')}, not ${JSON.stringify(value ?? '')}`);
}

/** `a, b` and `a;b` as a list; `none` and `$null` as an empty one. */
export function listValue(value: string): string[] {
  if (/^(?:none|\$?null)$/i.test(value.trim())) return [];
  return value.split(/[\s,;]+/).filter((word) => word !== '');
}

/** Names are the same whatever their case, hyphens and underscores. */
export function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/g, '');
}
