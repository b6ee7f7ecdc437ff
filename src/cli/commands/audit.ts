import type { Command } from 'commander';
import { auditAnswerCommands } from './audit-answers.ts';
import { auditCollectCommand } from './audit-collect.ts';
import { auditCompareCommand } from './audit-compare.ts';
import { auditExportCommand } from './audit-export.ts';
import { auditRunCommand } from './audit-run.ts';
import { auditScriptCommand } from './audit-script.ts';

/** Who still uses Direct Send: gathering the evidence, and what it says. */
export function auditCommand(postern: Command): void {
  const audit = postern.command('audit').description('who still uses Direct Send, with proof');
  for (const add of [
    auditCollectCommand,
    auditScriptCommand,
    auditRunCommand,
    auditAnswerCommands,
    auditCompareCommand,
    auditExportCommand,
  ])
    add(audit);
}
