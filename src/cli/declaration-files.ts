import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Locate, locator } from '../config/locate.ts';
import { readToml, TomlTrouble } from '../config/toml.ts';
import { Failure, usage } from './failure.ts';
import { fileTrouble } from './file-trouble.ts';

interface SourceFile {
  file: string;
  text: string;
  lineOf: Locate;
}

/** TOML files that say one thing together, with what is needed to say where a mistake stands. */
export class TomlFiles {
  readonly value: Record<string, unknown>;
  /** By the path of an item, as JSON: the file that has it, and its path in there. */
  readonly #places: Map<string, { file: SourceFile; path: (string | number)[] }>;
  readonly #files: SourceFile[];

  private constructor(
    value: Record<string, unknown>,
    places: Map<string, { file: SourceFile; path: (string | number)[] }>,
    files: SourceFile[],
  ) {
    this.value = value;
    this.#places = places;
    this.#files = files;
  }

  /**
   * Reads files, and the `.toml` files of folders in the order of their names.
   * @throws Failure with file and line
   */
  static read(paths: readonly string[]): TomlFiles {
    const value: Record<string, unknown> = {};
    const places = new Map<string, { file: SourceFile; path: (string | number)[] }>();
    const files = paths.flatMap(filesAt).map(sourceFile);
    for (const file of files) {
      for (const [kind, table] of Object.entries(parsed(file))) {
        if (Array.isArray(table)) {
          const list = (value[kind] ??= []) as unknown[];
          for (const [index, item] of table.entries()) {
            places.set(JSON.stringify([kind, list.length]), { file, path: [kind, index] });
            list.push(item);
          }
          continue;
        }
        places.set(JSON.stringify([kind]), { file, path: [kind] });
        if (typeof table !== 'object' || table === null) {
          value[kind] = table;
          continue;
        }
        const items = (value[kind] ??= Object.create(null)) as Record<string, unknown>;
        for (const [name, item] of Object.entries(table)) {
          const place = JSON.stringify([kind, name]);
          const other = places.get(place);
          if (other) {
            const here = `${file.file}:${file.lineOf([kind, name]) ?? 1}`;
            const there = `${other.file.file}:${other.file.lineOf(other.path) ?? 1}`;
            throw new Failure(`${here}: ${kind} ${name} is declared twice; it also stands in ${there}`);
          }
          places.set(place, { file, path: [kind, name] });
          items[name] = item;
        }
      }
    }
    return new TomlFiles(value, places, files);
  }

  /** `printers.toml:12: source.erp.owner` for a JSON pointer into the value (RFC 6901). */
  place(pointer: string): string {
    const parts = pointer
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const field = parts.join('.');
    const [kind = '', item = ''] = parts;
    const found =
      this.#places.get(JSON.stringify([kind, item])) ??
      this.#places.get(JSON.stringify([kind, Number(item)])) ??
      this.#places.get(JSON.stringify([kind]));
    if (!found) return `${this.#files[0]?.file ?? ''}: ${field}`;
    const line = found.file.lineOf([...found.path, ...parts.slice(found.path.length)]) ?? 1;
    return `${found.file.file}:${line}: ${field}`;
  }

  /** The folder of the file that has this item of a list. */
  folderOf(kind: string, index: number): string {
    return path.dirname(this.#places.get(JSON.stringify([kind, index]))?.file.file ?? '.');
  }

  /** Runs a request; where the relay points into what was sent, the place in the files is told instead. */
  async explaining<T>(part: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      const { errors } =
        ((error instanceof Failure ? error.problem : undefined) as
          | { errors?: { detail: string; pointer?: string }[] }
          | Record<string, never>
          | undefined) ?? {};
      const told = errors?.filter(({ pointer }) => pointer !== undefined) ?? [];
      if (told.length === 0 || !(error instanceof Failure)) throw error;
      const lines = told.map(({ pointer = '', detail }) => `${this.place(pointer)}: ${detail}`);
      throw new Failure(
        `${lines.length === 1 ? 'a mistake' : `${lines.length} mistakes`} in the ${part}; nothing was changed\n${lines.join('\n')}`,
        1,
        error.problem,
      );
    }
  }
}

function filesAt(file: string): string[] {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw usage(`there is no file or folder ${file}`);
  if (!found.isDirectory()) return [file];
  const files = readdirSync(file, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.toml'))
    .sort();
  if (files.length === 0) throw usage(`the folder ${file} holds no .toml file`);
  return files.map((name) => path.join(file, name));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usage(`${file} can not be read (${fileTrouble(error)})`);
  }
}

function sourceFile(file: string): SourceFile {
  const text = textOf(file);
  let lineOf: Locate | undefined;
  return { file, text, lineOf: (place) => (lineOf ??= locator(text))(place) };
}

function parsed({ file, text }: SourceFile): Record<string, unknown> {
  try {
    // dates become text, as they travel in JSON
    return JSON.parse(JSON.stringify(readToml(text))) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof TomlTrouble)) throw error;
    throw new Failure(`${file}:${error.line}: ${error.message}`);
  }
}
