import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonRecord, ObjectShapes } from './json-record.ts';
import { readConnectorData, readCustomData, readMep, readReason, readTls } from './service-data.ts';
import { fromDetail } from './tables/trace.ts';
import {
  connectorOf,
  direction,
  mailAddress,
  messageGuid,
  messageIdentifier,
  namedConnector,
  networkAddress,
} from './values.ts';

test('events of message trace details', () => {
  const values = readMep(
    '<root><MEP Name="ConnectorId" String="SRV\\Default SRV"/><MEP Name="SequenceNumber" Long="0"/>' +
      '<MEP Name=\'ReturnPath\' String=\'a&amp;b@contoso.com\'/><MEP Name="CustomData" Blob="S:A=1;&#x27;S:B=x;y&#39;"/></root>',
  );
  assert.deepEqual(Object.fromEntries(values), {
    ConnectorId: 'SRV\\Default SRV',
    SequenceNumber: '0',
    ReturnPath: 'a&b@contoso.com',
    CustomData: "S:A=1;'S:B=x;y'",
  });
  assert.equal(readMep('no XML').size, 0);
  assert.equal(readMep(`<MEP Name="${'<MEP Name="'.repeat(5000)}`).size, 0);
});

test('custom data: quotes hold semicolons, lists are taken apart, the first of a name stays', () => {
  const data = readCustomData(
    "S:ProxyHop1=FE(10.0.0.1);'S:InboundConnectorData=Name=O'Neil;ConnectorType=Partner;TenantId=1';S:SFA=SUM|SFV=SPM|SFS=1|SFS=2|CIP=192.0.2.1;S:Empty=",
  );
  assert.equal(data.get('InboundConnectorData'), "Name=O'Neil;ConnectorType=Partner;TenantId=1");
  assert.equal(data.get('SFV'), 'SPM');
  assert.equal(data.get('SFS'), '1');
  assert.equal(data.get('Empty'), '');
  assert.deepEqual(readConnectorData(data.get('InboundConnectorData')!), { name: "O'Neil", type: 'Partner' });
  assert.equal(readConnectorData('ConnectorType=Partner'), undefined);
  assert.equal(readCustomData("'never closed;S:A=1").size, 1);
});

test('versions of TLS and reasons of failures', () => {
  for (const [text, version] of [
    ['SP_PROT_TLS1_3_SERVER', 'TLS1.3'],
    ['TLSv1.2', 'TLS1.2'],
    ['No Tls', 'none'],
    ['', undefined],
  ] as const) {
    assert.equal(readTls(text), version);
  }
  const reason = 'Reason: [{LED=550 5.7.68 TenantInboundAttribution};{MSG=};{FQDN=};{IP=};{LRT=}]';
  assert.equal(readReason(reason), '550 5.7.68 TenantInboundAttribution');
});

test('the connector: its data go first, the default connector is none, and no client before it is no anonymous mail', () => {
  const named = { name: 'Partner', type: 'Partner' };
  assert.deepEqual(connectorOf('SRV\\Default SRV', named, 'client'), named);
  assert.equal(connectorOf('SRV\\Default SRV', undefined, 'client'), 'none');
  assert.equal(connectorOf('SRV\\Default SRV', undefined, 'no-client'), 'internal-relay');
  assert.deepEqual(connectorOf('From on-premises', undefined, 'client'), { name: 'From on-premises' });
  assert.equal(connectorOf('', undefined, 'unknown'), 'none');
  assert.equal(connectorOf(undefined, undefined, 'unknown'), undefined);
  assert.equal(namedConnector('From the internet without a connector'), 'none');
  assert.equal(namedConnector(''), 'none');
  assert.deepEqual(namedConnector('From your org - X', 'OnPremises'), {
    name: 'From your org - X',
    type: 'OnPremises',
  });
});

test('values in one form', () => {
  assert.equal(mailAddress(' <Scanner@CONTOSO.com> '), 'scanner@contoso.com');
  assert.equal(mailAddress('<>'), '');
  assert.equal(mailAddress('"A, B" <a@b.c>'), 'a@b.c');
  assert.equal(networkAddress('[192.0.2.1]:25'), '192.0.2.1');
  assert.equal(networkAddress('2001:DB8::0:1'), '2001:db8::1');
  assert.equal(networkAddress('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(networkAddress('printer'), undefined);
  assert.equal(messageGuid('{ADAC754C-cc67-4619-da4c-08ddc4691e84}'), 'adac754ccc674619da4c08ddc4691e84');
  assert.equal(messageGuid('adac'), undefined);
  assert.equal(messageIdentifier('a@b'), '<a@b>');
  assert.equal(messageIdentifier('<aaaaaaaaaa...'), undefined);
  assert.equal(direction('1'), 'incoming');
  assert.equal(direction('Intra-org'), 'intra-org');
});

test('a detail without what the service says of the client tells nothing of connectors', () => {
  const connectorIn = (data: string) => {
    const row = {
      MessageId: '<1@x>',
      Date: '2026-05-04T09:00:00Z',
      RecipientAddress: 'a@b.c',
      Event: 'Receive',
      Data: data,
    };
    const { keys, layout } = new ObjectShapes([]).of(row);
    const built = fromDetail(new JsonRecord(1, row, keys, layout), 1);
    assert.ok(Array.isArray(built));
    return built[0]?.connector;
  };
  const id =
    '<MEP Name="ConnectorId" String="SRV\\Default SRV"/><MEP Name="ReturnPath" String="a@contoso.com"/>';
  const custom = (text: string) => `<root>${id}<MEP Name="CustomData" Blob="${text}"/></root>`;
  assert.equal(connectorIn(custom('S:ProxyHop1=FE(10.0.0.1);S:ProxiedClientHostname=MFP')), 'none');
  assert.equal(connectorIn(custom('S:ProxyHop1=FE(10.0.0.1);S:ProxiedClientHostname=')), 'internal-relay');
  // no column for it, one that was cut on the way, and one that is longer than is read
  for (const data of [
    '',
    `<root>${id}`,
    `<root>${id}<MEP Name="CustomData" Blob="S:ProxyHop1=FE(10.0`,
    'x'.repeat(300_000),
  ])
    assert.equal(connectorIn(data), undefined, data.slice(0, 40));
});
