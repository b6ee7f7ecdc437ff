/** ARC against other implementations: chains that Postern and mailauth seal by turns hold for both, and for dkimpy. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { before, describe, test } from 'node:test';

import { authenticate } from 'mailauth';

import { sealArc } from '../../src/authentication/arc/seal.ts';
import { verifyArc } from '../../src/authentication/arc/verify.ts';
import { makeKey, recordName, recordText } from '../../src/authentication/dkim/keys.ts';
import { DkimSigner } from '../../src/authentication/dkim/sign.ts';
import { ResolveError } from '../../src/platform/resolver.ts';
import { generatedSamples } from './dkim-generator.ts';
import { SAMPLES } from './dkim-messages.ts';
import { dkimpyChains } from './dkim-tools.ts';

const at = Date.now();
const key = await makeKey({ algorithm: 'rsa-sha256', selector: 's1', stage: 'active', at });
const keys = Object.fromEntries(
  ['ours.test', 'theirs.test'].map((domain) => [recordName('s1', domain), recordText(key)]),
);
const hasher = new DkimSigner({ byName: () => undefined });
const MESSAGES = [...SAMPLES, ...generatedSamples(200, 8617)].map(({ name, head, body }) => {
  const message = Buffer.concat([head, body]);
  return {
    name,
    message:
      message.subarray(-2).toString() === '\r\n' ? message : Buffer.concat([message, Buffer.from('\r\n')]),
  };
});

function split(message: Buffer): { head: Buffer; body: Buffer } {
  const end = message.indexOf('\r\n\r\n') + 4;
  return { head: message.subarray(0, end), body: message.subarray(end) };
}

function judge(message: Buffer): ReturnType<typeof verifyArc> {
  const lookup = async (selector: string, domain: string): Promise<string[]> => {
    const text = keys[recordName(selector, domain)];
    if (text === undefined) throw new ResolveError('nxdomain', domain);
    return [text];
  };
  return verifyArc(split(message), lookup, { now: at });
}

async function sealed(message: Buffer): Promise<Buffer> {
  const { head, body } = split(message);
  const set = await sealArc(
    {
      head,
      body: hasher.hash(body, true),
      chain: await judge(message),
      results: 'mx.ours.test;\r\n spf=pass smtp.mailfrom=corp.test',
      at,
    },
    { domain: 'ours.test', selector: 's1', algorithm: 'rsa-sha256', key: createPrivateKey(key.privateKey) },
  );
  assert.ok(set);
  return Buffer.concat([set, message]);
}

async function mailauth(message: Buffer): Promise<{ result: string; sealed: Buffer }> {
  const resolver = async (name: string, type: string): Promise<string[] | string[][]> => {
    const text = type === 'TXT' ? keys[name] : undefined;
    if (text === undefined) throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
    return [[text]];
  };
  const found = await authenticate(message, {
    ip: '192.0.2.1',
    helo: 'a.test',
    sender: 'a@corp.test',
    mta: 'mx.theirs.test',
    resolver,
    disableBimi: true,
    seal: { signingDomain: 'theirs.test', selector: 's1', privateKey: key.privateKey },
  });
  return {
    result: String(found.arc && found.arc.status.result),
    sealed: Buffer.concat([Buffer.from(found.headers), message]),
  };
}

describe('ARC', () => {
  const chains: { name: string; message: Buffer }[] = [];

  before(async () => {
    for (const { name, message } of MESSAGES) {
      const one = await sealed(message);
      const two = (await mailauth(one)).sealed;
      chains.push({ name, message: await sealed(two) });
    }
  });

  test('chains of Postern and mailauth hold for Postern', async () => {
    for (const { name, message } of chains) {
      const { result, reason, highest, oldestPass } = await judge(message);
      assert.deepEqual([name, result, reason, highest, oldestPass], [name, 'pass', undefined, 3, 0]);
    }
  });

  test('and for mailauth', async () => {
    for (const { name, message } of chains) {
      assert.deepEqual([name, (await mailauth(message)).result], [name, 'pass']);
    }
  });

  test('and for dkimpy', async () => {
    const found = await dkimpyChains(
      chains.map(({ message }) => message),
      keys,
    );
    for (const [i, { name }] of chains.entries()) assert.deepEqual([name, found[i]], [name, 'pass']);
  });
});
