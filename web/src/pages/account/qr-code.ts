/** Codewords for error correction in a block, and blocks, of level M by version (ISO/IEC 18004, table 9). */
const CORRECTION = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24];
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10];
const LEVEL_M = 0;

type Grid = boolean[][];

/**
 * A text as a QR code (ISO/IEC 18004): octets, error correction level M, the smallest version of 1 to 15 that takes it.
 * @returns rows of modules, true for dark, without the quiet zone
 * @throws RangeError beyond 412 octets
 */
export function qrCode(text: string): Grid {
  const octets = [...new TextEncoder().encode(text)];
  let version = 1;
  while (version < 16 && octets.length > capacity(version)) version++;
  if (version === 16) throw new RangeError(`${octets.length} octets are too many for this QR code`);
  const codewords = withCorrection(dataCodewords(octets, version), version);
  const { grid, isFixed } = patterns(version);
  place(grid, isFixed, codewords);
  // the mask that a reader finds easiest (ISO/IEC 18004 §7.8)
  let best: { grid: Grid; penalty: number } | undefined;
  for (let mask = 0; mask < 8; mask++) {
    const masked = grid.map((row, y) =>
      row.map((dark, x) => dark !== (!isFixed[y]?.[x] && isMasked(mask, x, y))),
    );
    drawFormat(masked, mask);
    const penalty = penaltyOf(masked);
    if (!best || penalty < best.penalty) best = { grid: masked, penalty };
  }
  return best?.grid ?? grid;
}

/** Octets that a version takes, after mode and length. */
function capacity(version: number): number {
  return dataLength(version) - (version < 10 ? 2 : 3);
}

function rawLength(version: number): number {
  let modules = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const aligned = Math.floor(version / 7) + 2;
    modules -= (25 * aligned - 10) * aligned - 55;
    if (version >= 7) modules -= 36;
  }
  return Math.floor(modules / 8);
}

function dataLength(version: number): number {
  return rawLength(version) - (CORRECTION[version] ?? 0) * (BLOCKS[version] ?? 0);
}

function dataCodewords(octets: number[], version: number): number[] {
  const bits: number[] = [];
  const append = (value: number, length: number) => {
    for (let bit = length - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  append(0b0100, 4);
  append(octets.length, version < 10 ? 8 : 16);
  for (const octet of octets) append(octet, 8);
  const most = dataLength(version) * 8;
  append(0, Math.min(4, most - bits.length));
  append(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < most; pad ^= 0xec ^ 0x11) append(pad, 8);
  return Array.from({ length: bits.length / 8 }, (_, index) =>
    bits.slice(index * 8, index * 8 + 8).reduce((octet, bit) => octet * 2 + bit, 0),
  );
}

/** In blocks with their correction, interleaved. */
function withCorrection(data: number[], version: number): number[] {
  const count = BLOCKS[version] ?? 1;
  const length = CORRECTION[version] ?? 0;
  const short = Math.floor(data.length / count);
  const longBlocks = data.length % count;
  const generator = generatorOf(length);
  const blocks: { data: number[]; correction: number[] }[] = [];
  for (let index = 0, start = 0; index < count; index++) {
    const size = short + (index >= count - longBlocks ? 1 : 0);
    const part = data.slice(start, start + size);
    start += size;
    blocks.push({ data: part, correction: remainder(part, generator) });
  }
  const interleaved: number[] = [];
  for (let index = 0; index <= short; index++) {
    for (const block of blocks) {
      const codeword = block.data[index];
      if (codeword !== undefined) interleaved.push(codeword);
    }
  }
  for (let index = 0; index < length; index++) {
    for (const block of blocks) interleaved.push(block.correction[index] ?? 0);
  }
  return interleaved;
}

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> bit) & 1) * a;
  }
  return product;
}

function generatorOf(degree: number): number[] {
  const factors: number[] = Array.from({ length: degree }, (_, index) => (index === degree - 1 ? 1 : 0));
  let root = 1;
  for (let step = 0; step < degree; step++) {
    for (let index = 0; index < degree; index++) {
      factors[index] = multiply(factors[index] ?? 0, root) ^ (factors[index + 1] ?? 0);
    }
    root = multiply(root, 2);
  }
  return factors;
}

function remainder(data: number[], generator: number[]): number[] {
  const rest = generator.map(() => 0);
  for (const octet of data) {
    const factor = octet ^ (rest.shift() ?? 0);
    rest.push(0);
    for (const [index, one] of generator.entries()) rest[index] = (rest[index] ?? 0) ^ multiply(one, factor);
  }
  return rest;
}

