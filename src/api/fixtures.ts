import os from 'node:os';
import path from 'node:path';
import { AuditDesk } from '../audit/desk/desk.ts';
import { Alignment } from '../authentication/alignment.ts';
import { StoredDomainRegistry } from '../authentication/dkim/stored-domains.ts';
import { Digests } from '../alerts/digests.ts';
import { alertsFixture } from '../alerts/fixtures.ts';
import { type Inbox, type InboxEntry, type InboxFilter, inboxTest } from '../deliver/inbox.ts';
import { Declarations } from '../declared/declarations.ts';
import { Waiting } from '../deliver/waiting.ts';
import { StoredRouteTable } from '../deliver/stored-routes.ts';
import type { OwnMail, SystemMail } from '../deliver/system-mail.ts';
import { StoredDirectory } from '../edge/stored-directory.ts';
import type { EventFilter, JournalEvent, RecordedEvent } from '../journal/event.ts';
import { eventMatcher } from '../journal/filter.ts';
import type { Journal, MessageJournal } from '../journal/journal.ts';
import { openPeople, type PeopleOptions } from '../people/rooms.ts';
import { refusalFixture } from '../notices/fixtures.ts';
import { ManualClock } from '../platform/clock.ts';
import { systemDisk } from '../platform/disk.ts';
import { systemRandom } from '../platform/random.ts';
import { ResolveError, type Resolver } from '../platform/resolver.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import { stateRefusal } from '../sources/lifecycle.ts';
import { Recertification } from '../sources/recertification.ts';
import { RecertificationStore } from '../sources/recertification-store.ts';
import { SourceRequests } from '../sources/requests.ts';
import { Retirement } from '../sources/retirement.ts';
import { Handovers } from '../sources/credential-handovers.ts';
import { CredentialUses } from '../sources/credential-uses.ts';
import { Fingerprints } from '../sources/compatibility/fingerprints.ts';
import { StoredExceptions } from '../sources/exceptions/stored-exceptions.ts';
import { StoredSourceRegistry } from '../sources/stored-registry.ts';
import { MessageIds } from '../spool/message-id.ts';
import type { Delivery, DeliveryFilter, NewMessage, Payload, SurveyRow } from '../spool/spool.ts';
import { AdministratorToken } from '../store/administrator-token.ts';
import { openControlStore } from '../store/control.ts';
import { IdempotencyStore } from '../store/idempotency.ts';
import { Seal } from '../store/seal.ts';
import { Settings } from '../store/settings.ts';
import { Configuration } from '../config/configuration.ts';
import { configSchema } from '../config/schema.ts';
import { Containment } from '../containment/containment.ts';
import { StoredNormals } from '../containment/stored-normals.ts';
import { hashApiKey } from '../submission/secret.ts';
import type { ApiContext, ApiOptions, HttpSubmission, Lifecycle } from './context.ts';
import { discoveryOf } from './discovery-fixture.ts';
import { MemoryMessages } from './message-fixture.ts';
import { buildApi } from './server.ts';
import { healthyRelay, memoryTraffic } from './traffic-fixture.ts';

