/**
 * Signs what leaves (RFC 6376 §5), relaxed/relaxed, once for each active key of the domain. All but the
 * signature itself is one pass over the head; the signature is made in the thread pool.
 */
import { createHash, createPrivateKey, hash, sign as signInPool } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import type { Content } from '../../message/content.ts';
import type { SigningDomain, SigningKey } from './domain.ts';
import type { DomainRegistry } from './domains.ts';
import type { BodyHash, BodyHasher, Signer } from './signer.ts';
import { bodyCanonicalizer, relaxField } from './canonical.ts';
import type { BodyCanonicalizer } from './canonical.ts';
import { fieldName, scanField } from './fields.ts';
import type { FieldSpan } from './fields.ts';

/** The domain can not be signed for: it is not ours, or none of its keys is active. */
export class SigningError extends Error {
  readonly domain: string;
  constructor(domain: string, message: string) {
    super(message);
    this.domain = domain;
  }
}

export interface DkimSignerOptions {
  /** Writes `x=`, this many seconds after `t=`. Absent: signatures do not expire (RFC 6376 §3.5). */
  expireAfterSeconds?: number;
}

/**
 * How often a name stands in `h=` beyond its instances. RFC 6376 §8.15: a name that stands there once more than
 * it occurs makes the signature fail when somebody adds the field.
 *
 * - `never`: lists and gateways add it on legitimate ways, and what it adds does not change what is shown.
 * - `present`: the next hop may add it where it is missing (RFC 6409 §8), but nobody may add a second.
 * - `always`: a second or a first one would change who it seems to be from or to, where answers go, or how
 *   the body is read, so that a signed message could be replayed with another appearance.
 */
type Oversign = 'never' | 'present' | 'always';

/** The fields of RFC 6376 §5.4.1, of MIME, and RFC 8058 §4; what is changed on the way is not among them. */
export const SIGNED: readonly (readonly [name: string, oversign: Oversign])[] = [
  ['from', 'always'],
  ['reply-to', 'always'],
  ['to', 'always'],
  ['cc', 'always'],
  ['subject', 'always'],
  ['date', 'present'],
  ['message-id', 'present'],
  ['mime-version', 'present'],
  ['content-type', 'always'],
  ['content-transfer-encoding', 'always'],
  ['content-disposition', 'never'],
  ['content-id', 'never'],
  ['content-description', 'never'],
  ['sender', 'never'],
  ['in-reply-to', 'never'],
  ['references', 'never'],
  ['resent-date', 'never'],
  ['resent-from', 'never'],
  ['resent-sender', 'never'],
  ['resent-to', 'never'],
  ['resent-cc', 'never'],
  ['resent-message-id', 'never'],
  ['list-id', 'never'],
  ['list-help', 'never'],
  ['list-unsubscribe', 'never'],
  ['list-unsubscribe-post', 'never'],
  ['list-subscribe', 'never'],
  ['list-post', 'never'],
  ['list-owner', 'never'],
  ['list-archive', 'never'],
  ['feedback-id', 'never'],
  ['auto-submitted', 'never'],
];

const SLOTS = new Map(SIGNED.map(([name], slot) => [name, slot]));
/** With room for white space before the colon, which RFC 5322 §4.5 allows in old messages. */
const LONGEST_NAME = Math.max(...SIGNED.map(([name]) => name.length)) + 8;

/** A name that occurs more often is signed in its lowest instances only: a bound for `h=`. */
export const MOST_INSTANCES = 64;
/** Lines are folded before this column. */
const COLUMNS = 76;

/** What does not change from one message to the next. */
interface PreparedKey {
  domain: string;
  privateKey: string;
  selector: string;
  key: KeyObject;
  /** The field up to the value of `t=`. */
  opening: string;
  algorithm: SigningKey['algorithm'];
}

/** Signs for the domains of a registry. Safe for any number of calls at the same time. */
export class DkimSigner implements Signer {
  readonly #registry: Pick<DomainRegistry, 'byName'>;
  readonly #expire: number;
  /** Parsing a key costs more than ten signatures' preparation; entries go with the registry's values. */
  readonly #prepared = new WeakMap<SigningKey, PreparedKey>();

