import type { CredentialServices } from '../api/context.ts';
import type { SystemMail } from '../deliver/system-mail.ts';
import { repeat } from '../platform/repeat.ts';
import { Handovers } from '../sources/credential-handovers.ts';
import { CredentialWatch } from '../sources/credential-watch.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** For how long it is known from where a credential was used. */
const USES_KEPT_MS = 180 * DAY_MS;

/** Expiry, rotation and hand-over of credentials. */
export function wireCredentials(ground: Ground, mail: SystemMail, closers: Closers): CredentialServices {
  const { config, clock, random, control, credentialUses: uses, events, seal, sources, log } = ground;
  const { warnDays, rotationUnusedHours, rotationOverdueDays, checkSeconds, ...handover } =
    config.credentials;
  const handovers = new Handovers(control, seal, clock, random, events);
  const watch = new CredentialWatch({
    registry: sources,
    db: control,
    clock,
    events,
    mail,
    warnDays,
    overdueMs: rotationOverdueDays * DAY_MS,
  });
  closers.add(
    repeat(
      clock,
      checkSeconds * 1000,
      async () => {
        await watch.check();
        await handovers.sweep();
        await uses.forgetBefore(clock.now() - USES_KEPT_MS);
      },
      (error) => log.logger.error({ error }, 'credentials could not be looked at'),
    ),
  );
  closers.add(
    sources.onChange((change) => {
      if (change.kind !== 'credential' || change.credential.state !== 'revoked') return;
      handovers
        .withdrawOf(change.credential.id)
        .catch((error: unknown) => log.logger.error({ error }, 'a hand-over link could not be withdrawn'));
    }),
  );
  return {
    uses,
    handovers,
    unusedMs: rotationUnusedHours * HOUR_MS,
    handoverMs: handover.handoverHours * HOUR_MS,
    handoverAddress: handover.handoverAddress,
  };
}
