/**
 * Adds an ARC set (RFC 8617 §5.1): what was found about a message when it came, and the message as it leaves. To be
 * called when everything else has been done to it, a DKIM signature included.
 */
import { hash, sign as signInPool } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { HeadFields, SignedOctets, addNamed } from '../dkim/fields.ts';
import type { Field } from '../dkim/fields.ts';
import { MOST_INSTANCES as MOST_FIELDS, SIGNED, foldBase64 } from '../dkim/sign.ts';
import type { BodyHash } from '../dkim/signer.ts';
import { MOST_INSTANCES } from './fields.ts';
import type { ChainValue } from './fields.ts';
import { collectSets } from './sets.ts';
import type { ArcResult } from './verify.ts';

/** In whose name is sealed. */
export interface Sealer {
  /** A-labels, lower case. */
  domain: string;
  selector: string;
  /** RFC 8617 §4.1.3 takes `a=` from DKIM, and so RFC 8463 too; but RSA is what all validators know. */
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  key: KeyObject;
  /** Names for `h=`, lower case, in order; default: what DKIM signs, and DKIM-Signature. */
  signed?: readonly string[];
}

export interface SealInput {
  /** As it leaves, with the chain that came. */
  head: Buffer;
  /** Of the body as it leaves. */
  body: BodyHash;
  /** What was found of the chain when the message came, before anything was changed. */
  chain: Pick<ArcResult, 'result' | 'highest' | 'sealedAsFailed'>;
  /** The value of our Authentication-Results field, its authserv-id first; folds are CRLF and white space. */
  results: string;
  /** Wall time, milliseconds. */
  at: number;
}

/** Text that can not end its field, or begin another. */
const FOLDED = /^[^\0\r\n]*(?:\r\n[ \t]+[^\0\r\n \t][^\0\r\n]*)*$/;

/**
 * The three fields of a new set, each with its CRLF, to be put above all others. Undefined when there is none to add:
 * the chain was found broken before us (RFC 8617 §5.1, step 2), it is as long as it may be (§4.2.1), or nobody could
 * tell whether it holds, and a later handler shall have its chance.
 * @throws TypeError when `results` could not stand in a field, or `head` has lost sets that passed.
 */
export async function sealArc(input: SealInput, sealer: Sealer): Promise<Buffer | undefined> {
  const { head, chain } = input;
  if (chain.sealedAsFailed || chain.result === 'temperror' || chain.highest >= MOST_INSTANCES)
    return undefined;
  const found: ChainValue = chain.result;
  const instance = chain.highest + 1;
  const fields = new HeadFields(head);
  // what passed on arrival must still be there to be sealed over
  const { sets } = found === 'pass' ? collectSets(fields) : { sets: [] };
  if (found === 'pass' && sets.length !== chain.highest) {
    throw new TypeError('the ARC sets of the message are not those that were validated');
  }

  const results = resultsField(instance, input.results);
  const tags = `d=${sealer.domain};\r\n s=${sealer.selector}; t=${Math.floor(input.at / 1000)};`;
  const signed = sealer.signed ?? defaultNames(fields);
  const message = unsignedField(
    `ARC-Message-Signature: i=${instance}; a=${sealer.algorithm}; c=relaxed/relaxed;\r\n ${tags}\r\n h=${signed.join(':\r\n ')};\r\n bh=${input.body.relaxed};\r\n b=`,
  );
  const covered = new SignedOctets('relaxed', 4096);
  addNamed(covered, fields, signed);
  const messageSignature = await signedField(covered, message, sealer);

  const seal = unsignedField(
    `ARC-Seal: i=${instance}; a=${sealer.algorithm}; cv=${found};\r\n ${tags}\r\n b=`,
  );
  // RFC 8617 §5.1.2: over a broken chain the seal covers its own set only, for there is no order to the others
  const scope = new SignedOctets('relaxed', 4096);
  for (const set of sets) {
    scope.add(head, set.results);
    scope.add(head, set.messageSignature);
    scope.add(head, set.seal);
  }
  for (const own of [results, messageSignature]) scope.add(own, { start: 0, end: own.length });
  return Buffer.concat([await signedField(scope, seal, sealer), messageSignature, results]);
}

function resultsField(instance: number, results: string): Buffer {
  const value = results.trim();
  if (value === '' || !FOLDED.test(value)) {
    throw new TypeError('authentication results that can not stand in a header field');
  }
  return Buffer.from(`ARC-Authentication-Results: i=${instance}; ${value}\r\n`);
}

/**
 * What our DKIM signature would cover, and the signatures that the message has (RFC 8617 §4.1.2); each once for each
 * instance. No name stands for a field that is not there: the next handler may add what it likes, its own set tells.
 */
function defaultNames(fields: HeadFields): string[] {
  return [...SIGNED.map(([name]) => name), 'dkim-signature'].flatMap((name) =>
    Array.from({ length: Math.min(fields.all(name).length, MOST_FIELDS) }, () => name),
  );
}

interface Unsigned {
  text: string;
  octets: Buffer;
  field: Field;
}

function unsignedField(text: string): Unsigned {
  const octets = Buffer.from(text, 'latin1');
  return { text, octets, field: { name: '', start: 0, valueStart: 0, end: octets.length } };
}

/** The field with its signature, over what `covered` has and itself. */
async function signedField(covered: SignedOctets, unsigned: Unsigned, sealer: Sealer): Promise<Buffer> {
  const { text, octets, field } = unsigned;
  covered.addUnsigned(octets, field, octets.length, octets.length);
  const signature = await signOctets(covered.octets(), sealer);
  return Buffer.from(`${text}${foldBase64(signature.toString('base64'))}\r\n`, 'latin1');
}

function signOctets(octets: Buffer, { algorithm, key }: Sealer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const done = (error: Error | null, signature: Buffer): void => (error ? reject(error) : resolve(signature));
  if (algorithm === 'rsa-sha256') signInPool('sha256', octets, key, done);
  // RFC 8463 §3: Ed25519 signs the SHA-256 of the data, not the data
  else signInPool(null, hash('sha256', octets, 'buffer'), key, done);
  return promise;
}
