import { recordName, recordText } from '../authentication/dkim/keys.ts';
import type { SigningDomain } from '../authentication/dkim/domain.ts';
import type { InboundConnector, Tenant } from '../edge/tenant.ts';
import type { Archive } from './archive.ts';
import type { Arrival } from './arrival.ts';
import { issueCertificate } from './certificates.ts';
import { NameServer } from './dns/name-server.ts';
import { Zone } from './dns/zone.ts';
import {
  type FrontDoorAccess,
  type FrontDoorOutcome,
  type Lab,
  type LabCertificate,
  type LabDns,
  LabError,
  type LabKey,
  type LabLanguage,
  type Mailbox,
  type MessageFilter,
  type RelayAccess,
  type Setting,
  type SigningParty,
  type StoredMessage,
} from './lab.ts';
import {
  changeSetting,
  type RefuseAt,
  type SettingsScope,
  settingsOf,
  withConnector,
  withDomain,
  withoutConnector,
} from './settings.ts';
import { firstSettings, keyRecords, type LabSecrets, type LabSettings, saveSettings } from './state.ts';
import { historicalReport, type HistoricalSearch } from './trace/historical-search.ts';
import { detailRows, traceRows } from './trace/rows.ts';
import type { MessageTrace, TraceDetail, TraceFilter } from './trace/trace.ts';
import { MAILBOXES, PRINTER } from './world.ts';

export interface RunningLabOptions {
  folder: string;
  language: LabLanguage;
  settings: LabSettings;
  secrets: LabSecrets;
  archive: Archive;
}

/** Client certificates that are kept; one more makes room. */
const MOST_CERTIFICATES = 50;

/** The state of a lab, with everything that acts on it. Servers are wired to it from outside. */
export class RunningLab implements Lab {
  readonly folder: string;
  readonly language: LabLanguage;
  readonly authority: string;
  readonly dns: LabDns;
  readonly nameServer: NameServer;
  readonly #secrets: LabSecrets;
  readonly #archive: Archive;
  readonly #zone: Zone;
  readonly #certificates = new Map<string, Promise<LabCertificate>>();
  readonly #listeners = new Set<(outcome: FrontDoorOutcome) => void>();
  #tenants: readonly Tenant[];
  #refuseAt: RefuseAt;
  #frontDoor: FrontDoorAccess | undefined;
  #relay: RelayAccess | undefined;
  #signing: () => readonly SigningDomain[] = () => [];

