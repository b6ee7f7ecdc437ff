/** Messages and their trace in the lab's folder, within bounds: the oldest go first. */
import { mkdir, readdir, readFile, rename, rm, writeFile, appendFile } from 'node:fs/promises';
import path from 'node:path';
import type { Arrival } from './arrival.ts';
import { LabError } from './lab.ts';

export interface ArchiveLimits {
  arrivals: number;
  /** Octets of all messages. */
  octets: number;
}

const LIMITS: ArchiveLimits = { arrivals: 2000, octets: 256 * 1024 * 1024 };
const NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class Archive {
  readonly #folder: string;
  readonly #limits: ArchiveLimits;
  /** Oldest first. */
  #arrivals: Arrival[] = [];
  #octets = 0;
  /** Lines in the file, those of arrivals that are gone included. */
  #lines = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string, limits: Partial<ArchiveLimits> = {}) {
    this.#folder = folder;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Reads what is there; a line that a stop has cut is left out, and so is a message that no line names. */
  async open(): Promise<void> {
    await mkdir(this.#messages, { recursive: true, mode: 0o700 });
    const text = await readFile(this.#trace, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    this.#arrivals = text.split('\n').flatMap((line) => arrivalIn(line) ?? []);
    this.#octets = this.#arrivals.reduce((sum, one) => sum + storedOctets(one), 0);
    await this.#trim();
    const named = new Set(this.#arrivals.map((one) => `${one.networkMessageId}.eml`));
    for (const file of await readdir(this.#messages)) {
      if (!named.has(file)) await rm(path.join(this.#messages, file), { force: true });
    }
    await this.#rewrite();
  }

  /** Oldest first. */
  arrivals(): readonly Arrival[] {
    return this.#arrivals;
  }

  /** Resolves when both are written. @param content of a message that was taken */
  add(arrival: Arrival, content?: Buffer): Promise<void> {
    return this.#inTurn(async () => {
      if (content) await writeFile(this.#file(arrival.networkMessageId), content, { mode: 0o600 });
      await appendFile(this.#trace, `${JSON.stringify(arrival)}\n`, { mode: 0o600 });
      this.#lines++;
      this.#arrivals.push(arrival);
      this.#octets += storedOctets(arrival);
      await this.#trim();
      if (this.#lines > 2 * this.#limits.arrivals) await this.#rewrite();
    });
  }

  /** @throws LabError `not-found` */
  async content(networkMessageId: string): Promise<Buffer> {
    if (!NAME.test(networkMessageId)) throw new LabError('not-found', 'there is no such message');
    try {
      return await readFile(this.#file(networkMessageId));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new LabError('not-found', `the message ${networkMessageId} is not kept any more`);
    }
  }

  clear(): Promise<void> {
    return this.#inTurn(async () => {
      this.#arrivals = [];
      this.#octets = 0;
      await this.#rewrite();
      await rm(this.#messages, { recursive: true, force: true });
      await mkdir(this.#messages, { recursive: true, mode: 0o700 });
    });
  }

  /** Resolves when everything that was begun is written. */
  async close(): Promise<void> {
    await this.#last;
  }

  get #messages(): string {
    return path.join(this.#folder, 'messages');
  }

  get #trace(): string {
    return path.join(this.#folder, 'trace.jsonl');
  }

  #file(networkMessageId: string): string {
    return path.join(this.#messages, `${networkMessageId}.eml`);
  }

  async #trim(): Promise<void> {
    const { arrivals, octets } = this.#limits;
    let gone = 0;
    while (
      gone < this.#arrivals.length - 1 &&
      (this.#arrivals.length - gone > arrivals || this.#octets > octets)
    ) {
      const oldest = this.#arrivals[gone++] as Arrival;
      this.#octets -= storedOctets(oldest);
      await rm(this.#file(oldest.networkMessageId), { force: true });
    }
    if (gone > 0) this.#arrivals = this.#arrivals.slice(gone);
  }

  async #rewrite(): Promise<void> {
    const draft = `${this.#trace}.new`;
    const text = this.#arrivals.map((one) => `${JSON.stringify(one)}\n`).join('');
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, this.#trace);
    this.#lines = this.#arrivals.length;
  }

  /** One change after another; one that fails does not keep the next from its turn. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change, change);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function storedOctets({ accepted, size }: Arrival): number {
  return accepted ? size : 0;
}

function arrivalIn(line: string): Arrival | undefined {
  if (line === '') return undefined;
  try {
    const arrival = JSON.parse(line) as Arrival;
    const whole = NAME.test(arrival.networkMessageId) && Number.isFinite(arrival.at);
    return whole && Array.isArray(arrival.recipients) ? arrival : undefined;
  } catch {
    return undefined; // cut by a stop
  }
}
