/**
 * Outlook's .msg: streams in a compound file ([MS-CFB]) with a name for each property ([MS-OXMSG] §2.1). Only the header section,
 * a few properties and the attachments are taken. Every chain of sectors is bounded by the file's own size.
 */
import { createHash } from 'node:crypto';
import type { Attachment } from '../observation.ts';
import { fieldText } from '../transcoder.ts';

const END = 0xfffffffe;
const FREE = 0xffffffff;
const MOST_ENTRIES = 20_000;
const MOST_STREAM = 67_108_864;
const ENTRY = 128;

interface Entry {
  name: string;
  /** 1 storage, 2 stream, 5 root. */
  type: number;
  left: number;
  right: number;
  child: number;
  start: number;
  size: number;
}

export class CompoundFileError extends Error {}

class CompoundFile {
  readonly #file: Buffer;
  readonly #sector: number;
  readonly #cutoff: number;
  readonly #fat: Int32Array;
  readonly #miniFat: Buffer;
  readonly #mini: Buffer;
  readonly entries: Entry[];

  constructor(file: Buffer) {
    this.#file = file;
    const shift = file.length < 512 ? 0 : file.readUInt16LE(30);
    if (shift !== 9 && shift !== 12) throw new CompoundFileError('not a compound file');
    this.#sector = 1 << shift;
    this.#cutoff = file.readUInt32LE(56);
    this.#fat = this.#readFat();
    const directory = this.#chain(file.readUInt32LE(48), MOST_ENTRIES * ENTRY);
    this.entries = [];
    for (let at = 0; at + ENTRY <= directory.length && this.entries.length < MOST_ENTRIES; at += ENTRY) {
      this.entries.push(readEntry(directory, at));
    }
    this.#miniFat = this.#chain(file.readUInt32LE(60), file.length);
    const root = this.entries[0];
    if (root?.type !== 5) throw new CompoundFileError('no root');
    this.#mini = this.#chain(root.start, Math.min(root.size, file.length));
  }

  /** Sectors of the FAT: 109 in the header, the others in a chain of their own. */
  #readFat(): Int32Array {
    const file = this.#file;
    const most = Math.ceil(file.length / this.#sector) + 1;
    const sectors: number[] = [];
    for (let place = 0; place < 109; place++) sectors.push(file.readUInt32LE(76 + place * 4));
    let next = file.readUInt32LE(68);
    for (let count = 0; next < END && count < most; count++) {
      const sector = this.#at(next);
      if (sector.length < this.#sector) break;
      for (let at = 0; at < this.#sector - 4; at += 4) sectors.push(sector.readUInt32LE(at));
      next = sector.readUInt32LE(this.#sector - 4);
    }
    const perSector = this.#sector / 4;
    const used = sectors.filter((sector) => sector < END).slice(0, most);
    const fat = new Int32Array(Math.min(used.length * perSector, most + perSector));
    for (const [place, sector] of used.entries()) {
      const octets = this.#at(sector);
      for (
        let i = 0;
        i < perSector && place * perSector + i < fat.length && i * 4 + 4 <= octets.length;
        i++
      ) {
        fat[place * perSector + i] = octets.readInt32LE(i * 4);
      }
    }
    return fat;
  }

  #at(sector: number): Buffer {
    const start = (sector + 1) * this.#sector;
    return this.#file.subarray(start, start + this.#sector);
  }

  #chain(start: number, most: number): Buffer {
    const parts: Buffer[] = [];
    let size = 0;
    // a ring of sectors ends when there is more than the file could have
    for (let sector = start; sector < END && size < most && size <= this.#file.length; ) {
      const part = this.#at(sector);
      if (part.length === 0) break;
      parts.push(part);
      size += part.length;
      sector = sector < this.#fat.length ? this.#fat[sector]! >>> 0 : END;
    }
    return Buffer.concat(parts).subarray(0, most);
  }

  content({ start, size }: Entry): Buffer {
    const most = Math.min(size, MOST_STREAM, this.#file.length);
    if (size >= this.#cutoff) return this.#chain(start, most);
    const parts: Buffer[] = [];
    let taken = 0;
    for (let sector = start; sector < END && taken < most; ) {
      const part = this.#mini.subarray(sector * 64, sector * 64 + 64);
      if (part.length === 0) break;
      parts.push(part);
      taken += part.length;
      sector = sector * 4 + 4 <= this.#miniFat.length ? this.#miniFat.readUInt32LE(sector * 4) : END;
    }
    return Buffer.concat(parts).subarray(0, most);
  }

  /** What stands in a storage; its members are a tree of siblings. */
  members(storage: Entry): Entry[] {
    const found: Entry[] = [];
    const seen = new Set<number>();
    const waiting = [storage.child];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      const entry = this.entries[place];
      if (place === FREE || !entry || seen.has(place)) continue;
      seen.add(place);
      found.push(entry);
      waiting.push(entry.left, entry.right);
    }
    return found;
  }
}

function readEntry(directory: Buffer, at: number): Entry {
  const length = Math.min(64, directory.readUInt16LE(at + 64));
  return {
    name: directory.toString('utf16le', at, at + Math.max(0, length - 2)),
    type: directory[at + 66]!,
    left: directory.readUInt32LE(at + 68),
    right: directory.readUInt32LE(at + 72),
    child: directory.readUInt32LE(at + 76),
    start: directory.readUInt32LE(at + 116),
    size: directory.readUInt32LE(at + 120),
  };
}

export interface OutlookMessage {
  /** The header section as it came; made of properties where the message was never sent over SMTP. */
  head: Buffer;
  attachments: Attachment[];
}

/** Throws CompoundFileError for a compound file that is no message. */
export function readOutlookMessage(file: Buffer): OutlookMessage {
  const compound = new CompoundFile(file);
  const members = compound.members(compound.entries[0]!);
  if (!members.some(({ name }) => name.startsWith('__properties_version1'))) {
    throw new CompoundFileError('a compound file that is no Outlook message; of Excel, save as CSV');
  }
  const text = (from: Entry[], property: string): string | undefined => {
    const wide = from.find(({ name }) => name === `__substg1.0_${property}001F`);
    if (wide) return compound.content(wide).toString('utf16le');
    const narrow = from.find(({ name }) => name === `__substg1.0_${property}001E`);
    return narrow && fieldText(compound.content(narrow));
  };
  // PidTagTransportMessageHeaders
  const headers = text(members, '007D');
  const made = [
    ['Subject', text(members, '0037')],
    ['From', text(members, '5D01') ?? text(members, '0C1F')],
    ['Message-ID', text(members, '1035')],
    ['To', text(members, '0E04')],
  ].flatMap(([name, value]) => (value ? [`${name}: ${value.replace(/[\r\n\0]/g, ' ')}\r\n`] : []));
  const attachments = members
    .filter(({ name, type }) => type === 1 && name.startsWith('__attach_version1.0_'))
    .slice(0, 100)
    .map((storage): Attachment => {
      const inside = compound.members(storage);
      const name = text(inside, '3707') ?? text(inside, '3704');
      const type = text(inside, '370E');
      const data = inside.find((entry) => entry.name === '__substg1.0_37010102');
      return {
        ...(name === undefined ? {} : { name: name.slice(0, 255) }),
        ...(data ? { sha256: createHash('sha256').update(compound.content(data)).digest('hex') } : {}),
        ...(type === undefined ? {} : { type: type.toLowerCase() }),
      };
    });
  return { head: Buffer.from(headers ?? made.join('')), attachments };
}