/** For tests: the API over real control data in memory, and a spool, journal and inbox that only remember. */
export async function apiFixture(
  overrides: Partial<ApiOptions> = {},
  peopleOptions: Partial<PeopleOptions> = {},
  /** Of the context: what stands here otherwise. */
  instead: Partial<ApiContext> = {},
) {
  const db = await openControlStore(':memory:');
  const clock = new ManualClock();
  const journal = new MemoryJournal(clock);
  const seal = new Seal(Buffer.alloc(32, 7));
  const administrator = new AdministratorToken(new Settings(db), clock, systemRandom);
  const token = await administrator.rotate();
  const sources = new StoredSourceRegistry(db, clock, systemRandom, journal);
  const domains = new StoredDomainRegistry(db, seal, clock);
  const routes = new StoredRouteTable(db, seal, clock);
  const spool = new MemorySpool();
  const inbox = new MemoryInbox();
  const zone = new Map<string, string[]>();
  const alignment = new Alignment({
    registry: domains,
    resolver: zoneResolver(zone),
    clock,
    random: systemRandom,
    onError: (_, error) => {
      throw error;
    },
  });
  const gate = new MemoryGate(sources, clock);
  const obstacles: string[] = [];
  const containment = new Containment({
    clock,
    events: journal,
    mode: 'act',
    ripeness: { days: 7, messages: 20 },
    steps: { alert: 2, slow: 4, hold: 5, suspend: 7 },
    store: new StoredNormals(db),
    suspend: async (source) => void (await sources.edit(source, { state: 'suspended' })),
    isKnown: () => true,
  });
  const mailed: OwnMail[] = [];
  const mail: SystemMail = {
    send: async (one) => {
      mailed.push(one);
      return '0';
    },
  };
  const retirement = new Retirement({ sources, clock, events: journal, mail });
  const recertificationStore = new RecertificationStore(db);
  const rooms = { store: recertificationStore, sources, retirement, mail, clock, events: journal };
  const lifecycle: Lifecycle = {
    requests: new SourceRequests({ sources, clock, events: journal }, { days: 30, most: 10, mostOfOne: 5 }),
    retirement,
    retirementDefaults: { days: 14, share: 1, hours: [] },
    recertification: new Recertification({ ...rooms, random: systemRandom }),
    recertificationStore,
  };
  const discovery = discoveryOf({ db, clock, events: journal, sources, domains, spool });
  const alerts = await alertsFixture(db, clock, journal, seal);
  const exceptions = new StoredExceptions({
    db,
    clock,
    random: systemRandom,
    events: journal,
    sources,
    mail,
    hostname: 'relay.corp.example',
    listener: () => ({ requiresTls: false, plainAuthentication: false }),
  });
  const fingerprints = new Fingerprints(db, clock, journal);
  const directory = new StoredDirectory(db, clock, systemRandom);
  await directory.open();
  const refusals = refusalFixture({ journal, sources, db, clock, mail });
  const configuration = new Configuration({
    loaded: { config: configSchema.parse({}), data: '/data' },
    environment: {},
    disk: systemDisk,
    verify: async () => {},
  });
  const context: ApiContext = {
    configuration,
    refusalReport: refusals.refusalReport,
    ownerNotices: refusals.ownerNotices,
    exceptions,
    fingerprints,
    edge: {
      directory,
      listeners: ['mx'],
      refuseAt: 'data',
      recipientHealth: () => ({ sources: [{ name: 'list' }] }),
      checksHealth: () => ({ blocklists: [], networks: 0, harvesters: 0 }),
    },
    audit: new AuditDesk({
      // nothing is made there unless a test sends evidence
      folder: path.join(os.tmpdir(), `postern-audit-${process.pid}-${systemRandom.bytes(6).toString('hex')}`),
      folders: [],
      reverseDns: false,
      dnsServers: [],
      seal,
      uploadBytes: 1_000_000,
      freeBytes: 0,
      clock,
      events: journal,
      domains: () => directory.tenant.domains,
    }),
    listenerSettings: [
      { name: 'smtp', tls: 'starttls', credentials: ['password', 'network'], plainAuthentication: false },
    ],
    messageBytes: 1_000_000,
    credentials: {
      uses: new CredentialUses(db, clock, journal),
      handovers: new Handovers(db, seal, clock, systemRandom, journal),
      unusedMs: 7 * 86_400_000,
      handoverMs: 72 * 3_600_000,
      handoverAddress: '',
    },
    alerts: alerts.alerts,
    digests: new Digests({
      clock,
      db,
      settings: new Settings(db),
      sources,
      search: (filter, limit, before) => journal.search(filter, limit, before),
      mail,
      events: journal,
      hostname: 'relay.corp.example',
    }),
    discovery,
    lifecycle,
    containment,
    connectionsOf: () => 0,
    declarations: new Declarations({
      control: db,
      sources,
      routes,
      domains,
      seal,
      clock,
      random: systemRandom,
      events: journal,
      journal,
      limits: { headerBytes: 100_000, headerFields: 1000, hops: 50, messageBytes: 1_000_000 },
      requirePublished: false,
    }),
    sources,
    domains,
    routes,
    spool,
    waiting: new Waiting({ spool, routes, clock, asleep: () => [] }),
    journal,
    messages: new MemoryMessages(() => journal.events),
    traffic: memoryTraffic(journal.events, ['mx']),
    health: healthyRelay(),
    inbox,
    administrator,
    people: await openPeople(
      { control: db, clock, random: systemRandom, seal, events: journal },
      {
        idleMs: 1_800_000,
        lifeMs: 43_200_000,
        requireSecondFactor: false,
        providers: [],
        ...peopleOptions,
      },
    ),
    idempotency: new IdempotencyStore(db, clock),
    disk: systemDisk,
    messageContent: true,
    seal,
    checkDomain: (domain) => alignment.check(domain),
    clock,
    random: systemRandom,
    gate,
    metricsText: () => 'postern_up 1\n',
    status: () => ({
      version: '0.0.0',
      hostname: 'relay.corp.example',
      startedAt: clock.now(),
      data: '/data',
      listeners: [{ name: 'smtp', address: '127.0.0.1:2525', tls: 'starttls' }],
    }),
    obstacles: () => obstacles,
    trial: {
      domain: 'postern.test',
      source: () => undefined,
      firstMessage: () => ({ curl: 'curl http://127.0.0.1:8025/v1/messages' }),
    },
    verifySignatures: async () => [{ domain: 'corp.example', selector: 's1', result: 'pass' }],
    ...instead,
  };
  const options: ApiOptions = {
    messageBytes: 1_000_000,
    memoryBytes: 100_000_000,
    recipients: 100,
    hostname: 'relay.corp.example',
    metricsOpen: false,
    ...overrides,
  };
  const api = await buildApi(context, options);
  const authorization = { authorization: `Bearer ${token}` };
  return {
    api,
    context,
    alerts,
    db,
    clock,
    alignment,
    journal,
    spool,
    inbox,
    zone,
    gate,
    token,
    authorization,
    obstacles,
    mailed,
  };
}

