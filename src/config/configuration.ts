import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Disk } from '../platform/disk.ts';
import { replaceFile } from '../platform/replace-file.ts';
import { ConfigError, type ConfigProblem, type LoadedConfig, parseConfig } from './load.ts';
import type { Config } from './schema.ts';
import { redactText, restoreText } from './secrets.ts';
import { changedFields, isGiven, type Setting, settingsOf } from './settings.ts';
import { readToml } from './toml.ts';

/** Octets of a configuration file. */
export const MOST_OCTETS = 262_144;

/** A change of one of these may end with nobody reaching the API, or with a start that fails. */
const LOCKING = [
  'api.host',
  'api.port',
  'api.tls',
  'api.trustedProxies',
  'api.proxyHeader',
  'data',
  'people.publicUrl',
  'people.provider',
  'tls.certificate',
  'tls.key',
] as const;

export interface ConfigurationOptions {
  /** What the process runs with. */
  loaded: LoadedConfig;
  /** The file that is read at a start: the one that was, or else the one that would be if it were there. Absent: none is. */
  file?: string;
  /** Why the file is not for this API to write; for people. */
  locked?: string;
  /** Variables that the next start will find. */
  environment: NodeJS.ProcessEnv;
  /** `--data` of the command line. */
  dataOption?: string;
  disk: Disk;
  /** What a start looks at besides, such as certificates. @throws Error for people */
  verify(loaded: LoadedConfig): Promise<void>;
}

export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

/** What a text would be as the configuration of the next start. */
export interface Assessment {
  problems: readonly ConfigProblem[];
  /** Against what the process runs with; secrets are not shown. */
  changes: FieldChange[];
  /** Fields among them by which nobody might reach the API any more. */
  locking: string[];
  /** Fields of the text that a variable of the environment overrides. */
  overridden: { field: string; variable: string }[];
}

export interface FileState {
  /** Absolute; absent: this relay reads no file. */
  path?: string;
  exists: boolean;
  /** Why it can not be written here; absent: it can. */
  readOnly?: string;
  /** With `<secret 1>` and so on in the place of secrets. Absent: they could not be recognized, or it can not be read. */
  text?: string;
  /** Changes with the file; empty where there is none. For a tag, never to be shown. */
  raw: string;
  problems: readonly ConfigProblem[];
}

/** A write that was refused, in words for an administrator. */
export class ConfigurationRefused extends Error {
  readonly kind: 'read-only' | 'invalid' | 'locking';
  readonly assessment?: Assessment;
  constructor(kind: ConfigurationRefused['kind'], message: string, assessment?: Assessment) {
    super(message);
    this.kind = kind;
    this.assessment = assessment;
  }
}

