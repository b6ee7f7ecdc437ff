import { escapeUnsafe } from '../platform/unsafe-characters.ts';
import type { EventSink, JournalEvent } from '../journal/event.ts';
import type { Reply } from '../smtp/reply.ts';
import type { Credential, Identity } from '../sources/source.ts';
import type { Client } from './conditions.ts';
import type { Lock } from './guard.ts';

/**
 * An account name for the journal: at most 64 characters, controls escaped. It may be a password that was
 * typed into the wrong field; a log without names would help nobody, so it is kept all the same.
 */
function printableAccount(account: string): string {
  // a backslash too: nobody writes a line of the log, or what looks like an escape, by choosing a name
  return escapeUnsafe(account.slice(0, 64).replaceAll('\\', '\\u{5c}'));
}

/** Writes who came in, who did not, and why: never what was shown as a secret. */
export class LoginJournal {
  readonly #events: EventSink;

  constructor(events: EventSink) {
    this.#events = events;
  }

  accepted(client: Client, identity: Identity, account?: string): void {
    const { source, credential, method } = identity;
    this.#events.write({
      ...this.#where(client),
      type: 'authentication',
      source: source.id,
      outcome: 'accepted',
      text: `${source.name} came in by ${method}`,
      detail: {
        ...nameOf(account),
        method,
        credential: credential.id,
        label: credential.label,
        // while it is rotated: which of both this connection showed
        ...(credential.rotation && { secret: credential.rotation.role }),
      },
    });
  }

  refused(
    client: Client,
    reply: Reply,
    facts: { method: string; reason: string; account?: string; credential?: Credential },
  ): void {
    const { method, reason, account, credential } = facts;
    this.#events.write({
      ...this.#where(client),
      type: 'authentication-failure',
      source: credential?.source,
      code: reply.refusal,
      reply: `${reply.code} ${reply.enhanced ?? ''} ${[reply.text].flat().join(' ')}`,
      outcome: 'refused',
      text: reason,
      detail: { ...nameOf(account), method, reason, ...(credential && { credential: credential.id }) },
    });
  }

  locked(client: Client, lock: Lock, method: string, account?: string): void {
    const until = new Date(lock.until).toISOString();
    this.#events.write({
      ...this.#where(client),
      type: 'authentication-failure',
      code: 'A303',
      outcome: 'locked',
      text: `${lock.failures} failures: the ${lock.on} is locked until ${until}`,
      detail: { ...nameOf(account), method, lock: lock.on, failures: lock.failures, until: lock.until },
    });
  }

  /** A canary credential was used. `facts.secret` says in words what was shown beside its name. */
  trapped(
    client: Client,
    trap: Credential,
    facts: { source: string; method: string; secret: string; account?: string },
  ): void {
    const { source, method, secret, account } = facts;
    const hello = printableAccount(client.hello ?? '');
    const kind = trap.secret ? 'password' : 'API key';
    this.#events.write({
      ...this.#where(client),
      type: 'alarm',
      code: 'canary-used',
      outcome: 'critical',
      source: trap.source,
      text: `Canary credential ${trap.label || trap.id} of ${source} was used from ${client.address}${hello && ` (${hello})`} by ${method}: the ${kind} ${secret}`,
      detail: {
        ...nameOf(account),
        method,
        hello,
        secret,
        credential: trap.id,
        label: trap.label,
      },
    });
  }

  #where({
    address,
    session,
    listener,
    tls,
  }: Client): Pick<JournalEvent, 'network' | 'session' | 'listener' | 'tls'> {
    return { network: address, session, listener, tls: tls && `${tls.version} ${tls.cipher}` };
  }
}

const nameOf = (account: string | undefined) =>
  account === undefined ? {} : { account: printableAccount(account) };
