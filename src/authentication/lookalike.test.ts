import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { domainToASCII } from 'node:url';

import fc from 'fast-check';

import { skeleton } from './confusables.ts';
import { Lookalikes } from './lookalike.ts';

const own = new Lookalikes(['contoso.example', 'mail.corp.example', 'modern.test', 'xn--bcher-kva.example']);

describe('domains', () => {
  const cases: [domain: string, how: string | undefined][] = [
    // ours, and honest strangers
    ['contoso.example', undefined],
    ['CONTOSO.example.', undefined],
    ['a.b.contoso.example', undefined],
    ['corp.example', undefined],
    ['b\u00fccher.example', undefined],
    ['fabrikam.example', undefined],
    ['example.com', undefined],
    ['xcorp.example', undefined],
    ['', undefined],
    ['[192.0.2.1]', undefined],
    ['xn--\u0000.example', undefined],
    ['xn--zzzzzzzzzz.example', undefined],
    // other scripts, in punycode as mail has them
    [domainToASCII('c\u043ent\u043es\u043e.example'), 'confusable'],
    [domainToASCII('\u0441\u043ent\u043es\u043e.example'), 'confusable'],
    [domainToASCII('contos\u03bf.example'), 'confusable'],
    ['cont\u043eso.example', 'confusable'],
    ['c\u00f3nt\u00f6so.example', 'confusable'],
    ['\uff43ontoso.example', undefined],
    [`www.${domainToASCII('cont\u043eso.example')}`, 'confusable'],
    // digits and pairs
    ['c0ntoso.example', 'confusable'],
    ['cont0s0.example', 'confusable'],
    ['c0nto5o.example', 'confusable'],
    ['rnodern.test', 'confusable'],
    ['modem.test', 'confusable'],
    ['bucher.example', 'confusable'],
    // ours within something else
    ['contoso.example.evil.test', 'embedded'],
    ['login.contoso.example.evil.test', 'embedded'],
    ['contoso-example.test', 'embedded'],
    ['contoso.example-login.test', 'embedded'],
    ['c0ntoso.example.evil.test', 'embedded'],
    ['contoso-invoices.test', 'embedded'],
    ['mail.corp.example.evil.test', 'embedded'],
    // the same elsewhere
    ['contoso.test', 'other-suffix'],
    ['contoso.co.uk', 'other-suffix'],
    ['c0ntoso.co', 'other-suffix'],
    // a slip of the finger
    ['contosso.example', 'near'],
    ['contso.example', 'near'],
    ['cnotoso.example', 'near'],
    ['contaso.example', 'near'],
    ['cantasa.example', undefined],
    ['korp.example', undefined],
  ];
  for (const [domain, how] of cases) {
    test(`${domain || '(none)'}: ${how ?? 'nothing'}`, () => assert.equal(own.domain(domain)?.how, how));
  }

  test('ours is named', () => {
    assert.deepEqual(own.domain('c0ntoso.example'), { domain: 'contoso.example', how: 'confusable' });
  });
});

describe('display names', () => {
  const cases: [name: string, how: string | undefined][] = [
    ['', undefined],
    ['The Boss', undefined],
    ['Contoso Ltd', undefined],
    ['Dr. J. Smith, M.D.', undefined],
    ['sales@fabrikam.example', undefined],
    ['ceo@contoso.example', 'shown'],
    ['The Boss (CEO@Contoso.Example)', 'shown'],
    ['<ceo@mail.contoso.example>', 'shown'],
    ['contoso.example IT desk', 'shown'],
    ['"ceo@contoso.example"', 'shown'],
    ['ceo\uff20contoso.example', 'shown'],
    ['ceo@contoso\uff0eexample', 'shown'],
    ['ceo@con\u200btoso.example', 'shown'],
    ['ceo@con\u00adtoso.example', 'shown'],
    ['ceo@\u202econtoso.example', 'shown'],
    ['ceo @ contoso . example', 'shown'],
    ['ceo (at) contoso (dot) example', 'shown'],
    ['ceo@\uff43\uff4f\uff4e\uff54\uff4f\uff53\uff4f.example', 'shown'],
    ['ceo@c\u043entoso.example', 'confusable'],
    ['ceo@c0ntoso.example', 'confusable'],
    ['contoso.example.evil.test', 'embedded'],
    ['via contoso.test', undefined],
  ];
  for (const [name, how] of cases) {
    test(`${JSON.stringify(name)}: ${how ?? 'nothing'}`, () => assert.equal(own.displayName(name)?.how, how));
  }

  test('never throws, and long ones cost little', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void own.displayName(text)),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void own.domain(text)));
    for (const piece of ['a.b ', '@', '. ', 'contoso.', '\u0301', ' (dot) '])
      own.displayName(piece.repeat(200_000));
  });
});

test('a skeleton is its own skeleton, and plain names keep theirs apart', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9.-]{1,40}$/), (text) =>
      assert.equal(skeleton(skeleton(text)), skeleton(text)),
    ),
  );
  const names = ['corp', 'copr', 'carp', 'store', 'score', 'bank', 'mail', 'male', 'nova', 'novo'];
  assert.equal(new Set(names.map(skeleton)).size, names.length);
});
