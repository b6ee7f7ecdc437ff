/** Content transfer encodings (RFC 2045 §6), as a writer and as a reader of foreign messages. */
export type TransferEncoding = '7bit' | 'quoted-printable' | 'base64';

const LINE_OCTETS = 76;
const CR = 13;
const LF = 10;

/** The encoding that suits a text with CRLF line ends: as it is, readable, or compact. */
export function chooseEncoding(octets: Buffer): TransferEncoding {
  let high = 0;
  let line = 0;
  let longest = 0;
  let control = false;
  for (const octet of octets) {
    if (octet > 126) high++;
    if (octet === LF) line = 0;
    else if (++line > longest) longest = line;
    if (octet < 32 && octet !== CR && octet !== LF && octet !== 9) control = true;
  }
  if (high === 0 && longest <= 998 && !control) return '7bit';
  return high * 4 > octets.length ? 'base64' : 'quoted-printable';
}

/** Base64 in lines of 76 characters, each with its CRLF but the last. */
export function encodeBase64Lines(octets: Buffer): Buffer {
  const text = Buffer.from(octets.toString('base64'), 'latin1');
  const lines = Math.max(1, Math.ceil(text.length / LINE_OCTETS));
  const out = Buffer.allocUnsafe(text.length + (lines - 1) * 2);
  let to = 0;
  for (let from = 0; from < text.length; from += LINE_OCTETS) {
    if (from > 0) {
      out[to++] = CR;
      out[to++] = LF;
    }
    to += text.copy(out, to, from, Math.min(from + LINE_OCTETS, text.length));
  }
  return out;
}

const HEX = Buffer.from('0123456789ABCDEF');

/** RFC 2045 §6.7 for text: line ends stay, white space at the end of a line is encoded. */
export function encodeQuotedPrintable(octets: Buffer): Buffer {
  // three octets for one, and a soft break (three more) for every 73 of those
  const out = Buffer.allocUnsafe(octets.length * 3 + Math.ceil((octets.length * 3) / 72 + 1) * 3);
  let to = 0;
  let column = 0;
  for (let from = 0; from < octets.length; from++) {
    const octet = octets[from] ?? 0;
    if (octet === CR && octets[from + 1] === LF) {
      out[to++] = CR;
      out[to++] = LF;
      from++;
      column = 0;
      continue;
    }
    const next = octets[from + 1];
    const endsLine = next === undefined || (next === CR && octets[from + 2] === LF);
    const plain = (octet > 32 && octet < 127 && octet !== 61) || ((octet === 32 || octet === 9) && !endsLine);
    const width = plain ? 1 : 3;
    // 75, because the soft break's "=" stands in the line as well
    if (column + width > LINE_OCTETS - 1) {
      out[to++] = 61;
      out[to++] = CR;
      out[to++] = LF;
      column = 0;
    }
    if (plain) out[to++] = octet;
    else {
      out[to++] = 61;
      out[to++] = HEX[octet >> 4] ?? 0;
      out[to++] = HEX[octet & 15] ?? 0;
    }
    column += width;
  }
  return out.subarray(0, to);
}

/** Forgiving, as a reader must be: what is no encoding stands for itself. */
export function decodeQuotedPrintable(octets: Buffer): Buffer {
  const out = Buffer.allocUnsafe(octets.length);
  let to = 0;
  // white space at the end of a line was added on the way (RFC 2045 §6.7, rule 3)
  let kept = 0;
  for (let from = 0; from < octets.length; from++) {
    const octet = octets[from] ?? 0;
    if (octet === LF || (octet === CR && octets[from + 1] === LF)) to = kept;
    if (octet === 61) {
      const high = hexDigit(octets[from + 1]);
      const low = hexDigit(octets[from + 2]);
      const soft = softBreak(octets, from + 1);
      if (soft > 0) {
        from += soft;
        kept = to;
        continue;
      }
      if (high >= 0 && low >= 0) {
        out[to++] = high * 16 + low;
        from += 2;
        kept = to;
        continue;
      }
    }
    out[to++] = octet;
    if (octet !== 32 && octet !== 9) kept = to;
  }
  return out.subarray(0, kept);
}

/** How many octets a line end takes here; 0 when there is none. */
function softBreak(octets: Buffer, at: number): number {
  if (octets[at] === LF) return 1;
  return octets[at] === CR && octets[at + 1] === LF ? 2 : 0;
}

function hexDigit(octet = 0): number {
  if (octet >= 48 && octet <= 57) return octet - 48;
  const letter = octet | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/**
 * Strict base64 of a JSON field: only the alphabet, with or without padding, white space between.
 * @returns undefined when it is none.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const compact = /\s/.test(text) ? text.replaceAll(/\s/g, '') : text;
  const padding = compact.endsWith('==') ? 2 : compact.endsWith('=') ? 1 : 0;
  const length = compact.length - padding;
  if (length % 4 === 1 || (padding > 0 && compact.length % 4 !== 0)) return undefined;
  // Node skips what is no base64: a result that is too short tells of it
  const octets = Buffer.from(compact, 'base64');
  return octets.length === Math.floor((length * 3) / 4) ? octets : undefined;
}
