/** A name server on loopback for stories: MX, A, AAAA, TXT and PTR, names that do not exist, failures and silence (RFC 1035). */
import dgram from 'node:dgram';
import net from 'node:net';

export type RecordType = 'A' | 'MX' | 'TXT' | 'AAAA' | 'PTR';
export type Trouble = 'servfail' | 'silence';

const TYPES: Record<RecordType, number> = { A: 1, PTR: 12, MX: 15, TXT: 16, AAAA: 28 };
const NAMES = new Map(Object.entries(TYPES).map(([name, number]) => [number, name as RecordType]));
const NO_ERROR = 0;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;

export class DnsServer {
  /** `TXT key._domainkey.corp.test`, as asked. */
  readonly queries: string[] = [];
  readonly #records = new Map<string, Map<RecordType, string[]>>();
  readonly #troubles = new Map<string, Trouble>();
  readonly #socket = dgram.createSocket('udp4');

  async listen(): Promise<this> {
    this.#socket.on('message', (query, from) => {
      const answer = this.#answer(query);
      if (answer) this.#socket.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => {
      this.#socket.bind(0, '127.0.0.1', resolve);
    });
    return this;
  }

  /** As a line of the configuration takes it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  /** MX values are `10 mx.corp.test`, or `0 .` for none (RFC 7505); no values: the name exists without such a record. */
  set(name: string, type: RecordType, ...values: string[]): this {
    const known = this.#records.get(name) ?? new Map<RecordType, string[]>();
    this.#records.set(name, known.set(type, values));
    return this;
  }

  /** Every query for this name fails, or is not answered at all. */
  trouble(name: string, kind: Trouble | undefined): this {
    if (kind) this.#troubles.set(name, kind);
    else this.#troubles.delete(name);
    return this;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#socket.close(resolve);
    });
  }

  #answer(query: Buffer): Buffer | undefined {
    const { name, end } = readName(query, 12);
    const type = NAMES.get(query.readUInt16BE(end));
    this.queries.push(`${type ?? query.readUInt16BE(end)} ${name}`);
    const trouble = this.#troubles.get(name);
    if (trouble === 'silence') return undefined;
    const known = this.#records.get(name);
    const values = trouble || !type ? [] : (known?.get(type) ?? []);
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    const code = trouble ? SERVER_FAILURE : known ? NO_ERROR : NO_SUCH_NAME;
    // a response, authoritative, recursion as asked
    header.writeUInt16BE(0x8480 | (query.readUInt16BE(2) & 0x0100) | code, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(values.length, 6);
    const answers = values.map((value) => answerRecord(type as RecordType, value));
    return Buffer.concat([header, query.subarray(12, end + 4), ...answers]);
  }
}

function readName(query: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function answerRecord(type: RecordType, value: string): Buffer {
  const data = dataOf(type, value);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name of the question
  head.writeUInt16BE(TYPES[type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(type: RecordType, value: string): Buffer {
  switch (type) {
    case 'A':
      return Buffer.from(value.split('.').map(Number));
    case 'AAAA':
      return addressOctets(value);
    case 'MX': {
      const [priority = '0', exchange = '.'] = value.split(' ');
      const octets = Buffer.alloc(2);
      octets.writeUInt16BE(Number(priority));
      return Buffer.concat([octets, writeName(exchange)]);
    }
    case 'PTR':
      return writeName(value);
    case 'TXT': {
      const strings = value.match(/.{1,255}/gs) ?? [''];
      return Buffer.concat(strings.map((text) => Buffer.from([text.length, ...Buffer.from(text, 'latin1')])));
    }
  }
}

function writeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
}

function addressOctets(address: string): Buffer {
  if (!net.isIPv6(address)) throw new Error(`${address} is no IPv6 address`);
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const octets = Buffer.alloc(16);
  [...before, ...zeros, ...after].forEach((group, index) => {
    octets.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  });
  return octets;
}
