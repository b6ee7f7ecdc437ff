import { X509Certificate } from 'node:crypto';
import type { Rule } from './rule.ts';

export interface Watched {
  /** Wall time, milliseconds. */
  now: number;
  /** When the oldest message was received that waits for delivery; absent: none waits. */
  oldestAt?: number;
  /** PEM of the listeners' certificate. */
  certificate: string;
}

const DAY_MS = 86_400_000;

/** What a rule finds that is about a state and not about an event; undefined: all is well. */
export function look({ when }: Rule, { now, oldestAt, certificate }: Watched): string | undefined {
  if (when.kind === 'queue-age') {
    if (oldestAt === undefined || now - oldestAt < when.olderThanSeconds * 1000) return undefined;
    const minutes = Math.floor((now - oldestAt) / 60_000);
    return `the oldest message has waited for ${minutes} minutes; postern queue list shows why`;
  }
  if (when.kind === 'certificate') {
    const end = Date.parse(new X509Certificate(certificate).validTo);
    const days = Math.floor((end - now) / DAY_MS);
    if (days >= when.days) return undefined;
    const day = new Date(end).toISOString().slice(0, 10);
    return days < 0
      ? `the certificate of the listeners ended on ${day}; devices that check it send nothing`
      : `the certificate of the listeners ends on ${day}, in ${days} days; replace it before`;
  }
  return undefined;
}
