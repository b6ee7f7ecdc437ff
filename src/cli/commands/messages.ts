import type { Command } from 'commander';
import type { z } from 'zod';
import type { messageShape } from '../../api/message-shapes.ts';
import type { Delivery, Event } from '../answers.ts';
import { type CommonOptions, noteUnknownSource, openSession, withConnection } from '../command.ts';
import { readingCommands } from '../message-content.ts';
import { octets, type Output, printable, when } from '../output.ts';
import { moment, wholeNumber } from '../values.ts';

type Message = z.infer<typeof messageShape>;

interface MessagesOptions extends CommonOptions {
  query?: string;
  from?: string;
  to?: string;
  subject?: string;
  message?: string;
  source?: string;
  network?: string;
  code?: string;
  state?: string;
  direction?: string;
  since?: string;
  until?: string;
  limit: string;
}

export function messagesCommand(postern: Command): void {
  const messages = postern
    .command('messages')
    .description('search messages, newest first: what was accepted, refused, delivered, given up')
    .option('-q, --query <text>', 'a part of senders, recipients, subject or Message-ID')
    .option('--from <address>', 'sender: an address, @domain, or a part; <> for notices')
    .option('--to <address>', 'recipient: an address, @domain, or a part')
    .option('--subject <text>', 'a part of the subject')
    .option('--message <id>', 'identifier or its beginning, or a Message-ID')
    .option('--source <name>', 'of one source')
    .option('--network <cidr>', 'from one address or network')
    .option('--code <code>', 'with one refusal code')
    .option(
      '--state <states>',
      'queued, deferred, held, partly, delivered, bounced, refused, deleted (several with commas)',
    )
    .option('--direction <directions>', 'submission, api, edge, relay (several with commas)')
    .option('--since <when>', '30m, 2h, 7d ago, or a date')
    .option('--until <when>', 'the same')
    .option('--limit <number>', 'the newest so many', '50');
  readingCommands(messages, {
    argument: 'message',
    place: (message) => `/messages/${encodeURIComponent(message)}`,
  });
  withConnection(messages).action(async ({ query: q, since, until, limit, ...options }: MessagesOptions) => {
    const session = await openSession(options);
    const { api, out } = session;
    const now = Date.now();
    const { from, to, subject, message, source, network, code, state, direction } = options;
    const items = await api.list<Message>(
      '/messages',
      {
        q,
        from,
        to,
        subject,
        message,
        source,
        network,
        code,
        state,
        direction,
        since: since === undefined ? undefined : moment('--since', since, now),
        until: until === undefined ? undefined : moment('--until', until, now),
      },
      wholeNumber('--limit', limit),
    );
    out.answer(items, () => {
      out.table(
        ['MESSAGE', 'AT', 'SOURCE', 'FROM', 'TO', 'SUBJECT', 'STATE', 'CODE'],
        items.map((one) => [
          one.id,
          when(one.at),
          one.sourceName ?? one.direction,
          one.from === '' ? '<>' : (one.from ?? ''),
          recipientsOf(one),
          (one.subject ?? '').slice(0, 40),
          one.hold ? `${one.state} (${one.hold})` : one.state,
          one.code ?? '',
        ]),
        'No message matches.',
      );
    });
    if (items.length === 0) await noteUnknownSource(session, source);
  });

  withConnection(
    postern
      .command('message <id>')
      .description('show one message with its story, connection and attempts')
      .option('--all', 'also the events that are left out where there are too many'),
  ).action(async (id: string, { all, ...options }: CommonOptions & { all?: boolean }) => {
    const { api, out } = await openSession(options);
    const place = `/messages/${encodeURIComponent(id)}`;
    const story = await api.get<Story>(place);
    if (all && story.omitted) {
      const events = await api.list<Event>(`${place}/events`, {}, Number.MAX_SAFE_INTEGER);
      const each = new Map([...story.events, ...events].map((event) => [event.id, event]));
      story.events = [...each.values()].sort((a, b) => a.id - b.id);
      delete story.omitted;
    }
    out.answer(story, () => showStory(out, story));
  });
}

interface Story {
  message: Message;
  summary: string;
  events: Event[];
  omitted?: { count: number; after: number };
  deliveries: Delivery[];
  transcript: boolean;
  content: { spool: boolean; inbox?: number };
}

function showStory(out: Output, story: Story): void {
  const { message, summary, events, omitted, deliveries, transcript, content } = story;
  out.heading(printable(summary));
  out.line();
  out.fields([
    ['Message', message.id],
    ['At', when(message.at)],
    ['From', message.from === '' ? '<>' : message.from],
    ['Header From', message.headerFrom],
    [
      'To',
      message.recipients.join('\n') +
        (message.recipientCount > message.recipients.length
          ? `\nand ${message.recipientCount - message.recipients.length} more`
          : ''),
    ],
    ['Subject', message.subject],
    ['Message-ID', message.messageId],
    ['Source', message.sourceName],
    ['Came in by', [message.listener, message.network].filter(Boolean).join(' from ') || message.direction],
    ['Size', message.size === undefined ? undefined : octets(message.size)],
    ['State', message.hold ? `${message.state} (${message.hold})` : message.state],
    [
      'Content',
      content.inbox !== undefined
        ? `postern inbox show ${content.inbox}`
        : content.spool
          ? 'in the spool'
          : 'not kept',
    ],
    [
      'Transcript',
      transcript && message.session ? `postern refusals transcript ${message.session}` : undefined,
    ],
  ]);
  for (const one of deliveries)
    out.line(
      printable(
        `${one.state === 'held' ? `Held (${one.hold})` : `Waits until ${when(one.nextAttemptAt)}`} for ${one.domain} by route ${one.route}${one.rerouted ? ' (chosen by hand)' : ''}${one.lastReply ? `: ${one.lastReply}` : ''}`,
      ),
    );
  out.line();
  for (const event of events) {
    const facts = [event.code, event['destination'], event['outcome'], event['reply'], event.text];
    out.line(
      `${out.style('dim', when(event.at))}  ${event.type.padEnd(22)} ${printable(facts.filter((fact) => typeof fact === 'string').join(' '))}`,
    );
    if (omitted && event.id === omitted.after)
      out.line(out.style('dim', `… ${leftOut(omitted.count)}: postern message ${message.id} --all`));
  }
}

/** As `postern why` says it too. */
export function leftOut(count: number): string {
  return count === 1 ? '1 event is left out here' : `${count} events are left out here`;
}

function recipientsOf({ recipients, recipientCount }: Message): string {
  const [first = ''] = recipients;
  return recipientCount > 1 ? `${first} and ${recipientCount - 1} more` : first;
}
