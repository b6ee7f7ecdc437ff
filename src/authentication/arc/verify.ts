/**
 * Validates an Authenticated Received Chain (RFC 8617 §5.2). What a chain that passes is worth depends on who
 * sealed it: anybody can make one that says anything. The answer names the sealers, trust is another's business.
 */
import { BodyHashes } from '../dkim/body-hash.ts';
import type { Body, BodyDigest } from '../dkim/body-hash.ts';
import { HeadFields, SignedOctets, signedOctets } from '../dkim/fields.ts';
import { KeyCheck } from '../dkim/key-check.ts';
import type { KeyCheckOptions, KeyLookup, KeyReason } from '../dkim/key-check.ts';
import { LONGEST_HEAD, unsignedDuplicates } from '../dkim/verify.ts';
import type { ChainValue, MessageSignature } from './fields.ts';
import { collectSets } from './sets.ts';
import type { ArcSet, ArcSets } from './sets.ts';

export type ArcReason =
  /** More sets than RFC 8617 allows. */
  | 'instances'
  /** A field is missing, doubled, or has no instance. */
  | 'structure'
  /** A handler before us has found the chain broken. */
  | 'sealed-as-failed'
  /** `cv=` is not what its place in the chain allows. */
  | 'chain-value'
  /** A field breaks the rules of its tags. */
  | 'syntax'
  | 'expired'
  | 'body-hash'
  | 'length'
  | 'size'
  | KeyReason;

/** What one set says, in order of instances. */
export interface ArcHop {
  instance: number;
  /** `d=` and `s=` of the seal: who vouches. Absent when it can not be read. */
  sealer?: string;
  selector?: string;
  /** `d=` of the message signature. */
  signer?: string;
  chain?: ChainValue;
  /** Whether this hop's seal was verified; absent: not looked at, because the chain failed before. */
  seal?: 'pass' | 'fail' | 'temperror';
  /** Whether the message is still what this hop signed; absent: not looked at. */
  message?: 'pass' | 'fail' | 'temperror';
  /** `l=` of the message signature leaves the end of the body unsigned. */
  partial?: boolean;
  /** ARC-Authentication-Results behind the instance, as the sealer wrote it, one character an octet. */
  results: string;
}

export interface ArcResult {
  /**
   * `temperror`: nobody could tell, because a key was not to be had. RFC 8617 has no such word; it is neither
   * a pass nor a chain that somebody broke.
   */
  result: 'none' | 'pass' | 'fail' | 'temperror';
  /** Absent when it passed, and when there is none. */
  reason?: ArcReason;
  /** The instance at which it failed, where it was at one. */
  at?: number;
  /** Instances of the message, or of what is left of a broken chain. */
  highest: number;
  /** The newest seal says `cv=fail`: nobody may seal this message any more (RFC 8617 §5.1, step 2). */
  sealedAsFailed: boolean;
  /**
   * RFC 8617 §5.2, step 5: the oldest set whose message signature still verifies; 0: all of them. Absent when the
   * chain did not pass, or when it can not be told.
   */
  oldestPass?: number;
  /**
   * Of a chain that passes: fields that may be other than what the newest message signature was made over. From, which
   * RFC 8617 lets it leave out, and those of which there are more than it covers. Absent: none.
   */
  unsignedFields?: string[];
  hops: ArcHop[];
}

export interface ArcOptions extends KeyCheckOptions {
  /** Wall time, milliseconds. */
  now: number;
}

/**
 * Validates the chain of a message. `body` is read once. Never rejects but for a lookup or a body that fails in
 * another way than their contracts say.
 */
export async function verifyArc(
  message: { head: Buffer; body: Body },
  lookup: KeyLookup,
  options: ArcOptions,
): Promise<ArcResult> {
  if (message.head.length > LONGEST_HEAD) {
    return { result: 'fail', reason: 'size', highest: 0, sealedAsFailed: false, hops: [] };
  }
  const bodies = new BodyHashes();
  const verification = new ArcVerification(new HeadFields(message.head), bodies, options);
  await bodies.read(message.body);
  return verification.result(new KeyCheck(lookup, options));
}

type Part = { result: 'pass' } | { result: 'fail' | 'temperror'; reason: ArcReason };
const PASS: Part = { result: 'pass' };
const failed = (reason: ArcReason): Part => ({ result: 'fail', reason });

/** The two halves of validating: what can be known before the body is read, and what follows. */
export class ArcVerification {
  readonly #fields: HeadFields;
  readonly #options: ArcOptions;
  readonly #chain: ArcSets;
  /** By instance less one: the ways in which its message signature may be read. */
  readonly #readings: Reading[][];

  /** Reads the sets, and asks `bodies` for the hashes that they need, the newest set first. */
  constructor(fields: HeadFields, bodies: BodyHashes, options: ArcOptions) {
    this.#fields = fields;
    this.#options = options;
    this.#chain = collectSets(fields);
    this.#readings = this.#chain.sets
      .toReversed()
      .map(({ message }) => (message ? readingsOf(message, bodies) : []))
      .reverse();
  }

