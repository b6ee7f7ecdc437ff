import type { MessageId, NewMessage, Payload } from '../spool.ts';

/** What a message costs beyond its octets, about. */
const OVERHEAD = 600;

/**
 * Payloads of messages that were just stored, up to a number of octets: most are delivered at once, and then
 * need not be read back. The oldest go first.
 */
export class RecentPayloads {
  readonly #limit: number;
  readonly #payloads = new Map<MessageId, Payload>();
  #octets = 0;
  #suspended = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  keep({ id, head, body, traits, envelope, hold }: NewMessage): void {
    if (this.#suspended > 0 || hold !== undefined || body.kind !== 'memory') return;
    const payload: Payload = {
      head: ownMemory(head),
      body: { kind: 'memory', bytes: ownMemory(body.bytes) },
      traits,
      envelope,
    };
    this.#payloads.set(id, payload);
    this.#octets += weigh(payload);
    for (const oldest of this.#payloads.keys()) {
      if (this.#octets <= this.#limit) break;
      this.forget(oldest);
    }
  }

  get(id: MessageId): Payload | undefined {
    return this.#payloads.get(id);
  }

  forget(id: MessageId): void {
    const payload = this.#payloads.get(id);
    if (!payload) return;
    this.#payloads.delete(id);
    this.#octets -= weigh(payload);
  }

  /** Keeps nothing while `operation` runs, because it may take out messages without naming them. */
  async without<T>(operation: () => Promise<T>): Promise<T> {
    this.#suspended += 1;
    this.#payloads.clear();
    this.#octets = 0;
    try {
      return await operation();
    } finally {
      this.#suspended -= 1;
    }
  }
}

function weigh({ head, body }: Payload): number {
  return head.length + (body.kind === 'memory' ? body.bytes.length : 0) + OVERHEAD;
}

/** The same octets, copied if they would keep a much larger block of memory alive. */
function ownMemory(bytes: Buffer): Buffer {
  return bytes.buffer.byteLength <= 2 * bytes.length ? bytes : Buffer.from(bytes);
}
