import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the published test data lies; it is kept beside the project, and CORPORA names another place. */
const folder = process.env['CORPORA'] ?? fileURLToPath(new URL('../../../shared/corpora/', import.meta.url));

/** A file of the test data; undefined when it is not there. */
export function corpus(file: string): string | undefined {
  const place = path.join(folder, file);
  return existsSync(place) ? readFileSync(place, 'utf8') : undefined;
}

/** The place of a file or folder of the test data; undefined when it is not there. */
export function corpusPath(name: string): string | undefined {
  const place = path.join(folder, name);
  return existsSync(place) ? place : undefined;
}
