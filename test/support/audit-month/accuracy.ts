import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Told } from '../../../src/audit/facts/fact.ts';
import { Facts } from '../../../src/audit/facts/facts.ts';
import { withReverseNames } from '../../../src/audit/names/reverse-names.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { readEvidence } from '../../../src/audit/evidence/read-evidence.ts';
import { openAuditStore } from '../../../src/store/audit-store.ts';
import { type Accuracy, compare, type Truth, type TruthOf } from '../audit-accuracy.ts';
import { dmarcKey, type ExportName, rowKey, writeExport } from './exports.ts';
import { RecordResolver } from './front-door.ts';
import type { Month } from './month.ts';

export interface Evidence {
  name: ExportName;
  /** Of the messages; all without it. */
  share?: number;
}

export interface ExportAccuracy extends Accuracy {
  /** Share of the month's mail with an own name that the evidence tells of. */
  coverage: number;
  /** Rows that the readers refused. */
  refused: number;
}

/** Writes the evidence into a folder, reads it as the audit does, and compares the answer with what is true. */
export async function measureExports(
  month: Month,
  evidence: readonly Evidence[],
  folder: string,
  { names = false }: { /** Of addresses by reverse DNS. */ names?: boolean } = {},
): Promise<ExportAccuracy> {
  const db = await openAuditStore(':memory:');
  try {
    await rm(folder, { recursive: true, force: true });
    for (const [salt, { name, share }] of evidence.entries())
      await writeExport(month, name, path.join(folder, name), {
        salt,
        ...(share !== undefined && { share }),
      });
    const facts = new Facts(db, month.organisation.tenant);
    let due = false;
    let refused = 0;
    const steps = readEvidence([folder], {}, (observations) => {
      for (const observation of observations) if (facts.add(observation)) due = true;
    });
    for await (const step of steps) {
      if (step.type === 'begin') await facts.begin(step.file, step.name);
      else if (step.type === 'file') {
        refused += step.report.refused;
        await facts.checkpoint(step.state.file, step.state, true);
      } else if (step.type === 'progress' && due) {
        due = false;
        await facts.checkpoint(step.file, step.state);
      }
    }
    const book = { names: async () => ({}), keepNames: async () => {} };
    const resolver = new RecordResolver(month.records);
    const { source } = await withReverseNames(facts, {
      book,
      clock: systemClock,
      ...(names && { resolver }),
    });
    const accuracy = await compare(source, month.organisation, truthsOf(month));
    const own = month.mail.filter(({ truth }) => truth.class !== 'background').length;
    return { ...accuracy, refused, coverage: accuracy.messages / own };
  } finally {
    await db.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

function truthsOf(month: Month): TruthOf {
  const byNetwork = new Map<string, Truth>();
  const byMessage = new Map<string, Truth>();
  const byRow = new Map<string, Truth[]>();
  for (const one of month.mail) {
    const { arrival, truth, way } = one;
    byNetwork.set(arrival.networkMessageId.replaceAll('-', ''), truth);
    for (const { address } of arrival.recipients) byMessage.set(`${arrival.messageId} ${address}`, truth);
    if (way !== 'front-door') continue;
    const key = dmarcKey(month, one);
    const known = byRow.get(key);
    if (known) known.push(truth);
    else byRow.set(key, [truth]);
  }
  return (told: Told) => {
    if (told.count !== undefined) return byRow.get(rowKey(told)) ?? [];
    const id = told.networkMessageId ?? told.traceId;
    const truth = id === undefined ? byMessage.get(`${told.messageId} ${told.recipient}`) : byNetwork.get(id);
    return truth ? [truth] : [];
  };
}
