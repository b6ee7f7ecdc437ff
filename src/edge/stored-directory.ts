import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { RegistryError } from '../sources/registry.ts';
import { check } from '../sources/source-fields.ts';
import type { ControlStore } from '../store/control.ts';
import { Serial } from '../store/serial.ts';
import { Settings } from '../store/settings.ts';
import { isWithin } from './connector.ts';
import {
  connectorFields,
  DEFAULT_SETTINGS,
  domainFields,
  type EdgeSettings,
  safeSenderFields,
  settingsFields,
} from './fields.ts';
import { StoredRecipients } from './stored-recipients.ts';
import { type AcceptedDomain, acceptedDomain, type InboundConnector, type Tenant } from './tenant.ts';

const SETTING = 'edge';
const MOST_DOMAINS = 2000;
const MOST_CONNECTORS = 500;
const MOST_SAFE_SENDERS = 2000;

export interface SafeSender {
  /** An address, or a domain with its subdomains. */
  entry: string;
  note: string;
  createdAt: number;
}

/**
 * Who the organization is at the edge: in the control store for good, and in memory as one tenant that is never
 * changed, only replaced, so that every decision is made by one state of the settings.
 */
export class StoredDirectory {
  readonly recipients: StoredRecipients;
  readonly #db: ControlStore;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #changes = new Serial();
  #tenants: readonly [Tenant];
  #safeSenders: readonly SafeSender[] = [];

  constructor(db: ControlStore, clock: Clock, random: Random) {
    this.#db = db;
    this.#settings = new Settings(db);
    this.#clock = clock;
    this.#random = random;
    this.recipients = new StoredRecipients(db, clock);
    this.#tenants = [tenantOf('', DEFAULT_SETTINGS)];
  }

  async open(): Promise<void> {
    const { id, ...stored } = JSON.parse((await this.#settings.get(SETTING)) ?? '{}') as Partial<
      EdgeSettings & { id: string }
    >;
    const settings = check(settingsFields, { ...DEFAULT_SETTINGS, ...stored });
    const domains = await this.#db.selectFrom('edge_domains').selectAll().orderBy('name').execute();
    const connectors = await this.#db.selectFrom('edge_connectors').selectAll().orderBy('id').execute();
    const safe = await this.#db.selectFrom('edge_safe_senders').selectAll().orderBy('entry').execute();
    this.#tenants = [
      {
        ...tenantOf(id ?? guid(this.#random), settings),
        domains: domains.map(({ name, type, match_sub_domains }) => ({
          name,
          type: type as AcceptedDomain['type'],
          matchSubDomains: match_sub_domains === 1,
        })),
        connectors: connectors.map(({ definition }) => JSON.parse(definition) as InboundConnector),
      },
    ];
    this.#useSafeSenders(safe.map(({ entry, note, created_at }) => ({ entry, note, createdAt: created_at })));
    if (id === undefined) await this.#writeSettings(settings);
    await this.recipients.open();
  }

  /** The same array and the same values until something changes. */
  tenants(): readonly [Tenant] {
    return this.#tenants;
  }

  get tenant(): Tenant {
    return this.#tenants[0];
  }

  settings(): EdgeSettings {
    const { name, organization } = this.tenant;
    const { safeSenders: _, mxPointsHere: __, ...settings } = organization;
    return { name, ...settings, trustedSealers: [...organization.trustedSealers] };
  }

  /** @throws RegistryError `invalid` */
  setSettings(settings: EdgeSettings): Promise<void> {
    return this.#changes.run(async () => {
      const valid = check(settingsFields, settings);
      await this.#writeSettings(valid);
      const { name, ...changed } = valid;
      this.#replace({ name, organization: { ...this.tenant.organization, ...changed } });
    });
  }

  domain(name: string): AcceptedDomain | undefined {
    return this.tenant.domains.find((one) => one.name === name);
  }

  /** Adds the domain, or takes the place of the one of that name. @throws RegistryError `invalid` */
  setDomain(domain: AcceptedDomain): Promise<AcceptedDomain> {
    return this.#changes.run(async () => {
      const valid = check(domainFields, domain);
      const others = this.tenant.domains.filter(({ name }) => name !== valid.name);
      refuseMoreThan(MOST_DOMAINS, others.length, 'accepted domains');
      const { name, type, matchSubDomains } = valid;
      const row = { type, match_sub_domains: matchSubDomains ? 1 : 0, updated_at: this.#clock.now() };
      await this.#db
        .insertInto('edge_domains')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
      this.#replace({ domains: sorted([...others, valid], (one) => one.name) });
      return valid;
    });
  }

