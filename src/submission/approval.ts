import { createHash } from 'node:crypto';
import { acceptedId, type Acceptance } from '../acceptance.ts';
import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type { EventSink } from '../journal/event.ts';
import type { Disk } from '../platform/disk.ts';
import type { Random } from '../platform/random.ts';
import { compilePolicy } from '../policy/compiled.ts';
import { checkRecipient, checkRecipientCount } from '../policy/recipients.ts';
import { checkEnvelopeSender } from '../policy/sender.ts';
import { isPositive, type Reply, refuse } from '../smtp/reply.ts';
import type { Device } from '../sources/discovery/device.ts';
import type { Devices } from '../sources/discovery/devices.ts';
import { fitPolicy } from '../sources/discovery/fit.ts';
import { sourceNameFor } from '../sources/discovery/name.ts';
import { seenNetworks, wholeNetwork } from '../sources/discovery/network.ts';
import { RegistryError, type SourceRegistry } from '../sources/registry.ts';
import { accountName } from '../sources/source-fields.ts';
import type { Credential, Identity, Source, SourcePolicy, StoredSecret } from '../sources/source.ts';
import type { MessageIds } from '../spool/message-id.ts';
import type { Delivery, Payload, Spool } from '../spool/spool.ts';
import { type HeldMail, waitingOf } from './held-mail.ts';
import { Reception, type ReceptionLimits, type ReceptionRooms } from './reception.ts';
import { toReply } from './rooms.ts';
import { generatePassword, hashPassword } from './secret.ts';

export interface ApprovalRooms extends ReceptionRooms {
  acceptance: Pick<Acceptance, 'accept'>;
  devices: Devices;
  disk: Pick<Disk, 'open'>;
  domains: Pick<DomainRegistry, 'isInternal'>;
  events: EventSink;
  held: HeldMail;
  ids: MessageIds;
  /** The spool with the scheduler's memory of it. */
  queue: Pick<Spool, 'payload' | 'hold' | 'remove'>;
  random: Random;
  registry: SourceRegistry;
}

/** What the person who approves wants otherwise than it was seen. */
export interface Wishes {
  name?: string;
  owner?: string;
  description?: string;
  policy?: Partial<SourcePolicy>;
  /** Absent: a password when the device tried to authenticate, its network otherwise. */
  credential?: 'network' | 'password';
  /** Of the password; absent: the one that the device tried, if it may be one. */
  account?: string;
}

/** What approval would make. */
export interface Plan {
  name: string;
  owner: string;
  description: string;
  policy: SourcePolicy;
  credential: { kind: 'network' | 'password'; account?: string; networks: string[] };
  /** What no policy can allow, or what somebody should know; one sentence each. */
  remarks: string[];
  /** Changes with policy and credential: who approves with it approves what was shown. */
  tag: string;
}

export interface Released {
  /** Identifiers under which the messages were held, and under which they go on. */
  released: { message: string; as: string }[];
  /** Held on: the reply that the source would get for them now. */
  refused: { message: string; code?: string; text: string }[];
  dropped: number;
}

export interface Approved extends Released {
  source: Source;
  credential?: Credential;
  /** Shown this once. */
  password?: string;
}

interface NewPassword {
  password: string;
  stored: StoredSecret;
}

const READ_BYTES = 262_144;
/** Octets that the relay's own trace field may have added to a held message. */
const TRACE_BYTES = 2048;

/** Decides about unknown devices: approves them as sources and lets their mail go on, or dismisses them. */
export class Approval {
  readonly #rooms: ApprovalRooms;
  readonly #limits: ReceptionLimits;

  constructor(rooms: ApprovalRooms, limits: ReceptionLimits) {
    this.#rooms = rooms;
    this.#limits = limits;
  }

  plan(device: Device, wishes: Wishes = {}): Plan {
    const { registry, domains } = this.#rooms;
    const pending = device.source === undefined ? undefined : registry.byId(device.source);
    const { policy: fitting, remarks } = fitPolicy(
      device,
      (domain) => domains.isInternal(domain),
      this.#limits.messageBytes,
    );
    const policy = { ...fitting, ...wishes.policy };
    const name =
      wishes.name ?? pending?.name ?? sourceNameFor(device, (taken) => registry.byName(taken) !== undefined);
    const credential = this.#credential(device, wishes, name, remarks);
    const tag = createHash('sha256')
      .update(JSON.stringify([policy, credential]))
      .digest('hex')
      .slice(0, 32);
    return {
      name,
      owner: wishes.owner ?? pending?.owner ?? '',
      description: wishes.description ?? pending?.description ?? `found by discovery at ${device.network}`,
      policy,
      credential,
      remarks,
      tag,
    };
  }

