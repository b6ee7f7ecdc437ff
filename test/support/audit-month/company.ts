import type { AcceptedDomain, InboundConnector, Organization, Tenant } from '../../../src/edge/tenant.ts';
import { beginOf, Chance, DAY, HOUR, isWorkday } from './chance.ts';
import type { InsideMail, KeyName, Sending, Truth } from './sending.ts';

export const OWN = 'northwind.example';
export const SECOND = 'northwind-services.example';

type Draft = Omit<Sending, 'at' | 'truth' | 'messageId' | 'tls'> & { messageId?: string; tls?: boolean };

/** An organisation in the making: whoever sends for it adds mail, records, keys and connectors. */
export class Company {
  readonly chance: Chance;
  readonly begin: number;
  readonly days: number;
  readonly users: readonly string[];
  readonly policy: string;
  readonly mxElsewhere: boolean;
  readonly honour: Organization['honourDmarcReject'];
  readonly sendings: Sending[] = [];
  readonly inside: InsideMail[] = [];
  readonly connectors: InboundConnector[] = [];
  readonly keys: KeyName[] = [];
  readonly campaigns: string[] = [];
  /** Values by `TXT name`, `A name`, `PTR address`. */
  readonly records = new Map<string, string[]>();
  readonly #spf: string[] = [];
  #serial = 0;

  constructor(seed: number, days: number, users: number) {
    this.chance = new Chance(seed);
    this.begin = beginOf(seed);
    this.days = days;
    const given = 'amir anke bela chiara dmitri elsa femi greta hugo ines jonas kaja lars mina noor'.split(
      ' ',
    );
    const family = 'abel brandt costa dubois ek fischer garcia holm ito jansen kowal lopes meyer'.split(' ');
    this.users = Array.from({ length: users }, (_, index) => {
      const name = `${given[index % given.length]}.${family[Math.floor(index / given.length) % family.length]}`;
      const again = Math.floor(index / (given.length * family.length));
      return `${name}${again > 0 ? again : ''}@${index % 7 === 0 ? SECOND : OWN}`;
    });
    this.policy = this.chance.pick(['none', 'none', 'quarantine', 'reject']);
    this.mxElsewhere = this.chance.happens(0.25);
    this.honour = this.chance.pick(['reject', 'quarantine']);
    this.key('tenant', OWN, 'selector1');
    this.publish('TXT', `_dmarc.${OWN}`, `v=DMARC1; p=${this.policy}`);
    this.publish('TXT', `_dmarc.${SECOND}`, `v=DMARC1; p=${this.policy}`);
  }

  tenant(): Tenant {
    const domains: AcceptedDomain[] = [OWN, SECOND].map((name) => ({
      name,
      type: 'authoritative',
      matchSubDomains: false,
    }));
    const organization: Organization = {
      rejectDirectSend: false,
      honourDmarcReject: this.honour,
      mxPointsHere: !this.mxElsewhere,
      ownDomainSpoof: 'off',
      displayNameSpoof: 'off',
      safeSenders: [],
      trustedSealers: [],
    };
    const id = '0b1e7a52-6a0c-4a52-9d1f-3f5f9a2c7e11';
    return { id, name: 'northwind', domains, connectors: this.connectors, organization };
  }

  /** Records with the SPF of the own domains, as far as it is known by now. */
  zone(): ReadonlyMap<string, string[]> {
    const spf = `v=spf1 ${this.#spf.map((network) => `ip4:${network}`).join(' ')} include:spf.service.example ~all`;
    return new Map([
      ...this.records,
      [`TXT ${OWN}`, [spf]],
      [`TXT ${SECOND}`, [spf]],
      ['TXT spf.service.example', ['v=spf1 ip4:192.0.2.128/25 -all']],
    ]);
  }

  publish(type: 'TXT' | 'A' | 'PTR', name: string, ...values: string[]): void {
    const known = this.records.get(`${type} ${name}`) ?? [];
    this.records.set(`${type} ${name}`, [...known, ...values]);
  }

  /** A name that leads there and back. */
  host(name: string, address: string): void {
    this.publish('A', name, address);
    this.publish('PTR', address, name);
  }

  /** Adds a network to the SPF of the own domains. */
  allow(network: string): void {
    this.#spf.push(network);
  }

  key(name: string, domain: string, selector: string): string {
    this.keys.push({ name, domain, selector });
    return name;
  }

  user(): string {
    return this.chance.pick(this.users);
  }

  /** Moment of a day: in working hours, or at any time. */
  moment(day: number, working: boolean): number {
    const hour = working ? 6.5 + 11 * this.chance.fraction() : 24 * this.chance.fraction();
    return Math.floor(this.begin + day * DAY + hour * HOUR);
  }

  isWorkday(day: number): boolean {
    return isWorkday(this.begin + day * DAY);
  }

  /** A message for the front door. @returns its Message-ID */
  send(at: number, truth: Truth, draft: Draft): string {
    const host = draft.helo.replaceAll(/[^\w.-]/g, '') || 'mail';
    const messageId = draft.messageId ?? `<${this.#serial++}.${this.chance.hex(10)}@${host}>`;
    this.sendings.push({ tls: this.chance.happens(0.8), ...draft, at: Math.floor(at), truth, messageId });
    return messageId;
  }

  /** Mail of a mailbox. @returns its Message-ID */
  write(at: number, way: InsideMail['way'], mail: Pick<InsideMail, 'from' | 'to' | 'subject'>): string {
    const truth: Truth = { class: 'background', sender: 'mailboxes' };
    const messageId = `<${this.chance.hex(8)}${this.#serial++}@EUR05.prod.outlook.com>`;
    this.inside.push({ at: Math.floor(at), truth, way, author: mail.from, messageId, ...mail });
    return messageId;
  }
}
