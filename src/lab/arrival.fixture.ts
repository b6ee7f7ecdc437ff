import type { Arrival } from './arrival.ts';

/** A message by Direct Send from a printer. */
export function arrivalOf(options: Partial<Arrival> = {}): Arrival {
  return {
    networkMessageId: 'adac754c-cc67-4619-8a4c-08ddc4691e84',
    internalId: 1234567890123,
    messageId: '<1@mfp-3f.test>',
    at: Date.UTC(2026, 10, 23, 8),
    clientAddress: '203.0.113.25',
    hello: 'MFP-3F',
    returnPath: 'scanner@contoso.test',
    sender: 'scanner@contoso.test',
    subject: 'Scan',
    size: 1000,
    tenant: '11111111-2222-4333-8444-555555555555',
    directionality: 'Incoming',
    directSend: true,
    accepted: true,
    reply: '250 2.6.0 Queued mail for delivery',
    recipients: [{ address: 'ann@contoso.test', id: '0123456789ab', folder: 'Inbox' }],
    ...options,
  };
}
