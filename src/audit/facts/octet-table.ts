/** Octets of ASCII in lower case, each at its own place; those that have no place in a text of some kind are unfit. */
export type OctetTable = Uint8Array;

const UNFIT = 0x80;
const UNFIT_AMONG_FOUR = -0x7f7f7f80;

/** @param fit matches the characters of such a text */
export function octetTable(fit: RegExp): OctetTable {
  return Uint8Array.from({ length: 256 }, (_, octet) => {
    const character = String.fromCharCode(octet);
    return fit.test(character) ? character.toLowerCase().charCodeAt(0) : UNFIT;
  });
}

/** Four octets as the table has them, the first one lowest. */
export function fourThrough(table: OctetTable, octets: Uint8Array, at: number): number {
  return (
    table[octets[at]!]! |
    (table[octets[at + 1]!]! << 8) |
    (table[octets[at + 2]!]! << 16) |
    (table[octets[at + 3]!]! << 24)
  );
}

/** @param all octets or fours of them, joined by `|` */
export function areFit(all: number): boolean {
  return (all & UNFIT_AMONG_FOUR) === 0;
}
