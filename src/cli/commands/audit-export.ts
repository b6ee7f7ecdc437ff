import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { AUDIT_FOLDER, type AuditOptions, withAudit } from '../audit-folder.ts';
import { Failure, usage } from '../failure.ts';
import { fileTrouble } from '../file-trouble.ts';

interface Options extends AuditOptions {
  format: string;
  out?: string;
  language: string;
}

/** The result as a file: for people, for spreadsheets, for programs, for the import of sources. */
export function auditExportCommand(audit: Command): void {
  audit
    .command('export')
    .description(
      'write the result: html (the report), csv, json, sources (for postern source import), connectors',
    )
    .requiredOption('--format <format>', 'html, csv, json, sources or connectors')
    .option('--out <file>', 'into this file (default: standard output)')
    .option('--language <language>', 'of the report: en or fr', 'en')
    .option('--folder <folder>', 'where the audit is kept', AUDIT_FOLDER)
    .action(async (options: Options) => {
      const { EXPORTS, exported } = await import('../../audit/export/formats.ts');
      const { LANGUAGES } = await import('../../audit/report/texts.ts');
      const { currentAnswer } = await import('../../audit/run/review.ts');
      const format = EXPORTS.find((one) => one === options.format);
      const language = LANGUAGES.find((one) => one === options.language);
      if (format === undefined) throw usage(`--format: expected one of ${EXPORTS.join(', ')}`);
      if (language === undefined) throw usage(`--language: expected ${LANGUAGES.join(' or ')}`);
      await withAudit(options, async (book) => {
        const { text } = await exported(await currentAnswer(book), format, language);
        if (options.out === undefined) {
          process.stdout.write(text);
          return;
        }
        try {
          // it holds addresses and subjects: for its owner only
          writeFileSync(options.out, text, { mode: 0o600 });
        } catch (error) {
          throw new Failure(`${options.out} can not be written (${fileTrouble(error)})`);
        }
        process.stderr.write(`${options.out} is written\n`);
      });
    });
}
