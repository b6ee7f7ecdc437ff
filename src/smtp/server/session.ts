/**
 * One SMTP session, from the admission of a connection to its last reply:
 *
 *   opening ──▶ open ◀──▶ handshake (STARTTLS) ──▶ closed
 *
 * It counts, times and answers. What is said is dialogue.ts; sockets are connection.ts; whose mail it is, and
 * whether it may pass, only the handler knows. The handler's `refused`, `tlsFailed` and `closed` must not throw.
 */
import { type Reply, refuse } from '../reply.ts';
import { Dialogue } from './dialogue.ts';
import { failure } from './failure.ts';
import { type Consumer, Flow, type Wire } from './flow.ts';
import type { ListenerFacts, SessionView, TlsFacts, TlsFailure, Transcript } from './handler.ts';
import type { ListenerRules } from './rules.ts';
import { Timing } from './timing.ts';
import { TranscriptRecorder } from './transcript.ts';
import { writeReply } from './write-reply.ts';

/** A session that is shut off within a message may still bring it to its end within this time. */
const TERMINATION_MS = 500;

export class Session implements SessionView, Consumer {
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly startedAt: number;
  hello = '';
  extended = false;
  tls: TlsFacts | undefined;
  identity: unknown;
  /** The receiver has the whole message: its answer counts even if the client goes now. */
  finishing = false;
  /** The client has sent a message by BDAT; and one with a bare CR or LF. */
  chunking = false;
  bareLineEnds = false;

  readonly #rules: ListenerRules;
  readonly #wire: Wire;
  readonly #flow: Flow;
  readonly #timing: Timing;
  readonly #dialogue: Dialogue;
  readonly #record = new TranscriptRecorder();
  #phase: 'opening' | 'open' | 'handshake' | 'closed' = 'opening';
  /** Said as soon as no command is in progress. */
  #farewell: { reply: Reply; ending: string } | undefined;
  #ending = 'client-closed';
  #reported = false;
  #errors = 0;
  #accepted = 0;
  #octets = 0;

  constructor(rules: ListenerRules, wire: Wire, id: string, address: string, port: number) {
    this.#rules = rules;
    this.#wire = wire;
    this.id = id;
    this.address = address;
    this.port = port;
    this.startedAt = rules.clock.now();
    this.#flow = new Flow(wire, this);
    this.#timing = new Timing(rules.limits, rules.clock.monotonic());
    this.#dialogue = new Dialogue(rules, this, this.#flow);
  }

  /** At this moment: what an exception allows ends with it. */
  get listener(): ListenerFacts {
    const { listener } = this.#rules;
    return this.withoutTls ? { ...listener, plainAuthentication: true } : listener;
  }

