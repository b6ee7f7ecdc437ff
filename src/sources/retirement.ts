import type { SystemMail } from '../deliver/system-mail.ts';
import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { BrownOutPlan } from './brown-out.ts';
import { type Cause, maySend } from './lifecycle.ts';
import { RegistryError, type SourceRegistry } from './registry.ts';
import type { Source } from './source.ts';

/** How a source goes: first some of its attempts are put off, and after `days` it is retired. */
export interface RetirementPlan extends BrownOutPlan {
  /** 0: at once, without a brown-out. */
  days: number;
}

export interface RetirementRooms {
  sources: Pick<SourceRegistry, 'edit' | 'list' | 'byId'>;
  clock: Clock;
  events: EventSink;
  mail: SystemMail;
}

export const DAY_MS = 86_400_000;

/** Takes sources out of service so that whoever still needs them hears of it in time, and nothing is lost. */
export class Retirement {
  readonly #rooms: RetirementRooms;

  constructor(rooms: RetirementRooms) {
    this.#rooms = rooms;
  }

  /** Begins the brown-out, or retires at once where there is nothing to notice. */
  async begin(source: Source, plan: RetirementPlan, cause: Cause): Promise<Source> {
    const { sources, clock } = this.#rooms;
    if (plan.days <= 0 || !maySend(source.state)) {
      return sources.edit(source.id, { state: 'retired' }, source.version, cause);
    }
    const startedAt = clock.now();
    const until = startedAt + plan.days * DAY_MS;
    const { share, hours } = plan;
    refuseUnnoticed(plan);
    const brownOut = { share, hours, startedAt, until, reason: cause.reason };
    const after = await sources.edit(source.id, { brownOut }, source.version);
    const end = day(until);
    this.#change(after, `source ${after.name} will be retired on ${end}: ${cause.reason}`, cause);
    this.#alarm(
      'brown-out-started',
      after,
      `source ${after.name} is in its brown-out and will be retired on ${end}: ${cause.reason}`,
    );
    await this.#tellOwner(after, `${after.name} will be shut off on ${end}`, [
      `The source ${after.name} (${after.description || 'no description'}) is going to be shut off on ${end}.`,
      `Reason: ${cause.reason}`,
      '',
      'Until then some of its mail is put off with a temporary error (K805). A device or application that tries',
      'again loses nothing.',
      '',
      `If it is still needed, say so: postern source keep ${after.name}`,
    ]);
    return after;
  }

  /** Somebody needs it after all. */
  async keep(source: Source, cause: Cause): Promise<Source> {
    if (!source.brownOut) return source;
    const after = await this.#rooms.sources.edit(source.id, { brownOut: null }, source.version);
    this.#change(after, `source ${after.name} is kept: its brown-out has ended`, cause);
    return after;
  }

  /** Retires what has reached the end of its brown-out. */
  async sweep(): Promise<void> {
    const { sources, clock } = this.#rooms;
    const now = clock.now();
    for (const { id, brownOut: due } of sources.list()) {
      if (!due || due.until > now) continue;
      // somebody may have kept it while others before it were written
      const source = sources.byId(id);
      if (!source?.brownOut || source.brownOut.until > now) continue;
      const cause = {
        by: 'relay',
        reason: `the brown-out has ended: ${source.brownOut.reason}`.slice(0, 500),
      };
      let after: Source;
      try {
        after = await sources.edit(id, { state: 'retired' }, source.version, cause);
      } catch (error) {
        // changed in this very moment; the next sweep looks again
        if (error instanceof RegistryError) continue;
        throw error;
      }
      this.#alarm('source-retired', after, `source ${after.name} was retired: ${cause.reason}`);
      await this.#tellOwner(after, `${after.name} was shut off`, [
        `The source ${after.name} (${after.description || 'no description'}) was retired. Its mail is refused from now on (K804).`,
        `Reason: ${cause.reason}`,
        '',
        'Mail that was accepted before is still delivered. An administrator can take it into service again.',
      ]);
    }
  }

  #change(source: Source, text: string, { by, reason }: Cause): void {
    this.#rooms.events.write({
      type: 'change',
      source: source.id,
      text,
      detail: { by, reason, after: { brownOut: source.brownOut } },
    });
  }

  #alarm(code: string, source: Source, text: string): void {
    this.#rooms.events.write({ type: 'alarm', code, outcome: 'warning', source: source.id, text });
  }

  async #tellOwner({ id, owner }: Source, subject: string, lines: string[]): Promise<void> {
    if (owner === '') return;
    try {
      await this.#rooms.mail.send({ to: [owner], subject, text: `${lines.join('\n')}\n` });
    } catch (error) {
      // the step itself was taken, and alarms tell of it; a full disk must not undo it
      this.#rooms.events.write({
        type: 'system',
        source: id,
        text: `the owner could not be told: ${String(error)}`,
      });
    }
  }
}

/** @throws RegistryError `invalid` for a brown-out that meets no attempt */
export function refuseUnnoticed({ days, share, hours }: RetirementPlan): void {
  if (days <= 0 || share > 0 || hours.length > 0) return;
  throw new RegistryError(
    'invalid',
    'a brown-out needs a share of the attempts or hours of the day, or nobody would notice it',
    'share',
  );
}

/** `2026-01-31` */
export function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
