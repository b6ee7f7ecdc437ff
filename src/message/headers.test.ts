import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HeadEditor, HeaderIndex } from './headers.ts';

const LIMITS = { headerBytes: 10_000, headerFields: 20 };
const index = (text: string, encoding: BufferEncoding = 'utf8'): HeaderIndex =>
  new HeaderIndex(Buffer.from(text, encoding), LIMITS);

describe('HeaderIndex', () => {
  it('finds fields and unfolds values', () => {
    const head = index('From: a@x.example\r\nSubject: one\r\n\ttwo\r\n three\r\nX-Empty:\r\n\r\n');
    assert.equal(head.fault, undefined);
    assert.deepEqual(
      head.fields.map((field) => [field.name, head.value(field)]),
      [
        ['from', 'a@x.example'],
        ['subject', 'one\ttwo three'],
        ['x-empty', ''],
      ],
    );
    assert.equal(head.raw(head.fields[1]!).toString(), 'Subject: one\r\n\ttwo\r\n three\r\n');
    assert.equal(head.longestLine, 17);
    assert.equal(head.eightBit, false);
  });

  it('reads 8-bit values as UTF-8, or else as windows-1252, field by field', () => {
    const octets = Buffer.concat([Buffer.from('A: ü\r\n'), Buffer.from('B: \xfc\x80\r\n\r\n', 'latin1')]);
    const head = new HeaderIndex(octets, LIMITS);
    assert.equal(head.eightBit, true);
    assert.equal(head.value(head.first('a')!), 'ü');
    assert.equal(head.value(head.first('b')!), 'ü€');
  });

  const faults: [string, string][] = [
    ['', 'unterminated'],
    ['A: b\r\n', 'unterminated'],
    ['A: b', 'unterminated'],
    ['A', 'unterminated'],
    ['A: b\r\n\r\nbody', 'octets-after-end'],
    ['A: b\r\n \t\r\n\r\n', 'blank-continuation'],
    ['no colon here\r\n\r\n', 'no-colon'],
    ['nocolon\r\n\r\n', 'no-colon'],
    ['A : b\r\n\r\n', 'space-before-colon'],
    ['\tb\r\n\r\n', 'leading-continuation'],
    ['>From x\r\n\r\n', 'no-colon'],
    ['A: b\n\r\n', 'bare-line-ending'],
    ['A: b\rc\r\n\r\n', 'bare-line-ending'],
    ['A: \x00\r\n\r\n', 'nul'],
    [`${'A: b\r\n'.repeat(21)}\r\n`, 'too-many-fields'],
    [`A: ${'b'.repeat(10_000)}\r\n\r\n`, 'too-large'],
  ];
  for (const [text, kind] of faults) {
    it(`answers ${kind} to ${JSON.stringify(text.slice(0, 30))}`, () =>
      assert.equal(index(text).fault?.kind, kind));
  }

  it('accepts a section without fields', () => {
    assert.equal(index('\r\n').fault, undefined);
    assert.equal(index('\r\n').fields.length, 0);
  });

  it('covers every octet of any section that has no fault', () => {
    const piece = fc.constantFrom(
      'A',
      'b',
      ':',
      ' ',
      '\t',
      '\r\n',
      '\r',
      '\n',
      '\0',
      'From',
      'ü',
      '\r\n\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const head = index(`${pieces.join('')}\r\n\r\n`);
        if (head.fault) return;
        let at = 0;
        for (const { start, end } of head.fields) {
          assert.equal(start, at);
          at = end;
        }
        assert.equal(at, head.head.length - 2);
      }),
    );
  });
});

describe('HeadEditor', () => {
  const head = index('A: 1\r\nB: 2\r\n 2\r\nC: 3\r\n\r\n');

  it('answers the same Buffer when nothing changes', () => {
    assert.equal(new HeadEditor(head).build(), head.head);
  });

  it('removes, replaces and adds, and leaves the rest as it was', () => {
    const editor = new HeadEditor(head);
    editor.remove(head.fields[0]!);
    editor.replace(head.fields[2]!, 'C: ü\r\n');
    editor.addTop('Y: 1\r\n');
    editor.addTop('X: 1\r\n');
    editor.addBottom('Z: 1\r\n');
    assert.equal(editor.build().toString(), 'X: 1\r\nY: 1\r\nB: 2\r\n 2\r\nC: ü\r\nZ: 1\r\n\r\n');
  });

  it('adds to an empty section', () => {
    const editor = new HeadEditor(index('\r\n'));
    editor.addBottom('Z: 1\r\n');
    assert.equal(editor.build().toString(), 'Z: 1\r\n\r\n');
  });
});
