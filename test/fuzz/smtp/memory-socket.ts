import type { Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';

/**
 * Two ends of a connection in memory. `socket` has all that the product asks of a socket; a write at one end is
 * held back, as TCP would, while the other end does not read.
 */
export function memorySocket(): { socket: Socket; peer: Duplex } {
  const [own, peer] = duplexPair({ allowHalfOpen: true });
  const facts = { remoteAddress: '192.0.2.7', remotePort: 40_000, localAddress: '192.0.2.1', localPort: 25 };
  // neither side cares how the other broke
  peer.on('error', () => undefined);
  return { socket: Object.assign(own, facts) as unknown as Socket, peer };
}
