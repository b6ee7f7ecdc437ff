import { isIP } from 'node:net';
import type net from 'node:net';
import tls from 'node:tls';
import ipaddr from 'ipaddr.js';
import type { Dialer } from '../platform/dialer.ts';
import type { Resolver } from '../platform/resolver.ts';

/** The way to servers whose address an administrator has typed in. */
export interface Outside {
  dialer: Dialer;
  resolver: Pick<Resolver, 'addresses'>;
}

export interface ConnectionWish {
  /** Name or address, without brackets. */
  host: string;
  port: number;
  /** Absent: no TLS, which only private addresses may have. */
  tls?: { ca?: string; certificate?: string; privateKey?: string };
  allowPrivate: boolean;
  timeoutMs: number;
}

/** No connection is made to this address; trying again does not help. */
export class AddressRefused extends Error {}

const PRIVATE = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']);

/** `public`, `private` (loopback and an organisation's own), or `never`: link-local, multicast, reserved, embedded. */
export function reachOf(address: string): 'public' | 'private' | 'never' {
  if (!ipaddr.isValid(address)) return 'never';
  // process: an IPv4 address in IPv6 clothing is what is inside
  const range = ipaddr.process(address).range();
  if (range === 'unicast') return 'public';
  return PRIVATE.has(range) ? 'private' : 'never';
}

/**
 * A connection to one of the host's addresses, with TLS verified. The address is checked that is connected to,
 * not one that a second look-up might change: a name that an attacker holds must not lead into the network.
 * @throws AddressRefused, ResolveError, or the system's error
 */
export async function connectOutside(wish: ConnectionWish, outside: Outside): Promise<net.Socket> {
  const { host, port, allowPrivate, timeoutMs } = wish;
  const addresses = await addressesOf(host, outside.resolver);
  const permitted = addresses.filter((address) => {
    const reach = reachOf(address);
    return reach === 'public' ? wish.tls !== undefined : reach === 'private' && allowPrivate;
  });
  if (permitted.length === 0) throw new AddressRefused(refusalText(wish, addresses));
  let last: unknown;
  for (const address of permitted.slice(0, 4)) {
    try {
      const socket = await outside.dialer.connect({ host: address, port, timeoutMs });
      return wish.tls ? await secured(socket, wish, wish.tls) : socket;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function refusalText({ host, tls: wanted, allowPrivate }: ConnectionWish, addresses: string[]): string {
  const named = `${host} is ${addresses.slice(0, 4).join(', ') || 'no address'}`;
  if (!allowPrivate && addresses.some((address) => reachOf(address) === 'private')) {
    return `${named}: a private address; allow that in the channel (allowPrivate) if it is meant`;
  }
  if (!wanted) return `${named}: without TLS only private addresses are connected to; write https://`;
  return `${named}: link-local, multicast and reserved addresses are never connected to`;
}

async function addressesOf(host: string, resolver: Outside['resolver']): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  // RFC 6761 §6.3: never asked of DNS
  if (/^(?:.+\.)?localhost\.?$/i.test(host)) return ['127.0.0.1', '::1'];
  return resolver.addresses(host);
}

function secured(
  socket: net.Socket,
  { host, timeoutMs }: ConnectionWish,
  { ca, certificate, privateKey }: { ca?: string; certificate?: string; privateKey?: string },
): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tls.connect({
      socket,
      host,
      // RFC 6066 §3: an address is no server name
      servername: isIP(host) === 0 ? host : undefined,
      ca: ca === undefined ? undefined : [...tls.getCACertificates('default'), ca],
      cert: certificate,
      key: privateKey,
      minVersion: 'TLSv1.2',
    });
    const timer = setTimeout(() => secure.destroy(new Error('no TLS handshake in time')), timeoutMs);
    secure.once('secureConnect', () => {
      clearTimeout(timer);
      secure.removeAllListeners('error');
      resolve(secure);
    });
    secure.once('error', (error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    });
    secure.once('close', () => {
      clearTimeout(timer);
      reject(new Error('the connection was closed in the TLS handshake'));
    });
  });
}
