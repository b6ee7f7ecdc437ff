import { generateKey, recordName, recordText } from '../../../src/authentication/dkim/keys.ts';
import type { LabKey } from '../../../src/lab/lab.ts';
import type { KeyName } from './sending.ts';

export interface SigningKeyParts {
  key: LabKey;
  /** Name of the record that publishes it, and its text. */
  record: string;
  text: string;
}

/** A key for each name. */
export async function signingKeys(names: readonly KeyName[]): Promise<ReadonlyMap<string, SigningKeyParts>> {
  const made = names.map(async ({ name, domain, selector }) => {
    const pair = await generateKey('ed25519-sha256');
    const whole = { ...pair, selector, stage: 'active' as const, createdAt: 0 };
    const parts: SigningKeyParts = {
      key: { domain, selector, privateKey: pair.privateKey },
      record: recordName(selector, domain),
      text: recordText(whole),
    };
    return [name, parts] as const;
  });
  return new Map(await Promise.all(made));
}
