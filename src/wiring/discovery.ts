import type { DeliveryRooms } from './delivery.ts';
import { repeat } from '../platform/repeat.ts';
import { Devices } from '../sources/discovery/devices.ts';
import { Serial } from '../store/serial.ts';
import { Approval } from '../submission/approval.ts';
import { HeldMail } from '../submission/held-mail.ts';
import type { SubmissionLimits, SubmissionRooms } from '../submission/rooms.ts';
import { Strangers } from '../submission/strangers.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

const DAY = 86_400_000;
const LOOK_EVERY = 60_000;

export interface Discovery {
  devices: Devices;
  held: HeldMail;
  approval: Approval;
}

/** Devices that nobody knows yet: what was seen of them stays to be decided on, also when no listener learns any more. */
export async function wireDiscovery(
  { config, clock, random, control, disk, domains, events, ids, log, sources, spool }: Ground,
  submission: { rooms: SubmissionRooms; limits: SubmissionLimits },
  { queue }: Pick<DeliveryRooms, 'queue'>,
  closers: Closers,
): Promise<Discovery> {
  const { discovery, hostname, limits, listener } = config;
  const devices = new Devices({
    db: control,
    clock,
    random,
    most: discovery.devices,
    keepMs: discovery.keepDays * DAY,
    onTrouble: (error) =>
      log.logger.error({ error }, 'what was seen of unknown devices could not be written'),
  });
  await devices.open();
  closers.add(() => devices.close());
  const held = new HeldMail(
    { changes: new Serial(), clock, devices, events, hostname, registry: sources, spool },
    {
      deviceMessages: discovery.deviceMessages,
      deviceBytes: discovery.deviceBytes,
      messages: discovery.messages,
      bytes: discovery.bytes,
    },
  );
  await held.open();
  const { rooms } = submission;
  const approval = new Approval(
    { ...rooms, devices, disk, domains, events, held, ids, queue, random, registry: sources },
    submission.limits,
  );
  closers.add(
    sources.onChange((change) => {
      if (change.kind !== 'source') return;
      if (!change.removed) {
        if (change.before?.state !== 'pending' || change.source.state === 'pending') return;
        approval
          .decidedByHand(change.source.id)
          .catch((error: unknown) => log.logger.error({ error }, 'an unknown device could not be written'));
        return;
      }
      const device = devices.ofSource(change.source.id);
      if (!device) return;
      // whoever removes the pending source has decided; its mail would belong to nobody
      approval
        .dismiss(device, false)
        .catch((error: unknown) =>
          log.logger.error({ error }, 'mail of a removed device could not be dropped'),
        );
    }),
  );
  if (listener.some(({ learn }) => learn !== 'off')) {
    const strangers = new Strangers(
      { ...rooms, clock, devices, domains, events, held, ids, registry: sources },
      { ...submission.limits, headerFields: limits.headerFields, receptions: discovery.receptions },
      listener,
    );
    rooms.strangers = strangers;
    closers.add(
      repeat(
        clock,
        LOOK_EVERY,
        async () => {
          strangers.announceFolded();
          await devices.expire();
        },
        (error) => log.logger.error({ error }, 'unknown devices could not be looked after'),
      ),
    );
  }
  return { devices, held, approval };
}
