import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { Failure, usage } from '../failure.ts';
import { fileTrouble } from '../file-trouble.ts';
import { Output, printable } from '../output.ts';

interface Change {
  field: string;
  before: unknown;
  after: unknown;
}

interface Shown {
  file: { path?: string; exists: boolean; readOnly?: string; problems: Problem[] };
  settings: { field: string; value: unknown; from: string; variable?: string; line?: number }[];
  restart: { needed: boolean; changes: Change[] };
}

interface Problem {
  place: string;
  field?: string;
  expected: string;
}

interface Written {
  path: string;
  backup?: string;
  restartNeeded: boolean;
  changes: Change[];
  overridden: { field: string; variable: string }[];
}

export function configCommand(postern: Command): void {
  const config = postern.command('config').description('the configuration file');
  check(config);
  show(config);
  set(config);
}

function check(config: Command): void {
  config
    .command('check')
    .description('read the configuration as start would, and say what is wrong with it')
    .option('--config <file>', 'configuration file (default: postern.toml, if there is one)')
    .option('--json', 'answer in JSON: the configuration with all defaults')
    .action(async (options: { config?: string; json?: boolean }) => {
      const { ConfigError, loadConfig } = await import('../../config/load.ts');
      const out = new Output(options.json ?? false);
      try {
        const loaded = loadConfig({ file: options.config, environment: process.env });
        out.answer(loaded.config, () =>
          out.done(
            `${loaded.file ?? 'No configuration file: the defaults'} can be used; data folder ${loaded.data}`,
          ),
        );
      } catch (error) {
        if (error instanceof ConfigError)
          throw new Failure(error.message, 1, { problems: error.message.split('\n') });
        throw error;
      }
    });
}

function show(config: Command): void {
  const command = config
    .command('show')
    .description('what the running relay is configured with, from where, and what a restart would change')
    .option('--all', 'with what is default');
  withConnection(command).action(async (options: CommonOptions & { all?: boolean }) => {
    const { api, out } = await openSession(options);
    const shown = await api.get<Shown>('/configuration');
    out.answer(shown, () => {
      const { file, restart, settings } = shown;
      out.fields([
        ['File', file.path === undefined ? 'none' : `${file.path}${file.exists ? '' : ' (not there)'}`],
      ]);
      if (file.readOnly !== undefined) out.note(printable(file.readOnly));
      out.line();
      out.table(
        ['SETTING', 'VALUE', 'FROM'],
        settings
          .filter(({ from }) => options.all || from !== 'default')
          .map(({ field, value, from, variable, line }) => [
            field,
            printable(JSON.stringify(value) ?? ''),
            variable ?? (line === undefined ? from : `line ${line}`),
          ]),
        'All is default.',
      );
      for (const { place, field, expected } of file.problems)
        out.note(
          printable(`the next start would fail: ${[place, field, expected].filter(Boolean).join(': ')}`),
        );
      if (restart.needed) {
        out.note('the file has changed: a restart would change');
        tell(out, restart.changes);
      }
    });
  });
}

function set(config: Command): void {
  const command = config
    .command('set <file>')
    .description("make a file's text the configuration file of the next start; the one before stays as .bak")
    .option('--confirm', 'also what decides how the API is reached, and how people sign in');
  withConnection(command).action(async (file: string, options: CommonOptions & { confirm?: boolean }) => {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      throw usage(`${file} can not be read (${fileTrouble(error)})`);
    }
    const { api, out } = await openSession(options);
    const { tag } = await api.getWithTag<Shown>('/configuration');
    const body = { text, confirm: options.confirm ?? false };
    const written = await api.send<Written>('PUT', '/configuration', body, tag);
    out.answer(written, () => {
      out.done(
        `${written.path} is written${written.backup === undefined ? '' : `; the one before is ${written.backup}`}`,
      );
      tell(out, written.changes);
      for (const { field, variable } of written.overridden)
        out.note(`${field} has no effect: ${variable} of the environment overrides it`);
      out.line(
        written.restartNeeded
          ? 'It takes effect when the relay is started anew.'
          : 'The relay runs with these values already.',
      );
    });
  });
}

function tell(out: Output, changes: Change[]): void {
  const text = (value: unknown): string => printable(JSON.stringify(value) ?? '');
  out.table(
    ['SETTING', 'NOW', 'AFTER A RESTART'],
    changes.map(({ field, before, after }) => [field, text(before), text(after)]),
    'Nothing changes.',
  );
}
