import { LONGEST_SIGNATURE } from '../dkim/verify.ts';
import type { Field, HeadFields } from '../dkim/fields.ts';
import { MOST_INSTANCES, instanceOf, parseMessageSignature, parseResults, parseSeal } from './fields.ts';
import type { MessageSignature, Seal } from './fields.ts';
import { parseTagList } from '../dkim/tag-list.ts';

/** What one handler added: exactly one of each field (RFC 8617 §4.2). */
export interface ArcSet {
  instance: number;
  results: Field;
  /** The value of ARC-Authentication-Results behind the instance, as written. */
  payload: string;
  messageSignature: Field;
  /** Undefined when it breaks the rules. */
  message: MessageSignature | undefined;
  seal: Field;
  /** Undefined when it breaks the rules. */
  sealed: Seal | undefined;
}

export interface ArcSets {
  /** In order of instances, from 1; empty when there are none, or when `broken` says so. */
  sets: ArcSet[];
  /** The highest instance found on any field, also of a broken chain; 0: none. */
  highest: number;
  /** The newest seal, which may be that of a broken chain, says `cv=fail`. */
  sealedAsFailed: boolean;
  /** Why the fields make no chain. */
  broken?: 'instances' | 'structure';
}

type Partial<T> = { [K in keyof T]?: T[K] | undefined };

/** Collects the ARC sets of a head (RFC 8617 §5.2, steps 1 and 3A to 3B). */
export function collectSets(fields: HeadFields): ArcSets {
  const results = fields.all('arc-authentication-results');
  const messages = fields.all('arc-message-signature');
  const seals = fields.all('arc-seal');
  const count = results.length + messages.length + seals.length;
  if (count === 0) return { sets: [], highest: 0, sealedAsFailed: false };
  if (count > 3 * MOST_INSTANCES) {
    return { sets: [], highest: MOST_INSTANCES, sealedAsFailed: false, broken: 'instances' };
  }

  const found = new Map<number, Partial<ArcSet>>();
  let ordered = true;
  const place = (
    field: Field,
    instance: number | undefined,
    key: keyof ArcSet,
    values: Partial<ArcSet>,
  ): void => {
    if (instance === undefined) {
      ordered = false;
      return;
    }
    const set = found.get(instance) ?? {};
    if (key in set) ordered = false;
    found.set(instance, { ...set, ...values, [key]: field });
  };
  for (const field of results) {
    const read = parseResults(fields.text(field));
    place(field, read?.instance, 'results', { payload: read?.payload });
  }
  for (const field of messages) {
    const tags = readTags(fields, field);
    place(field, instanceOf(tags), 'messageSignature', { message: tags && parseMessageSignature(tags) });
  }
  for (const field of seals) {
    const tags = readTags(fields, field);
    place(field, instanceOf(tags), 'seal', { sealed: tags && parseSeal(tags) });
  }

  const highest = Math.max(0, ...found.keys());
  const sealedAsFailed = found.get(highest)?.sealed?.chain === 'fail';
  const sets: ArcSet[] = [];
  for (let instance = 1; ordered && instance <= highest; instance++) {
    const set = found.get(instance);
    if (!isWhole(set)) break;
    sets.push({ ...set, instance });
  }
  if (ordered && sets.length === highest) return { sets, highest, sealedAsFailed };
  return { sets: [], highest, sealedAsFailed, broken: 'structure' };
}

function isWhole(set: Partial<ArcSet> | undefined): set is Omit<ArcSet, 'instance'> {
  return set?.results !== undefined && set.messageSignature !== undefined && set.seal !== undefined;
}

function readTags(fields: HeadFields, field: Field): ReturnType<typeof parseTagList> {
  return field.end - field.start > LONGEST_SIGNATURE ? undefined : parseTagList(fields.text(field));
}
