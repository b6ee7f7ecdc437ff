import net from 'node:net';

export interface DialOptions {
  host: string;
  port: number;
  /** Give up after this many milliseconds. */
  timeoutMs: number;
  localAddress?: string;
}

/** Opens TCP connections; a test hands in one that fails or stalls. */
export interface Dialer {
  /** Resolves with a connected socket, or rejects with the system's error (`ETIMEDOUT` when time is up). */
  connect(options: DialOptions): Promise<net.Socket>;
}

export const systemDialer: Dialer = {
  connect({ host, port, timeoutMs, localAddress }) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host, port, localAddress, noDelay: true });
      const timer = setTimeout(() => {
        const error: NodeJS.ErrnoException = new Error(`no answer from ${host}:${port} in ${timeoutMs} ms`);
        error.code = 'ETIMEDOUT';
        socket.destroy(error);
      }, timeoutMs);
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(socket);
      });
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
    });
  },
};
