import { type Change, changeOf, credentialName, fieldChanges } from './changes.ts';
import type { DeclaredCredential, Present } from './state.ts';

/**
 * The changes that bring the items of an earlier change back to what they were before it.
 * @returns `conflicts` names the items that are not as that change left them
 */
export function reverted(
  changes: readonly Change[],
  present: Present,
): { changes: Change[]; conflicts: string[] } {
  const back: Change[] = [];
  const conflicts: string[] = [];
  for (const change of changes.toReversed()) {
    const { kind, name, before, after } = change;
    const { value, id } = found(change, present);
    if (!isAs(value, after)) conflicts.push(nameOf(change));
    // a credential that was revoked is made anew; it has another identifier then
    const changed = changeOf(kind, name, value, before, id ?? (kind === 'source' ? change.id : undefined));
    if (changed) back.push(changed);
  }
  return { changes: back, conflicts };
}

function isAs(value: object | undefined, wanted: object | undefined): boolean {
  if (!value || !wanted) return !value && !wanted;
  // a state that was left open is no conflict, whatever it has become
  return fieldChanges(wanted, value).every(({ field, before }) => field === 'state' && before === undefined);
}

function found(change: Change, present: Present): { value?: object; id?: string } {
  const { kind, name } = change;
  if (kind === 'domain') return { value: present.domains.get(name) };
  if (kind === 'route') return { value: present.routes.get(name) };
  if (kind === 'source') return present.sources.get(name) ?? {};
  const credentials = present.credentials.get(name) ?? [];
  const same = ({ value }: { value: DeclaredCredential }): boolean =>
    change.after !== undefined && fieldChanges(change.after, value).length === 0;
  return credentials.find(({ id }) => id === change.id) ?? credentials.find(same) ?? {};
}

function nameOf({ kind, name, ...change }: Change): string {
  const credential =
    kind === 'credential' ? ((change.after ?? change.before) as DeclaredCredential) : undefined;
  return credential ? `${credentialName(credential)} of source ${name}` : `${kind} ${name}`;
}
