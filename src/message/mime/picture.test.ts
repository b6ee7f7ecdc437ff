import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pictureIn } from './picture.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const PNG = '89504e470d0a1a0a 0000000d 49484452';
const GIF = Buffer.from('GIF89a').toString('hex');
const webp = (kind: string, rest: string): Buffer =>
  hex(`${Buffer.from(`RIFF\0\0\0\0WEBP${kind}`, 'latin1').toString('hex')} 00000000 ${rest}`);

const TABLE: [what: string, octets: Buffer, pixels: number | undefined][] = [
  ['PNG', hex(`${PNG} 00000140 000000f0 0806000000`), 320 * 240],
  ['PNG of 60,000 each way', hex(`${PNG} 0000ea60 0000ea60 0806000000`), undefined],
  ['PNG that is cut', hex(PNG), undefined],
  [
    'PNG that begins with something else',
    hex('89504e470d0a1a0a 0000000d 69454e44 00000001 00000001'),
    undefined,
  ],
  ['JPEG', hex('ffd8 ffe0 0004 0000 ffff c4 0002 ff c2 0011 08 00f0 0140 03 00'), 320 * 240],
  ['JPEG of 65,535 each way', hex('ffd8 ffc0 0011 08 ffff ffff 03 00'), undefined],
  ['JPEG without a frame', hex('ffd8 ffe0 0004 0000 ffd9 0000 0000 0000'), undefined],
  ['GIF', hex(`${GIF} 4001 f000 00 00 00 2c 00000000 4001 f000 00 02 01ff 00 3b`), 320 * 240],
  [
    'GIF of two frames',
    hex(
      `${GIF} 4001 f000 80 00 00 000000 ffffff 21f9 04 00000000 00 ${'2c 00000000 4001 f000 00 02 01ff 00'.repeat(2)} 3b`,
    ),
    2 * 320 * 240,
  ],
  [
    'GIF whose frame is larger than it says',
    hex(`${GIF} 0100 0100 00 00 00 2c 00000000 ffff ffff 00 02 01ff 00 3b`),
    undefined,
  ],
  ['GIF with what is no block', hex(`${GIF} 0100 0100 00 00 00 99 00000000 ffff ffff 00 02`), undefined],
  ['WebP', webp('VP8 ', '000000 9d012a 4001 f000'), 320 * 240],
  ['WebP without loss', webp('VP8L', '2f 3fc13b00 0000000000'), 320 * 240],
  ['WebP of more', webp('VP8X', '00000000 3f0100 ef0000'), 320 * 240],
  ['WebP of 16,777,216 each way', webp('VP8X', '00000000 ffffff ffffff'), undefined],
  ['WebP of another kind', webp('XXXX', '00000000 3f0100 ef0000'), undefined],
  ['SVG', Buffer.from('<svg width="1" height="1"/>'), undefined],
];

describe('pictures', () => {
  for (const [what, octets, pixels] of TABLE) {
    it(what, () => {
      const picture = pictureIn(octets);
      assert.equal(picture?.pixels, pixels);
      if (picture)
        assert.match(picture.address, /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$/);
    });
  }

  it('never throw, and end', () => {
    const beginnings = TABLE.map(([, octets]) => octets);
    fc.assert(
      fc.property(
        fc.constantFrom(...beginnings),
        fc.nat(40),
        fc.uint8Array({ maxLength: 200 }),
        (octets, at, rest) => {
          pictureIn(Buffer.concat([octets.subarray(0, at), rest]));
        },
      ),
    );
  });
});
