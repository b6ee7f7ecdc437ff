import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Source } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { Failure, usage } from '../failure.ts';
import { fileTrouble } from '../file-trouble.ts';
import { counted, when } from '../output.ts';
import { filterOf, type FilterOptions, withFilter } from '../source-options.ts';
import { confirm, textFile } from '../values.ts';

const pathOf = (name: string) => `/sources/${encodeURIComponent(name)}`;

type ReasonOptions = CommonOptions & { reason?: string };

/** `postern source` for the life of sources: states, retirement, files. */
export function lifecycleCommands(source: Command): void {
  stop(source, 'disable', 'stop a source at once; its messages in the spool are held');
  stop(source, 'enable', 'let a source send again');
  moveTo(source);
  bulk(source);
  retire(source);
  keep(source);
  exportFile(source);
  importFile(source);
}

function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why; stands in the journal');
}

function stop(source: Command, verb: 'disable' | 'enable', description: string): void {
  withConnection(withReason(source.command(`${verb} <name>`).description(description))).action(
    async (name: string, options: ReasonOptions) => {
      const { api, out } = await openSession(options);
      const after = await api.send<Source>('POST', `${pathOf(name)}/${verb}`, { reason: options.reason });
      out.answer(after, () => {
        out.done(`Source ${after.name} ${verb}d`);
        out.line(
          verb === 'disable'
            ? `Its connections are closed and its waiting messages are held. Let it go on: postern source enable ${after.name}`
            : `Messages that were held meanwhile wait: postern queue release --source ${after.name}`,
        );
      });
    },
  );
}

function moveTo(source: Command): void {
  const command = source
    .command('state <name> <state>')
    .description('move a source to pending, sandboxed, active, suspended or retired');
  withConnection(withReason(command)).action(async (name: string, state: string, options: ReasonOptions) => {
    const { api, out } = await openSession(options);
    const after = await api.send<Source>('POST', `${pathOf(name)}/state`, { state, reason: options.reason });
    out.answer(after, () => out.done(`Source ${after.name} is ${after.state}`));
  });
}

interface BulkAnswer {
  changed: number;
  unchanged: number;
  errors: { name: string; detail: string }[];
}

function bulk(source: Command): void {
  const command = source
    .command('set-state <new-state> [names...]')
    .description('move many sources to another state: those named, or all that match')
    .option('--dry-run', 'say what would happen')
    .option('--all-or-nothing', 'one that can not be moved keeps all as they are')
    .option('--yes', 'do not ask');
  withConnection(withReason(withFilter(command))).action(
    async (
      state: string,
      names: string[],
      options: ReasonOptions & FilterOptions & { dryRun?: boolean; allOrNothing?: boolean; yes?: boolean },
    ) => {
      const { api, out } = await openSession(options);
      const filter = filterOf(options, Date.now());
      const filtered = Object.values(filter).some((value) => value !== undefined);
      if (filtered === names.length > 0) throw usage('say which sources: names, or options such as --tag');
      const { reason, allOrNothing } = options;
      const wanted = { ...(filtered ? { filter } : { names }), state, reason, allOrNothing };
      const ask = (dryRun: boolean) => api.send<BulkAnswer>('POST', '/sources/states', { ...wanted, dryRun });
      if (!options.dryRun && !options.yes) {
        const { changed } = await ask(true);
        await confirm(`Move ${counted(changed, 'source')} to ${state}?`, false);
      }
      const answer = await ask(options.dryRun ?? false);
      out.answer(answer, () => {
        out.done(
          `${counted(answer.changed, 'source')} ${options.dryRun ? 'would become' : 'moved to'} ${state}; already so: ${answer.unchanged}`,
        );
        for (const { name, detail } of answer.errors) out.note(`${name}: ${detail}`);
      });
    },
  );
}

function retire(source: Command): void {
  const command = source
    .command('retire <name>')
    .description('retire a source, after a brown-out in which some of its attempts are put off')
    .option('--days <number>', 'length of the brown-out; 0: at once')
    .option('--share <percent>', 'share of the attempts that is put off')
    .option('--hours <list>', 'hours of the day (UTC) in which all are put off: 9,10,14');
  withConnection(withReason(command)).action(
    async (name: string, options: ReasonOptions & { days?: string; share?: string; hours?: string }) => {
      const { api, out } = await openSession(options);
      const after = await api.send<Source>('POST', `${pathOf(name)}/retire`, {
        ...planOf(options),
        reason: options.reason,
      });
      out.answer(after, () => {
        if (!after.brownOut) return out.done(`Source ${after.name} is retired`);
        out.done(`Source ${after.name} will be retired ${when(after.brownOut.until)}`);
        out.line(
          `Until then some of its mail is put off (K805). Keep it after all: postern source keep ${after.name}`,
        );
      });
    },
  );
}

