/**
 * Fills a journal's database with messages as a relay of a mid-sized organisation would have written them, five events a
 * message, by the journal's own thread side: about 50,000 events a second. Numbers come from a seed: the same journal
 * every time.
 */
import { JournalDatabase } from '../../src/journal/journal-database.ts';
import { type Cell, pushRow } from '../../src/journal/journal-rows.ts';
import type { JournalEvent } from '../../src/journal/event.ts';
import { formatMessageId } from '../../src/spool/message-id.ts';

export interface JournalDataOptions {
  messages: number;
  /** Wall time of the last event. */
  until: number;
  /** Milliseconds before it that the first one has. */
  span?: number;
  /** Sources, by a few of which most is sent. */
  sources?: number;
  seed?: number;
  onProgress?: (messages: number) => void;
}

const DAY = 86_400_000;
const EVENTS_A_MESSAGE = 5;
const BATCH = 5000;
/** Cells of one event. */
const WIDTH = 12;

const FIRST = [
  'anna',
  'ben',
  'carla',
  'dmitri',
  'elena',
  'farid',
  'greta',
  'hugo',
  'ines',
  'jonas',
  'katja',
  'luca',
];
const LAST = [
  'meier',
  'schmidt',
  'rossi',
  'dubois',
  'novak',
  'silva',
  'larsen',
  'kowalski',
  'tanaka',
  'okafor',
];
const SUBJECTS = [
  'Scan from device',
  'Your invoice 2026-',
  'Password reset for account',
  'Backup report of host ',
  'Weekly sales summary ',
  'Alarm: temperature in room ',
  'Ticket update #',
  'Order confirmation ',
  'Bestellbestätigung Müller ',
  'Relevé de compte n° ',
];
const REFUSED = ['S402', 'R502', 'L701', 'M601', 'E205', 'R501'];
const DEFERRED = [
  '450 4.2.0 greylisted, try again later',
  '421 4.7.0 too many connections',
  '452 4.2.2 mailbox full',
];

/**
 * @param path of the database; made when it is missing
 * @returns identifiers of sources, addresses and so on that occur, for searches
 */
