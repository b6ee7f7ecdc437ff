import { lower, networkMatcher } from '../filter.ts';
import type { Direction, IndexedMessage, MessageState } from './message-row.ts';
import {
  directionWord,
  domainPart,
  messageIdWord,
  networkWord,
  recipientWord,
  senderWord,
  sourceWord,
} from './terms.ts';

/** What to look for; all of it must hold. */
export interface MessageQuery {
  /** Of one of these sources: identifiers. */
  sources?: readonly string[];
  directions?: readonly Direction[];
  states?: readonly MessageState[];
  /** Refusal code of the relay. */
  code?: string;
  /** Envelope or header sender: an address, `@domain`, or a part of either. */
  from?: string;
  /** The same of recipients. */
  to?: string;
  /** A part of the subject. */
  subject?: string;
  /** Spool identifier or its beginning, or a Message-ID. */
  message?: string;
  /** An address or a CIDR block. */
  network?: string;
  /** A part of senders, recipients, subject or Message-ID. */
  text?: string;
  /** Wall time; `until` is exclusive. */
  since?: number;
  until?: number;
}

/** How a query is answered: by words and parts that lead to rows, by conditions of SQL, and by a look at each row. */
export interface SearchPlan {
  /** For the table of words, in its own language; absent: no word leads anywhere. */
  words?: string;
  /** For the table of parts. */
  parts?: string;
  sql: string;
  parameters: (string | number)[];
  /** Absent when SQL says it all. */
  matches?: (row: IndexedMessage) => boolean;
  /** Words alone say everything, so that counting them counts messages. */
  wordsSuffice: boolean;
}

/** Three characters in a row are what parts are found by; shorter text is looked for row by row. */
const SHORTEST_PART = 3;
/** Parts of one text that are asked for: more of them exclude hardly anything more. */
const MOST_PARTS = 8;

/**
 * Sources that are looked for by their words: full-text search looks at each of them for each row that it finds, and for
 * all rows of a stretch where these are compared with those of parts. Who has more finds them row by row, soon enough.
 */
const MOST_WORDS = 500;
const MOST_WORDS_BESIDE_PARTS = 50;

/** What a part is looked for in, in lower case. */
const ALL_TEXT = "lower(concat(sender, ' ', header_from, ' ', recipients, ' ', subject, ' ', message_id))";

