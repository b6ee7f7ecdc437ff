import type { SenderClass } from '../classify/class-rules.ts';
import { isLeft } from '../gate/gate.ts';
import { type Ask, asksOf } from './asks.ts';
import type { SenderLine } from './line.ts';

/** The inventory in numbers: what an overview shows, and what a list can be narrowed to. */
export interface InventoryCounts {
  senders: number;
  left: number;
  /** Messages a day of those that are left. */
  perDay: number;
  directSend: Record<SenderLine['directSend'], number>;
  /** The most messages a day first. */
  classes: { class: SenderClass; senders: number; left: number; perDay: number }[];
  /** In their order; those without a number last. */
  waves: {
    wave?: number;
    senders: number;
    left: number;
    perDay: number;
    ways: { kind: SenderLine['wayOut']['kind']; senders: number }[];
  }[];
  decisions: { approved: number; migrated: number; ignored: number; blocked: number };
  /** What to export next, for the senders that are left. */
  asks: Ask[];
}

/** Counts senders; those that nothing has to be done about are in no wave. */
export function countsOf(lines: readonly SenderLine[]): InventoryCounts {
  const left = lines.filter(isLeft);
  const isWaiting = new Set(left);
  const byClass = Map.groupBy(lines, (line) => line.class);
  const byWave = Map.groupBy(
    lines.filter((line) => line.wave !== undefined || isWaiting.has(line)),
    ({ wave }) => wave,
  );
  const summed = (members: readonly SenderLine[]) => {
    const waiting = members.filter((line) => isWaiting.has(line));
    return { senders: members.length, left: waiting.length, perDay: perDayOf(waiting) };
  };
  const decided = (decision: string) => lines.filter(({ note }) => note?.decision === decision).length;
  const which = (directSend: string) => lines.filter((line) => line.directSend === directSend).length;
  return {
    senders: lines.length,
    left: left.length,
    perDay: perDayOf(left),
    directSend: { proven: which('proven'), candidate: which('candidate'), no: which('no') },
    classes: [...byClass]
      .map(([kind, members]) => ({ class: kind, ...summed(members) }))
      .sort((a, b) => b.perDay - a.perDay || b.senders - a.senders),
    waves: [...byWave]
      .sort(([a = Infinity], [b = Infinity]) => a - b)
      .map(([wave, members]) => ({
        ...(wave !== undefined && { wave }),
        ...summed(members),
        ways: [...Map.groupBy(members, ({ wayOut }) => wayOut.kind)].map(([kind, { length }]) => ({
          kind,
          senders: length,
        })),
      })),
    decisions: {
      approved: decided('approved'),
      migrated: decided('migrated'),
      ignored: decided('ignored'),
      blocked: decided('blocked'),
    },
    asks: asksOf(left),
  };
}

function perDayOf(lines: readonly SenderLine[]): number {
  return Math.round(lines.reduce((sum, { messages }) => sum + messages.perDay, 0) * 10) / 10;
}
