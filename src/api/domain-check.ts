import type { SigningDomain } from '../authentication/dkim/domain.ts';
import { parseKeyRecord } from '../authentication/dkim/key-record.ts';
import { recordName } from '../authentication/dkim/keys.ts';
import { ResolveError } from '../platform/resolver.ts';
import type { ApiContext } from './context.ts';

export interface KeyCheck {
  selector: string;
  stage: string;
  name: string;
  /** `unknown`: nobody could be asked; what was known before stays. */
  result: 'published' | 'missing' | 'different' | 'unknown';
  explanation: string;
}

/** Looks up the record of each key of a domain and notes what it saw. */
export async function checkDomain(context: ApiContext, domain: SigningDomain): Promise<KeyCheck[]> {
  const checks: KeyCheck[] = [];
  for (const { selector, stage, publicKey } of domain.keys) {
    const name = recordName(selector, domain.name);
    const seen = await lookUp(context, name, publicKey);
    checks.push({ selector, stage, name, ...seen });
    if (seen.result !== 'unknown') {
      const at = seen.result === 'published' ? context.clock.now() : undefined;
      await context.domains.markPublished(domain.name, selector, at);
    }
  }
  return checks;
}

async function lookUp(
  context: ApiContext,
  name: string,
  publicKey: string,
): Promise<Pick<KeyCheck, 'result' | 'explanation'>> {
  let records: string[];
  try {
    records = await context.resolver.txt(name);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    if (error.failure === 'temporary') {
      return {
        result: 'unknown',
        explanation: `DNS gave no answer for ${name}: ${error.message}; try again`,
      };
    }
    return {
      result: 'missing',
      explanation: `there is no TXT record ${name}; publish the one that postern domain dns prints (a new record may take as long as the zone's negative TTL to be seen)`,
    };
  }
  const faults: string[] = [];
  for (const record of records) {
    const parsed = parseKeyRecord(record);
    if ('failure' in parsed) faults.push(parsed.failure);
    else if (parsed.published === publicKey) {
      return { result: 'published', explanation: 'the record is published and holds this key' };
    } else faults.push('other key');
  }
  const explanation =
    records.length === 0
      ? `there is no TXT record ${name}`
      : `the TXT record ${name} does not hold this key (${faults.join(', ')}); a provider that cuts long records at 255 characters, or an old key, is the usual cause`;
  return { result: records.length === 0 ? 'missing' : 'different', explanation };
}
