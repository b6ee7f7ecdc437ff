/** The spool's threads: started twice, as the one that writes and as the one that reads. */
import { workerData } from 'node:worker_threads';
import { serveLink } from '../../platform/worker-link.ts';
import { type Batch, decodeBatch } from './batch.ts';
import { type PayloadRow, type ReadRequest, SpoolReader } from './reader.ts';
import { openDatabase, openForReading } from './schema.ts';
import { type Change, SpoolWriter } from './writer.ts';

export interface SpoolWorkerData {
  role: 'writer' | 'reader';
  path: string;
  maxPages?: number;
}

export type WriterRequest =
  | { kind: 'batch'; batch: Batch }
  | { kind: 'change'; change: Change }
  | { kind: 'totals' }
  | { kind: 'reusable' }
  | { kind: 'checkpoint' }
  | { kind: 'close' };

export type ReaderRequest = ReadRequest[] | 'close';

/** The answer to each of a batch of questions. */
export type ReadAnswer = { value: unknown } | { error: string };

const { role, path, maxPages } = workerData as SpoolWorkerData;
if (role === 'writer') write(new SpoolWriter(() => openDatabase(path, maxPages)));
else read(new SpoolReader(() => openForReading(path)));

function write(writer: SpoolWriter): void {
  serveLink<WriterRequest>((request) => {
    switch (request.kind) {
      case 'batch':
        try {
          return writer.apply(decodeBatch(request.batch));
        } finally {
          // frees the contents now; a collection that comes late lets hundreds of them pile up
          request.batch.content.transfer(0);
        }
      case 'change':
        return writer.change(request.change);
      case 'totals':
        return writer.totals();
      case 'reusable':
        return writer.reusable();
      case 'checkpoint':
        return writer.checkpoint();
      case 'close':
        return writer.close();
    }
  });
}

function read(reader: SpoolReader): void {
  serveLink<ReaderRequest>((requests, transfer) => {
    if (requests === 'close') return reader.close();
    return requests.map((request): ReadAnswer => {
      try {
        const value = reader.read(request);
        if (request.kind === 'payload' && value !== undefined) {
          transfer.push((value as PayloadRow).content.buffer);
        }
        return { value };
      } catch (error) {
        return { error: (error as Error).message };
      }
    });
  });
}
