/**
 * What client and server say to each other (RFC 5321 §4.1), and the one place that keeps what was said:
 *
 *   command ◀──▶ auth      lines of a SASL exchange
 *      ▲ ▲
 *      │ └─────▶ chunk     the octets of one BDAT
 *      └───────▶ data      a message, until CRLF.CRLF
 */
import { type Reply, refuse } from '../reply.ts';
import { parseCommand } from './command.ts';
import { failure } from './failure.ts';
import type { Flow } from './flow.ts';
import { LineCutter } from './line.ts';
import { type Terms, readMail, readRecipient } from './mail-arguments.ts';
import * as positive from './positive-replies.ts';
import type { ListenerRules } from './rules.ts';
import { SASL_LINE, SaslDialogue, type SaslOutcome } from './sasl-dialogue.ts';
import type { Session } from './session.ts';
import { TransactionState } from './transaction.ts';
import { Transfer } from './transfer.ts';

const UNIMPLEMENTED = new Set('EXPN TURN ETRN ATRN SEND SOML SAML'.split(' '));
const IMPLEMENTED = new Set(
  'EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT'.split(' '),
);
// A browser that was made to speak to this port; RFC 9110 names the methods
const HTTP = new Set(['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT', 'DELETE']);

const TLS_HANDSHAKE = 0x16;

export class Dialogue {
  /** The verb in progress; for what is no command only UNKNOWN, as it may be a password out of turn. */
  verb = 'CONNECT';
  commands = 0;
  readonly #rules: ListenerRules;
  readonly #session: Session;
  readonly #flow: Flow;
  readonly #replies: typeof positive;
  readonly #lines = new LineCutter();
  readonly #state: TransactionState;
  readonly #transfer: Transfer;
  #sasl: SaslDialogue | undefined;
  /** RFC 4954 §4: no second AUTH after one that succeeded. An identity by network does not count. */
  #authenticated = false;

  constructor(rules: ListenerRules, session: Session, flow: Flow) {
    this.#rules = rules;
    this.#session = session;
    this.#flow = flow;
    this.#replies = rules.voice?.replies ?? positive;
    this.#state = new TransactionState();
    this.#transfer = new Transfer(rules, session, flow, this.#state);
  }

  /** The octets that come belong to a message. */
  get receiving(): boolean {
    return this.#transfer.active;
  }

