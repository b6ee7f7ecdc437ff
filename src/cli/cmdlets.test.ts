import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listOf, truthOf, withCmdletSpelling } from './cmdlets.ts';

test('cmdlets in any spelling', () => {
  for (const [typed, known] of [
    [
      'lab Set-OrganizationConfig -RejectDirectSend $true',
      'lab Set-OrganizationConfig --RejectDirectSend $true',
    ],
    [
      'lab set-organizationconfig -rejectdirectsend:$false',
      'lab Set-OrganizationConfig --RejectDirectSend $false',
    ],
    ['lab GET-MESSAGETRACEV2 -resultsize 5 --json', 'lab Get-MessageTraceV2 --ResultSize 5 --json'],
    ['lab Get-InboundConnector --data x', 'lab Get-InboundConnector --data x'],
    // what is no cmdlet stays
    ['lab set RejectDirectSend true', 'lab set RejectDirectSend true'],
    ['source Set-OrganizationConfig -RejectDirectSend', 'source Set-OrganizationConfig -RejectDirectSend'],
    ['lab Set-OrganizationConfig -Unknown 1', 'lab Set-OrganizationConfig -Unknown 1'],
  ] as const) {
    assert.deepEqual(withCmdletSpelling(typed.split(' ')), known.split(' '));
  }
  assert.deepEqual(withCmdletSpelling([]), []);
});

test('truth values and lists as PowerShell writes them', () => {
  assert.deepEqual(['$true', 'TRUE', '1', '$False', '0', 'yes', ''].map(truthOf), [
    true,
    true,
    true,
    false,
    false,
    undefined,
    undefined,
  ]);
  assert.deepEqual(listOf('contoso.test, *.contoso.test'), ['contoso.test', '*.contoso.test']);
  assert.deepEqual(listOf('@("a.test","b.test")'), ['a.test', 'b.test']);
  assert.deepEqual(listOf('$null'), []);
});
