/** The worker of worker-link.test.ts. */
import { workerData } from 'node:worker_threads';
import { serveLink } from './worker-link.ts';

serveLink<string>((request) => {
  if (request === 'die') process.exit(3);
  if (request === 'throw') throw Object.assign(new Error('thrown'), { code: 'ERR_THROWN' });
  return `${String(workerData)} ${request}`;
});
