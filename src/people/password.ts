import { RegistryError } from '../sources/registry.ts';
import { hashPassword } from '../submission/secret.ts';

const LEAST_PASSWORD = 12;
/** Bounds what is hashed for whoever asks. */
export const MOST_PASSWORD = 256;

/**
 * The argon2id hash of a person's new password, made off the event loop. Length is what counts (NIST SP 800-63B
 * §3.1.1.2): no rules of composition, but none that is a repetition, or the person's own name or address.
 * @throws RegistryError `invalid` in words for the person
 */
export async function hashPersonPassword(
  password: string,
  { email, name }: { email: string; name: string },
): Promise<string> {
  const refuse = (text: string) => new RegistryError('invalid', `password: ${text}`, 'password');
  if (Array.from(password).length < LEAST_PASSWORD) throw refuse(`has at least ${LEAST_PASSWORD} characters`);
  const plain = password.toLowerCase();
  if (new Set(plain).size < 5) throw refuse('repeats too few characters');
  const own = [email, email.split('@')[0] ?? email, name.toLowerCase()].filter((text) => text.length > 3);
  if (own.some((text) => plain.replaceAll(text, '').length < LEAST_PASSWORD / 2)) {
    throw refuse('is little more than your own name or address');
  }
  try {
    return (await hashPassword(password)).argon2id;
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : 'can not be used');
  }
}