  /** Consumes some input; false when there is not enough of it. */
  step(): boolean {
    if (this.#flow.at >= this.#flow.input.length) return false;
    if (!this.#transfer.active) return this.#takeLine();
    this.#transfer.take();
    return true;
  }

  /** RFC 3207 §4.2: after the handshake nothing of before may count. */
  resetAll(): void {
    this.resetTransaction();
    this.#session.hello = '';
    this.#session.extended = false;
    this.#session.identity = undefined;
    this.#authenticated = false;
    this.#sasl = undefined;
  }

  resetTransaction(): void {
    this.#state.reset();
  }

  /** Takes no more of the message that is being received, if one is; its end is still waited for. */
  refuseMessage(reply: Reply): void {
    this.#state.transaction?.intake?.refuse(reply);
  }

  // Lines

  #takeLine(): boolean {
    const { input, at } = this.#flow;
    if (!this.#sasl) this.verb = 'UNKNOWN';
    // A TLS client would wait for the server's hello, for ever
    if (input[at] === TLS_HANDSHAKE && !this.#lines.discarding) {
      this.#close(refuse('C103', 'a TLS handshake came instead of a command'));
      return false;
    }
    const line = this.#lines.cut(input, at, this.#lineLimit(input, at));
    switch (line.kind) {
      case 'incomplete':
        if (this.#lines.discarding) this.#flow.at = input.length;
        return false;
      case 'bare-lf':
        this.#close(refuse('C103', 'a command line ends with a bare LF'));
        return false;
      case 'endless':
        this.#close(refuse('C107'));
        return false;
      case 'too-long':
        this.#flow.at = line.end;
        this.#endAuth();
        this.#session.note('a line that is too long');
        if (this.#countCommand()) this.#say(refuse('C107'));
        return true;
      case 'line':
        this.#flow.at = line.end;
        this.#session.progress();
        if (this.#sasl) this.#takeResponse(input.toString('latin1', at, line.end - 2));
        else if (this.#countCommand()) this.#takeCommand(input.subarray(at, line.end - 2));
        return true;
    }
  }

  #lineLimit(input: Buffer, at: number): number {
    const { commandLine } = this.#rules.limits;
    const long = this.#sasl || /^auth /i.test(input.toString('latin1', at, at + 5));
    return long ? Math.max(SASL_LINE, commandLine) : commandLine;
  }

  #countCommand(): boolean {
    if (++this.commands <= this.#rules.limits.commands) return true;
    this.#say(refuse('C109'));
    return false;
  }

  #takeCommand(line: Buffer): void {
    const command = parseCommand(line);
    if (typeof command === 'string') {
      this.#session.note(`a line of ${line.length} octets that is no command`);
      // Without a length nobody knows where the next command begins
      if (isBdat(line)) this.#close(refuse('C103', command));
      else this.#say(refuse('C103', command));
      return;
    }
    const { verb, argument, utf8 } = command;
    if (IMPLEMENTED.has(verb) || UNIMPLEMENTED.has(verb)) {
      this.verb = verb;
      this.#session.said(verb, argument);
    } else this.#session.note(`a line of ${line.length} octets that is no command`);
    if (
      this.#rules.startTls === 'required' &&
      !this.#session.tls &&
      !this.#session.withoutTls &&
      !(verb === 'EHLO' || verb === 'NOOP' || verb === 'QUIT' || verb === 'STARTTLS')
    ) {
      // RFC 3207 §4. Whatever follows a BDAT would be taken for commands
      if (verb === 'BDAT') this.#close(refuse('T201'));
      else this.#say(refuse('T201'));
    } else this.#run(verb, argument, utf8);
  }

  #run(verb: string, argument: string, utf8: boolean): void {
    switch (verb) {
      case 'MAIL':
        return this.#mail(argument);
      case 'RCPT':
        return this.#rcpt(argument);
      case 'DATA':
        return this.#transfer.data(argument);
      case 'BDAT':
        return this.#transfer.bdat(argument);
      case 'EHLO':
        return this.#ehlo(argument);
      case 'HELO':
        return this.#helo(argument);
      case 'AUTH':
        return this.#auth(argument);
      case 'STARTTLS':
        return this.#startTls(argument);
      case 'RSET':
        return this.#rset(argument);
      case 'NOOP':
        return this.#say(this.#replies.OK);
      case 'QUIT':
        return this.#quit(argument);
      case 'VRFY':
        return this.#vrfy(argument, utf8);
      case 'HELP':
        return this.#say(this.#replies.HELP);
      default:
        if (UNIMPLEMENTED.has(verb)) this.#say(refuse('C106'));
        else if (HTTP.has(verb)) this.#close(refuse('C103', 'the client speaks HTTP'));
        else this.#say(refuse('C103'));
    }
  }

  // Session (RFC 5321 §4.1.1.1, RFC 3207)

  #ehlo(argument: string): void {
    if (!this.#greet(argument, true)) return;
    const session = this.#session;
    const keywords = ['PIPELINING', `SIZE ${this.#rules.limits.messageBytes}`];
    if (this.#rules.startTls !== 'none' && !session.tls) keywords.push('STARTTLS');
    const mechanisms = this.#mechanisms();
    if (mechanisms.length > 0) keywords.push(`AUTH ${mechanisms.join(' ')}`);
    keywords.push('ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8', 'CHUNKING', 'BINARYMIME', 'DSN', 'HELP');
    if (session.tls) keywords.push('REQUIRETLS'); // RFC 8689 §2
    // RFC 2034 §4: no enhanced status in the reply to EHLO
    const { voice } = this.#rules;
    this.#say({ code: 250, text: [this.#ownName(), ...(voice ? voice.keywords(keywords) : keywords)] });
  }

  #ownName(): string {
    return this.#rules.voice?.hello(this.#session.address) ?? this.#rules.hostname;
  }

  #helo(argument: string): void {
    if (this.#greet(argument, false)) this.#say({ code: 250, text: this.#ownName() });
  }

  /** Only the first word names the client, and it is not checked against anything: many devices have no proper name. */
  #greet(argument: string, extended: boolean): boolean {
    const name = argument.split(' ', 1)[0] ?? '';
    if (!/^[A-Za-z0-9._:[\]-]{1,255}$/.test(name)) {
      this.#say(refuse('C104', 'the client does not name itself'));
      return false;
    }
    this.#state.reset(); // RFC 5321 §4.1.4
    this.#session.hello = name;
    this.#session.extended = extended;
    return true;
  }

  #startTls(argument: string): void {
    if (argument !== '') this.#say(refuse('C104', 'STARTTLS has no argument'));
    else if (this.#rules.startTls === 'none' || this.#session.tls) this.#say(refuse('T202'));
    // What came in the clear behind STARTTLS may be an attacker's, to be taken for the client's own words
    else if (!this.#flow.empty) this.#close(refuse('C112', 'commands were pipelined after STARTTLS'));
    else {
      this.#say(this.#replies.START_TLS);
      this.#session.startTls();
    }
  }

  #rset(argument: string): void {
    if (argument !== '') {
      this.#say(refuse('C104', 'RSET has no argument'));
      return;
    }
    this.resetTransaction();
    this.#say(this.#replies.RESET);
  }

  #vrfy(argument: string, utf8: boolean): void {
    if (argument === '') this.#say(refuse('C104', 'VRFY needs an argument'));
    // RFC 6531 §3.7.4.2
    else if (utf8 && !/ SMTPUTF8$/i.test(argument)) this.#say(refuse('C117'));
    else this.#say(this.#replies.CANNOT_VERIFY);
  }

  #quit(argument: string): void {
    if (argument === '') this.#session.say(this.#replies.BYE, 'quit');
    else this.#say(refuse('C104', 'QUIT has no argument'));
  }

