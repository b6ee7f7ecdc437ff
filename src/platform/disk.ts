import * as fs from 'node:fs/promises';

/** An open file. Every method rejects with the system's error, its `code` kept. */
export interface DiskFile {
  /** Appends the whole of `bytes`, or rejects; a rejected write may have left a part of it. */
  write(bytes: Uint8Array): Promise<void>;
  /** Reads up to `into.length` bytes at `position`; answers how many, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Resolves when what was written is on stable storage (fsync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file system behind an interface, so that a failed write or fsync is a test input. */
export interface Disk {
  makeDirectory(path: string): Promise<void>;
  /** `create` fails when the file exists (O_EXCL). */
  open(path: string, mode: 'read' | 'create'): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  /** A file that is not there counts as removed. */
  remove(path: string): Promise<void>;
  list(directory: string): Promise<string[]>;
  /** Makes the entries of a directory durable; a new file is not, without it. */
  syncDirectory(path: string): Promise<void>;
  /** Bytes that this process may still write on the file system of `path`. */
  free(path: string): Promise<number>;
}

export const systemDisk: Disk = {
  async makeDirectory(path) {
    await fs.mkdir(path, { recursive: true, mode: 0o700 });
  },
  async open(path, mode) {
    const handle = await fs.open(path, mode === 'read' ? 'r' : 'wx', 0o600);
    return {
      async write(bytes) {
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done);
          done += bytesWritten;
        }
      },
      async read(into, position) {
        return (await handle.read(into, 0, into.length, position)).bytesRead;
      },
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename: (from, to) => fs.rename(from, to),
  remove: (path) => fs.rm(path, { force: true }),
  list: (directory) => fs.readdir(directory),
  async syncDirectory(path) {
    const handle = await fs.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async free(path) {
    const { bavail, bsize } = await fs.statfs(path);
    return bavail * bsize;
  },
};
