import type { Command } from 'commander';
import type { z } from 'zod';
import type { acceptedDomainShape, recipientShape, safeSenderShape } from '../../api/edge-shapes.ts';
import type { Items } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { oneWord, switchValue } from '../exchange-values.ts';
import { type Output, when } from '../output.ts';
import { confirm, textFile, wholeNumber } from '../values.ts';

type Domain = z.infer<typeof acceptedDomainShape>;
type Recipient = z.infer<typeof recipientShape>;
type SafeSender = z.infer<typeof safeSenderShape>;

const EVERYTHING = 1_000_000;
const SHOWN_ERRORS = 10;

const domainPath = (name: string) => `/edge/domains/${encodeURIComponent(name)}`;
const recipientPath = (address: string) => `/edge/recipients/${encodeURIComponent(address)}`;
const senderPath = (entry: string) => `/edge/safe-senders/${encodeURIComponent(entry)}`;

/** `postern edge domain` */
export function domainCommands(edge: Command): void {
  const domain = edge.command('domain').description('accepted domains: those that mail may come in for');

  const add = domain
    .command('add <name>')
    .description('accept mail for a domain, or change how')
    .option('--type <authoritative|internal-relay>', 'whether who is not known is refused, or sent on')
    .option('--match-subdomains [on]', 'all its subdomains count as this domain');
  withConnection(add).action(
    async (name: string, options: CommonOptions & { type?: string; matchSubdomains?: string | boolean }) => {
      const { api, out } = await openSession(options);
      const { items } = await api.get<Items<Domain>>('/edge/domains');
      const before = items.find((one) => one.name === name.toLowerCase());
      const type =
        options.type === undefined
          ? before?.type
          : oneWord('--type', options.type, ['authoritative', 'internal-relay']);
      const matchSubDomains =
        options.matchSubdomains === undefined
          ? before?.matchSubDomains
          : switchValue('--match-subdomains', options.matchSubdomains);
      const made = await api.send<Domain>('PUT', domainPath(name), { type, matchSubDomains });
      out.answer(made, () => {
        out.done(`${made.name} is ${made.type}${made.matchSubDomains ? ', with its subdomains' : ''}`);
        if (made.type === 'authoritative' && made.recipients === 0)
          out.note('nobody of it is listed yet: postern edge recipient import FILE (or a directory)');
      });
    },
  );

  withConnection(domain.command('list').description('list accepted domains')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const { items } = await api.get<Items<Domain>>('/edge/domains');
      out.answer(items, () =>
        out.table(
          ['DOMAIN', 'TYPE', 'SUBDOMAINS', 'RECIPIENTS LISTED'],
          items.map((one) => [
            one.name,
            one.type,
            one.matchSubDomains ? 'yes' : 'no',
            String(one.recipients),
          ]),
          'No accepted domains: nothing comes in.',
        ),
      );
    },
  );

  const remove = domain
    .command('remove <name>')
    .description('accept nothing more for a domain')
    .option('--with-recipients', 'its listed recipients go too');
  withConnection(remove).action(
    async (name: string, options: CommonOptions & { withRecipients?: boolean }) => {
      const { api, out } = await openSession(options);
      await api.send('DELETE', `${domainPath(name)}${options.withRecipients ? '?recipients=remove' : ''}`);
      out.answer({ removed: name }, () => out.done(`Nothing is accepted for ${name} any more`));
    },
  );
}

interface Imported {
  found: number;
  added: number;
  removed: number;
  total: number;
  foreign: number;
  written: boolean;
  errors: { line: number; detail: string }[];
}

