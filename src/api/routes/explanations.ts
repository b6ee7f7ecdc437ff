import { z } from 'zod';
import { tellerOf } from '../../french/french.ts';
import { REFUSALS } from '../../refusals.ts';
import type { ApiContext } from '../context.ts';
import { readEvents } from '../message-events.ts';
import { omittedShape } from '../message-shapes.ts';
import { language, messageId } from '../parameters.ts';
import { mayUseSourceId } from '../own-sources.ts';
import { explainCode, Problem } from '../problem.ts';
import type { Api } from '../scope.ts';
import { deliveryShape, eventShape } from '../shapes.ts';
import { tellStory } from '../story.ts';
import { showDelivery, showEvent } from '../views.ts';

const MOST_WAITING = 500;

const refusalShape = z
  .object({
    code: z.string(),
    reply: z.int(),
    enhanced: z.string(),
    text: z.string(),
    explanation: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'Refusal' });

const inLanguage = z.object({ language });

function explain(code: string, query: z.infer<typeof inLanguage>): Explained | undefined {
  const found = explainCode(code);
  const tell = tellerOf(query.language);
  return found && { ...found, explanation: tell(found.explanation), remedy: tell(found.remedy) };
}

type Explained = z.infer<typeof refusalShape>;

/** Why: a refusal code in full, and the story of a message. */
export function explanationRoutes(api: Api, context: ApiContext): void {
  const tags = ['Explanations'];

  api.get(
    '/refusals',
    {
      config: { role: 'anyone' },
      schema: {
        tags,
        summary: 'List all refusal codes',
        querystring: inLanguage,
        response: { 200: z.object({ items: z.array(refusalShape) }) },
      },
    },
    async ({ query }) => ({ items: Object.keys(REFUSALS).flatMap((code) => explain(code, query) ?? []) }),
  );

  api.get(
    '/refusals/:code',
    {
      config: { role: 'anyone' },
      schema: {
        tags,
        summary: 'What a refusal code means, and what to change',
        params: z.object({ code: z.string().max(10) }),
        querystring: inLanguage,
        response: { 200: refusalShape },
      },
    },
    async ({ params, query }) => {
      const found = explain(params.code, query);
      if (!found) throw new Problem(404, `there is no refusal code ${JSON.stringify(params.code)}`);
      return found;
    },
  );

  api.get(
    '/messages/:message/why',
    {
      config: { ownSources: true },
      schema: {
        tags,
        summary: 'The story of a message: its events in order, in plain words',
        params: z.object({ message: messageId }),
        response: {
          200: z.object({
            summary: z.string(),
            steps: z.array(z.object({ at: z.number(), text: z.string() })),
            events: z.array(eventShape),
            omitted: omittedShape.optional(),
            deliveries: z.array(deliveryShape),
          }),
        },
      },
    },
    async ({ params, principal }) => {
      const { message } = params;
      await context.journal.flush();
      const [{ events, omitted }, waiting] = await Promise.all([
        readEvents(context, message),
        context.spool.list({ message }, MOST_WAITING),
      ]);
      const foreign = [...events, ...waiting].some(
        ({ source }) => !mayUseSourceId(context, principal, source),
      );
      if (foreign || events.length + waiting.length === 0) {
        throw new Problem(404, `nothing is known of a message ${message}; the journal may have aged it out`);
      }
      return {
        ...tellStory(events, waiting, (id) => context.sources.byId(id)?.name ?? id),
        events: events.map((event) => showEvent(context, event)),
        omitted,
        deliveries: waiting.map((one) => showDelivery(context, one)),
      };
    },
  );
}
