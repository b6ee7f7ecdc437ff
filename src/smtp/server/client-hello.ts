import { groupName, isGrease, suiteName } from './tls-names.ts';

/** What a TLS client says of itself first: enough to tell the owner of a device why its handshake failed. */

export interface ClientHello {
  /** `TLSv1.2` and the like, best last; unknown and GREASE values (RFC 8701) left out. */
  offeredVersions: string[];
  serverName?: string;
  /** Cipher suites in the order of the client, by the names of IANA: the first 100. */
  offeredCiphers: string[];
  /** Groups for the key exchange (elliptic curves among them): the first 30; empty when it did not say. */
  offeredGroups: string[];
  /** ALPN (RFC 7301), in printable ASCII: the first 8; a mail client names none. */
  offeredProtocols: string[];
}

const MOST_SUITES = 100;
const MOST_GROUPS = 30;
const MOST_PROTOCOLS = 8;

const VERSIONS: Record<number, string> = {
  0x0300: 'SSLv3',
  0x0301: 'TLSv1',
  0x0302: 'TLSv1.1',
  0x0303: 'TLSv1.2',
  0x0304: 'TLSv1.3',
};

const SERVER_NAME = 0; // RFC 6066 §3
const SUPPORTED_GROUPS = 10; // RFC 8446 §4.2.7
const PROTOCOLS = 16; // RFC 7301 §3.1
const SUPPORTED_VERSIONS = 43; // RFC 8446 §4.2.1

/** Reads within its buffer; past the end it answers zeros and empty views, and `short` becomes true. */
class Cursor {
  short = false;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  number(octets: 1 | 2 | 3): number {
    if (this.rest < octets) {
      this.short = true;
      this.#at = this.#bytes.length;
      return 0;
    }
    this.#at += octets;
    return this.#bytes.readUIntBE(this.#at - octets, octets);
  }

  take(octets: number): Cursor {
    if (this.rest < octets) this.short = true;
    const end = Math.min(this.#at + octets, this.#bytes.length);
    const part = new Cursor(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return part;
  }

  text(): string {
    return this.#bytes.toString('latin1');
  }
}

/**
 * Reads a ClientHello (RFC 8446 §4.1.2) from the first octets of a connection, of which some may be missing:
 * what is there counts. Undefined if this is no TLS handshake. Never throws.
 */
export function parseClientHello(first: Buffer): ClientHello | undefined {
  // A record holds 2^14 octets at most; a hello that spans several is read to the end of its first one
  const record = new Cursor(first.subarray(0, 5 + 16384));
  if (record.number(1) !== 22 || record.number(2) >> 8 !== 3) return undefined;
  const handshake = record.take(record.number(2));
  if (handshake.number(1) !== 1) return undefined;
  const hello = handshake.take(handshake.number(3));
  const legacyVersion = hello.number(2);
  hello.take(32); // random
  hello.take(hello.number(1)); // session id
  const offeredCiphers = numbers(hello.take(hello.number(2)), MOST_SUITES).map(suiteName);
  hello.take(hello.number(1)); // compression methods
  const extensions = hello.take(hello.number(2));

  let supported: number[] | undefined;
  let serverName: string | undefined;
  let offeredGroups: string[] = [];
  let offeredProtocols: string[] = [];
  while (extensions.rest > 0) {
    const type = extensions.number(2);
    const body = extensions.take(extensions.number(2));
    if (type === SUPPORTED_VERSIONS) {
      const list = body.take(body.number(1));
      supported = [];
      while (list.rest > 1) supported.push(list.number(2));
    } else if (type === SUPPORTED_GROUPS) {
      offeredGroups = numbers(body.take(body.number(2)), MOST_GROUPS).map(groupName);
    } else if (type === PROTOCOLS) {
      offeredProtocols = protocols(body.take(body.number(2)));
    } else if (type === SERVER_NAME) {
      const list = body.take(body.number(2));
      if (list.number(1) === 0) {
        const name = list.take(list.number(2));
        if (!list.short && /^[A-Za-z0-9._-]{1,255}$/.test(name.text())) serverName = name.text();
      }
    }
  }
  // Without the extension, the legacy version is the highest that the client speaks (RFC 8446 §4.2.1); of a
  // hello that is cut off nobody knows whether it has the extension
  const cutOff = hello.short || extensions.short;
  const offeredVersions = (supported ?? (cutOff ? [] : [legacyVersion]))
    .sort((a, b) => a - b)
    .flatMap((version) => VERSIONS[version] ?? []);
  const named = serverName === undefined ? {} : { serverName };
  return { offeredVersions, ...named, offeredCiphers, offeredGroups, offeredProtocols };
}

function numbers(list: Cursor, most: number): number[] {
  const found: number[] = [];
  while (list.rest > 1 && found.length < most) {
    const number = list.number(2);
    if (!isGrease(number)) found.push(number);
  }
  return found;
}

function protocols(list: Cursor): string[] {
  const found: string[] = [];
  while (list.rest > 1 && found.length < MOST_PROTOCOLS) {
    const name = list.take(list.number(1)).text();
    if (/^[!-~]{1,40}$/.test(name)) found.push(name);
  }
  return found;
}
