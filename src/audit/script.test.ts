import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditScript } from './script.ts';

type Token = { kind: 'word' | 'open' | 'close' | 'text'; text: string };

const PAIRS: Record<string, string> = { '{': '}', '(': ')', '[': ']' };

/**
 * As much of PowerShell's lexical grammar as the script uses: comments, quoted strings with `''` and `""`, brackets and
 * words. A double-quoted string with an expression or an escape in it, a backtick or a here-string is refused: the script does without.
 */
function tokens(script: string): Token[] {
  const found: Token[] = [];
  const lexeme =
    /<#[\s\S]*?#>|#[^\n]*|'(?:[^']|'')*'|"(?:[^"`$]|"")*"|[$@]?[({]|\[|[)}\]]|[A-Za-z]+-[A-Za-z0-9]+|[^\s'"#({})[\]]/g;
  let end = 0;
  for (const match of script.matchAll(lexeme)) {
    assert.match(
      script.slice(end, match.index),
      /^\s*$/,
      `not understood near ${script.slice(end, end + 60)}`,
    );
    end = match.index + match[0].length;
    const [text] = match;
    if (text.startsWith('#') || text.startsWith('<#')) continue;
    if (/^['"]/.test(text)) found.push({ kind: 'text', text });
    else if (/[({[]$/.test(text)) found.push({ kind: 'open', text: text.slice(-1) });
    else if (/^[)}\]]$/.test(text)) found.push({ kind: 'close', text });
    else found.push({ kind: 'word', text });
  }
  assert.match(script.slice(end), /^\s*$/);
  return found;
}

/** All that reads Exchange Online, by its documentation; nothing that sets. */
const EXCHANGE = [
  'Connect-ExchangeOnline',
  'Get-ConnectionInformation',
  'Get-AcceptedDomain',
  'Get-HistoricalSearch',
  'Get-HostedConnectionFilterPolicy',
  'Get-HostedContentFilterPolicy',
  'Get-InboundConnector',
  'Get-MessageTraceDetailV2',
  'Get-MessageTraceV2',
  'Get-OrganizationConfig',
  'Get-TransportRule',
  // starts a report, and changes nothing
  'Start-HistoricalSearch',
];

const SHELL = [
  'ConvertFrom-Json',
  'ConvertTo-Csv',
  'ConvertTo-Json',
  'ForEach-Object',
  'Format-Table',
  'Get-Command',
  'Import-Csv',
  'Join-Path',
  'Move-Item',
  'New-Item',
  'New-Object',
  'Out-Host',
  'Select-Object',
  'Start-Sleep',
  'Test-Path',
  'Where-Object',
  'Write-Host',
  'Write-Progress',
  'Write-Verbose',
  'Write-Warning',
];

describe('the script that gathers the evidence', () => {
  const script = auditScript({ days: 90 });

  it('closes every bracket and string that it opens', () => {
    const open: string[] = [];
    for (const { kind, text } of tokens(script)) {
      if (kind === 'open') open.push(PAIRS[text] ?? '');
      if (kind === 'close') assert.equal(text, open.pop());
    }
    assert.deepEqual(open, []);
    assert.throws(() => tokens("Write-Host 'never closed"));
  });

  it('calls nothing but documented cmdlets that read, its own functions, and the shell', () => {
    const own = [...script.matchAll(/^function ([A-Za-z-]+) \{$/gm)].map(([, name]) => name ?? '');
    const called = new Set(
      tokens(script)
        .filter(({ kind, text }) => kind === 'word' && /^[A-Z][a-zA-Z]+-[A-Z][A-Za-z0-9]+$/.test(text))
        .map(({ text }) => text),
    );
    const known = new Set([...EXCHANGE, ...SHELL, ...own]);
    assert.deepEqual(
      [...called].filter((name) => !known.has(name)),
      [],
    );
    for (const name of EXCHANGE) assert.ok(called.has(name), `${name} is used`);
    for (const name of own) assert.ok(called.has(name), `${name} is used`);
  });

  it('can be read by Windows PowerShell 5.1, whatever the code page and the language', () => {
    assert.match(script, /^#Requires -Version 5\.1\n/);
    assert.doesNotMatch(script, /[^\n\x20-\x7e]/);
    // what only PowerShell 7 knows
    assert.doesNotMatch(script, /\?\?|\?\.|&&|\|\||-AsHashtable|-Parallel|utf8NoBOM/);
    // dates go to the service as values and to files as ISO 8601, never as the text of a culture
    assert.doesNotMatch(script, /Get-Date|ToShortDateString|\{\d:[yMd]/);
    assert.match(script, /InvariantCulture/);
  });

  it('has the documented limits in it', () => {
    assert.match(script, /ResultSize = 5000/);
    assert.match(script, /\$query\['StartingRecipientAddress'\]/);
    assert.match(script, /\$asked\.Count -ge 100/);
    assert.match(script, /AddMinutes\(-5\)/);
    assert.match(script, /60, 180, 300/);
    assert.match(script, /ConnectorType = 'NoConnector'\n +Direction     = 'Received'/);
    assert.match(script, /ReportType +=/);
    assert.match(script, /\[ValidateRange\(1, 90\)\]\n +\[int\] \$Days = 90,/);
  });

  it('looks back as far as it is told', () => {
    assert.match(auditScript({ days: 14 }), /\$Days = 14,/);
    for (const days of [0, 91, 1.5, Number.NaN]) assert.throws(() => auditScript({ days }), RangeError);
  });
});
