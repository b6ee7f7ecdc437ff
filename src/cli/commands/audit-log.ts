import type { Command } from 'commander';
import type { z } from 'zod';
import type { auditEntryShape } from '../../api/people-shapes.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { EXIT, Failure, usage } from '../failure.ts';
import { when } from '../output.ts';
import { moment, wholeNumber } from '../values.ts';

type Entry = z.infer<typeof auditEntryShape>;

interface Verification {
  intact: boolean;
  entries: number;
  head: { count: number; hash: string };
  problems: { sequence: number; problem: string; text: string }[];
}

/** What people and programs did. */
export function auditLogCommand(postern: Command): void {
  const log = postern.command('audit-log').description('what people and programs did, tamper-evident');

  withConnection(
    log
      .command('list')
      .description('list entries, oldest first')
      .option('--by <who>', 'of this person (address or identifier) or token')
      .option('--source <source>', 'about this source')
      .option('--since <when>', 'from then on, such as 2h, 7d or 2026-01-31')
      .option('--until <when>', 'before then')
      .option('-n, --limit <count>', 'the last so many', '50'),
  ).action(
    async (
      options: CommonOptions & {
        by?: string;
        source?: string;
        since?: string;
        until?: string;
        limit: string;
      },
    ) => {
      const { api, out } = await openSession(options);
      const now = Date.now();
      const time = (name: 'since' | 'until') => {
        const text = options[name];
        return text === undefined ? undefined : moment(`--${name}`, text, now);
      };
      const entries = await api.list<Entry>(
        '/audit-log',
        { actor: options.by, source: options.source, since: time('since'), until: time('until') },
        wholeNumber('--limit', options.limit),
      );
      entries.reverse();
      out.answer(entries, () => {
        out.table(
          ['NUMBER', 'TIME', 'WHO', 'FROM', 'WHAT'],
          entries.map((one) => [String(one.sequence), when(one.at), one.actor.name, one.network, one.action]),
          'Nothing was done that matches.',
        );
      });
    },
  );

  withConnection(
    log
      .command('verify')
      .description('look whether entries were altered, removed or moved; ends with 1 when they were')
      .option(
        '--noted <count:hash>',
        'also whether the log still holds what it held when this was noted down',
      ),
  ).action(async (options: CommonOptions & { noted?: string }) => {
    const { api, out } = await openSession(options);
    const found = await api.get<Verification>('/audit-log/verify', notedHead(options.noted));
    out.answer(found, () => {
      for (const { text } of found.problems) out.note(text);
      if (found.intact) out.done(`${found.entries} entries, none altered, removed or moved`);
      out.line('To note down where the relay can not write:');
      out.line(`${found.head.count}:${found.head.hash}`);
    });
    if (!found.intact) throw new Failure('the audit log is not what was written', EXIT.refused, found);
  });

  withConnection(
    log
      .command('export')
      .description('write entries as JSON lines, oldest first, to keep them elsewhere')
      .option('--after <number>', 'only those after this one', '0'),
  ).action(async (options: CommonOptions & { after: string }) => {
    const { api, out } = await openSession(options);
    let after: number | undefined = wholeNumber('--after', options.after);
    while (after !== undefined) {
      const page: { items: { entry: string; hash: string }[]; next?: number } = await api.get(
        '/audit-log/export',
        { after, limit: 500 },
      );
      for (const line of page.items) out.line(JSON.stringify(line));
      after = page.next;
    }
  });
}

function notedHead(text: string | undefined): { count?: string; hash?: string } {
  if (text === undefined) return {};
  const [, count, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (count === undefined) throw usage('--noted: expected COUNT:HASH, as verify prints it');
  return { count, hash };
}
