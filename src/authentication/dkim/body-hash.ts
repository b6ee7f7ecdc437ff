import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

import { bodyCanonicalizer } from './canonical.ts';
import type { BodyCanonicalizer, Canonicalization } from './canonical.ts';

/** A body in memory, or chunks of a file. */
export type Body = Buffer | Iterable<Buffer> | AsyncIterable<Buffer>;

/** One hash over a body; its values are there once the body was read. */
export interface BodyDigest {
  digest: Buffer;
  /** Octets of the whole canonical body; more than `l=` when something follows what was hashed. */
  total: number;
}

/**
 * Hashes that are made of one body: a signer chooses `l=` freely, and each length is a hash of its own over a body
 * of any size. Two of whole bodies and some cut ones is more than honest mail has.
 */
const MOST_HASHES = 8;

interface Wanted extends BodyDigest {
  limit: number;
  hash: Hash;
}

/** All canonical forms of a body that its signatures need, made in one pass. */
export class BodyHashes {
  readonly #forms = new Map<
    Canonicalization,
    { canonical: BodyCanonicalizer; wanted: Wanted[]; seen: number }
  >();
  #hashes = 0;

  /**
   * Asks for a hash; what is asked for twice is made once.
   * @param limit `l=`, octets of the canonical body; undefined: all.
   * @returns undefined when there are too many.
   */
  want(kind: Canonicalization, limit = Number.POSITIVE_INFINITY): BodyDigest | undefined {
    let form = this.#forms.get(kind);
    const known = form?.wanted.find((one) => one.limit === limit);
    if (known) return known;
    if (this.#hashes === MOST_HASHES) return undefined;
    this.#hashes++;
    if (!form) {
      const made = {
        wanted: [] as Wanted[],
        seen: 0,
        canonical: bodyCanonicalizer(kind, (octets) => take(made, octets)),
      };
      form = made;
      this.#forms.set(kind, form);
    }
    const one: Wanted = { limit, hash: createHash('sha256'), digest: Buffer.alloc(0), total: 0 };
    form.wanted.push(one);
    return one;
  }

  /** Reads the body once; to be called once, when all hashes have been asked for. @throws what its chunks throw */
  async read(body: Body): Promise<void> {
    if (this.#forms.size === 0) return;
    const forms = [...this.#forms.values()];
    if (Buffer.isBuffer(body)) {
      for (const { canonical } of forms) canonical.update(body);
    } else {
      for await (const chunk of body) for (const { canonical } of forms) canonical.update(chunk);
    }
    for (const form of forms) {
      form.canonical.end();
      for (const one of form.wanted) {
        one.digest = one.hash.digest();
        one.total = form.seen;
      }
    }
  }
}

function take(form: { wanted: Wanted[]; seen: number }, octets: Buffer): void {
  for (const { limit, hash } of form.wanted) {
    const room = limit - form.seen;
    if (room >= octets.length) hash.update(octets);
    else if (room > 0) hash.update(octets.subarray(0, room));
  }
  form.seen += octets.length;
}
