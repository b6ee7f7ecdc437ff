import path from 'node:path';
import type { Health } from '../api/context.ts';
import { Traffic } from '../journal/traffic/traffic.ts';
import { TrafficThread } from '../journal/traffic/traffic-thread.ts';
import { watchClock } from '../platform/clock-watch.ts';
import type { Closers } from './closers.ts';
import type { DeliveryRooms } from './delivery.ts';
import type { Ground } from './ground.ts';
import type { Signing } from './signing.ts';

/**
 * What the overview shows: counts of mail, and how things are. To be called before mail is taken.
 * @param certificate PEM of the listeners' one, as it is now
 */
export async function wireOverview(
  { config, clock, disk, followers, journal, log, spool }: Ground,
  { data, certificate }: { data: string; certificate: () => string },
  { alignment }: Pick<Signing, 'alignment'>,
  { scheduler }: Pick<DeliveryRooms, 'scheduler'>,
  closers: Closers,
): Promise<{ traffic: Traffic; health: Health }> {
  const traffic = new Traffic({
    answers: new TrafficThread(path.join(data, 'traffic.db')),
    followers,
    clock,
    trustsClock: () => journal.trustsClock(),
    onTrouble: (text) => log.logger.error(text),
  });
  closers.add(() => traffic.close());

  let set: { at: number; ms: number } | undefined;
  closers.add(
    watchClock(clock, (ms) => {
      set = { at: clock.now(), ms };
    }),
  );
  return {
    traffic,
    health: {
      certificate,
      freeBytes: () => disk.free(data),
      minimumFreeBytes: config.spool.minimumFreeBytes,
      backlog: () => spool.backlog(),
      unreachable: () =>
        scheduler
          .asleep()
          .map(({ destination, ...asleep }) => ({ name: nameOf(destination.hop), ...asleep })),
      recordProblems: () => alignment.problems(),
      clockSet: () => set,
    },
  };
}

function nameOf({
  route,
  domain,
}: {
  route: { name: string; target: { kind: string } };
  domain: string;
}): string {
  return route.target.kind === 'mx' ? `${route.name}: ${domain}` : route.name;
}
