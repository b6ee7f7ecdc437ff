import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BerError, BerReader, elementLength, encode, encodeInteger, encodeText } from './ber.ts';

describe('encoding', () => {
  const numbers: [number, string][] = [
    [0, '020100'],
    [127, '02017f'],
    [128, '02020080'],
    [255, '020200ff'],
    [256, '02020100'],
    [2 ** 31 - 1, '02047fffffff'],
  ];
  for (const [value, hex] of numbers) {
    test(`the number ${value}`, () => {
      assert.equal(encodeInteger(value).toString('hex'), hex);
      assert.equal(new BerReader(Buffer.from(hex, 'hex')).integer(), value);
    });
  }
  const lengths: [number, string][] = [
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [70_000, '0483011170'],
  ];
  for (const [length, header] of lengths) {
    test(`${length} octets`, () => {
      const encoded = encodeText('x'.repeat(length));
      assert.equal(encoded.subarray(0, header.length / 2).toString('hex'), header);
      assert.equal(new BerReader(encoded).expect(4).length, length);
    });
  }
});

describe('reading', () => {
  const wrong: [string, string][] = [
    ['an element that is cut off', '0403aabb'],
    ['no length', '04'],
    ['the indefinite form', '3080020100'],
    ['a length of five octets', '04850000000001aa'],
    ['a length of four gigabytes', '0484ffffffff'],
    ['a tag of several octets', '1f8101'],
    ['another tag than wanted', '020100'],
  ];
  for (const [name, hex] of wrong) {
    test(`${name} is an error`, () => {
      assert.throws(() => new BerReader(Buffer.from(hex, 'hex')).expect(4), BerError);
    });
  }
  for (const hex of ['0200', '0201ff', '02050000000001']) {
    test(`the number ${hex} is an error`, () => {
      assert.throws(() => new BerReader(Buffer.from(hex, 'hex')).integer(), BerError);
    });
  }

  test('a message of too many octets is refused by its header alone', () => {
    assert.equal(elementLength(Buffer.from('30', 'hex'), 100), undefined);
    assert.equal(elementLength(Buffer.from('3082', 'hex'), 100), undefined);
    assert.equal(elementLength(Buffer.from('3005', 'hex'), 100), 7);
    assert.throws(() => elementLength(Buffer.from('30847fffffff', 'hex'), 100), BerError);
  });

  test('whatever comes, it is read or an error, and never more than there is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        const reader = new BerReader(Buffer.from(octets));
        let read = 0;
        try {
          while (!reader.done) read += 2 + reader.next().content.length;
        } catch (error) {
          assert.ok(error instanceof BerError);
        }
        assert.ok(read <= octets.length);
      }),
    );
  });

  test('what was written is read', () => {
    fc.assert(
      fc.property(fc.nat(0x7fffffff), fc.uint8Array({ maxLength: 400 }), (number, octets) => {
        const reader = new BerReader(encode(0x30, encodeInteger(number), encodeText(Buffer.from(octets))));
        const inner = new BerReader(reader.expect(0x30));
        assert.equal(inner.integer(), number);
        assert.deepEqual(inner.expect(4), Buffer.from(octets));
        assert.ok(inner.done && reader.done);
      }),
    );
  });
});
