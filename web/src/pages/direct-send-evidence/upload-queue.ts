import { addressOf, type ApiClient } from '../../api/client.ts';
import { ApiProblem, NoConnection } from '../../api/problem.ts';

export interface Upload {
  key: number;
  name: string;
  size: number;
  /** Octets that the relay has. */
  sent: number;
  state: 'waiting' | 'sending' | 'lost' | 'done' | 'failed';
  /** Octets a second, once it can be told. */
  rate?: number;
  error?: unknown;
}

interface Entry extends Upload {
  file: File;
}

/** A request has two minutes, also over a slow line; what is lost with a connection is one part. */
const PART = 4 * 1024 * 1024;
const PAUSES = [1000, 2000, 5000, 10_000];
const REMEMBERED = 'postern.audit.uploads';
const LONGEST_NAME = 150;

/**
 * Files on their way to the relay, one after the other and in parts. After a lost connection, an expired session or a
 * closed window it goes on where the relay has left off.
 */
export class UploadQueue {
  readonly #api: ApiClient;
  readonly #onStored: () => void;
  readonly #listeners = new Set<() => void>();
  #entries: Entry[] = [];
  #shown: readonly Upload[] = [];
  #serial = 0;
  #isRunning = false;
  #abort: AbortController | undefined;

  /** @param onStored is called when the relay has a whole file more */
  constructor(api: ApiClient, onStored: () => void) {
    this.#api = api;
    this.#onStored = onStored;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get uploads(): readonly Upload[] {
    return this.#shown;
  }

  add(files: readonly File[]): void {
    for (const file of files) {
      const name = this.#freeName(file.name);
      this.#entries.push({ key: ++this.#serial, file, name, size: file.size, sent: 0, state: 'waiting' });
    }
    this.#tell();
    void this.#run();
  }

  retry(key: number): void {
    this.#change(key, { state: 'waiting', error: undefined });
    void this.#run();
  }

  /** Takes it off the list; what the relay has of it stays there, and can be gone on with. */
  drop(key: number): void {
    const entry = this.#entries.find((one) => one.key === key);
    this.#entries = this.#entries.filter((one) => one.key !== key);
    if (entry?.state === 'sending' || entry?.state === 'lost') this.#abort?.abort();
    this.#tell();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (;;) {
        const next = this.#entries.find(({ state }) => state === 'waiting');
        if (!next) return;
        this.#abort = new AbortController();
        try {
          await this.#send(next, this.#abort.signal);
          forget(next.name);
          this.#change(next.key, { state: 'done', sent: next.size });
          this.#onStored();
        } catch (error) {
          this.#change(next.key, { state: 'failed', error });
        }
      }
    } finally {
      this.#isRunning = false;
    }
  }

  async #send({ key, name, file }: Entry, signal: AbortSignal): Promise<void> {
    const isOurs = isRemembered(name, file);
    remember(name, file);
    let offset = isOurs ? await this.#stored(name, signal) : 0;
    // the same name with other content, or more of it than we have: it begins anew
    if (offset >= file.size) offset = 0;
    const started = Date.now();
    const from = offset;
    let failures = 0;
    this.#change(key, { state: 'sending', sent: offset });
    for (;;) {
      const end = Math.min(file.size, offset + PART);
      try {
        await this.#api.request(
          'post',
          addressOf('/audit/evidence/{file}', { file: name }, { offset, last: end === file.size }),
          { body: file.slice(offset, end), contentType: 'application/octet-stream', signal },
        );
        offset = end;
        failures = 0;
        const seconds = (Date.now() - started) / 1000;
        this.#change(key, {
          state: 'sending',
          sent: offset,
          ...(seconds > 1 && { rate: (offset - from) / seconds }),
        });
        if (offset === file.size) return;
      } catch (error) {
        signal.throwIfAborted();
        const isLost = error instanceof NoConnection || (error instanceof ApiProblem && error.status >= 502);
        // a part that broke off is still being put away
        const isBusy = error instanceof ApiProblem && /being sent already/.test(error.message);
        const isGap = error instanceof ApiProblem && /octets until now/.test(error.message);
        if (!isLost && !isBusy && !isGap) throw error;
        if (!isLost && failures >= PAUSES.length) throw error;
        this.#change(key, { state: 'lost' });
        await pause(PAUSES[Math.min(failures++, PAUSES.length - 1)] ?? 1000, signal);
        offset = await this.#storedWhenThere(name, file, signal);
        if (offset === file.size) return;
        this.#change(key, { state: 'sending', sent: offset });
      }
    }
  }

  /** As `#stored`, for as long as it takes to reach the relay; all of the file when its last part had arrived. */
  async #storedWhenThere(name: string, file: File, signal: AbortSignal): Promise<number> {
    for (;;) {
      try {
        return await this.#stored(name, signal, file.size);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof NoConnection)) throw error;
        await pause(3000, signal);
      }
    }
  }

  /** Octets that the relay has of a file that is not whole. */
  async #stored(name: string, signal: AbortSignal, whole?: number): Promise<number> {
    const { items } = await this.#api.get('/audit/evidence', { signal });
    const part = items.find((item) => item.name === name && item.incomplete);
    if (part) return part.size;
    return whole !== undefined && items.some((item) => item.name === name && item.size === whole) ? whole : 0;
  }

  /** As the relay takes it, and as no other file on its way is called. */
  #freeName(wanted: string): string {
    const plain =
      wanted
        .normalize('NFC')
        .replaceAll(/[^\p{L}\p{N} ._()+@!,=-]/gu, '_')
        .replace(/^[^\p{L}\p{N}_]+/u, '')
        .slice(-LONGEST_NAME + 8) || 'evidence';
    // what is done is replaced by a file of its name, and what failed is tried again
    const taken = new Set(
      this.#entries.flatMap(({ name, state }) => (state === 'failed' || state === 'done' ? [] : [name])),
    );
    if (!taken.has(plain)) return plain;
    const dot = plain.lastIndexOf('.');
    const [stem, end] = dot > 0 ? [plain.slice(0, dot), plain.slice(dot)] : [plain, ''];
    for (let number = 2; ; number++) {
      const name = `${stem} (${number})${end}`;
      if (!taken.has(name)) return name;
    }
  }

  #change(key: number, change: Partial<Upload>): void {
    this.#entries = this.#entries.map((entry) => (entry.key === key ? { ...entry, ...change } : entry));
    this.#tell();
  }

  #tell(): void {
    this.#shown = this.#entries.map(({ file: _file, ...shown }) => shown);
    for (const listener of this.#listeners) listener();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('dropped', 'AbortError'));
    });
  });
}

/** Which file a part at the relay is of: the next window has to know whether it may go on with it. */
function known(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED) ?? '{}') as Record<string, string>;
  } catch {
    return {};
  }
}

const markOf = (file: File): string => `${file.size} ${file.lastModified}`;
const isRemembered = (name: string, file: File): boolean => known()[name] === markOf(file);

function remember(name: string, file: File): void {
  localStorage.setItem(REMEMBERED, JSON.stringify({ ...known(), [name]: markOf(file) }));
}

function forget(name: string): void {
  const { [name]: _gone, ...rest } = known();
  localStorage.setItem(REMEMBERED, JSON.stringify(rest));
}
