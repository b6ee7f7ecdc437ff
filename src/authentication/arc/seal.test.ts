import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, hash, verify as verifySignature } from 'node:crypto';
import { describe, test } from 'node:test';

import { ResolveError } from '../../platform/resolver.ts';
import { HeadFields } from '../dkim/fields.ts';
import type { KeyLookup } from '../dkim/key-check.ts';
import { generateKey, recordText } from '../dkim/keys.ts';
import { DkimSigner } from '../dkim/sign.ts';
import { ownResults } from './own-results.ts';
import { sealArc } from './seal.ts';
import type { Sealer } from './seal.ts';
import { verifyArc } from './verify.ts';
import type { ArcResult } from './verify.ts';

const NOW = 1_800_000_000_000;
const HEAD = 'From: A <a@d.test>\r\nTo: b@x.test\r\nSubject: s  s\r\n\r\n';
const BODY = 'Hello  there \r\n\r\n';

const keys = {
  rsa: await generateKey('rsa-sha256'),
  ed: await generateKey('ed25519-sha256'),
};
const lookup: KeyLookup = async (selector) => {
  const key = keys[selector as 'rsa' | 'ed'];
  if (!key) throw new ResolveError('nxdomain', selector);
  return [recordText(key)];
};
const sealer = (selector: 'rsa' | 'ed', domain = 'list.test'): Sealer => ({
  domain,
  selector,
  algorithm: keys[selector].algorithm,
  key: createPrivateKey(keys[selector].privateKey),
});
const hasher = new DkimSigner({ byName: () => undefined });

interface Message {
  head: string;
  body: string;
}

function judge({ head, body }: Message, keyLookup = lookup, now = NOW): Promise<ArcResult> {
  const message = { head: Buffer.from(head, 'latin1'), body: Buffer.from(body) };
  return verifyArc(message, keyLookup, { now });
}

/** The message as it leaves a handler that changed nothing but for `edit`. */
async function pass(
  message: Message,
  by: Sealer,
  edit: (message: Message) => Message = (same) => same,
): Promise<Message> {
  const chain = await judge(message);
  const edited = edit(message);
  const set = await sealArc(
    {
      head: Buffer.from(edited.head, 'latin1'),
      body: hasher.hash(Buffer.from(edited.body), true),
      chain,
      results: `${by.domain};\r\n arc=${chain.result}`,
      at: NOW,
    },
    by,
  );
  assert.ok(set, 'there is a set');
  return { head: set.toString('latin1') + edited.head, body: edited.body };
}

const first = { head: HEAD, body: BODY };
const one = await pass(first, sealer('rsa'));
const three = await pass(await pass(one, sealer('ed', 'second.test')), sealer('rsa', 'third.test'));

