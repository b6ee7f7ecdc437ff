import type { Command } from 'commander';
import type { z } from 'zod';
import type { entryShape, summaryShape } from '../../api/routes/history.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { when } from '../output.ts';
import { type Plan, writeChange, writePlan } from '../plan-text.ts';
import { confirm, wholeNumber } from '../values.ts';
import {
  type Applied,
  keepingSecrets,
  routeSecretsOf,
  type SecretOptions,
  withSecrets,
  writeIssued,
} from './apply.ts';

type Summary = z.infer<typeof summaryShape>;
type Entry = z.infer<typeof entryShape>;

interface RollbackOptions extends CommonOptions, SecretOptions {
  force?: boolean;
  comment?: string;
  yes?: boolean;
}

export function historyCommand(postern: Command): void {
  const history = postern
    .command('history')
    .description('what was applied from policy files, by whom and why; and the way back');

  const list = history
    .command('list')
    .description('what was applied, newest first')
    .option('--limit <number>', 'most entries', '50');
  withConnection(list).action(async (options: CommonOptions & { limit: string }) => {
    const { api, out } = await openSession(options);
    const items = await api.list<Summary>('/history', {}, wholeNumber('--limit', options.limit));
    out.answer(items, () =>
      out.table(
        ['ENTRY', 'WHEN', 'BY', 'CHANGES', 'COMMENT'],
        items.map((one) => [String(one.id), when(one.at), one.by, countsText(one.counts), commentOf(one)]),
        'Nothing was applied yet.',
      ),
    );
  });

  withConnection(history.command('show <entry>').description('show the changes of an entry')).action(
    async (text: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const entry = await api.get<Entry>(`/history/${entryNumber(text)}`);
      out.answer(entry, () => {
        out.fields([
          ['Entry', String(entry.id)],
          ['When', when(entry.at)],
          ['By', entry.by],
          ['Comment', commentOf(entry)],
        ]);
        for (const change of entry.changes) writeChange(out, change);
      });
    },
  );

  const rollback = history
    .command('rollback <entry>')
    .description('take an entry back, as a new entry; secrets that were revoked do not come back')
    .option('--force', 'also where something was changed since')
    .option('--comment <text>', 'why; stands in the history')
    .option('--yes', 'do not ask');
  withSecrets(withConnection(rollback)).action(async (text: string, options: RollbackOptions) => {
    const { api, out } = await openSession(options);
    const entry = entryNumber(text);
    const force = options.force ?? false;
    const routeSecrets = routeSecretsOf(options);
    const plan = await api.send<Plan>('POST', `/history/${entry}/plan-rollback`, { force });
    if (!out.json) writePlan(out, plan);
    if (plan.changes.length > 0) await confirm(`Make these ${plan.changes.length} changes?`, options.yes);
    const body = { force, comment: options.comment ?? '', routeSecrets };
    const applied = await keepingSecrets(options.secretsFile, () =>
      api.send<Applied>('POST', `/history/${entry}/rollback`, body),
    );
    out.answer(applied, () => {
      if (applied.entry === undefined) return;
      out.done(`Entry ${entry} taken back: entry ${applied.entry} of the history`);
      writeIssued(out, applied);
    });
  });
}

function entryNumber(text: string): number {
  return wholeNumber('entry', text);
}

function commentOf({ comment, reverts }: Pick<Entry, 'comment' | 'reverts'>): string {
  return [reverts === undefined ? '' : `takes back ${reverts}`, comment].filter(Boolean).join(': ');
}

function countsText(counts: Summary['counts']): string {
  return Object.entries(counts)
    .flatMap(([kind, actions]) =>
      Object.entries(actions).map(([action, count]) => `${count} ${kind} ${action}d`),
    )
    .join(', ');
}
