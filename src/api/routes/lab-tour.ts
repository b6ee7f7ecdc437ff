import { z } from 'zod';
import type { LabLanguage } from '../../lab/lab.ts';
import { AS_FOUND, PAYROLL, type Part, SCRIPT, settingsBefore } from '../../lab/tour/script.ts';
import type { StepTexts } from '../../lab/tour/texts.ts';
import { TOUR_TEXTS } from '../../lab/tour/tour.ts';
import type { ApiContext } from '../context.ts';
import type { Api } from '../scope.ts';

const value = z.union([z.boolean(), z.string()]);
const ifConnector = z
  .string()
  .optional()
  .describe('Left out where the tenant has no connector of this name.');
const plain = <K extends string>(kind: K) => z.object({ kind: z.literal(kind), ifConnector });

const partShape = z.discriminatedUnion('kind', [
  plain('note').extend({
    text: z.string(),
    ifTaken: z.boolean().optional().describe('Only where what was sent before it was taken.'),
  }),
  plain('facts').describe('How the tenant is set.'),
  plain('senders').describe('Who has used Direct Send: GET /lab/direct-senders.'),
  plain('outlook').describe('What may be done next.'),
  plain('link').extend({ address: z.string().describe('Where the QR code leads.') }),
  plain('record').extend({ name: z.string().describe('Of a TXT record of the DNS of the lab.') }),
  plain('set').extend({ setting: z.string(), value, command: z.string().optional() }),
  plain('switch').extend({ connector: z.string(), enabled: z.boolean() }),
  plain('send').extend({
    actor: z.string(),
    taken: z.boolean().describe('What the step tells.'),
    fields: z.boolean().optional().describe('What the front door wrote into it is worth a look.'),
    heading: z.string().optional(),
  }),
]);

const tourShape = z.object({
  title: z.string(),
  welcome: z.string(),
  settings: z.array(z.string()).describe('Settings that the tour changes, and that are put back after it.'),
  connector: z.string().describe('The connector that it switches.'),
  steps: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      before: z.string().describe('What will happen.'),
      why: z.string(),
      remember: z.array(z.string()),
      settings: z.record(z.string(), value).describe('How the tenant has to be set when the step begins.'),
      parts: z.array(partShape),
    }),
  ),
  order: z.array(z.string()).describe('What to do at home, in this order.'),
});

/** The guided tour of a lab: what each step says, does and shows. Whoever gives it acts by the other routes. */
export function labTourRoutes(api: Api, { lab }: ApiContext): void {
  if (!lab) return;
  api.get(
    '/lab/tour',
    {
      schema: {
        tags: ['Lab'],
        summary: 'The guided tour, step by step',
        querystring: z.object({ language: z.enum(['en', 'fr']).optional() }),
        response: { 200: tourShape },
      },
    },
    async ({ query }) => tourIn(query.language ?? lab.language),
  );
}

function tourIn(language: LabLanguage): z.infer<typeof tourShape> {
  const { title, welcome, steps, order } = TOUR_TEXTS[language];
  return {
    title,
    welcome,
    settings: AS_FOUND.map(([name]) => name),
    connector: PAYROLL,
    steps: SCRIPT.map(({ name, parts }) => {
      const step: StepTexts<string> = steps[name];
      const { title: heading, before, why, remember, notes } = step;
      return {
        name,
        title: heading,
        before,
        why,
        remember: [...remember],
        settings: settingsBefore(name),
        parts: parts.map((part) => worded(part, notes)),
      };
    }),
    order: [...order],
  };
}

/** With what its notes say in place of their names. */
function worded(part: Part, notes: Readonly<Record<string, string>>): z.infer<typeof partShape> {
  if (part.kind === 'note') {
    const { note, ...rest } = part;
    return { ...rest, text: notes[note] ?? '' };
  }
  if (part.kind !== 'send') return part;
  const { heading, rest: _rest, ...send } = part;
  return { ...send, ...(heading !== undefined && { heading: notes[heading] ?? '' }) };
}
