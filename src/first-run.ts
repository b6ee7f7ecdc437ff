import { randomBytes, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Trial } from './api/context.ts';
import type { DomainRegistry } from './authentication/dkim/domains.ts';
import type { Config } from './config/schema.ts';
import type { SourceRegistry } from './sources/registry.ts';
import { firstMessage } from './first-message.ts';
import { pairProblem } from './platform/key-pair.ts';
import { DEFAULT_POLICY } from './sources/source.ts';
import { generateApiKey, generatePassword, hashPassword } from './submission/secret.ts';

// What a first start creates in the data folder, so that no configuration is needed. Each is made only
// when it is not there: a restart keeps everything.

/** A start that can't go on, in one line that says what to do. */
export class StartError extends Error {}

/** @throws StartError when the folder can't be made or written. */
export function prepareFolder(folder: string): void {
  const probe = path.join(folder, `.writable-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(
      `data folder ${folder} can not be written (${code}): give this user the right to it, or name another with --data`,
      { cause: error },
    );
  }
}

/** The key that seals secrets at rest: from POSTERN_SEAL_KEY, or a file that only this user can read. */
export function sealKey(folder: string, environment: NodeJS.ProcessEnv): Buffer {
  const given = environment['POSTERN_SEAL_KEY'];
  if (given !== undefined) return keyOf(given, 'POSTERN_SEAL_KEY');
  const file = path.join(folder, 'seal-key');
  if (!existsSync(file)) writeSecret(file, `${randomBytes(32).toString('hex')}\n`);
  return keyOf(readFileSync(file, 'utf8').trim(), file);
}

function keyOf(text: string, place: string): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new StartError(`${place}: expected 64 hexadecimal digits, the key that seals secrets at rest`);
  }
  return Buffer.from(text, 'hex');
}

export interface Certificate {
  cert: string;
  key: string;
  selfSigned: boolean;
}

/** The certificate of the listeners: the configured one, or a self-signed one made at the first start. */
export async function listenerCertificate(
  config: Config,
  base: string,
  folder: string,
): Promise<Certificate> {
  if (config.tls.certificate !== '') {
    const cert = readConfigured(path.resolve(base, config.tls.certificate), 'tls.certificate');
    const key = readConfigured(path.resolve(base, config.tls.key), 'tls.key');
    const problem = pairProblem(cert, key);
    if (problem !== undefined) throw new StartError(`tls.certificate and tls.key: ${problem}`);
    return { cert, key, selfSigned: false };
  }
  return selfSigned(config, path.join(folder, 'tls-certificate.pem'), path.join(folder, 'tls-key.pem'));
}

/**
 * The certificate for clients that an exception lets have old TLS: the configured one, or where that of the listeners is
 * no RSA certificate, a self-signed one. Undefined: the same as for all.
 * @throws StartError when the configured one is no RSA pair
 */
export async function weakCertificate(
  config: Config,
  usual: Certificate,
  base: string,
  folder: string,
): Promise<Certificate | undefined> {
  const { weakCertificate: file, weakKey } = config.tls;
  if (file === '') {
    if (isRsa(usual.cert)) return undefined;
    return selfSigned(config, path.join(folder, 'weak-certificate.pem'), path.join(folder, 'weak-key.pem'));
  }
  const cert = readConfigured(path.resolve(base, file), 'tls.weakCertificate');
  const key = readConfigured(path.resolve(base, weakKey), 'tls.weakKey');
  const problem = pairProblem(cert, key);
  if (problem !== undefined) throw new StartError(`tls.weakCertificate and tls.weakKey: ${problem}`);
  if (!isRsa(cert)) {
    throw new StartError(
      'tls.weakCertificate: is no RSA certificate; old devices and RSA key exchange need one',
    );
  }
  return { cert, key, selfSigned: false };
}

function isRsa(cert: string): boolean {
  return new X509Certificate(cert).publicKey.asymmetricKeyType === 'rsa';
}

async function selfSigned(config: Config, certFile: string, keyFile: string): Promise<Certificate> {
  if (!existsSync(certFile) || !existsSync(keyFile)) {
    // loaded here because only a first start needs it
    const { generate } = (await import('selfsigned')).default;
    const made = await generate([{ name: 'commonName', value: config.hostname }], {
      keySize: 2048, // RSA: many devices know nothing else
      algorithm: 'sha256',
      // devices refuse certificates that last for many years; 825 days is the longest that most accept
      notAfterDate: new Date(Date.now() + 825 * 86_400_000),
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: config.hostname },
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    });
    writeSecret(keyFile, made.private);
    writeFileSync(certFile, made.cert);
  }
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), selfSigned: true };
}

/** The authorities that sign client certificates, PEM. @throws StartError: OpenSSL takes what holds none as an empty list */
export function authorities(file: string, option: string): string {
  const pem = readConfigured(file, option);
  try {
    void new X509Certificate(pem);
  } catch (error) {
    throw new StartError(`${option}: ${file} holds no PEM certificate`, { cause: error });
  }
  return pem;
}

/** @throws StartError naming the option. */
function readConfigured(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`${option}: ${file} can not be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
}

export interface DemoCredentials {
  source: string;
  account: string;
  password: string;
  apiKey: string;
  domain: string;
}

const DEMO_DOMAIN = 'postern.test'; // RFC 6761 §6.2: a name that can never be anybody's
const DEMO_SOURCE = 'demo';
const DEMO_FILE = 'demo-credentials.json';

/**
 * On a folder without sources and domains: a signing domain with its key, and a source that may write from it
 * to itself. Its password is kept beside it for the summary, until the source is removed.
 */
export async function demoSource(
  folder: string,
  registry: SourceRegistry,
  domains: DomainRegistry,
): Promise<DemoCredentials | undefined> {
  const file = path.join(folder, DEMO_FILE);
  if (registry.list().length === 0 && domains.list().length === 0 && !existsSync(file)) {
    await domains.add(DEMO_DOMAIN, { internal: true });
    const source = await registry.add({
      name: DEMO_SOURCE,
      description: 'Made at the first start, to try the relay; remove it when it is no longer needed',
      owner: `postmaster@${DEMO_DOMAIN}`,
      policy: { ...DEFAULT_POLICY, pairs: [{ envelope: DEMO_DOMAIN, header: DEMO_DOMAIN }] },
    });
    const password = generatePassword();
    const { key, hash } = generateApiKey();
    const common = { source: source.id, state: 'active' as const, networks: ['127.0.0.0/8', '::1/128'] };
    await registry.addCredential({
      ...common,
      label: 'SMTP',
      account: DEMO_SOURCE,
      secret: await hashPassword(password),
    });
    await registry.addCredential({ ...common, label: 'API', apiKeyHash: hash });
    const made: DemoCredentials = {
      source: source.id,
      account: DEMO_SOURCE,
      password,
      apiKey: key,
      domain: DEMO_DOMAIN,
    };
    writeSecret(file, `${JSON.stringify(made, undefined, 2)}\n`);
    return made;
  }
  const known = readDemo(folder);
  if (known && registry.byId(known.source) === undefined) rmSync(file);
  return activeDemo(folder, registry);
}

/** What the first start made to try the relay with, as long as it can send. */
function activeDemo(folder: string, registry: Pick<SourceRegistry, 'byId'>): DemoCredentials | undefined {
  const known = readDemo(folder);
  return known && registry.byId(known.source)?.state === 'active' ? known : undefined;
}

/** The same for the API. @param addresses of the listeners and of the API, as they are once it listens */
export function trialOf(
  folder: string,
  registry: Pick<SourceRegistry, 'byId'>,
  addresses: () => { listening: readonly { address: string; tls: string }[]; apiAddress: string },
): Trial {
  return {
    domain: DEMO_DOMAIN,
    source: () => activeDemo(folder, registry)?.source,
    firstMessage() {
      const demo = activeDemo(folder, registry);
      const { listening, apiAddress } = addresses();
      return demo && firstMessage(listening, apiAddress, demo);
    },
  };
}

function readDemo(folder: string): DemoCredentials | undefined {
  const file = path.join(folder, DEMO_FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DemoCredentials) : undefined;
}

/** A file that only this user can read, from its first octet on. */
export function writeSecret(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  chmodSync(file, 0o600); // the mode above counts only for a new file
}
