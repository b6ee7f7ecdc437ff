/**
 * Sessions that nobody knows, on a listener that learns: what they do is recorded, and their mail is held for approval
 * or refused. Who is known, or is not in a network that is named for learning, never comes here.
 */
import { BlockList, isIPv6 } from 'node:net';
import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type { EventSink } from '../journal/event.ts';
import type { Envelope, Recipient } from '../message/envelope.ts';
import { readFrom } from '../message/from-header.ts';
import { HeaderIndex } from '../message/headers.ts';
import { sizeOf } from '../message/content.ts';
import type { Clock } from '../platform/clock.ts';
import { compilePolicy } from '../policy/compiled.ts';
import { comparable, foldCase } from '../policy/pattern.ts';
import { checkRecipient } from '../policy/recipients.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type { MailCommand, MessageReceiver, SessionView, TlsFailure } from '../smtp/server/handler.ts';
import { type Device, note, noteMessage } from '../sources/discovery/device.ts';
import type { Devices } from '../sources/discovery/devices.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { HeadReception } from './head-reception.ts';
import type { HeldMail } from './held-mail.ts';
import { deviceNetwork } from '../sources/discovery/network.ts';
import { Reception, type ReceivedMessage, type ReceptionLimits, type ReceptionRooms } from './reception.ts';
import { toReply } from './rooms.ts';
import type { MessageIds } from '../spool/message-id.ts';

export type LearnMode = 'hold' | 'refuse';

export interface LearningListener {
  name: string;
  learn: 'off' | LearnMode;
  /** CIDR blocks; none: it learns from nobody. */
  learnFrom: readonly string[];
}

export interface StrangerRooms extends ReceptionRooms {
  clock: Clock;
  devices: Devices;
  domains: Pick<DomainRegistry, 'isInternal'>;
  events: EventSink;
  held: HeldMail;
  ids: MessageIds;
  registry: Pick<SourceRegistry, 'byNetwork'>;
}

export interface StrangerLimits extends ReceptionLimits {
  headerFields: number;
  /** Messages that strangers may send at the same time. */
  receptions: number;
}

/** What is remembered of a session until it is known whether it is a stranger's. */
interface Visit {
  device?: Device;
  /** Mechanism and account of each failed AUTH. */
  attempts: [mechanism: string, account: string | undefined][];
  refusals: string[];
  tlsFailure?: string;
}

const MOST_ATTEMPTS = 8;
/** Alarms of new devices within this time become one. */
const FOLD_MS = 600_000;
const ANYBODY = compilePolicy({ ...DEFAULT_POLICY, recipients: { allow: 'any', patterns: [] } });

export class Strangers {
  readonly #rooms: StrangerRooms;
  readonly #limits: StrangerLimits;
  readonly #learning = new Map<string, { mode: LearnMode; networks: BlockList }>();
  readonly #visits = new WeakMap<SessionView, Visit>();
  /** Open sessions of each device. */
  readonly #open = new WeakMap<Device, { sessions: number }>();
  #receptions = 0;
  #alarmedAt = Number.NEGATIVE_INFINITY;
  #unannounced = 0;

  constructor(rooms: StrangerRooms, limits: StrangerLimits, listeners: readonly LearningListener[]) {
    this.#rooms = rooms;
    this.#limits = limits;
    for (const { name, learn, learnFrom } of listeners) {
      if (learn === 'off') continue;
      const networks = new BlockList();
      for (const network of learnFrom) {
        const [base = '', bits] = network.split('/');
        networks.addSubnet(base, Number(bits), isIPv6(base) ? 'ipv6' : 'ipv4');
      }
      this.#learning.set(name, { mode: learn, networks });
    }
  }

