import type { Command } from 'commander';
import type { InboxEntry } from '../answers.ts';
import { type CommonOptions, openSession, type Session, withConnection } from '../command.ts';
import { usage } from '../failure.ts';
import { octets, type Output, printable, printableText, when } from '../output.ts';
import { wholeNumber } from '../values.ts';

interface Shown {
  entry: InboxEntry;
  headers: { name: string; value: string }[];
  text?: string;
  html?: string;
  attachments: { filename: string; contentType: string; size: number }[];
  truncated: boolean;
  signatures: { domain: string; selector: string; result: string; reason?: string }[];
}

interface ListOptions extends CommonOptions {
  limit: string;
  follow?: boolean;
}

export function inboxCommand(postern: Command): void {
  const inbox = postern.command('inbox').description('the sandbox inbox: what would have left');

  const list = inbox
    .command('list', { isDefault: true })
    .description('list messages, newest first (also: postern inbox alone)')
    .option('--limit <number>', 'most messages', '50')
    .option('-f, --follow', 'show messages as they arrive');
  withConnection(list).action(async (options: ListOptions) => {
    const session = await openSession(options);
    if (options.follow) await follow(session);
    else await listing(session, wholeNumber('--limit', options.limit));
  });

  withConnection(
    inbox.command('show <id>').description('show a message: headers, text, attachments, signatures'),
  ).action(async (id: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const shown = await api.get<Shown>(`/inbox/${identifier(id)}`);
    out.answer(shown, () => showMessage(out, shown));
  });

  withConnection(inbox.command('raw <id>').description('write a message as it would have left')).action(
    async (id: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      out.octets(await api.raw(`/inbox/${identifier(id)}/raw`));
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

async function listing({ api, out }: Session, limit: number): Promise<void> {
  const items = await api.list<InboxEntry>('/inbox', {}, limit);
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
      'The inbox is empty. Mail for which no route is set arrives here.',
    ),
  );
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

function showMessage(
  out: Output,
  { entry, headers, text, html, attachments, signatures, truncated }: Shown,
): void {
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
  for (const { name, value } of headers)
    out.line(`${out.style('cyan', printable(name))}: ${printable(value)}`);
  out.line();
  if (text !== undefined) out.line(printableText(text).trimEnd());
  else if (html !== undefined) out.line(printableText(html).trimEnd());
  if (attachments.length > 0) out.line();
  for (const one of attachments) {
    out.line(
      out.style(
        'dim',
        `[${printable(one.filename || 'no name')}, ${printable(one.contentType)}, ${octets(one.size)}]`,
      ),
    );
  }
  if (truncated) out.note(`Not all is shown; the whole of it: postern inbox raw ${entry.id}`);
}

function identifier(text: string): string {
  if (!/^\d{1,16}$/.test(text)) throw usage(`${text} is no number of a message; postern inbox lists them`);
  return text;
}
