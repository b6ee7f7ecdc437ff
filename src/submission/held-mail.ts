/**
 * Mail of devices that wait for approval. It lies in the spool as it came, but for the trace field, held under a
 * pending source; it is judged, signed and delivered only when the device was approved.
 */
import type { EventSink } from '../journal/event.ts';
import { sizeOf } from '../message/content.ts';
import type { Envelope } from '../message/envelope.ts';
import { TraceWriter } from '../message/received.ts';
import type { Clock } from '../platform/clock.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type { SessionView } from '../smtp/server/handler.ts';
import type { Device } from '../sources/discovery/device.ts';
import type { Devices } from '../sources/discovery/devices.ts';
import { sourceNameFor } from '../sources/discovery/name.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import { DEFAULT_POLICY, type Source } from '../sources/source.ts';
import {
  type Delivery,
  type DeliveryFilter,
  type NewMessage,
  type Spool,
  SpoolUnavailable,
} from '../spool/spool.ts';
import type { Serial } from '../store/serial.ts';
import type { ReceivedMessage } from './reception.ts';

export interface HeldMailRooms {
  /** Its own: what changes held mail goes one after another. */
  changes: Serial;
  clock: Clock;
  devices: Devices;
  events: EventSink;
  hostname: string;
  registry: SourceRegistry;
  spool: Pick<Spool, 'store' | 'list'>;
}

/** Messages and octets, of one device and of all together. */
export interface HeldMailLimits {
  deviceMessages: number;
  deviceBytes: number;
  messages: number;
  bytes: number;
}

interface Amount {
  messages: number;
  bytes: number;
}

const PAGE = 500;

/** Which deliveries are the held mail of a device that has a source. */
export function waitingOf({ source, approved }: Device): DeliveryFilter {
  return approved ? { source, state: 'held', hold: 'approval' } : { source };
}

export class HeldMail {
  readonly #rooms: HeldMailRooms;
  readonly #limits: HeldMailLimits;
  readonly #trace = new TraceWriter();
  /** By source; as many as there are devices with held mail. */
  readonly #amounts = new Map<string, Amount>();
  readonly #total: Amount = { messages: 0, bytes: 0 };

  constructor(rooms: HeldMailRooms, limits: HeldMailLimits) {
    this.#rooms = rooms;
    this.#limits = limits;
  }

