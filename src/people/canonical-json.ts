const MOST_DEPTH = 50;

/**
 * JSON in one form only: names in the order of their UTF-16 code units, nothing between (RFC 8785 §3.2), so that
 * anybody who has the value gets the same octets, and the same hash.
 * @throws RangeError beyond 50 levels
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MOST_DEPTH) throw new RangeError('nested too deep');
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item === undefined ? null : item, depth + 1)).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner, depth + 1)}`);
  return `{${members.join(',')}}`;
}