  /** AUTH failed. It counts when the session turns out to be a stranger's: a slip of a known source does not. */
  tried(session: SessionView, mechanism: string, account: string | undefined): void {
    if (this.#modeOf(session) === undefined) return;
    const { attempts } = this.#visitOf(session);
    if (attempts.length < MOST_ATTEMPTS) attempts.push([mechanism, account]);
  }

  refused(session: SessionView, code: string | undefined): void {
    if (code === undefined || this.#modeOf(session) === undefined) return;
    const visit = this.#visitOf(session);
    if (visit.device) note(visit.device, 'refusals', code);
    else if (visit.refusals.length < MOST_ATTEMPTS) visit.refusals.push(code);
  }

  tlsFailed(session: SessionView, { code, offeredVersions = [], serverName }: TlsFailure): void {
    if (this.#modeOf(session) === undefined) return;
    const offered = offeredVersions.length > 0 ? `, offered ${offeredVersions.join(' ')}` : '';
    this.#visitOf(session).tlsFailure = `${code}${offered}${serverName ? `, for ${serverName}` : ''}`;
  }

  /** MAIL of a session without identity: `refusal` stays the answer unless it is a stranger's to learn from. */
  mail(session: SessionView, { size }: MailCommand, refusal: Reply): Reply | undefined {
    const mode = refusal.refusal === 'A302' ? this.#modeOf(session) : undefined;
    const device = mode && this.#record(session);
    if (!mode || !device) return refusal;
    if (size > this.#limits.messageBytes) return refuse('M601', `SIZE=${size}`);
    return mode === 'hold' ? this.#rooms.held.obstacle(device, size) : undefined;
  }

  /** Whom a stranger writes to does not matter yet, but what could make another host relay is refused to anybody. */
  recipient(recipient: Recipient): Reply | undefined {
    const refusal = checkRecipient(ANYBODY, recipient.address, this.#rooms.domains);
    return refusal && toReply(refusal);
  }

  /** The receiver of a stranger's message; undefined when the session is none. */
  message(session: SessionView, envelope: Readonly<Envelope>): MessageReceiver | Reply | undefined {
    const device = this.#visits.get(session)?.device;
    const mode = this.#modeOf(session);
    if (!device || !mode || session.identity !== undefined) return undefined;
    if (this.#receptions >= this.#limits.receptions) {
      return refuse('A312', `${this.#receptions} messages of unknown devices are arriving now`);
    }
    const receiver =
      mode === 'refuse'
        ? new HeadReception(this.#limits, (head, size) => this.#refuse(session, device, envelope, head, size))
        : new Reception(this.#rooms.ids.next(), this.#limits, this.#rooms, (message) =>
            this.#hold(session, device, envelope, message),
          );
    this.#receptions++;
    return new Counted(receiver, () => this.#receptions--);
  }

  closed(session: SessionView): void {
    const visit = this.#visits.get(session);
    // it came, and went before MAIL: a refused password or a failed handshake is the usual reason
    const came = session.hello !== '' || visit?.tlsFailure !== undefined;
    if (!visit?.device && session.identity === undefined && came && this.#modeOf(session))
      this.#record(session);
    const device = this.#visits.get(session)?.device;
    this.#visits.delete(session);
    const open = device && this.#open.get(device);
    if (open) open.sessions--;
  }

  /** Tells of the devices that were folded into no alarm yet; call it now and then. */
  announceFolded(): void {
    const { clock, events } = this.#rooms;
    if (this.#unannounced === 0 || clock.monotonic() - this.#alarmedAt < FOLD_MS) return;
    const count = this.#unannounced;
    this.#unannounced = 0;
    this.#alarmedAt = clock.monotonic();
    events.write({
      type: 'alarm',
      code: 'unknown-device',
      outcome: 'info',
      text: `${count} more unknown devices wait for approval: postern discovery list`,
      detail: { count },
    });
  }

  #modeOf({ listener, address }: SessionView): LearnMode | undefined {
    const learning = this.#learning.get(listener.name);
    if (!learning?.networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return undefined;
    const { registry, devices } = this.#rooms;
    // known by its network, whatever this listener takes and whatever state the source is in
    if (registry.byNetwork(address).length > 0 || devices.isBlocked(address)) return undefined;
    return learning.mode;
  }

  #visitOf(session: SessionView): Visit {
    let visit = this.#visits.get(session);
    if (!visit) this.#visits.set(session, (visit = { attempts: [], refusals: [] }));
    return visit;
  }

  /** The device of the session, with what is known of the session by now. */
  #record(session: SessionView): Device | undefined {
    const { devices } = this.#rooms;
    const visit = this.#visitOf(session);
    const before = devices.ofNetwork(deviceNetwork(session.address));
    const device = devices.see(deviceNetwork(session.address));
    if (!device) return undefined;
    if (device !== visit.device) {
      visit.device = device;
      device.connections++;
      note(device, 'addresses', session.address);
      note(device, 'listeners', session.listener.name);
      const { tls } = session;
      if (tls) note(device, 'tls', `${tls.version} ${tls.cipher}`);
      if (tls?.serverName) note(device, 'serverNames', tls.serverName);
      if (visit.tlsFailure !== undefined) note(device, 'tlsFailures', visit.tlsFailure);
      const open = this.#open.get(device) ?? { sessions: 0 };
      this.#open.set(device, open);
      device.mostConnections = Math.max(device.mostConnections, ++open.sessions);
      if (session.hello !== '') note(device, 'hellos', session.hello);
    }
    for (const [mechanism, account] of visit.attempts.splice(0)) {
      note(device, 'mechanisms', mechanism);
      if (account !== undefined) note(device, 'accounts', account);
    }
    for (const code of visit.refusals.splice(0)) note(device, 'refusals', code);
    devices.touch(device);
    if (device !== before) this.#announce(session, device);
    return device;
  }

  #announce(session: SessionView, device: Device): void {
    const { clock, events } = this.#rooms;
    if (clock.monotonic() - this.#alarmedAt < FOLD_MS) {
      this.#unannounced++;
      return;
    }
    this.#alarmedAt = clock.monotonic();
    events.write({
      type: 'alarm',
      code: 'unknown-device',
      outcome: 'info',
      session: session.id,
      listener: session.listener.name,
      network: session.address,
      text: `an unknown device at ${device.network} was recorded: postern discovery show ${device.network}`,
      detail: { device: device.id, hello: session.hello },
    });
  }

  async #refuse(
    session: SessionView,
    device: Device,
    envelope: Readonly<Envelope>,
    head: Buffer,
    size: number,
  ): Promise<Reply> {
    return (
      this.#note(session, device, envelope, head, size) ??
      refuse('A311', `recorded as ${device.id}; postern discovery approve ${device.network}`)
    );
  }

  async #hold(
    session: SessionView,
    device: Device,
    envelope: Readonly<Envelope>,
    message: ReceivedMessage,
  ): Promise<Reply> {
    const { held, spool } = this.#rooms;
    let taken = false;
    try {
      const size = sizeOf(message);
      const refusal = this.#note(session, device, envelope, message.head, size);
      if (refusal) return refusal;
      const reply = await held.take(session, device, envelope, message);
      taken = reply.code < 400;
      return reply;
    } finally {
      if (!taken && message.body.kind === 'file') await spool.discardBody(message.body);
    }
  }

  /** Remembers a message; a refusal when it could be taken from nobody. */
  #note(
    session: SessionView,
    device: Device,
    envelope: Readonly<Envelope>,
    head: Buffer,
    size: number,
  ): Reply | undefined {
    const index = new HeaderIndex(head, this.#limits);
    if (index.fault) return refuse('M603', `${index.fault.kind} at octet ${index.fault.at}`);
    const reading = readFrom(index);
    if (reading?.ok === false) return refuse(reading.code, reading.reason);
    const author = reading && `${foldCase(reading.mailbox.local)}@${reading.mailbox.domain}`;
    if (author === undefined && envelope.from === '') return refuse('M605', 'neither From nor MAIL FROM');
    noteMessage(
      device,
      {
        envelopeFrom: inFull(envelope.from),
        headerFrom: author,
        recipients: envelope.recipients.map(({ address }) => inFull(address)),
        size,
        tls: session.tls !== undefined,
      },
      this.#rooms.clock.now(),
    );
    this.#rooms.devices.touch(device);
    return undefined;
  }
}

/** As policies compare it; what is no full address stays as it is. */
function inFull(address: string): string {
  const parts = comparable(address);
  return parts ? `${parts.local}@${parts.domain}` : address;
}

/** A receiver whose end is told once, however it ends. */
class Counted implements MessageReceiver {
  readonly #receiver: MessageReceiver;
  #ended: (() => void) | undefined;

  constructor(receiver: MessageReceiver, ended: () => void) {
    this.#receiver = receiver;
    this.#ended = ended;
  }

  write(chunk: Buffer): void | Promise<void> {
    return this.#receiver.write(chunk);
  }

  async end(): Promise<Reply> {
    try {
      return await this.#receiver.end();
    } finally {
      this.#finish();
    }
  }

  abort(): void {
    this.#receiver.abort();
    this.#finish();
  }

  #finish(): void {
    this.#ended?.();
    this.#ended = undefined;
  }
}
