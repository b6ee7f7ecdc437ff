import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrivalOf } from '../arrival.fixture.ts';
import { historicalReport } from './historical-search.ts';
import { detailRows, traceRows } from './rows.ts';

const { networkMessageId: id, tenant } = arrivalOf();

/** As whoever reads a trace does it: attributes decoded, pairs split at semicolons outside of quotation marks. */
function customData(xml: string): Map<string, string> {
  const [, blob = ''] = /<MEP Name="CustomData" Blob="([^"]*)"\/>/.exec(xml) ?? [];
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" };
  const text = blob.replaceAll(/&([^;]+);/g, (_, name: string) => entities[name] ?? '?');
  const pairs = text.match(/(?:'[^']*'|[^;'])+/g) ?? [];
  return new Map(
    pairs.map((pair) => {
      const bare = pair.replaceAll("'", '').replace(/^S:/, '');
      const at = bare.indexOf('=');
      return [bare.slice(0, at), bare.slice(at + 1)];
    }),
  );
}

test('the detail proves a connector, or that there was none', () => {
  const [anonymous] = detailRows([arrivalOf()], id, 'ANN@contoso.test');
  const without = customData(anonymous?.Data ?? '');
  assert.equal(without.has('InboundConnectorData'), false);
  assert.equal(without.get('ProxiedClientHostname'), 'MFP-3F');
  assert.equal(without.get('ProxiedClientIPAddress'), '203.0.113.25');
  assert.match(anonymous?.Data ?? '', /<MEP Name="ReturnPath" String="scanner@contoso\.test"\/>/);
  assert.match(anonymous?.Data ?? '', /<MEP Name="ConnectorId" String="(\w+)\\Default \1"\/>/);

  const connected = arrivalOf({
    connector: { name: `Partner's "one" & <two>`, type: 'Partner' },
    tls: { version: 'TLS1_3', cipher: 'TLS_AES_256_GCM_SHA384' },
  });
  const [partner] = detailRows([connected], id, 'ann@contoso.test');
  const found = customData(partner?.Data ?? '');
  assert.equal(
    found.get('InboundConnectorData'),
    `Name=Partners "one" & <two>;ConnectorType=Partner;TenantId=${tenant}`,
  );
  assert.equal(found.get('tlsversion'), 'SP_PROT_TLS1_3_SERVER');
  assert.equal(found.get('tlscipher'), 'CALG_AES_256');
});

test('what XML can not hold does not get into it', () => {
  const [row] = detailRows([arrivalOf({ returnPath: 'a\u0000\u001b<"&\'@x.test' })], id, 'ann@contoso.test');
  assert.match(row?.Data ?? '', /String="a\uFFFD\uFFFD&lt;&quot;&amp;&#x27;@x\.test"/);
});

test('newest first, a row for each recipient; statuses', () => {
  const arrivals = [
    arrivalOf(),
    arrivalOf({
      networkMessageId: id.replace('adac', 'bdac'),
      recipients: [
        { address: 'b@contoso.test', id: 'b', folder: 'Quarantine' },
        { address: 'a@contoso.test', id: 'a', folder: 'Junk' },
        { address: 'c@elsewhere.test' },
      ],
    }),
    arrivalOf({ accepted: false, reply: '550 5.7.68 x', recipients: [{ address: 'ann@contoso.test' }] }),
  ];
  const rows = traceRows(arrivals, {}, () => 'org');
  assert.deepEqual(
    rows.map(({ RecipientAddress, Status }) => `${RecipientAddress} ${Status}`),
    [
      'ann@contoso.test Failed',
      'a@contoso.test FilteredAsSpam',
      'b@contoso.test Quarantined',
      'c@elsewhere.test Pending',
      'ann@contoso.test Delivered',
    ],
  );
  assert.deepEqual(
    rows.map(({ Index }) => Index),
    [0, 1, 2, 3, 4],
  );
  for (const [filter, count] of [
    [{ resultSize: 2 }, 2],
    [{ status: 'Failed' }, 1],
    [{ sender: '*@contoso.test' }, 5],
    [{ sender: '*@toso.test' }, 0],
    [{ fromIp: '203.0.113.26' }, 0],
    [{ subject: 'SCAN' }, 5],
    [{ messageId: '1@mfp-3f.test' }, 5],
    [{ start: Date.UTC(2026, 10, 24) }, 0],
  ] as const) {
    assert.equal(traceRows(arrivals, filter, () => 'org').length, count, JSON.stringify(filter));
  }
});

test('cells that a spreadsheet would calculate are escaped, quotation marks doubled', () => {
  const { csv, fileName } = historicalReport([arrivalOf({ subject: '=HYPERLINK("x"),\r\n1' })], {
    reportTitle: '../../etc/x',
    reportType: 'MessageTrace',
  });
  assert.match(csv.toString('utf16le'), /"'=HYPERLINK\(""x""\),/);
  assert.equal(fileName, '_etc_x.csv');
});
