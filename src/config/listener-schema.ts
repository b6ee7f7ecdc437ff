import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { cidr, port } from './fields.ts';

/** A network that is narrow enough to be called named: at most a /8 of IPv4, a /32 of IPv6. */
const namedNetwork = cidr.refine(
  (text) => !ipaddr.isValidCIDR(text) || ipaddr.parseCIDR(text)[1] >= (text.includes(':') ? 32 : 8),
  { error: 'is too wide: name your own networks, at most a /8 of IPv4 or a /32 of IPv6' },
);

const listenerSchema = z.strictObject({
  name: z.string().min(1).max(40).describe('Name in the journal and in the summary.'),
  role: z
    .enum(['submission', 'edge'])
    .default('submission')
    .describe(
      'Who it is for: sources, who authenticate, or anybody on the internet who has mail for the accepted domains (docs/edge.md).',
    ),
  host: z.string().default('127.0.0.1').describe('Address to listen on; `0.0.0.0` or `::` for all.'),
  port: port.describe('Port; below 1024 needs the right to bind it.'),
  tls: z
    .enum(['none', 'starttls', 'starttls-required', 'implicit'])
    .default('starttls')
    .describe(
      'No TLS, STARTTLS offered, STARTTLS required before MAIL and AUTH, or TLS from the first octet.',
    ),
  credentials: z
    .array(z.enum(['password', 'certificate', 'oauth', 'network']))
    .min(1)
    .default(['password', 'certificate', 'oauth', 'network'])
    .describe('The kinds of credential that it takes.'),
  plainAuthentication: z
    .boolean()
    .default(false)
    .describe('Takes passwords without TLS. For fenced networks only.'),
  lineEndings: z
    .enum(['refuse', 'repair'])
    .default('refuse')
    .describe(
      'What happens to a bare CR or LF in a message: refused (M602), or made CR LF; it never ends a message.',
    ),
  learn: z
    .enum(['off', 'hold', 'refuse'])
    .default('off')
    .describe(
      'Records devices that are no known source: `hold` takes their mail and holds it until they are approved, `refuse` refuses it (A311). Nothing is delivered before approval.',
    ),
  learnFrom: z
    .array(namedNetwork)
    .max(1000)
    .default([])
    .describe('The networks in which it learns, such as `10.1.2.0/24`; anybody else is refused as ever.'),
});

export const listenersSchema = z
  .array(listenerSchema)
  .min(1)
  .superRefine((listeners, context) => {
    for (const [index, { name, learn, learnFrom }] of listeners.entries()) {
      if (learn === 'off') continue;
      if (learnFrom.length === 0) {
        context.addIssue({
          code: 'custom',
          path: [index, 'learnFrom'],
          input: learnFrom,
          message:
            'name the networks in which it learns, such as ["10.1.2.0/24"]; without one nobody is learned from',
        });
      }
      if (listeners.filter((other) => other.name === name).length > 1) {
        context.addIssue({
          code: 'custom',
          path: [index, 'name'],
          input: name,
          message: 'a listener that learns needs a name of its own',
        });
      }
    }
  })
  .default(() =>
    [
      { name: 'smtp', port: 2525, tls: 'starttls' as const },
      { name: 'submission', port: 2587, tls: 'starttls-required' as const },
      { name: 'submissions', port: 2465, tls: 'implicit' as const },
    ].map((listener) => listenerSchema.parse(listener)),
  );
