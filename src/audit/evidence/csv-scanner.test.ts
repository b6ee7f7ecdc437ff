import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CsvRow, CsvScanner } from './csv-scanner.ts';

interface Scan {
  rows: string[][];
  unfinished: (string | undefined)[];
  tooLong: number;
}

/** Feeds `octets` in pieces of `size`. */
function scan(octets: Buffer | string, size = 1_000_000, columns = 0, rowBytes = 1_048_576): Scan {
  const found: Scan = { rows: [], unfinished: [], tooLong: 0 };
  const scanner = new CsvScanner(
    44,
    {
      row(row: CsvRow) {
        found.rows.push(Array.from({ length: row.count }, (_, field) => row.octets(field).toString()));
        found.unfinished.push(row.unfinished);
      },
      tooLong() {
        found.tooLong++;
      },
    },
    { rowBytes, fields: 50 },
  );
  scanner.expect(columns);
  const all = Buffer.from(octets);
  for (let at = 0; at < all.length; at += size) scanner.feed(all.subarray(at, at + size));
  scanner.finish();
  return found;
}

test('fields, quotes and line ends', () => {
  for (const [text, rows] of [
    [
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\rc,d\r',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['"a, ""b""",\r\n', [['a, "b"', '']]],
    ['"a\r\nb",c\r\n', [['a\r\nb', 'c']]],
    ['\r\n\r\na\r\n', [['a']]],
    ['a"b,c\n', [['a"b', 'c']]],
    ['"a"b",c\n', [['a"b', 'c']]],
    ['"",""\n', [['', '']]],
    ['"a', [['a']]],
  ] as [string, string[][]][]) {
    for (const size of [1, 2, 3, 1000]) assert.deepEqual(scan(text, size).rows, rows, JSON.stringify(text));
  }
});

test('what was written is read back, however it is cut', () => {
  const field = fc.string({
    maxLength: 12,
    unit: fc.constantFrom('a', 'é', '漢', ',', '"', '\n', '\r', ' ', '=', ';'),
  });
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 40 }), (rows, size) => {
      const text = rows
        .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
        .join('\r\n');
      assert.deepEqual(scan(`${text}\r\n`, size).rows, rows);
    }),
  );
});

test('a row that the end of the file cuts is told as such', () => {
  assert.deepEqual(scan('a,b\nc,"d').unfinished, [undefined, 'quote']);
  assert.deepEqual(scan('a,b\nc,d').unfinished, [undefined, 'line']);
});

test('a stray quote costs its own row, not those behind it', () => {
  const text = 'a,b\n"open,b\nc,d\ne,"f"\ng,h\n';
  const { rows } = scan(text, 1000, 2);
  assert.deepEqual(rows.slice(-3), [
    ['c', 'd'],
    ['e', 'f'],
    ['g', 'h'],
  ]);
});

test('a field without end is bounded, and the rows behind it are read', () => {
  const long = scan(`a,b\n1,"${'x'.repeat(5000)}"\nc,d\n`, 700, 2, 1000);
  assert.deepEqual(long.rows, [
    ['a', 'b'],
    ['c', 'd'],
  ]);
  assert.equal(long.tooLong, 1);
  const open = scan(`a,b\n1,"x\n${'c,d\n'.repeat(1000)}`, 700, 2, 1000);
  assert.equal(open.tooLong, 1);
  assert.ok(open.rows.length > 990);
});