describe('sealing', () => {
  test('three handlers, RSA and Ed25519', async () => {
    const result = await judge(three);
    assert.equal(result.result, 'pass', String(result.reason));
    assert.equal(result.oldestPass, 0);
    assert.equal(result.highest, 3);
    assert.deepEqual(
      result.hops.map(({ instance, sealer: by, chain, seal, message }) => [
        instance,
        by,
        chain,
        seal,
        message,
      ]),
      [
        [1, 'list.test', 'none', 'pass', 'pass'],
        [2, 'second.test', 'pass', 'pass', 'pass'],
        [3, 'third.test', 'pass', 'pass', 'pass'],
      ],
    );
    assert.equal(result.hops[1]?.results.trim(), 'second.test;\r\n arc=pass');
  });

  test('i= comes first, and neither results nor ARC fields are covered', () => {
    const fields = new HeadFields(Buffer.from(three.head));
    for (const name of ['arc-seal', 'arc-message-signature', 'arc-authentication-results']) {
      for (const field of fields.all(name)) assert.match(fields.text(field), /^ i=[123];/);
    }
    for (const field of fields.all('arc-message-signature')) {
      assert.doesNotMatch(/h=([^;]*)/.exec(fields.text(field))![1]!, /arc-|authentication-results/);
    }
  });

  test('a handler that changes the message: the chain passes, oldest-pass tells since when it is as it is', async () => {
    const changed = await pass(one, sealer('ed', 'second.test'), ({ head, body }) => ({
      head: head.replace('s  s', '[list] s'),
      body: `${body}-- \r\nfooter\r\n`,
    }));
    const result = await judge(changed);
    assert.equal(result.result, 'pass', String(result.reason));
    assert.equal(result.oldestPass, 2);
    assert.equal(result.hops[0]?.message, 'fail');
  });

  test('a DKIM signature that is there is covered', async () => {
    const signed = { ...first, head: `DKIM-Signature: v=1; x\r\n${HEAD}` };
    const sealed = await pass(signed, sealer('ed'));
    assert.equal(
      (await judge({ ...sealed, head: sealed.head.replace('v=1; x', 'v=1; y') })).reason,
      'signature',
    );
  });

  test('a broken chain is sealed as failed, over the new set only, and then by nobody any more', async () => {
    const broken = { ...one, body: 'changed on the way\r\n' };
    const sealed = await pass(broken, sealer('ed', 'second.test'));
    const result = await judge(sealed);
    assert.equal(result.result, 'fail');
    assert.equal(result.reason, 'sealed-as-failed');
    assert.equal(result.at, 2);

    // RFC 8617 §5.1.2 by the letter, apart from the code under test
    const fields = new HeadFields(Buffer.from(sealed.head));
    const relaxed = (name: string): string =>
      `${name}:${fields
        .text(fields.all(name)[0]!)
        .replaceAll(/[ \t\r\n]+/g, ' ')
        .trim()}`;
    const seal = relaxed('arc-seal');
    const data = `${relaxed('arc-authentication-results')}\r\n${relaxed('arc-message-signature')}\r\n${seal.replace(/b=[^;]*$/, 'b=')}`;
    assert.ok(
      verifySignature(
        null,
        hash('sha256', data, 'buffer'),
        createPublicKey(createPrivateKey(keys.ed.privateKey)),
        Buffer.from(/b=([^;]*)$/.exec(seal)![1]!, 'base64'),
      ),
    );

    const again = { head: Buffer.from(sealed.head), body: { relaxed: '' }, results: 'x.test; none', at: NOW };
    assert.equal(await sealArc({ ...again, chain: result }, sealer('ed')), undefined);
  });

  test('an unknown chain and one of 50 sets are left as they are', async () => {
    const input = { head: Buffer.from(HEAD), body: { relaxed: '' }, results: 'x.test; none', at: NOW };
    for (const chain of [
      { result: 'temperror', highest: 1, sealedAsFailed: false },
      { result: 'pass', highest: 50, sealedAsFailed: false },
    ] as const) {
      assert.equal(await sealArc({ ...input, chain }, sealer('ed')), undefined);
    }
  });

  test('nothing is sealed over sets that were lost, and no field ends early', async () => {
    const input = { head: Buffer.from(HEAD), body: { relaxed: '' }, results: 'x.test; none', at: NOW };
    const none = { result: 'none', highest: 0, sealedAsFailed: false } as const;
    const lost = { result: 'pass', highest: 1, sealedAsFailed: false } as const;
    await assert.rejects(sealArc({ ...input, chain: lost }, sealer('ed')), TypeError);
    for (const results of ['', 'x\r\nX-Injected: 1', 'x\nY: 1', 'x\r\n \r\n y', 'x\0']) {
      await assert.rejects(sealArc({ ...input, chain: none, results }, sealer('ed')), TypeError);
    }
  });
});

