import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { nearest } from '../platform/spelling.ts';
import { type Locate, locator } from './locate.ts';
import { type Config, configSchema } from './schema.ts';
import { isSecret } from './secrets.ts';
import { readToml, TomlTrouble } from './toml.ts';

export interface ConfigProblem {
  /** Where it stands: `postern.toml:12`, `postern.toml`, or the variable of the environment. */
  place: string;
  /** In the file, from 1. */
  line?: number;
  /** `listener[2].tls` */
  field?: string;
  /** What is wrong, and what is expected. */
  expected: string;
}

/** A configuration that can't be used: each problem with file, line, field and what is expected. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    const lines = problems.map(({ place, field, expected }) =>
      [place, field, expected].filter((part) => part !== undefined).join(': '),
    );
    super(lines.join('\n'), options);
    this.problems = problems;
  }
}

export interface LoadOptions {
  /** Path of the file; absent: `postern.toml` in the working directory, if there is one. */
  file?: string;
  /** Data folder, over what the file says. */
  data?: string;
  /** `POSTERN_LIMITS__CONNECTIONS=100` sets `limits.connections`. */
  environment?: NodeJS.ProcessEnv;
}

export interface LoadedConfig {
  config: Config;
  /** The file that was read; absent when all is default. */
  file?: string;
  /** Absolute path of the data folder. */
  data: string;
}

export interface ParsedConfig {
  config: Config;
  /** What the file says, before the environment and the defaults. */
  given: Record<string, unknown>;
  /** Variables of the environment by the path that they set: `limits.connections`. */
  variables: ReadonlyMap<string, string>;
}

/** Where the file is looked for that nothing names: in the working directory. */
export const STANDARD_FILE = 'postern.toml';

/** Variables that belong to the command line, not to the configuration. */
const OTHER_VARIABLES = new Set([
  'POSTERN_API',
  'POSTERN_TOKEN',
  'POSTERN_RUNTIME',
  'POSTERN_DATA',
  'POSTERN_CONFIG',
  'POSTERN_SEAL_KEY',
  'POSTERN_CONSOLE_BUILD',
]);

/** @throws ConfigError with one line for each problem. */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const environment = options.environment ?? {};
  const wanted = options.file ?? environment['POSTERN_CONFIG'];
  const file = wanted ?? (existsSync(STANDARD_FILE) ? STANDARD_FILE : undefined);
  const { config } = parseConfig(file === undefined ? '' : readText(file), file, environment);
  const base = file === undefined ? process.cwd() : path.dirname(path.resolve(file));
  const fromOptions = options.data ?? environment['POSTERN_DATA'];
  const data = fromOptions === undefined ? path.resolve(base, config.data) : path.resolve(fromOptions);
  return { config, file, data };
}

/**
 * What a start makes of a text.
 * @param file for messages; absent: there is none
 * @throws ConfigError
 */
export function parseConfig(
  text: string,
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): ParsedConfig {
  const place = file ?? 'environment';
  const raw = parseToml(text, place);
  const given = structuredClone(raw);
  const variables = applyEnvironment(raw, environment);
  const result = configSchema.safeParse(raw, { reportInput: true });
  if (!result.success) {
    const origin = { file, lineOf: file === undefined ? () => undefined : locator(text), variables };
    throw new ConfigError(described(result.error.issues, origin));
  }
  checkTogether(result.data, place);
  return { config: result.data, given, variables };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const expected = `can not be read: ${(error as NodeJS.ErrnoException).code}`;
    throw new ConfigError([{ place: file, expected }], { cause: error });
  }
}

function parseToml(text: string, file: string): Record<string, unknown> {
  try {
    return readToml(text);
  } catch (error) {
    if (!(error instanceof TomlTrouble)) throw error;
    const { line, message } = error;
    throw new ConfigError([{ place: `${file}:${line}`, line, expected: message }], { cause: error });
  }
}

/** Sets values from the environment and answers their paths. A value that is JSON is taken as such, else as text. */
function applyEnvironment(raw: Record<string, unknown>, environment: NodeJS.ProcessEnv): Map<string, string> {
  const paths = new Map<string, string>();
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('POSTERN_') || OTHER_VARIABLES.has(variable) || text === undefined) continue;
    const names = variable
      .slice('POSTERN_'.length)
      .split('__')
      .map((name) => name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
    let table: object = raw;
    for (const [depth, name] of names.entries()) {
      // a list has its elements and room for one more; `length` and indexes far beyond are no settings
      if (Array.isArray(table) && !(/^\d{1,6}$/.test(name) && Number(name) <= table.length)) {
        throw new ConfigError([
          { place: variable, field: names.join('.'), expected: `a list has no "${name}"` },
        ]);
      }
      const inner: unknown = Object.hasOwn(table, name)
        ? (table as Record<string, unknown>)[name]
        : undefined;
      const last = depth === names.length - 1;
      const value = last ? parseValue(text) : typeof inner === 'object' && inner !== null ? inner : {};
      if (value !== inner)
        Object.defineProperty(table, name, { value, enumerable: true, configurable: true, writable: true });
      if (!last) table = value as object;
    }
    paths.set(names.join('.'), variable);
  }
  return paths;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // a bare word is a text
  }
}

