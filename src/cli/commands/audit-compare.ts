import type { Command } from 'commander';
import type { Compared, Comparison } from '../../audit/run/compare.ts';
import { withAudit } from '../audit-folder.ts';
import type { Output } from '../output.ts';

/** Two audits of the same organisation, such as before and after the switch. */
export function auditCompareCommand(audit: Command): void {
  audit
    .command('compare')
    .description('what has changed between two audits: who is gone, who is still there, who is new')
    .requiredOption('--before <folder>', 'the folder of the earlier audit')
    .requiredOption('--after <folder>', 'the folder of the later audit')
    .option('--json', 'answer in JSON')
    .action(async ({ before, after, json }: { before: string; after: string; json?: boolean }) => {
      const { compare } = await import('../../audit/run/compare.ts');
      const { currentAnswer } = await import('../../audit/run/review.ts');
      const earlier = await withAudit({ folder: before, json }, (book) => currentAnswer(book));
      await withAudit({ folder: after, json }, async (book, out) => {
        const comparison = compare(earlier, await currentAnswer(book));
        out.answer(comparison, () => show(out, comparison));
      });
    });
}

function show(out: Output, { gone, still, appeared, silent, perDay }: Comparison): void {
  const rate = (value: number): string => String(Math.round(value * 10) / 10);
  out.heading(`Direct Send: ${rate(perDay.before)} messages a day before, ${rate(perDay.after)} after`);
  const list = (title: string, lines: readonly Compared[], more: (line: Compared) => string): void => {
    if (lines.length === 0) return;
    out.line();
    out.heading(title);
    out.table(
      ['ID', 'NAME', 'CLASS', 'BEFORE', 'AFTER', ''],
      lines.map((line) => [
        line.id,
        line.name.slice(0, 34),
        line.class,
        rate(line.before),
        rate(line.after),
        more(line),
      ]),
      '',
    );
  };
  list('Still there', still, () => '');
  list('New', appeared, () => '');
  const connectors = new Map(gone.map(({ id, connectors: names }) => [id, names.join(', ')]));
  list('Gone', gone, ({ id }) => (connectors.get(id) ? `now over ${connectors.get(id)}` : ''));
  if (silent.length > 0) {
    out.line();
    out.heading('Fallen silent since the switch');
    for (const { name, perDay: rateBefore, days } of silent)
      out.note(`${name}: ${rate(rateBefore)} a day before, nothing for ${days} days`);
  }
}
