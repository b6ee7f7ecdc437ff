import type { Dialer } from '../platform/dialer.ts';

export interface ProxiedDialerOptions {
  /** Where connections to the front door come from. */
  address: string;
  isFrontDoor(port: number): boolean;
}

/**
 * A dialer that finds the lab's front door on loopback, by whatever name it is called, because the system's DNS knows
 * nothing of the lab; and that says there by the PROXY protocol where it comes from. To others it connects as ever.
 */
export function proxiedDialer(dialer: Dialer, { address, isFrontDoor }: ProxiedDialerOptions): Dialer {
  return {
    async connect(options) {
      if (!isFrontDoor(options.port)) return dialer.connect(options);
      const socket = await dialer.connect({ ...options, host: '127.0.0.1' });
      socket.write(`PROXY TCP4 ${address} 127.0.0.1 ${socket.localPort ?? 0} ${options.port}\r\n`);
      return socket;
    },
  };
}
