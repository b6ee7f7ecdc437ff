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
  let answer: BlockAnswer;
  try {
    const read = reader.read(block);
    const gleaned = sieve.glean();
    answer = { result: read && { ...read, gleaned } };
  } catch (fault) {
    sieve.glean();
    answer = { fault };
  }
  port.postMessage(answer);
});
