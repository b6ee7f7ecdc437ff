import { DkimSigner } from '../authentication/dkim/sign.ts';
import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { systemDisk } from '../platform/disk.ts';
import { systemRandom } from '../platform/random.ts';
import { Devices } from '../sources/discovery/devices.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import { MessageIds } from '../spool/message-id.ts';
import type { Spool } from '../spool/spool.ts';
import type { ControlStore } from '../store/control.ts';
import { Serial } from '../store/serial.ts';
import { Approval } from '../submission/approval.ts';
import { HeldMail } from '../submission/held-mail.ts';
import { MemoryBudget } from '../submission/memory-budget.ts';

/** For tests: discovery over real control data; acceptance says yes to everything. */
export function discoveryOf(rooms: {
  db: ControlStore;
  clock: Clock;
  events: EventSink;
  sources: SourceRegistry;
  domains: DomainRegistry;
  spool: Pick<Spool, 'list' | 'payload' | 'hold' | 'remove'>;
}) {
  const { db, clock, events, sources: registry, domains } = rooms;
  const spool = rooms.spool as Spool;
  const ids = new MessageIds(clock);
  const devices = new Devices({
    db,
    clock,
    random: systemRandom,
    most: 10,
    keepMs: 30 * 86_400_000,
    onTrouble: (error) => {
      throw error;
    },
  });
  const limits = { deviceMessages: 2, deviceBytes: 10_000, messages: 3, bytes: 20_000 };
  const held = new HeldMail(
    { changes: new Serial(), clock, devices, events, hostname: 'relay.test', registry, spool },
    limits,
  );
  const approval = new Approval(
    {
      acceptance: {
        accept: async (_arrival, _envelope, { id }) => ({
          code: 250,
          enhanced: '2.0.0',
          text: `${id} queued`,
        }),
      },
      budget: new MemoryBudget(1_000_000),
      devices,
      disk: systemDisk,
      domains,
      events,
      held,
      ids,
      queue: spool,
      random: systemRandom,
      registry,
      signer: new DkimSigner(domains),
      spool,
    },
    { messageBytes: 50_000_000, headerBytes: 65_536, inlineBytes: 65_536 },
  );
  return { devices, held, approval };
}
