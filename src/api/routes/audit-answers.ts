import { z } from 'zod';
import { SENDER_CLASSES } from '../../audit/classify/class-rules.ts';
import { LACKS } from '../../audit/classify/doubts.ts';
import { isLeft } from '../../audit/gate/gate.ts';
import { countsOf } from '../../audit/inventory/counts.ts';
import { senderId } from '../../audit/inventory/inventory.ts';
import type { SenderLine } from '../../audit/inventory/line.ts';
import type { StoredNote } from '../../audit/inventory/notes.ts';
import { decide, senderNamed, whatIf } from '../../audit/run/review.ts';
import { attemptAudit } from '../audit-problem.ts';
import {
  campaignShape,
  decisionShape,
  effectShape,
  gateShape,
  inventoryShape,
  noteFields,
  provenSenderShape,
  senderShape,
  timelineShape,
} from '../audit-shapes.ts';
import { recordChange } from '../changes.ts';
import type { ApiContext } from '../context.ts';
import { cursor, etagOf, flag, PAGE, pageSize, readCursor, wholeNumber, writeCursor } from '../parameters.ts';
import type { Api } from '../scope.ts';
import { page } from '../shapes.ts';
import { refuseStale } from './sources.ts';

const tags = ['Direct Send audit'];
const named = z.object({ sender: z.string().min(1).max(300).describe('Identifier or name.') });
const gateAndEffects = z.object({ gates: z.array(gateShape), effects: z.array(effectShape) });

/** What the last run has found, with the decisions of today. */
export function auditAnswerRoutes(api: Api, context: ApiContext): void {
  senderRoutes(api, context);
  const { audit } = context;

  api.get(
    '/audit/campaigns',
    {
      schema: {
        tags,
        summary: 'Attacks: forged messages that belong together, the largest first',
        querystring: z.object({ limit: pageSize, cursor }),
        response: { 200: page(campaignShape) },
      },
    },
    async ({ query }) => {
      const { campaigns } = (await attemptAudit(() => audit.answer())).answer;
      return slice(campaigns, query);
    },
  );

  api.get(
    '/audit/gate',
    {
      schema: {
        tags,
        summary: 'Whether it is safe to switch on, for each accepted domain',
        response: { 200: gateAndEffects },
      },
    },
    async () => {
      const { gates, effects } = (await attemptAudit(() => audit.answer())).answer;
      return { gates, effects };
    },
  );

  api.get(
    '/audit/what-if',
    {
      schema: {
        tags,
        summary: 'What the gate would say if senders were moved; nothing is changed',
        querystring: z.object({
          domain: z.string().max(255).optional().describe('Only this accepted domain.'),
          moved: z.string().max(10_000).optional().describe('Identifiers of senders, comma separated.'),
          waves: wholeNumber(0, 99).optional().describe('All senders up to this wave.'),
        }),
        response: { 200: gateAndEffects },
      },
    },
    async ({ query }) => {
      const { moved, waves = 0 } = query;
      const supposed = await attemptAudit(async () => {
        const stored = await audit.answer();
        const notes = await (await audit.book()).notes.all();
        return whatIf(stored, notes, { moved: moved?.split(',').map((id) => id.trim()), waves });
      });
      const wanted = <T extends { domain: string }>(items: T[]): T[] =>
        items.filter(({ domain }) => query.domain === undefined || domain === query.domain.toLowerCase());
      return { gates: wanted(supposed.answer.gates), effects: wanted(supposed.answer.effects) };
    },
  );

  api.get(
    '/audit/decisions',
    {
      schema: {
        tags,
        summary: 'Who decided what about senders, the newest first; of the command line too',
        querystring: z.object({
          sender: z.string().max(300).optional().describe('Identifier or name of a sender.'),
          limit: pageSize,
          cursor,
        }),
        response: { 200: page(decisionShape) },
      },
    },
    async ({ query }) => {
      const { limit = PAGE, sender } = query;
      const line =
        sender === undefined
          ? undefined
          : await attemptAudit(async () => senderNamed(await audit.answer(), sender));
      const before = readCursor(z.int().min(1), query.cursor);
      const found = await (await audit.book()).decisions.list({
        ...(line && { sender: line.key }),
        ...(before !== undefined && { before }),
        limit: limit + 1,
      });
      const items = found.slice(0, limit);
      return {
        items: items.map((one) => ({ ...one, sender: senderId(one.sender) })),
        next: found.length > limit ? writeCursor(items.at(-1)?.id) : undefined,
      };
    },
  );

  api.get(
    '/audit/timeline',
    {
      schema: {
        tags,
        summary: 'Direct Send and abuse by day',
        response: { 200: z.object({ items: z.array(timelineShape) }) },
      },
    },
    async () => ({ items: (await attemptAudit(() => audit.answer())).answer.timeline }),
  );
}

const ORDERS = ['name', 'perDay', 'first', 'last'] as const;
type Order = (typeof ORDERS)[number];

