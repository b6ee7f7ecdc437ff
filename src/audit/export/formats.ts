import type { Language } from '../report/texts.ts';
import type { StoredAnswer } from '../run/book.ts';
import { connectorScript, sendersCsv, sourcesCsv } from './exports.ts';

export const EXPORTS = ['html', 'csv', 'json', 'sources', 'connectors'] as const;
export type ExportFormat = (typeof EXPORTS)[number];

export interface Exported {
  text: string;
  /** Media type, and a name for the file. */
  type: string;
  name: string;
}

/** The result as a file. @param language of the report; the others are for programs */
export async function exported(
  stored: StoredAnswer,
  format: ExportFormat,
  language: Language,
): Promise<Exported> {
  switch (format) {
    case 'html': {
      // page and texts are large, and wanted now and then
      const { reportPage } = await import('../report/page.ts');
      return {
        text: reportPage(stored, language),
        type: 'text/html; charset=utf-8',
        name: `direct-send-audit-${language}.html`,
      };
    }
    case 'csv':
      return { text: sendersCsv(stored), type: 'text/csv; charset=utf-8', name: 'direct-send-senders.csv' };
    case 'json':
      return {
        text: `${JSON.stringify(stored, undefined, 1)}\n`,
        type: 'application/json; charset=utf-8',
        name: 'direct-send-audit.json',
      };
    case 'sources':
      return { text: sourcesCsv(stored), type: 'text/csv; charset=utf-8', name: 'direct-send-sources.csv' };
    case 'connectors':
      return {
        text: connectorScript(stored),
        type: 'text/plain; charset=utf-8',
        name: 'direct-send-connectors.ps1',
      };
  }
}
