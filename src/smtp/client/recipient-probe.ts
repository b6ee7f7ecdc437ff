import { type OpenedWire, openWire, type OpenOptions } from './open.ts';
import type net from 'node:net';
import { asciiAddress } from './envelope-commands.ts';
import { type RemoteReply, oneLine } from './reply-parser.ts';
import type { ClientTimeouts } from './transaction.ts';

/** What the next hop said of a recipient, or why it could not be asked. */
export type ProbeAnswer =
  | { kind: 'reply'; reply: RemoteReply }
  /** It takes no mail now, or none without a sender; says nothing of the recipient. */
  | { kind: 'refused'; text: string };

/** A path that can be said without saying something else: no spaces, no brackets, no controls. */
const SAYABLE =
  /^(?:"(?:[^"\\\u0000-\u001f\u007f]|\\[ -~])*"|[^\s"\\<>(),:;@[\]\u0000-\u001f\u007f]+)@[^\s<>"\\()\u0000-\u001f\u007f]+$/u;

/**
 * A session in which recipients are asked for and nothing is sent: MAIL FROM:<>, RCPT TO, RSET, as RFC 5321 §7.3
 * leaves to those who have a reason. Methods reject with WireError when the connection is lost.
 */
export class RecipientProbe {
  readonly #opened: OpenedWire;
  readonly #timeouts: ClientTimeouts;
  #asked = 0;

  private constructor(opened: OpenedWire, timeouts: ClientTimeouts) {
    this.#opened = opened;
    this.#timeouts = timeouts;
  }

  /** @throws OpenError */
  static async open(connected: net.Socket, options: OpenOptions): Promise<RecipientProbe> {
    return new RecipientProbe(await openWire(connected, options), options.timeouts);
  }

  get closed(): boolean {
    return this.#opened.wire.failure !== undefined;
  }

  /** Recipients that were asked for over this connection. */
  get asked(): number {
    return this.#asked;
  }

  async ask(address: string): Promise<ProbeAnswer> {
    const { wire, facts } = this.#opened;
    const ascii = asciiAddress(address);
    const utf8 = ascii === undefined && facts.extensions.smtpUtf8;
    const path = utf8 ? address : ascii;
    if (path === undefined || !SAYABLE.test(path))
      return { kind: 'refused', text: 'the address can not be said' };
    this.#asked++;
    const { mail, recipient } = this.#timeouts;
    const sender = await wire.command(`MAIL FROM:<>${utf8 ? ' SMTPUTF8' : ''}`, 'MAIL', mail);
    if (sender.code >= 300) {
      await wire.command('RSET', 'RSET', mail);
      return { kind: 'refused', text: oneLine(sender) };
    }
    const reply = await wire.command(`RCPT TO:<${path}>`, 'RCPT', recipient);
    await wire.command('RSET', 'RSET', mail);
    return { kind: 'reply', reply };
  }

  /** Says goodbye; nobody waits for it. */
  quit(): void {
    if (this.closed) return;
    const { wire } = this.#opened;
    wire.onFailure = () => {};
    wire.expect('QUIT', this.#timeouts.quit, () => wire.fail({ kind: 'local', text: 'done' }));
    wire.socket.write('QUIT\r\n');
  }

  destroy(): void {
    this.#opened.wire.fail({ kind: 'local', text: 'given up' });
  }
}
