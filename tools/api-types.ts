/**
 * Writes web/src/api/schema.ts, the types of the REST API, from the OpenAPI document that the API makes of itself.
 * With `--check` it changes nothing and fails when the file is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { apiFixture } from '../src/api/fixtures.ts';
import { buildApi } from '../src/api/server.ts';
import type { Lab } from '../src/lab/lab.ts';

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: Schema | boolean;
}

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { required?: boolean; content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}

interface OpenApi {
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

const FILE = new URL('../web/src/api/schema.ts', import.meta.url);
const PREFIX = '/api/v1';

function typeOf(schema: Schema | undefined, depth: number): string {
  if (!schema) return 'unknown';
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ') || 'never';
  const several = schema.anyOf ?? schema.oneOf;
  if (several) return [...new Set(several.map((one) => typeOf(one, depth)))].join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => typeOf(one, depth)).join(' & ');
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => typeOf({ ...schema, type }, depth)).join(' | ');
  }
  if (schema.type === 'array') {
    if (schema.prefixItems) return `[${schema.prefixItems.map((one) => typeOf(one, depth)).join(', ')}]`;
    const inner = typeOf(schema.items, depth);
    const isUnion = (schema.items?.anyOf ?? schema.items?.oneOf ?? []).length > 1;
    return isUnion || (/[|&]/.test(inner) && !inner.startsWith('{')) ? `(${inner})[]` : `${inner}[]`;
  }
  if (schema.type === 'object' || schema.properties) return objectOf(schema, depth);
  return (
    { string: 'string', number: 'number', integer: 'number', boolean: 'boolean', null: 'null' }[
      schema.type ?? ''
    ] ?? 'unknown'
  );
}

function objectOf({ properties, required = [], additionalProperties }: Schema, depth: number): string {
  const indent = '  '.repeat(depth + 1);
  const lines = Object.entries(properties ?? {}).map(([name, inner]) => {
    const note = inner.description
      ? `${indent}/** ${inner.description.replaceAll('*/', '*\u200b/')} */\n`
      : '';
    return `${note}${indent}${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(inner, depth + 1)};`;
  });
  if (typeof additionalProperties === 'object') {
    const value = typeOf(additionalProperties, depth + 1);
    if (lines.length === 0) return `Record<string, ${value}>`;
    lines.push(`${indent}[more: string]: unknown;`);
  } else if (lines.length === 0) return 'Record<string, unknown>';
  return `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
}

function operationOf({ parameters = [], requestBody, responses = {} }: Operation): string {
  const lines: string[] = [];
  for (const [place, name] of [
    ['path', 'params'],
    ['query', 'query'],
  ]) {
    const of = parameters.filter((one) => one.in === place);
    if (of.length === 0) continue;
    const properties = Object.fromEntries(of.map((one) => [one.name, one.schema ?? {}]));
    const required = of.filter((one) => one.required).map((one) => one.name);
    lines.push(`      ${name}: ${objectOf({ properties, required }, 3)};`);
  }
  const body = Object.values(requestBody?.content ?? {})[0];
  if (body) lines.push(`      body: ${typeOf(body.schema, 3)};`);
  const [status, answer] = Object.entries(responses).find(([code]) => code.startsWith('2')) ?? [];
  const content = Object.values(answer?.content ?? {})[0];
  lines.push(`      answer: ${status === '204' || !content ? 'undefined' : typeOf(content.schema, 3)};`);
  return lines.join('\n');
}

/** All schemas but the second forms for requests, `XInput` beside `X`, that no request takes. */
function namedSchemas({ paths, components: { schemas = {} } = {} }: OpenApi): [string, Schema][] {
  const found = new Map<string, Schema>();
  const follow = (place: unknown): void => {
    for (const [, name = ''] of JSON.stringify(place).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      add(name);
    }
  };
  const add = (name: string): void => {
    const schema = schemas[name];
    if (!schema || found.has(name)) return;
    found.set(name, schema);
    follow(schema);
  };
  for (const name of Object.keys(schemas)) if (!name.endsWith('Input')) add(name);
  follow(paths);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function textOf(document: OpenApi): string {
  const lines = [
    '// Made by `npm run docs` from the OpenAPI document of the API; do not edit.',
    '',
    '/** Each path below /api/v1, with what its methods take and answer. */',
    'export interface Paths {',
  ];
  const paths = Object.entries(document.paths ?? {}).filter(([path]) => path.startsWith(`${PREFIX}/`));
  for (const [path, methods] of paths.sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`  '${path.slice(PREFIX.length)}': {`);
    for (const [method, operation] of Object.entries(methods)) {
      lines.push(`    ${method}: {`, operationOf(operation), '    };');
    }
    lines.push('  };');
  }
  lines.push('}', '');
  for (const [name, schema] of namedSchemas(document)) {
    const type = typeOf(schema, 0);
    if (schema.description) lines.push(`/** ${schema.description} */`);
    lines.push(
      type.startsWith('{') && schema.properties
        ? `export interface ${name} ${type}`
        : `export type ${name} = ${type};`,
      '',
    );
  }
  return lines.join('\n');
}

const fixture = await apiFixture();
// a relay of a lab has its routes too; none of their handlers is called here
const api = await buildApi(
  { ...fixture.context, lab: {} as Lab },
  { messageBytes: 1, memoryBytes: 1, recipients: 1, hostname: 'relay.test', metricsOpen: false },
);
const text = textOf(api.swagger() as OpenApi);
await Promise.all([api.close(), fixture.api.close()]);

let current = '';
try {
  current = readFileSync(FILE, 'utf8');
} catch {
  // not made yet
}
if (process.argv.includes('--check')) {
  if (current !== text) {
    console.error('web/src/api/schema.ts is out of date: run "npm run docs"');
    process.exitCode = 1;
  }
} else if (current !== text) {
  writeFileSync(FILE, text);
  console.log('web/src/api/schema.ts');
}
