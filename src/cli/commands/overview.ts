import type { Command } from 'commander';
import type { Live, Overview } from '../../api/overview-shapes.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { usage } from '../failure.ts';
import { octets, type Output, printable, when } from '../output.ts';

const WINDOWS = ['1h', '24h', '7d', '30d'];

type Counts = Overview['totals'];

export function overviewCommand(postern: Command): void {
  withConnection(
    postern
      .command('overview')
      .description('how much mail there is, what became of it, and what needs attention')
      .option(`--window <${WINDOWS.join('|')}>`, 'how far back', '24h')
      .option('--follow', 'the minute in progress, whenever it changes'),
  ).action(async ({ window, follow, ...options }: CommonOptions & { window: string; follow?: boolean }) => {
    if (!WINDOWS.includes(window))
      throw usage(`--window: ${JSON.stringify(window)} is none of ${WINDOWS.join(', ')}`);
    const { api, out } = await openSession(options);
    if (follow) {
      for await (const live of await api.follow<Live>('/overview', {}))
        out.record(live, () => liveLine(live));
      return;
    }
    const overview = await api.get<Overview>('/overview', { window });
    out.answer(overview, () => show(out, overview));
  });
}

function show(out: Output, overview: Overview): void {
  const { window, totals, before, spool, attention, behind } = overview;
  out.heading(`The last ${window}, until ${when(overview.at)}`);
  const isMissing = overview.missing?.includes('counts') ?? false;
  const against = (name: keyof Counts): string | undefined =>
    isMissing
      ? undefined
      : `${totals[name]}${before[name] === totals[name] ? '' : `  (${before[name]} in the ${window} before)`}`;
  out.fields([
    ['Counts', isMissing ? 'can not be read: see below' : undefined],
    ['Accepted', isMissing ? undefined : `${against('accepted')}, ${octets(totals.octets)}`],
    ['Refused', against('refused')],
    ['Held', against('held')],
    ['Delivered', against('delivered')],
    ['Deferred', against('deferred')],
    ['Bounced', against('bounced')],
    [
      'Spool',
      spool &&
        `${spool.queued} deliveries queued, ${spool.held} held, oldest ${when(spool.oldestAt) || 'none'}`,
    ],
    ['Not counted yet', behind > 0 ? `${behind} events` : undefined],
  ]);
  out.line();
  out.table(
    ['SOURCE', 'ACCEPTED', 'SIZE', 'REFUSED', 'BOUNCED'],
    overview.sources.map(({ sourceName, counts }) => [
      sourceName,
      String(counts.accepted),
      octets(counts.octets),
      String(counts.refused),
      String(counts.bounced),
    ]),
    isMissing ? '' : 'No source has sent anything.',
  );
  if (overview.refusals.length > 0) {
    out.line();
    out.table(
      ['CODE', 'REFUSED', 'WHAT'],
      overview.refusals.map(({ code, count, text }) => [code, String(count), text ?? '']),
      '',
    );
  }
  if (overview.waiting && overview.waiting.length > 0) {
    out.line();
    out.table(
      ['WAITS FOR', 'DELIVERIES', 'WHY'],
      overview.waiting.map(({ domain, queued, reply }) => [domain, String(queued), reply ?? '']),
      '',
    );
  }
  out.line();
  if (attention.length === 0) out.done('Nothing needs attention.');
  for (const { severity, sentence, action } of attention) {
    const style = { critical: 'red', warning: 'yellow', info: 'dim' } as const;
    out.line(`${out.style(style[severity], severity.padEnd(8))}  ${printable(sentence)}`);
    out.line(`          ${out.style('dim', printable(action.command))}`);
  }
}

function liveLine({ at, counts, spool, attention }: Live): string {
  const parts = [
    `${counts.accepted} accepted`,
    `${counts.refused} refused`,
    `${counts.delivered} delivered`,
    `${counts.deferred} deferred`,
    `${counts.bounced} bounced`,
    ...(spool ? [`${spool.queued} queued`, `${spool.held} held`] : []),
    `${attention.critical} critical`,
    `${attention.warning} warnings`,
  ];
  return `${when(at)}  ${parts.join(', ')}`;
}
