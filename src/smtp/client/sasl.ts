import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../../platform/random.ts';
import type { RemoteReply } from './reply-parser.ts';

export interface Login {
  username: string;
  password: string;
}

/** Sends a line and answers the reply to it. */
export type Exchange = (line: string) => Promise<RemoteReply>;

/** The server's part of the exchange was wrong: not a refusal of the credentials. */
export class SaslError extends Error {}

const derive = promisify(pbkdf2);
/** Far above what servers use (RFC 7677 asks for 4096), and still under a second. */
const MOST_ITERATIONS = 1_000_000;

const UNPROVED = 'the server did not prove that it knows the password';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/**
 * Proves who we are by the best mechanism that both sides know, and answers the server's last reply;
 * undefined when there is no such mechanism. @throws SaslError
 */
export async function authenticate(
  offered: string[],
  login: Login,
  random: Random,
  exchange: Exchange,
): Promise<RemoteReply | undefined> {
  if (offered.includes('SCRAM-SHA-256')) return scram(login, random, exchange);
  if (offered.includes('PLAIN')) {
    return exchange(`AUTH PLAIN ${base64(`\0${login.username}\0${login.password}`)}`);
  }
  if (offered.includes('LOGIN')) {
    const user = await exchange('AUTH LOGIN');
    if (user.code !== 334) return user;
    const password = await exchange(base64(login.username));
    return password.code === 334 ? exchange(base64(login.password)) : password;
  }
  return undefined;
}

/** RFC 5802 §3 and RFC 7677, without channel binding. */
async function scram(login: Login, random: Random, exchange: Exchange): Promise<RemoteReply> {
  const nonce = random.bytes(18).toString('base64');
  const user = login.username.normalize('NFKC').replaceAll('=', '=3D').replaceAll(',', '=2C');
  const clientFirst = `n=${user},r=${nonce}`;
  const first = await exchange(`AUTH SCRAM-SHA-256 ${base64(`n,,${clientFirst}`)}`);
  if (first.code < 300) throw new SaslError(UNPROVED);
  if (first.code !== 334) return first;

  const serverFirst = decode(first);
  const { r: combined = '', s: salt = '', i: count = '' } = attributes(serverFirst);
  const iterations = /^\d{1,7}$/.test(count) ? Number(count) : 0;
  if (!combined.startsWith(nonce) || combined === nonce || salt === '') {
    throw new SaslError('malformed SCRAM challenge');
  }
  if (iterations < 1 || iterations > MOST_ITERATIONS) throw new SaslError(`SCRAM with ${count} iterations`);

  const withoutProof = `c=biws,r=${combined}`;
  const signed = `${clientFirst},${serverFirst},${withoutProof}`;
  const salted = await derive(
    login.password.normalize('NFKC'),
    Buffer.from(salt, 'base64'),
    iterations,
    32,
    'sha256',
  );
  const clientKey = mac(salted, 'Client Key');
  const signature = mac(createHash('sha256').update(clientKey).digest(), signed);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] as number)));

  const last = await exchange(base64(`${withoutProof},p=${proof.toString('base64')}`));
  if (last.code !== 334) {
    if (last.code < 300) throw new SaslError(UNPROVED);
    return last;
  }
  const expected = mac(mac(salted, 'Server Key'), signed);
  const given = Buffer.from(attributes(decode(last)).v ?? '', 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new SaslError(UNPROVED);
  }
  return exchange('');
}

function mac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function decode(reply: RemoteReply): string {
  return Buffer.from(reply.lines[0] ?? '', 'base64').toString('utf8');
}

function attributes(message: string): Record<string, string> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
