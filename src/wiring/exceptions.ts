import type { Config } from '../config/schema.ts';
import type { SystemMail } from '../deliver/system-mail.ts';
import { repeat } from '../platform/repeat.ts';
import type { SessionView } from '../smtp/server/handler.ts';
import type { WeakPeers } from '../smtp/server/weak-peers.ts';
import { refuse } from '../smtp/reply.ts';
import { Fingerprints } from '../sources/compatibility/fingerprints.ts';
import { ALLOWED_BY, DAY_MS, EXCEPTION_KINDS, type Exception } from '../sources/exceptions/exception.ts';
import { StoredExceptions } from '../sources/exceptions/stored-exceptions.ts';
import { type ListenerTerms, weaknessesOf } from '../sources/exceptions/weakness.ts';
import type { Identity } from '../sources/source.ts';
import type { CramPermission } from '../submission/mechanisms.ts';
import { inNetworks } from '../submission/network.ts';
import { tlsText } from '../submission/session-journal.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

export interface ExceptionRooms {
  exceptions: StoredExceptions;
  fingerprints: Fingerprints;
  weakPeers: WeakPeers;
  cramMd5: CramPermission;
  /** What the API shows of the listeners. */
  listenerSettings: Config['listener'];
  messageBytes: number;
}

/** An exception that ends is noticed within this time. */
const SWEEP_MS = 400;
const FLUSH_MS = 10_000;
const ADOPTED = 'exceptions-adopted';
const ADOPTED_DAYS = 90;

/**
 * What is weak and allowed until a day, and what sources are known to be able to.
 * @param sessions those that are open: who lives by an exception leaves with it
 */
export async function wireExceptions(
  ground: Ground,
  mail: SystemMail,
  sessions: () => Iterable<SessionView>,
  closers: Closers,
): Promise<ExceptionRooms> {
  const { config, clock, control, random, events, journal, sources, log } = ground;
  const terms = listenerTerms(config);
  const exceptions = new StoredExceptions({
    db: control,
    clock,
    random,
    events,
    sources,
    mail,
    hostname: config.hostname,
    listener: (name) => terms.get(name),
  });
  await exceptions.open();
  await adoptCramMd5(ground, exceptions);
  closers.add(() => exceptions.close());
  const fingerprints = new Fingerprints(control, clock, events);
  closers.add(() => fingerprints.flush());

  exceptions.onEnd((ended) => {
    for (const session of sessions()) {
      if (lived(session, ended, terms, exceptions)) {
        session.terminate(refuse('T205', `exception ${ended.id} is over`));
      }
    }
  });
  const failed = (error: unknown): void =>
    log.logger.error({ error }, 'exceptions could not be looked after');
  closers.add(repeat(clock, SWEEP_MS, () => exceptions.sweep(), failed));
  closers.add(repeat(clock, FLUSH_MS, () => fingerprints.flush(), failed));
  closers.add(journal.follow({ types: ['connection', 'authentication'] }, (event) => exceptions.seen(event)));
  closers.add(
    journal.follow({ types: ['connection', 'authentication', 'acceptance', 'warning'] }, (event) =>
      fingerprints.seen(event),
    ),
  );
  closers.add(
    sources.onChange((change) => {
      if (change.kind === 'source' && change.removed) fingerprints.forget(change.source.id).catch(failed);
    }),
  );
  warnOfOpenListeners(ground);
  return {
    exceptions,
    fingerprints,
    weakPeers: weakPeersOf(exceptions),
    listenerSettings: config.listener,
    messageBytes: config.limits.messageBytes,
    cramMd5: {
      get revision() {
        return exceptions.revision;
      },
      permits: (source) => exceptions.forSource('cram-md5', source) !== undefined,
    },
  };
}

function weakPeersOf(exceptions: StoredExceptions): WeakPeers {
  return {
    tls(address) {
      const allowed = (kind: 'tls-1.0' | 'tls-1.1' | 'rsa-key-exchange' | '3des'): boolean =>
        exceptions.forAddress(kind, address) !== undefined;
      const minVersion = allowed('tls-1.0') ? 'TLSv1' : allowed('tls-1.1') ? 'TLSv1.1' : undefined;
      const rsaKeyExchange = allowed('rsa-key-exchange');
      const tripleDes = allowed('3des');
      if (minVersion === undefined && !rsaKeyExchange && !tripleDes) return undefined;
      return { minVersion, rsaKeyExchange, tripleDes };
    },
    withoutTls: (address) => exceptions.forAddress('no-tls', address) !== undefined,
  };
}

/** Whether a session could not be there, or not have come this far, without an exception that is over. */
function lived(
  session: SessionView,
  ended: Exception,
  terms: Map<string, ListenerTerms>,
  exceptions: StoredExceptions,
): boolean {
  const listener = terms.get(session.listener.name);
  const identity = session.identity as Identity | undefined;
  const source = identity?.source.id;
  if (!listener) return false;
  const affected =
    EXCEPTION_KINDS[ended.kind].scope === 'source'
      ? source === ended.source
      : inNetworks(session.address, ended.networks);
  if (!affected) return false;
  return weaknessesOf({ tls: tlsText(session.tls), method: identity?.method, listener }).some(
    (kind) =>
      ALLOWED_BY[kind].includes(ended.kind) &&
      exceptions.allowing(kind, session.address, source) === undefined,
  );
}

function listenerTerms({ listener }: Config): Map<string, ListenerTerms> {
  return new Map(
    listener.map(({ name, tls, plainAuthentication }) => [
      name,
      { requiresTls: tls === 'starttls-required', plainAuthentication },
    ]),
  );
}

/**
 * Once: what used CRAM-MD5 before exceptions were asked for goes on for a while, on the list like all others, so that
 * an update of the relay stops no device.
 */
async function adoptCramMd5(
  { clock, config, settings, sources }: Ground,
  exceptions: StoredExceptions,
): Promise<void> {
  if ((await settings.get(ADOPTED)) !== undefined) return;
  const now = clock.now();
  for (const { id, owner } of sources.list()) {
    const uses = sources
      .credentials(id)
      .some(({ state, secret }) => state === 'active' && secret?.recoverable !== undefined);
    if (!uses || exceptions.forSource('cram-md5', id)) continue;
    const fields = {
      kind: 'cram-md5' as const,
      source: id,
      networks: [],
      owner: owner || config.delivery.postmaster || `postmaster@${config.hostname}`,
      reason: 'CRAM-MD5 was in use before exceptions were asked for',
      endsAt: now + ADOPTED_DAYS * DAY_MS,
    };
    await exceptions.add(fields, 'update of the relay');
  }
  await settings.set(ADOPTED, '1', now);
}

/** A listener that takes passwords in the clear from everywhere is an exception without an end. */
function warnOfOpenListeners({ config, events }: Ground): void {
  for (const { name, host, plainAuthentication } of config.listener) {
    if (!plainAuthentication || host === 'localhost' || host === '::1' || host.startsWith('127.')) continue;
    events.write({
      type: 'alarm',
      code: 'plain-authentication-listener',
      outcome: 'warning',
      listener: name,
      text: `listener ${name} takes passwords without TLS from whoever reaches ${host}: an exception of the kind no-tls does the same for named networks, until a day`,
    });
  }
}
