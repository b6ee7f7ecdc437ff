import { fileType } from './file-type.ts';

/** Pixels of one picture, with all its frames: four octets each in the memory of whoever looks at it. */
const MOST_PIXELS = 16_000_000;

/** A picture that may be shown. */
export interface Picture {
  /** `data:image/png;base64,...` */
  address: string;
  pixels: number;
}

/**
 * A picture by its octets, whatever it is called: PNG, JPEG, GIF or WebP, and of a size that does no harm: a few hundred
 * octets may say that they are billions of pixels. Undefined for all else.
 */
export function pictureIn(octets: Buffer): Picture | undefined {
  const type = fileType(octets)?.type ?? '';
  const pixels = PIXELS[type]?.(octets);
  if (pixels === undefined || pixels > MOST_PIXELS) return undefined;
  return { address: `data:${type};base64,${octets.toString('base64')}`, pixels };
}

const PIXELS: Record<string, (octets: Buffer) => number | undefined> = {
  'image/png': pixelsOfPng,
  'image/jpeg': pixelsOfJpeg,
  'image/gif': pixelsOfGif,
  'image/webp': pixelsOfWebp,
};

/** PNG (third edition) §11.2.1: IHDR comes first. */
function pixelsOfPng(octets: Buffer): number | undefined {
  if (octets.length < 24 || octets.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return octets.readUInt32BE(16) * octets.readUInt32BE(20);
}

/** ITU T.81 §B.1.1: segments until the one that begins a frame. */
function pixelsOfJpeg(octets: Buffer): number | undefined {
  for (let at = 2; at + 9 <= octets.length; ) {
    if (octets[at] !== 0xff) return undefined;
    const marker = octets[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return octets.readUInt16BE(at + 5) * octets.readUInt16BE(at + 7);
    at += 2 + octets.readUInt16BE(at + 2);
  }
  return undefined;
}

/** GIF89a §18 and §20: the screen or the frames, whichever are more. */
function pixelsOfGif(octets: Buffer): number | undefined {
  if (octets.length < 13) return undefined;
  const screen = octets.readUInt16LE(6) * octets.readUInt16LE(8);
  let frames = 0;
  let at = 13 + colourTable(octets[10]!);
  while (at + 10 <= octets.length && octets[at] !== 0x3b) {
    const isFrame = octets[at] === 0x2c;
    // what is neither a frame nor an extension is passed over by no two readers alike
    if (!isFrame && octets[at] !== 0x21) return undefined;
    if (isFrame) frames += octets.readUInt16LE(at + 5) * octets.readUInt16LE(at + 7);
    at += isFrame ? 11 + colourTable(octets[at + 9]!) : 2;
    while (at < octets.length && octets[at] !== 0) at += 1 + octets[at]!;
    at++;
  }
  return Math.max(screen, frames);
}

const colourTable = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** RFC 9649 §2.5 to §2.7 */
function pixelsOfWebp(octets: Buffer): number | undefined {
  if (octets.length < 30) return undefined;
  switch (octets.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return (octets.readUInt16LE(26) & 0x3fff) * (octets.readUInt16LE(28) & 0x3fff);
    case 'VP8L': {
      const bits = octets.readUInt32LE(21);
      return ((bits & 0x3fff) + 1) * (((bits >>> 14) & 0x3fff) + 1);
    }
    case 'VP8X':
      return (octets.readUIntLE(24, 3) + 1) * (octets.readUIntLE(27, 3) + 1);
    default:
      return undefined;
  }
}
