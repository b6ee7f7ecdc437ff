import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CLIENT_ID, GraphServer, TENANT_ID, type TraceRow } from '../../../test/support/graph-server.ts';
import { HastyClock } from '../../../test/support/hasty-clock.ts';
import { systemDisk } from '../../platform/disk.ts';
import { systemRandom } from '../../platform/random.ts';
import {
  collect,
  type CollectOptions,
  type CollectReport,
  type CollectWorld,
  type PartReport,
} from './collect.ts';
import type { Part } from './collection.ts';
import { SecretCredential } from './credential.ts';
import { FetchHttp } from './http.ts';

export const NOW = Date.parse('2026-11-23T12:00:00Z');
export const DAY = 86_400_000;

/** Microsoft's services on loopback, a folder, and a clock that waits for nobody. */
export class CollectScene {
  readonly clock: HastyClock;
  readonly server: GraphServer;
  readonly folder: string;
  #rows = 0;

  private constructor(clock: HastyClock, server: GraphServer, folder: string) {
    this.clock = clock;
    this.server = server;
    this.folder = folder;
  }

  static async start(): Promise<CollectScene> {
    const clock = new HastyClock(NOW);
    const folder = await mkdtemp(path.join(tmpdir(), 'postern-collect-'));
    return new CollectScene(clock, await GraphServer.start(clock), folder);
  }

  async end(): Promise<void> {
    await this.server.close();
    await rm(this.folder, { recursive: true });
  }

  row(at: number, more: Partial<TraceRow> = {}): TraceRow {
    const id = `00000000-0000-4000-8000-${String(++this.#rows).padStart(12, '0')}`;
    return {
      id,
      messageId: `<${id}@mfp.contoso.com>`,
      receivedDateTime: new Date(at).toISOString(),
      senderAddress: 'scanner@contoso.com',
      recipientAddress: `user${this.#rows % 7}@contoso.com`,
      subject: 'Scan',
      status: 'delivered',
      fromIP: '203.0.113.25',
      toIP: '',
      size: 1234,
      ...more,
    };
  }

  options(more: Partial<CollectOptions> = {}): CollectOptions {
    const { url, secret } = this.server;
    return {
      app: { tenant: TENANT_ID, clientId: CLIENT_ID, credential: new SecretCredential(secret) },
      folder: this.folder,
      days: 5,
      domains: [],
      detailsPerSender: 1,
      settleMs: 3_600_000,
      graphUrl: url,
      loginUrl: url,
      exchangeUrl: url,
      ...more,
    };
  }

  world(http = new FetchHttp()): CollectWorld {
    return { http, clock: this.clock, disk: systemDisk, random: systemRandom };
  }

  run(more: Partial<CollectOptions> = {}): Promise<CollectReport> {
    return collect(this.options(more), this.world());
  }

  /** Of all files whose names begin so. */
  async records(prefix: string): Promise<Record<string, unknown>[]> {
    const names = (await readdir(this.folder)).filter((name) => name.startsWith(prefix)).sort();
    const texts = await Promise.all(names.map((name) => readFile(path.join(this.folder, name), 'utf8')));
    return texts
      .flatMap((text) => text.split('\n').filter((line) => line !== ''))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

export function outcome(report: CollectReport, part: Part): PartReport | undefined {
  return report.parts.find((one) => one.part === part);
}
