import { DkimSigner } from '../../authentication/dkim/sign.ts';
import type { SigningKey } from '../../authentication/dkim/domain.ts';
import { readPrivateKey } from '../../authentication/dkim/keys.ts';
import type { LabKey } from '../lab.ts';

/** The message with a signature of each key put before it, the first one lowest. @param at wall time, milliseconds */
export async function signed(message: Buffer, keys: readonly LabKey[], at: number): Promise<Buffer> {
  const end = message.indexOf('\r\n\r\n');
  const head = message.subarray(0, end + 4);
  const body = message.subarray(end + 4);
  let result = message;
  for (const { domain, selector, privateKey } of keys) {
    const key: SigningKey = { ...readPrivateKey(privateKey), selector, stage: 'active', createdAt: at };
    const owner = { name: domain, internal: false, createdAt: at, keys: [key] };
    const signer = new DkimSigner({ byName: () => owner });
    const field = await signer.sign({ head }, signer.hash(body, true), domain, at);
    result = Buffer.concat([field, result]);
  }
  return result;
}