  /** To be called when `bodies` has read the body. */
  async result(keys: KeyCheck): Promise<ArcResult> {
    const { sets, highest, sealedAsFailed, broken } = this.#chain;
    const hops = sets.map(hopOf);
    const about = { highest, sealedAsFailed, hops };
    const end = (part: Part, at?: number): ArcResult => ({
      ...about,
      ...part,
      ...(at !== undefined && { at }),
    });
    if (highest === 0 && !broken) return { result: 'none', ...about };
    // step 2 comes before the structure: what was found broken needs no second finding
    if (sealedAsFailed) return end(failed('sealed-as-failed'), highest);
    if (broken) return end(failed(broken));
    for (const { instance, sealed, message } of sets) {
      if (!sealed || !message) return end(failed('syntax'), instance);
      if (sealed.chain !== (instance === 1 ? 'none' : 'pass')) return end(failed('chain-value'), instance);
    }

    const newest = await this.#message(sets.at(-1)!, hops, keys);
    if (newest.result !== 'pass') return end(newest, highest);
    const seals = new Seals(this.#fields, sets);
    for (const set of sets.toReversed()) {
      const part = await this.#seal(set, seals, keys);
      hops[set.instance - 1]!.seal = part.result;
      if (part.result !== 'pass') return end(part, set.instance);
    }
    const oldestPass = await this.#oldestPass(sets, hops, keys);
    const unsigned = unsignedFields(this.#fields, sets.at(-1)!.message!.signed);
    return {
      ...about,
      ...PASS,
      ...(oldestPass !== undefined && { oldestPass }),
      ...(unsigned.length > 0 && { unsignedFields: unsigned }),
    };
  }

  async #message(set: ArcSet, hops: ArcHop[], keys: KeyCheck): Promise<Part> {
    const part = await this.#messagePart(set, keys);
    hops[set.instance - 1]!.message = part.result;
    return part;
  }

  async #messagePart({ instance, messageSignature, message }: ArcSet, keys: KeyCheck): Promise<Part> {
    if (!message) return failed('syntax');
    if (message.expiry !== undefined && this.#options.now / 1000 > message.expiry) return failed('expired');
    let part = failed('size');
    for (const { signature, body } of this.#readings[instance - 1]!) {
      if (signature.length !== undefined && body.total < signature.length) part = failed('length');
      else if (!body.digest.equals(signature.bodyHash)) part = failed('body-hash');
      else {
        part = partOf(
          await keys.verify(signature, () => signedOctets(this.#fields, messageSignature, signature)),
        );
      }
      if (part.result === 'pass') break;
    }
    return part;
  }

  async #seal({ instance, sealed }: ArcSet, seals: Seals, keys: KeyCheck): Promise<Part> {
    return sealed ? partOf(await keys.verify(sealed, () => seals.octets(instance))) : failed('syntax');
  }

  /** Last, so that a budget of lookups which ends here has been spent on what decides. */
  async #oldestPass(sets: ArcSet[], hops: ArcHop[], keys: KeyCheck): Promise<number | undefined> {
    for (const set of sets.slice(0, -1).reverse()) {
      const { result } = await this.#message(set, hops, keys);
      if (result === 'temperror') return undefined;
      if (result === 'fail') return set.instance + 1;
    }
    return 0;
  }
}

/** One way to read a message signature, with the body hash that belongs to it. */
interface Reading {
  signature: MessageSignature;
  body: BodyDigest;
}

/**
 * RFC 8617 §4.1.2 takes over DKIM's default for a missing `c=`, simple; in the drafts before it was relaxed, and there
 * are sealers of that time. In both forms nothing verifies but what was signed.
 */
function readingsOf(message: MessageSignature, bodies: BodyHashes): Reading[] {
  const forms = message.canonicalized
    ? [message]
    : [message, { ...message, header: 'relaxed' as const, body: 'relaxed' as const }];
  return forms.flatMap((signature) => {
    const body = bodies.want(signature.body, signature.length);
    return body ? [{ signature, body }] : [];
  });
}

function unsignedFields(fields: HeadFields, signed: readonly string[]): string[] {
  return [...(signed.includes('from') ? [] : ['from']), ...unsignedDuplicates(fields, signed)];
}

function hopOf({ instance, payload, message, sealed }: ArcSet): ArcHop {
  return {
    instance,
    ...(sealed && { sealer: sealed.domain, selector: sealed.selector, chain: sealed.chain }),
    ...(message && { signer: message.domain }),
    ...(message?.length !== undefined && { partial: true }),
    results: payload,
  };
}

function partOf(outcome: Awaited<ReturnType<KeyCheck['verify']>>): Part {
  if (outcome.result === 'pass') return PASS;
  const reason = outcome.reason ?? 'signature';
  return outcome.result === 'temperror' ? { result: 'temperror', reason } : failed(reason);
}

/**
 * What the seals are made over (RFC 8617 §5.1.1): all sets in order, each with results, signature, seal; the last
 * seal with an empty `b=`. Each seal's octets begin with those of the one before, so that they are made once.
 */
class Seals {
  readonly #fields: HeadFields;
  readonly #sets: ArcSet[];
  readonly #whole: SignedOctets;
  /** Where the octets of the set's own seal begin, by instance less one. */
  readonly #starts: number[] = [];

  constructor(fields: HeadFields, sets: ArcSet[]) {
    this.#fields = fields;
    this.#sets = sets;
    // RFC 8617 §4.1.3: there is no c=, it is relaxed always
    this.#whole = new SignedOctets('relaxed', 4096);
    for (const { results, messageSignature, seal } of sets) {
      this.#whole.add(fields.head, results);
      this.#whole.add(fields.head, messageSignature);
      this.#starts.push(this.#whole.length);
      this.#whole.add(fields.head, seal);
    }
  }

  octets(instance: number): Buffer {
    const { seal, sealed } = this.#sets[instance - 1]!;
    const own = new SignedOctets('relaxed', seal.end - seal.start + 4);
    own.addUnsigned(this.#fields.head, seal, sealed!.signatureStart, sealed!.signatureEnd);
    return Buffer.concat([this.#whole.octets().subarray(0, this.#starts[instance - 1]), own.octets()]);
  }
}
