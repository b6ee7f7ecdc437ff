import type { Command } from 'commander';
import type { Source } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { usage } from '../failure.ts';
import { counted, type Output, when } from '../output.ts';
import { filterOf, type FilterOptions, withFilter } from '../source-options.ts';
import { wholeNumber } from '../values.ts';
import { planOf } from './source-lifecycle.ts';

interface Round {
  id: string;
  title: string;
  startedAt: number;
  startedBy: string;
  deadline: number;
  closedAt?: number;
  plan: { days: number; share: number; hours: number[] };
  counts: Record<'waiting' | 'keep' | 'not-mine' | 'retire', number>;
}

interface RoundAnswer {
  sourceName: string;
  owner: string;
  state: string;
  brownOut: boolean;
  answer: string;
  answeredAt?: number;
  answeredBy?: string;
  comment: string;
}

const pathOf = (id: string) => `/recertifications/${encodeURIComponent(id)}`;

/** `postern recertify`: owners are asked whether their sources are still needed. */
export function recertifyCommand(postern: Command): void {
  const recertify = postern
    .command('recertify')
    .description('ask owners whether their sources are still needed, and retire what nobody keeps');
  start(recertify);
  list(recertify);
  show(recertify);
  answer(recertify);
  cancel(recertify);
}

type StartOptions = CommonOptions &
  FilterOptions & {
    answerDays: string;
    days?: string;
    share?: string;
    hours?: string;
    dryRun?: boolean;
  };

function start(recertify: Command): void {
  const command = recertify
    .command('start <title>')
    .description('ask about all sources that match; each owner gets one mail')
    .option('--answer-days <number>', 'days that owners have to answer', '30')
    .option('--days <number>', 'length of the brown-out of what nobody keeps')
    .option('--share <percent>', 'share of its attempts that is put off meanwhile')
    .option('--hours <list>', 'hours of the day (UTC) in which all are put off')
    .option('--dry-run', 'say how many sources and owners it would be');
  withConnection(withFilter(command)).action(async (title: string, options: StartOptions) => {
    const { api, out } = await openSession(options);
    const filter = filterOf(options, Date.now());
    if (Object.values(filter).every((value) => value === undefined)) {
      throw usage('say which sources, for example --unused 90d, --site Lyon or --tag print');
    }
    const wanted = {
      title,
      filter,
      days: wholeNumber('--answer-days', options.answerDays),
      plan: planOf(options),
    };
    if (options.dryRun) {
      const count = await api.send<{ sources: number; owners: number; withoutOwner: number }>(
        'POST',
        '/recertifications',
        { ...wanted, dryRun: true },
      );
      out.answer(count, () =>
        out.line(
          `${counted(count.sources, 'source')} of ${counted(count.owners, 'owner')}, ${count.withoutOwner} without owner`,
        ),
      );
      return;
    }
    const round = await api.send<Round>('POST', '/recertifications', wanted);
    out.answer(round, () => {
      out.done(
        `Recertification ${round.id} started: ${counted(round.counts.waiting, 'source')}, until ${when(round.deadline)}`,
      );
      out.line(`Who has answered: postern recertify show ${round.id}`);
    });
  });
}

function list(recertify: Command): void {
  withConnection(recertify.command('list').description('list recertifications')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const { items } = await api.get<{ items: Round[] }>('/recertifications');
      out.answer(items, () =>
        out.table(
          ['ID', 'TITLE', 'UNTIL', 'WAITING', 'KEEP', 'NOT MINE', 'RETIRE', 'ENDED'],
          items.map(({ id, title, deadline, counts, closedAt }) => [
            id,
            title,
            when(deadline),
            String(counts.waiting),
            String(counts.keep),
            String(counts['not-mine']),
            String(counts.retire),
            when(closedAt),
          ]),
          'Nobody was asked yet: postern recertify start TITLE --unused 90d',
        ),
      );
    },
  );
}

function show(recertify: Command): void {
  const command = recertify
    .command('show <id>')
    .description('what was answered of each source')
    .option('--limit <number>', 'most sources', '1000');
  withConnection(command).action(async (id: string, options: CommonOptions & { limit: string }) => {
    const { api, out } = await openSession(options);
    const round = await api.get<Round>(pathOf(id));
    const answers = await api.list<RoundAnswer>(
      `${pathOf(id)}/answers`,
      {},
      wholeNumber('--limit', options.limit),
    );
    out.answer({ ...round, answers }, () => showRound(out, round, answers));
  });
}

function showRound(out: Output, round: Round, answers: RoundAnswer[]): void {
  out.heading(round.title);
  out.fields([
    ['Started', `${when(round.startedAt)} by ${round.startedBy}`],
    ['Until', when(round.deadline)],
    ['Ended', when(round.closedAt)],
    ['Then', `${round.plan.days} days of brown-out, ${Math.round(round.plan.share * 100)} % of the attempts`],
  ]);
  out.line();
  out.table(
    ['SOURCE', 'OWNER', 'STATE', 'ANSWER', 'WHEN', 'BY', 'COMMENT'],
    answers.map((one) => [
      one.sourceName,
      one.owner,
      one.brownOut ? `${one.state} (to be retired)` : one.state,
      one.answer,
      when(one.answeredAt),
      one.answeredBy ?? '',
      one.comment,
    ]),
    'None of its sources is there any more.',
  );
}

function answer(recertify: Command): void {
  const command = recertify
    .command('answer <name> <answer>')
    .description('answer of a source: keep, not-mine or retire')
    .option('--comment <text>', 'what should be known');
  withConnection(command).action(
    async (name: string, said: string, options: CommonOptions & { comment?: string }) => {
      if (!['keep', 'not-mine', 'retire'].includes(said))
        throw usage('the answer is keep, not-mine or retire');
      const { api, out } = await openSession(options);
      const after = await api.send<Source>('POST', `/sources/${encodeURIComponent(name)}/recertification`, {
        answer: said,
        comment: options.comment,
      });
      out.answer(after, () => {
        out.done(`Answered of ${after.name}: ${said}`);
        if (after.brownOut) out.note(`It will be retired ${when(after.brownOut.until)}`);
      });
    },
  );
}

function cancel(recertify: Command): void {
  const command = recertify.command('cancel <id>').description('end a recertification without consequences');
  withConnection(command).action(async (id: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const round = await api.send<Round>('DELETE', pathOf(id));
    out.answer(round, () => out.done(`Recertification ${round.title} cancelled`));
  });
}
