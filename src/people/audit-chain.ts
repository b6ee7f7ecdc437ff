import type { AuditRow } from '../store/people-rows.ts';
import { canonicalJson } from './canonical-json.ts';
import { digest } from './digest.ts';

const PAGE = 1000;
const MOST_PROBLEMS = 100;

/** How long the chain is, and the hash that it ends with. */
export interface Head {
  count: number;
  hash: string;
}

/** Before the first entry. */
export const FIRST: Head = { count: 0, hash: '0'.repeat(64) };

export type ChainProblem = 'altered' | 'missing' | 'moved' | 'broken' | 'cut-off' | 'unexpected';

export interface Verification {
  intact: boolean;
  /** Entries that are there. */
  entries: number;
  /** To be noted down elsewhere. */
  head: Head;
  /** At most 100. */
  problems: { sequence: number; problem: ChainProblem; text: string }[];
}

/** Where the chain should end: as this process knows, and as it was sealed. */
export interface Ends {
  known: Head;
  sealed?: Head;
}

/**
 * Checks a chain from its first entry to its last.
 * @param read rows after a sequence, oldest first
 * @param atRest runs the last step while nothing is written. All before it goes on beside those who write: a long
 *   chain must hold up nobody's change, least of all one that stops something
 * @param noted where it ended once, as somebody has noted
 */
export async function checkChain(
  read: (after: number, limit: number) => Promise<AuditRow[]>,
  atRest: (finish: (ends: Ends) => Promise<void>) => Promise<void>,
  noted?: Head,
): Promise<Verification> {
  const problems: Verification['problems'] = [];
  const report = (sequence: number, problem: ChainProblem, text: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push({ sequence, problem, text });
  };
  let last = FIRST;
  let entries = 0;
  let notedHash: string | undefined = noted?.count === 0 ? FIRST.hash : undefined;
  const readOn = async (): Promise<void> => {
    for (let rows = await read(last.count, PAGE); rows.length > 0; rows = await read(last.count, PAGE)) {
      for (const row of rows) {
        const sequence = row.sequence;
        if (sequence !== last.count + 1) {
          const gone = sequence - last.count - 1;
          report(
            last.count + 1,
            'missing',
            gone === 1
              ? `entry ${sequence - 1} is missing`
              : `entries ${last.count + 1} to ${sequence - 1} are missing`,
          );
        }
        checkEntry(row, last, sequence === last.count + 1, report);
        // what was written after an altered entry is judged by what the entry says it was
        last = { count: sequence, hash: row.hash };
        if (noted?.count === sequence) notedHash = digest(row.entry);
        entries++;
      }
      // a long chain must not hold up mail
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await readOn();
  await atRest(async (ends) => {
    await readOn();
    checkEnd(last, ends, report);
  });
  if (noted && notedHash !== noted.hash) {
    report(noted.count, 'altered', `entry ${noted.count} is not the one whose hash was noted down`);
  }
  return { intact: problems.length === 0, entries, head: last, problems };
}

type Report = (sequence: number, problem: ChainProblem, text: string) => void;

function checkEntry(row: AuditRow, before: Head, follows: boolean, report: Report): void {
  const sequence = row.sequence;
  if (digest(row.entry) !== row.hash) {
    report(sequence, 'altered', `entry ${sequence} is not what it was when its hash was made`);
    return;
  }
  const entry = parse(row.entry);
  if (entry?.sequence !== sequence) {
    report(
      sequence,
      'moved',
      `in the place of entry ${sequence} is entry ${entry?.sequence ?? 'of no number'}`,
    );
    return;
  }
  const columns = { at: row.at, actor: row.actor, source: row.source ?? undefined };
  const said = { at: entry.at, actor: entry.actor?.id, source: entry.source };
  if (canonicalJson(columns) !== canonicalJson(said)) {
    report(sequence, 'altered', `entry ${sequence} is filed under another time, person or source`);
  }
  if (follows && entry.previous !== before.hash) {
    report(sequence, 'broken', `entry ${sequence} does not continue from entry ${before.count}`);
  }
}

function checkEnd(last: Head, { known, sealed }: Ends, report: Report): void {
  for (const [who, head] of [
    ['the relay', known],
    ['the sealed mark', sealed],
  ] as const) {
    if (head && last.count < head.count) {
      report(
        last.count + 1,
        'cut-off',
        `the log ends with entry ${last.count}; ${who} knows of ${head.count}`,
      );
      return;
    }
    if (head && last.count > head.count) {
      report(head.count + 1, 'unexpected', `entries after ${head.count} were not written by the relay`);
      return;
    }
    if (head && last.hash !== head.hash) {
      report(last.count, 'altered', `entry ${last.count} is not the one that ${who} knows as the last`);
      return;
    }
  }
  if (!sealed && last.count > 0) {
    report(last.count, 'broken', 'the sealed mark of the end is gone, or was made under another key');
  }
}

interface Said {
  sequence?: number;
  at?: number;
  previous?: string;
  source?: string;
  actor?: { id?: string };
}

function parse(text: string): Said | undefined {
  try {
    return JSON.parse(text) as Said;
  } catch {
    return undefined;
  }
}
