// The texts of the console: the same in every language, all of them there, and none that nobody shows.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('../../web/src/', import.meta.url));
const PLURAL = /_(?:zero|one|two|few|many|other)$/;

function flat(value: unknown, prefix = ''): [string, string][] {
  if (typeof value === 'string') return [[prefix, value]];
  return Object.entries(value as object).flatMap(([name, inner]) =>
    flat(inner, prefix === '' ? name : `${prefix}.${name}`),
  );
}

const read = (file: string) => flat(JSON.parse(readFileSync(path.join(web, file), 'utf8')));
const places = globSync('**/en.json', { cwd: web }).map((file) => path.dirname(file));
const keys = (texts: [string, string][]) =>
  [...new Set(texts.map(([key]) => key.replace(PLURAL, '_#')))].sort();
const variables = (text: string) =>
  [...text.matchAll(/\{\{\s*([\w.]+)/g)].map(([, name = '']) => name).sort((a, b) => (a < b ? -1 : 1));

for (const place of places) {
  describe(`texts of ${place}`, () => {
    const english = read(`${place}/en.json`);
    const french = read(`${place}/fr.json`);

    it('the same keys in both languages, and every form that French has for numbers', () => {
      assert.deepEqual(keys(french), keys(english));
      const counted = keys(french).filter((key) => key.endsWith('_#'));
      for (const key of counted) {
        for (const form of ['one', 'many', 'other']) {
          assert.ok(
            french.some(([one]) => one === key.replace(/_#$/, `_${form}`)),
            `fr: ${key} lacks _${form}`,
          );
        }
      }
    });

    it('the same values are filled in', () => {
      for (const [key, text] of french) {
        const counterpart =
          english.find(([one]) => one === key) ??
          english.find(([one]) => one === key.replace(PLURAL, '_other'));
        assert.deepEqual(variables(text), variables(counterpart?.[1] ?? ''), `${place}: ${key}`);
      }
    });

    it('none is empty, and French has its own spaces and apostrophes', () => {
      for (const [key, text] of [...english, ...french]) assert.notEqual(text.trim(), '', key);
      for (const [key, text] of french) {
        assert.doesNotMatch(text, /[a-zà-ü]'[a-zà-ü]/i, `${key}: apostrophe`);
        assert.doesNotMatch(text, /[\p{L}\d}»][;!?:](?=\s|$)|«\S|\S»/u, `${key}: space before the sign`);
      }
    });

    it('no key is unknown to the pages', () => {
      const folder = place === '.' ? '' : `${place}/`;
      const own = place.startsWith('pages/') ? `${folder}**/*.{ts,tsx}` : '**/*.{ts,tsx}';
      const code = globSync(own, { cwd: web })
        .map((file) => readFileSync(path.join(web, file), 'utf8'))
        .join('\n');
      const unused = keys(english).filter((key) => {
        const name = key.replace(/_#$/, '');
        if (name === 'title' || code.includes(`'${name}'`) || code.includes(`.${name}'`)) return false;
        // made of parts: `t(`state.${state}`)`
        const stems = name.split('.').map((_, index, parts) => parts.slice(0, index + 1).join('.'));
        return !stems.some((stem) => code.includes(`\`${stem}.\${`) || code.includes(`'${stem}.`));
      });
      assert.deepEqual(unused, []);
    });
  });
}
