import type { UseFormReturnType } from '@mantine/form';
import type { Source } from '../../api/schema.ts';

/** What a person may write of a source; the shape is that of the API, so that its answers fit the fields. */
export type SourceValues = Pick<
  Source,
  'name' | 'description' | 'owner' | 'contact' | 'site' | 'tags' | 'notes' | 'policy'
>;
export type SourceForm = UseFormReturnType<SourceValues>;

export function valuesOf(source: SourceValues): SourceValues {
  const { name, description, owner, contact, site, tags, notes, policy } = source;
  return structuredClone({ name, description, owner, contact, site, tags, notes, policy });
}

/** The problem of a field, or of one of the entries of its list. */
export function errorOf(form: SourceForm, path: string): string | undefined {
  const found = Object.entries(form.errors).find(([field]) => field === path || field.startsWith(`${path}.`));
  const text = found?.[1];
  return typeof text === 'string' ? text : undefined;
}

/** One field, as far as changes are compared: those of the policy one by one. */
export type FieldPath = keyof SourceValues | `policy.${keyof SourceValues['policy']}`;

export function fieldsOf(values: SourceValues): FieldPath[] {
  return (Object.keys(values) as (keyof SourceValues)[]).flatMap((key) =>
    key === 'policy'
      ? (Object.keys(values.policy) as (keyof SourceValues['policy'])[]).map(
          (part) => `policy.${part}` as const,
        )
      : key,
  );
}

export function valueAt(values: SourceValues, path: FieldPath): unknown {
  const [first, second] = path.split('.') as [keyof SourceValues, keyof SourceValues['policy'] | undefined];
  return second === undefined ? values[first] : values.policy[second];
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}

export interface Merge {
  /** Theirs, with what was edited here on top. */
  merged: SourceValues;
  /** What somebody else has changed meanwhile. */
  changed: { path: FieldPath; theirs: unknown; mine: unknown; isBoth: boolean }[];
}

/** Brings two edits of the same state together, field by field; where both changed one, it stays as it is here. */
export function mergeEdits(base: SourceValues, mine: SourceValues, theirs: SourceValues): Merge {
  const merged = valuesOf(theirs);
  const changed: Merge['changed'] = [];
  for (const path of fieldsOf(theirs)) {
    const [before, here, there] = [valueAt(base, path), valueAt(mine, path), valueAt(theirs, path)];
    if (differ(before, here)) put(merged, path, here);
    if (differ(before, there) && differ(here, there))
      changed.push({ path, theirs: there, mine: here, isBoth: differ(before, here) });
  }
  return { merged, changed };
}

function put(values: SourceValues, path: FieldPath, value: unknown): void {
  const [first, second] = path.split('.') as [string, string | undefined];
  const holder = (second === undefined ? values : values.policy) as unknown as Record<string, unknown>;
  holder[second ?? first] = structuredClone(value);
}
