import { z } from 'zod';
import { locator } from './locate.ts';
import { configSchema, type Config } from './schema.ts';
import { redacted, SECRETS } from './secrets.ts';

/** One value of the configuration. A list is one value. */
export interface Setting {
  /** `limits.connections` */
  field: string;
  /** `<secret>` where it is one. */
  value: unknown;
  from: 'default' | 'file' | 'environment' | 'command line';
  /** Of the environment; what stands in the file has no effect then. */
  variable?: string;
  /** In the file, from 1. */
  line?: number;
}

export interface Origins {
  /** The text of the file; empty without one. */
  text: string;
  /** What it says. */
  given: Record<string, unknown>;
  variables: ReadonlyMap<string, string>;
}

/** Every value that counts, in the order of the schema, and who has set it. */
export function settingsOf(config: Config, { text, given, variables }: Origins): Setting[] {
  const lineOf = locator(text);
  return leaves(config).map(({ path, value }) => {
    const field = path.join('.');
    const shown = redacted(value, path);
    const variable = [...variables].find(([set]) => set === field || set.startsWith(`${field}.`))?.[1];
    if (variable !== undefined) return { field, value: shown, from: 'environment', variable };
    if (!isGiven(given, path)) return { field, value: shown, from: 'default' };
    const line = lineOf(path);
    return { field, value: shown, from: 'file', ...(line !== undefined && { line }) };
  });
}

/** The fields whose values differ; of secrets it is told that they do, not how. */
export function changedFields(
  before: Config,
  after: Config,
): { field: string; before: unknown; after: unknown }[] {
  const old = new Map(leaves(before).map(({ path, value }) => [path.join('.'), value]));
  const fresh = new Map(leaves(after).map(({ path, value }) => [path.join('.'), value]));
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((field) => {
    const pair = { before: old.get(field), after: fresh.get(field) };
    if (JSON.stringify(pair.before) === JSON.stringify(pair.after)) return [];
    const path = field.split('.');
    return [{ field, before: redacted(pair.before, path), after: redacted(pair.after, path) }];
  });
}

interface JsonNode {
  properties?: Record<string, JsonNode>;
  items?: JsonNode;
  writeOnly?: boolean;
  default?: unknown;
}

/** The schema of the file as JSON Schema 2020-12, with descriptions and defaults; secrets are `writeOnly`. */
export function configurationSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  for (const path of SECRETS) {
    const node = path.reduce<JsonNode | undefined>(
      (inner, name) => (name === '*' ? inner?.items : inner?.properties?.[name]),
      schema as JsonNode,
    );
    if (node) node.writeOnly = true;
  }
  return schema;
}

interface Leaf {
  path: string[];
  value: unknown;
}

function leaves(value: unknown, path: string[] = []): Leaf[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, one]) => leaves(one, [...path, key]));
}

export function isGiven(given: unknown, path: readonly string[]): boolean {
  let inner = given;
  for (const name of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, name)) return false;
    inner = (inner as Record<string, unknown>)[name];
  }
  return true;
}
