/** What of an OpenAPI document the page shows. */
interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  additionalProperties?: Schema | boolean;
}

interface Document {
  info: { title: string; version: string; description?: string };
  paths?: Record<string, Record<string, unknown>>;
  components?: { schemas?: Record<string, Schema> };
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:2rem 1rem}
h1{margin:0}h2{margin:2.5rem 0 .5rem;border-bottom:1px solid var(--line)}
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:0 .8rem}
summary{cursor:pointer;padding:.5rem 0;overflow-wrap:anywhere}
code,pre{font:13px/1.5 ui-monospace,monospace}pre{background:var(--soft);padding:.8rem;border-radius:6px;overflow:auto}
b.m{display:inline-block;min-width:4.2rem}table{border-collapse:collapse;width:100%}
td{border-top:1px solid var(--line);padding:.3rem .8rem .3rem 0;vertical-align:top}nav{display:flex;flex-wrap:wrap;gap:.3rem 1rem}nav a{white-space:nowrap}`;

/** A page for people, made from the OpenAPI document; it loads nothing and runs nothing. */
export function referencePage(document: Document): string {
  const groups = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(methods)) {
      const one = operation as Operation;
      const group = one.tags?.[0] ?? 'Other';
      const list = groups.get(group) ?? [];
      list.push(operationHtml(method, path, one, document.components?.schemas ?? {}));
      groups.set(group, list);
    }
  }
  const names = [...groups.keys()];
  const { title, version, description = '' } = document.info;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${STYLE}</style></head><body>
<h1>${escape(title)}</h1><p>Version ${escape(version)} · <a href="/openapi.json">openapi.json</a></p><p>${escape(description)}</p>
<nav>${names.map((name) => `<a href="#${encodeURIComponent(name)}">${escape(name)}</a>`).join('')}</nav>
${names.map((name) => `<h2 id="${encodeURIComponent(name)}">${escape(name)}</h2>${groups.get(name)?.join('') ?? ''}`).join('')}
</body></html>
`;
}

function operationHtml(
  method: string,
  path: string,
  operation: Operation,
  schemas: Record<string, Schema>,
): string {
  const { summary = '', description, parameters = [], requestBody, responses = {} } = operation;
  const rows = parameters.map(
    (one) =>
      `<tr><td><code>${escape(one.name)}</code></td><td>${escape(one.in)}${one.required ? ', required' : ''}</td><td>${escape(one.description ?? one.schema?.description ?? '')}</td></tr>`,
  );
  const bodies = Object.entries(requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<p>Body, ${escape(type)}</p><pre>${escape(outline(schema, schemas, 0))}</pre>`,
  );
  const answers = Object.entries(responses).flatMap(([status, { content = {} }]) =>
    status.startsWith('2')
      ? Object.entries(content).map(
          ([type, { schema }]) =>
            `<p>${escape(status)}, ${escape(type)}</p><pre>${escape(outline(schema, schemas, 0))}</pre>`,
        )
      : [],
  );
  return `<details><summary><b class="m">${method.toUpperCase()}</b> <code>${escape(path)}</code> ${escape(summary)}</summary>
${description ? `<p>${escape(description)}</p>` : ''}${rows.length > 0 ? `<table>${rows.join('')}</table>` : ''}${bodies.join('')}${answers.join('')}</details>`;
}

/** A schema as indented lines; references are followed a few levels deep. */
function outline(schema: Schema | undefined, schemas: Record<string, Schema>, depth: number): string {
  if (!schema || depth > 6) return '…';
  const known = schema.$ref ? schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] : schema;
  if (!known) return schema.$ref ?? '…';
  const indent = '  '.repeat(depth + 1);
  if (known.properties) {
    const lines = Object.entries(known.properties).map(([name, inner]) => {
      const mark = known.required?.includes(name) ? '' : '?';
      const note = inner.description ? `  // ${inner.description}` : '';
      return `${indent}${name}${mark}: ${outline(inner, schemas, depth + 1)}${note}`;
    });
    return `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`;
  }
  if (known.items) return `[ ${outline(known.items, schemas, depth)} ]`;
  const choices = known.anyOf ?? known.oneOf;
  if (choices) return choices.map((one) => outline(one, schemas, depth)).join(' | ');
  if (known.enum) return known.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (known.const !== undefined) return JSON.stringify(known.const);
  if (known.additionalProperties && typeof known.additionalProperties === 'object') {
    return `{ name: ${outline(known.additionalProperties, schemas, depth)} }`;
  }
  return Array.isArray(known.type) ? known.type.join(' | ') : (known.type ?? 'any');
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
