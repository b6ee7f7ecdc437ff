import { z } from 'zod';
import { isNetworkAlone } from '../credential-index.ts';
import { SOURCE_STATES } from '../lifecycle.ts';
import { lastUseOf } from '../search.ts';
import { addressPattern, detailFields, network, policyFields, sourceFields } from '../source-fields.ts';
import type { AddressPair, Credential, Source } from '../source.ts';

/**
 * A source as it travels in files. What is absent stays as it is, or takes its default in a new source. `from` and
 * `recipients` are the parts of the policy that every list of devices has; `policy` holds the rest, in JSON only.
 */
export const exchangeRow = z.strictObject({
  name: sourceFields.shape.name,
  state: z.enum(SOURCE_STATES).optional(),
  description: sourceFields.shape.description.optional(),
  owner: sourceFields.shape.owner.optional(),
  ...detailFields.partial().shape,
  from: z
    .array(z.strictObject({ envelope: addressPattern, header: addressPattern }))
    .max(500)
    .optional(),
  recipients: z.enum(['internal', 'listed', 'any']).optional(),
  recipientPatterns: z.array(addressPattern).max(1000).optional(),
  networks: z.array(network).max(1000).optional(),
  policy: policyFields.omit({ pairs: true, recipients: true }).partial().optional(),
  // told by an export, and no matter for an import
  lastUsed: z.string().max(40).optional(),
  created: z.string().max(40).optional(),
});

export type ExchangeRow = z.infer<typeof exchangeRow>;

export const COLUMNS = [
  'name',
  'state',
  'description',
  'owner',
  'contact',
  'site',
  'tags',
  'notes',
  'from',
  'recipients',
  'recipientPatterns',
  'networks',
  'lastUsed',
  'created',
] as const satisfies (keyof ExchangeRow)[];

export function rowOf(source: Source, credentials: readonly Credential[]): ExchangeRow {
  const { name, state, description, owner, contact, site, tags, notes, createdAt } = source;
  const { pairs, recipients, ...policy } = source.policy;
  const used = lastUseOf(credentials);
  return {
    name,
    state,
    description,
    owner,
    contact,
    site,
    tags,
    notes,
    from: pairs,
    recipients: recipients.allow,
    recipientPatterns: recipients.patterns,
    networks: credentials
      .filter((one) => one.state === 'active' && isNetworkAlone(one))
      .flatMap(({ networks }) => networks),
    policy,
    lastUsed: used === undefined ? undefined : new Date(used).toISOString(),
    created: new Date(createdAt).toISOString(),
  };
}

/** The cells of a row, in the order of COLUMNS. Lists are separated by spaces. */
export function cellsOf(row: ExchangeRow): string[] {
  return COLUMNS.map((column) => {
    const value = row[column];
    if (value === undefined) return '';
    if (typeof value === 'string') return value;
    return value.map((one) => (typeof one === 'string' ? one : pairText(one))).join(' ');
  });
}

const LISTS: ReadonlySet<string> = new Set(['tags', 'recipientPatterns', 'networks']);
/** Where an empty cell says nothing. */
const SILENT: ReadonlySet<string> = new Set(['state', 'recipients', 'networks', 'lastUsed', 'created']);

/** What the cells of a line say; not checked yet. */
export function fieldsOf(cells: Readonly<Record<string, string>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [column, text] of Object.entries(cells)) {
    if (text === '' && SILENT.has(column)) continue;
    if (LISTS.has(column)) fields[column] = words(text);
    else if (column === 'from') fields[column] = words(text).map(pairOf);
    else fields[column] = column === 'notes' ? text : text.trim();
  }
  return fields;
}

function words(text: string): string[] {
  return text.split(/[\s;]+/).filter((word) => word !== '');
}

function pairText({ envelope, header }: AddressPair): string {
  return envelope === header ? header : `envelope=${envelope},header=${header}`;
}

function pairOf(text: string): AddressPair {
  const [, envelope, header] = /^envelope=(.+),header=(.+)$/.exec(text) ?? [];
  return envelope !== undefined && header !== undefined
    ? { envelope, header }
    : { envelope: text, header: text };
}
