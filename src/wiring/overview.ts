import type { Health } from '../api/context.ts';
import { Traffic } from '../journal/traffic/traffic.ts';
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
  { config, clock, disk, log, spool }: Ground,
  { data, certificate }: { data: string; certificate: () => string },
  { alignment }: Pick<Signing, 'alignment'>,
  { scheduler }: Pick<DeliveryRooms, 'scheduler'>,
  closers: Closers,
): Promise<{ traffic: Traffic; health: Health }> {
  const { minuteCountDays, hourCountDays, dayCountDays } = config.journal;
  const traffic = new Traffic({
    folder: data,
    clock,
    edgeListeners: config.listener.filter(({ role }) => role === 'edge').map(({ name }) => name),
    limits: { keepMs: [minuteCountDays * DAY_MS, hourCountDays * DAY_MS, dayCountDays * DAY_MS] },
    onTrouble: (text) => log.logger.error(text),
  });
  closers.add(() => traffic.close());
  await traffic.open();

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

const DAY_MS = 86_400_000;

function nameOf({
  route,
  domain,
}: {
  route: { name: string; target: { kind: string } };
  domain: string;
}): string {
  return route.target.kind === 'mx' ? `${route.name}: ${domain}` : route.name;
}
