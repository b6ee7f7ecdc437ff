import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { systemDisk } from '../../platform/disk.ts';
import { findingsOf } from '../run/posture.ts';
import { organisationOf } from '../run/settings.ts';
import { settingsIn } from './tenant-settings.ts';

function folderOf(t: TestContext, files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-settings-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return folder;
}

const RULE = { Name: 'Scanner', State: 'Enabled', Mode: 'Enforce', SetSCL: '-1' };
const DOMAINS = '"DomainName","DomainType","MatchSubDomains"\r\n"contoso.test","Authoritative","True"\r\n';

/** Findings about filters of these rules and policies. */
async function findings(t: TestContext, ...entries: Record<string, unknown>[]) {
  const folder = folderOf(t, {
    'd.json': JSON.stringify([{ DomainName: 'contoso.test', DomainType: 'Authoritative' }]),
    ...Object.fromEntries(entries.map((entry, at) => [`r${at}.json`, JSON.stringify([entry])])),
  });
  const organisation = organisationOf({ paths: [] }, await settingsIn(systemDisk, folder), undefined);
  return findingsOf(organisation, [], [])
    .filter(({ code }) => /^(?:rule|allowed)/.test(code))
    .map(({ code, subject }) => `${code} ${subject ?? ''}`.trim());
}

describe('what lets mail past the filters', () => {
  const table: [string, Record<string, unknown>, string[]][] = [
    [
      'a rule for the own domain',
      { ...RULE, SenderDomainIs: ['contoso.test'] },
      ['rule-skips-filter-for-own-domain Scanner (contoso.test)'],
    ],
    [
      'a rule for an address of the own domain',
      { ...RULE, From: 'scan@contoso.test' },
      ['rule-skips-filter-for-own-domain Scanner (contoso.test)'],
    ],
    [
      'a rule by address',
      { ...RULE, SenderIpRanges: ['203.0.113.0/24'], SenderDomainIs: ['contoso.test'] },
      ['rule-skips-filter-by-address Scanner (203.0.113.0/24)'],
    ],
    [
      'a rule for a partner',
      { ...RULE, SetSCL: -1, SenderDomainIs: 'partner.example' },
      ['rule-skips-filter Scanner (partner.example)'],
    ],
    [
      'a rule that wants a header too',
      { ...RULE, SenderDomainIs: ['contoso.test'], HeaderContainsWords: ['secret'] },
      ['rule-skips-filter Scanner (contoso.test)'],
    ],
    ['a rule that is off', { ...RULE, State: 'Disabled', SenderDomainIs: ['contoso.test'] }, []],
    ['a trial', { ...RULE, Mode: 'AuditAndNotify', SenderDomainIs: ['contoso.test'] }, []],
    ['a rule that marks spam', { ...RULE, SetSCL: '9', SenderDomainIs: ['contoso.test'] }, []],
    [
      'an allow list with the own domain',
      { Name: 'Default', AllowedSenderDomains: ['contoso.test', 'other.example'], AllowedSenders: [] },
      ['allowed-own-domain Default (contoso.test)'],
    ],
    [
      'an allow list of others',
      { Name: 'Default', AllowedSenderDomains: [{ Domain: 'other.example' }], AllowedSenders: [] },
      [],
    ],
    [
      'addresses of the connection filter',
      { Name: 'Default', IPAllowList: ['203.0.113.25'] },
      ['allowed-addresses Default (203.0.113.25)'],
    ],
    ['no addresses', { Name: 'Default', IPAllowList: [] }, []],
  ];
  for (const [name, entry, wanted] of table)
    it(name, async (t) => assert.deepEqual(await findings(t, entry), wanted));

  it('says when nobody told of rules', async (t) => {
    assert.deepEqual(await findings(t), ['rules-unknown']);
  });

  it('keeps names and lists short, however long they are', async (t) => {
    const long = 'x'.repeat(1_000_000);
    const [finding = ''] = await findings(t, { ...RULE, Name: long, SenderDomainIs: [long, long] });
    assert.ok(finding.length < 1500, `${finding.length}`);
  });
});

describe('settings in tables and archives', () => {
  it('are found as Export-Csv of either PowerShell, Excel and a redirect write them', async (t) => {
    for (const text of [
      DOMAINS,
      `#TYPE Microsoft.Exchange.Data\r\n${DOMAINS}`,
      `\ufeff${DOMAINS}`,
      DOMAINS.replaceAll(',', ';'),
      Buffer.from(`\ufeff${DOMAINS}`, 'utf16le'),
    ]) {
      const { domains, files } = await settingsIn(systemDisk, folderOf(t, { 'anything.csv': text }));
      assert.deepEqual(domains, [{ name: 'contoso.test', type: 'authoritative', matchSubDomains: true }]);
      assert.deepEqual(files, ['anything.csv']);
    }
  });

  it('are found in a compressed file', async (t) => {
    const { domains, files } = await settingsIn(systemDisk, folderOf(t, { 'd.csv.gz': gzipSync(DOMAINS) }));
    assert.deepEqual([domains?.[0]?.name, files], ['contoso.test', ['d.csv.gz!']]);
  });

  it('a table that has the name of a type in place of a list is told of', async (t) => {
    const table =
      'Name,ConnectorType,SenderDomains,SenderIPAddresses\r\nA,Partner,System.Collections.ArrayList,\r\n';
    const { connectors, problems } = await settingsIn(systemDisk, folderOf(t, { 'c.csv': table }));
    assert.equal(connectors, undefined);
    assert.match(problems.join(), /export with ConvertTo-Json/);
  });

  it('lists in a cell are taken apart', async (t) => {
    const table =
      'Name,ConnectorType,SenderDomains,SenderIPAddresses,Enabled\r\nA,Partner,"smtp:*;1","203.0.113.1, 203.0.113.2",True\r\n';
    const { connectors } = await settingsIn(systemDisk, folderOf(t, { 'c.csv': table }));
    assert.deepEqual(
      [connectors?.[0]?.senderDomains, connectors?.[0]?.senderAddresses],
      [['*'], ['203.0.113.1', '203.0.113.2']],
    );
  });

  it('what is damaged, a bomb or deep is passed over, and the rest is read', async (t) => {
    const { domains } = await settingsIn(
      systemDisk,
      folderOf(t, {
        'bomb.json.gz': gzipSync(Buffer.alloc(400 * 2 ** 20, ' ')),
        'broken.zip': 'PK\u0003\u0004broken',
        'columns.csv': `DomainType,${'x,'.repeat(10_000)}\r\n`,
        'deep.json': '['.repeat(100_000),
        'z.csv': DOMAINS,
      }),
    );
    assert.equal(domains?.[0]?.name, 'contoso.test');
  });
});
