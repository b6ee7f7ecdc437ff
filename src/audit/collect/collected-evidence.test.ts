import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { CLIENT_ID, GraphServer, TENANT_ID } from '../../../test/support/graph-server.ts';
import { HastyClock } from '../../../test/support/hasty-clock.ts';
import { systemDisk } from '../../platform/disk.ts';
import { systemRandom } from '../../platform/random.ts';
import type { Observation } from '../evidence/observation.ts';
import { readEvidence } from '../evidence/read-evidence.ts';
import { collect } from './collect.ts';
import { SecretCredential } from './credential.ts';
import { FetchHttp } from './http.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const ID = 'adac754c-cc67-4619-da4c-08ddc4691e84';
const DATA =
  '<root><MEP Name="ConnectorId" String="SRV\\Default SRV"/><MEP Name="ReturnPath" String="scanner@contoso.com"/>' +
  '<MEP Name="CustomData" Blob="S:ProxiedClientIPAddress=203.0.113.25;S:ProxiedClientHostname=MFP-3F"/></root>';

it('what was collected is evidence that can be read: trace, proof by details, and EmailEvents', async () => {
  const clock = new HastyClock(NOW);
  const server = await GraphServer.start(clock);
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-collected-'));
  try {
    server.rows = [
      {
        id: ID,
        messageId: '<1@mfp.contoso.com>',
        receivedDateTime: '2026-11-22T13:03:14Z',
        senderAddress: 'scanner@contoso.com',
        recipientAddress: 'office@contoso.com',
        subject: 'Scan',
        status: 'delivered',
        fromIP: '203.0.113.25',
        toIP: '',
        size: 1234,
      },
    ];
    server.details.set(`${ID} office@contoso.com`, [
      {
        id: ID,
        messageId: '<1@mfp.contoso.com>',
        dateTime: '2026-11-22T13:03:14.000Z',
        event: 'Receive',
        action: '',
        description: 'Message received by: SRV',
        data: DATA,
      },
    ]);
    server.events = [
      {
        Timestamp: '2026-11-22T13:03:15Z',
        NetworkMessageId: ID,
        InternetMessageId: '<1@mfp.contoso.com>',
        SenderMailFromAddress: 'scanner@contoso.com',
        SenderFromAddress: 'scanner@contoso.com',
        SenderIPv4: '203.0.113.25',
        RecipientEmailAddress: 'office@contoso.com',
        EmailDirection: 'Inbound',
        Connectors: null,
      },
    ];
    await collect(
      {
        app: { tenant: TENANT_ID, clientId: CLIENT_ID, credential: new SecretCredential(server.secret) },
        folder,
        days: 2,
        domains: [],
        detailsPerSender: 1,
        settleMs: 3_600_000,
        graphUrl: server.url,
        loginUrl: server.url,
        exchangeUrl: server.url,
      },
      { http: new FetchHttp(), disk: systemDisk, clock, random: systemRandom },
    );
    const found: Observation[] = [];
    for await (const progress of readEvidence([folder], {}, (some) => void found.push(...some)))
      void progress;
    const of = (kind: string): Observation | undefined => found.find((one) => one.kind === kind);
    assert.deepEqual(
      found.map(({ kind }) => kind).sort((a, b) => a.localeCompare(b)),
      ['email-events', 'trace', 'trace-detail'],
    );
    assert.equal(of('trace')?.address, '203.0.113.25');
    const detail = of('trace-detail');
    assert.deepEqual(
      [detail?.recipient, detail?.p1, detail?.connector, detail?.helo, detail?.traceId],
      ['office@contoso.com', 'scanner@contoso.com', 'none', 'MFP-3F', ID.replaceAll('-', '')],
    );
    assert.equal(of('email-events')?.connector, 'none');
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});