export function planOf(query: MessageQuery): SearchPlan {
  const groups: string[] = [];
  const parts = new Set<string>();
  const terms: string[] = [];
  const parameters: (string | number)[] = [];
  const tests: ((row: IndexedMessage) => boolean)[] = [];
  const where = (term: string, ...values: (string | number)[]) => {
    terms.push(term);
    parameters.push(...values);
  };
  const oneOf = (column: string, values: readonly string[]) =>
    where(`${column} IN (${values.map(() => '?').join()})`, ...values);
  const anyWord = (words: readonly string[]) =>
    groups.push(`(${words.map((word) => `"${word}"`).join(' OR ')})`);
  const part = (text: string) => {
    for (const piece of piecesOf(text)) parts.add(piece);
  };

  const { sources, directions, states, code, since, until } = query;
  if (directions !== undefined) {
    oneOf('direction', directions);
    anyWord(directions.map(directionWord));
  }
  if (states !== undefined) oneOf('state', states);
  if (code !== undefined) where('code = ?', code);
  if (since !== undefined) where('at >= ?', since);
  if (until !== undefined) where('at < ?', until);

  if (query.from !== undefined) {
    const wanted = lower(query.from);
    const exact = exactAddress(wanted);
    if (exact === undefined) part(wanted);
    else anyWord([senderWord(exact)]);
    const test = addressTest(wanted, exact);
    tests.push(({ from, headerFrom }) => [from, headerFrom].some((one) => one !== undefined && test(one)));
  }
  if (query.to !== undefined) {
    const wanted = lower(query.to);
    const exact = exactAddress(wanted);
    if (exact === undefined) part(wanted);
    else anyWord([recipientWord(exact)]);
    const test = addressTest(wanted, exact);
    // of many recipients a row names only the first: words and parts have spoken for the others
    const spoken = exact !== undefined || piecesOf(wanted).length > 0;
    tests.push(
      ({ recipients, recipientCount }) =>
        (spoken && recipientCount > recipients.length) || recipients.some(test),
    );
  }
  if (query.subject !== undefined) {
    part(query.subject);
    const wanted = folded(query.subject);
    tests.push(({ subject }) => subject !== undefined && folded(subject).includes(wanted));
  }
  if (query.text !== undefined) {
    part(query.text);
    const wanted = folded(query.text);
    const spoken = piecesOf(query.text).length > 0;
    // no part leads anywhere: SQLite looks through the rows several times as fast
    if (/^[\w@.-]{1,2}$/.test(query.text)) where(`instr(${ALL_TEXT}, ?) > 0`, lower(query.text));
    tests.push(
      ({ from, headerFrom, recipients, recipientCount, subject, messageId }) =>
        (spoken && recipientCount > recipients.length) ||
        [from, headerFrom, subject, messageId, ...recipients].some(
          (value) => value !== undefined && folded(value).includes(wanted),
        ),
    );
  }
  if (query.network !== undefined) {
    const word = networkWord(query.network);
    if (word !== undefined) anyWord([word]);
    const inNetwork = networkMatcher(query.network);
    tests.push(({ network }) => network !== undefined && inNetwork(network));
  }
  if (query.message !== undefined) {
    if (/[@<>]/.test(query.message)) {
      const wanted = query.message.replace(/^<|>$/g, '');
      anyWord([messageIdWord(wanted)]);
      tests.push(({ messageId }) => messageId?.replace(/^<|>$/g, '') === wanted);
    } else {
      const start = query.message.toUpperCase();
      where('message >= ? AND message < ?', start, `${start}\u{10ffff}`);
    }
  }
  if (sources !== undefined) {
    const most = parts.size > 0 ? MOST_WORDS_BESIDE_PARTS : MOST_WORDS;
    if (sources.length <= most) {
      oneOf('source', sources);
      anyWord(sources.map(sourceWord));
    } else {
      const wanted = new Set(sources);
      tests.push(({ source }) => source !== undefined && wanted.has(source));
    }
  }
  const wordsSuffice = tests.length === 0 && groups.length > 0 && terms.length === groups.length;
  return {
    words: groups.length > 0 ? groups.join(' AND ') : undefined,
    parts: parts.size > 0 ? [...parts].map(quoted).join(' AND ') : undefined,
    sql: terms.join(' AND ') || '1',
    parameters,
    matches: tests.length > 0 ? (row) => tests.every((test) => test(row)) : undefined,
    wordsSuffice,
  };
}

/** An address, or a domain with its `@`; undefined for what is only a part of one. */
function exactAddress(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  if (at < 0 || at === text.length - 1) return text === '' || text === '<>' ? '' : undefined;
  return text.slice(at + 1).includes('.') ? text : undefined;
}

function addressTest(wanted: string, exact: string | undefined): (address: string) => boolean {
  if (exact === undefined) return (address) => lower(address).includes(wanted);
  if (exact.startsWith('@')) return (address) => lower(domainPart(address)) === exact;
  return (address) => lower(address) === exact;
}

/** As full-text search sees it: in any case. */
function folded(text: string): string {
  return text.toLowerCase();
}

/** Spread over the text, so that its end counts as much as its beginning. */
function piecesOf(text: string): string[] {
  const letters = Array.from(text);
  const count = letters.length - SHORTEST_PART + 1;
  if (count <= 0) return [];
  const step = Math.max(1, count / MOST_PARTS);
  const pieces: string[] = [];
  for (let at = 0; at < count; at += step)
    pieces.push(letters.slice(Math.floor(at), Math.floor(at) + SHORTEST_PART).join(''));
  return pieces;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
