import type { Disk, DiskFile } from '../../src/platform/disk.ts';

export interface Fault {
  /** The system's error: `ENOSPC`, `EIO`, `EROFS`, ... */
  code: string;
  /** Octets of a failing write that reach the disk all the same. */
  torn?: number;
  /** Everything fails from then on, until `heal`. */
  lasting?: boolean;
}

/**
 * A disk that fails when told to: the n-th operation from now, whichever it is. The operations are on record,
 * so that a test can first count the steps of what it is about and then fail at each of them.
 */
export class FaultyDisk implements Disk {
  readonly #disk: Disk;
  readonly operations: string[] = [];
  /** What `free` answers, when it is set. */
  freeBytes: number | undefined;
  #fault: Fault | undefined;
  #failAt = Number.POSITIVE_INFINITY;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** The operation after `count` more ones fails. */
  failAfter(count: number, fault: Fault): void {
    this.#fault = fault;
    this.#failAt = this.operations.length + count;
  }

  heal(): void {
    this.#failAt = Number.POSITIVE_INFINITY;
  }

  /** Whether the fault has happened. */
  get hasFailed(): boolean {
    return this.operations.length > this.#failAt;
  }

  #step(name: string): Fault | undefined {
    const step = this.operations.push(name) - 1;
    const { lasting } = this.#fault ?? {};
    return step === this.#failAt || (lasting && step > this.#failAt) ? this.#fault : undefined;
  }

  async #run<T>(name: string, operation: () => Promise<T>): Promise<T> {
    const fault = this.#step(name);
    if (fault) throw errorOf(fault, name);
    return operation();
  }

  makeDirectory(path: string): Promise<void> {
    return this.#run('makeDirectory', () => this.#disk.makeDirectory(path));
  }

  async open(path: string, mode: 'read' | 'create'): Promise<DiskFile> {
    const file = await this.#run(`open ${mode}`, () => this.#disk.open(path, mode));
    return {
      write: async (bytes) => {
        const fault = this.#step('write');
        if (!fault) return file.write(bytes);
        if (fault.torn !== undefined) await file.write(bytes.subarray(0, fault.torn));
        throw errorOf(fault, 'write');
      },
      read: (into, position) => this.#run('read', () => file.read(into, position)),
      sync: () => this.#run('sync', () => file.sync()),
      close: async () => {
        // the handle is gone even when close fails (POSIX leaves it open to doubt, Linux does not)
        await file.close();
        await this.#run('close', async () => undefined);
      },
    };
  }

  rename(from: string, to: string): Promise<void> {
    return this.#run('rename', () => this.#disk.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#run('remove', () => this.#disk.remove(path));
  }

  list(directory: string): Promise<string[]> {
    return this.#run('list', () => this.#disk.list(directory));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#run('syncDirectory', () => this.#disk.syncDirectory(path));
  }

  free(path: string): Promise<number> {
    return this.#run('free', async () => this.freeBytes ?? this.#disk.free(path));
  }
}

function errorOf({ code }: Fault, operation: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made to fail, ${operation}`), { code });
}