describe('validation', () => {
  const cases: [name: string, message: Message, result: string, reason: string | undefined, at?: number][] = [
    ['no chain', first, 'none', undefined],
    ['body changed', { ...three, body: `${BODY}x` }, 'fail', 'body-hash', 3],
    ['Subject changed', { ...three, head: three.head.replace('s  s', 'x') }, 'fail', 'signature', 3],
    [
      'old results changed',
      { ...three, head: three.head.replace('arc=none', 'arc=pass') },
      'fail',
      'signature',
      3,
    ],
    [
      'a set is missing',
      { ...three, head: three.head.replaceAll(/^ARC-[^:]*: i=2(?:.|\r\n )*\r\n/gm, '') },
      'fail',
      'structure',
    ],
    [
      'the newest seal is missing',
      { ...three, head: three.head.replace(/^ARC-Seal: i=3(?:.|\r\n )*\r\n/m, '') },
      'fail',
      'structure',
    ],
    [
      'a field doubled',
      { ...one, head: `ARC-Authentication-Results: i=1; x\r\n${one.head}` },
      'fail',
      'structure',
    ],
    ['cv=pass in front', { ...one, head: one.head.replace('cv=none', 'cv=pass') }, 'fail', 'chain-value', 1],
    ['h= in a seal', { ...one, head: one.head.replace('cv=none;', 'cv=none; h=from;') }, 'fail', 'syntax', 1],
    ['cv=fail', { ...one, head: one.head.replace('cv=none', 'cv=fail') }, 'fail', 'sealed-as-failed', 1],
    ['instance 51', { ...one, head: one.head.replaceAll('i=1;', 'i=51;') }, 'fail', 'structure'],
    ['151 fields', { ...one, head: 'ARC-Seal: i=1; x=1\r\n'.repeat(151) + HEAD }, 'fail', 'instances'],
    [
      'a huge field',
      { ...one, head: one.head.replace('cv=none;', `cv=none; y=${'y'.repeat(20_000)};`) },
      'fail',
      'structure',
    ],
  ];
  for (const [name, message, result, reason, at] of cases) {
    test(name, async () => {
      const found = await judge(message);
      assert.equal(found.result, result);
      assert.equal(found.reason, reason);
      assert.equal(found.at, at);
    });
  }

  test('a key that is not to be had is temperror, one that is not there fails', async () => {
    const asking =
      (failure: 'temporary' | 'nxdomain'): KeyLookup =>
      () =>
        Promise.reject(new ResolveError(failure, failure));
    assert.equal((await judge(three, asking('temporary'))).result, 'temperror');
    assert.equal((await judge(three, asking('nxdomain'))).result, 'fail');
    // only the oldest key is not to be had: the chain can not pass
    const late = await judge(three, (s, d) => (d === 'list.test' ? asking('temporary') : lookup)(s, d));
    assert.equal(late.result, 'temperror');
    assert.equal(late.at, 1);
  });

  test('each selector is asked for once, and a changed body costs no query', async () => {
    const asked: string[] = [];
    const counting: KeyLookup = (selector, domain) => {
      asked.push(domain);
      return lookup(selector, domain);
    };
    await judge(three, counting);
    assert.deepEqual(asked.sort(), ['list.test', 'second.test', 'third.test']);
    asked.length = 0;
    await judge({ ...three, body: 'x\r\n' }, counting);
    assert.deepEqual(asked, []);
  });

  test('fifty sets pass, and nobody adds another', async () => {
    let message = first;
    for (let i = 0; i < 50; i++) message = await pass(message, sealer('ed'));
    const result = await judge(message);
    assert.equal(result.result, 'pass', String(result.reason));
    assert.equal(result.highest, 50);
    await assert.rejects(pass(message, sealer('ed')), /there is a set/);
  });
});

describe('our own results', () => {
  const collect = (...fields: string[]): string =>
    ownResults(new HeadFields(Buffer.from(`${fields.join('\r\n')}\r\n\r\n`)), 'mx.test');
  test('are collected, others are not', () => {
    assert.equal(
      collect(
        'Authentication-Results: MX.test 1; spf=pass;\r\n dkim=fail;',
        'Authentication-Results: mx.test.evil; spf=pass',
        'Authentication-Results: mx.test; none',
        'Authentication-Results: mx.test; dmarc=pass',
      ),
      'mx.test;\r\n spf=pass;\r\n dkim=fail;\r\n dmarc=pass',
    );
    assert.equal(collect('X: 1'), 'mx.test;\r\n none');
  });
});