export type ApiFixture = Awaited<ReturnType<typeof apiFixture>>;

class MemoryJournal implements Journal, MessageJournal {
  readonly events: RecordedEvent[] = [];
  readonly #clock: ManualClock;
  readonly #followers = new Set<(event: RecordedEvent) => void>();

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  write(event: JournalEvent): void {
    const recorded = { ...event, id: this.events.length + 1, at: event.at ?? this.#clock.now() };
    this.events.push(recorded);
    for (const follower of this.#followers) follower(recorded);
  }

  async search(
    filter: EventFilter,
    limit: number,
    before = Number.MAX_SAFE_INTEGER,
    after = 0,
  ): Promise<RecordedEvent[]> {
    const matches = eventMatcher(filter);
    return this.events
      .filter((event) => event.id < before && event.id > after && matches(event))
      .reverse()
      .slice(0, limit);
  }

  async ofMessage(message: string, limit: number, after = 0, before = Number.MAX_SAFE_INTEGER) {
    const events = this.events.filter(
      (event) => event.message === message && event.id > after && event.id < before,
    );
    return { events: events.slice(0, limit), count: events.length };
  }

  follow(filter: EventFilter, listener: (event: RecordedEvent) => void): () => void {
    const matches = eventMatcher(filter);
    const follower = (event: RecordedEvent) => {
      if (matches(event)) listener(event);
    };
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  async open(): Promise<void> {}
  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}

class MemorySpool {
  deliveries: Delivery[] = [];
  readonly payloads = new Map<string, Payload>();
  readonly calls: [string, DeliveryFilter][] = [];

  add(message: NewMessage, more: Partial<Delivery> = {}): void {
    const { id, source, envelope, receivedAt } = message;
    this.payloads.set(id, { ...message, envelope });
    this.deliveries.push({
      message: id,
      part: 0,
      domain: 'example.net',
      recipients: envelope.recipients,
      source,
      from: envelope.from,
      state: 'queued',
      receivedAt,
      size: message.head.length,
      nextAttemptAt: receivedAt,
      attempts: 0,
      delayNotified: false,
      ...more,
    });
  }

  async list(
    filter: DeliveryFilter,
    limit: number,
    after?: { message: string; part: number },
  ): Promise<Delivery[]> {
    const start = after
      ? this.deliveries.findIndex((one) => one.message === after.message && one.part === after.part) + 1
      : 0;
    return this.#matching(filter, start).slice(0, limit);
  }

  async payload(message: string): Promise<Payload | undefined> {
    return this.payloads.get(message);
  }

  async survey(each: (rows: SurveyRow[]) => void): Promise<void> {
    each(
      this.deliveries.map(({ receivedAt, size, state, hold = 'operator', lastReply, ...same }) => ({
        ...same,
        lastReply,
        ...(state === 'held' && { hold }),
        deliveries: 1,
        bytes: size,
        oldestAt: receivedAt,
      })),
    );
  }

  hold = (filter: DeliveryFilter) => this.#change('hold', filter);
  release = (filter: DeliveryFilter) => this.#change('release', filter);
  retry = (filter: DeliveryFilter) => this.#change('retry', filter);
  remove = (filter: DeliveryFilter) => this.#change('remove', filter);
  reroute = async (filter: DeliveryFilter, route: string | undefined) => {
    for (const one of this.#matching(filter, 0)) one.route = route;
    return this.#change('reroute', filter);
  };

  async statistics() {
    return { messages: this.payloads.size, queued: this.deliveries.length, held: 0, bytes: 10 };
  }

  async #change(verb: string, filter: DeliveryFilter): Promise<number> {
    this.calls.push([verb, filter]);
    const found = this.#matching(filter, 0);
    if (verb === 'remove') this.deliveries = this.deliveries.filter((one) => !found.includes(one));
    return found.length;
  }

  #matching(filter: DeliveryFilter, start: number): Delivery[] {
    const conditions = Object.entries(filter).filter(([, value]) => value !== undefined);
    return this.deliveries
      .slice(start)
      .filter((one) => conditions.every(([name, value]) => one[name as keyof Delivery] === value));
  }
}

class MemoryInbox implements Inbox {
  entries: { entry: InboxEntry; content: Buffer }[] = [];
  readonly #listeners = new Set<(entry: InboxEntry) => void>();

  async deposit(fields: Omit<InboxEntry, 'id' | 'headerFrom' | 'subject'>, content: Buffer): Promise<void> {
    const entry = { ...fields, id: this.entries.length + 1, headerFrom: fields.from, subject: 'A subject' };
    this.entries.push({ entry, content });
    for (const listener of this.#listeners) listener(entry);
  }

  async list(limit: number, filter: InboxFilter = {}): Promise<InboxEntry[]> {
    return this.entries
      .map(({ entry }) => entry)
      .filter(inboxTest(filter))
      .reverse()
      .slice(0, limit);
  }

  async content(id: number) {
    return this.entries.find(({ entry }) => entry.id === id);
  }

  async clear(): Promise<number> {
    const count = this.entries.length;
    this.entries = [];
    return count;
  }

  onArrival(listener: (entry: InboxEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

class MemoryGate {
  readonly submitted: HttpSubmission[] = [];
  /** Answered instead of taking the message, as long as it is set. */
  refusal: Reply | undefined;
  /** Awaited before a message is taken. */
  barrier: Promise<void> | undefined;
  reserved = 0;
  most = Number.MAX_SAFE_INTEGER;
  readonly #sources: StoredSourceRegistry;
  readonly #ids: MessageIds;

  constructor(sources: StoredSourceRegistry, clock: ManualClock) {
    this.#sources = sources;
    this.#ids = new MessageIds(clock);
  }

  authenticateKey(key: string) {
    const credential = this.#sources.byApiKeyHash(hashApiKey(key));
    const source = credential && this.#sources.byId(credential.source);
    if (!credential || !source) return refuse('A301');
    const closed = stateRefusal(source.state);
    if (closed) return refuse(closed);
    return { source, credential, method: 'api-key' };
  }

  async submit(submission: HttpSubmission) {
    await this.barrier;
    if (this.refusal) return this.refusal;
    this.submitted.push(submission);
    return { id: this.#ids.next() };
  }

  reserveMemory(octets: number): boolean {
    if (this.reserved + octets > this.most) return false;
    this.reserved += octets;
    return true;
  }

  releaseMemory(octets: number): void {
    this.reserved -= octets;
  }
}

function zoneResolver(zone: Map<string, string[]>): Resolver {
  return {
    mx: async () => [],
    addresses: async () => [],
    a: async () => [],
    aaaa: async () => [],
    ptr: async () => [],
    async txt(name) {
      const records = zone.get(name);
      if (!records) throw new ResolveError('nxdomain', `TXT ${name}`);
      if (records.length === 0) throw new ResolveError('temporary', `TXT ${name}`);
      return records;
    },
  };
}
