import {
  Containment,
  LEVELS,
  type Level,
  type NormalStore,
  type StoredNormal,
} from '../../src/containment/containment.ts';
import type { JournalEvent } from '../../src/journal/event.ts';
import { ManualClock } from '../../src/platform/clock.ts';
import type { Attack, AttackKind, Weeks } from './weeks.ts';

export interface Figures {
  /** By kind of attack. */
  attacks: Partial<Record<AttackKind, AttackFigures>>;
  sourceWeeks: number;
  /** Alarms, and steps of at least that level, over what the sources themselves sent. */
  falseAlarms: number;
  falseHolds: number;
  /** Each of the false alarms, so that a person can judge whether it was false. */
  alarms: { at: number; source: string; level: Level; text: string }[];
}

export interface AttackFigures {
  attacks: number;
  /** An alarm was raised while it went on. */
  detected: number;
  /** It was held or suspended. */
  stopped: number;
  messages: number;
  /** Messages that were let through, neither deferred nor held. */
  through: number;
}

/** An owner answers within so many milliseconds; until then what is unusual stays so. */
const ANSWERS_AFTER = 4 * 3_600_000;

export class MemoryNormals implements NormalStore {
  readonly kept = new Map<string, StoredNormal>();

  async load(source: string): Promise<string | undefined> {
    return this.kept.get(source)?.learnt;
  }

  async marked(): Promise<string[]> {
    return [...this.kept.values()]
      .filter(({ level, mode }) => level !== 'none' || mode !== undefined)
      .map(({ source }) => source);
  }

  async save(normals: readonly StoredNormal[]): Promise<void> {
    for (const one of normals) this.kept.set(one.source, one);
  }

  async remove(source: string): Promise<void> {
    this.kept.delete(source);
  }
}

/** Sends the weeks through the watch as the relay would, with owners who answer, and counts. */
export async function replay({ sent, sourceWeeks }: Weeks): Promise<Figures> {
  const clock = new ManualClock(sent[0]?.at);
  const figures: Figures = {
    attacks: {},
    sourceWeeks,
    falseAlarms: 0,
    falseHolds: 0,
    alarms: [],
  };
  const suspended = new Set<string>();
  const under = new Map<string, Attack>();
  const answers: { at: number; source: string; attack: Attack | undefined }[] = [];
  const counted = new Map<Attack, { detected: boolean; stopped: boolean }>();
  const events = {
    write(event: JournalEvent) {
      if (event.type !== 'alarm' || event.source === undefined) return;
      const level = (event.detail as { level: Level }).level;
      const attack = under.get(event.source);
      const stopped = LEVELS.indexOf(level) >= LEVELS.indexOf('hold');
      if (attack) {
        const seen = counted.get(attack);
        if (seen) {
          seen.detected = true;
          seen.stopped ||= stopped;
        }
      } else {
        figures.falseAlarms++;
        if (stopped) figures.falseHolds++;
        figures.alarms.push({ at: clock.now(), source: event.source, level, text: event.text ?? '' });
      }
      answers.push({ at: clock.now() + ANSWERS_AFTER, source: event.source, attack });
    },
  };
  const containment = new Containment({
    clock,
    events,
    mode: 'act',
    ripeness: { days: 7, messages: 20 },
    steps: { alert: 2, slow: 4, hold: 5, suspend: 7 },
    store: new MemoryNormals(),
    suspend: async (source) => void suspended.add(source),
    isKnown: () => true,
  });
  for (const one of sent) {
    clock.advance(Math.max(0, one.at - clock.now()));
    while (answers[0] && answers[0].at <= one.at) {
      const { source, attack } = answers.shift()!;
      if (attack) await containment.attack(source);
      else await containment.expected(source);
      suspended.delete(source);
    }
    const { attack } = one;
    const kind = attack && attackFigures(figures, attack.kind);
    if (attack && kind) {
      under.set(one.source, attack);
      if (!counted.has(attack)) {
        counted.set(attack, { detected: false, stopped: false });
        kind.attacks++;
      }
      kind.messages++;
    } else if (under.has(one.source) && containment.check(one.source) === 'ok') under.delete(one.source);
    if (suspended.has(one.source)) continue;
    const answer = containment.check(one.source);
    if (kind && answer === 'ok') kind.through++;
    if (answer === 'slow') continue;
    containment.write({
      type: 'acceptance',
      source: one.source,
      network: one.network,
      to: one.to,
      size: one.size,
    });
    // only what was let through is delivered
    for (let delivery = 0; answer === 'ok' && delivery < one.finished; delivery++) {
      const outcome = delivery < one.failed ? 'failed' : 'delivered';
      containment.write({ type: 'attempt', source: one.source, outcome });
    }
    await containment.watched(one.source);
  }
  for (const [attack, { detected, stopped }] of counted) {
    const kind = attackFigures(figures, attack.kind);
    if (detected) kind.detected++;
    if (stopped) kind.stopped++;
  }
  return figures;
}

function attackFigures({ attacks }: Figures, kind: AttackKind): AttackFigures {
  return (attacks[kind] ??= { attacks: 0, detected: 0, stopped: 0, messages: 0, through: 0 });
}
