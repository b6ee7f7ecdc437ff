import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { FieldName, Mapping } from '../../audit/evidence/fields.ts';
import type { StoredAnswer } from '../../audit/run/book.ts';
import type { RunProgress, RunRequest } from '../../audit/run/request.ts';
import { AUDIT_FOLDER, type AuditOptions, withAudit } from '../audit-folder.ts';
import { Failure, usage } from '../failure.ts';
import { octets, type Output } from '../output.ts';
import { duration, ProgressLine } from '../progress.ts';
import { moment, several } from '../values.ts';

interface Options extends AuditOptions {
  domain?: string[];
  internalRelay?: string[];
  mapping?: string[];
  dates?: string;
  from?: string;
  to?: string;
  switched?: string;
  mxElsewhere?: boolean;
  ptr?: boolean;
}

export function auditRunCommand(audit: Command): void {
  audit
    .command('run [paths...]')
    .description('read evidence and answer; without paths, judge again what was read before')
    .option(
      '--domain <domains>',
      'your accepted domains, comma separated; *.contoso.com with its subdomains',
      several,
    )
    .option('--internal-relay <domains>', 'those of them that are internal relay domains', several)
    .option('--folder <folder>', 'where the audit is kept', AUDIT_FOLDER)
    .option('--from <time>', 'only messages since then: 90d, or 2026-01-31')
    .option('--to <time>', 'only messages before')
    .option('--switched <time>', 'when the rule was switched on, or senders were moved')
    .option('--mapping <column=field>', 'which column is which field; several times', several)
    .option('--dates <order>', 'how dates are written where nobody can tell: day-first or month-first')
    .option('--ptr', 'ask reverse DNS for the names of addresses; their owners can see that somebody asks')
    .option('--mx-elsewhere', 'the MX records do not lead to Microsoft 365')
    .option('--json', 'answer in JSON')
    .action(run);
}

async function run(paths: string[], options: Options): Promise<void> {
  const { AuditError } = await import('../../audit/audit-error.ts');
  const { runAudit } = await import('../../audit/run/run.ts');
  const { summaryOf } = await import('../../audit/summary.ts');
  const { systemClock } = await import('../../platform/clock.ts');
  const { systemDisk } = await import('../../platform/disk.ts');
  const { systemResolver } = await import('../../platform/resolver.ts');
  const request = await requestOf(paths, options);
  const line = new ProgressLine();
  const interruption = new AbortController();
  const interrupt = (): void =>
    interruption.abort(new Failure('Stopped. What was read is kept; the same command goes on from there.'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    await withAudit({ ...options, begins: true }, async (book, out) => {
      const go = (wanted: RunRequest): Promise<StoredAnswer> =>
        runAudit(wanted, {
          book,
          clock: systemClock,
          disk: systemDisk,
          resolver: systemResolver(),
          signal: interruption.signal,
          progress: (progress) => show(line, progress),
        });
      let stored: StoredAnswer;
      try {
        stored = await go(request);
      } catch (error) {
        const canAsk = process.stdin.isTTY && options.json !== true;
        if (!(error instanceof AuditError && error.code === 'domains' && canAsk) || request.domains?.length)
          throw error;
        line.end();
        stored = await go({ ...request, domains: await askDomains() });
      }
      line.end();
      out.answer(shortened(stored), () => {
        for (const { kind, text } of summaryOf(stored)) write(out, kind, text);
        out.line();
        out.line(`The whole: postern audit export --format html --out report.html${folderOption(options)}`);
      });
    });
  } finally {
    line.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** The inventory has commands of its own; what a program needs first stands here. */
function shortened({ answer, files, findings, at, names, organisation }: StoredAnswer): unknown {
  const { gates, coverage, effects, campaigns, senders, after } = answer;
  return {
    at,
    domains: organisation.tenant.domains,
    gates,
    coverage,
    effects,
    findings,
    senders: senders.length,
    campaigns: campaigns.length,
    files,
    ...(names && { names }),
    ...(after && { after }),
  };
}

function write(out: Output, kind: 'answer' | 'heading' | 'text' | 'dim', text: string): void {
  if (kind === 'answer' || kind === 'heading') out.heading(text);
  else out.line(kind === 'dim' ? out.style('dim', text) : text);
}

function show(
  line: ProgressLine,
  { phase, files, octets: read, rows, rowsPerSecond, leftMs }: RunProgress,
): void {
  if (phase === 'names') line.say('names', 'asking DNS for names');
  if (phase === 'judging') line.say('judging', 'judging');
  if (phase !== 'reading' || read.total === 0) return;
  const left = leftMs !== undefined && leftMs >= 1000 ? `, ${duration(leftMs)} left` : '';
  line.say(
    'reading',
    `reading: file ${Math.min(files.done + 1, files.total)} of ${files.total}, ${octets(read.done)} of ${octets(read.total)}, ${rows} rows, ${rowsPerSecond}/s${left}`,
  );
}

async function askDomains(): Promise<string[]> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return list([await lines.question('Which domains are yours (contoso.com, ...)? ')]);
  } finally {
    lines.close();
  }
}

async function requestOf(paths: string[], options: Options): Promise<RunRequest> {
  const { from, to, switched, dates } = options;
  const at = (option: string, text: string | undefined): number | undefined =>
    text === undefined ? undefined : moment(option, text, Date.now());
  if (dates !== undefined && dates !== 'day-first' && dates !== 'month-first')
    throw usage('--dates: expected day-first or month-first');
  const times = { from: at('--from', from), to: at('--to', to), switchedAt: at('--switched', switched) };
  if (times.from !== undefined && times.to !== undefined && times.from >= times.to)
    throw usage('--from: expected a time before --to');
  return {
    paths,
    domains: list(options.domain),
    internalRelay: list(options.internalRelay),
    mappings: await mappingsOf(options.mapping),
    ...(dates !== undefined && { dateOrder: dates }),
    ...Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined)),
    ...(options.mxElsewhere && { mxElsewhere: true }),
    ...(options.ptr && { ptr: true }),
  };
}

const list = (texts: readonly string[] = []): string[] =>
  texts
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');

/** `Expéditeur=sender_address`: the column as the file names it, and the field. */
async function mappingsOf(texts: readonly string[] = []): Promise<Mapping[]> {
  if (texts.length === 0) return [];
  const { FIELD_NAMES } = await import('../../audit/evidence/fields.ts');
  const columns: Partial<Record<FieldName, string>> = {};
  for (const text of texts) {
    const at = text.lastIndexOf('=');
    const field = FIELD_NAMES.find((name) => name === text.slice(at + 1).trim());
    if (at <= 0 || field === undefined)
      throw usage(
        `--mapping: expected column=field, not ${JSON.stringify(text)}; fields are ${FIELD_NAMES.join(', ')}`,
      );
    columns[field] = text.slice(0, at).trim();
  }
  return [{ columns }];
}

function folderOption({ folder }: AuditOptions): string {
  return folder === AUDIT_FOLDER ? '' : ` --folder ${JSON.stringify(folder)}`;
}
