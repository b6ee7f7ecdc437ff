/**
 * A QR code (ISO/IEC 18004), as far as a lure needs one: byte mode, versions 1 to 6, error correction level M. Within
 * these bounds all blocks of a version have the same length, there is at most one alignment pattern, and no version
 * information.
 */

/** Rows from the top, modules from the left; true is dark. Without the quiet zone. */
export type QrMatrix = boolean[][];

/** ISO/IEC 18004 table 9, level M. */
const VERSIONS = [
  { version: 1, blocks: 1, data: 16, correction: 10 },
  { version: 2, blocks: 1, data: 28, correction: 16 },
  { version: 3, blocks: 1, data: 44, correction: 26 },
  { version: 4, blocks: 2, data: 32, correction: 18 },
  { version: 5, blocks: 2, data: 43, correction: 24 },
  { version: 6, blocks: 4, data: 27, correction: 16 },
] as const;

type Version = (typeof VERSIONS)[number];

const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

/**
 * The smallest code that holds `text`.
 * @throws RangeError for more than 106 octets of UTF-8
 */
export function qrCode(text: string): QrMatrix {
  const octets = Buffer.from(text, 'utf8');
  // mode and length take 12 bits, so that two octets of a block's data are not for the text
  const version = VERSIONS.find(({ blocks, data }) => blocks * data - 2 >= octets.length);
  if (!version) throw new RangeError(`${octets.length} octets do not fit into a QR code of version 6-M`);
  const codewords = interleave(dataCodewords(octets, version), version);
  const { matrix, reserved } = functionPatterns(version.version);
  place(matrix, reserved, codewords);

  let best: { matrix: QrMatrix; penalty: number } | undefined;
  for (const [mask, applies] of MASKS.entries()) {
    const candidate = matrix.map((row, r) =>
      row.map((dark, c) => (reserved[r]?.[c] ? dark : dark !== applies(r, c))),
    );
    drawFormat(candidate, formatBits(mask));
    const weight = penalty(candidate);
    if (weight < (best?.penalty ?? Number.POSITIVE_INFINITY)) best = { matrix: candidate, penalty: weight };
  }
  return best?.matrix ?? matrix;
}

/** Mode, length, text, terminator and padding (sections 7.4.5, 7.4.9, 7.4.10). */
function dataCodewords(octets: Buffer, { blocks, data }: Version): Buffer {
  const codewords = Buffer.alloc(blocks * data);
  let nibble = 0;
  const put = (value: number): void => {
    const at = nibble >> 1;
    codewords[at] = (codewords[at] ?? 0) | (nibble % 2 === 0 ? value << 4 : value);
    nibble++;
  };
  put(0b0100);
  for (const octet of [octets.length, ...octets]) {
    put(octet >> 4);
    put(octet & 15);
  }
  // the terminator is the nibble that is left of the last octet: it is zero already
  for (let at = octets.length + 2, pad = 0xec; at < codewords.length; at++, pad ^= 0xec ^ 0x11)
    codewords[at] = pad;
  return codewords;
}

/** Blocks of data side by side, then their blocks of correction (section 7.6). */
function interleave(codewords: Buffer, { blocks, data, correction }: Version): Buffer {
  const parts = Array.from({ length: blocks }, (_, index) =>
    codewords.subarray(index * data, (index + 1) * data),
  );
  const checks = parts.map((part) => errorCorrection(part, correction));
  const woven: number[] = [];
  for (let i = 0; i < data; i++) for (const part of parts) woven.push(part[i] ?? 0);
  for (let i = 0; i < correction; i++) for (const check of checks) woven.push(check[i] ?? 0);
  return Buffer.from(woven);
}

/** Product in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1 (section 7.5.2). */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (product & 0x80 ? 0x11d : 0);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

/** The Reed-Solomon remainder of `data` over the generator of `length` roots. */
export function errorCorrection(data: Uint8Array, length: number): Buffer {
  // (x - 2^0)(x - 2^1)..., highest coefficient left out: it is 1
  const generator = Buffer.alloc(length);
  generator[length - 1] = 1;
  for (let i = 0, root = 1; i < length; i++, root = multiply(root, 2)) {
    for (let j = 0; j < length; j++)
      generator[j] = multiply(generator[j] ?? 0, root) ^ (generator[j + 1] ?? 0);
  }
  const remainder = Buffer.alloc(length);
  for (const octet of data) {
    const factor = octet ^ (remainder[0] ?? 0);
    remainder.copyWithin(0, 1);
    remainder[length - 1] = 0;
    for (let j = 0; j < length; j++) remainder[j] = (remainder[j] ?? 0) ^ multiply(generator[j] ?? 0, factor);
  }
  return remainder;
}

