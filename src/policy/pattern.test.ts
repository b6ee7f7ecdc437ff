import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_POLICY, NO_DETAILS, type SourcePolicy } from '../sources/source.ts';
import { CompiledPolicies, compilePolicy } from './compiled.ts';
import { comparable, compilePattern, patternProblem } from './pattern.ts';
import { checkRecipient, checkRecipientCount } from './recipients.ts';
import { checkEnvelopeSender } from './sender.ts';

describe('address patterns', () => {
  const cases: [string, string[], string[]][] = [
    [
      'app@corp.example',
      ['app@corp.example', 'APP@Corp.Example', '"app"@corp.example'],
      ['x@corp.example', 'app@sub.corp.example', 'app@corp.example.evil.example', 'xapp@corp.example'],
    ],
    ['corp.example', ['a@corp.example', '"a b"@CORP.example'], ['a@sub.corp.example', 'a@xcorp.example']],
    [
      '*.corp.example',
      ['a@x.corp.example', 'a@x.y.corp.example'],
      ['a@corp.example', 'a@xcorp.example', 'a@.corp.example'],
    ],
    [
      'scan-*@corp.example',
      ['scan-1@corp.example', 'SCAN-@corp.example'],
      ['scan@corp.example', 'xscan-1@corp.example', 'scan-1@sub.corp.example'],
    ],
    ['*@corp.example', ['a@corp.example'], ['a@x.example']],
    [
      'a*b*c@corp.example',
      ['abc@corp.example', 'axbxc@corp.example', 'abbcc@corp.example'],
      ['ab@corp.example', 'acb@corp.example'],
    ],
    ['a*a@corp.example', ['aa@corp.example', 'aba@corp.example'], ['a@corp.example']],
    [
      'app@bücher.example',
      ['app@bücher.example', 'app@xn--bcher-kva.example', 'app@BÜCHER.example'],
      ['app@bucher.example'],
    ],
    ['app@xn--bcher-kva.example', ['app@bücher.example'], []],
    ['jürgen@corp.example', ['JÜRGEN@corp.example', 'ju\u0308rgen@corp.example'], ['jurgen@corp.example']],
  ];
  for (const [pattern, matching, others] of cases) {
    it(pattern, () => {
      const matches = compilePattern(pattern);
      const ask = (address: string): boolean => {
        const parts = comparable(address);
        return parts !== undefined && matches(parts);
      };
      for (const address of matching) assert.ok(ask(address), address);
      for (const address of others) assert.ok(!ask(address), address);
    });
  }

  const wrong = [
    '',
    '*',
    '@corp.example',
    'a@',
    'a@*',
    'a@*.corp.example',
    'corp',
    'a@corp',
    'a b@corp.example',
    'a@b@corp.example',
    '*.',
    '*corp.example',
    'corp.*',
    'a@corp.example.',
    '<a@corp.example>',
    '"a"@corp.example',
    'a@[192.0.2.1]',
    `${'a'.repeat(400)}@corp.example`,
    'a\u0000@corp.example',
  ];
  for (const pattern of wrong) {
    it(`refuses ${JSON.stringify(pattern.slice(0, 40))}`, () => {
      assert.match(patternProblem(pattern) ?? '', /is no address pattern: /);
    });
  }

  it('match in linear time, as a regular expression would say', () => {
    const local = fc.stringMatching(/^[ab]{1,30}$/);
    const glob = fc.stringMatching(/^[ab*]{1,10}$/);
    fc.assert(
      fc.property(local, glob, (local, glob) => {
        const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(local);
        assert.equal(compilePattern(`${glob}@corp.example`)({ local, domain: 'corp.example' }), expected);
      }),
    );
    compilePattern(`${'*a'.repeat(100)}b@corp.example`)({
      local: 'a'.repeat(100_000),
      domain: 'corp.example',
    });
  });
});

const policy = (changes: Partial<SourcePolicy>): SourcePolicy => ({ ...DEFAULT_POLICY, ...changes });

describe('compiled policies', () => {
  it('are made once a version', () => {
    const policies = new CompiledPolicies();
    const source = {
      id: 'src_a',
      name: 'a',
      description: '',
      owner: '',
      state: 'active' as const,
      policy: DEFAULT_POLICY,
      ...NO_DETAILS,
      createdAt: 0,
      updatedAt: 0,
      version: 1,
    };
    const first = policies.of(source);
    assert.equal(policies.of(source), first);
    source.version = 2;
    assert.notEqual(policies.of(source), first);
  });
});

describe('envelope sender', () => {
  const compiled = compilePolicy(policy({ pairs: [{ envelope: 'corp.example', header: 'corp.example' }] }));
  const cases: [string, string | undefined][] = [
    ['a@corp.example', undefined],
    ['a@CORP.example', undefined],
    ['a@evil.example', 'S401'],
    ['a', 'S401'],
    ['@corp.example', 'S401'],
    ['a@[192.0.2.1]', 'S401'],
    ['', 'S407'],
  ];
  for (const [from, code] of cases) {
    it(`${JSON.stringify(from)}: ${code ?? 'allowed'}`, () =>
      assert.equal(checkEnvelopeSender(compiled, from)?.code, code));
  }
  it('may be null where that is allowed', () => {
    assert.equal(checkEnvelopeSender(compilePolicy(policy({ nullSender: true })), ''), undefined);
  });
});

describe('recipients', () => {
  const domains = {
    isInternal: (domain: string) => domain === 'corp.example' || domain.endsWith('.corp.example'),
  };
  const code = (allow: SourcePolicy['recipients']['allow'], address: string): string | undefined =>
    checkRecipient(
      compilePolicy(policy({ recipients: { allow, patterns: ['partner.example'] } })),
      address,
      domains,
    )?.code;

  const cases: [string, string | undefined, string | undefined, string | undefined][] = [
    // internal, listed, any
    ['a@corp.example', undefined, 'R501', undefined],
    ['a@sub.CORP.example', undefined, 'R501', undefined],
    ['a@partner.example', undefined, undefined, undefined],
    ['a@else.example', 'R501', 'R501', undefined],
    ['a', 'R503', 'R503', 'R503'],
    ['a@', 'R503', 'R503', 'R503'],
    ['@corp.example', 'R504', 'R504', 'R504'],
    ['a%else.example@corp.example', 'R504', 'R504', 'R504'],
    ['a%else.example', 'R504', 'R504', 'R504'],
    ['host!a@corp.example', 'R504', 'R504', 'R504'],
    ['a!b', 'R504', 'R504', 'R504'],
    ['@x.example:a@corp.example', 'R504', 'R504', 'R504'],
    ['"a@else.example"@corp.example', 'R504', 'R504', 'R504'],
    ['"a%else.example"@corp.example', 'R504', 'R504', 'R504'],
    ['"a\\@else.example"@corp.example', 'R504', 'R504', 'R504'],
    ['a@else.example@corp.example', 'R504', 'R504', 'R504'],
    ['a@[192.0.2.1]', 'R504', 'R504', 'R504'],
    ['"a b"@corp.example', undefined, 'R501', undefined],
  ];
  for (const [address, internal, listed, any] of cases) {
    it(address, () => {
      assert.deepEqual(
        [code('internal', address), code('listed', address), code('any', address)],
        [internal, listed, any],
      );
    });
  }

  it('are counted', () => {
    const compiled = compilePolicy(policy({ maxRecipients: 2 }));
    assert.equal(checkRecipientCount(compiled, 1), undefined);
    assert.equal(checkRecipientCount(compiled, 2)?.code, 'R502');
  });
});