  constructor(registry: Pick<DomainRegistry, 'byName'>, options: DkimSignerOptions = {}) {
    this.#registry = registry;
    this.#expire = options.expireAfterSeconds ?? 0;
  }

  hasher(): BodyHasher {
    return new RelaxedHasher();
  }

  hash(body: Buffer, loose: boolean): BodyHash {
    // what canonicalisation would leave alone is hashed as it lies
    if (!loose) return { relaxed: hash('sha256', body, 'base64') };
    const hasher = new RelaxedHasher();
    hasher.update(body);
    return hasher.digest();
  }

  async sign(content: Pick<Content, 'head'>, body: BodyHash, domain: string, at: number): Promise<Buffer> {
    const owner = this.#registry.byName(domain);
    if (!owner) throw new SigningError(domain, `no signing domain ${domain}`);
    const keys = this.#activeKeys(owner);
    if (keys.length === 0) throw new SigningError(domain, `${domain} has no active key`);

    const seconds = Math.floor(at / 1000);
    const expiry = this.#expire > 0 ? ` x=${seconds + this.#expire};` : '';
    const { octets, used, names } = selectFields(content.head);
    const closing = `${seconds};${expiry}\r\n h=${names};\r\n bh=${body.relaxed};\r\n b=`;
    if (keys.length === 1) return signField(keys[0]!, closing, octets, used);
    return Buffer.concat(await Promise.all(keys.map((key) => signField(key, closing, octets, used))));
  }

  /** RSA first: not every verifier knows Ed25519 (RFC 8463 §5), and some look at the first signature only. */
  #activeKeys(domain: SigningDomain): PreparedKey[] {
    const rsa: PreparedKey[] = [];
    const others: PreparedKey[] = [];
    for (const key of domain.keys) {
      if (key.stage !== 'active') continue;
      (key.algorithm === 'rsa-sha256' ? rsa : others).push(this.#prepare(domain.name, key));
    }
    return others.length === 0 ? rsa : rsa.concat(others);
  }

  #prepare(domain: string, key: SigningKey): PreparedKey {
    const known = this.#prepared.get(key);
    if (
      known &&
      known.privateKey === key.privateKey &&
      known.selector === key.selector &&
      known.domain === domain
    ) {
      return known;
    }
    const names = `d=${domain};`;
    const selector = `s=${key.selector};`;
    const separator = names.length + selector.length + 2 <= COLUMNS ? ' ' : '\r\n ';
    const prepared: PreparedKey = {
      domain,
      privateKey: key.privateKey,
      selector: key.selector,
      key: createPrivateKey(key.privateKey),
      opening: `DKIM-Signature: v=1; a=${key.algorithm}; c=relaxed/relaxed;\r\n ${names}${separator}${selector}\r\n t=`,
      algorithm: key.algorithm,
    };
    this.#prepared.set(key, prepared);
    return prepared;
  }
}

class RelaxedHasher implements BodyHasher {
  readonly #hash = createHash('sha256');
  readonly #canonical: BodyCanonicalizer;

  constructor() {
    this.#canonical = bodyCanonicalizer('relaxed', (octets) => this.#hash.update(octets));
  }

  update(chunk: Buffer): void {
    this.#canonical.update(chunk);
  }

