import { openPeople, type PeopleRooms } from '../people/rooms.ts';
import type { Ground } from './ground.ts';

const MINUTE_MS = 60_000;

/** Who may administer the relay. */
export function wirePeople(ground: Ground): Promise<PeopleRooms> {
  const { people, guard } = ground.config;
  return openPeople(ground, {
    publicUrl: people.publicUrl === '' ? undefined : new URL(people.publicUrl),
    idleMs: people.sessionIdleMinutes * MINUTE_MS,
    lifeMs: people.sessionHours * 60 * MINUTE_MS,
    requireSecondFactor: people.secondFactor === 'required',
    providers: people.provider,
    guard: {
      accountFailures: guard.failures,
      networkFailures: guard.networkFailures,
      windowMs: guard.windowSeconds * 1000,
      lockMs: guard.lockSeconds * 1000,
    },
  });
}
