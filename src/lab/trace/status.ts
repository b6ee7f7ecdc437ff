import type { ArrivedFor, Arrival } from '../arrival.ts';
import type { TraceStatus } from './trace.ts';

/** Spam confidence levels of what goes into Junk; above them is quarantine. */
export function isWithinJunk(scl: number): boolean {
  return scl >= 5 && scl <= 6;
}

/** What the trace says of one recipient. */
export function statusOf({ accepted }: Pick<Arrival, 'accepted'>, { folder }: ArrivedFor): TraceStatus {
  if (!accepted) return 'Failed';
  if (folder === 'Inbox') return 'Delivered';
  if (folder === 'Junk') return 'FilteredAsSpam';
  return folder === 'Quarantine' ? 'Quarantined' : 'Pending';
}
