import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type LineEndings, MessageScanner } from './data.ts';

interface Outcome {
  /** Octets consumed up to and with the end of data; -1 without an end. */
  end: number;
  bare: boolean;
  content: string;
}

/** Feeds `parts` one after the other. */
function scan(parts: string[], lineEndings: LineEndings, framing: 'dots' | 'counted' = 'dots'): Outcome {
  const scanner = new MessageScanner(lineEndings, framing);
  let content = '';
  let consumed = 0;
  for (const part of parts) {
    const end = scanner.scan(Buffer.from(part, 'latin1'), 0);
    content += scanner.content.toString('latin1');
    if (end >= 0) return { end: consumed + end, bare: scanner.bare, content };
    consumed += part.length;
  }
  if (framing === 'counted') content += scanner.finish().toString('latin1');
  return { end: -1, bare: scanner.bare, content };
}

/** The same as the RFC says it, slowly and on the whole: RFC 5321 §4.1.1.4, §4.5.2. */
function specified(text: string): Outcome {
  const found = `\r\n${text}`.indexOf('\r\n.\r\n');
  const end = found < 0 ? -1 : found + 3;
  // A message that is not at its end is judged without the octets that may still be part of the end
  const raw = found < 0 ? text : text.slice(0, found);
  const content = `\r\n${raw}`.replaceAll(/\r\n\./g, '\r\n').slice(2);
  return { end, bare: /\r(?!\n)|(?<!\r)\n/.test(raw), content };
}

function repaired(text: string): string {
  // Unstuffed first, while the real line ends can still be told from the made ones
  return specified(text).content.replaceAll(/\r(?!\n)|(?<!\r)\n/g, '\r\n');
}

const octets = fc.string({ unit: fc.constantFrom('\r', '\n', '.', 'x', '\r\n', '\r\n.'), maxLength: 40 });

describe('scanning DATA', () => {
  const cases: [name: string, text: string, expected: Outcome][] = [
    ['a message', 'a\r\nb\r\n.\r\n', { end: 9, bare: false, content: 'a\r\nb\r\n' }],
    ['an empty message', '.\r\n', { end: 3, bare: false, content: '' }],
    ['what follows is left', 'a\r\n.\r\nQUIT\r\n', { end: 6, bare: false, content: 'a\r\n' }],
    ['stuffed dots', '..\r\n...\r\n.a\r\n.\r\n', { end: 16, bare: false, content: '.\r\n..\r\na\r\n' }],
    ['a dot within a line', 'a.\r\n.\r\n', { end: 7, bare: false, content: 'a.\r\n' }],
    ['NUL is content', '\0\r\n.\0\r\n.\r\n', { end: 10, bare: false, content: '\0\r\n\0\r\n' }],
  ];
  for (const [name, text, expected] of cases) {
    it(name, () => assert.deepEqual(scan([text], 'refuse'), expected));
  }

  const pretended = ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\r.\r\n', '\r\n.\r\r', '\n\r\n.\n'];
  for (const text of pretended) {
    it(`${JSON.stringify(text)} ends nothing, cut anywhere`, () => {
      for (let cut = 0; cut <= text.length + 2; cut++) {
        const whole = `x${text}y`;
        const parts = [whole.slice(0, cut), whole.slice(cut)];
        assert.equal(scan(parts, 'refuse').end, -1);
        assert.equal(scan(parts, 'refuse').bare, true);
        const { end, content } = scan(parts, 'repair');
        assert.equal(end, -1);
        assert.equal(content, repaired(whole));
      }
    });
  }

  it('says what the RFC says, whatever the text and however it is cut', () => {
    fc.assert(
      fc.property(octets, fc.array(fc.nat(40), { maxLength: 4 }), (text, cuts) => {
        const full = `${text}x\r\n.\r\nrest`;
        const places = [0, ...cuts.filter((cut) => cut < full.length).sort((a, b) => a - b), full.length];
        const parts = places.slice(1).map((place, index) => full.slice(places[index], place));
        const expected = specified(full);
        const refused = scan(parts, 'refuse');
        assert.equal(refused.end, expected.end);
        assert.equal(refused.bare, expected.bare);
        if (!expected.bare) assert.equal(refused.content, expected.content);
        const repair = scan(parts, 'repair');
        assert.equal(repair.end, expected.end);
        assert.equal(repair.content, repaired(full));
      }),
      { numRuns: 2000 },
    );
  });

  it('what repair lets through is never an end again when it is sent on with dots stuffed', () => {
    fc.assert(
      fc.property(octets, (text) => {
        const { content } = scan([`${text}x\r\n.\r\n`], 'repair');
        const sent = `\r\n${content}`.replaceAll('\r\n.', '\r\n..');
        assert.ok(!sent.includes('\r\n.\r\n'));
        assert.ok(!/\r(?!\n)|(?<!\r)\n/.test(content));
      }),
    );
  });

  it('starts within a chunk, and moves nothing without a stuffed dot', () => {
    const chunk = Buffer.from('DATA\r\na\r\nb\r\n.\r\n');
    const scanner = new MessageScanner('refuse', 'dots');
    assert.equal(scanner.scan(chunk, 6), chunk.length);
    assert.equal(scanner.content.toString(), 'a\r\nb\r\n');
    assert.equal(scanner.content.buffer, chunk.buffer);
  });
});

describe('scanning BDAT', () => {
  it('takes dots as they are, and has no end', () => {
    assert.deepEqual(scan(['.\r\n..\r\n.\r\n'], 'refuse', 'counted'), {
      end: -1,
      bare: false,
      content: '.\r\n..\r\n.\r\n',
    });
  });

  it('a CR at the very end is bare', () => {
    assert.equal(scan(['a\r'], 'refuse', 'counted').bare, true);
    assert.equal(scan(['a\r'], 'repair', 'counted').content, 'a\r\n');
    assert.equal(scan(['a\r', '\n'], 'refuse', 'counted').bare, false);
  });
});
