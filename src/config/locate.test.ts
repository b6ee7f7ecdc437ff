import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locator } from './locate.ts';

const DOCUMENT = String.raw`# [comment]
hostname = "x" # ["]
a.b."c.d" = 1

[[listener]]
name = "a"
port = 1
  [listener.tls]
  text = """
  port = 5
  [api] \""""""
  key = 1
[[listener]]
name = 'b'
[[listener.rule]]
k = 1
[[listener.rule]]
k = 2

[proxy]
from = [ "1", # ]
  "2",
  { a = 1,
    b = [1, 2,
3] } ]
since = 1979-05-27 07:32:00Z
"quo\u0074ed" = '''
[limits]
'''
[ x . 'y z' ]
v = -inf
[x]
w = 1`;

const LINES: [string, PropertyKey[], number | undefined][] = [
  ['a key of the document', ['hostname'], 2],
  ['what only a dotted key speaks of', ['a'], 3],
  ['a dotted key with dots in quotes', ['a', 'b', 'c.d'], 3],
  ['a list of tables: its first', ['listener'], 5],
  ['a key of the first', ['listener', 0, 'port'], 7],
  ['a key that the second does not have: its header', ['listener', 1, 'port'], 13],
  ['a table of the first', ['listener', 0, 'tls'], 8],
  ['text over several lines that looks like a key', ['listener', 0, 'tls', 'port'], 8],
  ['text over several lines that looks like a header', ['api'], undefined],
  ['behind such text', ['listener', 0, 'tls', 'key'], 12],
  ['a list of tables within the second', ['listener', 1, 'rule', 1, 'k'], 18],
  ['the first has none', ['listener', 0, 'rule', 0, 'k'], 5],
  ['an element of a list', ['proxy', 'from', 1], 22],
  ['an element deeper in', ['proxy', 'from', 2, 'b', 2], 25],
  ['behind a list', ['proxy', 'since'], 26],
  ['a name with an escape', ['proxy', 'quoted'], 27],
  ['a header with blanks and quotes', ['x', 'y z', 'v'], 31],
  ['a table whose header comes after that of one within it', ['x'], 32],
  ['what is not there', ['constructor'], undefined],
];

test('the line on which a value stands', () => {
  const lineOf = locator(DOCUMENT);
  for (const [name, path, line] of LINES) assert.equal(lineOf(path), line, name);
});

// each took from minutes to for ever when it was read with regular expressions, or would without an end to the depth
const HOSTILE: [string, string][] = [
  ['dots without an equals sign', `${'a.'.repeat(200_000)}[`],
  ['a key of many names', `${'a.'.repeat(200_000)}a = 1`],
  ['blanks in a header', `[${' '.repeat(200_000)}a${' '.repeat(200_000)}`],
  ['lists within lists', `a = ${'['.repeat(200_000)}`],
  ['tables within tables', `a = ${'{ a = '.repeat(200_000)}`],
  ['quotes', `a = ${'"'.repeat(200_001)}`],
  ['escapes', `a = """${'\\"'.repeat(200_000)}`],
  ['headers', '[[a]]\n'.repeat(50_000)],
  ['elements of one line', `a = [${'1, '.repeat(100_000)}]`],
  ['brackets of the wrong kind', 'a = {]}[}'.repeat(50_000)],
  ['nothing', ''],
];

test('what is no valid document comes to an end', () => {
  for (const [name, text] of HOSTILE) {
    const line = locator(text)(['a', 'a']);
    assert.ok(line === undefined || line >= 1, name);
  }
});
