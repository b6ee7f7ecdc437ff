import { z } from 'zod';
import { attentionShape } from './attention/item.ts';

const at = z.number().describe('Milliseconds since the epoch.');

export const countsShape = z
  .object({
    accepted: z.number().describe('Messages taken.'),
    octets: z.number().describe('Octets of the messages taken.'),
    refused: z.number().describe('Commands and messages refused, and TLS handshakes that failed.'),
    held: z.number().describe('Messages and deliveries that were put on hold.'),
    delivered: z.number().describe('Deliveries: one a recipient domain of a message.'),
    deferred: z.number().describe('Attempts that are made again later.'),
    bounced: z.number().describe('Deliveries given up.'),
  })
  .meta({ id: 'Counts' });

const column = z.array(z.number());

export const seriesShape = z
  .object({
    at: column.describe('Beginnings of the steps, milliseconds since the epoch.'),
    accepted: column,
    octets: column,
    refused: column,
    held: column,
    delivered: column,
    deferred: column,
    bounced: column,
  })
  .describe('A column for each count, with a value for each step; the last step is in progress.')
  .meta({ id: 'Series' });

const spoolShape = z.object({
  messages: z.number(),
  queued: z.number().describe('Deliveries.'),
  held: z.number().describe('Deliveries.'),
  bytes: z.number(),
  oldestAt: at.optional(),
});

const healthShape = z
  .object({
    certificate: z
      .object({ endsAt: at, selfSigned: z.boolean() })
      .optional()
      .describe('Of the listeners; absent: there is none.'),
    keys: z.object({
      active: z.int().describe('DKIM keys that sign.'),
      published: z.int().describe('Those of them that DNS has, as far as somebody could tell.'),
    }),
    dns: z.object({
      domains: z.int(),
      wrong: z.int().describe('Domains with a record that is missing or wrong.'),
      silent: z.int().describe('Domains for which DNS does not answer.'),
    }),
    disk: z
      .object({ free: z.number(), minimum: z.number().describe('Below it nothing is taken.') })
      .optional()
      .describe('Absent while it can not be looked at.'),
  })
  .meta({ id: 'Health' });

const setupShape = z
  .object({
    message: z.boolean().describe('A message was taken.'),
    domain: z.boolean().describe('There is a domain beside the one to try things with.'),
    dns: z.boolean().describe('DNS has a signing key of every domain.'),
    source: z.boolean().describe('There is a source beside the one to try things with.'),
    route: z.boolean().describe('Mail can leave.'),
  })
  .describe('What was done to set the relay up.')
  .meta({ id: 'Setup' });

export const overviewShape = z
  .object({
    at,
    window: z.enum(['1h', '24h', '7d', '30d']),
    since: at,
    until: at.describe('End of the last step.'),
    step: z.number().describe('Milliseconds of one step.'),
    series: seriesShape,
    totals: countsShape,
    before: countsShape.describe('Of the window before, as far as this one has come.'),
    sources: z
      .array(
        z.object({
          source: z
            .string()
            .describe(
              'Identifier; `edge`: mail from the internet, `relay`: what the relay writes, `*`: others.',
            ),
          sourceName: z.string(),
          state: z.string().optional().describe('Absent for what is no source, or is gone.'),
          counts: countsShape,
        }),
      )
      .describe('The busiest first.'),
    sourceCount: z.int().describe('Sources with anything counted in the window.'),
    directions: z
      .array(z.object({ direction: z.string(), counts: countsShape }))
      .describe('By the way in: `submission`, `api`, `edge`, `relay`. Empty for source owners.'),
    refusals: z
      .array(
        z.object({
          code: z.string(),
          count: z.number(),
          text: z.string().optional().describe('As it is told to the sender.'),
          remedy: z.string().optional(),
        }),
      )
      .describe('The most frequent codes.'),
    spool: spoolShape.optional().describe('Absent for source owners.'),
    waiting: z
      .array(
        z.object({
          domain: z.string(),
          queued: z.number(),
          nextAttemptAt: at,
          reply: z.string().optional().describe('Why it takes nothing now.'),
          retryAt: at.optional(),
        }),
      )
      .optional()
      .describe('Recipient domains with the most that waits. Absent for source owners.'),
    health: healthShape.optional().describe('Absent for source owners.'),
    setup: setupShape.optional().describe('Absent for source owners.'),
    behind: z.number().describe('Events that are not counted yet.'),
    missing: z
      .array(z.enum(['counts']))
      .optional()
      .describe('What can not be told now, and is empty or 0 here: `attention` says why.'),
    attention: z.array(attentionShape).describe('What to look at, worst first.'),
  })
  .meta({ id: 'Overview' });

export type Overview = z.infer<typeof overviewShape>;

/** One message of the stream. */
const liveShape = z
  .object({
    id: z.int(),
    at,
    minute: at.describe('Beginning of the minute in progress.'),
    counts: countsShape.describe('Of this minute.'),
    spool: spoolShape.optional().describe('Absent for source owners.'),
    attention: z.object({ critical: z.int(), warning: z.int(), info: z.int() }),
  })
  .meta({ id: 'OverviewLive' });

export type Live = z.infer<typeof liveShape>;

/** Commands that send the first message. */
export const firstMessageShape = z
  .object({
    swaks: z.string().optional().describe('By SMTP; absent where no listener takes passwords over TLS.'),
    curl: z.string().describe('By HTTP.'),
  })
  .meta({ id: 'FirstMessage' });
