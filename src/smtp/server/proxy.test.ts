import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseProxyHeader } from './proxy.ts';

const V1 = Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 50000 25\r\n');
const V2 = Buffer.concat([
  Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c', 'latin1'),
  Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0xc3, 0x50, 0, 25]),
]);

describe('PROXY header', () => {
  for (const [name, header] of [
    ['version 1', V1],
    ['version 2', V2],
  ] as const) {
    it(`${name}: is incomplete until its last octet, and takes no octet more`, () => {
      for (let length = 0; length < header.length; length++) {
        assert.deepEqual(parseProxyHeader(header.subarray(0, length)), { kind: 'incomplete' }, `${length}`);
      }
      assert.deepEqual(parseProxyHeader(Buffer.concat([header, Buffer.from('EHLO x\r\n')])), {
        kind: 'complete',
        length: header.length,
        client: { address: '192.0.2.7', port: 50000 },
      });
    });
  }

  for (const text of [
    'PROXY TCP4 192.0.2.7 198.51.100.1 50000\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 50000 25 \r\n',
    'PROXY TCP4 192.0.2.7  198.51.100.1 50000 25\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 050000 25\r\n',
    'PROXY TCP4 192.0.2.777 198.51.100.1 50000 25\r\n',
    'PROXY UDP4 192.0.2.7 198.51.100.1 50000 25\r\n',
    'PROXY TCP6 192.0.2.7 198.51.100.1 50000 25\r\n',
    'PROXZ',
    'proxy TCP4',
    '\r\n\r\n\0\r\nQUIT\n\x11\x11\0\x0c',
    '\r\n\r\n\0\r\nQUIT\n\x22\x11\0\x00',
    '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04abcd',
    '\r\n\r\n\0\r\nQUIT\n\x21\x31\0\x00',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseProxyHeader(Buffer.from(text, 'latin1')).kind, 'malformed');
    });
  }

  it('never throws', () => {
    const start = fc.constantFrom('', 'PROXY ', '\r\n\r\n\0\r\nQUIT\n', '\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24');
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 120 }), (text, octets) => {
        parseProxyHeader(Buffer.concat([Buffer.from(text, 'latin1'), octets]));
      }),
    );
  });
});
