import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { z } from 'zod';
import type { appliedShape } from '../../api/routes/plan.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { TomlFiles } from '../declaration-files.ts';
import { usage } from '../failure.ts';
import type { Output } from '../output.ts';
import { type Plan, writePlan } from '../plan-text.ts';
import { confirm, passwordFile, several, textFile } from '../values.ts';
import { days } from './plan.ts';

export interface SecretOptions {
  routePassword?: string[];
  routeKey?: string[];
  secretsFile?: string;
}

interface ApplyOptions extends CommonOptions, SecretOptions {
  prune?: boolean;
  comment?: string;
  days: string;
  base?: string;
  yes?: boolean;
}

export type Applied = z.infer<typeof appliedShape>;

export function withSecrets(command: Command): Command {
  return command
    .option('--route-password <name=file>', 'password of a route, from a file (repeat for more)', several)
    .option('--route-key <name=file>', 'private key of a route, PEM, from a file (repeat for more)', several)
    .option(
      '--secrets-file <file>',
      'write new passwords and keys to this new file instead of printing them',
    );
}

export function applyCommand(postern: Command): void {
  const apply = postern
    .command('apply <files...>')
    .description('make the relay what policy files say: all of it, or nothing')
    .option('--prune', 'delete what the files do not name')
    .option('--comment <text>', 'why; stands in the history')
    .option('--days <number>', 'judge the messages of so many days anew; 0: none', '7')
    .option('--base <hash>', 'only when nothing was changed since the plan with this base')
    .option('--yes', 'do not ask');
  withSecrets(withConnection(apply)).action(async (paths: string[], options: ApplyOptions) => {
    const files = TomlFiles.read(paths);
    const { api, out } = await openSession(options);
    const declaration = files.value;
    const prune = options.prune ?? false;
    const routeSecrets = routeSecretsOf(options);
    const asked = { declaration, prune, days: days(options.days) };
    const plan = await files.explaining('files', () => api.send<Plan>('POST', '/plan', asked));
    if (!out.json) writePlan(out, plan);
    if (plan.changes.length > 0) await confirm(`Make these ${plan.changes.length} changes?`, options.yes);
    const base = options.base ?? plan.base;
    const body = { declaration, prune, base, comment: options.comment ?? '', routeSecrets };
    const applied = await keepingSecrets(options.secretsFile, () =>
      files.explaining('files', () => api.send<Applied>('POST', '/apply', body)),
    );
    out.answer(applied, () => {
      if (applied.entry === undefined) return;
      out.done(`Applied: entry ${applied.entry} of the history (postern history rollback ${applied.entry})`);
      writeIssued(out, applied);
    });
  });
}

/** New secrets, shown this once. */
export function writeIssued(out: Output, { issued }: Applied): void {
  if (issued.length === 0) return;
  out.note('New secrets, shown this once:');
  out.table(
    ['SOURCE', 'CREDENTIAL', 'SECRET'],
    issued.map((one) => [one.source, one.account ?? one.label, one.password ?? one.apiKey ?? '']),
    '',
  );
}

/**
 * Opens the file before anything is changed, so that no secret is made that nobody can read. What was written there is
 * taken out of the answer; when nothing was applied, the file is gone again.
 */
export async function keepingSecrets(
  file: string | undefined,
  apply: () => Promise<Applied>,
): Promise<Applied> {
  if (file === undefined) return apply();
  const handle = newFile(file);
  try {
    const applied = await apply().catch((error: unknown) => {
      rmSync(file, { force: true });
      throw error;
    });
    try {
      writeFileSync(handle, `${JSON.stringify(applied.issued, undefined, 2)}\n`);
      fsyncSync(handle);
      applied.issued = [];
    } catch (error) {
      // there is no other copy of them
      const { code } = error as NodeJS.ErrnoException;
      process.stderr.write(
        `--secrets-file: ${file} can not be written (${code}); they are printed instead\n`,
      );
    }
    return applied;
  } finally {
    closeSync(handle);
  }
}

/** Never over another file, and for nobody else to read. */
function newFile(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    throw usage(`--secrets-file: ${file} can not be made (${(error as NodeJS.ErrnoException).code})`);
  }
}

export function routeSecretsOf({ routePassword = [], routeKey = [] }: SecretOptions) {
  const secrets: Record<string, { password?: string; privateKey?: string }> = {};
  for (const text of routePassword) {
    const [name, file] = nameAndFile('--route-password', text);
    secrets[name] = { ...secrets[name], password: passwordFile('--route-password', file) };
  }
  for (const text of routeKey) {
    const [name, file] = nameAndFile('--route-key', text);
    secrets[name] = { ...secrets[name], privateKey: textFile('--route-key', file) };
  }
  return secrets;
}

function nameAndFile(option: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`${option}: expected NAME=FILE, not ${JSON.stringify(text)}`);
  return [text.slice(0, at), text.slice(at + 1)];
}