function senderRoutes(api: Api, context: ApiContext): void {
  const { audit } = context;

  api.get(
    '/audit/inventory',
    {
      schema: {
        tags,
        summary: 'Senders counted by class and wave, and which evidence would tell more',
        response: { 200: inventoryShape },
      },
    },
    async () => countsOf((await attemptAudit(() => audit.answer())).answer.senders),
  );

  api.get(
    '/audit/senders',
    {
      schema: {
        tags,
        summary: 'The inventory: what is proven first, then by volume',
        querystring: z.object({
          left: flag
            .optional()
            .describe('Only those that would be refused and for which nothing was decided; or the others.'),
          campaign: z.string().max(100).optional().describe('Only those that took part in it.'),
          lacks: z.enum(LACKS).optional().describe('Only those that this evidence would tell more of.'),
          sort: z
            .enum(ORDERS.flatMap((order) => [order, `-${order}` as const]))
            .optional()
            .describe('With a minus: the other way round.'),
          directSend: z.enum(['proven', 'candidate', 'no']).optional(),
          class: z.enum(SENDER_CLASSES).optional(),
          wave: wholeNumber(1, 99).optional(),
          domain: z.string().max(255).optional(),
          decided: flag.optional().describe('Only those with, or without, a decision.'),
          search: z.string().max(200).optional().describe('Part of a name, address, HELO or sender.'),
          limit: pageSize,
          cursor,
        }),
        response: { 200: page(senderShape) },
      },
    },
    async ({ query }) => {
      const { directSend, class: kind, wave, domain, decided, left, campaign, lacks, search, sort } = query;
      const wanted = search?.toLowerCase();
      const { senders } = (await attemptAudit(() => audit.answer())).answer;
      const found = senders.filter(
        (line) =>
          (directSend === undefined || line.directSend === directSend) &&
          (kind === undefined || line.class === kind) &&
          (wave === undefined || line.wave === wave) &&
          (domain === undefined || line.domains[domain.toLowerCase()] !== undefined) &&
          (left === undefined || isLeft(line) === left) &&
          (campaign === undefined || line.abuse.campaigns.includes(campaign)) &&
          (lacks === undefined || line.lacks.includes(lacks)) &&
          (decided === undefined || (line.note?.decision !== undefined) === decided) &&
          (wanted === undefined ||
            [line.id, line.name, ...line.addresses, ...line.helos, ...line.senders, ...line.authors].some(
              (text) => text.toLowerCase().includes(wanted),
            )),
      );
      return slice(sort === undefined ? found : sorted(found, sort), query);
    },
  );

  api.get(
    '/audit/senders/:sender',
    {
      schema: {
        tags,
        summary: 'One sender with its proof and way out',
        params: named,
        response: { 200: provenSenderShape },
      },
    },
    async ({ params }, reply) => {
      const stored = await attemptAudit(() => audit.answer());
      const line = await attemptAudit(async () => senderNamed(stored, params.sender));
      const known = (await (await audit.book()).notes.all()).get(line.key);
      return reply
        .header('etag', tagOf(known))
        .send({ ...line, proofs: stored.answer.proofs[line.id] ?? [] });
    },
  );

  api.patch(
    '/audit/senders/:sender',
    {
      schema: {
        tags,
        summary: 'Decide what shall become of a sender; `null` takes a field away',
        description:
          'It counts at once, and survives the next run. With If-Match, only when nobody has decided since (412 otherwise).',
        params: named,
        headers: z.object({ 'if-match': z.string().max(100).optional() }),
        body: noteFields,
        response: { 200: senderShape },
      },
    },
    async (request, reply) => {
      const { body, headers, params } = request;
      const line = await attemptAudit(async () => senderNamed(await audit.answer(), params.sender));
      const book = await audit.book();
      const known = (await book.notes.all()).get(line.key);
      refuseStale(headers['if-match'], tagOf(known));
      const { before, after } = await attemptAudit(() =>
        decide(book, line, body, {
          now: context.clock.now(),
          by: request.principal.name,
          version: known?.version ?? 0,
        }),
      );
      recordChange(context, request, `Direct Send audit: decided on ${line.id}`, {
        before,
        after: after.note,
      });
      const changed = senderNamed(await audit.answer(), line.id);
      return reply.header('etag', tagOf(after)).send(changed);
    },
  );
}

function sorted(lines: readonly SenderLine[], sort: Order | `-${Order}`): SenderLine[] {
  const order = sort.replace('-', '') as Order;
  const direction = sort.startsWith('-') ? -1 : 1;
  const valueOf = ({ messages, first = 0, last = 0 }: SenderLine): number =>
    ({ perDay: messages.perDay, first, last, name: 0 })[order];
  return lines.toSorted(
    (a, b) =>
      direction * (order === 'name' ? a.name.localeCompare(b.name) : valueOf(a) - valueOf(b)) ||
      (a.id < b.id ? -1 : 1),
  );
}

function tagOf(note: StoredNote | undefined): string {
  return etagOf(note?.version ?? 0);
}

function slice<T>(
  items: readonly T[],
  query: { limit?: number; cursor?: string },
): { items: T[]; next?: string } {
  const limit = query.limit ?? PAGE;
  const start = readCursor(z.int().min(0), query.cursor) ?? 0;
  const next = start + limit < items.length ? writeCursor(start + limit) : undefined;
  return { items: items.slice(start, start + limit), next };
}
