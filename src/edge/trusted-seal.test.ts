import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { describe, test } from 'node:test';
import { sealArc } from '../authentication/arc/seal.ts';
import { type ArcResult, verifyArc } from '../authentication/arc/verify.ts';
import { makeKey, recordText } from '../authentication/dkim/keys.ts';
import { DkimSigner } from '../authentication/dkim/sign.ts';
import { systemClock } from '../platform/clock.ts';
import { tenantWith } from './fixtures.ts';
import { trustedSealer } from './trusted-seal.ts';

const at = systemClock.now();
const key = await makeKey({ algorithm: 'rsa-sha256', selector: 's1', stage: 'active', at });
const signer = new DkimSigner({ byName: () => undefined });
const HEAD = 'From: a@news.test\r\nSubject: x\r\n\r\n';
const BODY = 'Text.\r\n';
const PASSED = 'lists.test; dmarc=pass header.from=news.test';
const tenant = tenantWith([], { trustedSealers: ['lists.test'] });

const NO_CHAIN: ArcResult = { result: 'none', highest: 0, sealedAsFailed: false, hops: [] };

/** A message as lists.test sealed it. */
async function sealed(results: string, signed?: string[]): Promise<string> {
  const set = await sealArc(
    { head: Buffer.from(HEAD), body: signer.hash(Buffer.from(BODY), true), chain: NO_CHAIN, results, at },
    {
      domain: 'lists.test',
      selector: 's1',
      algorithm: 'rsa-sha256',
      key: createPrivateKey(key.privateKey),
      signed,
    },
  );
  return `${set!.toString('latin1')}${HEAD}`;
}

const chainOf = (head: string): Promise<ArcResult> =>
  verifyArc({ head: Buffer.from(head), body: Buffer.from(BODY) }, () => Promise.resolve([recordText(key)]), {
    now: at,
  });

describe('a trusted seal', () => {
  const ROWS: [what: string, results: string, author: string, expected: string | undefined][] = [
    ['says that DMARC had passed', PASSED, 'news.test', 'lists.test'],
    ['says so in upper case', 'lists.test; dmarc=pass header.from=NEWS.test', 'news.test', 'lists.test'],
    ['says that it had failed', 'lists.test; dmarc=fail header.from=news.test', 'news.test', undefined],
    ['says so of another author', PASSED, 'contoso.test', undefined],
    ['says so of nobody', 'lists.test; dmarc=pass', 'news.test', undefined],
    ['says nothing of DMARC', 'lists.test; spf=pass', 'news.test', undefined],
  ];
  for (const [what, results, author, expected] of ROWS) {
    test(`${what}: ${expected ?? 'not believed'}`, async () => {
      const chain = await chainOf(await sealed(results));
      assert.equal(chain.result, 'pass');
      assert.equal(trustedSealer(tenant, chain, author), expected);
    });
  }

  test('does not count for what was put on top of the message that was sealed', async () => {
    const head = await sealed(PASSED);
    assert.equal(trustedSealer(tenant, await chainOf(head), 'news.test'), 'lists.test');
    const chain = await chainOf(`Subject: urgent\r\n${head}`);
    assert.deepEqual([chain.result, chain.unsignedFields], ['pass', ['subject']]);
    assert.equal(trustedSealer(tenant, chain, 'news.test'), undefined);
  });

  test('does not count where it leaves From unsigned, whoever it then names', async () => {
    const chain = await chainOf(await sealed(PASSED, ['subject']));
    assert.deepEqual([chain.result, chain.unsignedFields], ['pass', ['from']]);
    assert.equal(trustedSealer(tenant, chain, 'news.test'), undefined);
  });

  test('does not count where it leaves the end of the body unsigned, nor for strangers', async () => {
    const chain = await chainOf(await sealed(PASSED));
    const partial = { ...chain, hops: chain.hops.map((hop) => ({ ...hop, partial: true })) };
    assert.equal(trustedSealer(tenant, partial, 'news.test'), undefined);
    assert.equal(trustedSealer(tenantWith(), chain, 'news.test'), undefined);
  });
});
