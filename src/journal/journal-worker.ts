/**
 * The journal's threads: started twice, as the one that writes and as the one that searches. The second is asked about
 * what was made of the journal too.
 */
import path from 'node:path';
import { workerData } from 'node:worker_threads';
import { serveLink } from '../platform/worker-link.ts';
import type { ClockRecord } from './clock-trust.ts';
import { readingError } from './followers/damage.ts';
import { JournalDatabase, type Retention } from './journal-database.ts';
import type { Cell } from './journal-rows.ts';
import { JournalSearch, type OfMessage, type SearchStep } from './journal-search.ts';
import { type MessageQuestion, MessageSearch } from './messages/message-search.ts';
import type { RefusalStep } from './refusal-groups.ts';
import type { KeptTranscript } from './transcript.ts';

export interface JournalWorkerData {
  role: 'writer' | 'reader';
  /** Of the journal's database. */
  file: string;
}

/** About the messages, which are made of the journal. */
export interface DerivedQuestion {
  kind: 'messages';
  question: MessageQuestion;
}

export type JournalRequest =
  | { kind: 'open' }
  | { kind: 'append'; cells: Cell[] }
  | { kind: 'retain'; retention: Retention }
  | { kind: 'keep-clock'; clock: ClockRecord }
  | { kind: 'search'; step: SearchStep }
  | { kind: 'of-message'; of: OfMessage }
  | { kind: 'keep'; transcripts: KeptTranscript[] }
  | { kind: 'retain-transcripts'; before?: number; bytes: number }
  | { kind: 'transcript'; session: string }
  | { kind: 'refusals'; step: RefusalStep }
  | { kind: 'events'; ids: number[] }
  | DerivedQuestion
  | { kind: 'close' };

const { role, file } = workerData as JournalWorkerData;
if (role === 'writer') write(new JournalDatabase(file));
else read(path.dirname(file));

function write(database: JournalDatabase): void {
  serveLink<JournalRequest>((request) => {
    switch (request.kind) {
      case 'open':
        return database.open();
      case 'append':
        return database.append(request.cells);
      case 'retain':
        return database.retain(request.retention);
      case 'keep-clock':
        return database.keepClock(request.clock);
      case 'close':
        return database.close();
      case 'keep':
        return database.appendTranscripts(request.transcripts);
      case 'retain-transcripts':
        return database.retainTranscripts(request.before, request.bytes);
      case 'search':
      case 'of-message':
      case 'transcript':
      case 'refusals':
      case 'events':
      case 'messages':
        throw new TypeError('the thread that writes does not search');
    }
  });
}

function read(folder: string): void {
  const search = new JournalSearch(file);
  const messages = new MessageSearch(path.join(folder, 'messages.db'));
  /** Perhaps it was replaced: the next question opens it anew. */
  const opened = <T>(ask: () => T): T => {
    try {
      return ask();
    } catch (error) {
      search.close();
      throw readingError(error);
    }
  };
  serveLink<JournalRequest>((request) => {
    switch (request.kind) {
      case 'search':
        return opened(() => search.search(request.step));
      case 'of-message':
        return opened(() => search.ofMessage(request.of));
      case 'messages':
        return messages.answer(request.question);
      case 'close':
        for (const connection of [search, messages]) connection.close();
        return;
      case 'transcript':
        return opened(() => search.transcript(request.session));
      case 'refusals':
        return opened(() => search.refusals(request.step));
      case 'events':
        return opened(() => search.events(request.ids));
      case 'open':
      case 'append':
      case 'retain':
      case 'keep-clock':
      case 'keep':
      case 'retain-transcripts':
        throw new TypeError('the thread that searches does not write');
    }
  });
}
