import { OwnMailer } from '../deliver/own-mailer.ts';
import type { SystemMail } from '../deliver/system-mail.ts';
import type { DeliveryRooms } from './delivery.ts';
import type { Ground } from './ground.ts';
import type { Signing } from './signing.ts';

/** The way out for what the relay itself writes to people. @param postmaster From address of its messages */
export function wireSystemMail(
  { clock, random, events, ids, spool, config }: Ground,
  { signNotice }: Pick<Signing, 'signNotice'>,
  { scheduler }: Pick<DeliveryRooms, 'scheduler'>,
  postmaster: string,
): SystemMail {
  return new OwnMailer({
    clock,
    random,
    events,
    hostname: config.hostname,
    from: postmaster,
    newId: () => ids.next(),
    sign: signNotice,
    store: (message) => spool.store(message),
    stored: (message) => scheduler.offerMessage(message),
  });
}
