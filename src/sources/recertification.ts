import type { SystemMail } from '../deliver/system-mail.ts';
import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { newIdentifier } from './identifier.ts';
import { type Cause, maySend } from './lifecycle.ts';
import type { Answer, RecertificationStore, Round } from './recertification-store.ts';
import { RegistryError, type SourceRegistry } from './registry.ts';
import { day, refuseUnnoticed, type Retirement, type RetirementPlan } from './retirement.ts';
import type { SourceFilter } from './search.ts';
import type { Source } from './source.ts';

export interface RecertificationRooms {
  store: RecertificationStore;
  sources: Pick<SourceRegistry, 'byId' | 'edit' | 'credentials'>;
  retirement: Retirement;
  mail: SystemMail;
  clock: Clock;
  random: Random;
  events: EventSink;
}

export interface NewRound {
  title: string;
  filter: SourceFilter;
  deadline: number;
  plan: RetirementPlan;
}

/** Sources that one mail lists; the rest is counted. */
const MOST_LISTED = 100;
/** Of the time to the deadline, after which those who have not answered are reminded. */
const REMIND_AFTER = 0.75;

/**
 * Asks the owners of sources whether they are still needed. Until the deadline each may be answered `keep`,
 * `not-mine` or `retire`, and the answer may be changed. What nobody keeps goes into a brown-out, then is retired;
 * `keep` still ends the brown-out.
 */
export class Recertification {
  readonly #rooms: RecertificationRooms;

  constructor(rooms: RecertificationRooms) {
    this.#rooms = rooms;
  }