/** Everything that does not depend on the data; `isFixed` are the modules that no data go to. */
function patterns(version: number): { grid: Grid; isFixed: Grid } {
  const size = version * 4 + 17;
  const grid: Grid = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  const isFixed: Grid = grid.map((row) => [...row]);
  const set = (x: number, y: number, dark: boolean) => {
    const row = grid[y];
    const fixed = isFixed[y];
    if (!row || !fixed || x < 0 || x >= size) return;
    row[x] = dark;
    fixed[x] = true;
  };
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  const square = (centreX: number, centreY: number, radius: number, light: number[]) => {
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        set(centreX + dx, centreY + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  };
  const centres = alignmentCentres(version, size);
  const last = centres.length - 1;
  for (const [i, x] of centres.entries()) {
    for (const [j, y] of centres.entries()) {
      // where finders stand, no alignment does
      const isCorner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
      if (!isCorner) square(x, y, 2, [1]);
    }
  }
  square(3, 3, 4, [2, 4]);
  square(size - 4, 3, 4, [2, 4]);
  square(3, size - 4, 4, [2, 4]);
  for (let index = 0; index < 9; index++) {
    // room for the format, which is drawn with the mask
    if (index !== 6) {
      set(8, index, false);
      set(index, 8, false);
    }
    if (index < 8) {
      set(size - 1 - index, 8, false);
      set(8, size - 1 - index, false);
    }
  }
  set(8, size - 8, true);
  if (version >= 7) {
    let rest = version;
    for (let step = 0; step < 12; step++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let index = 0; index < 18; index++) {
      const dark = ((bits >> index) & 1) === 1;
      const a = size - 11 + (index % 3);
      const b = Math.floor(index / 3);
      set(a, b, dark);
      set(b, a, dark);
    }
  }
  return { grid, isFixed };
}

function alignmentCentres(version: number, size: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  const centres = [6];
  for (let index = 0; index < count - 1; index++) centres.splice(1, 0, size - 7 - index * step);
  return centres;
}

/** In pairs of columns from right to left, upwards and downwards in turn. */
function place(grid: Grid, isFixed: Grid, codewords: number[]): void {
  const size = grid.length;
  let index = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const isUpward = ((right + 1) & 2) === 0;
      const y = isUpward ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        const row = grid[y];
        if (!row || isFixed[y]?.[x] || index >= codewords.length * 8) continue;
        row[x] = (((codewords[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1;
        index++;
      }
    }
  }
}

function isMasked(mask: number, x: number, y: number): boolean {
  switch (mask) {
    case 0:
      return (x + y) % 2 === 0;
    case 1:
      return y % 2 === 0;
    case 2:
      return x % 3 === 0;
    case 3:
      return (x + y) % 3 === 0;
    case 4:
      return (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0;
    case 5:
      return ((x * y) % 2) + ((x * y) % 3) === 0;
    case 6:
      return (((x * y) % 2) + ((x * y) % 3)) % 2 === 0;
    default:
      return (((x + y) % 2) + ((x * y) % 3)) % 2 === 0;
  }
}

/** Level and mask, twice (ISO/IEC 18004 §7.9). */
function drawFormat(grid: Grid, mask: number): void {
  const size = grid.length;
  const data = (LEVEL_M << 3) | mask;
  let rest = data;
  for (let step = 0; step < 10; step++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((data << 10) | rest) ^ 0x5412;
  const bit = (index: number) => ((bits >> index) & 1) === 1;
  const set = (x: number, y: number, dark: boolean) => {
    const row = grid[y];
    if (row) row[x] = dark;
  };
  for (let index = 0; index <= 5; index++) set(8, index, bit(index));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let index = 9; index < 15; index++) set(14 - index, 8, bit(index));
  for (let index = 0; index < 8; index++) set(size - 1 - index, 8, bit(index));
  for (let index = 8; index < 15; index++) set(8, size - 15 + index, bit(index));
}

function penaltyOf(grid: Grid): number {
  const size = grid.length;
  const columns = grid.map((_, x) => grid.map((row) => row[x] ?? false));
  let penalty = 0;
  let dark = 0;
  for (const line of [...grid, ...columns]) {
    const text = line.map((one) => (one ? '1' : '0')).join('');
    for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) penalty += run.length - 2;
    // looks like a finder
    for (const form of ['10111010000', '00001011101']) {
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) penalty += 40;
    }
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const one = grid[y]?.[x];
      if (one) dark++;
      if (x + 1 === size || y + 1 === size) continue;
      if (one === grid[y]?.[x + 1] && one === grid[y + 1]?.[x] && one === grid[y + 1]?.[x + 1]) penalty += 3;
    }
  }
  return penalty + Math.floor(Math.abs((dark * 20) / (size * size) - 10)) * 10;
}
