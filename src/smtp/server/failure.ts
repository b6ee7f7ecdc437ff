import { type Reply, refuse } from '../reply.ts';

/** The reply for what should not have happened: its cause goes to the journal, not to the client. */
export function failure(what: string, error: unknown): Reply {
  return refuse(
    'X902',
    `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
}
