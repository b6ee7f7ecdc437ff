import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { z } from 'zod';
import type { compatibilityShape } from '../../api/routes/compatibility.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { Failure, usage } from '../failure.ts';
import { fileTrouble } from '../file-trouble.ts';
import { octets, printableText, when } from '../output.ts';

type Compatibility = z.infer<typeof compatibilityShape>;

const LABELS: [keyof Compatibility['seen'], string][] = [
  ['tls', 'TLS used'],
  ['cipher', 'Ciphers used'],
  ['offeredVersion', 'TLS offered'],
  ['offeredFamily', 'Ciphers offered'],
  ['method', 'Proved by'],
  ['hello', 'Calls itself'],
  ['extension', 'Extensions used'],
  ['repair', 'Mended'],
  ['listener', 'Listeners'],
  ['network', 'Comes from'],
];

export function compatibilityCommand(postern: Command): void {
  const compatibility = postern
    .command('compatibility')
    .description('what devices can do, by what was seen of them');
  withConnection(
    compatibility
      .command('show <source>')
      .description('what a source can do, and the tightest settings that would still work'),
  ).action(async (name: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const found = await api.get<Compatibility>(`/sources/${encodeURIComponent(name)}/compatibility`);
    out.answer(found, () => {
      const { profile, advice, seen } = found;
      out.heading(`${found.source}: ${profileText(profile)}`);
      out.fields([
        ['Seen', found.firstAt && `${when(found.firstAt)} to ${when(found.lastAt)}`],
        ['Connections', String(found.connections)],
        ['Messages', `${found.messages}, the largest ${octets(found.largest)}`],
        ...LABELS.map(([trait, label]): [string, string] => [
          label,
          (seen[trait] ?? []).map(({ value, count }) => `${value} (${count}×)`).join('\n'),
        ]),
        ['Needs', profile.needs.join(', ')],
      ] as [string, string | undefined][]);
      out.line();
      for (const { text, command } of advice) {
        out.note(text);
        if (command !== undefined) out.line(`    ${command}`);
      }
    });
  });
}

function profileText({ name, tls, sure }: Compatibility['profile']): string {
  if (name === 'unknown') return 'not known yet';
  const floor = tls === undefined ? '' : tls === 'none' ? ', no TLS' : `, ${tls.replace('TLSv', 'TLS ')}`;
  return `${name}${floor}${sure ? '' : ' (little was seen so far)'}`;
}

/** `postern source sheet`. */
export function sheetCommand(source: Command): void {
  const command = source
    .command('sheet <name>')
    .description("what to type into the device's panel; never a password")
    .option(
      '--format <text|markdown|html|json>',
      'for reading, for a wiki, for printing, for programs',
      'text',
    )
    .option('--language <en|fr>', 'in English or French', 'en')
    .option('--output <file>', 'write it to a file');
  withConnection(command).action(
    async (name: string, options: CommonOptions & { format: string; language: string; output?: string }) => {
      if (!['text', 'markdown', 'html', 'json'].includes(options.format))
        throw usage(`--format: expected text, markdown, html or json, not ${JSON.stringify(options.format)}`);
      if (!['en', 'fr'].includes(options.language))
        throw usage(`--language: expected en or fr, not ${JSON.stringify(options.language)}`);
      const { api, out } = await openSession(options);
      const { format, language, output } = options;
      const query = new URLSearchParams({ format, language }).toString();
      const sheet = (await api.raw(`/sources/${encodeURIComponent(name)}/sheet?${query}`)).toString();
      if (output !== undefined) {
        try {
          writeFileSync(output, sheet);
        } catch (error) {
          throw new Failure(`--output: ${output} can not be written (${fileTrouble(error)})`);
        }
      }
      out.answer(output === undefined ? { sheet } : { file: output }, () => {
        if (output === undefined) out.line(printableText(sheet).trimEnd());
        else out.done(`Sheet of ${name} written to ${output}`);
      });
    },
  );
}
