import { z } from 'zod';
import { DIRECTIONS, MESSAGE_STATES } from '../journal/messages/message-row.ts';
import { deliveryShape, eventShape } from './shapes.ts';

const at = z.number().describe('Milliseconds since the epoch.');

export const messageShape = z
  .object({
    id: z.string().describe('Its name in this API: the identifier in the spool, or `refusal-` and a number.'),
    message: z.string().optional().describe('Identifier in the spool; absent for what was refused.'),
    at: at.describe('When it was accepted or refused.'),
    source: z.string().optional(),
    sourceName: z.string().optional(),
    listener: z.string().optional(),
    direction: z.enum(DIRECTIONS),
    network: z.string().optional(),
    session: z.string().optional(),
    from: z.string().optional().describe('Envelope sender; empty for notices.'),
    headerFrom: z.string().optional().describe('Where it is not the envelope sender.'),
    recipients: z.array(z.string()).describe('The first of them.'),
    recipientCount: z.int(),
    subject: z.string().optional(),
    messageId: z.string().optional(),
    size: z.number().optional(),
    state: z.enum(MESSAGE_STATES),
    hold: z.string().optional().describe('Why it is held.'),
    code: z.string().optional().describe('Of the refusal, or of the last attempt.'),
    reply: z.string().optional().describe('The last one.'),
    attempts: z.int(),
    lastAt: at.describe('When something was last heard of it.'),
  })
  .meta({ id: 'Message' });

export const listShape = z.object({
  items: z.array(messageShape),
  next: z.string().optional().describe('Cursor of the next page; absent on the last.'),
  reached: at
    .optional()
    .describe('Time was up before the page was full: everything down to here was looked at; `next` goes on.'),
  total: z
    .object({ count: z.int(), more: z.boolean().describe('There are more than were counted.') })
    .optional()
    .describe('With the first page, where counting is cheap.'),
});

export const omittedShape = z
  .object({
    count: z.int(),
    after: z.int().describe('Identifier of the event before the gap.'),
  })
  .describe(
    'How many events of the message were left out, because there are too many: GET /messages/MESSAGE/events has all.',
  )
  .meta({ id: 'OmittedEvents' });

export const eventPageShape = z.object({
  items: z.array(eventShape),
  next: z.string().optional().describe('Cursor of the next page; absent on the last.'),
});

export const storyShape = z.object({
  message: messageShape,
  summary: z.string().describe('What became of it, in one sentence.'),
  events: z
    .array(eventShape)
    .describe('Of its session and of itself, oldest first: how it came in always, then the newest.'),
  omitted: omittedShape.optional(),
  deliveries: z.array(deliveryShape).describe('What still waits.'),
  transcript: z.boolean().describe('What was said in its session is kept: GET /transcripts/SESSION.'),
  content: z
    .object({ spool: z.boolean(), inbox: z.number().optional().describe('Its number in the sandbox inbox.') })
    .describe('Where the message itself still is.'),
});
