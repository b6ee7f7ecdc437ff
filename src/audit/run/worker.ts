/** A run on a thread of its own, so that a relay is not held up by it. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../platform/clock.ts';
import { systemDisk } from '../../platform/disk.ts';
import { systemResolver } from '../../platform/resolver.ts';
import { AuditError } from '../audit-error.ts';
import { AuditBook } from './book.ts';
import type { RunProgress, RunRequest } from './request.ts';
import { runAudit } from './run.ts';

export interface RunWorkerData {
  folder: string;
  request: RunRequest;
  /** Name servers; none: the system's. */
  dnsServers: string[];
}

export type RunWorkerMessage =
  | { type: 'progress'; progress: RunProgress }
  | { type: 'done'; gates: string[] }
  | { type: 'stopped' }
  | { type: 'failed'; code?: AuditError['code']; message: string };

const port = parentPort;
if (!port) throw new Error('this module is a thread of its own');
const { folder, request, dnsServers } = workerData as RunWorkerData;
const tell = (message: RunWorkerMessage): void => port.postMessage(message);
const stop = new AbortController();
port.on('message', () => stop.abort(new Error('stopped')));
let book: AuditBook | undefined;
try {
  book = await AuditBook.open(folder);
  const { answer } = await runAudit(request, {
    book,
    clock: systemClock,
    disk: systemDisk,
    resolver: systemResolver(dnsServers),
    signal: stop.signal,
    progress: (progress) => tell({ type: 'progress', progress }),
  });
  tell({ type: 'done', gates: answer.gates.map(({ text }) => text) });
} catch (error) {
  const { message } = error instanceof Error ? error : new Error(String(error));
  if (stop.signal.aborted) tell({ type: 'stopped' });
  else tell({ type: 'failed', message, ...(error instanceof AuditError && { code: error.code }) });
} finally {
  await book?.close();
  port.close();
}
