import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ManualClock } from '../../platform/clock.ts';
import { systemDisk } from '../../platform/disk.ts';
import type { Told } from '../facts/fact.ts';
import { Facts } from '../facts/facts.ts';
import { AuditBook, type StoredAnswer } from './book.ts';
import { runAudit } from './run.ts';
import { organisationOf } from './settings.ts';

const START = Date.UTC(2026, 2, 2, 9);
const DAY = 86_400_000;
const DOMAINS = ['contoso.test'];

/** For tests: the answer about messages, each as a detail of the trace tells it, one a day. */
export async function answerFixture(messages: readonly Partial<Told>[]): Promise<StoredAnswer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'postern-audit-answer-'));
  const book = await AuditBook.open(folder);
  try {
    await fill(book, messages);
    return await runAudit(
      { paths: [], domains: DOMAINS },
      { book, clock: new ManualClock(START + 40 * DAY), disk: systemDisk },
    );
  } finally {
    await book.close();
    await rm(folder, { recursive: true });
  }
}

async function fill(book: AuditBook, messages: readonly Partial<Told>[]): Promise<void> {
  const { tenant } = organisationOf({ paths: [], domains: DOMAINS }, { problems: [], files: [] }, undefined);
  const facts = new Facts(book.db, tenant);
  await facts.begin(1, 'fixture');
  for (const [index, told] of messages.entries())
    facts.add({
      kind: 'trace-detail',
      file: 1,
      row: index + 1,
      event: 'receive',
      at: START + index * DAY,
      messageId: `<${index}@scan.contoso.test>`,
      networkMessageId: String(index).padStart(32, '0'),
      p1: 'scanner@contoso.test',
      recipient: 'ann@contoso.test',
      address: '203.0.113.25',
      helo: 'RNP0026736A1B2C',
      connector: 'none',
      ...told,
    });
  await facts.checkpoint(1, null, true);
}
