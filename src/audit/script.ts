import { details } from './script/details.ts';
import { head } from './script/head.ts';
import { helpers } from './script/helpers.ts';
import { reports } from './script/reports.ts';
import { settings } from './script/settings.ts';
import { trace } from './script/trace.ts';

export interface ScriptOptions {
  /** How far back the script looks unless it is told otherwise: 1 to 90. */
  days: number;
}

/**
 * The PowerShell script that gathers the evidence of an organisation where no app registration is wanted. It uses
 * documented cmdlets only, runs in Windows PowerShell 5.1 and PowerShell 7, and is plain ASCII: version 5.1 reads a file
 * without a byte order mark in the code page of the machine.
 * @throws RangeError
 */
export function auditScript({ days }: ScriptOptions): string {
  if (!Number.isInteger(days) || days < 1 || days > 90) throw new RangeError('days are 1 to 90');
  return (
    [head(days), helpers, settings, trace, details, reports].map((part) => part.trim()).join('\n\n') + '\n'
  );
}
