import type net from 'node:net';
import type { Clock, Timer } from '../platform/clock.ts';
import { ChannelError, type SettingsOf } from './channel.ts';
import { reasonOf } from './http-post.ts';
import { AddressRefused, connectOutside, type Outside } from './outside.ts';
import type { StreamSender } from './stream.ts';
import { eventRecord, framed, noticeRecord, type SyslogIdentity, syslogMessage } from './syslog-format.ts';

export interface SyslogOptions {
  settings: SettingsOf<'syslog'>;
  identity: Omit<SyslogIdentity, 'facility' | 'enterprise'>;
  outside: Outside;
  clock: Clock;
  /** Records and octets that wait in memory at most. */
  mostRecords?: number;
  mostOctets?: number;
}

const CONNECT_MS = 10_000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const KEEP_ALIVE_MS = 60_000;

/**
 * Syslog over TLS (RFC 5425): one connection, opened when there is something to say and again when it was lost.
 * The protocol has no acknowledgement: what the system had taken when a connection broke may be lost, unseen.
 */
export function syslogSender(options: SyslogOptions): StreamSender {
  const { settings, clock, outside, mostRecords = 10_000, mostOctets = 8_388_608 } = options;
  const identity = { ...options.identity, facility: settings.facility, enterprise: settings.enterprise };
  let waiting: Buffer[] = [];
  let octets = 0;
  let lost = 0;
  let socket: net.Socket | undefined;
  let connecting: Promise<net.Socket> | undefined;
  let timer: Timer | undefined;
  let waitMs = FIRST_WAIT_MS;
  let closed = false;

  function connect(): Promise<net.Socket> {
    if (socket && !socket.destroyed) return Promise.resolve(socket);
    connecting ??= open().finally(() => (connecting = undefined));
    return connecting;
  }

  async function open(): Promise<net.Socket> {
    const { host, port, ca, clientCertificate, allowPrivate } = settings;
    const opened = await connectOutside(
      { host, port, tls: { ca, ...clientCertificate }, allowPrivate, timeoutMs: CONNECT_MS },
      outside,
    );
    if (closed) {
      opened.destroy();
      throw new Error('the channel was closed');
    }
    opened.setKeepAlive(true, KEEP_ALIVE_MS);
    // nothing is expected from there; reading is how the end of the connection is seen
    opened.resume();
    opened.on('drain', flush);
    // 'close' follows
    opened.on('error', () => {});
    opened.on('end', () => opened.destroy());
    opened.on('close', () => {
      if (socket === opened) socket = undefined;
      if (waiting.length > 0) retryLater();
    });
    socket = opened;
    waitMs = FIRST_WAIT_MS;
    return opened;
  }

  function retryLater(): void {
    if (closed || timer) return;
    timer = clock.after(waitMs, () => {
      timer = undefined;
      flush();
    });
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }

  function flush(): void {
    if (closed || waiting.length === 0 || timer) return;
    if (!socket || socket.destroyed) {
      connect().then(flush, retryLater);
      return;
    }
    const parts: Buffer[] = [];
    let size = 0;
    let taken = 0;
    while (taken < waiting.length && size < 65_536 && !socket.writableNeedDrain) {
      const frame = waiting[taken] as Buffer;
      parts.push(frame);
      size += frame.length;
      taken++;
    }
    if (taken === 0) return;
    waiting = waiting.slice(taken);
    octets -= size;
    if (socket.write(Buffer.concat(parts)) && waiting.length > 0) setImmediate(flush);
  }

  return {
    push(event) {
      if (closed) return;
      const frame = framed(syslogMessage(eventRecord(event), identity));
      if (waiting.length >= mostRecords || octets + frame.length > mostOctets) {
        lost++;
        return;
      }
      waiting.push(frame);
      octets += frame.length;
      if (waiting.length === 1) setImmediate(flush);
    },
    takeLost() {
      const count = lost;
      lost = 0;
      return count;
    },
    async send(notice) {
      let open: net.Socket;
      try {
        open = await connect();
      } catch (error) {
        throw new ChannelError(reasonOf(error), !(error instanceof AddressRefused), { cause: error });
      }
      const frame = framed(syslogMessage(noticeRecord(notice), identity));
      await new Promise<void>((resolve, reject) => {
        const timeout = clock.after(CONNECT_MS, () => open.destroy(new Error('the receiver takes nothing')));
        open.write(frame, (error) => {
          timeout.cancel();
          if (error) reject(new ChannelError(reasonOf(error), true, { cause: error }));
          else resolve();
        });
      });
    },
    close() {
      closed = true;
      timer?.cancel();
      lost += waiting.length;
      waiting = [];
      socket?.end();
      socket?.destroySoon();
    },
  };
}