  // AUTH (RFC 4954)

  /** Nothing is offered where a password would be readable, whatever the handler says. */
  #mechanisms(): string[] {
    const session = this.#session;
    const permitted = session.tls || session.listener.plainAuthentication;
    return permitted && !this.#authenticated ? this.#rules.handler.mechanisms(session) : [];
  }

  #auth(argument: string): void {
    const session = this.#session;
    const { handler } = this.#rules;
    if (!session.extended || this.#authenticated || this.#state.transaction) {
      this.#say(refuse('C105'));
      return;
    }
    if (!session.tls && !session.listener.plainAuthentication) {
      this.#say(refuse('T203'));
      return;
    }
    const mechanisms = this.#mechanisms();
    const found = /^([A-Za-z0-9_-]{1,20})(?: +(\S+))?$/.exec(argument);
    const mechanism = found?.[1]?.toUpperCase();
    if (mechanisms.length === 0) this.#say(refuse('C106', 'AUTH is not offered'));
    else if (!mechanism) this.#say(refuse('C104', 'AUTH is malformed'));
    else if (!mechanisms.includes(mechanism)) this.#say(refuse('A307'));
    else {
      this.#askSasl(() => {
        this.#sasl = new SaslDialogue(handler.authenticate(session, mechanism));
        return this.#sasl.begin(found?.[2]);
      });
    }
  }

  #takeResponse(line: string): void {
    const sasl = this.#sasl;
    if (!sasl) return;
    this.#session.responded(line);
    this.#askSasl(() => sasl.respond(line));
  }

  #askSasl(call: () => SaslOutcome | Promise<SaslOutcome>): void {
    this.#ask(call, (outcome) => this.#takeOutcome(outcome));
  }

  #takeOutcome(outcome: SaslOutcome): void {
    switch (outcome.kind) {
      case 'challenge':
        this.#say({ code: 334, text: outcome.text });
        return;
      case 'success':
        this.#endAuth();
        this.#authenticated = true;
        this.#session.identity = outcome.identity;
        this.#say(this.#replies.AUTHENTICATED);
        return;
      case 'failure':
        this.#endAuth();
        this.#say(outcome.reply);
    }
  }

  #endAuth(): void {
    this.#sasl = undefined;
  }

  // Transaction

  #terms(): Terms {
    return {
      extended: this.#session.extended,
      encrypted: this.#session.tls !== undefined,
      messageBytes: this.#rules.limits.messageBytes,
      postmaster: (local) => {
        const { handler, hostname } = this.#rules;
        return handler.postmaster ? handler.postmaster() : `${local}@${hostname.toLowerCase()}`;
      },
    };
  }

  #mail(argument: string): void {
    if (this.#session.hello === '' || this.#state.transaction) {
      this.#say(refuse('C105'));
      return;
    }
    const command = readMail(argument, this.#terms());
    if ('code' in command) {
      this.#say(command);
      return;
    }
    this.#ask(
      () => this.#rules.handler.mail(this.#session, command),
      (refusal) => {
        if (!refusal) {
          const envelope = { ...command.envelope, from: command.from, recipients: [] };
          this.#state.transaction = { envelope, attempted: false };
        }
        this.#say(refusal ?? this.#replies.SENDER_OK);
      },
    );
  }

  #rcpt(argument: string): void {
    const transaction = this.#state.transaction;
    if (!transaction || transaction.intake) {
      this.#say(refuse('C105'));
      return;
    }
    const { envelope } = transaction;
    transaction.attempted = true;
    const recipient = readRecipient(argument, envelope.smtpUtf8, this.#terms());
    if ('code' in recipient) this.#say(recipient);
    else if (envelope.recipients.length >= this.#rules.limits.recipients) this.#say(refuse('R502'));
    else {
      this.#ask(
        () => this.#rules.handler.recipient(this.#session, envelope, recipient),
        (refusal) => {
          if (!refusal) envelope.recipients.push(recipient);
          this.#say(refusal ?? this.#replies.RECIPIENT_OK);
        },
      );
    }
  }

  // Answers

  #say(reply: Reply): void {
    this.#session.say(reply);
  }

  #close(reply: Reply): void {
    this.#session.say({ ...reply, close: true });
  }

  #ask<T>(call: () => T | Promise<T>, then: (answer: T) => void): void {
    this.#flow.ask(call, then, (error) => {
      this.#endAuth();
      this.#say(failure(`${this.verb} failed`, error));
    });
  }
}

function isBdat(line: Buffer): boolean {
  return /^bdat\b/i.test(line.toString('latin1', 0, 5));
}
