import type { Command } from 'commander';
import type { z } from 'zod';
import type { edgeMessageShape, spoofGroupShape } from '../../api/edge-shapes.ts';
import { REFUSALS } from '../../refusals.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { when } from '../output.ts';
import { moment, wholeNumber } from '../values.ts';

type Message = z.infer<typeof edgeMessageShape>;
type SpoofGroup = z.infer<typeof spoofGroupShape>;

const LARGEST_PAGE = 500;

interface MessagesOptions extends CommonOptions {
  outcome?: string;
  placement?: string;
  directSend?: boolean;
  spoof?: string | boolean;
  spf?: string;
  dmarc?: string;
  connector?: string;
  code?: string;
  network?: string;
  from?: string;
  to?: string;
  since?: string;
  until?: string;
  limit: string;
}

/** `postern edge messages` */
export function messagesCommand(edge: Command): void {
  const messages = edge
    .command('messages')
    .description('what came in, with what it proved, or why it was refused; newest first')
    .option('--outcome <queued|held|refused>', 'what became of it')
    .option('--placement <deliver|junk|quarantine>', 'where it went')
    .option('--direct-send', 'Direct Send only, taken or refused')
    .option(
      '--spoof [kind]',
      'pretends to be from inside: envelope, header, sender, display-name, lookalike, or any',
    )
    .option('--spf <result>', 'pass, fail, softfail, none, temperror, ...')
    .option('--dmarc <result>', 'pass, fail, none, temperror, ...')
    .option('--connector <name>', 'by this connector')
    .option('--code <code>', 'refusal code, such as E201')
    .option('--network <cidr>', 'from this address or block')
    .option('--from <address>', 'envelope sender')
    .option('--to <address>', 'envelope recipient')
    .option('--since <when>', '30m, 2h, 7d ago, or a date')
    .option('--until <when>', 'as --since')
    .option('--limit <number>', 'how many at most', '50');
  withConnection(messages).action(async (options: MessagesOptions) => {
    const { api, out } = await openSession(options);
    const { outcome, placement, spf, dmarc, connector, code, network, from, to } = options;
    const now = Date.now();
    const query = {
      outcome,
      placement,
      spf,
      dmarc,
      connector,
      code,
      network,
      from,
      to,
      directSend: options.directSend ? 'true' : undefined,
      spoof: options.spoof === true ? 'any' : options.spoof || undefined,
      since: options.since === undefined ? undefined : moment('--since', options.since, now),
      until: options.until === undefined ? undefined : moment('--until', options.until, now),
    };
    const items = await api.list<Message>('/edge/messages', query, wholeNumber('--limit', options.limit));
    out.answer(items, () =>
      out.table(
        ['WHEN', 'CLIENT', 'FROM', 'TO', 'RESULT', 'SPF DKIM DMARC', 'REMARKS'],
        items.map((one) => [
          when(one.at),
          one.network ?? '',
          one.headerFrom === undefined ? one.from || '<>' : `${one.from || '<>'} (From: ${one.headerFrom})`,
          one.to.slice(0, 2).join(', ') + (one.to.length > 2 ? `, ${one.to.length - 2} more` : ''),
          one.outcome === 'refused' ? `refused ${one.code ?? ''}` : (one.placement ?? one.outcome),
          resultsText(one),
          remarksOf(one),
        ]),
        'Nothing came in that matches.',
      ),
    );
  });
}

function resultsText({ spf, dkim, dmarc, outcome }: Message): string {
  if (spf === undefined && outcome === 'refused') return '';
  const signature = dkim.some(({ result }) => result === 'pass') ? 'pass' : (dkim[0]?.result ?? 'none');
  return `${spf ?? '-'} ${signature} ${dmarc ?? '-'}`;
}

function remarksOf({ directSend, spoof, imitates, connector, reasons, code }: Message): string {
  const parts = [
    directSend && 'Direct Send',
    spoof !== undefined && `spoof by ${spoof}${imitates === undefined ? '' : ` of ${imitates}`}`,
    connector !== undefined && `connector ${connector}`,
    // "Direct Send" says it already; a certificate that does not count is said behind it
    ...(code === 'E201' ? reasons.filter((reason) => reason !== REFUSALS.E201.explanation) : reasons),
  ];
  return parts.filter((part) => part !== false).join('; ');
}

/** `postern edge spoofs` */
export function spoofsCommand(edge: Command): void {
  const spoofs = edge
    .command('spoofs')
    .description('who tried to appear as somebody from inside, by network and by whom they imitated')
    .option('--since <when>', '30m, 2h, 7d ago, or a date', '7d')
    .option('--until <when>', 'as --since')
    .option('--network <cidr>', 'from this address or block')
    .option('--limit <number>', 'how many at most', '50');
  withConnection(spoofs).action(
    async (options: CommonOptions & { since: string; until?: string; network?: string; limit: string }) => {
      const { api, out } = await openSession(options);
      const now = Date.now();
      const answer = await api.get<{ items: SpoofGroup[]; complete: boolean }>('/edge/spoofs', {
        since: moment('--since', options.since, now),
        until: options.until === undefined ? undefined : moment('--until', options.until, now),
        network: options.network,
        limit: Math.min(LARGEST_PAGE, wholeNumber('--limit', options.limit)),
      });
      out.answer(answer, () => {
        out.table(
          ['CLIENT', 'PRETENDS TO BE', 'HOW', 'TIMES', 'REFUSED', 'HELD', 'JUNK', 'DELIVERED', 'LAST', 'AS'],
          answer.items.map((one) => [
            one.network,
            one.imitates,
            one.kinds.join(', '),
            ...[one.attempts, one.refused, one.quarantined, one.junk, one.delivered].map(String),
            when(one.last),
            one.from[0] ?? '',
          ]),
          'Nobody tried.',
        );
        if (!answer.complete) out.note('there were more attempts than were counted; ask for a shorter time');
      });
    },
  );
}
