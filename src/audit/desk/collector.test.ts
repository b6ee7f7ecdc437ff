import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CLIENT_ID, GraphServer, TENANT_ID } from '../../../test/support/graph-server.ts';
import type { JournalEvent } from '../../journal/event.ts';
import { ManualClock, systemClock } from '../../platform/clock.ts';
import { Seal } from '../../store/seal.ts';
import type { CollectPlan, CollectStatus } from './collector.ts';
import { AuditDesk } from './desk.ts';

const DAY = 86_400_000;
const PLAN: CollectPlan = {
  tenant: TENANT_ID,
  clientId: CLIENT_ID,
  days: 3,
  parts: ['domains', 'trace'],
  domains: [],
  details: 1,
  hour: null,
  run: true,
};

describe('a collection of the relay', () => {
  let folder: string;
  let server: GraphServer;
  let clock: ManualClock;
  let events: Partial<JournalEvent>[];
  let desk: AuditDesk;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'postern-collector-'));
    server = await GraphServer.start(systemClock);
    for (let day = 0; day < 3; day++)
      server.rows.push({
        id: `00000000-0000-4000-8000-00000000000${day}`,
        messageId: `<${day}@mfp.contoso.com>`,
        receivedDateTime: new Date(Date.now() - day * DAY - 2 * 3_600_000).toISOString(),
        senderAddress: 'scanner@contoso.com',
        recipientAddress: 'ann@contoso.com',
        subject: 'Scan',
        status: 'delivered',
        fromIP: '203.0.113.25',
        toIP: '',
        size: 1234,
      });
    clock = new ManualClock(Math.floor(Date.now() / DAY) * DAY + 1000);
    events = [];
    desk = deskOf();
  });
  afterEach(async () => {
    await desk.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function deskOf(): AuditDesk {
    const { url } = server;
    return new AuditDesk({
      folder: path.join(folder, 'audit'),
      folders: [],
      reverseDns: false,
      dnsServers: [],
      uploadBytes: 1_000_000,
      freeBytes: 0,
      clock,
      events: { write: (event) => void events.push(event) },
      seal: new Seal(Buffer.alloc(32, 7)),
      services: { graphUrl: url, loginUrl: url, exchangeUrl: url },
      domains: () => [],
    });
  }

  const secret = () => ({ kind: 'secret', secret: server.secret }) as const;

  function ended(): Promise<CollectStatus> {
    return new Promise((resolve) => {
      const end = desk.collector.follow((status) => {
        if (status.endedAt === undefined) return;
        queueMicrotask(() => end());
        resolve(status);
      });
    });
  }

  function answered(): Promise<string> {
    return new Promise((resolve) => {
      const end = desk.follow(({ endedAt, state }) => {
        if (endedAt === undefined) return;
        queueMicrotask(() => end());
        resolve(state);
      });
    });
  }

  it('fetches, tells how far it is, and runs the audit over it', async () => {
    await desk.collector.keep(PLAN, secret());
    await desk.collector.start();
    await assert.rejects(desk.collector.start(), /under way/);
    const { state, report } = await ended();
    assert.equal(state, 'done', JSON.stringify(report));
    assert.equal(report?.parts.find(({ part }) => part === 'trace')?.rows, 3);
    assert.equal(await answered(), 'done');
    assert.match((await desk.answer()).answer.gates[0]?.text ?? '', /contoso\.com: no; 1 sender left/);
  });

  it('keeps the secret sealed, shows it to nobody, and needs it again for another application', async () => {
    await desk.collector.keep(PLAN, secret());
    assert.deepEqual(await desk.collector.plan(), { ...PLAN, credential: 'secret' });
    await (await desk.book()).close();
    for (const name of readdirSync(path.join(folder, 'audit')))
      assert.ok(!readFileSync(path.join(folder, 'audit', name)).includes(server.secret), name);
    desk = deskOf();
    assert.equal((await desk.collector.keep({ ...PLAN, days: 9 }, undefined)).days, 9);
    await assert.rejects(
      desk.collector.keep({ ...PLAN, tenant: 'other.example' }, undefined),
      /a credential is missing/,
    );
    await assert.rejects(
      desk.collector.keep(PLAN, { kind: 'certificate', certificate: 'x', key: 'y' }),
      /no PEM certificate/,
    );
    assert.equal(await desk.collector.forget(), true);
    assert.equal(await desk.collector.plan(), undefined);
    await assert.rejects(desk.collector.start(), /nobody has said what to fetch/);
  });

  it('an alarm tells of a secret that is wrong, without it', async () => {
    await desk.collector.keep(PLAN, { kind: 'secret', secret: 'wrong-secret' });
    await desk.collector.start();
    const { state, error } = await ended();
    assert.equal(state, 'failed');
    assert.match(error ?? '', /sign-in of application .* was refused/);
    const alarms = events.filter(({ type }) => type === 'alarm');
    assert.deepEqual(
      alarms.map(({ code }) => code),
      ['audit-collection-failed'],
    );
    assert.ok(!JSON.stringify(events).includes('wrong-secret'));
  });

  it('begins by itself once a day, at its hour or after', async () => {
    await desk.collector.keep({ ...PLAN, hour: 2, run: false }, secret());
    const begun = () => events.filter(({ text }) => text?.includes('is fetched from')).length;
    await pass(60 * 60_000);
    assert.equal(begun(), 0);
    const end = new Promise<void>((resolve) => {
      const off = desk.collector.follow(({ endedAt }) => {
        if (endedAt !== undefined) {
          queueMicrotask(() => off());
          resolve();
        }
      });
    });
    await pass(65 * 60_000);
    await end;
    assert.equal(begun(), 1);
    await pass(60 * 60_000);
    assert.equal(begun(), 1);
  });

  /** Lets time pass, a minute at a time, and what is due be done. */
  async function pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 60_000) {
      clock.advance(60_000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  it('stops when it is told to', async () => {
    await desk.collector.keep(PLAN, secret());
    await desk.collector.start();
    assert.equal(await desk.collector.stop(), true);
    assert.equal(desk.collector.status.state === 'running', false);
    assert.equal(await desk.collector.stop(), false);
  });
});
