/**
 * Passwords and API keys: how they are made, kept and compared. A password is kept as an argon2id hash for
 * PLAIN and LOGIN and as RFC 5803 keys for SCRAM; it can be had back only when CRAM-MD5 was asked for.
 */
import { argon2, createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { type Random, systemRandom } from '../platform/random.ts';
import type { StoredSecret } from '../sources/source.ts';
import type { Seal } from '../store/seal.ts';
import { passwordOf } from './password-presets.ts';
import { ProhibitedTextError, saslPrep } from './saslprep.ts';

const argon2Async = promisify(argon2);
const pbkdf2Async = promisify(pbkdf2);

interface Cost {
  memory: number;
  passes: number;
  parallelism: number;
}

/** OWASP's second choice for argon2id: memory in KiB, passes, lanes. */
const ARGON2 = { memory: 19_456, passes: 2, parallelism: 1 } as const;
/** RFC 7677 §4 asks for 4096 at least. */
export const SCRAM_ITERATIONS = 4096;
const MAX_PASSWORD_OCTETS = 1024;
/** What `recoverable` is sealed for. */
export const RECOVERABLE_PURPOSE = 'cram-md5-password';

export interface HashOptions {
  random?: Random;
  /** 4096 to 10000. */
  iterations?: number;
  /** Keep the password itself, sealed, for CRAM-MD5: only for devices that know nothing better. */
  recoverable?: Seal;
  /**
   * The secret that this one shall take the place of. It shares the salts: then one argon2id run proves either of
   * both, and a SCRAM challenge, which names one salt, can be answered with either (RFC 5802 §5.1).
   */
  beside?: StoredSecret;
}

/**
 * The form in which a password is stored.
 *
 * @throws ProhibitedTextError when it holds what SASLprep forbids.
 * @throws RangeError when it is empty or longer than 1024 octets, or `iterations` is out of range.
 */
export async function hashPassword(password: string, options: HashOptions = {}): Promise<StoredSecret> {
  const { random = systemRandom, recoverable, beside } = options;
  const iterations = beside?.scram.iterations ?? options.iterations ?? SCRAM_ITERATIONS;
  if (iterations < 4096 || iterations > 10_000) throw new RangeError('iterations must be 4096 to 10000');
  const prepared = saslPrep(password);
  const octets = Buffer.byteLength(prepared);
  if (octets === 0 || octets > MAX_PASSWORD_OCTETS) {
    throw new RangeError(`a password has 1 to ${MAX_PASSWORD_OCTETS} octets`);
  }
  const known = beside && parsePhc(beside.argon2id);
  const salt = known?.salt ?? random.bytes(16);
  const { memory, passes, parallelism } = known ?? ARGON2;
  const cost = { memory, passes, parallelism };
  const scramSalt = beside ? Buffer.from(beside.scram.salt, 'base64') : random.bytes(16);
  const [hash, scram] = await Promise.all([
    argon2Async('argon2id', { message: prepared, nonce: salt, tagLength: known?.hash.length ?? 32, ...cost }),
    scramKeys(prepared, scramSalt, iterations),
  ]);
  const secret: StoredSecret = { argon2id: phc(salt, hash, cost), scram };
  if (recoverable) secret.recoverable = recoverable.seal(prepared, RECOVERABLE_PURPOSE);
  return secret;
}

/**
 * Whether this is the password. One argon2id run in libuv's pool, about 40 ms and 19 MiB, whatever the
 * answer.
 *
 * @throws Error when `stored` is no argon2id hash, or asks for more than 256 MiB or 16 passes.
 */
export async function verifyPassword(
  password: string,
  stored: Pick<StoredSecret, 'argon2id'>,
): Promise<boolean> {
  return (await matchPassword(password, [stored])) === 0;
}

/**
 * Which of several secrets has this password: its index, or -1. One argon2id run for all that share a salt, as
 * those of a rotation do; so it takes as long for an account in rotation as for any other.
 *
 * @throws Error as `verifyPassword`
 */
export async function matchPassword(
  password: string,
  stored: readonly Pick<StoredSecret, 'argon2id'>[],
): Promise<number> {
  let message = password;
  let allowed = Buffer.byteLength(password) <= MAX_PASSWORD_OCTETS;
  try {
    message = saslPrep(password);
  } catch (error) {
    // it can match nothing, but takes as long as one that could
    if (!(error instanceof ProhibitedTextError)) throw error;
    allowed = false;
  }
  const runs = new Map<string, Promise<Buffer>>();
  let found = -1;
  for (const [index, { argon2id }] of stored.entries()) {
    const { salt, hash, ...cost } = parsePhc(argon2id);
    const key = saltOf({ argon2id });
    let run = runs.get(key);
    if (!run) {
      run = argon2Async('argon2id', { message, nonce: salt, tagLength: hash.length, ...cost });
      runs.set(key, run);
    }
    const actual = await run;
    if (actual.length === hash.length && timingSafeEqual(actual, hash) && allowed && found < 0) found = index;
  }
  return found;
}

/** What two hashes have in common that one run can compare: everything before the hash itself. */
export function saltOf({ argon2id }: Pick<StoredSecret, 'argon2id'>): string {
  return argon2id.slice(0, argon2id.lastIndexOf('$'));
}

/** A hash of no password, which costs as much to check as that of a real one. */
export function decoySecret(random: Random = systemRandom): Pick<StoredSecret, 'argon2id'> {
  return { argon2id: phc(random.bytes(16), random.bytes(32), ARGON2) };
}

/** RFC 5802 §3: the keys that a server keeps; `password` is prepared already. */
async function scramKeys(password: string, salt: Buffer, iterations: number): Promise<StoredSecret['scram']> {
  const salted = await pbkdf2Async(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  return {
    iterations,
    salt: salt.toString('base64'),
    storedKey: createHash('sha256').update(clientKey).digest('base64'),
    serverKey: createHmac('sha256', salted).update('Server Key').digest('base64'),
  };
}

/** A new password of the default form: 31 possible characters each, 99 bits in its 20. */
export function generatePassword({
  length = 20,
  random = systemRandom,
}: {
  length?: number;
  random?: Random;
} = {}): string {
  if (length < 12 || length > 128) throw new RangeError('a generated password has 12 to 128 characters');
  return passwordOf({ length, alphabet: 'readable' }, random);
}

/** A new key for HTTP submission, and what the registry keeps of it. */
export function generateApiKey(random: Random = systemRandom): { key: string; hash: string } {
  const key = `pst_${random.bytes(32).toString('base64url')}`;
  return { key, hash: hashApiKey(key) };
}

/** A key has 256 random bits of its own: a plain hash can not be turned back (hexadecimal SHA-256). */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The PHC string format has base64 without padding. */
function phc(salt: Buffer, hash: Buffer, { memory, passes, parallelism }: Cost): string {
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${text(salt)}$${text(hash)}`;
}

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

function parsePhc(text: string) {
  const [, m, t, p, salt, hash] = PHC.exec(text) ?? [];
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) };
  if (!salt || !hash || cost.memory > 262_144 || cost.passes > 16) {
    throw new Error('the stored hash is no argon2id hash that can be checked here');
  }
  return { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64'), ...cost };
}