  constructor({ folder, language, settings, secrets, archive }: RunningLabOptions) {
    this.folder = folder;
    this.language = language;
    this.authority = secrets.authority.certificate;
    this.#secrets = secrets;
    this.#archive = archive;
    this.#tenants = settings.tenants;
    this.#refuseAt = settings.refuseAt;
    const published = keyRecords(secrets);
    this.#zone = new Zone(settings.records, (name, type) =>
      type === 'TXT' ? [published.get(name) ?? [], ...this.#relayKeys(name)].flat() : [],
    );
    this.nameServer = new NameServer(this.#zone);
    this.dns = this.#dnsAccess();
  }

  get frontDoor(): FrontDoorAccess {
    if (!this.#frontDoor) throw new Error('the front door is not open yet');
    return this.#frontDoor;
  }

  get relay(): RelayAccess {
    if (!this.#relay) throw new Error('the relay has not started yet');
    return this.#relay;
  }

  get keys(): Readonly<Record<SigningParty, LabKey>> {
    const domain = this.#signing().find(({ name }) => PRINTER.endsWith(`@${name}`));
    const active = domain?.keys.find(({ stage }) => stage === 'active');
    if (!domain || !active) throw new LabError('not-found', 'the relay has no signing key');
    const { selector, privateKey } = active;
    return { ...this.#secrets.keys, relay: { domain: domain.name, selector, privateKey } };
  }

  get refuseAt(): RefuseAt {
    return this.#refuseAt;
  }

  /** Told by the wiring as soon as the servers listen. */
  opened(facts: {
    frontDoor?: FrontDoorAccess;
    relay?: RelayAccess;
    signing?: () => readonly SigningDomain[];
  }): void {
    this.#frontDoor = facts.frontDoor ?? this.#frontDoor;
    this.#relay = facts.relay ?? this.#relay;
    this.#signing = facts.signing ?? this.#signing;
  }

  clientCertificate(name: string): Promise<LabCertificate> {
    const known = this.#certificates.get(name);
    if (known) return known;
    const made = issueCertificate(this.#secrets.authority, name);
    made.catch(() => this.#certificates.delete(name));
    const [oldest] = this.#certificates.keys();
    if (this.#certificates.size >= MOST_CERTIFICATES && oldest !== undefined)
      this.#certificates.delete(oldest);
    this.#certificates.set(name, made);
    return made;
  }

  // Settings

  tenants(): readonly Tenant[] {
    return this.#tenants;
  }

  async set(name: string, value: unknown, tenantName?: string): Promise<Setting> {
    const tenant = this.#tenant(tenantName);
    const { change, setting } = changeSetting(this.#scope(tenant), name, value);
    if (change.refuseAt) this.#refuseAt = change.refuseAt;
    if (change.tenant) this.#replace(tenant, change.tenant);
    else this.#save();
    return setting(this.#scope(this.#tenant(tenant.name)));
  }

  settings(tenantName?: string): Setting[] {
    return settingsOf(this.#scope(this.#tenant(tenantName)));
  }

  async setConnector(
    given: Partial<InboundConnector> & { name: string },
    tenantName?: string,
  ): Promise<InboundConnector> {
    const before = this.#tenant(tenantName);
    const { tenant, connector } = withConnector(before, given);
    this.#replace(before, tenant);
    return connector;
  }

  async removeConnector(name: string, tenantName?: string): Promise<void> {
    const tenant = this.#tenant(tenantName);
    this.#replace(tenant, withoutConnector(tenant, name));
  }

  async setDomain(
    domain: { name: string; type?: 'authoritative' | 'internal-relay'; matchSubDomains?: boolean },
    tenantName?: string,
  ): Promise<void> {
    const tenant = this.#tenant(tenantName);
    const others = this.#tenants.filter((one) => one !== tenant).flatMap(({ domains }) => domains);
    this.#replace(tenant, withDomain(tenant, domain, others));
  }

  // Mailboxes

  mailboxes(): readonly Mailbox[] {
    return MAILBOXES;
  }

  messages(filter: MessageFilter = {}): readonly StoredMessage[] {
    const { mailbox, folder, networkMessageId } = filter;
    return this.#archive
      .arrivals()
      .filter((one) => networkMessageId === undefined || one.networkMessageId === networkMessageId)
      .flatMap(storedIn)
      .filter(
        (one) =>
          (mailbox === undefined || one.mailbox === mailbox.toLowerCase()) &&
          (folder === undefined || one.folder === folder),
      )
      .reverse();
  }

  async content(id: string): Promise<{ entry: StoredMessage; content: Buffer }> {
    const entry = this.messages().find((one) => one.id === id);
    if (!entry) throw new LabError('not-found', `there is no message ${id.slice(0, 40)} in the lab`);
    return { entry, content: await this.#archive.content(entry.networkMessageId) };
  }

  /** Keeps what has come; told to whoever listens when it is written. */
  async keep(arrival: Arrival, content?: Buffer): Promise<void> {
    await this.#archive.add(arrival, content);
    const { at, accepted, reply, networkMessageId } = arrival;
    const outcome = { at, accepted, reply, networkMessageId, stored: storedIn(arrival) };
    for (const listener of this.#listeners) listener(outcome);
  }

  onMessage(listener: (outcome: FrontDoorOutcome) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  // Evidence

  trace(filter: TraceFilter = {}): MessageTrace[] {
    return traceRows(this.#archive.arrivals(), filter, (id) => this.#organizationOf(id));
  }

  traceDetail(messageTraceId: string, recipient: string): TraceDetail[] {
    return detailRows(this.#archive.arrivals(), messageTraceId, recipient);
  }

  historicalSearch(search: HistoricalSearch): { fileName: string; csv: Buffer } {
    return historicalReport(this.#archive.arrivals(), search);
  }

  async reset(): Promise<void> {
    const { tenants, refuseAt, records } = firstSettings();
    this.#tenants = tenants;
    this.#refuseAt = refuseAt;
    this.#zone.replace(records);
    this.#save();
    await this.#archive.clear();
  }

  async close(): Promise<void> {
    await this.nameServer.close();
    await this.#archive.close();
  }

  #dnsAccess(): LabDns {
    const { nameServer } = this;
    const zone = this.#zone;
    return {
      get port() {
        return nameServer.port;
      },
      get address() {
        return nameServer.address;
      },
      get: (name, type) => zone.get(name, type),
      names: () => zone.names(),
      set: (name, type, ...values) => {
        zone.set(name, type, ...values);
        this.#save();
      },
    };
  }

  #relayKeys(name: string): string[] {
    return this.#signing().flatMap((domain) =>
      domain.keys.filter((key) => recordName(key.selector, domain.name) === name).map(recordText),
    );
  }

  #scope(tenant: Tenant): SettingsScope {
    return { tenant, refuseAt: this.#refuseAt, dns: this.#zone };
  }

  #tenant(name: string | undefined): Tenant {
    const found =
      name === undefined
        ? this.#tenants[0]
        : this.#tenants.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (found) return found;
    const names = this.#tenants.map((one) => one.name).join(', ');
    throw new LabError('not-found', `there is no tenant ${name?.slice(0, 60)}; there are ${names}`);
  }

  #organizationOf(id: string): string {
    const tenant = this.#tenants.find((one) => one.id === id);
    return tenant ? `${tenant.name}.onmicrosoft.com` : '';
  }

  #replace(before: Tenant, after: Tenant): void {
    this.#tenants = this.#tenants.map((one) => (one === before ? after : one));
    this.#save();
  }

  #save(): void {
    const settings = { tenants: this.#tenants, refuseAt: this.#refuseAt, records: this.#zone.records() };
    saveSettings(this.folder, settings);
  }
}

/** Its entries in mailboxes. */
function storedIn(arrival: Arrival): StoredMessage[] {
  const { verdict } = arrival;
  if (!verdict) return [];
  return arrival.recipients.flatMap(({ address, id, folder }) =>
    id === undefined || folder === undefined
      ? []
      : [
          {
            id,
            mailbox: address.toLowerCase(),
            folder,
            receivedAt: arrival.at,
            networkMessageId: arrival.networkMessageId,
            messageId: arrival.messageId,
            from: arrival.returnPath,
            headerFrom: arrival.sender,
            subject: arrival.subject,
            size: arrival.size,
            verdict,
          },
        ],
  );
}
