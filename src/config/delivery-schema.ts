import { z } from 'zod';
import { count, seconds } from './fields.ts';

export const deliverySchema = z.strictObject({
  connections: count(200, 'Simultaneous outgoing connections.'),
  lookAhead: count(2000, 'Deliveries that are held in memory, ready to go.'),
  retryFirstSeconds: seconds(60, 'Seconds to the second attempt; each further wait is longer.'),
  retryMostSeconds: seconds(7200, 'The longest wait between attempts.'),
  giveUpSeconds: seconds(432_000, 'After this time the sender gets a bounce (5 days).'),
  delayNoticeSeconds: seconds(14_400, 'After this time the sender is told of the delay, once (4 hours).'),
  connectSeconds: seconds(30, 'Seconds to open a connection.'),
  replySeconds: seconds(300, 'Seconds to wait for a reply.'),
  dataEndSeconds: seconds(
    600,
    'Seconds to wait for the reply after the end of a message (RFC 5321 section 4.5.3.2.6).',
  ),
  idleSeconds: seconds(5, 'Seconds that an unused connection is kept for the next message.'),
  postmaster: z
    .string()
    .default('')
    .describe('From address of bounces; empty: `postmaster@` and the host name.'),
  trustedCa: z
    .string()
    .default('')
    .describe('PEM file of authorities that are trusted for next hops, besides the well-known ones.'),
  localAddress: z
    .string()
    .default('')
    .describe('Address that outgoing connections come from; empty: the system chooses.'),
});
