/**
 * The line, from 1, on which a TOML document sets the value at `path`; for what it does not set, the line of
 * the nearest table around it. TOML parsers keep no positions, so this reads headers and keys of a document
 * that is known to be valid.
 */
export function locate(text: string, path: PropertyKey[]): number | undefined {
  const wanted = path.map(String);
  let table: string[] = [];
  let best: { line: number; depth: number } | undefined;
  const indexes = new Map<string, number>();
  text.split('\n').forEach((content, index) => {
    const header = /^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?/.exec(content);
    const key = header ? undefined : /^\s*([\w."'-]+(?:\s*\.\s*[\w."'-]+)*)\s*=/.exec(content)?.[1];
    if (header) {
      table = names(header[2] ?? '');
      if (header[1] === '[[') {
        const name = table.join('.');
        indexes.set(name, (indexes.get(name) ?? -1) + 1);
      }
    } else if (key === undefined) return;
    const here = [...withIndexes(table, indexes), ...(key === undefined ? [] : names(key))];
    const depth = here.length;
    const matches = depth <= wanted.length && here.every((name, i) => name === wanted[i]);
    if (matches && depth > (best?.depth ?? 0)) best = { line: index + 1, depth };
  });
  return best?.line;
}

function names(key: string): string[] {
  // a name in quotes may hold dots
  return (key.match(/"[^"]*"|'[^']*'|[^.\s]+/g) ?? []).map((name) => name.replace(/^["']|["']$/g, ''));
}

/** `oauth.issuer` becomes `oauth`, `issuer`, `0` while in the first `[[oauth.issuer]]`. */
function withIndexes(table: string[], indexes: Map<string, number>): string[] {
  return table.flatMap((name, i) => {
    const index = indexes.get(table.slice(0, i + 1).join('.'));
    return index === undefined ? [name] : [name, String(index)];
  });
}
