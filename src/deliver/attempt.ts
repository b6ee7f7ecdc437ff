import type { EventSink, JournalEvent } from '../journal/event.ts';
import type { Recipient } from '../message/envelope.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { RefusalCode } from '../refusals.ts';
import type { RecipientResult } from '../smtp/client/transaction.ts';
import type { Delivery, NewMessage, Payload, Settlement } from '../spool/spool.ts';
import type { NoticeKind, NoticeRecipient } from './dsn.ts';
import { Notifier } from './notifier.ts';
import { type RetryPolicy, waitAfter } from './retry.ts';

/** One try to deliver one delivery, as it ended. */
export interface Attempt {
  delivery: Delivery;
  payload: Payload | undefined;
  /** In the order of the delivery's recipients. */
  results: RecipientResult[];
  destination: string;
  network?: string;
  tls?: string;
  durationMs: number;
  dsnPassedOn: boolean;
}

export interface JudgeOptions {
  clock: Clock;
  random: Random;
  retry: RetryPolicy;
  events: EventSink;
  notifier: Notifier;
}

/** Turns how an attempt ended into what becomes of the delivery: RFC 5321 §4.2.1 and §4.5.4.1. */
export class Judge {
  readonly #options: JudgeOptions;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** `untried`: nothing has been settled, the delivery should be given to another connection. */
  judge(attempt: Attempt): Settlement | Promise<Settlement> | 'untried' {
    const { delivery, results } = attempt;
    // the way of nearly every message, without a promise
    if (results.every(({ kind }) => kind === 'delivered')) {
      this.#record(attempt, 'delivered', delivery.recipients, results[0] as RecipientResult);
      const told = delivery.recipients.some((recipient) =>
        Notifier.wanted('success', delivery.from, recipient),
      );
      if (!told || attempt.dsnPassedOn) return settled(delivery, { kind: 'finished' });
      return this.#conclude(attempt);
    }
    if (results.every(({ kind }) => kind === 'untried')) return 'untried';
    if (results.some(({ kind }) => kind === 'withdrawn')) {
      // the source was stopped: everything waits as it is, nobody is told anything now
      this.#record(attempt, 'held', delivery.recipients, { kind: 'withdrawn' });
      return settled(delivery, { kind: 'held', reason: 'source' });
    }
    this.#recordAll(attempt);
    return this.#conclude(attempt);
  }