/** Finders, separators, timing, alignment and the room for the format (section 6.3). */
function functionPatterns(version: number): { matrix: QrMatrix; reserved: QrMatrix } {
  const size = 17 + 4 * version;
  const grid = (): QrMatrix => Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  const matrix = grid();
  const reserved = grid();
  const set = (row: number, column: number, dark: boolean): void => {
    const line = matrix[row];
    const marks = reserved[row];
    if (!line || !marks || column < 0 || column >= size) return;
    line[column] = dark;
    marks[column] = true;
  };
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  const square = (row: number, column: number, reach: number, dark: (ring: number) => boolean): void => {
    for (let r = -reach; r <= reach; r++)
      for (let c = -reach; c <= reach; c++)
        set(row + r, column + c, dark(Math.max(Math.abs(r), Math.abs(c))));
  };
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    square(row, column, 4, (ring) => ring !== 2 && ring !== 4);
  if (version > 1) square(size - 7, size - 7, 2, (ring) => ring !== 1);
  for (let i = 0; i < 9; i++) {
    // the timing lines run through here too
    if (i !== 6) {
      set(8, i, false);
      set(i, 8, false);
    }
  }
  for (let i = 0; i < 8; i++) {
    set(8, size - 1 - i, false);
    set(size - 1 - i, 8, false);
  }
  return { matrix, reserved };
}

/** Bits in pairs of columns from the lower right, upwards and downwards by turns (section 7.7.3). */
function place(matrix: QrMatrix, reserved: QrMatrix, codewords: Buffer): void {
  const size = matrix.length;
  let bit = 0;
  let upwards = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right--; // the column of the timing pattern
    for (let step = 0; step < size; step++) {
      const row = upwards ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        const line = matrix[row];
        if (!line || reserved[row]?.[column]) continue;
        // what is left in the end are remainder bits: light
        line[column] = (((codewords[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
        bit++;
      }
    }
    upwards = !upwards;
  }
}

/** Level M and the mask, with their BCH(15,5) code (section 7.9.1). */
export function formatBits(mask: number): number {
  const data = mask; // level M is 00
  let remainder = data;
  for (let i = 0; i < 10; i++) remainder = (remainder << 1) ^ ((remainder >> 9) * 0x537);
  return ((data << 10) | remainder) ^ 0x5412;
}

function drawFormat(matrix: QrMatrix, bits: number): void {
  const size = matrix.length;
  const set = (row: number, column: number, dark: boolean): void => {
    const line = matrix[row];
    if (line) line[column] = dark;
  };
  for (let i = 0; i < 15; i++) {
    const dark = ((bits >> i) & 1) === 1;
    // bit 0 is the last of the string: beside the upper left finder, from the top down and then to the left
    if (i < 6) set(i, 8, dark);
    else if (i < 8) set(i + 1, 8, dark);
    else if (i === 8) set(8, 7, dark);
    else set(8, 14 - i, dark);
    // and once more: below the upper right finder from the right, beside the lower left one downwards
    if (i < 8) set(8, size - 1 - i, dark);
    else set(size - 15 + i, 8, dark);
  }
  set(size - 8, 8, true);
}

/** Section 7.8.3: runs, blocks of four, look-alikes of finders, and balance. */
function penalty(matrix: QrMatrix): number {
  const size = matrix.length;
  const columns = matrix.map((_, column) => matrix.map((row) => row[column] ?? false));
  let points = 0;
  for (const line of [...matrix, ...columns]) {
    const text = line.map((dark) => (dark ? '1' : '0')).join('');
    for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) points += run.length - 2;
    // overlapping ones count each
    points += 40 * [...text.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  let darkModules = 0;
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < size; c++) {
      const dark = matrix[r]?.[c];
      if (dark) darkModules++;
      if (
        r + 1 < size &&
        c + 1 < size &&
        dark === matrix[r]?.[c + 1] &&
        dark === matrix[r + 1]?.[c] &&
        dark === matrix[r + 1]?.[c + 1]
      )
        points += 3;
    }
  }
  const share = (darkModules * 100) / (size * size);
  return points + 10 * Math.floor(Math.abs(share - 50) / 5);
}
