/**
 * A PDF (ISO 32000-1) of one A4 page: lines of text, and one black-and-white picture. Enough for what a scanner and
 * the author of a lure produce.
 */
import { deflateSync } from 'node:zlib';
import type { QrMatrix } from './qr.ts';

export interface PdfPage {
  title: string;
  lines: string[];
  picture?: QrMatrix;
}

/** Light modules around a QR code (ISO/IEC 18004 section 6.3.8). */
const QUIET_ZONE = 4;
/** Points on the page, and pixels of the picture, for each module. */
const MODULE_POINTS = 6;
const MODULE_PIXELS = 8;
const PAGE_WIDTH = 595;
const PAGE_HEIGHT = 842;
const MARGIN = 72;

/** The file. Characters that Windows-1252 does not have become `?`. */
export function pdf({ title, lines, picture }: PdfPage): Buffer {
  const content: string[] = [`BT /F1 18 Tf ${MARGIN} 760 Td ${literal(title)} Tj /F1 12 Tf 0 -32 Td 17 TL`];
  for (const line of lines) content.push(`${literal(line)} Tj T*`);
  content.push('ET');
  if (picture) {
    const side = (picture.length + 2 * QUIET_ZONE) * MODULE_POINTS;
    const left = Math.round((PAGE_WIDTH - side) / 2);
    const bottom = PAGE_HEIGHT - 180 - 17 * lines.length - side;
    content.push(`q ${side} 0 0 ${side} ${left} ${Math.max(bottom, MARGIN)} cm /Picture Do Q`);
  }
  const objects: Buffer[] = [
    plain('<< /Type /Catalog /Pages 2 0 R >>'),
    plain('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    plain(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE_WIDTH} ${PAGE_HEIGHT}] /Contents 5 0 R ` +
        `/Resources << /Font << /F1 4 0 R >>${picture ? ' /XObject << /Picture 6 0 R >>' : ''} >> >>`,
    ),
    plain('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'),
    stream('', windows1252(content.join('\n'))),
  ];
  if (picture) objects.push(image(picture));
  return file(objects);
}

function image(matrix: QrMatrix): Buffer {
  const { pixels, side } = rasterize(matrix);
  const dictionary =
    `/Type /XObject /Subtype /Image /Width ${side} /Height ${side} ` +
    '/ColorSpace /DeviceGray /BitsPerComponent 1 /Interpolate false';
  return stream(dictionary, pixels);
}

/** One bit a pixel, most significant first, 0 is black, rows padded to octets; with the quiet zone. */
export function rasterize(matrix: QrMatrix): { pixels: Buffer; side: number } {
  const side = (matrix.length + 2 * QUIET_ZONE) * MODULE_PIXELS;
  const stride = Math.ceil(side / 8);
  const pixels = Buffer.alloc(stride * side, 0xff);
  for (let y = 0; y < side; y++) {
    const row = matrix[Math.floor(y / MODULE_PIXELS) - QUIET_ZONE];
    for (let x = 0; row && x < side; x++) {
      if (!row[Math.floor(x / MODULE_PIXELS) - QUIET_ZONE]) continue;
      const at = y * stride + (x >> 3);
      pixels[at] = (pixels[at] ?? 0) & ~(0x80 >> (x & 7));
    }
  }
  return { pixels, side };
}

function file(objects: Buffer[]): Buffer {
  // octets above 127 in a comment tell transfer programs that this is binary (section 7.5.2)
  const pieces: Buffer[] = [Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  let length = pieces[0]?.length ?? 0;
  const offsets: number[] = [];
  for (const [index, body] of objects.entries()) {
    offsets.push(length);
    const whole = Buffer.concat([plain(`${index + 1} 0 obj\n`), body, plain('\nendobj\n')]);
    pieces.push(whole);
    length += whole.length;
  }
  // each entry is 20 octets, its end of line two of them (section 7.5.4)
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  pieces.push(
    plain(
      `xref\n0 ${count}\n0000000000 65535 f \n${table}` +
        `trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(pieces);
}

function stream(dictionary: string, data: Buffer): Buffer {
  const packed = deflateSync(data);
  return Buffer.concat([
    plain(`<< ${dictionary} /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`),
    packed,
    plain('\nendstream'),
  ]);
}

function plain(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function literal(text: string): string {
  return `(${text.replaceAll(/[\\()]/g, String.raw`\$&`)})`;
}

/** Windows-1252 of the characters that it has beyond Latin-1 and that texts use. */
const BEYOND_LATIN: Record<string, number> = {
  '€': 0x80,
  '…': 0x85,
  '‘': 0x91,
  '’': 0x92,
  '“': 0x93,
  '”': 0x94,
  '–': 0x96,
  '—': 0x97,
  œ: 0x9c,
  '\u202f': 0xa0,
};

function windows1252(text: string): Buffer {
  return Buffer.from(
    Array.from(text, (character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) return code;
      return BEYOND_LATIN[character] ?? 0x3f;
    }),
  );
}
