import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Cause } from './lifecycle.ts';
import { type NewSource, RegistryError, type SourceRegistry } from './registry.ts';
import { DAY_MS } from './retirement.ts';
import type { Source } from './source.ts';

export interface RequestLimits {
  /** Days after which a request that nobody approved is closed. */
  days: number;
  /** Requests that may be open at a time. */
  most: number;
  /** ... of one person. */
  mostOfOne: number;
}

export interface RequestRooms {
  sources: Pick<SourceRegistry, 'add' | 'edit' | 'list' | 'byId' | 'credentials' | 'revokeCredential'>;
  clock: Clock;
  events: EventSink;
}

/**
 * Sources that somebody asks for. They may send into the sandbox inbox at once; they become active when a test
 * message of theirs was seen there, and somebody who may approve has done so.
 *
 *   requested ──credential──▶ sandboxed ──test message, approval──▶ active
 *        └────────────────────────┴──rejected, or too old──▶ retired
 */
export class SourceRequests {
  readonly #rooms: RequestRooms;
  readonly #limits: RequestLimits;

  constructor(rooms: RequestRooms, limits: RequestLimits) {
    this.#rooms = rooms;
    this.#limits = limits;
  }

  /** In the order of names. */
  list(): Source[] {
    return this.#rooms.sources.list().filter(({ request }) => request !== undefined);
  }

  /** Writes the request down; the source may not send before `openSandbox`. */
  async add(fields: Omit<NewSource, 'state' | 'request'>, by: string, purpose: string): Promise<Source> {
    const open = this.list();
    const own = open.filter(({ request }) => request?.by === by).length;
    if (open.length >= this.#limits.most || own >= this.#limits.mostOfOne) {
      throw new RegistryError(
        'conflict',
        'too many requests are open; have some of them approved or rejected first',
      );
    }
    const { sources, clock, events } = this.#rooms;
    const request = { by, purpose, at: clock.now() };
    const source = await sources.add({ ...fields, state: 'requested', request });
    events.write({
      type: 'alarm',
      code: 'source-requested',
      outcome: 'info',
      source: source.id,
      text: `${by} asks for a source ${source.name}${purpose === '' ? '' : `: ${purpose}`}`,
    });
    return source;
  }

  /** Its credential was given out: it may send, and nothing leaves. */
  openSandbox(source: Source): Promise<Source> {
    const cause = { by: source.request?.by ?? 'relay', reason: 'sandbox credential given' };
    return this.#rooms.sources.edit(source.id, { state: 'sandboxed' }, undefined, cause);
  }

  /** A message has come into the sandbox inbox. */
  async arrived(id: string): Promise<void> {
    const { sources, clock, events } = this.#rooms;
    const source = sources.byId(id);
    if (!source?.request || source.request.testedAt !== undefined || source.state !== 'sandboxed') return;
    const request = { ...source.request, testedAt: clock.now() };
    try {
      await sources.edit(id, { request }, source.version);
    } catch (error) {
      // changed at the same moment; its next message counts
      if (error instanceof RegistryError) return;
      throw error;
    }
    events.write({
      type: 'alarm',
      code: 'source-request-tested',
      outcome: 'info',
      source: id,
      text: `a test message of ${source.name} is in the sandbox inbox; the request waits for approval`,
    });
  }

  /** @throws RegistryError `conflict` when nothing was asked for, or no test message was seen */
  async approve(source: Source, cause: Cause): Promise<Source> {
    this.#refuseUnasked(source);
    if (source.request?.testedAt === undefined) {
      throw new RegistryError(
        'conflict',
        `no message of ${source.name} has come into the sandbox inbox yet; let the device send a test message first`,
      );
    }
    return this.#rooms.sources.edit(source.id, { request: null, state: 'active' }, source.version, cause);
  }

  /** The source is retired, its credentials are revoked. */
  async reject(source: Source, cause: Cause): Promise<Source> {
    this.#refuseUnasked(source);
    const { sources } = this.#rooms;
    const after = await sources.edit(source.id, { state: 'retired' }, source.version, cause);
    for (const { id } of sources.credentials(source.id)) await sources.revokeCredential(id);
    return after;
  }

  /** Closes requests that are too old. */
  async sweep(): Promise<void> {
    const { clock, events } = this.#rooms;
    const oldest = clock.now() - this.#limits.days * DAY_MS;
    for (const source of this.list()) {
      if ((source.request?.at ?? oldest) >= oldest) continue;
      const reason = `nobody approved it within ${this.#limits.days} days`;
      try {
        await this.reject(source, { by: 'relay', reason });
      } catch (error) {
        // decided in this very moment; what is still open is looked at by the next sweep
        if (error instanceof RegistryError) continue;
        throw error;
      }
      events.write({
        type: 'alarm',
        code: 'source-request-expired',
        outcome: 'info',
        source: source.id,
        text: `the request for ${source.name} was closed: ${reason}`,
      });
    }
  }

  #refuseUnasked({ name, request }: Source): void {
    if (!request) throw new RegistryError('conflict', `there is no open request for ${name}`);
  }
}
