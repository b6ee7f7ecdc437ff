import type { Command } from 'commander';
import type { z } from 'zod';
import type { muteShape } from '../../api/alert-shapes.ts';
import type { Items } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { usage } from '../failure.ts';
import { when } from '../output.ts';
import { moment } from '../values.ts';

type Mute = z.infer<typeof muteShape>;

interface AddOptions extends CommonOptions {
  rule?: string;
  code?: string;
  source?: string;
  for?: string;
  until?: string;
  reason?: string;
}

export function alertMuteCommand(alert: Command): void {
  const mute = alert.command('mute').description('what is counted, but not told until a time');

  const add = mute
    .command('add')
    .description('tell nothing of a rule, a code or a source for some time')
    .option('--rule <name>', 'of this rule')
    .option('--code <code>', 'of this code')
    .option('--source <name>', 'of this source')
    .option('--for <time>', '30m, 8h, 7d')
    .option('--until <date>', 'a date such as 2026-01-31T12:00')
    .option('--reason <text>', 'why, for others');
  withConnection(add).action(async (options: AddOptions) => {
    const { rule, code, source, reason } = options;
    if ((options.for === undefined) === (options.until === undefined))
      throw usage('say until when: one of --for and --until');
    const { api, out } = await openSession(options);
    const made = await api.send<Mute>('POST', '/alert-mutes', {
      rule,
      code,
      source,
      reason,
      until: endOf(options, Date.now()),
    });
    out.answer(made, () => out.done(`Muted until ${when(made.until)}: ${aboutOf(made)} (${made.id})`));
  });

  withConnection(mute.command('list').description('list what is not told now')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const { items } = await api.get<Items<Mute>>('/alert-mutes');
      out.answer(items, () =>
        out.table(
          ['MUTE', 'WHAT', 'UNTIL', 'BY', 'REASON'],
          items.map((one) => [one.id, aboutOf(one), when(one.until), one.by, one.reason]),
          'Nothing is muted.',
        ),
      );
    },
  );

  withConnection(mute.command('remove <id>').description('end a mute')).action(
    async (id: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      await api.send('DELETE', `/alert-mutes/${encodeURIComponent(id)}`);
      out.answer({ removed: id }, () => out.done(`Mute ${id} ended`));
    },
  );
}

/** `moment` reads a length as time ago; here it lies ahead. */
function endOf(options: AddOptions, now: number): number {
  if (options.until !== undefined) return moment('--until', options.until, now);
  const text = options.for ?? '';
  if (!/^\d{1,6}[smhd]$/.test(text))
    throw usage(`--for: expected 30m, 8h or 7d, not ${JSON.stringify(text)}`);
  return now + (now - moment('--for', text, now));
}

function aboutOf({ rule, code, source, sourceName }: Mute): string {
  const name = sourceName ?? source;
  return [rule && `rule ${rule}`, code && `code ${code}`, name && `source ${name}`]
    .filter(Boolean)
    .join(', ');
}