  /** Asks about these sources; those that may not send are left out. */
  async start(wanted: NewRound, sources: readonly Source[], by: string): Promise<Round> {
    const { store, clock, random, events } = this.#rooms;
    const asked = sources.filter(({ state }) => maySend(state));
    if (asked.length === 0) throw new RegistryError('invalid', 'no source that may send matches', 'filter');
    const startedAt = clock.now();
    if (wanted.deadline <= startedAt)
      throw new RegistryError('invalid', 'the deadline is in the past', 'deadline');
    refuseUnnoticed(wanted.plan);
    const round: Round = { id: newIdentifier('rcf', random), ...wanted, startedAt, startedBy: by };
    await store.add(
      round,
      asked.map(({ id }) => id),
    );
    const text = `recertification ${round.title}: ${asked.length} sources, to be answered until ${day(round.deadline)}`;
    events.write({ type: 'change', text, detail: { by, after: { ...round } } });
    this.#alarm('recertification-started', 'info', text);
    const ownerless = asked.filter(({ owner }) => owner === '').map(({ name }) => name);
    if (ownerless.length > 0) {
      this.#alarm(
        'recertification-without-owner',
        'warning',
        `recertification ${round.title}: ${ownerless.length} sources have no owner who could answer (${listed(ownerless)})`,
      );
    }
    await this.#ask(round, asked, `Are these still needed? Please answer until ${day(round.deadline)}`);
    return round;
  }

  /** @throws RegistryError `conflict` when nobody asks about the source */
  async answer(source: Source, answer: Answer, comment: string, by: string): Promise<Source> {
    const { store, sources, retirement, clock, events } = this.#rooms;
    const rounds = (await store.roundsOf(source.id)).filter(
      // after its end the answer still counts as long as the brown-out that it led to goes on
      ({ closedAt }) =>
        closedAt === undefined || (source.brownOut !== undefined && source.brownOut.startedAt <= closedAt),
    );
    const [latest] = rounds;
    if (!latest) throw new RegistryError('conflict', `no recertification asks about ${source.name} now`);
    const now = clock.now();
    await store.answer(
      rounds.map(({ id }) => id),
      { source: source.id, answer, answeredAt: now, answeredBy: by, comment },
    );
    events.write({
      type: 'change',
      source: source.id,
      outcome: answer,
      text: `recertification of ${source.name}: ${answer}${comment === '' ? '' : ` (${comment})`}`,
      detail: { by, rounds: rounds.map(({ id }) => id) },
    });
    const current = sources.byId(source.id) ?? source;
    const cause: Cause = { by, reason: `recertification ${latest.title}: ${answer}` };
    if (answer === 'keep') return retirement.keep(current, cause);
    if (answer === 'retire') {
      return current.brownOut || !maySend(current.state)
        ? current
        : retirement.begin(current, latest.plan, cause);
    }
    this.#alarm(
      'recertification-not-mine',
      'warning',
      `${by} says that ${source.name} is not theirs; give it an owner: postern source edit ${source.name} --owner ADDRESS`,
      source.id,
    );
    return current;
  }

  /** Ends a round without consequences; brown-outs that it began go on. */
  async cancel(round: Round, by: string): Promise<void> {
    if (round.closedAt !== undefined)
      throw new RegistryError('conflict', 'the recertification is over already');
    await this.#rooms.store.closed(round.id, this.#rooms.clock.now());
    this.#rooms.events.write({
      type: 'change',
      text: `recertification ${round.title} cancelled`,
      detail: { by },
    });
  }

  /** Reminds, and draws the consequences after a deadline. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#rooms;
    const now = clock.now();
    for (const round of await store.open()) {
      if (round.deadline <= now) await this.#conclude(round);
      else if (round.remindedAt === undefined && now >= reminderOf(round)) await this.#remind(round);
    }
  }

  async #remind(round: Round): Promise<void> {
    const { store, clock } = this.#rooms;
    // written first: a mail too few is better than one a minute
    await store.reminded(round.id, clock.now());
    const open = await this.#unkept(round);
    if (open.length === 0) return;
    this.#alarm(
      'recertification-reminded',
      'info',
      `recertification ${round.title}: ${open.length} sources have no answer; they go into their brown-out on ${day(round.deadline)}`,
    );
    await this.#ask(
      round,
      open,
      `Reminder: are these still needed? They will be shut off after ${day(round.deadline)}`,
    );
  }

  /** Can be run again after a stop in the middle: what is in its brown-out is left alone. */
  async #conclude(round: Round): Promise<void> {
    const { store, retirement, clock, sources } = this.#rooms;
    const open = await this.#unkept(round);
    if (open.length > 0) {
      this.#alarm(
        'recertification-overdue',
        'warning',
        `recertification ${round.title}: ${open.length} sources were not kept by anybody and go into their brown-out (${listed(open.map(({ name }) => name))})`,
      );
    }
    let again = false;
    for (const { id } of open) {
      const source = sources.byId(id);
      if (!source || source.brownOut || !maySend(source.state)) continue;
      try {
        await retirement.begin(source, round.plan, {
          by: 'relay',
          reason: `recertification ${round.title}: nobody said that it is needed`,
        });
      } catch (error) {
        // changed in this very moment: the round stays open, and the next sweep looks again
        if (!(error instanceof RegistryError)) throw error;
        again = true;
      }
    }
    if (!again) await store.closed(round.id, clock.now());
  }

  /** Sources of a round that still may send, and that nobody has kept. */
  async #unkept(round: Round): Promise<Source[]> {
    const answers = await this.#rooms.store.answers(round.id);
    return answers.flatMap(({ source: id, answer }) => {
      const source = this.#rooms.sources.byId(id);
      const open = answer === 'waiting' || answer === 'not-mine';
      return source && open && maySend(source.state) && !source.brownOut ? [source] : [];
    });
  }

  /** One mail for each owner. */
  async #ask(round: Round, sources: readonly Source[], subject: string): Promise<void> {
    const { mail, events } = this.#rooms;
    const byOwner = Map.groupBy(
      sources.filter(({ owner }) => owner !== ''),
      ({ owner }) => owner.toLowerCase(),
    );
    for (const [owner, own] of byOwner) {
      try {
        await mail.send({ to: [owner], subject, text: this.#question(round, own) });
      } catch (error) {
        events.write({
          type: 'system',
          text: `recertification ${round.title}: ${owner} could not be asked: ${String(error)}`,
        });
      }
    }
  }

  #question({ deadline, title, plan }: Round, sources: readonly Source[]): string {
    const rows = sources.slice(0, MOST_LISTED).map(({ id, name, description, site }) => {
      const used = this.#rooms.sources
        .credentials(id)
        .reduce((last, { lastUsedAt = 0 }) => Math.max(last, lastUsedAt), 0);
      const details = [
        description,
        site && `at ${site}`,
        used === 0 ? 'never used' : `last used ${day(used)}`,
      ];
      return `  ${name}: ${details.filter(Boolean).join(', ')}`;
    });
    if (sources.length > MOST_LISTED) rows.push(`  and ${sources.length - MOST_LISTED} more`);
    return [
      `You are the owner of these applications and devices that send mail (${title}):`,
      '',
      ...rows,
      '',
      `Please say of each until ${day(deadline)} whether it is still needed:`,
      '',
      '  postern recertify answer NAME keep      it is needed',
      '  postern recertify answer NAME not-mine  somebody else answers for it',
      '  postern recertify answer NAME retire    it can be shut off',
      '',
      plan.days > 0
        ? `What nobody keeps is put off now and then for ${plan.days} days after that day, and then shut off.`
        : 'What nobody keeps is shut off on that day.',
      '',
    ].join('\n');
  }

  #alarm(code: string, outcome: 'info' | 'warning', text: string, source?: string): void {
    this.#rooms.events.write({ type: 'alarm', code, outcome, source, text });
  }
}

function reminderOf({ startedAt, deadline }: Round): number {
  return startedAt + (deadline - startedAt) * REMIND_AFTER;
}

/** The first few names. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
