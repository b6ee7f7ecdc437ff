/**
 * A session with the next server once it is open: mail transactions, one after another, pipelined within and
 * across messages where the server allows. RFC 2920 §3.1 lets message content lead a group of commands, so in
 * the steady state one message is one write (its content, then the next one's MAIL, RCPT and DATA) and one read.
 *
 *   envelope ──354──▶ content ──dot──▶ final ──reply──▶ done
 *      ▲                 │
 *      └── the next one's envelope goes out behind the content
 */
import type { Clock } from '../../platform/clock.ts';
import type { Disk } from '../../platform/disk.ts';
import { type ContentTail, composeContent, isSmall, streamContent } from './content-writer.ts';
import { type EnvelopePlan, planEnvelope } from './envelope-commands.ts';
import type { Extensions } from './extensions.ts';
import { type RemoteReply, oneLine } from './reply-parser.ts';
import type { ClientTimeouts, RecipientResult, Transaction } from './transaction.ts';
import type { Wire, WireFailure } from './wire.ts';

export interface SessionFacts {
  /** What the server offers on this connection as it stands. */
  extensions: Extensions;
  tls?: { version: string; cipher: string; verified: boolean };
  /** The name or address that was asked for, and the address reached. */
  host: string;
  address: string;
}

export interface SessionOptions {
  clock: Clock;
  disk: Disk;
  timeouts: ClientTimeouts;
}

type Phase = 'envelope' | 'content' | 'final';

interface Active {
  transaction: Transaction;
  plan: EnvelopePlan;
  phase: Phase;
  /** How many of the plan's recipients have been answered 2xx. */
  accepted: number;
  mailAccepted: boolean;
  done: boolean;
}

export class ClientSession {
  readonly facts: SessionFacts;
  readonly #wire: Wire;
  readonly #options: SessionOptions;
  /** At most two: the one whose content is on its way, and the one whose envelope follows it. */
  #active: Active[] = [];
  #next: () => Transaction | undefined = () => undefined;
  #ended: ((state: 'idle' | 'closed') => void) | undefined;
  #completed = 0;
  /** The server still holds an envelope that came to nothing. */
  #resetNeeded = false;
  #quitting = false;

  constructor(wire: Wire, facts: SessionFacts, options: SessionOptions) {
    this.#wire = wire;
    this.facts = facts;
    this.#options = options;
    wire.onFailure = (failure) => this.#lost(failure);
  }

  /** Nothing more can be sent. */
  get closed(): boolean {
    return this.#wire.failure !== undefined || this.#quitting;
  }

  /** Why it is closed. */
  get failure(): WireFailure | undefined {
    return this.#wire.failure;
  }

  /** Runs once, when the connection goes away while nothing is being sent. */
  onIdleClose: () => void = () => {};

  /**
   * Carries out what `next` hands over until it has no more. `next` is asked early, when the content of the one
   * before goes out. Resolves `idle` when the session can be used again, `closed` when not; every transaction
   * taken has then been finished.
   */
  run(next: () => Transaction | undefined): Promise<'idle' | 'closed'> {
    return new Promise((resolve) => {
      if (this.closed) return resolve('closed');
      this.#next = next;
      this.#ended = resolve;
      return this.#begin();
    });
  }

