import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Failure, usage } from '../failure.ts';
import { fileTrouble } from '../file-trouble.ts';
import { wholeNumber } from '../values.ts';

export function auditScriptCommand(audit: Command): void {
  audit
    .command('script')
    .description('print the PowerShell that gathers the evidence in Exchange Online; it only reads')
    .option('--days <days>', 'how far back the script looks, up to 90', '90')
    .option('--out <file>', 'write it into this file (default: standard output)')
    .action(async (options: { days: string; out?: string }) => {
      const { auditScript } = await import('../../audit/script.ts');
      const days = wholeNumber('--days', options.days);
      if (days < 1 || days > 90) throw usage('--days: expected 1 to 90; Exchange Online remembers no more');
      const script = auditScript({ days });
      if (options.out === undefined) {
        process.stdout.write(script);
        return;
      }
      try {
        writeFileSync(options.out, script, { flag: 'wx' });
      } catch (error) {
        const there = (error as NodeJS.ErrnoException).code === 'EEXIST';
        throw new Failure(
          there
            ? `${options.out} exists already`
            : `${options.out} can not be written (${fileTrouble(error)})`,
        );
      }
      process.stderr.write(`Run it in PowerShell: .\\${options.out}\n`);
    });
}
