/** Edits beyond which it is another word; in a short one half of its letters. */
const MOST_EDITS = 3;

/** @returns the known word that is nearest in spelling, for a typing error; undefined where none is near */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wrong = word.toLowerCase();
  let best: string | undefined;
  let fewest = Math.min(MOST_EDITS, Math.floor(wrong.length / 2)) + 1;
  for (const one of known) {
    if (Math.abs(one.length - wrong.length) >= fewest) continue;
    const edits = distance(one.toLowerCase(), wrong);
    if (edits < fewest) [best, fewest] = [one, edits];
  }
  return best;
}

/** Edits (insert, delete, replace) between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