  digest(): BodyHash {
    this.#canonical.end();
    return { relaxed: this.#hash.digest('base64') };
  }
}

interface SelectedFields {
  /** The canonical fields, each with its CRLF, in `octets` from 0 to `used`. */
  octets: Buffer;
  used: number;
  /** The value of `h=`, folded. */
  names: string;
}

/** What `selectFields` works on, kept from one message to the next. */
const scratch = {
  starts: [] as number[],
  ends: [] as number[],
  /** The instance of the same name above this one, or -1: RFC 6376 §5.4.2 wants them from the bottom up. */
  above: [] as number[],
  /** By slot: the last instance, or -1. */
  lowest: new Int32Array(SIGNED.length),
};

/** Finds the fields to be signed and puts them in the order of `h=`. */
function selectFields(head: Buffer): SelectedFields {
  const { starts, ends, above, lowest } = scratch;
  let count = 0;
  lowest.fill(-1);

  const span: FieldSpan = { colon: -1, end: 0 };
  for (let start = 0; scanField(head, start, span); start = span.end) {
    if (span.colon - start > LONGEST_NAME || span.colon < start + 2) continue;
    const slot = SLOTS.get(fieldName(head, start, span.colon));
    if (slot === undefined) continue;
    above[count] = lowest[slot]!;
    starts[count] = start;
    ends[count] = span.end;
    lowest[slot] = count++;
  }

  const octets = Buffer.allocUnsafe(head.length + 2);
  let used = 0;
  let names = '';
  let column = 3; // ` h=`
  for (let slot = 0; slot < SIGNED.length; slot++) {
    const [name, oversign] = SIGNED[slot]!;
    let times = 0;
    let field = lowest[slot]!;
    for (; field >= 0 && times < MOST_INSTANCES; field = above[field]!) {
      used = relaxField(head, starts[field]!, ends[field]!, octets, used);
      octets[used++] = 0x0d;
      octets[used++] = 0x0a;
      times++;
    }
    // an extra name can not stand for "no more" while there are more
    if (field < 0 && (oversign === 'always' || (oversign === 'present' && times > 0))) times++;
    for (; times > 0; times--) {
      // with the colon or semicolon that follows
      if (column + name.length + 2 > COLUMNS) {
        names += ':\r\n ';
        column = 1;
      } else if (names !== '') {
        names += ':';
        column++;
      }
      names += name;
      column += name.length;
    }
  }
  return { octets, used, names };
}

/** One DKIM-Signature field with its CRLF. */
function signField(prepared: PreparedKey, closing: string, octets: Buffer, used: number): Promise<Buffer> {
  const unsigned = prepared.opening + closing;
  const field = Buffer.from(unsigned, 'latin1');
  // RFC 6376 §3.7: the field itself comes last, with an empty b= and without its CRLF
  const data = Buffer.allocUnsafe(used + field.length);
  octets.copy(data, 0, 0, used);
  const length = relaxField(field, 0, field.length, data, used);
  const input = data.subarray(0, length);
  // RFC 8463 §3: Ed25519 signs the SHA-256 of the data, not the data
  return prepared.algorithm === 'rsa-sha256'
    ? signedField('sha256', input, prepared.key, unsigned)
    : signedField(null, hash('sha256', input, 'buffer'), prepared.key, unsigned);
}

interface Waiting {
  resolve: (field: Buffer) => void;
  reject: (error: Error) => void;
  unsigned: string;
}

/**
 * The callback of a job of the thread pool, and all that it can reach, survives the collections of the young
 * generation. So it is made where no buffer is in its scope, and forgets its promise when it is done: without that,
 * each signature keeps its message until the next full collection.
 */
function signedField(
  algorithm: string | null,
  input: Buffer,
  key: KeyObject,
  unsigned: string,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  signInPool(algorithm, input, key, completion({ resolve, reject, unsigned }));
  return promise;
}

function completion(begun: Waiting): (error: Error | null, signature: Buffer) => void {
  let waiting: Waiting | undefined = begun;
  return (error, signature) => {
    const { resolve, reject, unsigned } = waiting!;
    waiting = undefined;
    if (error) reject(error);
    else resolve(Buffer.from(`${unsigned}${foldBase64(signature.toString('base64'))}\r\n`, 'latin1'));
  };
}

export function foldBase64(text: string): string {
  const first = COLUMNS - 4;
  let folded = text.slice(0, first);
  for (let i = first; i < text.length; i += COLUMNS - 2) {
    folded += `\r\n ${text.slice(i, i + COLUMNS - 2)}`;
  }
  return folded;
}
