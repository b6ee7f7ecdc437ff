import type { Command } from 'commander';
import type { Policy } from './answers.ts';
import { usage } from './failure.ts';
import { limit, pair, several, size, wholeNumber } from './values.ts';

/** Options that say what a source may do; their names are those that the remedies of refusals give. */
export interface PolicyOptions {
  from?: string[];
  removeFrom?: string[];
  nullSender?: boolean;
  recipients?: string;
  recipient?: string[];
  removeRecipient?: string[];
  maxSize?: string;
  maxRecipients?: string;
  connections?: string;
  limit?: string[];
  overLimit?: string;
  repair?: boolean;
  repairFrom?: string;
  rewriteFrom?: string;
  rewriteEnvelope?: string;
  replyTo?: string;
  unaligned?: string;
}

export function withPolicy(command: Command): Command {
  return command
    .option(
      '--from <pattern>',
      'may send as: app@corp.example, scan-*@corp.example, corp.example, *.corp.example, or envelope=PATTERN,header=PATTERN (repeat for more)',
      several,
    )
    .option('--null-sender', 'may send with an empty envelope sender')
    .option('--no-null-sender', 'may not')
    .option('--recipients <internal|listed|any>', 'whom it may write to')
    .option('--recipient <pattern>', 'may also write to (repeat for more)', several)
    .option('--max-size <size>', 'largest message, such as 25MB; 0 for what the relay allows')
    .option('--max-recipients <number>', 'most recipients of a message')
    .option('--connections <number>', 'most connections at the same time')
    .option(
      '--limit <limit>',
      'messages/minute=60, messages/hour=500, bytes/day=2GB, messages/day=none (repeat for more)',
      several,
    )
    .option('--over-limit <reject|defer|hold>', 'what happens above a limit')
    .option(
      '--repair',
      'mend what devices leave out: Date, Message-ID, MIME headers, long lines, raw header text',
    )
    .option('--no-repair', 'refuse such messages')
    .option('--repair-from <address>', 'From address where a message has none')
    .option('--rewrite-from <address>', 'write this From address into every message; "" ends it')
    .option('--rewrite-envelope <address>', 'use this envelope sender; "" ends it')
    .option('--reply-to <address>', 'write this Reply-To into every message; "" ends it')
    .option('--unaligned <hold|reject|send|sign-with=DOMAIN>', 'when the From domain has no usable DKIM key');
}

/** Only the fields that the options change, made from what the policy says now. */
export function changedPolicy(options: PolicyOptions, now: Policy): Partial<Policy> {
  const changes: Partial<Policy> = {};
  if (options.from || options.removeFrom) changes.pairs = changedPairs(options, now.pairs);
  if (options.nullSender !== undefined) changes.nullSender = options.nullSender;
  if (options.recipients !== undefined || options.recipient || options.removeRecipient) {
    const patterns = now.recipients.patterns.filter((one) => !options.removeRecipient?.includes(one));
    changes.recipients = {
      allow: (options.recipients ?? now.recipients.allow) as Policy['recipients']['allow'],
      patterns: [...new Set([...patterns, ...(options.recipient ?? [])])],
    };
  }
  if (options.maxSize !== undefined) changes.maxSize = size('--max-size', options.maxSize);
  if (options.maxRecipients !== undefined)
    changes.maxRecipients = wholeNumber('--max-recipients', options.maxRecipients);
  if (options.connections !== undefined)
    changes.connections = wholeNumber('--connections', options.connections);
  if (options.limit) changes.limits = changedLimits(options.limit, now.limits);
  if (options.overLimit !== undefined) changes.overLimit = options.overLimit as Policy['overLimit'];
  if (options.repair !== undefined || options.repairFrom !== undefined) {
    const on = options.repair;
    changes.repair = {
      missingHeaders: on ?? now.repair.missingHeaders,
      longLines: on ?? now.repair.longLines,
      rawHeaders: on ?? now.repair.rawHeaders,
      missingFrom: options.repairFrom ?? (on === false ? '' : now.repair.missingFrom),
    };
  }
  if ([options.rewriteFrom, options.rewriteEnvelope, options.replyTo].some((one) => one !== undefined)) {
    changes.rewrite = {
      headerFrom: options.rewriteFrom ?? now.rewrite.headerFrom,
      envelopeFrom: options.rewriteEnvelope ?? now.rewrite.envelopeFrom,
      replyTo: options.replyTo ?? now.rewrite.replyTo,
    };
  }
  if (options.unaligned !== undefined) changes.unaligned = unaligned(options.unaligned);
  return changes;
}

function changedPairs({ from = [], removeFrom = [] }: PolicyOptions, now: Policy['pairs']): Policy['pairs'] {
  const text = (one: Policy['pairs'][number]) => `${one.envelope}\n${one.header}`;
  const removed = new Set(removeFrom.map((one) => text(pair(one))));
  const missing = removeFrom.find((one) => !now.some((known) => text(known) === text(pair(one))));
  if (missing !== undefined) throw usage(`--remove-from: the source has no pair ${missing}`);
  const kept = now.filter((one) => !removed.has(text(one)));
  const known = new Set(kept.map(text));
  return [...kept, ...from.map(pair).filter((one) => !known.has(text(one)))];
}

function changedLimits(given: string[], now: Policy['limits']): Policy['limits'] {
  const limits = new Map(now.map((one) => [`${one.unit}/${one.per}`, one]));
  for (const { unit, per, most } of given.map(limit)) {
    if (most === undefined) limits.delete(`${unit}/${per}`);
    else limits.set(`${unit}/${per}`, { unit, per, most } as Policy['limits'][number]);
  }
  return [...limits.values()];
}

function unaligned(text: string): Policy['unaligned'] {
  if (text === 'hold' || text === 'reject' || text === 'send') return { action: text };
  const [action, domain] = text.split('=');
  if (action === 'sign-with' && domain) return { action, domain };
  throw usage('--unaligned: expected hold, reject, send or sign-with=DOMAIN');
}
