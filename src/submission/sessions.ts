import { type Enrolled, Roster } from '../platform/roster.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type { SessionView } from '../smtp/server/handler.ts';
import { maySend } from '../sources/lifecycle.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { Credential, Identity, Source } from '../sources/source.ts';

interface Counted extends Enrolled {
  session: SessionView;
  identity: Identity;
  source: string;
}

/**
 * The sessions that are open under an identity. Here is what the kill switch reaches: disabling or removing a
 * source ends its sessions, revoking a credential ends those that it opened.
 */
export class LiveSessions {
  readonly #sources = new Map<string, Roster<Counted>>();
  /** Where a session is counted. Those that were closed stay known: a password may still be under check. */
  readonly #known = new WeakMap<SessionView, Counted | 'closed'>();
  readonly #unsubscribe: () => void;

  constructor(registry: SourceRegistry) {
    this.#unsubscribe = registry.onChange((change) => {
      if (change.kind === 'source') {
        if (change.removed || !maySend(change.source.state)) this.stop(change.source.id);
        else this.#refresh(change.source);
      } else if (change.credential.state === 'revoked') {
        this.#end(
          change.credential.source,
          refuse('K801', 'The credential of this session was revoked.'),
          (identity) => identity.credential.id === change.credential.id,
        );
      } else if (change.before && !isSameProof(change.before, change.credential)) {
        // what let it in may no longer do so: it may show that it still can
        this.#end(
          change.credential.source,
          refuse('K801', 'The credential of this session was changed.'),
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
    if (this.#known.get(session) === 'closed') return refuse('X902', 'The connection was closed meanwhile.');
    this.#forget(session);
    const { id, policy } = identity.source;
    let sessions = this.#sources.get(id);
    if ((sessions?.size ?? 0) >= policy.connections) return refuse('L705');
    if (!sessions) this.#sources.set(id, (sessions = new Roster()));
    const counted: Counted = { place: -1, session, identity, source: id };
    sessions.add(counted);
    this.#known.set(session, counted);
    return undefined;
  }

  /** Counts a closed session out, for good. Call it for every session that closes, whether or not it was in. */
  remove(session: SessionView): void {
    this.#forget(session);
    this.#known.set(session, 'closed');
  }

  #forget(session: SessionView): void {
    const counted = this.#known.get(session);
    if (counted === undefined || counted === 'closed') return;
    this.#known.delete(session);
    const sessions = this.#sources.get(counted.source);
    sessions?.delete(counted);
    if (sessions?.size === 0) this.#sources.delete(counted.source);
  }

  /** Open sessions of a source. */
  count(source: string): number {
    return this.#sources.get(source)?.size ?? 0;
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
    const told = this.#of(source).filter(({ identity }) => which(identity));
    for (const { session } of told) session.terminate(reply);
    return told.length;
  }

  /** A changed policy counts for open sessions too, not only after the device connects again. */
  #refresh(source: Source): void {
    for (const counted of this.#of(source.id)) {
      counted.identity = { ...counted.identity, source };
      counted.session.identity = counted.identity;
    }
  }

  /** A copy: a session may close, and be removed, while it is told something. */
  #of(source: string): Counted[] {
    return this.#sources.get(source)?.all() ?? [];
  }
}

/** What a client has to show is as it was; when it ends and what it is called is no part of that. */
function isSameProof(before: Credential, after: Credential): boolean {
  const proof = ({ account, secret, networks, certificate, oauth, apiKeyHash }: Credential) =>
    JSON.stringify([account, secret?.argon2id, networks, certificate, oauth, apiKeyHash]);
  return proof(before) === proof(after);
}