  /**
   * Makes the device a source and lets its held mail go on, or drops it. The mail is judged anew, by the policy that
   * was approved, and signed. Approving once more goes on where an earlier time was cut short; a message that
   * was just handed on when the relay was killed may then go twice, but none is lost.
   * @param expected `tag` of the plan that was shown
   * @param by who approves
   * @throws RegistryError when the source can not be made; then nothing has changed
   */
  async approve(
    device: Device,
    wishes: Wishes,
    held: 'release' | 'drop',
    expected?: string,
    by = 'relay',
  ): Promise<Approved> {
    const secret =
      !device.approved && this.plan(device, wishes).credential.kind === 'password'
        ? await this.#newPassword()
        : undefined;
    return this.#rooms.held.exclusively(async () => {
      const { devices, registry } = this.#rooms;
      if (devices.ofNetwork(device.network) !== device) {
        throw new RegistryError('conflict', 'the device was approved or dismissed by somebody else');
      }
      const waiting = await this.#gather(device);
      let made: Pick<Approved, 'source' | 'credential' | 'password'>;
      if (device.approved) {
        const source = registry.byId(device.source ?? '');
        if (!source) throw new RegistryError('conflict', 'its source was removed; dismiss the device');
        made = { source };
      } else {
        made = await this.#make(device, wishes, expected, secret);
      }
      // also where an earlier time was cut short before it
      if (made.source.state === 'pending') {
        const cause = { by, reason: `the device at ${device.network} was approved` };
        made.source = await registry.edit(made.source.id, { state: 'active' }, undefined, cause);
      }
      const finished = await this.#finish(device, made, held === 'release' ? waiting : 'drop');
      return { ...made, ...finished };
    });
  }

  /** Forgets a device with its pending source and held mail. @param block it is not recorded any more */
  dismiss(device: Device, block: boolean): Promise<{ dropped: number }> {
    const { devices, held, registry } = this.#rooms;
    return held.exclusively(async () => {
      if (block) await devices.block(wholeNetwork(device));
      const dropped = await this.#drop(device);
      const source = device.source === undefined ? undefined : registry.byId(device.source);
      await devices.forget(device);
      if (source?.state === 'pending') await registry.remove(source.id);
      return { dropped };
    });
  }

  /**
   * Somebody has taken the source of a device out of `pending` by hand. What it sends from now on is its own mail: only
   * what is held for approval is the device's.
   */
  async decidedByHand(source: string): Promise<void> {
    const { devices } = this.#rooms;
    const device = devices.ofSource(source);
    if (!device || device.approved) return;
    device.approved = true;
    await devices.save(device);
  }

  #credential(device: Device, wishes: Wishes, name: string, remarks: string[]): Plan['credential'] {
    const networks = seenNetworks(device);
    const { mechanisms, accounts } = device.seen;
    const triedPassword = mechanisms.seen.length > 0;
    if ((wishes.credential ?? (triedPassword ? 'password' : 'network')) === 'network') {
      return { kind: 'network', networks };
    }
    const taken = (account: string): boolean => this.#rooms.registry.byAccount(account).length > 0;
    const tried = accounts.seen.map(({ value }) => value);
    for (const account of tried.filter(taken)) {
      remarks.push(
        `it tried the account ${account}, which another source has: is that device known already?`,
      );
    }
    const free = tried.find((account) => accountName.safeParse(account).success && !taken(account));
    return { kind: 'password', account: wishes.account ?? free ?? name, networks };
  }

  async #newPassword(): Promise<NewPassword> {
    const { random } = this.#rooms;
    const password = generatePassword({ random });
    return { password, stored: await hashPassword(password, { random }) };
  }

  async #make(
    device: Device,
    wishes: Wishes,
    expected: string | undefined,
    secret: NewPassword | undefined,
  ): Promise<Pick<Approved, 'source' | 'credential' | 'password'>> {
    const { devices, registry } = this.#rooms;
    const plan = this.plan(device, wishes);
    if (expected !== undefined && expected !== plan.tag) {
      throw new RegistryError(
        'conflict',
        'the device did something new meanwhile, so that the policy would be another one now; look at it again',
        'version',
      );
    }
    if (plan.policy.pairs.length === 0) {
      throw new RegistryError(
        'invalid',
        'policy.pairs: nothing was seen that it sends as; name the addresses that it may use',
        'policy.pairs',
      );
    }
    const { kind, account, networks } = plan.credential;
    if (kind === 'password' && !secret) {
      throw new RegistryError(
        'conflict',
        'the device tried to authenticate meanwhile; look at it again',
        'version',
      );
    }
    const { name, owner, description, policy } = plan;
    const before = device.source === undefined ? undefined : registry.byId(device.source);
    const pending = before
      ? await registry.edit(before.id, { name, owner, description, policy })
      : await registry.add({ name, owner, description, policy, state: 'pending' });
    let credential: Credential;
    try {
      credential = await registry.addCredential({
        source: pending.id,
        label: 'discovery',
        state: 'active',
        networks,
        ...(kind === 'password' ? { account, secret: secret?.stored } : {}),
      });
    } catch (error) {
      if (!before) await registry.remove(pending.id);
      throw error;
    }
    // saved before it is active: the held mail is found again whatever happens now
    device.source = pending.id;
    device.approved = true;
    await devices.save(device);
    return { source: pending, credential, password: kind === 'password' ? secret?.password : undefined };
  }

  /** What waits, all of it held: the scheduler must not take it up as it is when the source becomes active. */
  async #gather(device: Device): Promise<Delivery[]> {
    const { held, queue } = this.#rooms;
    const { source } = device;
    if (source === undefined) return [];
    if (!device.approved) await queue.hold({ source, state: 'queued' }, 'approval');
    return held.messages(device);
  }

  async #finish(
    device: Device,
    { source, credential }: Pick<Approved, 'source' | 'credential'>,
    waiting: Delivery[] | 'drop',
  ): Promise<Released> {
    const outcome: Released = { released: [], refused: [], dropped: 0 };
    if (waiting === 'drop') outcome.dropped = await this.#drop(device);
    else {
      const proof = credential ?? this.#rooms.registry.credentials(source.id)[0];
      if (proof)
        await this.#release(device, { source, credential: proof, method: 'network' }, waiting, outcome);
    }
    const left = await this.#rooms.held.recount(device);
    if (left.messages === 0) await this.#rooms.devices.forget(device);
    return outcome;
  }

  async #release(device: Device, identity: Identity, waiting: Delivery[], outcome: Released): Promise<void> {
    const { queue, events } = this.#rooms;
    // its rates are for what comes; what waited comes all at once
    const source = { ...identity.source, policy: { ...identity.source.policy, limits: [] } };
    for (const { message, receivedAt } of waiting) {
      let reply: Reply | undefined;
      try {
        const payload = await queue.payload(message);
        if (!payload) continue;
        reply = await this.#replay(device, { ...identity, source }, payload);
        if (isPositive(reply)) await queue.remove({ message });
      } catch (error) {
        // the other messages, and a password that was made and is shown only once, must not be lost by it
        const twice = reply
          ? `; it goes on as ${acceptedId(reply)}, and would go twice if released again`
          : '';
        reply = refuse('X901', `${error instanceof Error ? error.message : String(error)}${twice}`);
      }
      if (!isPositive(reply)) {
        const text = reply.explanation ?? String(reply.text);
        outcome.refused.push({ message, code: reply.refusal, text });
        continue;
      }
      const as = acceptedId(reply);
      outcome.released.push({ message, as });
      const common = { type: 'change', source: source.id, outcome: 'released' } as const;
      events.write({ ...common, message, text: `the device was approved; the message goes on as ${as}` });
      const since = new Date(receivedAt).toISOString();
      events.write({ ...common, message: as, text: `it was held for approval as ${message} since ${since}` });
    }
  }

  /** A held message, as if it came now from the approved source. */
  async #replay(device: Device, identity: Identity, { envelope, head, body }: Payload): Promise<Reply> {
    const { acceptance, domains, ids } = this.#rooms;
    const { source } = identity;
    const policy = compilePolicy(source.policy);
    const sender = checkEnvelopeSender(policy, envelope.from);
    if (sender) return toReply(sender);
    for (const [count, { address }] of envelope.recipients.entries()) {
      const refusal = checkRecipientCount(policy, count) ?? checkRecipient(policy, address, domains);
      if (refusal) return toReply(refusal);
    }
    const most = source.policy.maxSize || this.#limits.messageBytes;
    const reception = new Reception(
      ids.next(),
      { ...this.#limits, messageBytes: most + TRACE_BYTES },
      this.#rooms,
      (received) =>
        acceptance.accept(
          {
            identity,
            listener: device.seen.listeners.seen[0]?.value,
            address: device.seen.addresses.seen[0]?.value ?? '',
            hello: device.seen.hellos.seen[0]?.value ?? '',
            protocol: 'esmtp',
            authenticated: false,
          },
          envelope,
          received,
        ),
    );
    try {
      await reception.write(Buffer.from(head));
      if (body.kind === 'memory') await reception.write(Buffer.from(body.bytes));
      else await this.#read(body.path, reception);
    } catch (error) {
      reception.abort();
      return refuse('X901', error instanceof Error ? error.message : String(error));
    }
    return reception.end();
  }

  async #read(path: string, reception: Reception): Promise<void> {
    const file = await this.#rooms.disk.open(path, 'read');
    try {
      for (let position = 0; ; ) {
        const chunk = Buffer.allocUnsafeSlow(READ_BYTES);
        const count = await file.read(chunk, position);
        if (count === 0) return;
        await reception.write(chunk.subarray(0, count));
        position += count;
      }
    } finally {
      await file.close();
    }
  }

  async #drop(device: Device): Promise<number> {
    const { held, queue } = this.#rooms;
    if (device.source === undefined) return 0;
    const { messages } = held.of(device);
    await queue.remove(waitingOf(device));
    await held.recount(device);
    return messages;
  }
}
