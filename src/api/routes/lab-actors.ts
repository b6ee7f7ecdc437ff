import { z } from 'zod';
import { act } from '../../lab/actors/actor.ts';
import { actorOf, CAST } from '../../lab/actors/cast.ts';
import { directSenders } from '../../lab/inventory.ts';
import { systemDialer } from '../../platform/dialer.ts';
import type { ApiContext } from '../context.ts';
import { labMessageShape, labRecordType } from '../lab-shapes.ts';
import { time } from '../parameters.ts';
import { Problem } from '../problem.ts';
import type { Api } from '../scope.ts';

const language = z.enum(['en', 'fr']);
const actorClass = z.enum(['legitimate', 'attack']);
const way = z.enum(['direct-send', 'relay', 'partner-connector', 'internet']);

const outcome = z.object({
  actor: z.string(),
  class: actorClass,
  way,
  accepted: z.boolean().describe('The server that the actor talked to has taken the message.'),
  reply: z.string(),
  transcript: z.array(z.object({ by: z.enum(['client', 'server', 'note']), text: z.string() })),
  client: z.object({ address: z.string(), hello: z.string() }),
  envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
  headerFrom: z.string(),
  subject: z.string(),
  messageId: z.string(),
  message: z.string().describe('As it was sent.'),
  octets: z.int(),
  landed: z
    .array(labMessageShape)
    .readonly()
    .describe('Where it lies in the end; empty when it came nowhere.'),
  landedHead: z.string().describe('The header section of the first of them.'),
});

/** Those who send in a lab, and what can be known of it only there. */
export function labActorRoutes(api: Api, context: ApiContext): void {
  const { lab, clock, random } = context;
  if (!lab) return;
  const tags = ['Lab'];

  api.get(
    '/lab/actors',
    {
      schema: {
        tags,
        summary: 'List the actors',
        querystring: z.object({ language: language.optional() }),
        response: {
          200: z.object({
            items: z.array(z.object({ name: z.string(), class: actorClass, way, what: z.string() })),
          }),
        },
      },
    },
    async ({ query }) => ({
      items: CAST.map(({ name, class: kind, way: by, what }) => ({
        name,
        class: kind,
        way: by,
        what: what[query.language ?? lab.language],
      })),
    }),
  );

  api.post(
    '/lab/actors/:name/send',
    {
      schema: {
        tags,
        summary: 'Let an actor send one message',
        description:
          'Really, by SMTP, to this machine only. Answers when the message has come to where it goes.',
        params: z.object({ name: z.string().max(60) }),
        body: z.strictObject({ language: language.optional().describe('Of the message.') }).optional(),
        response: { 200: outcome },
      },
    },
    async ({ params, body }) => {
      const actor = actorOf(params.name);
      if (!actor) {
        const names = CAST.map(({ name }) => name).join(', ');
        throw new Problem(404, `there is no actor ${params.name}; there are ${names}`, { field: 'name' });
      }
      const result = await act(actor, lab, { clock, random, dialer: systemDialer }, body?.language);
      return { ...result, transcript: [...result.transcript] };
    },
  );

  api.get(
    '/lab/direct-senders',
    {
      schema: {
        tags,
        summary: 'Who has used Direct Send, by address',
        querystring: z.object({ since: time.optional() }),
        response: {
          200: z.object({
            items: z.array(
              z.object({
                address: z.string(),
                name: z.string().optional().describe('By reverse DNS.'),
                hello: z.string(),
                messages: z.int(),
                senders: z.array(z.string()).describe('Envelope senders.'),
                dmarc: z.array(z.string()),
              }),
            ),
          }),
        },
      },
    },
    async ({ query }) => ({ items: directSenders(lab, query.since) }),
  );

  api.get(
    '/lab/dns/:name/:type',
    {
      schema: {
        tags,
        summary: 'What the name server of the lab answers',
        params: z.object({ name: z.string().max(255), type: labRecordType }),
        response: { 200: z.object({ values: z.array(z.string()) }) },
      },
    },
    async ({ params }) => ({ values: [...lab.dns.get(params.name.toLowerCase(), params.type)] }),
  );
}
