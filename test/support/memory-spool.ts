/** A spool that forgets everything with its process, for tests of those who use one. */
import { sizeOf } from '../../src/message/content.ts';
import type {
  BodyWriter,
  Delivery,
  DeliveryFilter,
  DomainBacklog,
  HoldReason,
  NewMessage,
  Payload,
  Settlement,
  Spool,
  SpoolStatistics,
  SurveyRow,
} from '../../src/spool/spool.ts';
import { SpoolUnavailable } from '../../src/spool/spool.ts';
import { deliveriesOf } from '../../src/deliver/deliveries.ts';

export class MemorySpool implements Spool {
  readonly messages = new Map<string, NewMessage>();
  readonly deliveries = new Map<string, Delivery>();
  /** Every settlement in the order of writing. */
  readonly settled: Settlement[] = [];
  /** Notifications that were stored. */
  readonly notices: NewMessage[] = [];
  reads = 0;
  payloads = 0;
  /** Settling fails while this is set. */
  broken = false;

  open(): Promise<void> {
    return Promise.resolve();
  }

  store(message: NewMessage): Promise<void> {
    this.messages.set(message.id, message);
    for (const delivery of deliveriesOf(message)) this.deliveries.set(key(delivery), delivery);
    return Promise.resolve();
  }

  newBody(): Promise<BodyWriter> {
    return Promise.reject(new SpoolUnavailable('memory only'));
  }

  discardBody(): Promise<void> {
    return Promise.resolve();
  }

  obstacle(): string | undefined {
    return this.broken ? 'disk full' : undefined;
  }

  due(domain: string, now: number, limit: number): Promise<Delivery[]> {
    this.reads++;
    const found: Delivery[] = [];
    for (const delivery of this.deliveries.values()) {
      if (delivery.domain !== domain || delivery.state !== 'queued' || delivery.nextAttemptAt > now) continue;
      found.push(structuredClone(delivery));
      if (found.length === limit) break;
    }
    return Promise.resolve(found);
  }

  backlog(): Promise<DomainBacklog[]> {
    const domains = new Map<string, DomainBacklog>();
    for (const { domain, state, nextAttemptAt, route } of this.deliveries.values()) {
      if (state !== 'queued') continue;
      const known = domains.get(domain) ?? { domain, queued: 0, nextAttemptAt };
      known.queued++;
      if (route !== undefined) known.rerouted = true;
      known.nextAttemptAt = Math.min(known.nextAttemptAt, nextAttemptAt);
      domains.set(domain, known);
    }
    return Promise.resolve([...domains.values()]);
  }

  survey(each: (rows: SurveyRow[]) => void): Promise<void> {
    each(
      [...this.deliveries.values()].map((delivery) => ({
        domain: delivery.domain,
        source: delivery.source,
        from: delivery.from,
        ...(delivery.state === 'held' && { hold: delivery.hold ?? 'operator' }),
        ...(delivery.route !== undefined && { route: delivery.route }),
        ...(delivery.lastReply !== undefined && { lastReply: delivery.lastReply }),
        deliveries: 1,
        bytes: delivery.size,
        oldestAt: delivery.receivedAt,
        nextAttemptAt: delivery.nextAttemptAt,
        attempts: delivery.attempts,
      })),
    );
    return Promise.resolve();
  }

  receivedBefore(
    before: number,
    limit: number,
    after?: { message: string; part: number },
  ): Promise<Delivery[]> {
    const start = after ? key(after) : '';
    return Promise.resolve(
      [...this.deliveries.values()]
        .filter((d) => d.state === 'queued' && d.receivedAt < before && key(d) > start)
        .sort((a, b) => (key(a) < key(b) ? -1 : 1))
        .slice(0, limit)
        .map((d) => structuredClone(d)),
    );
  }

  payload(message: string): Promise<Payload | undefined> {
    this.payloads++;
    const found = this.messages.get(message);
    return Promise.resolve(
      found && { head: found.head, body: found.body, traits: found.traits, envelope: found.envelope },
    );
  }

  async settle(settlements: Settlement[]): Promise<void> {
    await Promise.resolve();
    if (this.broken) throw new SpoolUnavailable('disk full');
    for (const settlement of settlements) {
      this.settled.push(settlement);
      const delivery = this.deliveries.get(key(settlement));
      if (!delivery) continue;
      const { outcome } = settlement;
      if (outcome.kind === 'finished') this.#drop(delivery);
      else if (outcome.kind === 'held') Object.assign(delivery, { state: 'held', hold: outcome.reason });
      else {
        const { kind: _, ...rest } = outcome;
        Object.assign(delivery, rest);
      }
      for (const notice of settlement.notifications ?? []) {
        this.notices.push(notice);
        await this.store(notice);
      }
    }
  }

  list(filter: DeliveryFilter, limit: number): Promise<Delivery[]> {
    return Promise.resolve(structuredClone(this.#matching(filter).slice(0, limit)));
  }

  hold(filter: DeliveryFilter, reason: HoldReason): Promise<number> {
    return this.#change(filter, { state: 'held', hold: reason });
  }

  release(filter: DeliveryFilter, now: number): Promise<number> {
    return this.#change(filter, { state: 'queued', hold: undefined, nextAttemptAt: now });
  }

  retry(filter: DeliveryFilter, now: number): Promise<number> {
    return this.#change(filter, { nextAttemptAt: now });
  }

  reroute(filter: DeliveryFilter, route: string | undefined, now: number): Promise<number> {
    return this.#change(filter, { route, nextAttemptAt: now });
  }

  remove(filter: DeliveryFilter): Promise<number> {
    const found = this.#matching(filter);
    for (const delivery of found) this.#drop(delivery);
    return Promise.resolve(found.length);
  }

  statistics(): Promise<SpoolStatistics> {
    const all = [...this.deliveries.values()];
    return Promise.resolve({
      messages: this.messages.size,
      queued: all.filter(({ state }) => state === 'queued').length,
      held: all.filter(({ state }) => state === 'held').length,
      bytes: [...this.messages.values()].reduce((sum, message) => sum + sizeOf(message), 0),
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #matching(filter: DeliveryFilter): Delivery[] {
    return [...this.deliveries.values()].filter((delivery) =>
      Object.entries(filter).every(([name, value]) => delivery[name as keyof DeliveryFilter] === value),
    );
  }

  #change(filter: DeliveryFilter, change: Partial<Delivery>): Promise<number> {
    const found = this.#matching(filter);
    for (const delivery of found) Object.assign(delivery, change);
    return Promise.resolve(found.length);
  }

  #drop(delivery: Delivery): void {
    this.deliveries.delete(key(delivery));
    const left = [...Array.from({ length: 200 }).keys()].some((part) =>
      this.deliveries.has(key({ message: delivery.message, part })),
    );
    if (!left) this.messages.delete(delivery.message);
  }
}

function key({ message, part }: { message: string; part: number }): string {
  return `${message}/${String(part).padStart(4, '0')}`;
}
