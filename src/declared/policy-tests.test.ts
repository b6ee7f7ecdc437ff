import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeclarationError } from './declaration.ts';
import { declarationFixture } from './fixtures.ts';

const DECLARATION = {
  domain: { 'corp.example': {} },
  source: {
    scanner: {
      policy: { pairs: ['scan-*@corp.example'], maxSize: 10_000, maxRecipients: 2 },
      credential: [{ kind: 'network', networks: ['10.1.0.0/16'] }],
    },
    outside: { policy: { pairs: ['a@elsewhere.example'], recipients: { allow: 'any' } } },
    stopped: { state: 'suspended', policy: { pairs: ['corp.example'] } },
  },
};

const TO = 'x@corp.example';

describe('policy tests', () => {
  const from = 'scan-1@corp.example';
  const cases: [string, Record<string, unknown>, string][] = [
    ['what it may', { source: 'scanner', from }, 'accept'],
    ['its network tells', { network: '10.1.2.3', from }, 'accept'],
    ['a network of nobody', { network: '10.2.2.3', from }, 'refuse A302'],
    ['its own name from elsewhere', { source: 'scanner', network: '10.2.2.3', from }, 'refuse A302'],
    ['another sender', { source: 'scanner', from: 'boss@corp.example' }, 'refuse S401'],
    ['another author', { source: 'scanner', from, headerFrom: 'boss@corp.example' }, 'refuse S402'],
    ['the null sender', { source: 'scanner' }, 'refuse S407'],
    ['outside', { source: 'scanner', from, to: 'x@elsewhere.example' }, 'refuse R501'],
    ['too many', { source: 'scanner', from, to: [TO, TO, TO] }, 'refuse R502'],
    ['too large', { source: 'scanner', from, size: 10_001 }, 'refuse M601'],
    ['too fast', { source: 'scanner', from, count: 121 }, 'refuse L702'],
    ['not too fast', { source: 'scanner', from, count: 120 }, 'accept'],
    ['no key', { source: 'outside', from: 'a@elsewhere.example' }, 'hold'],
    ['stopped', { source: 'stopped', from: 'a@corp.example' }, 'refuse K802'],
    ['nobody', { source: 'nobody', from }, 'refuse A301'],
    ['a message', { source: 'scanner', from, message: `From: ${from}\n\nText\n` }, 'accept'],
    [
      'two authors',
      { source: 'scanner', from, message: `From: ${from}\nFrom: b@x.example\n\nText\n` },
      'refuse S403',
    ],
  ];
  for (const [name, test, expected] of cases) {
    it(`tells the fate of ${name}`, async () => {
      const { apply, declarations } = await declarationFixture();
      const wanted = { test: [{ name, to: TO, ...test, expect: expected }] };
      const declared = (await declarations.test(wanted, DECLARATION))[0];
      assert.deepEqual(
        { happened: declared?.happened, passed: declared?.passed },
        { happened: expected, passed: true },
      );
      await apply(DECLARATION);
      assert.deepEqual((await declarations.test(wanted))[0], declared, 'in force it is the same');
      const other = expected === 'accept' ? 'refuse' : 'accept';
      const [failed] = await declarations.test({ test: [{ name, to: TO, ...test, expect: other }] });
      assert.equal(failed?.passed, false);
    });
  }

  it('refuses what is no test, with its place', async () => {
    const { declarations } = await declarationFixture();
    for (const [test, path] of [
      [{ name: 'x', to: TO, expect: 'refuse Z999' }, 'test/0/expect'],
      [{ name: 'x', to: TO, expect: 'accept S402' }, 'test/0/expect'],
      [{ name: 'x', to: TO, expect: 'accept', form: 'x' }, 'test/0/form'],
      [{ name: 'x', to: TO, expect: 'accept', network: '10.0.0' }, 'test/0/network'],
      [{ name: 'x', expect: 'accept' }, 'test/0/to'],
      [{ name: 'x', to: TO, expect: 'accept', from: 'a\r\nBcc: b' }, 'test/0/from'],
      [{ name: 'x', to: TO, expect: 'accept', count: 100_001 }, 'test/0/count'],
    ] as const) {
      await assert.rejects(
        () => declarations.test({ test: [test] }),
        (error) => error instanceof DeclarationError && error.issues[0]?.path.join('/') === path,
        path,
      );
    }
  });

  it('bounds what all tests together ask for, and lets others have their turn', async () => {
    const { apply, declarations } = await declarationFixture();
    await apply({
      domain: { 'corp.example': {} },
      source: {
        app: {
          policy: { pairs: ['a@corp.example'], limits: [] },
          credential: [{ kind: 'network', networks: ['10.1.0.0/16'] }],
        },
      },
    });
    const test = { name: 'x', source: 'app', from: 'a@corp.example', to: TO, expect: 'accept' };
    const many = { test: Array.from({ length: 6 }, () => ({ ...test, count: 100_000 })) };
    await assert.rejects(declarations.test(many), /at most 500000 messages in all/);
    let turns = 0;
    let counting: NodeJS.Immediate;
    const count = () => {
      turns++;
      counting = setImmediate(count);
    };
    count();
    const [result] = await declarations.test({ test: [{ ...test, count: 5000 }] });
    clearImmediate(counting!);
    assert.equal(result?.happened, 'accept');
    assert.ok(turns > 20, `${turns} turns`);
  });
});
