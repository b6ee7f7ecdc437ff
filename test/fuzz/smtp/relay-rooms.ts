/** The rooms behind submission as main.ts joins them, with the ones that keep or reach anything in memory. */
import { Acceptance } from '../../../src/acceptance.ts';
import { Alignment } from '../../../src/authentication/alignment.ts';
import type { SigningDomain } from '../../../src/authentication/dkim/domain.ts';
import type { DomainRegistry } from '../../../src/authentication/dkim/domains.ts';
import { makeKey, recordText } from '../../../src/authentication/dkim/keys.ts';
import { DkimSigner } from '../../../src/authentication/dkim/sign.ts';
import { readShownFields } from '../../../src/message/shown-fields.ts';
import type { ManualClock } from '../../../src/platform/clock.ts';
import { systemDisk } from '../../../src/platform/disk.ts';
import type { Random } from '../../../src/platform/random.ts';
import { ResolveError } from '../../../src/platform/resolver.ts';
import { CompiledPolicies } from '../../../src/policy/compiled.ts';
import { RateLimiter } from '../../../src/policy/limits.ts';
import { Judge } from '../../../src/policy/policy.ts';
import type { StoredSecret } from '../../../src/sources/source.ts';
import { MessageIds } from '../../../src/spool/message-id.ts';
import { Seal } from '../../../src/store/seal.ts';
import { Authenticator } from '../../../src/submission/authenticator.ts';
import { Events, FakeRegistry } from '../../../src/submission/fixtures.ts';
import { MemoryBudget } from '../../../src/submission/memory-budget.ts';
import { LiveSessions } from '../../../src/submission/sessions.ts';
import { SubmissionHandler } from '../../../src/submission/smtp-handler.ts';
import { MemorySpool } from '../../support/memory-spool.ts';
import { LIMITS } from './converse.ts';

export const HEADER_LIMITS = { headerBytes: 20_000, headerFields: 200, hops: 30 };

// Ed25519, since RSA would be nine tenths of the time
const key = await makeKey({ algorithm: 'ed25519-sha256', selector: 'fuzz', stage: 'active', at: 0 });
export const DOMAIN: SigningDomain = { name: 'corp.example', internal: true, createdAt: 0, keys: [key] };
export const KEY_RECORD = recordText(key);

const domains = {
  byName: (name: string) => (name === DOMAIN.name ? DOMAIN : undefined),
  list: () => [DOMAIN],
  isInternal: (domain: string) => domain === DOMAIN.name,
  markPublished: () => Promise.resolve(),
} as unknown as DomainRegistry;

const resolver = { txt: () => Promise.reject(new ResolveError('temporary', 'no DNS here')) };

/** A password's hash is its text: argon2id would be all of the time. */
const SECRET: StoredSecret = {
  argon2id: 'secret',
  scram: {
    iterations: 4096,
    salt: 'c2FsdA==',
    storedKey: Buffer.alloc(32).toString('base64'),
    serverKey: Buffer.alloc(32).toString('base64'),
  },
};

const seal = new Seal(Buffer.alloc(32, 1));
const policies = new CompiledPolicies();
const signer = new DkimSigner(domains);

export interface Rooms {
  handler: SubmissionHandler;
  spool: MemorySpool;
  events: Events;
  budget: MemoryBudget;
  sessions: LiveSessions;
  registry: FakeRegistry;
  limiter: RateLimiter;
}

/** @param random for nonces and jitter, so that a run repeats */
export function relayRooms(clock: ManualClock, random: () => number): Rooms {
  const fixed: Random = {
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256))),
    fraction: random,
  };
  const registry = new FakeRegistry();
  const spool = new MemorySpool();
  const events = new Events();
  registry.put('devices', { networks: ['192.0.2.0/24'] });
  registry.put('printer', { account: 'printer', secret: SECRET });
  for (const name of ['devices', 'printer']) {
    const source = registry.byName(name);
    if (!source) throw new Error(name);
    registry.changeSource(name, {
      policy: {
        ...source.policy,
        pairs: [{ envelope: 'corp.example', header: 'corp.example' }],
        nullSender: true,
        recipients: { allow: 'any', patterns: [] },
      },
    });
  }
  const sessions = new LiveSessions(registry);
  const ids = new MessageIds(clock);
  const limiter = new RateLimiter(clock);
  const budget = new MemoryBudget(200_000);
  const alignment = new Alignment({
    registry: domains,
    resolver,
    clock,
    random: fixed,
    onError: (_, error) => {
      throw error;
    },
  });
  const acceptance = new Acceptance({
    contained: () => 'ok',
    alignment,
    clock,
    events,
    hostname: 'mail.test',
    judge: new Judge(
      { policies, signer, spool, disk: systemDisk, newId: () => ids.next() },
      HEADER_LIMITS,
      'mail.test',
    ),
    limiter,
    signer,
    shown: readShownFields,
    spool,
    stored: () => undefined,
  });
  const authenticator = new Authenticator({
    registry,
    seal,
    clock,
    random: fixed,
    events,
    hostname: 'mail.test',
    sessions,
    passwords: {
      match: (password, stored) => Promise.resolve(stored.findIndex(({ argon2id }) => argon2id === password)),
    },
  });
  const handler = new SubmissionHandler(
    {
      acceptance,
      brownOuts: { meets: () => false },
      authenticator,
      budget,
      domains,
      events,
      ids,
      limiter,
      policies,
      postmaster: 'postmaster@mail.test',
      registry,
      sessions,
      signer,
      spool,
    },
    { messageBytes: LIMITS.messageBytes, headerBytes: HEADER_LIMITS.headerBytes, inlineBytes: 100_000 },
  );
  return { handler, spool, events, budget, sessions, registry, limiter };
}
