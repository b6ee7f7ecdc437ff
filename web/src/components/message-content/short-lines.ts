/** Characters; RFC 5322 §2.1.1 allows 998 in a line, and a paragraph without line ends has a few more. */
const MOST = 2000;
const PIECES = /.{1,2000}(?:\s|$)|.{2000}/gsu;

/**
 * Text whose long lines are divided, between words where there are some. To set one line of a hundred thousand letters
 * of some scripts takes a browser minutes, in which nothing else of the console moves.
 */
export function shortLines(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.length <= MOST ? line : (line.match(PIECES) ?? []).join('\n')))
    .join('\n');
}
