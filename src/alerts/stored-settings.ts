import { RegistryError } from '../sources/registry.ts';
import { check } from '../sources/source-fields.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ControlStore } from '../store/control.ts';
import type { Seal } from '../store/seal.ts';
import { Serial } from '../store/serial.ts';
import type { Alert } from './alert.ts';
import { type Channel, channelFields } from './channel.ts';
import { newSecret, openSecrets, sealSecrets, withKeptSecrets } from './channel-secrets.ts';
import { type Mute, muteFields, mutes, type NewMute } from './mute.ts';
import { builtInRules, type Rule, ruleFields } from './rule.ts';

const MOST_RULES = 200;
const MOST_CHANNELS = 50;
const MOST_MUTES = 1000;

/** Rules, channels and mutes: in memory to work with, in the control store for good, secrets sealed there. */
export class StoredAlertSettings {
  readonly #db: ControlStore;
  readonly #seal: Seal;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #changes = new Serial();
  readonly #rules = new Map<string, Rule>();
  readonly #channels = new Map<string, Channel>();
  #mutes: Mute[] = [];
  readonly #listeners: (() => void)[] = [];

  constructor(db: ControlStore, seal: Seal, clock: Clock, random: Random) {
    this.#db = db;
    this.#seal = seal;
    this.#clock = clock;
    this.#random = random;
  }

  /** @throws when a secret was sealed under another key. */
  async open(): Promise<void> {
    for (const rule of builtInRules()) this.#rules.set(rule.name, rule);
    for (const { name, definition } of await this.#db.selectFrom('alert_rules').selectAll().execute()) {
      this.#rules.set(name, ruleFields.parse(JSON.parse(definition)));
    }
    for (const { name, definition } of await this.#db.selectFrom('alert_channels').selectAll().execute()) {
      try {
        const opened = openSecrets(JSON.parse(definition) as Channel, this.#seal);
        this.#channels.set(name, channelFields.parse(opened));
      } catch (error) {
        throw new Error(
          `alert channel ${name} can not be read: the sealing key is another one, or the control data was altered`,
          { cause: error },
        );
      }
    }
    const rows = await this.#db.selectFrom('alert_mutes').select('definition').execute();
    this.#mutes = rows.map(({ definition }) => JSON.parse(definition) as Mute);
  }

  /** Rules or channels have changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  rules(): Rule[] {
    return [...this.#rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  rule(name: string): Rule | undefined {
    return this.#rules.get(name);
  }

  /** @throws RegistryError `invalid` */
  setRule(fields: unknown, still: () => void = () => {}): Promise<Rule> {
    return this.#changes.run(async () => {
      const rule = check(ruleFields, fields);
      still();
      const unknown = rule.channels.find((channel) => !this.#channels.has(channel));
      if (unknown !== undefined) {
        throw new RegistryError('invalid', `channels: there is no channel ${unknown}`, 'channels');
      }
      const standard = standardRule(rule.name);
      if (standard && standard.when.kind !== rule.when.kind) {
        const text = `when.kind: the built-in rule ${rule.name} is about ${standard.when.kind}; give another rule another name`;
        throw new RegistryError('invalid', text, 'when.kind');
      }
      if (!this.#rules.has(rule.name) && this.#rules.size >= MOST_RULES) {
        throw new RegistryError('invalid', `there are ${MOST_RULES} rules already`, 'name');
      }
      await this.#upsert('alert_rules', rule.name, JSON.stringify(rule));
      this.#rules.set(rule.name, rule);
      this.#changed();
      return rule;
    });
  }

