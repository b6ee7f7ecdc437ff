import type { Clock } from '../platform/clock.ts';
import type { Disk } from '../platform/disk.ts';
import type { RecipientResult, Transaction } from '../smtp/client/transaction.ts';
import type { Content } from '../message/content.ts';
import type { Inbox } from './inbox.ts';
import type { Carrier, Hop, Opened, Transport } from './transport.ts';

export interface SandboxOptions {
  inbox: Inbox;
  disk: Disk;
  clock: Clock;
  /** Messages above are shown with their header section only, octets. */
  largest?: number;
}

const LARGEST = 32 * 1024 * 1024;

/** Delivers into the inbox of the sandbox: exactly the octets that would have left, signatures included. */
export class SandboxTransport implements Transport {
  readonly #options: SandboxOptions;

  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  open(hop: Hop): Promise<Opened> {
    return Promise.resolve({ kind: 'open', carrier: new SandboxCarrier(hop, this.#options) });
  }
}

class SandboxCarrier implements Carrier {
  readonly destination: string;
  closed = false;
  onIdleClose: () => void = () => {};
  readonly #options: SandboxOptions;

  constructor(hop: Hop, options: SandboxOptions) {
    this.destination = `${hop.route.name}/inbox`;
    this.#options = options;
  }

  async run(next: () => Transaction | undefined): Promise<'idle' | 'closed'> {
    // all that is there goes to the inbox together, which writes it in one commit
    for (;;) {
      const batch: Promise<void>[] = [];
      for (let taken = next(); taken; taken = batch.length < 50 ? next() : undefined) {
        batch.push(this.#deposit(taken));
      }
      if (batch.length === 0) return this.closed ? 'closed' : 'idle';
      await Promise.all(batch);
    }
  }

  quit(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  destroy(): void {
    this.closed = true;
  }

  async #deposit(transaction: Transaction): Promise<void> {
    const { inbox, clock } = this.#options;
    const { envelope, recipients, content } = transaction;
    let result: RecipientResult = { kind: 'delivered', reply: '250 2.0.0 taken by the sandbox' };
    try {
      const octets = await this.#octets(content);
      const entry = {
        message: transaction.message ?? '',
        source: transaction.source ?? '',
        receivedAt: clock.now(),
        from: envelope.from,
        recipients,
        size: octets.length,
      };
      await inbox.deposit(entry, octets);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      result = {
        kind: 'deferred',
        status: '4.3.0',
        reply: `451 4.3.0 the sandbox could not take it: ${text}`,
      };
    }
    transaction.finish({
      recipients: recipients.map(() => result),
      dsnPassedOn: false,
      eightBitUnannounced: false,
    });
  }

  async #octets({ head, body }: Content): Promise<Buffer> {
    if (body.kind === 'memory') return Buffer.concat([head, body.bytes]);
    if (body.length > (this.#options.largest ?? LARGEST)) return head;
    const octets = Buffer.allocUnsafe(head.length + body.length);
    head.copy(octets);
    const file = await this.#options.disk.open(body.path, 'read');
    try {
      for (let at = 0; at < body.length; ) {
        const count = await file.read(octets.subarray(head.length + at), at);
        if (count === 0) throw new Error(`${body.path} is too short`);
        at += count;
      }
    } finally {
      await file.close();
    }
    return octets;
  }
}
