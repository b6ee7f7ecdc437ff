// What the documentation tells people to type is parsed by the command line itself, without being run.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { withCmdletSpelling } from './cmdlets.ts';
import { program } from './postern.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BLOCK = /^( *)```\w*\n(.*?)^\1```/gms;

/** The words of one command in a line for a shell: no comment, no redirection, no further command. */
function words(line: string): string[] {
  const found = line.match(/&&|[|;>#]|(?:\$\([^)]*\)|"[^"]*"|'[^']*'|[^\s"'|;>&])+/g) ?? [];
  const end = found.findIndex((word) => /^(?:&&|[|;>#])/.test(word));
  return found.slice(1, end < 0 ? undefined : end).map((word) => word.replaceAll(/["']/g, ''));
}

/** Lines in blocks of code, put together where a backslash divides them. */
function pasted(text: string): string[] {
  return [...text.matchAll(BLOCK)]
    .flatMap(([, , block = '']) => block.replaceAll(/\\\n\s*/g, '').split(/\n|&& /))
    .map((line) => line.trim().replace(/^(?:\$|npx) /, ''))
    .filter((line) => line.startsWith('postern '));
}

function mentioned(text: string): string[] {
  const prose = text.replaceAll(BLOCK, '');
  return [...prose.matchAll(/`(?:npx )?(postern [^`]+)`/g)].map(([, line = '']) => line);
}

/** commander's own judgement of a whole line: options, their values, arguments. */
async function parse(args: string[]): Promise<void> {
  const silent = (command: Command): Command => {
    command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    command.action(() => undefined);
    command.commands.forEach(silent);
    return command;
  };
  await silent(program()).parseAsync(withCmdletSpelling(args), { from: 'user' });
}

/** What does not exist of a line in prose, where `...` and NAME may stand for anything. */
function unknownIn(args: string[]): string[] {
  const line = withCmdletSpelling(args);
  let command = program();
  const options = new Set(['--help']);
  for (const word of line) {
    const next = command.commands.find((one) => [one.name(), ...one.aliases()].includes(word));
    if (!next) {
      // a command that does something by itself takes arguments or options, a mere group neither
      const group = command.options.length === 0 && command.registeredArguments.length === 0;
      if (group && /^[a-z]/.test(word)) return [word];
      break;
    }
    command = next;
    for (const { long } of command.options) options.add(long ?? '');
  }
  return line.filter((word) => /^--./.test(word) && !options.has(word));
}

describe('commands in the documentation exist', () => {
  for (const file of ['README.md', ...globSync('docs/*.md', { cwd: ROOT }).sort()]) {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    it(file, async () => {
      for (const line of pasted(text)) await assert.doesNotReject(parse(words(line)), line);
      for (const line of mentioned(text)) assert.deepEqual(unknownIn(words(line)), [], line);
    });
  }
});