/** The configuration file beside the process that was started with it: what counts, what the next start would make of it. */
export class Configuration {
  readonly #options: ConfigurationOptions;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: ConfigurationOptions) {
    this.#options = options;
  }

  async file(): Promise<FileState> {
    const { file: place, locked } = this.#options;
    if (place === undefined) {
      const readOnly = locked ?? 'this relay reads no configuration file';
      return { exists: false, readOnly, raw: '', text: '', problems: [] };
    }
    const raw = await this.#read(place);
    const readOnly = locked ?? (await unwritable(place));
    if (typeof raw !== 'string' && raw !== undefined) {
      return { path: place, exists: true, readOnly, raw: '', problems: [raw] };
    }
    const { problems } = await this.#assess(raw ?? '', place);
    const shown = redactText(raw ?? '', readToml)?.text;
    return {
      path: place,
      exists: raw !== undefined,
      ...(readOnly !== undefined && { readOnly }),
      ...(shown !== undefined && { text: shown }),
      raw: raw ?? '',
      problems,
    };
  }

  /** What the process runs with, and from where it is; and what the next start would change. */
  async effective(state: FileState): Promise<{ settings: Setting[]; pending: FieldChange[] }> {
    const { loaded, environment, dataOption } = this.#options;
    let next: ReturnType<typeof parseConfig> | undefined;
    try {
      next = parseConfig(state.raw, state.path, environment);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
    const origins = { text: state.raw, given: next?.given ?? {}, variables: next?.variables ?? new Map() };
    const settings = settingsOf(loaded.config, origins).map((setting): Setting => {
      if (setting.field !== 'data') return setting;
      const value = loaded.data;
      if (dataOption !== undefined) return { field: 'data', value, from: 'command line' };
      if (environment['POSTERN_DATA'] === undefined) return setting;
      return { field: 'data', value, from: 'environment', variable: 'POSTERN_DATA' };
    });
    return { settings, pending: next ? changedFields(loaded.config, next.config) : [] };
  }

  /** @param text as it was shown: with secrets or numbers in their place */
  async assess(text: string): Promise<Assessment> {
    const { file: place } = this.#options;
    const current = place === undefined ? undefined : await this.#read(place);
    const whole = restored(text, typeof current === 'string' ? current : '');
    return typeof whole === 'string' ? this.#assess(whole, place) : empty([whole]);
  }

  /**
   * Writes the file for the next start; the one before stays beside it as `.bak`.
   * @param still is asked with the text that is replaced; what it throws changes nothing
   * @throws ConfigurationRefused
   */
  write(
    text: string,
    { confirmed, still }: { confirmed: boolean; still: (raw: string) => void },
  ): Promise<{ assessment: Assessment; path: string; backup?: string; before: FieldChange[] }> {
    const turn = this.#writing.then(() => this.#write(text, confirmed, still));
    this.#writing = turn.catch(() => {});
    return turn;
  }

  async #write(text: string, confirmed: boolean, still: (raw: string) => void) {
    const { disk, file: place, locked } = this.#options;
    const readOnly =
      locked ?? (place === undefined ? 'this relay reads no configuration file' : await unwritable(place));
    if (readOnly !== undefined || place === undefined)
      throw new ConfigurationRefused('read-only', readOnly ?? '');
    const current = await this.#read(place);
    if (typeof current !== 'string' && current !== undefined)
      throw new ConfigurationRefused('read-only', `${current.place}: ${current.expected}`);
    still(current ?? '');
    const whole = restored(text, current ?? '');
    const assessment = typeof whole === 'string' ? await this.#assess(whole, place) : empty([whole]);
    const [problem] = assessment.problems;
    if (typeof whole !== 'string' || problem) {
      const { place: where = '', field, expected = '' } = problem ?? {};
      throw new ConfigurationRefused(
        'invalid',
        `${[where, field, expected].filter(Boolean).join(': ')}; nothing was written`,
        assessment,
      );
    }
    if (assessment.locking.length > 0 && !confirmed) {
      throw new ConfigurationRefused(
        'locking',
        `after the next start the API may be reached no more as it is now, or people may not sign in as they do now: ${assessment.locking.join(', ')} would change. Look at it again, and confirm`,
        assessment,
      );
    }
    // of a link the file that it names: the link is somebody's order of things
    const target = current === undefined ? place : await realpath(place);
    const mode = current === undefined ? 0o600 : (await stat(target)).mode & 0o777;
    const before = this.#next(current ?? '');
    const after = this.#next(whole);
    let backup: string | undefined;
    try {
      if (current !== undefined) {
        backup = `${target}.bak`;
        await replaceFile(disk, backup, current, mode);
      }
      await replaceFile(disk, target, whole, mode);
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      throw new ConfigurationRefused(
        'read-only',
        `${target} could not be written (${code}), and is as it was`,
        assessment,
      );
    }
    return {
      assessment,
      path: target,
      ...(backup !== undefined && { backup }),
      before: before && after ? changedFields(before, after) : assessment.changes,
    };
  }

  #next(text: string): Config | undefined {
    try {
      return parseConfig(text, this.#options.file, this.#options.environment).config;
    } catch {
      return undefined;
    }
  }

  async #assess(text: string, place: string | undefined): Promise<Assessment> {
    const { loaded, environment, dataOption, verify } = this.#options;
    if (Buffer.byteLength(text) > MOST_OCTETS)
      return empty([{ place: place ?? '', expected: `expected at most ${MOST_OCTETS} octets` }]);
    try {
      const { config, given, variables } = parseConfig(text, place, environment);
      const changes = changedFields(loaded.config, config);
      const base = place === undefined ? process.cwd() : path.dirname(place);
      const data = dataOption ?? environment['POSTERN_DATA'] ?? path.resolve(base, config.data);
      const assessment: Assessment = {
        problems: [],
        changes,
        locking: LOCKING.filter((field) => changes.some((change) => change.field === field)),
        overridden: [...variables].flatMap(([field, variable]) =>
          isGiven(given, field.split('.')) ? [{ field, variable }] : [],
        ),
      };
      try {
        await verify({ config, file: place, data });
      } catch (error) {
        const expected = error instanceof Error ? error.message : String(error);
        return { ...assessment, problems: [{ place: place ?? '', expected }] };
      }
      return assessment;
    } catch (error) {
      if (error instanceof ConfigError) return empty(error.problems);
      throw error;
    }
  }

  /** Undefined when it is not there. */
  async #read(place: string): Promise<string | ConfigProblem | undefined> {
    try {
      const { size } = await stat(place);
      if (size > MOST_OCTETS) return { place, expected: `is larger than ${MOST_OCTETS} octets` };
      return await readFile(place, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      return { place, expected: `can not be read: ${code}` };
    }
  }
}

function restored(text: string, current: string): string | ConfigProblem {
  const secrets = redactText(current, readToml)?.secrets ?? [];
  const whole = restoreText(text, secrets);
  if ('text' in whole) return whole.text;
  return {
    place: 'the text',
    expected: `<secret ${whole.missing}> stands for a secret of the file as it is, and there is none of this number; write the secret itself`,
  };
}

function empty(problems: readonly ConfigProblem[]): Assessment {
  return { problems, changes: [], locking: [], overridden: [] };
}

/** Why a file can not be replaced, and what to do; undefined when it can. */
async function unwritable(place: string): Promise<string | undefined> {
  try {
    const there = await realpath(place).catch(() => undefined);
    if (there !== undefined) await access(there, constants.W_OK);
    await access(path.dirname(there ?? place), constants.W_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `${place} can not be written by the relay (${code}): edit it as its owner and start the relay anew, or give the relay's user the right to the file and its folder`;
  }
}