  /** Gives up all recipients of a delivery that was not tried now, for its age. */
  async expire(delivery: Delivery, payload: Payload | undefined, lastReply: string): Promise<Settlement> {
    const code: RefusalCode = lastReply.startsWith('D954') ? 'D954' : 'D951';
    const failed = delivery.recipients.map((recipient) => ({ recipient, reply: lastReply, code }));
    return settled(delivery, { kind: 'finished' }, await this.#notices(delivery, payload, failed, [], []));
  }

  /** The delay notice for a delivery that was not tried now; undefined when nobody is to be told. */
  delay(
    delivery: Delivery,
    payload: Payload | undefined,
    lastReply: string,
  ): Promise<NewMessage | undefined> {
    const delayed = delivery.recipients.map((recipient) => ({ recipient, reply: lastReply }));
    const until = delivery.receivedAt + this.#options.retry.giveUpAfter;
    return this.#options.notifier.notice('delay', delivery, delayed, payload, until);
  }

  async #conclude(attempt: Attempt): Promise<Settlement> {
    const { clock, random, retry } = this.#options;
    const { delivery, results } = attempt;
    const now = clock.now();
    const age = now - delivery.receivedAt;
    const failed: NoticeRecipient[] = [];
    const passed: NoticeRecipient[] = [];
    const waiting: NoticeRecipient[] = [];
    let tried = false;
    delivery.recipients.forEach((recipient, index) => {
      const result = results[index] as RecipientResult;
      if (result.kind === 'withdrawn') return;
      const remote = /^[2-5]\d\d(?: |$)/.test(result.reply) ? hostOf(attempt.destination) : undefined;
      const line: NoticeRecipient = { recipient, reply: result.reply, remote };
      if (result.kind === 'delivered') {
        passed.push(line);
      } else if (result.kind === 'failed') {
        failed.push({ ...line, status: result.status, code: result.code ?? 'D956' });
      } else if (result.kind === 'deferred' && age >= retry.giveUpAfter) {
        failed.push({ ...line, code: result.code === 'D954' ? 'D954' : 'D951' });
      } else {
        if (result.kind === 'deferred') tried = true;
        waiting.push({ ...line, status: result.kind === 'deferred' ? result.status : undefined });
      }
    });
    let late = tried && !delivery.delayNotified && age >= retry.delayNoticeAfter;
    let notices: NewMessage[] = [];
    try {
      const told = attempt.dsnPassedOn ? [] : passed;
      notices = await this.#notices(delivery, attempt.payload, failed, late ? waiting : [], told);
    } catch (error) {
      // whose sender can not be told is not given up: it would be lost in silence
      waiting.push(...failed);
      tried = true;
      late = false;
      this.#options.events.write({
        type: 'system',
        code: 'X902',
        message: delivery.message,
        text: `a notice could not be written: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
    if (waiting.length === 0) return settled(delivery, { kind: 'finished' }, notices);
    const attempts = delivery.attempts + (tried ? 1 : 0);
    const code = results.find((result) => result.kind === 'deferred')?.code;
    return settled(
      delivery,
      {
        kind: 'deferred',
        recipients: waiting.map(({ recipient }) => recipient),
        nextAttemptAt: tried ? now + waitAfter(retry, attempts, random) : now,
        attempts,
        lastReply: code ? `${code} ${waiting[0]?.reply}` : (waiting[0]?.reply ?? ''),
        delayNotified: delivery.delayNotified || late,
      },
      notices,
    );
  }

  async #notices(
    delivery: Delivery,
    payload: Payload | undefined,
    failed: NoticeRecipient[],
    late: NoticeRecipient[],
    passed: NoticeRecipient[],
  ): Promise<NewMessage[]> {
    const { notifier, retry } = this.#options;
    const until = delivery.receivedAt + retry.giveUpAfter;
    const kinds: [NoticeKind, NoticeRecipient[], number?][] = [
      ['failure', failed],
      ['delay', late, until],
      ['success', passed],
    ];
    const notices: NewMessage[] = [];
    for (const [kind, recipients, retryUntil] of kinds) {
      if (recipients.length === 0) continue;
      const notice = await notifier.notice(kind, delivery, recipients, payload, retryUntil);
      if (notice) notices.push(notice);
    }
    return notices;
  }

  /** One event for each way in which it ended, nearly always one. */
  #recordAll(attempt: Attempt): void {
    const { delivery, results } = attempt;
    for (const outcome of ['delivered', 'failed', 'deferred', 'untried'] as const) {
      const first = results.findIndex(({ kind }) => kind === outcome);
      if (first < 0) continue;
      const recipients = delivery.recipients.filter((_, index) => results[index]?.kind === outcome);
      this.#record(attempt, outcome, recipients, results[first] as RecipientResult);
    }
  }

  #record(attempt: Attempt, outcome: string, recipients: Recipient[], result: RecipientResult): void {
    const { delivery } = attempt;
    const event: JournalEvent = {
      type: 'attempt',
      source: delivery.source,
      message: delivery.message,
      network: attempt.network,
      tls: attempt.tls,
      reply: result.kind === 'withdrawn' ? undefined : result.reply,
      from: delivery.from,
      to: recipients.map(({ address }) => address),
      destination: attempt.destination,
      outcome,
      size: delivery.size,
      detail: { durationMs: Math.round(attempt.durationMs), attempt: delivery.attempts + 1 },
    };
    if (result.kind === 'failed' || result.kind === 'deferred') event.code = result.code;
    if (result.kind === 'deferred' && result.uncertain) {
      event.text = 'the next hop may have taken it: trying again can make a duplicate';
    }
    this.#options.events.write(event);
  }
}

function settled(
  delivery: Delivery,
  outcome: Settlement['outcome'],
  notifications: NewMessage[] = [],
): Settlement {
  const { message, part } = delivery;
  return notifications.length > 0 ? { message, part, outcome, notifications } : { message, part, outcome };
}

function hostOf(destination: string): string | undefined {
  const at = destination.indexOf('/');
  return at < 0 ? undefined : destination.slice(at + 1);
}
