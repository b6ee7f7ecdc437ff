import { AuditError } from '../audit-error.ts';
import { gatesOf } from '../gate/gate.ts';
import { withWaysOut } from '../inventory/inventory.ts';
import type { SenderLine } from '../inventory/line.ts';
import { noteOn, type SenderNote, type StoredNote } from '../inventory/notes.ts';
import type { AuditBook, StoredAnswer } from './book.ts';

/** The last answer with what people have decided since: a decision counts at once, without a new look at the evidence. */
export async function currentAnswer(book: AuditBook): Promise<StoredAnswer> {
  const stored = await book.answer();
  if (!stored)
    throw new AuditError('none', 'nothing was audited yet: run `postern audit run` with the evidence first');
  return withNotes(stored, await book.notes.all());
}

/** An answer as these notes make it. */
export function withNotes(stored: StoredAnswer, notes: ReadonlyMap<string, StoredNote>): StoredAnswer {
  const { answer, organisation } = stored;
  const described = answer.senders.map(({ wayOut: _wayOut, wave: _wave, note: _note, ...line }) => {
    const note = noteOn(notes, line.key, line.networks);
    return { ...line, ...(note && { note }) };
  });
  const senders = withWaysOut(described, organisation);
  const domains = organisation.tenant.domains.map(({ name }) => name);
  return { ...stored, answer: { ...answer, senders, gates: gatesOf(domains, senders, answer.coverage) } };
}

/** A sender by its identifier, or by its whole name where only one has it. @throws AuditError `not-found` */
export function senderNamed({ answer }: StoredAnswer, text: string): SenderLine {
  const byId = answer.senders.find(({ id }) => id === text);
  if (byId) return byId;
  const named = answer.senders.filter(({ name }) => name.toLowerCase() === text.toLowerCase());
  if (named.length === 1) return named[0]!;
  throw new AuditError(
    'not-found',
    named.length === 0
      ? `there is no sender ${JSON.stringify(text.slice(0, 100))}: \`postern audit senders\` lists them`
      : `${named.length} senders are named ${JSON.stringify(text.slice(0, 100))}: name one of ${named.map(({ id }) => id).join(', ')}`,
  );
}

export interface Decided {
  sender: string;
  before: SenderNote | undefined;
  after: StoredNote;
}

/**
 * Changes the note on a sender; `null` takes a field away, what is absent stays.
 * @param by who decides, as the history shows it
 * @param version that the note must have; absent: whichever it has
 * @throws NoteConflict, RangeError as `SenderNotes.set`
 */
export async function decide(
  book: AuditBook,
  { key, name, networks }: Pick<SenderLine, 'key' | 'name' | 'networks'>,
  change: { [Field in Exclude<keyof SenderNote, 'decidedAt' | 'by'>]?: SenderNote[Field] | null },
  { now, by, version }: { now: number; by: string; version?: number },
): Promise<Decided> {
  const notes = await book.notes.all();
  const known = notes.get(key);
  const before = noteOn(notes, key, networks);
  const isDecided = change.decision !== undefined && change.decision !== before?.decision;
  const merged = {
    ...before,
    ...change,
    ...(isDecided && {
      decidedAt: change.decision === null ? null : now,
      by: change.decision === null ? null : by,
    }),
  };
  const note = Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== null && value !== undefined),
  ) as SenderNote;
  const after = await book.notes.set(key, note, version ?? known?.version ?? 0, now, { name, by });
  return { sender: key, before, after };
}

/** The answer as it would be if these senders were moved, or all of the first waves were. Nothing is changed. */
export function whatIf(
  stored: StoredAnswer,
  notes: ReadonlyMap<string, StoredNote>,
  { moved = [], waves = 0 }: { moved?: readonly string[]; waves?: number },
): StoredAnswer {
  const supposed = new Map(notes);
  for (const { id, key, wave = Infinity, note: { decidedAt: _, ...note } = {} } of stored.answer.senders)
    if (moved.includes(id) || wave <= waves)
      supposed.set(key, { note: { ...note, decision: 'migrated' }, updatedAt: 0, version: 0 });
  return withNotes(stored, supposed);
}
