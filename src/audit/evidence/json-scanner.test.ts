import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonScanner } from './json-scanner.ts';

function scan(
  text: string,
  size = 1_000_000,
  most = 1_000_000,
): { objects: unknown[]; broken: number; tooLong: number } {
  const found = { objects: [] as unknown[], broken: 0, tooLong: 0 };
  const scanner = new JsonScanner(
    {
      object: (octets) => void found.objects.push(JSON.parse(octets.toString())),
      broken: () => void found.broken++,
      tooLong: () => void found.tooLong++,
    },
    most,
  );
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += size) scanner.feed(all.subarray(at, at + size));
  scanner.finish();
  return found;
}

test('objects of lists, of answers, and one after the other', () => {
  const objects = [
    { a: 1, b: [{ c: '}' }] },
    { a: '"]', e: { f: {} } },
  ];
  const [one, two] = objects.map((object) => JSON.stringify(object));
  for (const text of [
    `[${one},${two}]`,
    ` [ ${one} , ${two} ] `,
    `{"@odata.context":"x","value":[${one},${two}],"@odata.nextLink":"y"}`,
    `{"value":[${one}],"next":[{"no":1}]}\r\n{"value":[${two}]}`,
    `${one}\r\n${two}\r\n`,
    `${one}${two}`,
    JSON.stringify(objects, null, 2),
  ]) {
    for (const size of [1, 3, 1000]) assert.deepEqual(scan(text, size).objects, objects, text);
  }
});

test('a damaged line costs itself', () => {
  const found = scan('{"a":1}\n{"a":"cut\n{"a":3}\n{"a":4,"b":{"c":1\n{"a":5}\n{"a":6}\n');
  assert.deepEqual(found.objects, [{ a: 1 }, { a: 3 }, { a: 5 }, { a: 6 }]);
  assert.ok(found.broken >= 2);
  assert.equal(scan('[{"a":1},{"a":').broken, 1);
});

test('an object without end is bounded, and those behind it are read', () => {
  const found = scan(`{"a":"${'x'.repeat(5000)}"}\n{"a":2}\n`, 300, 1000);
  assert.equal(found.tooLong, 1);
  assert.deepEqual(found.objects, [{ a: 2 }]);
});

test('any objects, written in lines and cut anywhere', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1, maxKeys: 4 });
  fc.assert(
    fc.property(
      fc.array(object, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 30 }),
      (objects, size) => {
        // a list under one of the names that answers have is taken for its items
        fc.pre(objects.every((item) => !Object.values(item).some(Array.isArray)));
        const text = objects.map((item) => JSON.stringify(item)).join('\n');
        assert.deepEqual(scan(text, size).objects, JSON.parse(JSON.stringify(objects)));
      },
    ),
  );
});
