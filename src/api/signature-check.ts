import { type KeyLookup, verifyDkim } from '../authentication/dkim/verify.ts';
import type { SignatureCheck } from './context.ts';

/** The verdict on each DKIM signature of a whole message. @param now wall time, milliseconds */
export async function verifySignatures(
  message: Buffer,
  lookup: KeyLookup,
  now: number,
): Promise<SignatureCheck[]> {
  const end = message.indexOf('\r\n\r\n');
  const split = end === -1 ? message.length : end + 4;
  const results = await verifyDkim(
    { head: message.subarray(0, split), body: message.subarray(split) },
    lookup,
    { now },
  );
  return results.map(({ result, reason, domain = '', selector = '' }) => ({
    result,
    reason,
    domain,
    selector,
  }));
}
