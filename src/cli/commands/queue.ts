import type { Command } from 'commander';
import type { Delivery, QueueGroups } from '../answers.ts';
import { type CommonOptions, noteUnknownSource, openSession, withConnection } from '../command.ts';
import { usage } from '../failure.ts';
import { octets, type Output, printable, printableText, when } from '../output.ts';
import { confirm, wholeNumber } from '../values.ts';

interface FilterOptions {
  source?: string;
  domain?: string;
  from?: string;
  state?: string;
  reason?: string;
}

const VERBS = {
  hold: ['hold deliveries until they are released', 'held'],
  release: ['let held deliveries go', 'released'],
  retry: ['try deliveries now', 'set to be tried now'],
  delete: ['delete deliveries; nobody is told', 'deleted'],
} as const;

export function queueCommand(postern: Command): void {
  const queue = postern.command('queue').description('messages that were taken and are not yet finished');

  const list = withFilter(queue.command('list').description('list deliveries')).option(
    '--limit <number>',
    'most deliveries',
    '100',
  );
  withConnection(list).action(async (options: CommonOptions & FilterOptions & { limit: string }) => {
    const session = await openSession(options);
    const { api, out } = session;
    const items = await api.list<Delivery>(
      '/queue',
      { ...filterOf(options) },
      wholeNumber('--limit', options.limit),
    );
    out.answer(items, () => showDeliveries(out, items));
    if (items.length === 0) await noteUnknownSource(session, options.source);
  });

  withConnection(
    queue
      .command('groups')
      .description('what waits by destination, and what is held by source: how much, since when and why')
      .option('--domain <part>', 'of recipient domains that hold this')
      .option('--route <name>', 'of one route'),
  ).action(async (options: CommonOptions & { domain?: string; route?: string }) => {
    const { api, out } = await openSession(options);
    const { domain, route } = options;
    const answer = await api.get<QueueGroups>('/queue-groups', { domain, route });
    out.answer(answer, () => showGroups(out, answer));
  });

  withConnection(
    queue.command('show <message>').description('show a message: deliveries and header section'),
  ).action(async (message: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const answer = await api.get<{ deliveries: Delivery[]; head: string; bodySize: number }>(
      `/queue/${encodeURIComponent(message)}`,
    );
    out.answer(answer, () => {
      for (const one of answer.deliveries) {
        out.fields([
          ['Message', `${one.message}, part ${one.part}`],
          ['From', one.from || '<>'],
          ['To', one.recipients.join('\n')],
          ['Source', one.sourceName],
          ['State', one.hold ? `${one.state} (${one.hold})` : one.state],
          ['Received', when(one.receivedAt)],
          ['Attempts', String(one.attempts)],
          ['Next attempt', one.state === 'queued' ? when(one.nextAttemptAt) : undefined],
          ['Last reply', one.lastReply],
          ['Route', one.route],
          ['Size', octets(one.size)],
        ]);
        out.line();
      }
      out.line(printableText(answer.head).trimEnd());
      out.line(out.style('dim', `(and ${octets(answer.bodySize)} of body)`));
    });
  });

  for (const verb of ['hold', 'release', 'retry', 'delete'] as const) change(queue, verb);
  withConnection(
    queue
      .command('reroute <message> [route]')
      .description('give what waits of a message a route of its own, and try it now')
      .option('--by-rules', 'take the route back that it was given'),
  ).action(
    async (message: string, route: string | undefined, options: CommonOptions & { byRules?: boolean }) => {
      if ((route === undefined) !== (options.byRules === true))
        throw usage('name a route, or say --by-rules');
      const { api, out } = await openSession(options);
      const answer = await api.send<{ count: number }>(
        'POST',
        `/messages/${encodeURIComponent(message)}/reroute`,
        { route: route ?? null },
      );
      out.answer(answer, () => {
        const where = route === undefined ? 'go by the rules again' : `go by route ${route}`;
        out.done(`${answer.count} ${answer.count === 1 ? 'delivery' : 'deliveries'} of ${message} ${where}`);
      });
    },
  );
}

