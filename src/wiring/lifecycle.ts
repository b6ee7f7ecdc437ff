import type { Lifecycle } from '../api/context.ts';
import type { SystemMail } from '../deliver/system-mail.ts';
import { repeat } from '../platform/repeat.ts';
import { Recertification } from '../sources/recertification.ts';
import { RecertificationStore } from '../sources/recertification-store.ts';
import { SourceRequests } from '../sources/requests.ts';
import { Retirement } from '../sources/retirement.ts';
import type { Closers } from './closers.ts';
import type { DeliveryRooms } from './delivery.ts';
import type { Ground } from './ground.ts';

const SWEEP_EVERY = 60_000;

/** How sources come and go: requests, recertification, retirement, each looked after once a minute. */
export function wireLifecycle(
  { config, clock, control, events, random, sources, log }: Ground,
  { inbox }: Pick<DeliveryRooms, 'inbox'>,
  mail: SystemMail,
  closers: Closers,
): Lifecycle {
  const { brownOutDays, brownOutShare, brownOutHours, requestDays, openRequests, openRequestsOfOne } =
    config.lifecycle;
  const retirement = new Retirement({ sources, clock, events, mail });
  const requests = new SourceRequests(
    { sources, clock, events },
    { days: requestDays, most: openRequests, mostOfOne: openRequestsOfOne },
  );
  const recertificationStore = new RecertificationStore(control);
  const recertification = new Recertification({
    store: recertificationStore,
    sources,
    retirement,
    mail,
    clock,
    random,
    events,
  });
  const failed = (error: unknown): void =>
    log.logger.error({ error }, 'the lives of sources could not be looked after; it is tried again');
  closers.add(inbox.onArrival(({ source }) => void requests.arrived(source).catch(failed)));
  for (const room of [retirement, requests, recertification]) {
    closers.add(repeat(clock, SWEEP_EVERY, () => room.sweep(), failed));
  }
  return {
    requests,
    retirement,
    retirementDefaults: { days: brownOutDays, share: brownOutShare, hours: brownOutHours },
    recertification,
    recertificationStore,
  };
}
