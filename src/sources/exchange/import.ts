import type { Cause } from '../lifecycle.ts';
import { RegistryError, type SourceRegistry } from '../registry.ts';
import { check } from '../source-fields.ts';
import { DEFAULT_POLICY, type Source } from '../source.ts';
import type { SourceStep } from '../registry-batch.ts';
import type { StoredSourceRegistry } from '../stored-registry.ts';
import { type ExchangeRow, exchangeRow } from './row.ts';

export type Registry = SourceRegistry & Pick<StoredSourceRegistry, 'applyAll'>;

export interface ImportOptions {
  /** What is said about sources that exist: refuse the row, leave it out, or change the source. */
  existing: 'refuse' | 'skip' | 'update';
  dryRun: boolean;
  /** One wrong row keeps everything out. */
  allOrNothing: boolean;
}

export interface RowError {
  /** Line of the CSV file, or number of the row, from 1. */
  row: number;
  name: string;
  field?: string;
  detail: string;
}

export interface ImportResult {
  rows: number;
  added: number;
  changed: number;
  skipped: number;
  errors: RowError[];
  /** Nothing was written: a dry run, or all or nothing with errors. */
  written: boolean;
}

interface Planned {
  number: number;
  row: ExchangeRow;
  step: SourceStep;
}

const MOST_ROWS = 10_000;
const ROWS_AT_A_TIME = 100;

/** Takes many sources in. Rows are judged one by one; what is written is written in one transaction. */
export async function importSources(
  registry: Registry,
  rows: AsyncIterable<{ line: number; fields: unknown }>,
  options: ImportOptions,
  cause: Cause,
): Promise<ImportResult> {
  const errors: RowError[] = [];
  const planned: Planned[] = [];
  /** Blocks that rows before have asked for, with the name that did. */
  const blocks = new Map<string, string>();
  let count = 0;
  let skipped = 0;
  for await (const { line, fields } of rows) {
    if (++count > MOST_ROWS) {
      throw new RegistryError('invalid', `more than ${MOST_ROWS} rows; import them in several files`);
    }
    try {
      const row = check(exchangeRow, fields);
      const existing = registry.byName(row.name);
      if (existing && options.existing === 'skip') {
        skipped++;
        continue;
      }
      if (existing && options.existing === 'refuse') {
        throw new RegistryError('conflict', `there is a source ${row.name} already`, 'name');
      }
      refuseTakenBlocks(registry, row, existing, blocks);
      planned.push({ number: line, row, step: stepOf(row, existing) });
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      errors.push(rowError(line, nameIn(fields), error));
    }
    if (count % ROWS_AT_A_TIME === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const goOn = () => !options.dryRun && !(options.allOrNothing && errors.length > 0);
  const after = await registry.applyAll(
    planned.map(({ step }) => step),
    cause,
    (error, index) => {
      const one = planned[index] as Planned;
      errors.push(rowError(one.number, one.row.name, error));
    },
    goOn,
  );
  const written = goOn();
  if (written) errors.push(...(await addNetworks(registry, planned, after)));
  const taken = planned.filter((_, index) => after[index] !== undefined);
  const added = taken.filter(({ step }) => 'add' in step).length;
  errors.sort((a, b) => a.row - b.row);
  return { rows: count, added, changed: taken.length - added, skipped, errors, written };
}

function stepOf(row: ExchangeRow, existing: Source | undefined): SourceStep {
  const {
    name,
    from,
    recipients,
    recipientPatterns,
    networks: _,
    policy,
    lastUsed: __,
    created: ___,
    state,
    ...fields
  } = row;
  const base = existing?.policy ?? structuredClone(DEFAULT_POLICY);
  const merged = {
    ...base,
    ...policy,
    pairs: from ?? base.pairs,
    recipients: {
      allow: recipients ?? base.recipients.allow,
      patterns: recipientPatterns ?? base.recipients.patterns,
    },
  };
  if (existing) {
    return { edit: existing.id, changes: { ...fields, policy: merged, state }, version: existing.version };
  }
  if (state === 'retired') {
    throw new RegistryError('invalid', 'state: a new source can not begin as retired', 'state');
  }
  return { add: { description: '', owner: '', ...fields, name, policy: merged, state } };
}

/** A network that is somebody else's already would leave open whose message it is. */
function refuseTakenBlocks(
  registry: Registry,
  { name, networks = [] }: ExchangeRow,
  existing: Source | undefined,
  blocks: Map<string, string>,
): void {
  for (const block of networks) {
    const [address = ''] = block.split('/');
    const other = registry
      .byNetwork(address)
      .find((credential) => credential.source !== existing?.id && credential.networks.includes(block));
    const owner = other ? registry.byId(other.source)?.name : blocks.get(block);
    if (owner !== undefined && owner !== name) {
      throw new RegistryError('conflict', `${block} is the network of source ${owner}`, 'networks');
    }
  }
  for (const block of networks) blocks.set(block, name);
}

/** Networks that a source does not have yet become a credential; none is taken away. */
async function addNetworks(
  registry: Registry,
  planned: readonly Planned[],
  after: readonly (Source | undefined)[],
): Promise<RowError[]> {
  const errors: RowError[] = [];
  for (const [index, { number, row }] of planned.entries()) {
    const source = after[index];
    if (!source || !row.networks?.length) continue;
    const known = new Set(
      registry.credentials(source.id).flatMap(({ state, networks }) => (state === 'active' ? networks : [])),
    );
    const networks = row.networks.filter((block) => !known.has(block));
    if (networks.length === 0) continue;
    try {
      await registry.addCredential({ source: source.id, label: 'import', state: 'active', networks });
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      errors.push(rowError(number, row.name, error));
    }
  }
  return errors;
}

function rowError(row: number, name: string, { message, field }: RegistryError): RowError {
  return { row, name, field, detail: message };
}

function nameIn(fields: unknown): string {
  const name = (fields as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? name.slice(0, 64) : '';
}
