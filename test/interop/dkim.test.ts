/**
 * DKIM against other implementations: what Postern signs verifies with mailauth, dkimpy and OpenDKIM, and what they
 * sign verifies with Postern. A tool that is not installed is a failure, not a skip.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { SigningDomain } from '../../src/authentication/dkim/domain.ts';
import { makeKey, recordName, recordText } from '../../src/authentication/dkim/keys.ts';
import { DkimSigner } from '../../src/authentication/dkim/sign.ts';
import { verifyDkim } from '../../src/authentication/dkim/verify.ts';
import type { DkimResult } from '../../src/authentication/dkim/verify.ts';
import { generatedSamples } from './dkim-generator.ts';
import { SAMPLES } from './dkim-messages.ts';
import { dkimpy, mailauth, openDkim } from './dkim-tools.ts';
import type { Keys, Tool } from './dkim-tools.ts';

const GENERATED = generatedSamples(1000, 20_261_123);
const CRLF = Buffer.from('\r\n');
const at = Date.now();
const rsa = await makeKey({ algorithm: 'rsa-sha256', selector: 'p2026a', stage: 'active', at });
const ed = await makeKey({ algorithm: 'ed25519-sha256', selector: 'p2026b', stage: 'active', at });
const domain: SigningDomain = { name: 'corp.test', internal: true, createdAt: at, keys: [ed, rsa] };
const signer = new DkimSigner({ byName: (name) => (name === domain.name ? domain : undefined) });
const keys: Keys = Object.fromEntries(
  domain.keys.map((key) => [recordName(key.selector, domain.name), recordText(key)]),
);

/** The message as it comes out of DATA, which ends every message in CRLF (RFC 5321 §4.1.1.4). */
function transmitted(...parts: Buffer[]): Buffer {
  const message = Buffer.concat(parts);
  return message.subarray(-2).equals(CRLF) ? message : Buffer.concat([message, CRLF]);
}

async function signed(sample: (typeof SAMPLES)[number]): Promise<Buffer> {
  const fields = await signer.sign(sample, signer.hash(sample.body, true), domain.name, at);
  return transmitted(fields, sample.head, sample.body);
}

function verifyOurs(message: Buffer): Promise<DkimResult[]> {
  const end = message.indexOf('\r\n\r\n') + 4;
  const parts = { head: message.subarray(0, end), body: message.subarray(end) };
  return verifyDkim(parts, async (selector, name) => [keys[recordName(selector, name)] ?? ''], {
    now: at + 60_000,
  });
}

/** A message whose body somebody changed on the way. */
function tampered(message: Buffer): Buffer {
  return Buffer.concat([message, Buffer.from('\r\nP.S. Pay to another account.\r\n')]);
}

const TOOLS: [name: string, open: () => Promise<Tool>, canonicalizations: string[]][] = [
  [
    'mailauth',
    async () => mailauth,
    ['relaxed/relaxed', 'relaxed/simple', 'simple/simple', 'simple/relaxed'],
  ],
  ['dkimpy', dkimpy, ['relaxed/relaxed', 'relaxed/simple', 'simple/simple', 'simple/relaxed']],
  // as a milter it does not see the space behind a colon, and so can not sign all headers in simple form
  ['OpenDKIM', openDkim, ['relaxed/relaxed', 'relaxed/simple']],
];

for (const [name, open, canonicalizations] of TOOLS) {
  describe(name, () => {
    let tool: Tool;
    before(async () => {
      tool = await open();
    });
    after(() => tool?.close());

    test('verifies what Postern signs', async (t) => {
      const messages = await Promise.all(SAMPLES.map(signed));
      const answers = await tool.verify(messages, keys, 2);
      for (const [i, sample] of SAMPLES.entries()) {
        await t.test(sample.name, () => assert.deepEqual(answers[i], ['pass', 'pass']));
      }
    });

    test('and notices a change', async () => {
      const [answer] = await tool.verify([tampered(await signed(SAMPLES[0]!))], keys, 2);
      assert.equal(answer?.length, 2);
      assert.ok(
        answer.every((word) => word !== 'pass'),
        answer.join(),
      );
    });

    test(`verifies ${GENERATED.length} generated messages that Postern signs`, async () => {
      const messages = await Promise.all(GENERATED.map(signed));
      const answers = await tool.verify(messages, keys, 2);
      const wrong = GENERATED.filter((_, i) => answers[i]?.join() !== 'pass,pass');
      assert.deepEqual(
        wrong.map(({ name }) => name),
        [],
      );
    });

    test(`signs ${GENERATED.length} generated messages, Postern verifies`, async () => {
      const ways = [rsa, ed].flatMap((key) =>
        canonicalizations.map((canonicalization) => ({ key, canonicalization })),
      );
      const wrong: string[] = [];
      for (const [way, { key, canonicalization }] of ways.entries()) {
        const samples = GENERATED.filter((_, i) => i % ways.length === way);
        const plain = samples.map(({ head, body }) => transmitted(head, body));
        const messages = await tool.sign(plain, { ...key, domain: domain.name }, canonicalization);
        for (const [i, { name }] of samples.entries()) {
          const [found, ...more] = await verifyOurs(messages[i]!);
          if (found?.result !== 'pass' || more.length > 0) {
            wrong.push(`${name} ${canonicalization} ${key.algorithm}: ${found?.result} ${found?.reason}`);
          }
        }
      }
      assert.deepEqual(wrong, []);
    });

    for (const key of [rsa, ed]) {
      for (const canonicalization of canonicalizations) {
        test(`signs ${key.algorithm} ${canonicalization}, Postern verifies`, async (t) => {
          const plain = SAMPLES.map((sample) => transmitted(sample.head, sample.body));
          const messages = await tool.sign(plain, { ...key, domain: domain.name }, canonicalization);
          for (const [i, sample] of SAMPLES.entries()) {
            await t.test(sample.name, async () => {
              const results = await verifyOurs(messages[i]!);
              assert.deepEqual(
                results.map((one) => [one.result, one.reason]),
                [['pass', undefined]],
              );
            });
          }
          const [changed] = await verifyOurs(tampered(messages[0]!));
          assert.equal(changed?.reason, 'body-hash');
        });
      }
    }
  });
}