interface Origin {
  file: string | undefined;
  lineOf: Locate;
  variables: ReadonlyMap<string, string>;
}

/** More are nobody's typing errors; the file is another kind of file. */
const MOST_PROBLEMS = 100;

function described(issues: readonly z.core.$ZodIssue[], origin: Origin): ConfigProblem[] {
  // an unknown key is reported at its table; say where the key itself stands
  const told = issues.flatMap((issue): { issue: z.core.$ZodIssue; path: PropertyKey[] }[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ issue, path: [...issue.path, key] }))
      : [{ issue, path: issue.path }],
  );
  const problems = told.slice(0, MOST_PROBLEMS).map(({ issue, path }) => describe(issue, path, origin));
  const rest = told.length - problems.length;
  if (rest > 0) problems.push({ place: origin.file ?? 'environment', expected: `and ${rest} problems more` });
  return problems;
}

function describe(
  issue: z.core.$ZodIssue,
  path: PropertyKey[],
  { file, lineOf, variables }: Origin,
): ConfigProblem {
  const field = path
    .map((part) => (typeof part === 'number' ? `[${part + 1}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  const variable = variables.get(path.join('.'));
  const line = lineOf(path);
  const place = variable ?? (line === undefined ? (file ?? 'environment') : `${file}:${line}`);
  const expected =
    issue.code === 'unrecognized_keys' ? `unknown option${suggestion(path)}` : expectation(issue);
  return { place, ...(variable === undefined && line !== undefined && { line }), field, expected };
}

function expectation(issue: z.core.$ZodIssue): string {
  const given =
    'input' in issue && issue.input !== undefined && !isSecret(issue.path)
      ? `, not ${JSON.stringify(issue.input)?.slice(0, 60)}`
      : '';
  if (issue.code === 'invalid_value')
    return `expected one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}${given}`;
  if (issue.code === 'invalid_type')
    return `expected ${issue.expected}${given === '' ? ', it is missing' : given}`;
  return `${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}${given}`;
}

/** The known option that is nearest in spelling, for a typing error. */
function suggestion(path: PropertyKey[]): string {
  const table = path.slice(0, -1).reduce<unknown>((schema, part) => fieldOf(schema, part), configSchema);
  const near = nearest(String(path.at(-1)), Object.keys(shapeOf(table) ?? {}));
  return near === undefined ? '' : `; did you mean "${near}"?`;
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  const node = schema as
    | { shape?: Record<string, unknown>; _zod?: { def: { innerType?: unknown } } }
    | undefined;
  if (node?.shape) return node.shape;
  return node?._zod?.def.innerType === undefined ? undefined : shapeOf(node._zod.def.innerType);
}

function fieldOf(schema: unknown, part: PropertyKey): unknown {
  if (typeof part === 'number') {
    const node = schema as { element?: unknown; _zod?: { def: { innerType?: unknown } } } | undefined;
    return (
      node?.element ??
      (node?._zod?.def.innerType === undefined ? undefined : fieldOf(node._zod.def.innerType, part))
    );
  }
  return shapeOf(schema)?.[String(part)];
}

/** What no single field can tell. */
function checkTogether(config: Config, file: string): void {
  const problems: ConfigProblem[] = [];
  const wrong = (field: string | undefined, expected: string): void =>
    void problems.push({ place: file, ...(field !== undefined && { field }), expected });
  const names = new Set<string>();
  const ports = new Map<string, string>();
  for (const { name, host, port } of config.listener) {
    if (names.has(name)) wrong(undefined, `listener "${name}" is there twice; give each its own name`);
    names.add(name);
    const address = `${host}:${port}`;
    const other = ports.get(address);
    if (other !== undefined && port !== 0)
      wrong(undefined, `listeners "${other}" and "${name}" both have ${address}`);
    ports.set(address, name);
  }
  const { tls, limits, delivery } = config;
  if ((tls.certificate === '') !== (tls.key === ''))
    wrong('tls', 'certificate and key go together; one of them is missing');
  if ((tls.weakCertificate === '') !== (tls.weakKey === ''))
    wrong('tls', 'weakCertificate and weakKey go together; one of them is missing');
  if (limits.headerBytes > limits.messageBytes)
    wrong('limits.headerBytes', `expected at most limits.messageBytes (${limits.messageBytes})`);
  if (delivery.retryFirstSeconds > delivery.retryMostSeconds)
    wrong('delivery.retryFirstSeconds', `expected at most retryMostSeconds (${delivery.retryMostSeconds})`);
  if (problems.length > 0) throw new ConfigError(problems);
}