/** `postern edge recipient` */
export function recipientCommands(edge: Command): void {
  const recipient = edge.command('recipient').description('known recipients, where a list says who there is');

  withConnection(recipient.command('add <addresses...>').description('list recipients')).action(
    async (addresses: string[], options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const made: Recipient[] = [];
      for (const address of addresses) made.push(await api.send<Recipient>('PUT', recipientPath(address)));
      out.answer(made, () => out.done(`Listed: ${made.map(({ address }) => address).join(', ')}`));
    },
  );

  const list = recipient
    .command('list')
    .description('list recipients, in the order of their addresses')
    .option('--search <text>', 'part of the address')
    .option('--domain <name>', 'of this domain')
    .option('--limit <number>', 'how many at most', '100');
  withConnection(list).action(
    async (options: CommonOptions & { search?: string; domain?: string; limit: string }) => {
      const { api, out } = await openSession(options);
      const { search, domain } = options;
      const most = out.json ? EVERYTHING : wholeNumber('--limit', options.limit);
      const items = await api.list<Recipient>('/edge/recipients', { search, domain }, most);
      out.answer(items, () =>
        out.table(
          ['ADDRESS'],
          items.map(({ address }) => [address]),
          'No recipients are listed.',
        ),
      );
    },
  );

  withConnection(
    recipient.command('remove <addresses...>').description('take recipients off the list'),
  ).action(async (addresses: string[], options: CommonOptions) => {
    const { api, out } = await openSession(options);
    for (const address of addresses) await api.send('DELETE', recipientPath(address));
    out.answer({ removed: addresses }, () => out.done(`Not listed any more: ${addresses.join(', ')}`));
  });

  const file = recipient
    .command('import <file>')
    .description(
      'list recipients from CSV or JSON: plain addresses, or what Get-Recipient | Export-Csv writes ("-": standard input)',
    )
    .option('--replace', 'who is listed of the domains in the file, and is not in it, goes')
    .option('--dry-run', 'say what would happen, and change nothing')
    .option('--yes', 'do not ask before recipients go');
  withConnection(file).action(
    async (name: string, options: CommonOptions & { replace?: boolean; dryRun?: boolean; yes?: boolean }) => {
      const { api, out } = await openSession(options);
      const text = textFile('import', name);
      const type = text.trimStart().startsWith('[') ? 'application/json' : 'text/csv';
      const upload = (dryRun: boolean) =>
        api.upload<Imported>(
          '/edge/recipients/import',
          { replace: String(options.replace ?? false), dryRun: String(dryRun) },
          text,
          type,
        );
      if (options.replace && !options.dryRun && !options.yes) {
        const { removed } = await upload(true);
        if (removed > 0) await confirm(`${removed} recipients would not be known any more.`, false);
      }
      const result = await upload(options.dryRun ?? false);
      out.answer(result, () => showImport(out, result));
    },
  );
}

function showImport(out: Output, { added, removed, total, foreign, written, errors }: Imported): void {
  const text = `${added} added, ${removed} removed, ${total} listed`;
  if (written) out.done(text);
  else out.note(`nothing was changed; it would be: ${text}`);
  if (foreign > 0) out.note(`${foreign} addresses of other domains were left out`);
  for (const { line, detail } of errors.slice(0, SHOWN_ERRORS)) out.note(`line ${line}: ${detail}`);
  if (errors.length > SHOWN_ERRORS) out.note(`and ${errors.length - SHOWN_ERRORS} more (--json shows them)`);
}

/** `postern edge safe-sender` */
export function safeSenderCommands(edge: Command): void {
  const sender = edge
    .command('safe-sender')
    .description(
      'addresses and domains that are not marked as junk; they count only where DMARC proves them',
    );

  const add = sender
    .command('add <entry>')
    .description('an address, or a domain with its subdomains')
    .option('--note <text>', 'why', '');
  withConnection(add).action(async (entry: string, options: CommonOptions & { note: string }) => {
    const { api, out } = await openSession(options);
    const made = await api.send<SafeSender>('PUT', senderPath(entry), { note: options.note });
    out.answer(made, () => out.done(`${made.entry} is a safe sender, where DMARC proves it`));
  });

  withConnection(sender.command('list').description('list safe senders')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const { items } = await api.get<Items<SafeSender>>('/edge/safe-senders');
      out.answer(items, () =>
        out.table(
          ['ENTRY', 'SINCE', 'NOTE'],
          items.map(({ entry, createdAt, note }) => [entry, when(createdAt), note]),
          'No safe senders.',
        ),
      );
    },
  );

  withConnection(sender.command('remove <entry>').description('remove a safe sender')).action(
    async (entry: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      await api.send('DELETE', senderPath(entry));
      out.answer({ removed: entry }, () => out.done(`${entry} is no safe sender any more`));
    },
  );
}