  /** An exception lets this client do without TLS, at this moment. */
  get withoutTls(): boolean {
    return this.tls === undefined && (this.#rules.weakPeers?.withoutTls(this.address) ?? false);
  }

  // The connection speaks

  /** The client may be greeted, if the handler agrees. */
  open(): void {
    this.#flow.ask(
      () => this.#rules.handler.connected(this),
      (refusal) => {
        // Closed meanwhile: the client spoke or left before its turn
        if (this.#phase !== 'opening') return;
        this.#phase = 'open';
        this.progress();
        if (refusal) this.say({ ...refusal, close: true });
        else this.say({ code: 220, text: this.#greeting() });
      },
      (error) => this.broken(error),
    );
    this.#flow.run();
  }

  #greeting(): string {
    const { voice, clock, hostname } = this.#rules;
    return voice?.greeting(clock.now()) ?? `${hostname} ESMTP Postern`;
  }

  receive(chunk: Buffer): void {
    this.#octets += chunk.length;
    if (this.#phase === 'opening') {
      this.reject(refuse('C112', 'the client sent something before the greeting'));
      return;
    }
    // Octets of a command that is not complete are no progress: they could drip for ever
    if (this.#dialogue.receiving) this.#timing.octets(chunk.length, this.#now());
    this.#flow.receive(chunk);
  }

  drained(): void {
    this.progress();
    this.#flow.drained();
  }

  inputEnded(): void {
    this.#flow.inputEnded();
  }

  /** TLS is up: from the start, or by STARTTLS. */
  encrypted(facts: TlsFacts): void {
    if (this.#phase === 'closed') return;
    this.tls = facts;
    const named = facts.serverName === undefined ? '' : `, server name ${facts.serverName}`;
    this.#record.note(this.#now(), `TLS: ${facts.version} ${facts.cipher}${named}`);
    if (this.#phase === 'opening') {
      this.open();
      return;
    }
    this.#dialogue.resetAll();
    this.#phase = 'open';
    this.progress();
    this.#flow.run();
  }

  tlsFailed(failed: TlsFailure): void {
    if (this.#phase === 'closed') return;
    this.#record.note(this.#now(), `the TLS handshake failed: ${failed.text}`);
    this.#record.want();
    this.#rules.handler.tlsFailed(this, failed);
    this.#stop('tls-failure');
    this.#wire.drop();
  }

  /** Says `reply` now, whatever is in progress, and closes. */
  reject(reply: Reply, ending = 'refused'): void {
    this.say({ ...reply, close: true }, ending);
  }

  /** Closes without a word where none would be understood, as before TLS; the journal learns of it. */
  rejectSilently(reply: Reply, ending = 'refused'): void {
    if (this.#phase === 'closed') return;
    this.#record.note(this.#now(), `closed without a word: ${String(reply.text)}`);
    this.#record.want();
    this.#rules.handler.refused(this, reply, this.#dialogue.verb);
    this.#stop(ending);
    this.#wire.drop();
  }

  /** The connection is gone. A message that is being finished is waited for. */
  disconnected(ending: string): void {
    this.#stop(ending);
    if (!this.finishing) this.#report();
  }

  /** Nobody waits any longer, whatever is in progress. */
  forsake(): void {
    this.#stop('shutdown');
    this.#wire.drop();
    this.#report();
  }

  transcript(): Transcript | undefined {
    const now = this.#now();
    return this.#record.transcript(now - this.#timing.elapsed(now));
  }

  /** Called every second or so. */
  tick(): void {
    if (this.#phase !== 'open') return;
    const late = this.#timing.judge(this.#now(), this.#dialogue.receiving, this.#flow.waiting);
    if (!late) return;
    if (this.#flow.waiting) this.#leave(refuse(late), 'timeout');
    else this.#cut(refuse(late), 'timeout');
  }

  /** Says `reply` and closes, even to a client that does not read. */
  #cut(reply: Reply, ending: string): void {
    if (this.#phase !== 'open') return;
    const unread = this.#flow.blocked;
    this.reject(reply, ending);
    if (unread) this.#wire.drop();
  }

  // The handler or the server speaks

  terminate(reply: Reply): void {
    this.#leave(reply, 'terminated');
    // What a source is still sending when it is shut off is not taken; the end is waited for, but not for long
    this.#dialogue.refuseMessage(reply);
    this.#flow.run();
    this.#rules.clock.after(TERMINATION_MS, () => {
      // RFC 5321 §3.8: 421 may come at any time. What has been received whole is still answered first
      if (!this.finishing) this.#cut(reply, 'terminated');
    });
  }

  /** The server stops: a message in progress is finished, and nothing begun after it. */
  shutdown(): void {
    this.#leave(refuse('C114'), 'shutdown');
    this.#flow.run();
  }

  #leave(reply: Reply, ending: string): void {
    this.#farewell ??= { reply, ending };
  }

  // The flow speaks

  step(): boolean {
    if (this.#phase !== 'open') return false;
    if (this.#farewell && !this.#dialogue.receiving) {
      this.reject(this.#farewell.reply, this.#farewell.ending);
      return false;
    }
    return this.#dialogue.step();
  }

  exhausted(): void {
    this.#stop('client-closed');
    this.#wire.end();
  }

  broken(error: unknown): void {
    this.reject(failure('fault in the session', error), 'error');
  }

  // The dialogue speaks

  said(verb: string, argument: string): void {
    this.#record.command(this.#now(), verb, argument);
  }

  /** A line of an AUTH exchange. */
  responded(line: string): void {
    this.#record.response(this.#now(), line);
  }

  note(text: string): void {
    this.#record.note(this.#now(), text);
  }

  progress(): void {
    this.#timing.progress(this.#now());
  }

  /** The client's octets are a message's from now on. */
  startPace(): void {
    this.#timing.startPace(this.#now());
  }

  startTls(): void {
    this.#flow.flush();
    this.#phase = 'handshake';
    this.#wire.startTls();
  }

  messageFinished(accepted: boolean): void {
    this.finishing = false;
    if (accepted) {
      this.#accepted++;
      this.#record.messageAccepted();
    }
    this.progress();
    if (this.#phase === 'closed') this.#report();
  }

  /** Answers the client, and tells the handler of every refusal. After a reply that closes, nothing more is said. */
  say(given: Reply, ending = this.#farewell?.ending ?? 'refused'): void {
    if (this.#phase === 'closed') return;
    const { voice } = this.#rules;
    const reply = voice && given.refusal !== undefined ? voice.refusal(given, this.#dialogue.verb) : given;
    this.#flow.write(writeReply(reply));
    this.#record.reply(this.#now(), reply);
    if (reply.code >= 400) this.#rules.handler.refused(this, reply, this.#dialogue.verb);
    if (reply.close) {
      this.#flow.flush();
      this.#stop(ending);
      this.#wire.end();
    } else if (isFault(reply) && ++this.#errors >= this.#rules.limits.errors) {
      this.say(refuse('C108'));
    }
  }

  /** Ends the session's work; only the first reason counts. */
  #stop(ending: string): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#ending = ending;
    this.#dialogue.resetTransaction();
    this.#flow.stop();
  }

  #report(): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#rules.handler.closed(this, {
      durationMs: Math.round(this.#timing.elapsed(this.#now())),
      commands: this.#dialogue.commands,
      messagesAccepted: this.#accepted,
      bytesReceived: this.#octets,
      ending: this.#ending,
      chunking: this.chunking,
      bareLineEnds: this.bareLineEnds,
    });
  }

  #now(): number {
    return this.#rules.clock.monotonic();
  }
}

/**
 * Refusals that a client could have avoided. A rate or the relay's own trouble is none; nor is R502, which
 * RFC 5321 §4.5.3.1.10 lets a client run into before it sends the rest in another transaction.
 */
function isFault({ code, refusal }: Reply): boolean {
  if (refusal === undefined) return code >= 500;
  return code >= 400 && refusal !== 'R502' && !/^[LX]/.test(refusal);
}