export function fillJournal(
  path: string,
  options: JournalDataOptions,
): { sources: string[]; events: number } {
  const { messages, until, span = 30 * DAY, sources: count = 2000, seed = 1, onProgress } = options;
  const random = generator(seed);
  const below = (most: number) => Math.floor(random() * most);
  const of = <T>(list: readonly T[]) => list[below(list.length)] as T;
  // a few send most
  const skewed = (most: number) => Math.floor(most * random() ** 3);
  const sources = Array.from({ length: count }, (_, n) => `src_${n.toString(36).padStart(8, '0')}`);
  const database = new JournalDatabase(path);
  let { last } = database.open();
  let cells: Cell[] = [];
  let at = until - span;
  const write = (event: JournalEvent, after = 0) => {
    pushRow(cells, ++last, at + after, event);
    if (cells.length < BATCH * WIDTH) return;
    database.append(cells);
    cells = [];
  };

  const begun = last;
  for (let n = 0; n < messages; n++) {
    at = Math.round(until - span + (span * n) / messages);
    const source = skewed(count);
    const edge = below(5) === 0;
    const network = edge
      ? `203.0.${below(256)}.${below(256)}`
      : `10.${Math.floor(source / 250)}.${source % 250}.${1 + below(3)}`;
    const session = `s${n.toString(36)}`;
    const person = `${of(FIRST)}.${of(LAST)}${below(900)}`;
    const from = edge ? `${person}@sender${skewed(3000)}.example` : `app${source}@corp.example`;
    const to = Array.from(
      { length: below(12) === 0 ? 1 + below(8) : 1 },
      () =>
        `${of(FIRST)}.${of(LAST)}${below(900)}@${edge ? 'corp.example' : `customer${skewed(500)}.example`}`,
    );
    const message = formatMessageId(at * 1000 + (n % 1000));
    const listener = edge ? 'mx' : 'submission';
    const subject = `${of(SUBJECTS)}${below(100_000)}`;
    const common = { session, listener, network, ...(edge ? {} : { source: sources[source] }) };
    const tls = 'TLSv1.3 TLS_AES_256_GCM_SHA384';
    if (!edge) write({ type: 'authentication', ...common, tls, outcome: 'password' });
    const refused = below(25) === 0;
    if (refused) {
      const code = of(REFUSED);
      write({
        type: 'refusal',
        ...common,
        tls,
        code,
        reply: `550 5.7.1 ${code} refused`,
        text: 'It may not do this.',
        detail: { command: 'DATA', hello: 'app', from, recipient: to[0], recipients: to.length, subject },
      });
    } else {
      write({
        type: 'acceptance',
        ...common,
        message,
        tls,
        from,
        to,
        size: 1000 + skewed(400_000),
        outcome: 'queued',
        detail: {
          ...(edge
            ? { hello: 'mail.sender.example', edge: { attribution: 'domain', spf: 'pass', dmarc: 'pass' } }
            : { credential: `crd_${source}`, method: 'password' }),
          milliseconds: 4.2,
          subject,
          messageId: `<${n.toString(36)}.${below(1e9).toString(36)}@${edge ? 'sender' : 'app'}${source}.example>`,
        },
      });
      attempts(write, { message, source: edge ? 'edge' : sources[source], from, to, below, of });
    }
    write(
      {
        type: 'connection',
        ...common,
        tls,
        outcome: 'quit',
        size: 4000,
        detail: { hello: 'app', messages: 1 },
      },
      900,
    );
    // what a relay hears besides
    while (last - begun < EVENTS_A_MESSAGE * (n + 1)) noise(write, below);
    if (onProgress && n % 100_000 === 0) onProgress(n);
  }
  if (cells.length > 0) database.append(cells);
  database.close();
  return { sources, events: last - begun };
}

interface Attempted {
  message: string;
  source: string | undefined;
  from: string;
  to: string[];
  below(most: number): number;
  of<T>(list: readonly T[]): T;
}

function attempts(
  write: (event: JournalEvent, after?: number) => void,
  { message, source, from, to, below, of }: Attempted,
): void {
  const attempt = (recipients: string[], outcome: string, reply: string, number: number, code?: string) =>
    write(
      {
        type: 'attempt',
        source,
        message,
        network: '198.51.100.7',
        tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
        from,
        to: recipients,
        reply,
        code,
        destination: 'exchange/corp-example.mail.protection.example',
        outcome,
        size: 4000,
        detail: { durationMs: 120, attempt: number },
      },
      number * 1000,
    );
  const luck = below(1000);
  if (luck < 60) attempt(to, 'deferred', of(DEFERRED), 1);
  if (luck < 3) return; // it still waits
  const number = luck < 60 ? 2 : 1;
  if (luck < 990) {
    attempt(to, 'delivered', '250 2.6.0 Queued mail for delivery', number);
    return;
  }
  const [first = '', ...others] = to;
  if (others.length > 0) attempt(others, 'delivered', '250 2.6.0 Queued mail for delivery', number);
  attempt([first], 'failed', '550 5.1.1 no such user', number, 'D956');
  write(
    {
      type: 'bounce',
      message,
      source,
      from,
      to: [first],
      code: 'D956',
      reply: '550 5.1.1 no such user',
      outcome: 'notified',
    },
    3000,
  );
}

function noise(write: (event: JournalEvent) => void, below: (most: number) => number): void {
  const network = `192.0.2.${below(256)}`;
  const session = `x${below(1e9).toString(36)}`;
  if (below(4) === 0)
    write({
      type: 'authentication-failure',
      session,
      listener: 'submission',
      network,
      code: 'A301',
      reply: '535 5.7.8 A301',
    });
  else
    write({ type: 'connection', session, listener: 'mx', network, outcome: 'quit', detail: { commands: 3 } });
}

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
