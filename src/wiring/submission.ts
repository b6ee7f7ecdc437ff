import { Acceptance } from '../acceptance.ts';
import type { Containment } from '../containment/containment.ts';
import { deliveriesOf } from '../deliver/deliveries.ts';
import { shownFieldsReader } from '../message/shown-fields.ts';
import { CompiledPolicies } from '../policy/compiled.ts';
import { type LimiterSnapshot, RateLimiter } from '../policy/limits.ts';
import { Judge } from '../policy/policy.ts';
import { Authenticator } from '../submission/authenticator.ts';
import { BrownOuts } from '../sources/brown-out.ts';
import { holdsMail } from '../sources/lifecycle.ts';
import { MemoryBudget } from '../submission/memory-budget.ts';
import type { SubmissionLimits, SubmissionRooms } from '../submission/rooms.ts';
import { LiveSessions } from '../submission/sessions.ts';
import type { Closers } from './closers.ts';
import type { DeliveryRooms } from './delivery.ts';
import type { ExceptionRooms } from './exceptions.ts';
import type { Ground } from './ground.ts';
import type { Signing } from './signing.ts';

const LIMITER_STATE = 'rate-limits';
const SAVE_LIMITER_EVERY = 30_000;

/** The way in: who is it, may it, acceptance, and the kill switch over all of it. */
export async function wireSubmission(
  ground: Ground,
  { alignment, signer }: Signing,
  { queue, scheduler }: DeliveryRooms,
  containment: Containment,
  { cramMd5 }: Pick<ExceptionRooms, 'cramMd5'>,
  closers: Closers,
): Promise<{ rooms: SubmissionRooms; limits: SubmissionLimits }> {
  const { config, clock, random, disk, events, ids, journal, seal, spool, domains, sources, log } = ground;
  const { hostname, limits } = config;
  const policies = new CompiledPolicies();
  const limiter = await keptLimiter(ground, closers);
  const sessions = new LiveSessions(sources);
  const authenticator = new Authenticator({
    registry: sources,
    seal,
    clock,
    random,
    events,
    hostname,
    sessions,
    uses: ground.credentialUses,
    cramMd5,
    issuers: config.oauth.issuer,
    guard: {
      accountFailures: config.guard.failures,
      networkFailures: config.guard.networkFailures,
      windowMs: config.guard.windowSeconds * 1000,
      lockMs: config.guard.lockSeconds * 1000,
    },
    passwords: { rememberMs: config.guard.cacheSeconds * 1000 },
    tried: (...attempt) => rooms.strangers?.tried(...attempt),
  });
  closers.add(() => {
    authenticator.close();
    sessions.close();
  });
  const budget = new MemoryBudget(limits.memoryBytes);
  const acceptance = new Acceptance({
    alignment,
    clock,
    contained: (source) => containment.check(source),
    events,
    hostname,
    judge: new Judge(
      { policies, signer, spool, disk, newId: () => ids.next() },
      { headerBytes: limits.headerBytes, headerFields: limits.headerFields, hops: limits.hops },
      hostname,
    ),
    limiter,
    signer,
    shown: shownFieldsReader(config.journal.subjects),
    spool,
    stored: (message) => {
      const payload = message.body.kind === 'memory' ? message : undefined;
      for (const delivery of deliveriesOf(message)) scheduler.offer(delivery, payload);
    },
  });
  const rooms: SubmissionRooms = {
    acceptance,
    authenticator,
    brownOuts: new BrownOuts(clock, random, events),
    budget,
    domains,
    events,
    ids,
    limiter,
    policies,
    postmaster: config.delivery.postmaster || `postmaster@${hostname}`,
    registry: sources,
    sessions,
    transcripts: journal,
    signer,
    spool,
  };
  const submissionLimits = {
    messageBytes: limits.messageBytes,
    headerBytes: limits.headerBytes,
    inlineBytes: limits.inlineBytes,
  };
  closers.add(
    sources.onChange((change) => {
      if (change.kind !== 'source') return;
      if (change.removed) limiter.forget(change.source.id);
      if (!holdsMail(change.source.state) || !change.before || holdsMail(change.before.state)) return;
      // sessions have ended in this very turn; what waits in the spool is held behind it
      queue.hold({ source: change.source.id, state: 'queued' }, 'source').then(
        (held) =>
          events.write({
            type: 'change',
            source: change.source.id,
            outcome: 'held',
            text: `${held} deliveries held: the source was suspended`,
          }),
        // the scheduler asks isStopped before each delivery all the same
        (error: unknown) => log.logger.error({ error }, 'deliveries of a disabled source could not be held'),
      );
    }),
  );
  return { rooms, limits: submissionLimits };
}

/** The rate limits with what they counted before the last stop; saved now and then, and at the end. */
async function keptLimiter({ settings, clock, log }: Ground, closers: Closers): Promise<RateLimiter> {
  const limiter = new RateLimiter(clock);
  const kept = await settings.get(LIMITER_STATE);
  if (kept !== undefined) limiter.restore(JSON.parse(kept) as LimiterSnapshot);
  const saveLimiter = (): Promise<void> =>
    settings.set(LIMITER_STATE, JSON.stringify(limiter.snapshot()), clock.now());
  const saving = setInterval(() => {
    // counts that are lost with a failed write come back with the next one
    saveLimiter().catch((error: unknown) => log.logger.error({ error }, 'rate limits could not be saved'));
  }, SAVE_LIMITER_EVERY).unref();
  closers.add(async () => {
    clearInterval(saving);
    await saveLimiter();
  });
  return limiter;
}
