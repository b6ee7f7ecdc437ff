import { type Recipient, domainOf } from '../message/envelope.ts';
import type { Delivery, DeliveryFilter, NewMessage } from '../spool/spool.ts';
import { sizeOf } from '../message/content.ts';

/** The deliveries that the spool makes of a message: one for each recipient domain, in the order of first mention. */
export function deliveriesOf(message: NewMessage): Delivery[] {
  const { envelope, hold } = message;
  const byDomain = new Map<string, Recipient[]>();
  for (const recipient of envelope.recipients) {
    const domain = domainOf(recipient.address);
    const members = byDomain.get(domain);
    if (members) members.push(recipient);
    else byDomain.set(domain, [recipient]);
  }
  return Array.from(byDomain, ([domain, recipients], part) => ({
    message: message.id,
    part,
    domain,
    recipients,
    source: message.source,
    from: envelope.from,
    state: hold === undefined ? 'queued' : 'held',
    hold,
    receivedAt: message.receivedAt,
    size: sizeOf(message),
    nextAttemptAt: message.receivedAt,
    attempts: 0,
    delayNotified: false,
  }));
}

export function matchesFilter(filter: DeliveryFilter, delivery: Delivery): boolean {
  return (
    (filter.message === undefined || filter.message === delivery.message) &&
    (filter.source === undefined || filter.source === delivery.source) &&
    (filter.domain === undefined || filter.domain === delivery.domain) &&
    (filter.from === undefined || filter.from === delivery.from) &&
    (filter.state === undefined || filter.state === delivery.state) &&
    (filter.hold === undefined || filter.hold === delivery.hold)
  );
}
