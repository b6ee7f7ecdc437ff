import { z } from 'zod';
import { tellerOf } from '../../french/french.ts';
import type { DetailCondition, EventFilter, RecordedEvent } from '../../journal/event.ts';
import { canonicalNetwork } from '../../sources/network-index.ts';
import { line } from '../../sources/source-fields.ts';
import type { ApiContext } from '../context.ts';
import { edgeMessagePage, SPOOF_KINDS, spoofGroupShape } from '../edge-shapes.ts';
import { showEdgeMessage, SpoofGroups } from '../edge-views.ts';
import { cursor, language, PAGE, pageSize, readCursor, time, writeCursor } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';

const tags = ['Edge'];
const BATCH = 500;
/** Events that one request looks at, at most; the next page goes on from there. */
const MOST_SCANNED = 20_000;
const DIRECT_SEND_REFUSED = 'E201';
const SPOOFED: DetailCondition = { paths: ['edge.spoof', 'spoof'] };
const WEEK_MS = 7 * 86_400_000;

const result = line(20).describe('As in Authentication-Results: pass, fail, none, temperror, ...');

const messagesQuery = z.object({
  outcome: z.enum(['queued', 'held', 'refused']).optional(),
  placement: z.enum(['deliver', 'junk', 'quarantine']).optional(),
  directSend: z.literal('true').optional().describe('Only Direct Send, taken or refused.'),
  spoof: z.enum(['any', ...SPOOF_KINDS]).optional(),
  spf: result.optional(),
  dmarc: result.optional(),
  attribution: z.enum(['originating', 'incoming', 'none']).optional(),
  connector: line(64).optional(),
  code: line(10).optional().describe('Refusal code, such as E201.'),
  network: line(64).optional().describe('An address, or a CIDR block.'),
  from: line(320).optional().describe('Envelope sender; of what was taken.'),
  to: line(320).optional().describe('Envelope recipient; of what was taken.'),
  since: time.optional().describe('RFC 3339, or milliseconds since the epoch.'),
  until: time.optional(),
  limit: pageSize,
  cursor,
  language,
});

/** What came to the edge: taken with what it proved, or refused with why. */
export function edgeTrafficRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/edge/messages',
    {
      schema: {
        tags,
        summary: 'Messages at the edge, newest first',
        description: 'Taken and refused ones. A page may be short while there is a next one.',
        querystring: messagesQuery,
        response: { 200: edgeMessagePage },
      },
    },
    async ({ query }) => {
      const most = query.limit ?? PAGE;
      const tell = tellerOf(query.language);
      const filter = filterOf(query, context.edge.listeners);
      const items: RecordedEvent[] = [];
      const end = await scan(context, filter, readCursor(z.int(), query.cursor), (event) => {
        if (isMessage(event)) items.push(event);
        return items.length < most;
      });
      return {
        items: items.map(showEdgeMessage).map((one) => ({ ...one, reasons: one.reasons.map(tell) })),
        next: end === undefined ? undefined : writeCursor(end),
      };
    },
  );

  api.get(
    '/edge/spoofs',
    {
      schema: {
        tags,
        summary: 'Who tried to appear as somebody from inside',
        description:
          'Attempts by network and imitated domain, the most first: mail that shows an own domain or one like it and proves nothing, and Direct Send that was refused.',
        querystring: z.object({
          since: time.optional().describe('Absent: the last seven days.'),
          until: time.optional(),
          network: line(64).optional().describe('An address, or a CIDR block.'),
          limit: pageSize,
        }),
        response: {
          200: z.object({
            items: z.array(spoofGroupShape),
            since: z.number(),
            complete: z.boolean().describe('False when there were more attempts than were counted.'),
          }),
        },
      },
    },
    async ({ query }) => {
      const { network, until, limit = PAGE } = query;
      const since = query.since ?? context.clock.now() - WEEK_MS;
      const base = {
        ...filterOf({ network, until }, context.edge.listeners),
        since,
      };
      const groups = new SpoofGroups();
      const add = (event: RecordedEvent): boolean => {
        groups.add(showEdgeMessage(event));
        return true;
      };
      const ends = [
        await scan(context, { ...base, details: [SPOOFED] }, undefined, add),
        await scan(context, { ...base, code: DIRECT_SEND_REFUSED }, undefined, add),
      ];
      return {
        items: groups.all().slice(0, limit),
        since,
        complete: ends.every((end) => end === undefined) && !groups.overflow,
      };
    },
  );
}

/** @throws Problem 400 */
function filterOf(query: Partial<z.infer<typeof messagesQuery>>, listeners: readonly string[]): EventFilter {
  const { outcome, placement, directSend, spoof, spf, dmarc, attribution, connector, network } = query;
  if (network !== undefined && canonicalNetwork(network) === undefined)
    throw new Problem(400, 'network: is no address or CIDR block', { field: 'network' });
  const details: DetailCondition[] = [];
  const wants = (name: string, values: (string | boolean)[] | undefined): void => {
    if (values) details.push({ paths: [`edge.${name}`, name], values });
  };
  wants('placement', placement && [placement]);
  wants('directSend', directSend && [true, 'yes']);
  wants('spf', spf === undefined ? undefined : [spf]);
  wants('dmarc', dmarc === undefined ? undefined : [dmarc]);
  wants('attribution', attribution && [attribution]);
  wants('connector', connector === undefined ? undefined : [connector]);
  if (spoof === 'any') details.push(SPOOFED);
  else wants('spoof', spoof && [spoof]);
  return {
    types:
      outcome === undefined ? ['acceptance', 'refusal'] : [outcome === 'refused' ? 'refusal' : 'acceptance'],
    outcome: outcome === 'refused' ? undefined : outcome,
    code: query.code?.toUpperCase(),
    network,
    from: query.from,
    to: query.to,
    since: query.since,
    until: query.until,
    listeners,
    details,
  };
}

/** Refusals of the protocol (an unknown command, a failed AUTH) are nobody's message. */
function isMessage({ type, code }: RecordedEvent): boolean {
  return type === 'acceptance' || (code?.startsWith('E') ?? false);
}

/**
 * Shows events, newest first, until `take` answers false, all were seen, or as many as one request may look at.
 * @returns where the next request goes on; undefined at the end
 */
async function scan(
  { journal }: Pick<ApiContext, 'journal'>,
  filter: EventFilter,
  from: number | undefined,
  take: (event: RecordedEvent) => boolean,
): Promise<number | undefined> {
  let before = from;
  for (let scanned = 0; scanned < MOST_SCANNED; scanned += BATCH) {
    const events = await journal.search(filter, BATCH, before);
    for (const event of events) {
      before = event.id;
      if (!take(event)) return before;
    }
    if (events.length < BATCH) return undefined;
  }
  return before;
}
