import path from 'node:path';
import type { Command } from 'commander';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { TomlFiles } from '../declaration-files.ts';
import { EXIT } from '../failure.ts';
import { printable } from '../output.ts';
import { several, textFile } from '../values.ts';

interface TestOptions extends CommonOptions {
  with?: string[];
  prune?: boolean;
}

interface Answer {
  passed: number;
  failed: number;
  results: { name: string; passed: boolean; expected: string; happened: string; reason: string }[];
}

export function testCommand(postern: Command): void {
  const test = postern
    .command('test <files...>')
    .description('run policy tests: messages and their expected fates; ends with 1 when one fails')
    .option(
      '--with <files>',
      'against these policy files instead of what is in force (repeat for more)',
      several,
    )
    .option('--prune', 'as plan --prune would make of it');
  withConnection(test).action(async (paths: string[], options: TestOptions) => {
    const files = TomlFiles.read(paths);
    readMessages(files);
    const declared = options.with && TomlFiles.read(options.with);
    const { api, out } = await openSession(options);
    const body = { tests: files.value, declaration: declared?.value, prune: options.prune ?? false };
    const ask = () => api.send<Answer>('POST', '/policy-tests', body);
    // pointers into tests begin with /test, those into policy files never do
    const answer = await files.explaining('tests', ask);
    out.answer(answer, () => {
      for (const [index, { name, passed, expected, happened, reason }] of answer.results.entries()) {
        if (passed) continue;
        const place = files.place(`/test/${index}`).replace(/: [^:]*$/, '');
        out.line(out.style('red', printable(`✗ ${name} (${place})`)));
        out.line(
          printable(`    expected ${expected}, but: ${happened}${reason === '' ? '' : ` (${reason})`}`),
        );
      }
      const total = answer.results.length;
      if (answer.failed > 0) out.line(`${answer.failed} of ${total} tests failed`);
      else out.done(`${total} ${total === 1 ? 'test' : 'tests'} passed`);
    });
    if (answer.failed > 0) process.exitCode = EXIT.refused;
  });
}

/** `messageFile = "scan.eml"` is read here, beside the file that names it: the relay is sent the message itself. */
function readMessages(files: TomlFiles): void {
  const tests = files.value['test'];
  if (!Array.isArray(tests)) return;
  for (const [index, test] of tests.entries()) {
    const { messageFile, ...rest } = test as { messageFile?: unknown };
    if (typeof messageFile !== 'string') continue;
    const file = path.resolve(files.folderOf('test', index), messageFile);
    tests[index] = { ...rest, message: textFile(files.place(`/test/${index}/messageFile`), file) };
  }
}