  /** Says goodbye and closes; resolves when the connection is gone. */
  quit(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.#quitting = true;
    return new Promise((resolve) => {
      this.#wire.onFailure = () => resolve();
      this.#wire.expect('QUIT', this.#options.timeouts.quit, () => {
        this.#wire.fail({ kind: 'local', text: 'done' });
      });
      this.#wire.socket.write('QUIT\r\n');
    });
  }

  /** Drops the connection at once. What was being sent ends as if the connection had been lost. */
  destroy(text: string): void {
    this.#wire.fail({ kind: 'local', text });
  }

  /** Takes the next transaction that has something to send; those that have not are finished here. */
  #take(): Active | undefined {
    for (;;) {
      const transaction = this.#next();
      if (!transaction) return undefined;
      const plan = planEnvelope(transaction, this.facts.extensions);
      if (plan.recipients.length > 0) {
        return { transaction, plan, phase: 'envelope', accepted: 0, mailAccepted: false, done: false };
      }
      this.#report(transaction, plan);
    }
  }

  #begin(): void {
    const active = this.#take();
    if (this.closed) return;
    if (!active) {
      const ended = this.#ended;
      this.#ended = undefined;
      ended?.('idle');
      return;
    }
    const commands = this.#envelope(active);
    if (commands !== '') this.#wire.socket.write(commands, 'utf8');
  }

  /** Registers what will be answered and returns the commands; without PIPELINING, sends them one by one itself. */
  #envelope(active: Active): string {
    this.#active.push(active);
    const reset = this.#resetNeeded;
    this.#resetNeeded = false;
    const { timeouts } = this.#options;
    if (!this.facts.extensions.pipelining) {
      if (reset) this.#single('RSET', 'RSET', timeouts.mail, () => this.#mailAlone(active));
      else this.#mailAlone(active);
      return '';
    }
    let commands = '';
    if (reset) {
      commands = 'RSET\r\n';
      this.#wire.expect('RSET', timeouts.mail, () => {});
    }
    commands += `${active.plan.mail}\r\n`;
    this.#wire.expect('MAIL', timeouts.mail, (reply) => this.#onMail(active, reply));
    for (const recipient of active.plan.recipients) {
      commands += `${recipient.command}\r\n`;
      this.#wire.expect('RCPT', timeouts.recipient, (reply) =>
        this.#onRecipient(active, recipient.index, reply),
      );
    }
    this.#wire.expect('DATA', timeouts.dataStart, (reply) => this.#onData(active, reply));
    return `${commands}DATA\r\n`;
  }

  #single(command: string, line: string, timeoutMs: number, take: (reply: RemoteReply) => void): void {
    this.#wire.expect(command, timeoutMs, take);
    this.#wire.socket.write(`${line}\r\n`, 'utf8');
  }

  #mailAlone(active: Active): void {
    this.#single('MAIL', active.plan.mail, this.#options.timeouts.mail, (reply) => {
      this.#onMail(active, reply);
      if (active.mailAccepted) this.#recipientAlone(active, 0);
      else this.#complete(active);
    });
  }

  #recipientAlone(active: Active, position: number): void {
    const recipient = active.plan.recipients[position];
    if (recipient) {
      this.#single('RCPT', recipient.command, this.#options.timeouts.recipient, (reply) => {
        this.#onRecipient(active, recipient.index, reply);
        if (!this.closed) this.#recipientAlone(active, position + 1);
      });
    } else if (active.accepted > 0) {
      this.#single('DATA', 'DATA', this.#options.timeouts.dataStart, (reply) => this.#onData(active, reply));
    } else {
      this.#resetNeeded = true;
      this.#complete(active);
    }
  }

  #onMail(active: Active, reply: RemoteReply): void {
    if (!this.#plausible('MAIL', reply)) return;
    active.mailAccepted = reply.code < 300;
    if (active.mailAccepted) return;
    const result = refusal(reply);
    for (const { index } of active.plan.recipients) active.plan.results[index] = result;
  }

  #onRecipient(active: Active, index: number, reply: RemoteReply): void {
    if (!this.#plausible('RCPT', reply) || !active.mailAccepted) return;
    if (reply.code < 300) active.accepted++;
    else active.plan.results[index] = recipientRefusal(reply, active.accepted);
  }

  #onData(active: Active, reply: RemoteReply): void {
    if (reply.code < 300) {
      this.#wire.fail({ kind: 'protocol', text: `DATA was answered ${oneLine(reply)}` });
    } else if (reply.code >= 400) {
      this.#settleAccepted(active, refusal(reply));
      this.#resetNeeded = active.mailAccepted;
      this.#complete(active);
    } else if (active.accepted === 0) {
      // RFC 2920 §3.1: DATA may be granted although no recipient was; then an empty message must end it
      this.#wire.expect('the lone dot', this.#options.timeouts.dataEnd, () => this.#complete(active));
      this.#wire.socket.write('.\r\n');
    } else if (active.transaction.withdrawn?.() === true) {
      this.#settleAccepted(active, { kind: 'withdrawn' });
      this.destroy('the message was withdrawn');
    } else {
      this.#send(active);
    }
  }

  #send(active: Active): void {
    const { content } = active.transaction;
    const { dataEnd } = this.#options.timeouts;
    this.#wire.expect('the message', dataEnd, (reply) => this.#onFinal(active, reply));
    if (isSmall(content)) {
      active.phase = 'final';
      this.#wire.socket.write(composeContent(content, this.#following()));
      return;
    }
    active.phase = 'content';
    const tail: ContentTail = (lineEnd) => {
      active.phase = 'final';
      this.#wire.touch(dataEnd);
      return `${lineEnd}.\r\n${this.#following()}`;
    };
    streamContent(content, this.#wire, this.#options.disk, this.#options.timeouts.dataBlock, tail).catch(
      (error: unknown) => {
        // without the final dot the server discards what it has (RFC 5321 §4.1.1.4)
        const text = error instanceof Error ? error.message : String(error);
        this.#wire.fail({ kind: 'lost', text: `the content could not be read: ${text}` });
      },
    );
  }

  /** The envelope of the next message, to go out behind this one's content. */
  #following(): string {
    if (!this.facts.extensions.pipelining) return '';
    const next = this.#take();
    return next ? this.#envelope(next) : '';
  }

  #onFinal(active: Active, reply: RemoteReply): void {
    if (reply.code < 400 && (active.phase === 'content' || reply.code >= 300)) {
      this.#wire.fail({ kind: 'protocol', text: `the message was answered ${oneLine(reply)}` });
      return;
    }
    this.#settleAccepted(
      active,
      reply.code < 300 ? { kind: 'delivered', reply: oneLine(reply) } : refusal(reply),
    );
    if (active.phase === 'content') this.destroy('refused before the end of the content');
    else this.#complete(active);
  }

  #plausible(command: string, reply: RemoteReply): boolean {
    if (reply.code < 300 || reply.code >= 400) return true;
    this.#wire.fail({ kind: 'protocol', text: `${command} was answered ${oneLine(reply)}` });
    return false;
  }

  #settleAccepted(active: Active, result: RecipientResult): void {
    for (const { index } of active.plan.recipients) active.plan.results[index] ??= result;
  }

  #complete(active: Active): void {
    if (active.done) return;
    active.done = true;
    this.#active.shift();
    this.#completed++;
    this.#report(active.transaction, active.plan);
    if (this.#active.length === 0 && !this.closed) this.#begin();
  }

  #report(transaction: Transaction, plan: EnvelopePlan): void {
    transaction.finish({
      recipients: plan.results as RecipientResult[],
      dsnPassedOn: plan.dsnPassedOn,
      eightBitUnannounced: plan.eightBitUnannounced,
    });
  }

  #lost(failure: WireFailure): void {
    const active = this.#active;
    this.#active = [];
    active.forEach((one, position) => {
      one.done = true;
      this.#settleAccepted(one, this.#lostResult(one, position, failure));
      this.#report(one.transaction, one.plan);
    });
    const ended = this.#ended;
    this.#ended = undefined;
    if (ended) ended('closed');
    else if (active.length === 0) this.onIdleClose();
  }

  #lostResult(active: Active, position: number, failure: WireFailure): RecipientResult {
    const text = failure.text;
    // a server may end a connection that it has used before whenever it likes: nothing against this message
    const fresh = this.#completed === 0 && position === 0;
    if (active.phase === 'envelope' && (!fresh || failure.kind === 'local')) {
      return { kind: 'untried', reply: text };
    }
    const status = failure.reply?.enhanced ?? (failure.kind === 'protocol' ? '4.5.0' : '4.4.2');
    if (active.phase === 'final' && failure.kind !== 'closing') {
      return { kind: 'deferred', status, reply: `${text}, after the content was sent`, uncertain: true };
    }
    return { kind: 'deferred', status, reply: text };
  }
}

function refusal(reply: RemoteReply): RecipientResult {
  const kind = reply.code >= 500 ? 'failed' : 'deferred';
  return { kind, reply: oneLine(reply), status: reply.enhanced };
}

/**
 * RFC 5321 §4.5.3.1.10: 452 (from old servers 552) after some recipients were taken means that the rest should
 * come in another transaction, at once. A status that speaks of the mailbox means the mailbox.
 */
function recipientRefusal(reply: RemoteReply, accepted: number): RecipientResult {
  const tooMany = reply.enhanced === undefined || reply.enhanced.endsWith('.5.3');
  if (accepted > 0 && tooMany && (reply.code === 452 || reply.code === 552)) {
    return { kind: 'untried', reply: oneLine(reply) };
  }
  return refusal(reply);
}
