import type { Sheet } from './sheet.ts';
import { SHEET_TEXTS } from './sheet-texts.ts';

export const SHEET_FORMATS = ['text', 'markdown', 'html', 'json'] as const;
export type SheetFormat = (typeof SHEET_FORMATS)[number];

export function writeSheet(sheet: Sheet, format: SheetFormat): string {
  return { text, markdown, html, json }[format](sheet);
}

function json(sheet: Sheet): string {
  return `${JSON.stringify(sheet)}\n`;
}

function text({ title, subtitle, rows, notes }: Sheet): string {
  const width = Math.max(...rows.map(({ label }) => label.length));
  const lines = [title, '='.repeat(title.length)];
  if (subtitle !== '') lines.push(subtitle);
  lines.push('', ...rows.map(({ label, value }) => `${label.padEnd(width)}  ${value}`));
  lines.push('', ...notes.map((note) => `- ${note}`));
  return `${lines.join('\n')}\n`;
}

function markdown({ title, subtitle, rows, notes }: Sheet): string {
  const lines = [`# ${literal(title)}`, ''];
  if (subtitle !== '') lines.push(literal(subtitle), '');
  lines.push('| | |', '|---|---|');
  for (const { label, value } of rows) lines.push(`| **${literal(label)}** | ${literal(value)} |`);
  lines.push('', ...notes.map((note) => `- ${literal(note)}`));
  return `${lines.join('\n')}\n`;
}

/** What a person wrote must not become a link, a tag or another column. */
function literal(content: string): string {
  return content.replaceAll(/[\\`*_[\]<>|#~]/g, '\\$&');
}

function html({ language, title, subtitle, rows, notes }: Sheet): string {
  const head = SHEET_TEXTS[language].notes;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
body { font: 12pt/1.5 system-ui, sans-serif; max-width: 48em; margin: 2em auto; padding: 0 1em; color: #111; background: #fff }
h1 { font-size: 1.5em; margin-bottom: 0 }
table { border-collapse: collapse; width: 100%; margin: 1.5em 0 }
th, td { border: 1px solid #888; padding: .5em .7em; text-align: left; vertical-align: top }
th { width: 35%; background: #f0f0f0 }
td { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
@media print { body { margin: 0 } @page { margin: 2cm } }
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${subtitle === '' ? '' : `<p>${escaped(subtitle)}</p>\n`}<table>
${rows.map(({ label, value }) => `<tr><th scope="row">${escaped(label)}</th><td>${escaped(value)}</td></tr>`).join('\n')}
</table>
<h2>${escaped(head)}</h2>
<ul>
${notes.map((note) => `<li>${escaped(note)}</li>`).join('\n')}
</ul>
</body>
</html>
`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(content: string): string {
  return content.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
