import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';

const run = promisify(execFile);
const TIMEOUT = 60_000;

/** A key with which somebody signs. */
export interface ToolKey {
  domain: string;
  selector: string;
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  privateKey: string;
}

/** Names of key records and their text: the DNS of these tests. */
export type Keys = Record<string, string>;

/** Another implementation. Answers of `verify`: one word a signature, `pass` or what it says instead. */
export interface Tool {
  name: string;
  verify(messages: Buffer[], keys: Keys, signatures: number): Promise<string[][]>;
  /** The signed messages. */
  sign(messages: Buffer[], key: ToolKey, canonicalization: string): Promise<Buffer[]>;
  close(): Promise<void>;
}

export const mailauth: Tool = {
  name: 'mailauth',
  async verify(messages, keys) {
    const resolver = async (name: string): Promise<string[][]> => {
      const text = keys[name];
      if (text !== undefined) return [[text]];
      throw Object.assign(new Error(`no record ${name}`), { code: 'ENOTFOUND' });
    };
    const answers: string[][] = [];
    for (const message of messages) {
      const { results } = await dkimVerify(message, { resolver });
      answers.push(results.map((one) => one.status.result));
    }
    return answers;
  },
  async sign(messages, key, canonicalization) {
    const signed: Buffer[] = [];
    for (const message of messages) {
      const { signatures, errors } = await dkimSign(message, {
        canonicalization,
        signTime: new Date(),
        signatureData: [
          {
            signingDomain: key.domain,
            selector: key.selector,
            privateKey: key.privateKey,
            algorithm: key.algorithm,
          },
        ],
      } as unknown as Parameters<typeof dkimSign>[1]);
      assert.deepEqual(errors ?? [], []);
      signed.push(Buffer.concat([Buffer.from(signatures), message]));
    }
    return signed;
  },
  close: async () => {},
};

const PYTHON = '/usr/bin/python3';

/** Runs jobs of dkimpy in one process. @throws when the Debian package is missing. */
async function startDkimpy(): Promise<<T>(jobs: Record<string, unknown>[]) => Promise<T[]>> {
  assert.ok(existsSync(PYTHON), `${PYTHON} is missing: install the Debian package python3`);
  await assert.doesNotReject(
    run(PYTHON, ['-c', 'import dkim, nacl']),
    'dkimpy is missing: install the Debian packages python3-dkim and python3-nacl',
  );
  const script = path.join(import.meta.dirname, 'dkimpy.py');
  return async <T>(jobs: Record<string, unknown>[]): Promise<T[]> => {
    const promise = run(PYTHON, [script], { maxBuffer: 2 ** 26, timeout: TIMEOUT });
    promise.child.stdin?.end(JSON.stringify(jobs));
    return JSON.parse((await promise).stdout) as T[];
  };
}

/** What dkimpy finds of the ARC chain of each message: `pass`, or what it says instead. */
export async function dkimpyChains(messages: Buffer[], keys: Keys): Promise<string[]> {
  const work = await startDkimpy();
  return work<string>(
    messages.map((message) => ({ work: 'chain', message: message.toString('base64'), keys })),
  );
}

/** @throws when the Debian package is missing. */
export async function dkimpy(): Promise<Tool> {
  const work = await startDkimpy();
  return {
    name: 'dkimpy',
    async verify(messages, keys, signatures) {
      const answers = await work<(boolean | string)[]>(
        messages.map((message) => ({
          work: 'verify',
          message: message.toString('base64'),
          keys,
          signatures,
        })),
      );
      return answers.map((answer) => answer.map((one) => (one === true ? 'pass' : String(one))));
    },
    async sign(messages, key, canonicalization) {
      const privateKey = key.algorithm === 'ed25519-sha256' ? seedOf(key.privateKey) : key.privateKey;
      const fields = await work<string>(
        messages.map((message) => ({
          work: 'sign',
          message: message.toString('base64'),
          ...key,
          privateKey,
          canonicalization,
        })),
      );
      return fields.map((field, i) => Buffer.concat([Buffer.from(field, 'base64'), messages[i]!]));
    },
    close: async () => {},
  };
}

/** dkimpy wants the 32 octets that end the PKCS #8 of an Ed25519 key (RFC 8410 §7). */
function seedOf(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return der.subarray(-32).toString('base64');
}

const OPENDKIM = '/usr/sbin/opendkim';

/** OpenDKIM's test mode, which reads public keys from a file. @throws when the Debian package is missing. */
export async function openDkim(): Promise<Tool> {
  assert.ok(existsSync(OPENDKIM), `${OPENDKIM} is missing: install the Debian package opendkim`);
  const directory = await mkdtemp(path.join(tmpdir(), 'postern-opendkim-'));
  const place = (name: string) => path.join(directory, name);
  /** What is said about all messages, by one process. */
  const test = async (verbosity: string, configuration: string[], messages: Buffer[]): Promise<string> => {
    await writeFile(place('conf'), `${configuration.join('\n')}\n`);
    await Promise.all(messages.map((message, i) => writeFile(place(`m${i}`), message)));
    const arguments_ = ['-x', 'conf', verbosity, '-t', messages.map((_, i) => `m${i}`).join(',')];
    return (await run(OPENDKIM, arguments_, { timeout: TIMEOUT, maxBuffer: 2 ** 28, cwd: directory })).stdout;
  };
  return {
    name: 'OpenDKIM',
    async verify(messages, keys) {
      const lines = Object.entries(keys).map(([name, text]) => `${name} ${text}\n`);
      await writeFile(place('keys'), lines.join(''));
      const output = await test('-vv', ['Mode v', 'TestPublicKeys keys'], messages);
      // the name of a message follows what was found
      const answers = messages.map(() => [] as string[]);
      let found: string[] = [];
      for (const line of output.split('\n')) {
        found.push(...[...line.matchAll(/\bdkim=(\w+)/g)].map((match) => match[1]!));
        const name = /^opendkim: m(\d+):/.exec(line)?.[1];
        if (name === undefined) continue;
        answers[Number(name)]!.push(...found);
        found = [];
      }
      return answers;
    },
    async sign(messages, key, canonicalization) {
      await writeFile(place('private'), key.privateKey, { mode: 0o600 });
      const configuration = [
        'Mode s',
        // whoever the message is from
        'KeyTable file:key-table',
        'SigningTable refile:signing-table',
        `SignatureAlgorithm ${key.algorithm}`,
        `Canonicalization ${canonicalization}`,
        'InternalHosts 0.0.0.0/0',
        // it does not like keys below a folder like /tmp
        'RequireSafeKeys no',
      ];
      await writeFile(place('key-table'), `key ${key.domain}:${key.selector}:${place('private')}\n`);
      await writeFile(place('signing-table'), '* key\n');
      const output = await test('-v', configuration, messages);
      const fields = new Map(
        [...output.matchAll(/^opendkim: m(\d+):\s+(DKIM-Signature:(?:.|\r?\n[ \t])*)/gm)].map(
          ([, name, field]) => [Number(name), field!],
        ),
      );
      return messages.map((message, i) => {
        const field = fields.get(i);
        assert.ok(field, `OpenDKIM made no signature for message ${i}`);
        const lines = field.trimEnd().replaceAll(/\r?\n/g, '\r\n');
        return Buffer.concat([Buffer.from(`${lines}\r\n`), message]);
      });
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
