import type { Command } from 'commander';
import type { Rule } from '../../alerts/rule.ts';
import type { Items } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { Failure, usage } from '../failure.ts';
import { several, wholeNumber } from '../values.ts';

interface SetOptions extends CommonOptions {
  enable?: boolean;
  disable?: boolean;
  severity?: string;
  type?: string[];
  code?: string[];
  outcome?: string[];
  source?: string;
  count?: string;
  within?: string;
  olderThan?: string;
  days?: string;
  by?: string;
  gather?: string;
  quiet?: string;
  repeat?: string;
  closing?: string;
  channel?: string[];
  allChannels?: boolean;
}

export function alertRuleCommand(alert: Command): void {
  const rule = alert.command('rule').description('what makes an alert, and how many become one message');

  withConnection(rule.command('list').description('list rules')).action(async (options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const { items } = await api.get<Items<Rule>>('/alert-rules');
    out.answer(items, () =>
      out.table(
        ['NAME', 'STATE', 'SEVERITY', 'WHEN', 'ONE ALERT BY', 'GATHER', 'QUIET', 'REPEAT', 'CHANNELS'],
        items.map((one) => [
          one.name,
          one.enabled ? 'on' : 'off',
          one.severity,
          conditionOf(one),
          one.by.join(', ') || 'rule',
          `${one.gatherSeconds} s`,
          `${one.quietSeconds} s`,
          one.repeatSeconds === 0 ? 'never' : `${one.repeatSeconds} s`,
          one.channels.join(', ') || 'all',
        ]),
        'No rules.',
      ),
    );
  });

  const set = rule
    .command('set <name>')
    .description('change a rule, or add one; what is not named stays')
    .option('--enable', 'use it')
    .option('--disable', 'do not use it')
    .option('--severity <info|warning|critical|as-event>', 'how grave it is')
    .option('--type <type>', 'events of this type (repeat)', several)
    .option('--code <code>', 'events with this code, or X9* (repeat)', several)
    .option('--outcome <outcome>', 'events with this outcome (repeat)', several)
    .option('--source <name>', 'events of this source')
    .option('--count <number>', 'so many make an alert')
    .option('--within <seconds>', 'in this time')
    .option('--older-than <seconds>', 'queue-age: the oldest message that waits is older')
    .option('--days <number>', 'certificate: days before its end')
    .option('--by <fields>', 'what agrees in one alert: code, source, network, destination, or none')
    .option('--gather <seconds>', 'the first message waits this long, so that it can count')
    .option('--quiet <seconds>', 'without an occurrence for so long it is over')
    .option('--repeat <seconds>', 'told again after this time while it grows; 0: never')
    .option('--closing <grown|always|never>', 'a last message with the total')
    .option('--channel <name>', 'only to this channel (repeat)', several)
    .option('--all-channels', 'to every channel');
  withConnection(set).action(async (name: string, options: SetOptions) => {
    const { api, out } = await openSession(options);
    const target = `/alert-rules/${encodeURIComponent(name)}`;
    const { items } = await api.get<Items<Rule>>('/alert-rules');
    const known = items.some((one) => one.name === name);
    const before = known ? await api.getWithTag<Rule>(target) : undefined;
    const { name: _name, ...rest } = before?.value ?? { name };
    const made = await api.send<Rule>(
      'PUT',
      target,
      { ...rest, ...changesOf(options, before?.value) },
      before?.tag,
    );
    out.answer(made, () =>
      out.done(`Rule ${name} ${made.enabled ? 'is on' : 'is off'}: ${conditionOf(made)}`),
    );
  });

  withConnection(
    rule.command('remove <name>').description('remove a rule; a built-in one becomes what it was'),
  ).action(async (name: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    await api.send('DELETE', `/alert-rules/${encodeURIComponent(name)}`);
    out.answer({ removed: name }, () => out.done(`Rule ${name} removed`));
  });
}

function changesOf(options: SetOptions, before: Rule | undefined): Record<string, unknown> {
  if (options.enable && options.disable) throw usage('--enable and --disable exclude each other');
  const number = (option: string, text: string | undefined) =>
    text === undefined ? undefined : wholeNumber(option, text);
  const changes = {
    enabled: options.enable ? true : options.disable ? false : undefined,
    severity: options.severity,
    by: options.by === undefined ? undefined : fieldsOf(options.by),
    gatherSeconds: number('--gather', options.gather),
    quietSeconds: number('--quiet', options.quiet),
    repeatSeconds: number('--repeat', options.repeat),
    closing: options.closing,
    channels: options.allChannels ? [] : options.channel,
    when: whenOf(options, before),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function whenOf(options: SetOptions, before: Rule | undefined): Record<string, unknown> {
  const { type, code, outcome, source, count, within, olderThan, days } = options;
  const about = {
    types: type,
    codes: code,
    outcomes: outcome,
    source,
    count: count && wholeNumber('--count', count),
    withinSeconds: within && wholeNumber('--within', within),
  };
  const events = Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
  const wanted =
    olderThan !== undefined
      ? { kind: 'queue-age', olderThanSeconds: wholeNumber('--older-than', olderThan) }
      : days !== undefined
        ? { kind: 'certificate', days: wholeNumber('--days', days) }
        : undefined;
  if (wanted && Object.keys(events).length > 0)
    throw usage('--older-than and --days do not go together with options about events');
  if (wanted) return wanted;
  if (before && (before.when.kind === 'events' || Object.keys(events).length === 0))
    return { ...before.when, ...events };
  if (before) throw new Failure(`rule ${before.name} is not about events, but ${before.when.kind}`);
  if (type === undefined) throw usage('a new rule needs --type, --older-than or --days');
  return { kind: 'events', ...events };
}

const fieldsOf = (text: string): string[] =>
  text === 'none' ? [] : text.split(',').map((field) => field.trim());

function conditionOf({ when }: Rule): string {
  if (when.kind === 'queue-age') return `oldest message older than ${when.olderThanSeconds} s`;
  if (when.kind === 'certificate') return `certificate ends in less than ${when.days} days`;
  const { types, codes, outcomes, source, count, withinSeconds } = when;
  return [
    types.join(', '),
    codes.length > 0 && `code ${codes.join(', ')}`,
    outcomes.length > 0 && outcomes.join(', '),
    source && `source ${source}`,
    count > 1 && `${count} in ${withinSeconds} s`,
  ]
    .filter(Boolean)
    .join('; ');
}
