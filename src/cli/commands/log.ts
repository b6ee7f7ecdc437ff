import type { Command } from 'commander';
import type { Event } from '../answers.ts';
import { type CommonOptions, noteUnknownSource, openSession, withConnection } from '../command.ts';
import { type Output, printable, when } from '../output.ts';
import { moment, wholeNumber } from '../values.ts';

interface LogOptions extends CommonOptions {
  type?: string;
  source?: string;
  session?: string;
  message?: string;
  network?: string;
  code?: string;
  from?: string;
  to?: string;
  outcome?: string;
  since?: string;
  until?: string;
  limit: string;
  follow?: boolean;
}

const COLOURS: Record<string, Parameters<Output['style']>[0]> = {
  refusal: 'red',
  'authentication-failure': 'red',
  'tls-failure': 'red',
  bounce: 'red',
  warning: 'yellow',
  delay: 'yellow',
  acceptance: 'green',
  change: 'cyan',
};

export function logCommand(postern: Command): void {
  const log = postern
    .command('log')
    .description('search the journal, oldest first; --json writes one event a line')
    .option('--type <types>', 'refusal, acceptance, attempt, change, ... (several with commas)')
    .option('--source <name>', 'of one source')
    .option('--message <id>', 'of one message')
    .option('--session <id>', 'of one connection')
    .option('--network <cidr>', 'from one address or network')
    .option('--code <code>', 'with one refusal code')
    .option('--from <address>', 'envelope sender')
    .option('--to <address>', 'envelope recipient')
    .option('--outcome <outcome>', 'delivered, deferred, failed, ...')
    .option('--since <when>', '30m, 2h, 7d ago, or a date')
    .option('--until <when>', 'the same')
    .option('--limit <number>', 'the newest so many', '100')
    .option('-f, --follow', 'go on with what happens from now');
  withConnection(log).action(async (options: LogOptions) => {
    const opened = await openSession(options);
    const { api, out } = opened;
    const now = Date.now();
    const { type, source, session, message, network, code, from, to, outcome, since, until } = options;
    const query = {
      type,
      source,
      session,
      message,
      network,
      code,
      from,
      to,
      outcome,
      since: since === undefined ? undefined : moment('--since', since, now),
      until: until === undefined ? undefined : moment('--until', until, now),
    };
    // the stream begins before the search, so that nothing falls between the two
    const stream = options.follow ? await api.follow<Event>('/events', query) : undefined;
    const events = await api.list<Event>('/events', query, wholeNumber('--limit', options.limit));
    const newest = events[0]?.id ?? 0;
    for (const event of events.reverse()) write(out, event);
    if (events.length === 0) {
      if (!stream && !out.json) out.line('No events match.');
      await noteUnknownSource(opened, source);
    }
    if (!stream) return;
    for await (const event of stream) if (event.id > newest) write(out, event);
  });
}

function write(out: Output, event: Event): void {
  out.record(event, () => {
    const type = event.type.padEnd(22);
    const colour = COLOURS[event.type];
    const facts = [
      event.sourceName,
      event.message,
      event['network'],
      event.code,
      event['from'] === undefined ? undefined : `from=${text(event['from']) || '<>'}`,
      Array.isArray(event['to']) ? `to=${event['to'].join(',')}` : undefined,
      event['destination'],
      event['outcome'],
      event['reply'],
      event.text,
    ];
    const line = facts.map(text).filter(Boolean).join(' ');
    return `${out.style('dim', when(event.at))} ${colour ? out.style(colour, type) : type} ${printable(line)}`;
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
