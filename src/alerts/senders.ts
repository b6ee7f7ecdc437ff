import type { SystemMail } from '../deliver/system-mail.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Channel, Sender } from './channel.ts';
import { chatSender } from './chat.ts';
import { mailSender } from './mail.ts';
import type { MetricReading, OtlpIdentity } from './otlp-encode.ts';
import { otlpSender } from './otlp-sender.ts';
import type { Outside } from './outside.ts';
import type { StreamSender } from './stream.ts';
import { syslogSender } from './syslog-sender.ts';
import { webhookSender } from './webhook.ts';

export interface SenderParts {
  clock: Clock;
  random: Random;
  outside: Outside;
  systemMail: SystemMail;
  identity: OtlpIdentity & { process: string };
  /** What /metrics shows. */
  readings: () => Promise<MetricReading[]>;
}

/** What speaks to the outside for a channel. It may hold a connection and timers: `close` ends them. */
export function senderOf({ settings }: Channel, parts: SenderParts): Sender | StreamSender {
  const { clock, random, outside, systemMail, identity, readings } = parts;
  switch (settings.kind) {
    case 'mail':
      return mailSender(settings, systemMail);
    case 'webhook':
      return webhookSender({ ...settings, secret: settings.secret ?? '' }, outside, clock);
    case 'teams':
    case 'slack':
      return chatSender(settings, outside, clock);
    case 'syslog':
      return syslogSender({ settings, identity, outside, clock });
    case 'otlp':
      return otlpSender({ settings, identity, outside, clock, random, readings });
  }
}
