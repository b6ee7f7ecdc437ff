/** Reads blocks of tables on a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Tenant } from '../../edge/tenant.ts';
import { type Block, BlockReader } from '../evidence/table-block.ts';
import { Sieve } from '../facts/sieve.ts';
import type { BlockAnswer } from './block-readers.ts';

const port = parentPort;
if (!port) throw new Error('this module is a thread of its own');
const sieve = new Sieve(workerData as Tenant);
const reader = new BlockReader(sieve);
port.on('message', (block: Block) => {
  let read: ReturnType<BlockReader['read']>;
  try {
    read = reader.read(block);
  } catch (fault) {
    sieve.glean();
    port.postMessage({ fault } satisfies BlockAnswer);
    return;
  }
  const gleaned = sieve.glean();
  const { facts, sent } = gleaned;
  const answer: BlockAnswer = { result: read && { ...read, gleaned } };
  port.postMessage(answer, [facts.numbers.buffer, sent.buffer]);
});