function change(queue: Command, verb: keyof typeof VERBS): void {
  const [description, past] = VERBS[verb];
  const command = withFilter(queue.command(`${verb} [messages...]`).description(description)).option(
    '--all',
    'all there are',
  );
  if (verb === 'delete') command.option('--yes', 'do not ask');
  withConnection(command).action(
    async (messages: string[], options: CommonOptions & FilterOptions & { all?: boolean; yes?: boolean }) => {
      const { api, out } = await openSession(options);
      const filter = filterOf(options);
      const conditions = Object.values(filter).some((value) => value !== undefined);
      if (messages.length === 0 && !conditions && !options.all) {
        throw usage(
          `say which: message identifiers, --source, --domain, --from, --state, --reason, or --all`,
        );
      }
      if (verb === 'delete') {
        await confirm(
          'Delete these deliveries? Neither senders nor recipients will hear of it.',
          options.yes,
        );
      }
      const selections =
        messages.length > 0
          ? messages.map((message) => ({ ...filter, message }))
          : [{ ...filter, all: options.all ?? false }];
      let count = 0;
      for (const selection of selections) {
        const answer = await api.send<{ count: number }>('POST', `/queue/${verb}`, selection);
        count += answer.count;
      }
      out.answer({ count }, () => {
        if (count === 0) out.note('No delivery matched.');
        else out.done(`${count} ${count === 1 ? 'delivery' : 'deliveries'} ${past}`);
      });
    },
  );
}

function withFilter(command: Command): Command {
  return command
    .option('--source <name>', 'of one source')
    .option('--domain <domain>', 'to one recipient domain')
    .option('--from <address>', 'of one envelope sender')
    .option('--state <queued|held>', 'in one state')
    .option(
      '--reason <operator|limit|source|alignment|approval|containment|quarantine>',
      'held for one reason',
    );
}

function filterOf({ source, domain, from, state, reason }: FilterOptions) {
  return { source, domain, from, state, hold: reason };
}

function showGroups(out: Output, { groups, unreachable, held, leftOut }: QueueGroups): void {
  out.table(
    ['DOMAIN', 'ROUTE', 'DELIVERIES', 'SIZE', 'OLDEST', 'NEXT', 'TRIES', 'WHY'],
    groups.map(({ domain, route, deliveries, bytes, oldestAt, nextAttemptAt, attempts, reasons, asleep }) => [
      domain,
      route,
      String(deliveries),
      octets(bytes),
      when(oldestAt),
      when(asleep?.until ?? nextAttemptAt),
      String(attempts),
      (asleep?.reply ?? reasons[0]?.reply ?? 'not tried yet').slice(0, 60),
    ]),
    'Nothing waits for a destination.',
  );
  for (const { route, deliveries, since, reply } of unreachable) {
    out.note(
      `Route ${route} takes nothing since ${when(since)}; ${deliveries} wait for it: ${printable(reply)}`,
    );
  }
  if (held.length > 0) {
    out.line();
    out.table(
      ['HELD FOR', 'SOURCE', 'DELIVERIES', 'SIZE', 'OLDEST', 'LAST REPLY'],
      held.map(({ hold, source, sourceName, deliveries, bytes, oldestAt, reply = '' }) => [
        hold,
        sourceName ?? (source === '' ? '(the relay)' : '(the internet)'),
        String(deliveries),
        octets(bytes),
        when(oldestAt),
        reply.slice(0, 60),
      ]),
      '',
    );
  }
  if (leftOut > 0) out.note(`${leftOut} more deliveries are too many to be kept apart.`);
}

function showDeliveries(out: Output, items: Delivery[]): void {
  out.table(
    ['MESSAGE', 'RECEIVED', 'SOURCE', 'FROM', 'TO', 'STATE', 'TRIES', 'NEXT', 'LAST REPLY'],
    items.map((one) => [
      one.message,
      when(one.receivedAt),
      one.sourceName,
      one.from || '<>',
      one.recipients.length === 1 ? (one.recipients[0] ?? '') : `${one.recipients.length} at ${one.domain}`,
      one.hold ? `${one.state} (${one.hold})` : one.state,
      String(one.attempts),
      one.state === 'queued' ? when(one.nextAttemptAt) : '',
      (one.lastReply ?? '').slice(0, 60),
    ]),
    'Nothing waits.',
  );
}
