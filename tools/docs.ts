/**
 * Writes the documents that are made from the code: docs/configuration.md from the schema and docs/refusals.md
 * from the list of codes. With `--check` it changes nothing and fails when one of them is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { configSchema } from '../src/config/schema.ts';
import { REFUSALS } from '../src/refusals.ts';

interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
}

function configuration(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const lines = [
    '# Configuration reference',
    '',
    '<!-- Made by `npm run docs` from src/config/schema.ts; do not edit. -->',
    '',
    'Postern needs no configuration. What you want to change goes into `postern.toml` in the folder where it is',
    'started (or `postern start --config FILE`), or into the environment: `POSTERN_LIMITS__CONNECTIONS=500` sets',
    '`limits.connections`. Unknown options and wrong values stop the start, with file, line and what is expected.',
    '`postern config check` looks without starting. Sources, domains and routes are no configuration: they are kept in',
    'the data folder and managed by `postern source`, `postern domain` and `postern route`.',
    '',
    '`postern config show` tells what a running relay goes by: each setting that is not default with the line or variable it is',
    'from, and what a restart would change. `postern config set FILE` makes a text the file of the next start, after the same checks as a',
    'start would make; the file before stays beside it as `.bak`. Where the relay was started without a file it makes `postern.toml` in the',
    'folder where it was started, which is where the next start looks. The same is `/api/v1/configuration`: owners who have signed in',
    'within 15 minutes may write, auditors may read, secrets are shown to nobody. What decides how the API is reached or how people',
    'sign in (`api.host`, `api.port`, `api.tls`, `people.provider`, ...) needs `--confirm`. A file that the relay may not write, or that',
    '`POSTERN_CONFIG` names, is not written: change it where it is made, and start anew. Who may write the file decides which files the',
    'relay opens, as its user.',
    '',
    '| variable | meaning |',
    '|---|---|',
    '| `POSTERN_CONFIG` | configuration file |',
    '| `POSTERN_DATA` | data folder |',
    '| `POSTERN_SEAL_KEY` | key that seals secrets at rest, 64 hexadecimal digits; absent: the file `seal-key` in the data folder |',
    '| `POSTERN_CONSOLE_BUILD` | `never`: a start from the sources does not build the console anew; the name of a build in `dist/web`: serves that one |',
    '| `POSTERN_API`, `POSTERN_TOKEN` | where the command line finds the API, and its token |',
  ];
  const top = Object.entries(schema.properties ?? {});
  lines.push('', '## Top level', '', ...table(top.filter(([, field]) => !isTable(field))));
  for (const [name, field] of top.filter(([, field]) => isTable(field))) lines.push(...section(name, field));
  return `${lines.join('\n')}\n`;
}

function section(name: string, field: JsonSchema): string[] {
  const inner = field.type === 'array' ? field.items : field;
  const entries = Object.entries(inner?.properties ?? {});
  const heading = field.type === 'array' ? `[[${name}]]` : `[${name}]`;
  const simple = entries.filter(([, value]) => !isTable(value));
  return [
    '',
    `## \`${heading}\``,
    '',
    field.description ?? '',
    '',
    ...(simple.length > 0 ? table(simple) : []),
    ...entries
      .filter(([, value]) => isTable(value))
      .flatMap(([key, value]) => section(`${name}.${key}`, value)),
  ];
}

function isTable(field: JsonSchema): boolean {
  return field.properties !== undefined || field.items?.properties !== undefined;
}

function table(fields: [string, JsonSchema][]): string[] {
  return [
    '| option | type | default | meaning |',
    '|---|---|---|---|',
    ...fields.map(
      ([name, field]) => `| \`${name}\` | ${type(field)} | ${standard(field)} | ${field.description ?? ''} |`,
    ),
  ];
}

function type(field: JsonSchema): string {
  if (field.enum) return field.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (field.type === 'array') return `list of ${field.items ? type(field.items) : 'text'}`;
  return (
    { string: 'text', integer: 'whole number', number: 'number', boolean: 'yes or no' }[field.type ?? ''] ??
    ''
  );
}

function standard(field: JsonSchema): string {
  // the host name is the machine's: not the same in two places
  if (field.description?.includes('Default:')) return '';
  // a bar would end the cell, in code too
  return field.default === undefined ? '' : `\`${JSON.stringify(field.default).replaceAll('|', '\\|')}\``;
}

function refusals(): string {
  const rows = Object.entries(REFUSALS);
  return `${[
    '# Refusals',
    '',
    '<!-- Made by `npm run docs` from src/refusals.ts; do not edit. -->',
    '',
    'Every refusal carries a code that can be read off a panel: `550 5.7.1 S402 From address not allowed for this',
    'source`. `postern why S402` explains a code, `postern why MESSAGE` tells the story of a message. The letter says',
    'which room refused: C connection and protocol, T TLS, A authentication, S sender, R recipient, M message, L limits,',
    'K kill switch, X the relay itself, D delivery (in bounces).',
    '',
    ...rows.flatMap(([code, { code: status, enhanced, text, explanation, remedy }]) => [
      `## ${code} ${text}`,
      '',
      `\`${status} ${enhanced}\``,
      '',
      explanation,
      '',
      `**What to do:** ${remedy}`,
      '',
    ]),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

const check = process.argv.includes('--check');
let stale = false;
for (const [file, text] of [
  ['docs/configuration.md', configuration()],
  ['docs/refusals.md', refusals()],
] as const) {
  let current = '';
  try {
    current = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (current === text) continue;
  stale = true;
  if (check) console.error(`${file} is out of date: run npm run docs`);
  else writeFileSync(file, text);
}
if (check && stale) process.exit(1);