/** How the brown-out is to be. */
export function planOf({ days, share, hours }: { days?: string; share?: string; hours?: string }) {
  const number = (option: string, text: string | undefined, most: number) => {
    if (text === undefined) return undefined;
    const value = Number(text.replace(/%$/, ''));
    if (text.trim() !== '' && value >= 0 && value <= most) return value;
    throw usage(`${option}: expected a number from 0 to ${most}, not ${JSON.stringify(text)}`);
  };
  const percent = number('--share', share, 100);
  return {
    days: number('--days', days, 365),
    share: percent === undefined ? undefined : percent / 100,
    hours: hours?.split(',').map((hour) => number('--hours', hour.trim(), 23)),
  };
}

function keep(source: Command): void {
  const command = source
    .command('keep <name>')
    .description('a source that was about to be retired is still needed');
  withConnection(withReason(command)).action(async (name: string, options: ReasonOptions) => {
    const { api, out } = await openSession(options);
    const after = await api.send<Source>('POST', `${pathOf(name)}/keep`, { reason: options.reason });
    out.answer(after, () => out.done(`Source ${after.name} is kept; it is ${after.state}`));
  });
}

function exportFile(source: Command): void {
  const command = source
    .command('export [file]')
    .description('write sources to a file (CSV or JSON by its name), or JSON to standard output')
    .option('--format <csv|json>', 'whatever the name says');
  withConnection(withFilter(command)).action(
    async (file: string | undefined, options: CommonOptions & FilterOptions & { format?: string }) => {
      const { api, out } = await openSession(options);
      const format = options.format ?? formatOf(file ?? '');
      const content = await api.raw('/sources/export', { ...filterOf(options, Date.now()), format });
      if (file === undefined) return out.octets(content);
      try {
        writeFileSync(file, content, { mode: 0o600 });
      } catch (error) {
        throw new Failure(`${file} can not be written (${fileTrouble(error)})`);
      }
      out.answer({ file }, () => out.done(`Sources written to ${file}`));
    },
  );
}

interface ImportAnswer {
  rows: number;
  added: number;
  changed: number;
  skipped: number;
  written: boolean;
  errors: { row: number; name: string; field?: string; detail: string }[];
}

function importFile(source: Command): void {
  const command = source
    .command('import <file>')
    .description('add sources from a CSV or JSON file (- for standard input)')
    .option('--existing <refuse|skip|update>', 'what to do with sources that there are already', 'refuse')
    .option('--all-or-nothing', 'one wrong row keeps everything out')
    .option('--dry-run', 'say what would happen, and change nothing')
    .option('--format <csv|json>', 'whatever the name says');
  withConnection(command).action(
    async (
      file: string,
      options: CommonOptions & {
        existing: string;
        allOrNothing?: boolean;
        dryRun?: boolean;
        format?: string;
      },
    ) => {
      const { api, out } = await openSession(options);
      const { existing, dryRun = false, allOrNothing = false } = options;
      const type = (options.format ?? formatOf(file)) === 'csv' ? 'text/csv' : 'application/json';
      const query = { existing, dryRun: String(dryRun), allOrNothing: String(allOrNothing) };
      const answer = await api.upload<ImportAnswer>('/sources/import', query, textFile('file', file), type);
      out.answer(answer, () => {
        const { rows, added, changed, skipped, errors } = answer;
        const would = answer.written ? '' : ' (nothing was written)';
        out.done(
          `${rows} rows: ${added} added, ${changed} changed, ${skipped} left out, ${errors.length} refused${would}`,
        );
        for (const { row, name, detail } of errors) out.note(`row ${row}${name && ` (${name})`}: ${detail}`);
      });
      if (answer.errors.length > 0) process.exitCode = 1;
    },
  );
}

function formatOf(file: string): 'csv' | 'json' {
  return path.extname(file).toLowerCase() === '.csv' ? 'csv' : 'json';
}
