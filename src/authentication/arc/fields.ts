/** Reads the three fields of an ARC set (RFC 8617 §4.1). */
import type { CoverageTags, SignerTags } from '../dkim/signature-field.ts';
import { readCoverage, readSigner } from '../dkim/signature-field.ts';
import type { Tag } from '../dkim/tag-list.ts';

/** RFC 8617 §4.2.1: instances are 1 to 50. */
export const MOST_INSTANCES = 50;

/** `cv=` of a seal: what its sealer found of the chain before it. */
export type ChainValue = 'none' | 'pass' | 'fail';

export type MessageSignature = SignerTags & CoverageTags;
export type Seal = SignerTags & { chain: ChainValue };

/** Two digits at most, and no leading zero that another reader could take for another number. */
function readInstance(text: string | undefined): number | undefined {
  if (text === undefined || !/^[1-9][0-9]?$/.test(text)) return undefined;
  const instance = Number(text);
  return instance <= MOST_INSTANCES ? instance : undefined;
}

/** The instance of a signature or seal, whatever else is wrong with it. */
export function instanceOf(tags: ReadonlyMap<string, Tag> | undefined): number | undefined {
  return readInstance(tags?.get('i')?.value);
}

/**
 * Reads `i=1; authserv-id; ...`: ARC-Authentication-Results is no tag list, and its instance stands in front.
 * `payload` is what follows, as written.
 */
export function parseResults(text: string): { instance: number; payload: string } | undefined {
  const found = /^[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*([0-9]{1,2})[ \t\r\n]*;/.exec(text);
  const instance = readInstance(found?.[1]);
  return found && instance !== undefined ? { instance, payload: text.slice(found[0].length) } : undefined;
}

/** An ARC-Message-Signature: DKIM-Signature's tags without a version (RFC 8617 §4.1.2). */
export function parseMessageSignature(tags: ReadonlyMap<string, Tag>): MessageSignature | undefined {
  const signer = readSigner(tags);
  const coverage = readCoverage(tags, true);
  if (typeof signer === 'string' || typeof coverage === 'string') return undefined;
  // RFC 8617 §4.1.2: the seal is made over the signature, and can not be covered by it
  return coverage.signed.includes('arc-seal') ? undefined : { ...signer, ...coverage };
}

/** An ARC-Seal (RFC 8617 §4.1.3); `h=` in it must fail the chain. */
export function parseSeal(tags: ReadonlyMap<string, Tag>): Seal | undefined {
  const signer = readSigner(tags);
  const chain = tags.get('cv')?.value;
  if (typeof signer === 'string' || tags.has('h')) return undefined;
  return chain === 'none' || chain === 'pass' || chain === 'fail' ? { ...signer, chain } : undefined;
}
