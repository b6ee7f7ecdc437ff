export interface DiffLine {
  kind: 'same' | 'removed' | 'added' | 'gap';
  text: string;
  /** In the text where it stands, from 1. */
  line?: number;
}

/** Beyond so many cells of the table, what differs is shown as one block: nobody reads it line by line. */
const MOST_CELLS = 4_000_000;
const CONTEXT = 3;

/** What turns one text into another, by lines, with three lines around each difference. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const same = (text: string, line: number): DiffLine => ({ kind: 'same', text, line: line + 1 });
  const lines = [
    ...b.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end), start),
    ...b.slice(b.length - end).map((text, index) => same(text, b.length - end + index)),
  ];
  return withoutFarLines(lines);
}

/** The longest common subsequence of what is left between the ends. */
function middle(a: string[], b: string[], offset: number): DiffLine[] {
  const removed = (index: number): DiffLine => ({
    kind: 'removed',
    text: a[index] ?? '',
    line: offset + index + 1,
  });
  const added = (index: number): DiffLine => ({
    kind: 'added',
    text: b[index] ?? '',
    line: offset + index + 1,
  });
  if (a.length * b.length > MOST_CELLS) {
    return [...a.map((_, index) => removed(index)), ...b.map((_, index) => added(index))];
  }
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const found: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      found.push({ kind: 'same', text: b[j] ?? '', line: offset + j + 1 });
      i++;
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) found.push(removed(i++));
    else found.push(added(j++));
  }
  return found;
}

function withoutFarLines(lines: DiffLine[]): DiffLine[] {
  const near = new Set<number>();
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') continue;
    for (let around = index - CONTEXT; around <= index + CONTEXT; around++) near.add(around);
  }
  const shown: DiffLine[] = [];
  for (const [index, line] of lines.entries()) {
    if (near.has(index)) shown.push(line);
    else if (shown.at(-1)?.kind !== 'gap') shown.push({ kind: 'gap', text: '' });
  }
  return shown;
}
