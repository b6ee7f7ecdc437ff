/** DNS messages as far as the lab's name server reads and writes them (RFC 1035 §4, RFC 6891). */
import { parseAddress } from '../../platform/ip-address.ts';
import type { RecordType } from '../lab.ts';

const TYPE_NUMBERS: Record<RecordType, number> = { A: 1, PTR: 12, MX: 15, TXT: 16, AAAA: 28 };
const TYPES = new Map(Object.entries(TYPE_NUMBERS).map(([name, number]) => [number, name as RecordType]));
const OPT = 41;
const HEADER = 12;
/** RFC 1035 §4.2.1: what fits into UDP without EDNS. */
const SMALLEST_UDP = 512;
const LARGEST_UDP = 4096;

export type ResponseCode = 'no-error' | 'format-error' | 'no-such-name' | 'not-implemented';

const CODES: Record<ResponseCode, number> = {
  'no-error': 0,
  'format-error': 1,
  'no-such-name': 3,
  'not-implemented': 4,
};

export interface Question {
  id: number;
  /** Lower case, without a final dot. */
  name: string;
  /** Undefined: one that the lab has no records of. */
  type: RecordType | undefined;
  recursionDesired: boolean;
  opcode: number;
  /** The question section as it came. */
  section: Buffer;
  /** Octets that the client takes over UDP. */
  udpSize: number;
  edns: boolean;
}

/** Reads a query; undefined for what is none, which is not answered. */
export function readQuestion(query: Buffer): Question | undefined {
  if (query.length < HEADER + 5) return undefined;
  const flags = query.readUInt16BE(2);
  // a response would be answered by a response, for ever
  if ((flags & 0x8000) !== 0 || query.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER;
  for (;;) {
    const length = query[at];
    // no compression in a question that nothing stands before
    if (length === undefined || length > 63 || at - HEADER > 255) return undefined;
    if (length === 0) break;
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const end = at + 5;
  if (end > query.length) return undefined;
  const udpSize = readUdpSize(query, end);
  return {
    id: query.readUInt16BE(0),
    name: labels.join('.').toLowerCase(),
    type: query.readUInt16BE(at + 3) === 1 ? TYPES.get(query.readUInt16BE(at + 1)) : undefined,
    recursionDesired: (flags & 0x0100) !== 0,
    opcode: (flags >> 11) & 15,
    section: query.subarray(HEADER, end),
    udpSize: Math.min(Math.max(udpSize ?? SMALLEST_UDP, SMALLEST_UDP), LARGEST_UDP),
    edns: udpSize !== undefined,
  };
}

/** The class of an OPT record that follows the question at once, as all clients send it (RFC 6891 §6.1.2). */
function readUdpSize(query: Buffer, at: number): number | undefined {
  const isOpt = query.length >= at + 11 && query[at] === 0 && query.readUInt16BE(at + 1) === OPT;
  return isOpt && query.readUInt16BE(10) > 0 ? query.readUInt16BE(at + 3) : undefined;
}

/**
 * A response with these values; one that is longer than `most` octets is empty and says so (TC).
 * Records are for now alone (TTL 0): what is changed in the lab counts at once.
 */
export function writeResponse(
  question: Question,
  code: ResponseCode,
  values: readonly string[],
  most: number,
): Buffer {
  const answers = values.map((value) => record(question.type as RecordType, value));
  const opt = question.edns ? [optRecord()] : [];
  const whole = assemble(question, code, answers, opt, false);
  return whole.length <= most ? whole : assemble(question, code, [], opt, true);
}

function assemble(
  { id, section, recursionDesired, opcode }: Question,
  code: ResponseCode,
  answers: Buffer[],
  additional: Buffer[],
  truncated: boolean,
): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(id, 0);
  // a response, authoritative, recursion available: stub resolvers ask for no less
  const flags = 0x8480 | (opcode << 11) | (truncated ? 0x0200 : 0) | (recursionDesired ? 0x0100 : 0);
  header.writeUInt16BE(flags | CODES[code], 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt16BE(additional.length, 10);
  return Buffer.concat([header, section, ...answers, ...additional]);
}

function record(type: RecordType, value: string): Buffer {
  const data = dataOf(type, value);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | HEADER, 0); // the name of the question
  head.writeUInt16BE(TYPE_NUMBERS[type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(0, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function optRecord(): Buffer {
  const opt = Buffer.alloc(11);
  opt.writeUInt16BE(OPT, 1);
  opt.writeUInt16BE(LARGEST_UDP, 3);
  return opt;
}

function dataOf(type: RecordType, value: string): Buffer {
  switch (type) {
    case 'A':
    case 'AAAA':
      return Buffer.from(parseAddress(value)?.octets ?? []);
    case 'PTR':
      return writeName(value);
    case 'MX': {
      const [priority = '0', exchange = '.'] = value.split(' ');
      const octets = Buffer.alloc(2);
      octets.writeUInt16BE(Number(priority));
      return Buffer.concat([octets, writeName(exchange)]);
    }
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