  /** Removes a rule; a built-in one becomes what it was. */
  removeRule(name: string, still: () => void = () => {}): Promise<void> {
    return this.#changes.run(async () => {
      if (!this.#rules.has(name)) throw new RegistryError('not-found', `there is no rule ${name}`);
      still();
      await this.#db.deleteFrom('alert_rules').where('name', '=', name).execute();
      const standard = standardRule(name);
      if (standard) this.#rules.set(name, standard);
      else this.#rules.delete(name);
      this.#changed();
    });
  }

  channels(): Channel[] {
    return [...this.#channels.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  channel(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  /** Answers also the signing secret when a new one was made. @throws RegistryError `invalid` */
  setChannel(
    fields: unknown,
    still: () => void = () => {},
  ): Promise<{ channel: Channel; newSecret?: string }> {
    return this.#changes.run(async () => {
      const wanted = check(channelFields, fields);
      still();
      if (!this.#channels.has(wanted.name) && this.#channels.size >= MOST_CHANNELS) {
        throw new RegistryError('invalid', `there are ${MOST_CHANNELS} channels already`, 'name');
      }
      let channel = withKeptSecrets(wanted, this.#channels.get(wanted.name));
      let made: string | undefined;
      if (channel.settings.kind === 'webhook' && channel.settings.secret === undefined) {
        made = newSecret(this.#random);
        channel = { ...channel, settings: { ...channel.settings, secret: made } };
      }
      await this.#upsert('alert_channels', channel.name, JSON.stringify(sealSecrets(channel, this.#seal)));
      this.#channels.set(channel.name, channel);
      this.#changed();
      return { channel, newSecret: made };
    });
  }

  removeChannel(name: string, still: () => void = () => {}): Promise<void> {
    return this.#changes.run(async () => {
      if (!this.#channels.has(name)) throw new RegistryError('not-found', `there is no channel ${name}`);
      still();
      const user = this.rules().find(({ channels }) => channels.includes(name));
      if (user) {
        throw new RegistryError(
          'conflict',
          `rule ${user.name} sends to channel ${name}; change the rule first`,
        );
      }
      await this.#db.deleteFrom('alert_channels').where('name', '=', name).execute();
      this.#channels.delete(name);
      this.#changed();
    });
  }

  /** Those that hold now. */
  mutes(): Mute[] {
    const now = this.#clock.now();
    return this.#mutes.filter(({ until }) => now < until);
  }

  isMuted(alert: Alert): boolean {
    if (this.#mutes.length === 0) return false;
    const now = this.#clock.now();
    return this.#mutes.some((mute) => mutes(mute, alert, now));
  }

  /** @throws RegistryError `invalid` */
  addMute(fields: NewMute, by: string): Promise<Mute> {
    return this.#changes.run(async () => {
      const wanted = check(muteFields, fields);
      const now = this.#clock.now();
      if (wanted.until <= now) throw new RegistryError('invalid', 'until: is in the past', 'until');
      await this.#forgetEnded(now);
      if (this.#mutes.length >= MOST_MUTES) {
        throw new RegistryError('invalid', `there are ${MOST_MUTES} mutes already`);
      }
      const mute: Mute = { ...wanted, id: identifier('mut', this.#random), createdAt: now, by };
      await this.#db
        .insertInto('alert_mutes')
        .values({ id: mute.id, definition: JSON.stringify(mute), until: mute.until })
        .execute();
      this.#mutes.push(mute);
      return mute;
    });
  }

  removeMute(id: string): Promise<Mute> {
    return this.#changes.run(async () => {
      const mute = this.#mutes.find((one) => one.id === id);
      if (!mute) throw new RegistryError('not-found', `there is no mute ${id}`);
      await this.#db.deleteFrom('alert_mutes').where('id', '=', id).execute();
      this.#mutes = this.#mutes.filter((one) => one !== mute);
      return mute;
    });
  }

  async #forgetEnded(now: number): Promise<void> {
    await this.#db.deleteFrom('alert_mutes').where('until', '<=', now).execute();
    this.#mutes = this.#mutes.filter(({ until }) => now < until);
  }

  async #upsert(table: 'alert_rules' | 'alert_channels', name: string, definition: string): Promise<void> {
    const row = { definition, updated_at: this.#clock.now() };
    await this.#db
      .insertInto(table)
      .values({ name, ...row })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

const standardRule = (name: string): Rule | undefined => builtInRules().find((rule) => rule.name === name);

/** Crockford's base 32 without letters that look like digits, as other identifiers. @param prefix three letters */
export function identifier(prefix: string, random: Random): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  const letters = [...random.bytes(16)].map((byte) => alphabet[byte & 31]);
  return `${prefix}_${letters.join('')}`;
}
