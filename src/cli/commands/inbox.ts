import type { Command } from 'commander';
import type { InboxEntry } from '../answers.ts';
import {
  type CommonOptions,
  noteUnknownSource,
  openSession,
  type Session,
  withConnection,
} from '../command.ts';
import { usage } from '../failure.ts';
import { contentAt, partCommand, showContent } from '../message-content.ts';
import { octets, type Output, printable, when } from '../output.ts';
import { wholeNumber } from '../values.ts';

interface Shown {
  entry: InboxEntry;
  signatures: { domain: string; selector: string; result: string; reason?: string }[];
}

interface ListOptions extends CommonOptions {
  limit: string;
  search?: string;
  source?: string;
  follow?: boolean;
}

export function inboxCommand(postern: Command): void {
  const inbox = postern.command('inbox').description('the sandbox inbox: what would have left');

  const list = inbox
    .command('list', { isDefault: true })
    .description('list messages, newest first (also: postern inbox alone)')
    .option('--search <text>', 'part of subject, From field, sender or a recipient')
    .option('--source <name>', 'of this source')
    .option('--limit <number>', 'most messages', '50')
    .option('-f, --follow', 'show messages as they arrive');
  withConnection(list).action(async (options: ListOptions) => {
    const session = await openSession(options);
    const { search, source } = options;
    if (!options.follow) await listing(session, { search, source }, wholeNumber('--limit', options.limit));
    else if (search === undefined && source === undefined) await follow(session);
    else throw usage('--follow shows all that arrives: leave --search and --source out');
  });

  withConnection(
    inbox.command('show <id>').description('show a message: headers, text, attachments, signatures'),
  ).action(async (id: string, options: CommonOptions) => {
    const session = await openSession(options);
    const shown = await session.api.get<Shown>(placeOf(id));
    const content = await contentAt(session, placeOf(id));
    session.out.answer({ ...shown, ...content }, () => {
      showEntry(session.out, shown);
      showContent(session.out, content, `postern inbox raw ${id}`);
    });
  });

  partCommand(inbox, { argument: 'id', place: placeOf });

  withConnection(inbox.command('raw <id>').description('write a message as it would have left')).action(
    async (id: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      out.octets(await api.raw(`${placeOf(id)}/raw`));
    },
  );

  withConnection(inbox.command('clear').description('empty the inbox')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const answer = await api.send<{ count: number }>('DELETE', '/inbox');
      out.answer(answer, () =>
        out.done(`${answer.count} ${answer.count === 1 ? 'message' : 'messages'} removed`),
      );
    },
  );
}

async function listing(
  session: Session,
  filter: { search?: string; source?: string },
  limit: number,
): Promise<void> {
  const { api, out } = session;
  const items = await api.list<InboxEntry>('/inbox', filter, limit);
  out.answer(items, () =>
    out.table(
      ['ID', 'RECEIVED', 'SOURCE', 'FROM', 'TO', 'SUBJECT', 'SIZE'],
      items.map((one) => [
        String(one.id),
        when(one.receivedAt),
        one.sourceName,
        one.headerFrom || one.from || '<>',
        one.recipients.length > 1
          ? `${one.recipients[0]}, +${one.recipients.length - 1}`
          : (one.recipients[0] ?? ''),
        one.subject.slice(0, 60),
        octets(one.size),
      ]),
      filter.search === undefined && filter.source === undefined
        ? 'The inbox is empty. Mail for which no route is set arrives here.'
        : 'No message in the inbox is like this.',
    ),
  );
  if (items.length === 0) await noteUnknownSource(session, filter.source);
}

async function follow({ api, out }: Session): Promise<void> {
  for await (const one of await api.follow<InboxEntry>('/inbox', {})) {
    out.record(
      one,
      () =>
        `${out.style('dim', when(one.receivedAt))} ${out.style('bold', String(one.id))} ${printable(`${one.sourceName}: ${one.headerFrom || one.from || '<>'} → ${one.recipients.join(', ')}: ${one.subject} (${octets(one.size)})`)}`,
    );
  }
}

function showEntry(out: Output, { entry, signatures }: Shown): void {
  out.fields([
    [
      'Message',
      `${entry.message} from source ${entry.sourceName}, ${when(entry.receivedAt)}, ${octets(entry.size)}`,
    ],
    ['Envelope', `${entry.from || '<>'} → ${entry.recipients.join(', ')}`],
  ]);
  if (signatures.length === 0) out.note('No DKIM signature');
  for (const { domain, selector, result, reason } of signatures) {
    const words = `DKIM ${result}: ${domain}, selector ${selector}${reason ? ` (${reason})` : ''}`;
    if (result === 'pass') out.done(printable(words));
    else out.note(printable(words));
  }
  out.line();
}

function placeOf(id: string): string {
  if (!/^\d{1,16}$/.test(id)) throw usage(`${id} is no number of a message; postern inbox lists them`);
  return `/inbox/${id}`;
}
