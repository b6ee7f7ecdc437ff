// Every address that the relay or the console itself leads to has a page, one that knows its tab and its filters.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

interface KnownPage {
  page: { folder: string };
  params: Record<string, string>;
  search: Record<string, string>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
// by a name that is made: what these import is checked as what runs in a browser, not as what runs here
const ofConsole = (file: string) => import(new URL(`../../web/src/${file}`, import.meta.url).href);
const { PAGES } = (await ofConsole('app/pages.ts')) as { PAGES: { folder: string }[] };
const { knownPage } = (await ofConsole('components/known-page.ts')) as {
  knownPage: (address: string) => KnownPage | undefined;
};
const read = (pattern: string): string =>
  globSync(pattern, { cwd: root, exclude: ['**/*.test.ts'] })
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .join('\n');

/** What a page's own code says: the names of its tabs and filters stand in it as texts or as keys. */
const code = new Map(PAGES.map(({ folder }) => [folder, read(`web/src/pages/${folder}/**/*.{ts,tsx}`)]));

/** Why an address leads nowhere; undefined: it leads where it says. */
function faultOf(template: string): string | undefined {
  // `${id}` of a text, and `$id` and `{-$tab}` of a path with parameters
  const address = template.replaceAll(/\/\{-\$\w+\}/g, '').replaceAll(/\$(?:\{[^}]*\}|\w+)/g, 'x1');
  const known = knownPage(address);
  if (!known) return 'no page';
  const text = code.get(known.page.folder) ?? '';
  const tab = known.params['tab'];
  if (tab !== undefined && !new RegExp(`^ +'?${tab}'?: lazy`, 'm').test(text)) return `no tab ${tab}`;
  const unread = Object.keys(known.search).filter((name) => !text.includes(`'${name}'`));
  return unread.length === 0 ? undefined : `${unread.join(', ')}: not read by ${known.page.folder}`;
}

/** Addresses in code, with what is filled in as it stands there. */
const addressesOf = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, , address = '']) => address)),
];

const faults = (addresses: string[]) =>
  addresses.flatMap((address) => {
    const fault = faultOf(address);
    return fault === undefined ? [] : [`${address}: ${fault}`];
  });

describe('links of the console', () => {
  it('what the relay says needs attention', () => {
    // in these every text that begins with a slash is an address of the console
    const addresses = addressesOf(read('src/api/attention/*.ts'), /(['`])(\/(?:[a-z].*?)?)\1/g);
    assert.ok(addresses.length > 20, addresses.join(' '));
    assert.deepEqual(faults(addresses), []);
  });

  it('what pages of the console lead to by their address', () => {
    const addresses = addressesOf(
      read('web/src/**/*.{ts,tsx}'),
      /(?:address=\{?|accepted: |refused: |held: )(["'`])(\/.*?)\1/g,
    );
    assert.ok(addresses.length > 10, addresses.join(' '));
    assert.deepEqual(faults(addresses), []);
  });

  it('what pages of the console lead to by their path', () => {
    const paths = addressesOf(read('web/src/**/*.{ts,tsx}'), /\bto(?:=\{?|: )(["'`])(\/.*?)\1/g);
    assert.ok(paths.length > 20, paths.join(' '));
    assert.deepEqual(faults(paths), []);
  });

  it('an address of no page, tab or filter is told', () => {
    assert.equal(faultOf('/nowhere'), 'no page');
    assert.equal(faultOf('/sources/${name}/nothing'), 'no tab nothing');
    assert.equal(faultOf('/queue?colour=red'), 'colour: not read by queue');
    assert.equal(faultOf('/sources/${name}/credentials'), undefined);
  });
});
