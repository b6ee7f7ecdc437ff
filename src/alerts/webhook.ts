import { createHmac } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { Notice } from './alert.ts';
import { headline } from './alert.ts';
import type { Sender, SettingsOf } from './channel.ts';
import { post } from './http-post.ts';
import type { Outside } from './outside.ts';

export const SECRET_PREFIX = 'whsec_';

/**
 * The signature over `id.timestamp.body`, as the Standard Webhooks specification has it: who repeats a message
 * later, or under another id, has no valid signature for it.
 * @param secret `whsec_` and base64
 * @param timestamp seconds since the epoch
 */
function signature(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** What a webhook gets. The form is stable: fields are added, never changed. */
function webhookBody(notice: Notice): string {
  const { kind, at, hostname, alert, sourceName } = notice;
  return JSON.stringify({
    type: `alert.${kind}`,
    timestamp: new Date(at).toISOString(),
    data: {
      relay: hostname,
      summary: headline(notice),
      id: alert.id,
      state: alert.state,
      severity: alert.severity,
      rule: alert.rule,
      code: alert.code,
      source: alert.source,
      sourceName,
      network: alert.network,
      destination: alert.destination,
      text: alert.text,
      count: alert.count,
      firstAt: new Date(alert.firstAt).toISOString(),
      lastAt: new Date(alert.lastAt).toISOString(),
      acknowledgedBy: alert.acknowledgedBy,
    },
  });
}

export function webhookSender(
  settings: SettingsOf<'webhook'> & { secret: string },
  outside: Outside,
  clock: Clock,
): Sender {
  const { url, secret, allowPrivate, ca } = settings;
  return {
    async send(notice, id) {
      const body = webhookBody(notice);
      const now = clock.now();
      const timestamp = Math.floor(now / 1000);
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'Postern',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signature(secret, id, timestamp, body),
      };
      await post({ url, headers, body, allowPrivate, ca }, outside, now);
    },
    close() {},
  };
}
