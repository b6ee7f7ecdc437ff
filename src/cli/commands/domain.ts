import type { Command } from 'commander';
import type { z } from 'zod';
import type { domainRecordShape } from '../../api/shapes.ts';
import type { Domain, Items, Key } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import type { ApiClient } from '../connection.ts';
import { EXIT } from '../failure.ts';
import { type Output, when } from '../output.ts';
import { confirm } from '../values.ts';

const path = (name: string) => `/domains/${encodeURIComponent(name)}`;

type DnsRecord = z.infer<typeof domainRecordShape>;

export function domainCommand(postern: Command): void {
  const domain = postern.command('domain').description('domains that the relay signs for (DKIM)');

  const add = domain
    .command('add <name>')
    .description('add a domain; its key is made and signs at once')
    .option('--selector <selector>', 'name of the key (default: chosen by the relay)')
    .option('--external', 'mail to its addresses does not count as internal')
    .option('--ed25519', 'make an Ed25519 key beside the RSA key');
  withConnection(add).action(
    async (
      name: string,
      options: CommonOptions & { selector?: string; external?: boolean; ed25519?: boolean },
    ) => {
      const { api, out } = await openSession(options);
      const made = await api.send<Domain>('POST', '/domains', {
        name,
        selector: options.selector,
        internal: !options.external,
        ed25519: options.ed25519 ?? false,
      });
      const records = await recordsOf(api, made.name);
      out.answer(made, () => {
        out.done(`Domain ${made.name} added. Publish this in its DNS zone:`);
        showRecords(out, records);
        out.line(`\nThen: postern domain check ${made.name}`);
      });
    },
  );

  withConnection(domain.command('list').description('list domains')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const { items } = await api.get<Items<Domain>>('/domains');
      out.answer(items, () =>
        out.table(
          ['DOMAIN', 'INTERNAL', 'SIGNS WITH', 'PUBLISHED'],
          items.map((one) => {
            const active = one.keys.filter(({ stage }) => stage === 'active');
            const seen = active.every(({ publishedAt }) => publishedAt !== undefined);
            return [
              one.name,
              one.internal ? 'yes' : 'no',
              active.map(({ selector }) => selector).join(', '),
              seen ? 'yes' : 'not seen',
            ];
          }),
          'No domains. Add one: postern domain add DOMAIN',
        ),
      );
    },
  );

  withConnection(domain.command('show <name>').description('show a domain and its keys')).action(
    async (name: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const one = await api.get<Domain>(path(name));
      out.answer(one, () => {
        out.heading(one.name);
        out.fields([
          ['Internal', one.internal ? 'yes' : 'no'],
          ['Added', when(one.createdAt)],
        ]);
        out.line();
        showKeys(out, one.keys);
      });
    },
  );

  withConnection(domain.command('dns <name>').description('print the records to publish')).action(
    async (name: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const records = await recordsOf(api, name);
      out.answer(
        records.map(({ purpose, name: at, expected, zone, note }) => {
          return { purpose, name: at, text: expected, zone, note };
        }),
        () => showRecords(out, records),
      );
    },
  );

  withConnection(
    domain
      .command('check <name>')
      .description('look the records up in DNS; exit code 1 when that of a key is missing or wrong'),
  ).action(async (name: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const records = await recordsOf(api, name);
    out.answer(records, () => {
      for (const { name: at, purpose, stage, result, explanation } of records) {
        const text = `${at} (${stage ?? purpose.toUpperCase()}): ${explanation}`;
        if (result === 'published') out.done(text);
        else out.note(text);
      }
      if (records.some(({ result }) => result !== 'published')) {
        out.line(`\nWhat to publish: postern domain dns ${name}`);
      }
    });
    // mail leaves signed without SPF and DMARC, so that a script may go on
    if (records.some(({ purpose, result }) => purpose === 'dkim' && result !== 'published')) {
      process.exitCode = EXIT.refused;
    }
  });

  const remove = domain
    .command('remove <name>')
    .description('remove a domain with its keys')
    .option('--yes', 'do not ask');
  withConnection(remove).action(async (name: string, options: CommonOptions & { yes?: boolean }) => {
    const { api, out } = await openSession(options);
    await confirm(`Remove domain ${name} and its keys for good?`, options.yes);
    await api.send('DELETE', path(name));
    out.answer({ removed: name }, () => out.done(`Domain ${name} removed`));
  });

  keys(domain);
}

function keys(domain: Command): void {
  const key = domain.command('key').description('keys of a domain: next, active, retiring');

  const add = key
    .command('add <domain>')
    .description('make the next key, to be published before it signs')
    .option('--selector <selector>', 'name of the key (default: chosen by the relay)')
    .option('--ed25519', 'an Ed25519 key instead of RSA');
  withConnection(add).action(
    async (name: string, options: CommonOptions & { selector?: string; ed25519?: boolean }) => {
      const { api, out } = await openSession(options);
      const made = await api.send<Key>('POST', `${path(name)}/keys`, {
        selector: options.selector,
        algorithm: options.ed25519 ? 'ed25519-sha256' : 'rsa-sha256',
      });
      const records = (await recordsOf(api, name)).filter(({ selector }) => selector === made.selector);
      out.answer(made, () => {
        out.done(`Key ${made.selector} made. Publish this in the zone of ${name}:`);
        showRecords(out, records);
        out.line(`\nWhen it can be seen everywhere: postern domain key activate ${name} ${made.selector}`);
      });
    },
  );

  const activate = key
    .command('activate <domain> <selector>')
    .description('let a key sign; the one before it retires')
    .option('--force', 'even if its record can not be seen in DNS');
  withConnection(activate).action(
    async (name: string, selector: string, options: CommonOptions & { force?: boolean }) => {
      const { api, out } = await openSession(options);
      const changed = await api.send<Domain>(
        'POST',
        `${path(name)}/keys/${encodeURIComponent(selector)}/activate`,
        {
          force: options.force ?? false,
        },
      );
      out.answer(changed, () => {
        out.done(`Key ${selector} signs for ${changed.name}`);
        showKeys(out, changed.keys);
      });
    },
  );

  withConnection(
    key.command('remove <domain> <selector>').description('remove a key that no longer signs'),
  ).action(async (name: string, selector: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const changed = await api.send<Domain>('DELETE', `${path(name)}/keys/${encodeURIComponent(selector)}`);
    out.answer(changed, () => out.done(`Key ${selector} of ${changed.name} removed`));
  });
}

function showKeys(out: Output, list: Key[]): void {
  out.table(
    ['SELECTOR', 'ALGORITHM', 'STAGE', 'MADE', 'SEEN IN DNS'],
    list.map((one) => [
      one.selector,
      one.algorithm,
      one.stage,
      when(one.createdAt),
      when(one.publishedAt) || 'never',
    ]),
    'No keys.',
  );
}

/** What is to be published for a domain: its keys, and a proposal for SPF and DMARC. */
async function recordsOf(api: ApiClient, name: string): Promise<DnsRecord[]> {
  return (await api.get<Items<DnsRecord>>(`${path(name)}/records`)).items;
}

function showRecords(out: Output, list: DnsRecord[]): void {
  for (const { purpose, name, expected, zone, found, note } of list) {
    out.line();
    out.fields([
      ['Record', purpose === 'dkim' ? 'DKIM key' : `${purpose.toUpperCase()}, a proposal`],
      ['Name', name],
      ['Type', 'TXT'],
      ['Value', expected],
      ['Zone file', zone],
      ['There is', purpose === 'dkim' ? undefined : found.join('\n')],
      ['Note', note],
    ]);
  }
}
