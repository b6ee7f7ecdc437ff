import { isUtf8 } from 'node:buffer';

/** Tells of octets that arrive in chunks whether all of them are UTF-8, without keeping more than three. */
export class Utf8Check {
  #carry: Buffer = Buffer.alloc(0);
  #valid = true;

  feed(chunk: Buffer): void {
    if (!this.#valid) return;
    const octets = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const cut = octets.length - unfinished(octets);
    this.#valid = isUtf8(octets.subarray(0, cut));
    this.#carry = Buffer.from(octets.subarray(cut));
  }

  /** A character cut short at the end is not valid. */
  get valid(): boolean {
    return this.#valid && this.#carry.length === 0;
  }
}

/** How many octets at the end begin a character that goes on (RFC 3629 §3). */
function unfinished(octets: Buffer): number {
  for (let back = 1; back <= Math.min(3, octets.length); back++) {
    const octet = octets[octets.length - back]!;
    if (octet < 0x80) return 0;
    if (octet >= 0xc0) {
      const size = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2;
      return size > back ? back : 0;
    }
  }
  return 0;
}
