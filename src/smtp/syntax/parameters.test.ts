import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseParameters } from './parameters.ts';

describe('parameters of MAIL and RCPT', () => {
  it('reads keywords in any case, with and without a value', () => {
    const parameters = parseParameters('  size=10 SmtpUtf8  ENVID=a+3Db ');
    assert.ok(parameters instanceof Map);
    assert.deepEqual(
      [...parameters],
      [
        ['SIZE', '10'],
        ['SMTPUTF8', undefined],
        ['ENVID', 'a+3Db'],
      ],
    );
  });

  it('none are none', () => assert.deepEqual(parseParameters(''), new Map()));

  const malformed = [
    'SIZE=1',
    ' =1',
    ' SIZE=',
    ' SIZE==1',
    ' -A',
    ' A=1 a=2',
    ' A\u0085',
    ' A=\u0085',
    ' A=b\tC',
    Array.from({ length: 17 }, (_, n) => ` P${n}`).join(''),
  ];
  for (const text of malformed) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () =>
      assert.equal(typeof parseParameters(text), 'string'));
  }
});
