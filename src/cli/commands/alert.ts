import type { Command } from 'commander';
import type { z } from 'zod';
import type * as shapes from '../../api/alert-shapes.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { Failure } from '../failure.ts';
import { when } from '../output.ts';
import { wholeNumber } from '../values.ts';
import { alertChannelCommand } from './alert-channel.ts';
import { alertDigestCommand } from './alert-digest.ts';
import { alertMuteCommand } from './alert-mute.ts';
import { alertRuleCommand } from './alert-rule.ts';

type Alert = z.infer<typeof shapes.alertShape>;
type Message = z.infer<typeof shapes.messageShape>;

interface ListOptions extends CommonOptions {
  open?: boolean;
  rule?: string;
  source?: string;
  limit: string;
}

export function alertCommand(postern: Command): void {
  const alert = postern
    .command('alert')
    .description('what somebody should look at: alerts, their rules, and the channels that carry them');

  const list = alert
    .command('list')
    .description('list alerts, newest first')
    .option('--open', 'only those that are not over')
    .option('--rule <name>', 'of one rule')
    .option('--source <name>', 'of one source')
    .option('--limit <number>', 'most alerts', '50');
  withConnection(list).action(async (options: ListOptions) => {
    const { api, out } = await openSession(options);
    const query = { state: options.open ? 'open' : undefined, rule: options.rule, source: options.source };
    const items = await api.list<Alert>('/alerts', query, wholeNumber('--limit', options.limit));
    out.answer(items, () =>
      out.table(
        ['ALERT', 'SEVERITY', 'STATE', 'FIRST', 'LAST', 'COUNT', 'WHAT', 'SOURCE', 'TEXT'],
        items.map((one) => [
          one.id,
          one.severity,
          stateOf(one),
          when(one.firstAt),
          when(one.lastAt),
          String(one.count),
          one.code ?? one.rule,
          one.sourceName ?? one.source ?? one.network ?? '',
          one.text.slice(0, 80),
        ]),
        'No alerts.',
      ),
    );
  });

  withConnection(
    alert.command('show <id>').description('show an alert, and whether its messages arrived'),
  ).action(async (id: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const one = await api.get<Alert & { messages: Message[] }>(`/alerts/${encodeURIComponent(id)}`);
    out.answer(one, () => {
      out.fields(
        [
          ['Alert', one.id],
          ['Rule', one.rule],
          ['Severity', one.severity],
          ['State', stateOf(one)],
          ['Code', one.code],
          ['Source', one.sourceName ?? one.source],
          ['Network', one.network],
          ['Destination', one.destination],
          ['Count', String(one.count)],
          ['First', when(one.firstAt)],
          ['Last', when(one.lastAt)],
          ['Acknowledged', one.acknowledgedAt && `${when(one.acknowledgedAt)} by ${one.acknowledgedBy}`],
          ['Text', one.text],
        ].map(([name, value]) => [name as string, value === undefined ? undefined : String(value)]),
      );
      out.line();
      out.table(
        ['MESSAGE', 'CHANNEL', 'WHY', 'COUNT', 'STATE', 'ATTEMPTS', 'NEXT', 'LAST ERROR'],
        one.messages.map((message) => [
          message.id,
          message.channel,
          message.kind,
          String(message.count),
          message.state,
          String(message.attempts),
          when(message.nextAttemptAt),
          message.lastError ?? '',
        ]),
        'No message was sent about it: it waits, is muted, or no channel takes its severity.',
      );
    });
  });

  withConnection(
    alert.command('ack <id>').description('say that you know: it is not told again until it is over'),
  ).action(async (id: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const one = await api.send<Alert>('POST', `/alerts/${encodeURIComponent(id)}/acknowledge`);
    out.answer(one, () => out.done(`Alert ${one.id} acknowledged`));
  });

  withConnection(
    alert.command('test <channel>').description('send a message to try a channel, once and now'),
  ).action(async (channel: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const answer = await api.send<{ sent: boolean; error?: string }>(
      'POST',
      `/alert-channels/${encodeURIComponent(channel)}/test`,
    );
    if (!answer.sent)
      throw new Failure(`channel ${channel} did not take the message: ${answer.error}`, 1, answer);
    out.answer(answer, () => out.done(`Channel ${channel} took the message`));
  });

  alertChannelCommand(alert);
  alertRuleCommand(alert);
  alertMuteCommand(alert);
  alertDigestCommand(alert);
}

function stateOf({ state, muted, acknowledgedAt }: Alert): string {
  if (state === 'closed') return 'over';
  if (muted) return 'muted';
  return acknowledgedAt === undefined ? 'open' : 'acknowledged';
}
