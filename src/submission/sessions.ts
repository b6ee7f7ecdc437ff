import { type Reply, refuse } from '../smtp/reply.ts';
import type { SessionView } from '../smtp/server/handler.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { Identity, Source } from '../sources/source.ts';

/**
 * The sessions that are open under an identity. Here is what the kill switch reaches: disabling or removing a
 * source ends its sessions, revoking a credential ends those that it opened.
 */
export class LiveSessions {
  /** By source. */
  readonly #sessions = new Map<string, Map<SessionView, Identity>>();
  /** Which source a session is kept under. */
  readonly #sources = new Map<SessionView, string>();
  /** Sessions that were closed, perhaps while a password was still being checked. */
  readonly #closed = new WeakSet<SessionView>();
  readonly #unsubscribe: () => void;

  constructor(registry: SourceRegistry) {
    this.#unsubscribe = registry.onChange((change) => {
      if (change.kind === 'source') {
        if (change.removed || change.source.state === 'disabled') this.stop(change.source.id);
        else this.#refresh(change.source);
      } else if (change.credential.state === 'revoked') {
        this.#end(
          change.credential.source,
          refuse('K801', 'The credential of this session was revoked.'),
          (identity) => identity.credential.id === change.credential.id,
        );
      }
    });
  }

  /**
   * Counts a session in from the moment of its identity; answers L705 when the source has as many connections
   * as it may. A session that is already counted may come again, after STARTTLS, with another identity.
   */
  add(session: SessionView, identity: Identity): Reply | undefined {
    if (this.#closed.has(session)) return refuse('X902', 'The connection was closed meanwhile.');
    this.#forget(session);
    const { id, policy } = identity.source;
    let sessions = this.#sessions.get(id);
    if ((sessions?.size ?? 0) >= policy.connections) return refuse('L705');
    if (!sessions) {
      sessions = new Map();
      this.#sessions.set(id, sessions);
    }
    sessions.set(session, identity);
    this.#sources.set(session, id);
    return undefined;
  }

  /** Counts a closed session out, for good. Call it for every session that closes, whether or not it was in. */
  remove(session: SessionView): void {
    this.#closed.add(session);
    this.#forget(session);
  }

  #forget(session: SessionView): void {
    const source = this.#sources.get(session);
    if (source === undefined) return;
    this.#sources.delete(session);
    const sessions = this.#sessions.get(source);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(source);
  }

  /** Open sessions of a source. */
  count(source: string): number {
    return this.#sessions.get(source)?.size ?? 0;
  }

  /** Ends every session of a source; answers how many. They stay counted until they are closed. */
  stop(source: string, reply: Reply = refuse('K801')): number {
    return this.#end(source, reply, () => true);
  }

  /** Ends the subscription to the registry; sessions stay as they are. */
  close(): void {
    this.#unsubscribe();
  }

  #end(source: string, reply: Reply, which: (identity: Identity) => boolean): number {
    // a copy: a session may close, and be removed, while it is told
    const told = [...(this.#sessions.get(source) ?? [])].filter(([, identity]) => which(identity));
    for (const [session] of told) session.terminate(reply);
    return told.length;
  }

  /** A changed policy counts for open sessions too, not only after the device connects again. */
  #refresh(source: Source): void {
    const sessions = this.#sessions.get(source.id);
    for (const [session, identity] of sessions ?? []) {
      const refreshed = { ...identity, source };
      sessions?.set(session, refreshed);
      session.identity = refreshed;
    }
  }
}
