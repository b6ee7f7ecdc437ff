import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { stringify } from 'smol-toml';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { TomlFiles } from '../declaration-files.ts';
import { usage } from '../failure.ts';
import { fileTrouble } from '../file-trouble.ts';
import { type Plan, writePlan } from '../plan-text.ts';
import { wholeNumber } from '../values.ts';

/** `plan` ends with it when something would change, as scripts expect of such commands. */
const CHANGES = 2;
const MOST_DAYS = 90;

interface PlanOptions extends CommonOptions {
  prune?: boolean;
  days: string;
}

export function planCommand(postern: Command): void {
  const plan = postern
    .command('plan <files...>')
    .description('what policy files would change; ends with 0 when nothing, with 2 when something would')
    .option('--prune', 'delete what the files do not name')
    .option('--days <number>', 'judge the messages of so many days anew; 0: none', '7');
  withConnection(plan).action(async (paths: string[], options: PlanOptions) => {
    const files = TomlFiles.read(paths);
    const { api, out } = await openSession(options);
    const body = { declaration: files.value, prune: options.prune ?? false, days: days(options.days) };
    const answer = await files.explaining('files', () => api.send<Plan>('POST', '/plan', body));
    out.answer(answer, () => writePlan(out, answer));
    if (answer.changes.length > 0) process.exitCode = CHANGES;
  });

  const write = postern
    .command('export')
    .description('write what there is as a policy file; without secrets')
    .option('--output <file>', 'the file to write (default: standard output)')
    .option('--force', 'write over a file that is there');
  withConnection(write).action(async (options: CommonOptions & { output?: string; force?: boolean }) => {
    const { api, out } = await openSession(options);
    const declaration = await api.get<Record<string, unknown>>('/declaration');
    const text = out.json ? `${JSON.stringify(declaration, undefined, 2)}\n` : toml(declaration);
    if (options.output === undefined) {
      out.octets(Buffer.from(text));
      return;
    }
    if (existsSync(options.output) && !options.force) {
      throw usage(`${options.output} is there already; --force writes over it`);
    }
    try {
      writeFileSync(options.output, text, { mode: 0o600 });
      chmodSync(options.output, 0o600);
    } catch (error) {
      throw usage(`--output: ${options.output} can not be written (${fileTrouble(error)})`);
    }
    if (!out.json) out.done(`Written to ${options.output}; postern plan ${options.output} shows no change`);
  });
}

export function days(text: string): number {
  const count = wholeNumber('--days', text);
  if (count > MOST_DAYS) throw usage(`--days: expected at most ${MOST_DAYS}`);
  return count;
}

function toml(declaration: Record<string, unknown>): string {
  const filled = Object.entries(declaration).filter(
    ([, table]) => typeof table === 'object' && table !== null && Object.keys(table).length > 0,
  );
  return `${stringify(Object.fromEntries(filled))}\n`;
}
