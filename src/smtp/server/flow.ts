/** What a session needs of its connection. */
export interface Wire {
  /** Sends `text`; false asks to stop until `Flow.drained`, because the client does not read its replies. */
  send(text: string): boolean;
  /** Stops and starts reading from the client. */
  pause(): void;
  resume(): void;
  /** Hands what comes next to TLS. */
  startTls(): void;
  /** Closes the connection when all that was sent has left. */
  end(): void;
  /** Closes it at once. */
  drop(): void;
}

/** The session as its flow drives it. */
export interface Consumer {
  /** Consumes some of the flow's input; false when it needs more to go on. */
  step(): boolean;
  /** The client has closed its side, and all it sent is worked off. */
  exhausted(): void;
  /** Something threw that should not have. */
  broken(error: unknown): void;
}

// What may wait while the handler thinks or the client does not read; TCP holds the rest back
const QUEUE = 65536;
// Replies that are made before anybody asks whether the client reads them
const REPLIES = 16384;

const EMPTY = Buffer.alloc(0);

/**
 * Input and output of one session. Octets are worked off at once where possible. While the handler's promise
 * is open, or replies are not read, they queue up to a bound, and then the connection is read no further.
 */
export class Flow {
  /** Octets not yet consumed are those of `input` from `at` on. */
  input: Buffer = EMPTY;
  at = 0;
  readonly #wire: Wire;
  readonly #consumer: Consumer;
  #queue: Buffer[] = [];
  #queued = 0;
  #out = '';
  #waiting = false;
  /** The client does not read its replies. */
  #blocked = false;
  #running = false;
  #paused = false;
  #stopped = false;
  #inputEnded = false;

  constructor(wire: Wire, consumer: Consumer) {
    this.#wire = wire;
    this.#consumer = consumer;
  }

  /** The handler's answer is outstanding. */
  get waiting(): boolean {
    return this.#waiting;
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  /** Nothing is left to consume. */
  get empty(): boolean {
    return this.at >= this.input.length && this.#queued === 0;
  }

  receive(chunk: Buffer): void {
    if (this.#stopped) return;
    if (this.#waiting || this.#blocked) {
      this.#queue.push(chunk);
      this.#queued += chunk.length;
      if (this.#queued > QUEUE) this.holdBack();
      return;
    }
    this.input = this.at < this.input.length ? Buffer.concat([this.input.subarray(this.at), chunk]) : chunk;
    this.at = 0;
    this.run();
  }

  /** Reads no further until the answer that is outstanding is there: what the client sends stays with TCP. */
  holdBack(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#wire.pause();
  }

  inputEnded(): void {
    this.#inputEnded = true;
    this.run();
  }

  drained(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#continue();
  }

  /** Works input off as far as possible, then sends the replies. Harmless at any time. */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      while (!this.#waiting && !this.#blocked && !this.#stopped && this.#consumer.step());
    } catch (error) {
      this.#consumer.broken(error);
    }
    this.#running = false;
    if (this.at >= this.input.length) {
      this.input = EMPTY;
      this.at = 0;
    }
    if (!this.#waiting) this.flush();
    // Replies to what was pipelined before may leave with this one's if it comes soon
    else if (this.#out !== '') setImmediate(() => this.flush());
    if (this.#inputEnded && !this.#waiting && !this.#blocked && !this.#stopped) this.#consumer.exhausted();
  }

  /**
   * Passes the answer of `call` to `then`: at once if it is there, else when its promise resolves; until then
   * no input is consumed. What `call` throws, or its promise rejects with, goes to `failed`.
   */
  ask<T>(call: () => T | Promise<T>, then: (answer: T) => void, failed: (error: unknown) => void): void {
    let answer: T | Promise<T>;
    try {
      answer = call();
    } catch (error) {
      failed(error);
      return;
    }
    if (!(answer instanceof Promise)) {
      then(answer);
      return;
    }
    this.#waiting = true;
    answer
      .then(
        (value) => {
          this.#waiting = false;
          then(value);
        },
        (error: unknown) => {
          this.#waiting = false;
          failed(error);
        },
      )
      .catch((error: unknown) => this.#consumer.broken(error))
      .finally(() => {
        if (!this.#waiting) this.#continue();
      });
  }

  /** Adds to what is sent after the input at hand is worked off, or earlier if it is much. */
  write(text: string): void {
    this.#out += text;
    // A long pipeline of short commands must not make replies without bound for a client that reads none
    if (this.#out.length > REPLIES) this.flush();
  }

  flush(): void {
    if (this.#out === '') return;
    const text = this.#out;
    this.#out = '';
    if (!this.#wire.send(text)) this.#blocked = true;
  }

  /** Consumes nothing from now on. */
  stop(): void {
    this.#stopped = true;
    this.#queue = [];
    this.#queued = 0;
    this.input = EMPTY;
    this.at = 0;
    // what still comes is read and dropped, lest the last reply be lost in a TCP reset
    this.#read();
  }

  #continue(): void {
    if (this.#queued > 0) {
      this.input = Buffer.concat([this.input.subarray(this.at), ...this.#queue]);
      this.at = 0;
      this.#queue = [];
      this.#queued = 0;
    }
    this.#read();
    this.run();
  }

  #read(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#wire.resume();
  }
}
