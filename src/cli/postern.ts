/**
 * The postern command. All but `start`, `version`, `config`, `why CODE` and `audit` talk to the relay's
 * API: what can be done here can be done by any program.
 */
import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { alertCommand } from './commands/alert.ts';
import { applyCommand } from './commands/apply.ts';
import { auditCommand } from './commands/audit.ts';
import { auditLogCommand } from './commands/audit-log.ts';
import { configCommand } from './commands/config.ts';
import { compatibilityCommand } from './commands/compatibility.ts';
import { consoleCommand } from './commands/console.ts';
import { containmentCommand } from './commands/containment.ts';
import { discoveryCommand } from './commands/discovery.ts';
import { credentialCommand } from './commands/credential.ts';
import { domainCommand } from './commands/domain.ts';
import { historyCommand } from './commands/history.ts';
import { edgeCommand } from './commands/edge.ts';
import { exceptionCommand } from './commands/exception.ts';
import { inboxCommand } from './commands/inbox.ts';
import { labCommand } from './commands/lab.ts';
import { logCommand } from './commands/log.ts';
import { messagesCommand } from './commands/messages.ts';
import { overviewCommand } from './commands/overview.ts';
import { planCommand } from './commands/plan.ts';
import { personCommand } from './commands/people.ts';
import { queueCommand } from './commands/queue.ts';
import { refusalsCommand } from './commands/refusals.ts';
import { recertifyCommand } from './commands/recertify.ts';
import { reportCommand } from './commands/report.ts';
import { routeCommand } from './commands/route.ts';
import { sourceCommand } from './commands/source.ts';
import { requestCommand } from './commands/source-request.ts';
import { statusCommand } from './commands/status.ts';
import { tokenCommand } from './commands/token.ts';
import { testCommand } from './commands/test.ts';
import { whyCommand } from './commands/why.ts';
import { withCmdletSpelling } from './cmdlets.ts';
import { EXIT, Failure } from './failure.ts';
import { printableText } from './output.ts';

/** Runs one command; sets the exit code of the process, and ends it only through that. */
export async function main(argv: string[]): Promise<void> {
  // `postern log | head` closes the pipe early: that is no error
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
  try {
    await program().parseAsync(withCmdletSpelling(argv), { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, argv.includes('--json'));
  }
}

/** All commands with their options; parsing runs one. */
export function program(): Command {
  const postern = new Command('postern')
    .description('A secure email relay for applications and devices.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .showHelpAfterError('(postern help COMMAND explains it)')
    .exitOverride();
  postern
    .command('start')
    .description('start the relay')
    .option('--config <file>', 'configuration file (default: postern.toml, if there is one)')
    .option('--data <folder>', 'data folder (default: ./data)')
    .action(async (options: { config?: string; data?: string }) => {
      const { start } = await import('../main.ts');
      await start(options);
    });
  for (const add of [
    sourceCommand,
    credentialCommand,
    requestCommand,
    recertifyCommand,
    domainCommand,
    discoveryCommand,
    routeCommand,
    edgeCommand,
    queueCommand,
    messagesCommand,
    logCommand,
    inboxCommand,
    labCommand,
    containmentCommand,
    exceptionCommand,
    compatibilityCommand,
    alertCommand,
    planCommand,
    applyCommand,
    historyCommand,
    testCommand,
    refusalsCommand,
    whyCommand,
    statusCommand,
    overviewCommand,
    reportCommand,
    consoleCommand,
    personCommand,
    tokenCommand,
    auditLogCommand,
    auditCommand,
    configCommand,
  ]) {
    add(postern);
  }
  postern
    .command('version')
    .description('print the version')
    .action(() => void process.stdout.write(`postern ${version()}\n`));
  return postern;
}

function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    // commander has written its message; asking for help is no error
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  if (error instanceof Failure) {
    if (json && error.problem !== undefined) process.stderr.write(`${JSON.stringify(error.problem)}\n`);
    else complain(error.message);
    return error.exitCode;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  complain(message);
  if (process.env['POSTERN_DEBUG'] !== undefined) process.stderr.write(`${stack}\n`);
  return EXIT.refused;
}

function complain(message: string): void {
  process.stderr.write(
    `${styleText('red', 'postern:', { stream: process.stderr })} ${printableText(message)}\n`,
  );
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