  /**
   * Removes the domain; what comes for it is nobody's from then on.
   * @param withRecipients removes its listed recipients too
   * @returns how many listed recipients went with it
   * @throws RegistryError `not-found`; `conflict` when there are listed recipients that would be nobody's
   */
  removeDomain(name: string, withRecipients: boolean): Promise<number> {
    return this.#changes.run(async () => {
      if (!this.domain(name)) throw new RegistryError('not-found', `there is no accepted domain ${name}`);
      const domains = this.tenant.domains.filter((one) => one.name !== name);
      const left = { ...this.tenant, domains };
      const orphans = this.recipients
        .domains()
        .filter((one) => isWithin(one, name) && !acceptedDomain(left, one));
      const count = orphans.reduce((sum, one) => sum + this.recipients.countOf(one), 0);
      if (count > 0 && !withRecipients) {
        throw new RegistryError(
          'conflict',
          `${name} has ${count} listed recipients; remove them with it (recipients=remove, or --with-recipients), or first`,
          'recipients',
        );
      }
      await this.#db.deleteFrom('edge_domains').where('name', '=', name).execute();
      this.#replace({ domains });
      for (const one of orphans) await this.recipients.removeDomain(one);
      return count;
    });
  }

  /** By name, in any case. */
  connector(name: string): InboundConnector | undefined {
    return this.tenant.connectors.find((one) => idOf(one.name) === idOf(name));
  }

  /** Adds the connector, or takes the place of the one of that name. @throws RegistryError `invalid` */
  setConnector(connector: InboundConnector): Promise<InboundConnector> {
    return this.#changes.run(async () => {
      const { certificateName, ...fields } = check(connectorFields, connector);
      const valid: InboundConnector = {
        ...fields,
        ...(certificateName !== undefined && { certificateName }),
      };
      this.#refuseForeignCertificate(valid);
      const id = idOf(valid.name);
      const others = this.tenant.connectors.filter(({ name }) => idOf(name) !== id);
      refuseMoreThan(MOST_CONNECTORS, others.length, 'connectors');
      const row = { definition: JSON.stringify(valid), updated_at: this.#clock.now() };
      await this.#db
        .insertInto('edge_connectors')
        .values({ id, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute();
      this.#replace({ connectors: sorted([...others, valid], ({ name }) => idOf(name)) });
      return valid;
    });
  }

  /** @throws RegistryError `not-found` */
  removeConnector(name: string): Promise<void> {
    return this.#changes.run(async () => {
      const found = this.connector(name);
      if (!found) throw new RegistryError('not-found', `there is no connector ${JSON.stringify(name)}`);
      await this.#db.deleteFrom('edge_connectors').where('id', '=', idOf(found.name)).execute();
      this.#replace({ connectors: this.tenant.connectors.filter((one) => one !== found) });
    });
  }

  safeSenders(): readonly SafeSender[] {
    return this.#safeSenders;
  }

  /** Adds the entry, or changes the note of the one that there is. @throws RegistryError `invalid` */
  setSafeSender(sender: Pick<SafeSender, 'entry' | 'note'>): Promise<SafeSender> {
    return this.#changes.run(async () => {
      const { entry, note } = check(safeSenderFields, sender);
      const before = this.#safeSenders.find((one) => one.entry === entry);
      const others = this.#safeSenders.filter((one) => one !== before);
      refuseMoreThan(MOST_SAFE_SENDERS, others.length, 'safe senders');
      const valid = { entry, note, createdAt: before?.createdAt ?? this.#clock.now() };
      await this.#db
        .insertInto('edge_safe_senders')
        .values({ entry, note, created_at: valid.createdAt })
        .onConflict((conflict) => conflict.column('entry').doUpdateSet({ note }))
        .execute();
      this.#useSafeSenders(sorted([...others, valid], (one) => one.entry));
      return valid;
    });
  }

  /** @throws RegistryError `not-found` */
  removeSafeSender(text: string): Promise<SafeSender> {
    return this.#changes.run(async () => {
      const { entry } = check(safeSenderFields, { entry: text });
      const before = this.#safeSenders.find((one) => one.entry === entry);
      if (!before) throw new RegistryError('not-found', `${entry} is not among the safe senders`);
      await this.#db.deleteFrom('edge_safe_senders').where('entry', '=', entry).execute();
      this.#useSafeSenders(this.#safeSenders.filter((one) => one !== before));
      return before;
    });
  }

  /** Attribution takes a certificate of own servers only for an accepted domain (./attribution.ts). */
  #refuseForeignCertificate({ type, certificateName }: InboundConnector): void {
    if (type !== 'on-premises' || certificateName === undefined) return;
    const domain = certificateName.replace(/^\*\./, '');
    if (this.tenant.domains.some(({ name }) => isWithin(domain, name))) return;
    throw new RegistryError(
      'invalid',
      `certificateName: ${certificateName} is in none of the accepted domains, so it would never count for own servers; add its domain first (postern edge domain add), or use a partner connector`,
      'certificateName',
    );
  }

  #writeSettings(settings: EdgeSettings): Promise<void> {
    const value = JSON.stringify({ id: this.tenant.id, ...settings });
    return this.#settings.set(SETTING, value, this.#clock.now());
  }

  #useSafeSenders(safeSenders: readonly SafeSender[]): void {
    this.#safeSenders = safeSenders;
    const { organization } = this.tenant;
    this.#replace({ organization: { ...organization, safeSenders: safeSenders.map(({ entry }) => entry) } });
  }

  #replace(changes: Partial<Tenant>): void {
    this.#tenants = [{ ...this.tenant, ...changes }];
  }
}

function tenantOf(id: string, { name, ...settings }: EdgeSettings): Tenant {
  // only a lab can stand behind somebody else's front door
  const organization = { ...settings, mxPointsHere: true, safeSenders: [] };
  return { id, name, domains: [], connectors: [], organization };
}

function idOf(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function sorted<T>(values: T[], key: (value: T) => string): T[] {
  return values.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function refuseMoreThan(most: number, others: number, what: string): void {
  if (others >= most) throw new RegistryError('invalid', `there can be ${most} ${what}, and there are`);
}

/** RFC 9562 §5.4 */
function guid(random: Random): string {
  const octets = random.bytes(16);
  octets.writeUInt8((octets.readUInt8(6) & 0x0f) | 0x40, 6);
  octets.writeUInt8((octets.readUInt8(8) & 0x3f) | 0x80, 8);
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
