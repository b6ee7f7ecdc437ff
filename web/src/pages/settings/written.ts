/** A value as the file would have it; empty for none. */
export function written(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value === '<secret>') return '•••••••';
  return JSON.stringify(value, undefined, 1).replaceAll(/\n\s*/g, ' ');
}
