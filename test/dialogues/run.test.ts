import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseDialogues, play } from './script.ts';

for (const name of readdirSync(import.meta.dirname).filter((file) => file.endsWith('.txt'))) {
  describe(`dialogues: ${name}`, () => {
    const text = readFileSync(new URL(name, import.meta.url), 'utf8');
    for (const dialogue of parseDialogues(text)) it(dialogue.name, () => play(dialogue));
  });
}
