import type { Command } from 'commander';
import type { Overview } from '../../api/overview-shapes.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { octets } from '../output.ts';
import { moment, wholeNumber } from '../values.ts';

interface ReportOptions extends CommonOptions {
  by: string;
  since: string;
  until?: string;
  source?: string;
  tag?: string;
  owner?: string;
  sort?: string;
  limit: string;
  compare?: boolean;
  csv?: boolean;
}

interface Row {
  key: string;
  name: string;
  counts: Overview['totals'];
  before?: Overview['totals'];
}

export function reportCommand(postern: Command): void {
  withConnection(
    postern
      .command('report')
      .description('who sent how much: counts by source, tag, owner, address, domain, day or code')
      .option(
        '--by <what>',
        'source, tag, owner, address (of senders), domain (of senders), recipient-domain, day, or code',
        'source',
      )
      .option('--since <when>', '7d, 30d ago, or a date', '30d')
      .option('--until <when>', 'end of the time (default: now)')
      .option('--source <name>', 'of one source')
      .option('--tag <tag>', 'of the sources with a tag')
      .option('--owner <address>', 'of the sources of one owner')
      .option(
        '--sort <measure>',
        'accepted, octets, refused, held, delivered, deferred, bounced, or key (default: as it fits)',
      )
      .option('--limit <number>', 'most rows', '100')
      .option('--compare', 'beside what was accepted in the time before, of the same length')
      .option('--csv', 'all rows, as a CSV file for spreadsheets'),
  ).action(
    async ({
      by,
      since,
      until,
      source,
      tag,
      owner,
      sort,
      limit,
      compare,
      csv,
      ...options
    }: ReportOptions) => {
      const { api, out } = await openSession(options);
      const now = Date.now();
      const query = {
        by,
        from: moment('--since', since, now),
        to: until === undefined ? undefined : moment('--until', until, now),
        source,
        tag,
        owner,
        sort,
        compare: compare ? 'true' : undefined,
      };
      if (csv) {
        out.octets(await api.raw('/reports', { ...query, format: 'csv' }));
        return;
      }
      const rows = await api.list<Row>('/reports', query, wholeNumber('--limit', limit));
      out.answer(rows, () =>
        out.table(
          [
            by.toUpperCase(),
            'ACCEPTED',
            ...(compare ? ['BEFORE'] : []),
            'SIZE',
            'REFUSED',
            'HELD',
            'DELIVERED',
            'DEFERRED',
            'BOUNCED',
          ],
          rows.map(({ key, name, counts, before }) => [
            by === 'code' && name !== key ? `${key} ${name}` : name,
            String(counts.accepted),
            ...(before ? [String(before.accepted)] : []),
            octets(counts.octets),
            String(counts.refused),
            String(counts.held),
            String(counts.delivered),
            String(counts.deferred),
            String(counts.bounced),
          ]),
          'Nothing was counted in this time.',
        ),
      );
    },
  );
}
