import type { Command } from 'commander';
import type { z } from 'zod';
import type { exceptionShape } from '../../api/routes/exceptions.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { until } from '../future.ts';
import { type Output, when } from '../output.ts';
import { several, wholeNumber } from '../values.ts';

type Exception = z.infer<typeof exceptionShape>;

const KINDS = 'tls-1.0, tls-1.1, rsa-key-exchange, 3des, no-tls, cram-md5';
const EVERYTHING = 1_000_000;

export function exceptionCommand(postern: Command): void {
  const exception = postern
    .command('exception')
    .description('weak settings that are allowed until a day: old TLS, no TLS, CRAM-MD5');

  const add = exception
    .command('add <kinds...>')
    .description(`allow something weak until a day; kinds: ${KINDS}`)
    .option('--network <cidr>', 'the network of the devices (repeat for more); not for cram-md5', several)
    .option('--source <name>', 'whose it is; needed for cram-md5')
    .option('--owner <address>', 'who answers for it and is warned (default: the owner of the source)')
    .requiredOption('--reason <text>', 'why it is needed')
    .requiredOption('--until <when>', 'when it ends: 90d, 12w or a date such as 2027-01-31; a year at most');
  withConnection(add).action(
    async (
      kinds: string[],
      options: CommonOptions & {
        network?: string[];
        source?: string;
        owner?: string;
        reason: string;
        until: string;
      },
    ) => {
      const { api, out } = await openSession(options);
      const { network: networks = [], source, owner, reason } = options;
      const endsAt = until('--until', options.until, Date.now());
      const made: Exception[] = [];
      for (const kind of new Set(kinds)) {
        const body = { kind, networks, source, owner, reason, endsAt };
        made.push(await api.send<Exception>('POST', '/exceptions', body));
      }
      out.answer(made, () => {
        for (const one of made) out.done(`${one.text} until ${when(one.endsAt)} (${one.id})`);
      });
    },
  );

  const list = exception
    .command('list')
    .description('what is weak and allowed; the next to end first')
    .option('--state <open|ended|closed|all>', 'which ones', 'open')
    .option('--kind <kind>', `one of ${KINDS}`)
    .option('--source <name>', 'those that concern this source')
    .option('--unused <days>', 'not used for so many days');
  withConnection(list).action(
    async (options: CommonOptions & { state: string; kind?: string; source?: string; unused?: string }) => {
      const { api, out } = await openSession(options);
      const { state, kind, source } = options;
      const unusedDays = options.unused === undefined ? undefined : wholeNumber('--unused', options.unused);
      const items = await api.list<Exception>('/exceptions', { state, kind, source, unusedDays }, EVERYTHING);
      items.sort((a, b) => a.endsAt - b.endsAt);
      out.answer(items, () => showList(out, items));
    },
  );

  withConnection(exception.command('show <id>').description('everything about one')).action(
    async (id: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const one = await api.get<Exception>(path(id));
      out.answer(one, () => {
        out.heading(one.text);
        out.fields([
          ['State', one.state === 'open' ? 'open' : `${one.state} ${when(one.endedAt)} by ${one.endedBy}`],
          ['Until', when(one.endsAt)],
          ['Reason', one.reason],
          ['Owner', one.owner],
          ['Made', `${when(one.createdAt)} by ${one.createdBy}`],
          ['Used', usesOf(one)],
          ['ID', one.id],
        ]);
      });
    },
  );

  const extend = exception
    .command('extend <id>')
    .description('another end, sooner or later, and why')
    .requiredOption('--until <when>', 'the new end: 90d, 12w or a date')
    .requiredOption('--reason <text>', 'why it is still needed')
    .option('--owner <address>', 'who answers for it from now on');
  withConnection(extend).action(
    async (id: string, options: CommonOptions & { until: string; reason: string; owner?: string }) => {
      const { api, out } = await openSession(options);
      const { reason, owner } = options;
      const { tag } = await api.getWithTag<Exception>(path(id));
      const body = { endsAt: until('--until', options.until, Date.now()), reason, owner };
      const after = await api.send<Exception>('PATCH', path(id), body, tag);
      out.answer(after, () => out.done(`${after.text} until ${when(after.endsAt)}`));
    },
  );

  withConnection(
    exception
      .command('close <id>')
      .description('end it at once; connections that live by it are closed within a second'),
  ).action(async (id: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const closed = await api.send<Exception>('DELETE', path(id));
    out.answer(closed, () => out.done(`Closed: ${closed.text}`));
  });
}

function showList(out: Output, items: Exception[]): void {
  out.table(
    ['ID', 'ALLOWS', 'UNTIL', 'USED', 'OWNER', 'REASON'],
    items.map((one) => [
      one.id,
      one.text,
      one.state === 'open' ? when(one.endsAt) : `${one.state} ${when(one.endedAt)}`,
      usesOf(one),
      one.owner,
      one.reason,
    ]),
    'No exceptions: nothing weak is allowed.',
  );
}

function usesOf({ uses, lastUsedAt, lastUsedFrom }: Exception): string {
  return lastUsedAt === undefined ? 'never' : `${uses}×, last ${when(lastUsedAt)} from ${lastUsedFrom}`;
}

function path(id: string): string {
  return `/exceptions/${encodeURIComponent(id)}`;
}
