const BROWSERS: [RegExp, string][] = [
  [/\bEdg\//, 'Edge'],
  [/\bFirefox\//, 'Firefox'],
  [/\b(?:Headless)?Chrom(?:e|ium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** Browser and system of a User-Agent, as far as one can tell; else its beginning. */
export function deviceOf(agent: string): string {
  const known = [BROWSERS, SYSTEMS].flatMap((kinds) => kinds.find(([form]) => form.test(agent))?.[1] ?? []);
  return known.join(', ') || agent.slice(0, 40) || '–';
}