  /** Counts what lies in the spool. */
  async open(): Promise<void> {
    for (const device of this.#rooms.devices.list())
      if (device.source !== undefined) await this.recount(device);
  }

  /** Counts again what is held of a device, after some of it was released or dropped. */
  async recount(device: Device): Promise<Amount> {
    const { source } = device;
    const amount: Amount = { messages: 0, bytes: 0 };
    if (source === undefined) return amount;
    for (const { size } of await this.messages(device)) {
      amount.messages++;
      amount.bytes += size;
    }
    const before = this.#amounts.get(source) ?? { messages: 0, bytes: 0 };
    this.#total.messages += amount.messages - before.messages;
    this.#total.bytes += amount.bytes - before.bytes;
    if (amount.messages === 0) this.#amounts.delete(source);
    else this.#amounts.set(source, amount);
    return amount;
  }

  of({ source }: Device): Readonly<Amount> {
    return (source === undefined ? undefined : this.#amounts.get(source)) ?? { messages: 0, bytes: 0 };
  }

  /**
   * The messages of a device that wait, oldest first: of each its first delivery. Under a pending source there is
   * nothing else, whatever somebody has done with the queue meanwhile.
   */
  async messages(device: Device): Promise<Delivery[]> {
    const waiting: Delivery[] = [];
    let after: { message: string; part: number } | undefined;
    for (;;) {
      const page = await this.#rooms.spool.list(waitingOf(device), PAGE, after);
      for (const delivery of page) {
        if (delivery.message !== after?.message) waiting.push(delivery);
        after = { message: delivery.message, part: delivery.part };
      }
      if (page.length < PAGE) return waiting;
    }
  }

  /** A312 when a message of this size more would be too much. */
  obstacle(device: Device, size: number): Reply | undefined {
    const { deviceMessages, deviceBytes, messages, bytes } = this.#limits;
    const own = this.of(device);
    if (own.messages >= deviceMessages || own.bytes + size > deviceBytes) {
      return refuse('A312', `${own.messages} messages with ${own.bytes} octets of this device are held`);
    }
    if (this.#total.messages >= messages || this.#total.bytes + size > bytes) {
      const { messages: count, bytes: octets } = this.#total;
      return refuse('A312', `${count} messages with ${octets} octets of all unknown devices are held`);
    }
    return undefined;
  }

  /** Stores a message until its device is approved; answers 250 when it is on stable storage. Never throws. */
  take(
    session: SessionView,
    device: Device,
    envelope: Readonly<Envelope>,
    received: ReceivedMessage,
  ): Promise<Reply> {
    // one after another, so that no two of them make a source for the same device, or pass a bound together
    return this.#rooms.changes.run(async () => {
      try {
        const obstacle = this.obstacle(device, sizeOf(received));
        if (obstacle) return obstacle;
        const source = await this.#sourceOf(device);
        if (!source) return refuse('A302', 'the device was approved or dismissed meanwhile');
        const message = this.#message(session, source.id, envelope, received);
        await this.#rooms.spool.store(message);
        this.#count(source.id, sizeOf(message));
        this.#record(session, device, message);
        return { code: 250, enhanced: '2.0.0', text: `${message.id} held until the device is approved` };
      } catch (error) {
        if (error instanceof SpoolUnavailable) return refuse('X901', error.message);
        return refuse('X902', error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
    });
  }

  /** Waits for what is being stored; nothing is stored while `change` runs. */
  exclusively<T>(change: () => Promise<T>): Promise<T> {
    return this.#rooms.changes.run(change);
  }

  /** The pending source of a device, made when there is none; undefined when the device is no longer unknown. */
  async #sourceOf(device: Device): Promise<Source | undefined> {
    const { registry, devices } = this.#rooms;
    if (devices.ofNetwork(device.network) !== device || device.approved) return undefined;
    const known = device.source === undefined ? undefined : registry.byId(device.source);
    if (known) return known;
    const source = await registry.add({
      name: sourceNameFor(device, (name) => registry.byName(name) !== undefined),
      description: `unknown device at ${device.network}, found by discovery`,
      owner: '',
      policy: structuredClone(DEFAULT_POLICY),
      state: 'pending',
    });
    device.source = source.id;
    // before the first message: mail that was taken must be found again
    await devices.save(device);
    return source;
  }

  #message(
    session: SessionView,
    source: string,
    envelope: Readonly<Envelope>,
    { id, head, body, traits }: ReceivedMessage,
  ): NewMessage {
    const { clock, hostname } = this.#rooms;
    const receivedAt = clock.now();
    const { hello, address, extended, tls } = session;
    const received = this.#trace.received({
      hello,
      address,
      hostname,
      id,
      protocol: extended ? 'esmtp' : 'smtp',
      tls: tls && { version: tls.version, cipher: tls.cipher },
      authenticated: false,
      smtpUtf8: envelope.smtpUtf8,
      at: receivedAt,
    });
    return {
      id,
      receivedAt,
      source,
      envelope: { ...envelope },
      head: Buffer.concat([Buffer.from(received, 'latin1'), head]),
      body,
      traits,
      hold: 'approval',
    };
  }

  #count(source: string, size: number): void {
    const amount = this.#amounts.get(source) ?? { messages: 0, bytes: 0 };
    amount.messages++;
    amount.bytes += size;
    this.#amounts.set(source, amount);
    this.#total.messages++;
    this.#total.bytes += size;
  }

  #record(session: SessionView, device: Device, message: NewMessage): void {
    this.#rooms.events.write({
      type: 'acceptance',
      at: message.receivedAt,
      source: message.source,
      session: session.id,
      listener: session.listener.name,
      message: message.id,
      network: session.address,
      tls: session.tls && `${session.tls.version} ${session.tls.cipher}`,
      from: message.envelope.from,
      to: message.envelope.recipients.map(({ address }) => address),
      size: sizeOf(message),
      outcome: 'held',
      detail: { hold: 'approval', device: device.id },
    });
  }
}
