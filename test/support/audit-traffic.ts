import { createHash } from 'node:crypto';
import type { SenderClass } from '../../src/audit/classify/class-rules.ts';
import type { Organisation } from '../../src/audit/classify/decision.ts';
import type { EvidenceKind, Observation } from '../../src/audit/evidence/observation.ts';
import type { Told } from '../../src/audit/facts/fact.ts';
import { acceptedDomainOf, tenantWith } from '../../src/edge/fixtures.ts';
import { seeded } from './seeded.ts';

/** A message as it really was, and what is true of it. */
export interface TrueMessage {
  told: Told & { at: number; messageId: string; networkMessageId: string; recipient: string };
  truth: {
    directSend: boolean;
    class: SenderClass | 'background';
    /** Name of the attack that it is part of. */
    campaign?: string;
    /** Name of the sender in the real world. */
    sender: string;
  };
}

export interface Traffic {
  organisation: Organisation;
  messages: TrueMessage[];
  /** Names of the attacks that are campaigns: many pairs in an hour. */
  campaigns: string[];
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 2);
const OWN = ['contoso.test', 'contoso.example'];

type Part = Partial<Told> & { p1: string; p2: string; recipient: string };

/** Months of mail of an organisation that was never there, the same for the same seed. */
export function makeTraffic({
  seed,
  days = 60,
  users = 120,
}: {
  seed: number;
  days?: number;
  users?: number;
}): Traffic {
  return new Maker(seed, days, users).make();
}

class Maker {
  readonly #random: () => number;
  readonly #days: number;
  readonly #users: string[];
  readonly #messages: TrueMessage[] = [];
  readonly #campaigns: string[] = [];
  #serial = 0;

  constructor(seed: number, days: number, users: number) {
    this.#random = seeded(seed * 7919 + 13);
    this.#days = days;
    const first = [
      'ann',
      'bo',
      'cy',
      'dee',
      'eli',
      'fay',
      'gus',
      'hal',
      'ida',
      'jo',
      'kim',
      'lea',
      'max',
      'nia',
    ];
    this.#users = Array.from(
      { length: users },
      (_, i) => `${first[i % first.length]}.${i}@${OWN[i % 5 === 0 ? 1 : 0]}`,
    );
  }

  make(): Traffic {
    this.#background();
    this.#devices();
    this.#applications();
    this.#services();
    this.#reinjection();
    this.#forwarding();
    this.#lists();
    this.#meetings();
    this.#attributed();
    this.#notices();
    this.#clouds();
    this.#awareness();
    if (this.#random() < 0.4) this.#gateway();
    this.#attacks();
    this.#messages.sort((a, b) => a.told.at - b.told.at);
    return {
      organisation: {
        tenant: tenantWith(
          [],
          { rejectDirectSend: false },
          OWN.map((name) => acceptedDomainOf(name)),
        ),
        connectorsKnown: false,
      },
      messages: this.#messages,
      campaigns: this.#campaigns,
    };
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#int(values.length)]!;
  }

  #user(): string {
    return this.#pick(this.#users);
  }

  #address(): string {
    return `${this.#pick([31, 45, 62, 77, 81, 94, 109, 139, 151, 185])}.${this.#int(256)}.${this.#int(256)}.${1 + this.#int(250)}`;
  }

  #hex(length: number): string {
    return Array.from({ length }, () => this.#int(16).toString(16)).join('');
  }

  /** A moment of a working day, or of any. */
  #moment(day: number, working: boolean): number {
    const hour = working ? 7 + this.#random() * 10 : this.#random() * 24;
    return START + day * DAY + hour * HOUR;
  }

  #isWorkday(day: number): boolean {
    const weekday = new Date(START + day * DAY).getUTCDay();
    return weekday > 0 && weekday < 6;
  }

  #say(at: number, part: Part, truth: TrueMessage['truth'], ids?: { messageId: string }): string {
    const serial = this.#serial++;
    const messageId =
      ids?.messageId ??
      `<${serial}.${this.#hex(8)}@${part.helo?.replaceAll(/[^\w.]/g, '') || 'mail'}.example>`;
    this.#messages.push({
      told: {
        size: 2000 + this.#int(90_000),
        status: 'delivered',
        connector: 'none',
        direction: 'incoming',
        tls: this.#random() < 0.8 ? 'TLS1.2' : 'none',
        ...part,
        at: Math.floor(at),
        messageId,
        networkMessageId: createHash('md5')
          .update(`${serial} ${this.#hex(4)}`)
          .digest('hex'),
      },
      truth,
    });
    return messageId;
  }

  #background(): void {
    for (let day = 0; day < this.#days; day++) {
      for (let i = 0; i < (this.#isWorkday(day) ? 60 : 8); i++) {
        const from = this.#user();
        const mine = { directSend: false, class: 'background', sender: 'mailboxes' } as const;
        const base = {
          p1: from,
          p2: from,
          subject: 'Re: figures',
          address: '',
          helo: '',
          connector: undefined,
        };
        if (i % 2 === 0)
          this.#say(
            this.#moment(day, true),
            { ...base, recipient: this.#user(), direction: 'intra-org' },
            mine,
          );
        else
          this.#say(
            this.#moment(day, true),
            { ...base, recipient: 'x@partner.example', direction: 'outgoing' },
            mine,
          );
        const stranger = `p${this.#int(400)}@${this.#pick(['partner', 'shop', 'news', 'bank'])}.example`;
        this.#say(
          this.#moment(day, false),
          {
            p1: stranger,
            p2: stranger,
            recipient: this.#user(),
            address: this.#address(),
            helo: 'mx.partner.example',
            subject: 'Offer',
            dmarc: 'pass',
            spf: 'pass',
            dkim: 'pass',
          },
          { directSend: false, class: 'background', sender: 'others' },
        );
      }
    }
  }

  #devices(): void {
    for (let site = 0; site < 8; site++) {
      const address = this.#address();
      const second =
        this.#random() < 0.3 ? address.replace(/\d+$/, (last) => String((Number(last) % 250) + 1)) : address;
      const spf = this.#random() < 0.4;
      const begin =
        site === 7
          ? this.#days - 6
          : site === 6
            ? this.#days - 1
            : this.#random() < 0.2
              ? this.#int(this.#days / 2)
              : 0;
      for (let device = 0; device < 1 + this.#int(4); device++) {
        const helo = this.#pick([
          `KM${this.#hex(6).toUpperCase()}`,
          `RNP${this.#hex(12).toUpperCase()}`,
          `[192.168.${this.#int(9)}.${2 + this.#int(200)}]`,
          'localhost',
          `mfp${device}.lan.contoso.test`,
          `printer-${site}-${device}`,
          `BRW${this.#hex(12).toUpperCase()}`,
          `NAS${site}`,
        ]);
        const alarms = this.#random() < 0.3;
        const selfScan = !alarms && this.#random() < 0.5;
        const sender = alarms ? `alarm${site}@contoso.test` : `scanner${site}${device}@contoso.test`;
        const model = this.#pick(['MFP', 'KM_C258', 'Xerox B405', 'floor 2 copier']);
        for (let day = begin; day < this.#days; day++) {
          if (!alarms && !this.#isWorkday(day)) continue;
          for (let i = 0; i < 1 + this.#int(alarms ? 3 : 7); i++) {
            const to = this.#user();
            const from = selfScan && this.#random() < 0.8 ? to : sender;
            this.#say(
              this.#moment(day, !alarms),
              {
                p1: from,
                p2: from,
                recipient: to,
                address: this.#random() < 0.5 ? address : second,
                helo,
                ptr: this.#random() < 0.5 ? '' : `static-${address.replaceAll('.', '-')}.isp.example`,
                subject: alarms
                  ? this.#pick(['UPS on battery', 'Backup finished', 'Disk warning'])
                  : `Scanned from ${model} ${this.#hex(4)}`,
                spf: spf ? 'pass' : 'softfail',
                dkim: 'none',
                dmarc: spf ? 'pass' : 'fail',
                compauth: spf ? 'pass' : 'fail',
                reason: spf ? '100' : '601',
                ...(!alarms && {
                  attachments: [
                    { name: `scan${this.#int(999)}.pdf`, sha256: this.#hex(64), type: 'application/pdf' },
                  ],
                }),
              },
              { directSend: true, class: 'device', sender: `device ${site}.${device}` },
            );
          }
        }
      }
    }
  }

  #applications(): void {
    for (let app = 0; app < 4; app++) {
      const address = this.#address();
      const helo = this.#pick([
        `app0${app}.contoso.test`,
        `SRV-ERP${app}`,
        `web${app}.corp.contoso.example`,
        'localhost.localdomain',
      ]);
      const sender = `noreply${app}@${this.#pick(OWN)}`;
      for (let day = 0; day < this.#days; day++)
        for (let i = 0; i < 2 + this.#int(6); i++)
          this.#say(
            this.#moment(day, app % 2 === 0),
            {
              p1: sender,
              p2: sender,
              recipient: this.#user(),
              address,
              helo,
              ptr: '',
              subject: this.#pick(['Order 4711', 'Nightly report', 'Ticket opened']),
              spf: 'pass',
              dkim: 'none',
              dmarc: 'pass',
              compauth: 'pass',
              reason: '100',
            },
            { directSend: true, class: 'device', sender: `application ${app}` },
          );
    }
  }

  #services(): void {
    const vendors = [
      'mta#.cognitoforms.com',
      'smtp#.mta.salesforce.com',
      'out#.zendesk.com',
      'mail#.cimcloud.com',
      'mta#.acme-billing.example',
      'out#.payslips.example',
    ];
    for (const [index, vendor] of vendors.entries()) {
      const base = this.#address().replace(/\d+$/, '');
      const dkim = this.#random() < 0.6;
      const sender = `${this.#pick(['forms', 'support', 'billing'])}${index}@contoso.test`;
      for (let day = 0; day < this.#days; day++)
        for (let i = 0; i < 1 + this.#int(4); i++) {
          const host = 1 + this.#int(6);
          const name = vendor.replace('#', String(host));
          this.#say(
            this.#moment(day, false),
            {
              p1: sender,
              p2: sender,
              recipient: this.#user(),
              address: `${base}${host * 20}`,
              helo: name,
              ptr: name,
              subject: this.#pick(['New form entry', 'Your request', 'Invoice']),
              spf: 'softfail',
              dkim: dkim ? 'pass' : 'none',
              ...(dkim && { dkimDomain: 'contoso.test' }),
              dmarc: dkim ? 'pass' : 'fail',
              compauth: dkim ? 'pass' : 'fail',
              reason: dkim ? '100' : '601',
            },
            { directSend: true, class: 'service', sender: vendor },
          );
        }
    }
    // small vendors: one server, no signature
    for (const vendor of ['erp.smallvendor.example', 'srv1.parking-app.example']) {
      const address = this.#address();
      for (let day = 0; day < this.#days; day++)
        for (let i = 0; i < 1 + this.#int(3); i++)
          this.#say(
            this.#moment(day, this.#random() < 0.5),
            {
              p1: 'invoices@contoso.test',
              p2: 'invoices@contoso.test',
              recipient: this.#user(),
              address,
              helo: vendor,
              ptr: this.#random() < 0.5 ? vendor : '',
              subject: 'Invoice 17',
              spf: 'softfail',
              dkim: 'none',
              dmarc: 'fail',
              compauth: 'fail',
              reason: '601',
            },
            { directSend: true, class: 'service', sender: vendor },
          );
    }
    for (const [vendor, path] of [
      ['o#.sendgrid.net', 'bounces@em.contoso.test'],
      ['a#.smtp-out.amazonses.com', 'x@eu-west-1.amazonses.com'],
      ['mta#.mtasv.net', 'pm_bounces@pm-bounces.contoso.test'],
      ['relay#.newsroom.example', 'b@mail.newsroom.example'],
    ] as const) {
      const base = this.#address().replace(/\d+$/, '');
      for (let day = 0; day < this.#days; day++)
        for (let i = 0; i < 1 + this.#int(3); i++) {
          const host = 1 + this.#int(5);
          const name = vendor.replace('#', String(host));
          this.#say(
            this.#moment(day, false),
            {
              p1: path,
              p2: 'news@contoso.test',
              recipient: this.#user(),
              address: `${base}${host * 11}`,
              helo: name,
              ptr: name,
              subject: 'Newsletter',
              spf: 'pass',
              dkim: 'pass',
              dkimDomain: 'contoso.test',
              dmarc: 'pass',
              compauth: 'pass',
              reason: '100',
            },
            { directSend: false, class: 'service-own-path', sender: vendor },
          );
        }
    }
  }

  /** Mail that leaves, and comes back by way of others. */
  #goesOut(at: number, from: string, recipient: string, subject: string): string {
    return this.#say(
      at,
      {
        p1: from,
        p2: from,
        recipient,
        subject,
        address: '',
        helo: '',
        direction: 'outgoing',
        connector: undefined,
      },
      { directSend: false, class: 'background', sender: 'mailboxes' },
    );
  }

  #reinjection(): void {
    const vendor = this.#pick(['eu#.codetwo.online', 'gw#.seppmail.cloud', 'smtp#.exclaimer.net']);
    const base = this.#address().replace(/\d+$/, '');
    for (let day = 0; day < this.#days; day++)
      for (let i = 0; i < 5; i++) {
        const from = this.#user();
        const at = this.#moment(day, true);
        const to = this.#user();
        const messageId = this.#goesOut(at, from, `${to.split('@')[0]}@signing.example`, 'Contract');
        const matched = this.#random() < 0.7;
        const host = 1 + this.#int(3);
        const name = vendor.replace('#', String(host));
        this.#say(
          at + 4000,
          {
            p1: from,
            p2: from,
            recipient: to,
            address: `${base}${host}`,
            helo: name,
            ptr: name,
            subject: 'Contract',
            spf: 'fail',
            dkim: 'pass',
            dkimDomain: 'contoso.test',
            dmarc: 'pass',
            ...(matched && { connector: { name: 'Signatures', type: 'Partner' } }),
          },
          { directSend: !matched, class: matched ? 'partner-connector' : 'reinjection', sender: vendor },
          { messageId },
        );
      }
  }

  #forwarding(): void {
    for (const host of ['mail-wr1-f#.google.com', 'mx#.alumni-forward.example', 'out#.messagingengine.com']) {
      const base = this.#address().replace(/\d+$/, '');
      for (let day = 0; day < this.#days; day++) {
        for (let i = 0; i < this.#int(3); i++) {
          const from = this.#user();
          const at = this.#moment(day, true);
          const messageId = this.#goesOut(at, from, 'partner@forwarder.example', 'Minutes of the meeting');
          const name = host.replace('#', String(1 + this.#int(60)));
          this.#say(
            at + 9000,
            {
              p1: from,
              p2: from,
              recipient: this.#random() < 0.1 ? from : this.#user(),
              address: `${base}${1 + this.#int(200)}`,
              helo: name,
              ptr: name,
              subject: 'Minutes of the meeting',
              spf: 'fail',
              dkim: 'pass',
              dkimDomain: 'contoso.test',
              dmarc: 'pass',
            },
            { directSend: true, class: 'forwarding', sender: host },
            { messageId },
          );
        }
      }
    }
  }

  #lists(): void {
    const address = this.#address();
    for (let day = 0; day < this.#days; day++)
      for (let i = 0; i < this.#int(3); i++)
        this.#say(
          this.#moment(day, false),
          {
            p1: 'devel-bounces@lists.club.example',
            p2: this.#user(),
            recipient: this.#user(),
            address,
            helo: 'lists.club.example',
            ptr: 'lists.club.example',
            subject: '[devel] release',
            dkim: 'fail',
            spf: 'pass',
            dmarc: 'fail',
            extra: { 'List-Id': 'devel.lists.club.example' },
          },
          { directSend: false, class: 'mailing-list', sender: 'list' },
        );
  }

  #meetings(): void {
    for (const host of ['mail-ej1-f#.google.com', 'mta#.partner.example']) {
      const base = this.#address().replace(/\d+$/, '');
      for (let day = 0; day < this.#days; day++)
        for (let i = 0; i < this.#int(3); i++) {
          const organiser = this.#user();
          const none = this.#random() < 0.3;
          const name = host.replace('#', String(1 + this.#int(9)));
          this.#say(
            this.#moment(day, true),
            {
              p1: none ? '' : organiser,
              p2: organiser,
              recipient: this.#user(),
              address: `${base}${1 + this.#int(9)}`,
              helo: name,
              ptr: name,
              subject: `${this.#pick(['Accepted', 'Declined', 'Tentative', 'Accepté'])}: Budget`,
              spf: 'fail',
              dkim: 'none',
              dmarc: 'fail',
              extra: { 'Content-Type': 'text/calendar' },
            },
            { directSend: !none, class: 'calendar', sender: host },
          );
        }
    }
  }

  #attributed(): void {
    const address = this.#address();
    for (let day = 0; day < this.#days; day++)
      for (let i = 0; i < 4; i++) {
        const from = `erp@contoso.test`;
        this.#say(
          this.#moment(day, true),
          {
            p1: from,
            p2: from,
            recipient: this.#user(),
            address,
            helo: 'exch01.contoso.test',
            subject: 'Payroll run',
            spf: 'fail',
            dmarc: 'fail',
            direction: 'originating',
            connector: { name: 'Inbound from HQ', type: 'OnPremises' },
          },
          { directSend: false, class: 'hybrid', sender: 'hybrid' },
        );
        this.#say(
          this.#moment(day, true),
          {
            p1: `room${i}@contoso.test`,
            p2: `room${i}@contoso.test`,
            recipient: this.#user(),
            address: '',
            helo: '',
            subject: 'Booking',
            connector: 'internal-relay',
          },
          { directSend: false, class: 'internal-relay', sender: 'relay' },
        );
      }
  }

  #notices(): void {
    for (let day = 0; day < this.#days; day++)
      for (let i = 0; i < 2; i++)
        this.#say(
          this.#moment(day, false),
          {
            p1: '',
            p2: `MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@${OWN[0]}`.toLowerCase(),
            recipient: this.#user(),
            address: '',
            helo: '',
            subject: 'Undeliverable: Order',
          },
          { directSend: false, class: 'in-service', sender: 'service' },
        );
  }

  #clouds(): void {
    const address = this.#address();
    const helo = 'vm-7.westeurope.cloudapp.azure.com';
    for (let day = 0; day < this.#days; day++)
      this.#say(
        this.#moment(day, false),
        {
          p1: 'portal@contoso.test',
          p2: 'portal@contoso.test',
          recipient: this.#user(),
          address,
          helo,
          ptr: helo,
          subject: 'Portal report',
          spf: 'softfail',
          dkim: 'none',
          dmarc: 'fail',
          compauth: 'fail',
          reason: '601',
        },
        { directSend: true, class: 'cloud', sender: 'cloud' },
      );
  }

  /** A simulated attack of the organisation's own looks like one: lures, to many at once. */
  #awareness(): void {
    const address = this.#address();
    for (let wave = 0; wave < 2; wave++) {
      const at = this.#moment(5 + this.#int(this.#days - 6), true);
      for (let i = 0; i < 40; i++)
        this.#say(
          at + this.#random() * HOUR,
          {
            p1: 'hr@contoso.test',
            p2: 'hr@contoso.test',
            recipient: this.#user(),
            address,
            helo: 'psm.knowbe4.com',
            ptr: 'psm.knowbe4.com',
            subject: 'Payroll update',
            spf: 'pass',
            dkim: 'none',
            dmarc: 'pass',
          },
          { directSend: true, class: 'awareness', sender: 'knowbe4' },
        );
    }
  }

  #gateway(): void {
    const address = this.#address();
    const helo = 'mx1.filter.example';
    for (const message of this.#messages) {
      if (message.truth.sender === 'others' && this.#random() < 0.9)
        Object.assign(message.told, { address, helo, ptr: helo });
    }
    for (let day = 0; day < this.#days; day++)
      for (let i = 0; i < 3; i++) {
        const from = this.#pick(['desk@contoso.test', 'shop@contoso.example']);
        this.#say(
          this.#moment(day, false),
          {
            p1: from,
            p2: from,
            recipient: this.#user(),
            address,
            helo,
            ptr: helo,
            subject: 'Request',
            spf: 'fail',
            dkim: 'none',
            dmarc: 'fail',
            compauth: 'none',
            reason: '451',
          },
          { directSend: true, class: 'own-gateway', sender: 'gateway' },
        );
      }
  }

  #attacks(): void {
    const lures = [
      'New Missed Fax-msg',
      'Caller Left VM Message',
      'Payroll update',
      'ACH payment advice',
      'Contract pending signature',
      'Q3 bonus statement',
      'Updated employee handbook',
      'Scanned document from Xerox',
      'Voicemail for you',
    ];
    const helos = () =>
      this.#pick([
        '[127.0.0.1]',
        `WIN-${this.#hex(8).toUpperCase()}`,
        'vps.host.example',
        `[${this.#address()}]`,
        'localhost',
      ]);
    const attack = (
      at: number,
      lure: string,
      address: string,
      helo: string,
      sha256: string,
      self: boolean,
      foreign: boolean,
      name: string | undefined,
    ) => {
      const to = this.#user();
      const from = self
        ? to
        : this.#pick(['hr@contoso.test', 'it-support@contoso.test', 'ceo@contoso.example']);
      this.#say(
        at,
        {
          p1: foreign ? `x${this.#int(99)}@rented.example` : from,
          p2: from,
          recipient: to,
          address,
          helo,
          ptr: this.#random() < 0.5 ? '' : 'vps.host.example',
          subject: `${lure}${this.#random() < 0.5 ? ` ${this.#int(9999)}` : ''}`,
          spf: foreign ? 'pass' : 'fail',
          dkim: 'none',
          dmarc: 'fail',
          compauth: 'fail',
          reason: '601',
          status: this.#random() < 0.5 ? 'delivered' : 'quarantined',
          verdict: this.#random() < 0.5 ? 'SPM' : 'NSPM',
          attachments: [{ name: this.#pick(['message.pdf', 'voice.svg', 'doc.html', 'note.docx']), sha256 }],
          ...(this.#random() < 0.3 && { mailer: 'PowerShell' }),
        },
        {
          directSend: !foreign,
          class: 'attack',
          sender: name ?? 'lone',
          ...(name !== undefined && { campaign: name }),
        },
      );
    };
    for (let campaign = 0; campaign < 6; campaign++) {
      const name = `campaign ${campaign}`;
      this.#campaigns.push(name);
      const begin = this.#moment(this.#int(this.#days), false);
      const addresses = Array.from({ length: 1 + this.#int(3) }, () => [this.#address(), helos()] as const);
      const lure = this.#pick(lures);
      const file = this.#hex(64);
      const self = this.#random() < 0.8;
      const foreign = this.#random() < 0.15;
      const spread = (0.5 + this.#random() * 1.5) * HOUR;
      for (let i = 0; i < 12 + this.#int(50); i++) {
        const [address, helo] = this.#pick(addresses);
        attack(
          begin + this.#random() * spread,
          lure,
          address,
          helo,
          this.#random() < 0.7 ? file : this.#hex(64),
          self,
          foreign,
          name,
        );
      }
    }
    for (let lone = 0; lone < 12; lone++)
      attack(
        this.#moment(this.#int(this.#days), false),
        this.#pick(lures),
        this.#address(),
        helos(),
        this.#hex(64),
        this.#random() < 0.7,
        false,
        undefined,
      );
  }
}

type Field = keyof Told;
const IDS: Field[] = ['at', 'messageId', 'recipient', 'subject'];

/** What each kind of evidence tells of a message. */
const TELLS: Partial<Record<EvidenceKind, readonly Field[]>> = {
  trace: [...IDS, 'traceId', 'sender', 'address', 'status', 'size'],
  'trace-detail': ['at', 'traceId', 'recipient', 'p1', 'address', 'helo', 'tls', 'connector', 'verdict'],
  'trace-extended': [
    ...IDS,
    'networkMessageId',
    'p1',
    'p2',
    'address',
    'helo',
    'connector',
    'direction',
    'size',
    'verdict',
  ],
  'trace-enhanced': [...IDS, 'networkMessageId', 'sender', 'address', 'direction', 'connector'],
  'connector-report': ['at', 'messageId', 'recipient', 'sender', 'address', 'tls', 'connector'],
  'email-events': [
    ...IDS,
    'networkMessageId',
    'p1',
    'p2',
    'address',
    'direction',
    'connector',
    'spf',
    'dkim',
    'dmarc',
    'compauth',
    'status',
  ],
  message: [
    ...IDS,
    'networkMessageId',
    'p1',
    'p2',
    'address',
    'helo',
    'ptr',
    'tls',
    'direction',
    'connector',
    'spf',
    'dkim',
    'dkimDomain',
    'dmarc',
    'compauth',
    'reason',
    'verdict',
    'attachments',
    'mailer',
    'extra',
  ],
};

/** The rows that an export of this kind has; `share` of the messages, chosen by the seed. */
export function* observationsOf(
  traffic: Traffic,
  kind: EvidenceKind,
  { file = 1, share = 1, seed = 1 }: { file?: number; share?: number; seed?: number } = {},
): Generator<Observation> {
  if (kind === 'dmarc') {
    yield* aggregates(traffic, file);
    return;
  }
  const random = seeded(seed);
  let row = 0;
  for (const { told, truth } of traffic.messages) {
    if (random() >= share) continue;
    const inside = truth.sender === 'mailboxes';
    // details are asked for mail from outside; a report of mail without connector has no other
    if (kind === 'trace-detail' && (inside || truth.sender === 'others')) continue;
    if (kind === 'connector-report' && (inside || told.connector !== 'none')) continue;
    if (kind === 'message' && (inside || truth.sender === 'others')) continue;
    const all: Told = { ...told, traceId: told.networkMessageId, sender: told.p2 };
    const said = Object.fromEntries(
      TELLS[kind]!.map((field) => [field, all[field]]).filter(([, value]) => value !== undefined),
    );
    // nothing but the details and stored mail tells what was before the default connector
    if (kind === 'email-events' && said['connector'] === 'internal-relay') said['connector'] = 'none';
    yield {
      kind,
      file,
      row: ++row,
      ...(kind === 'trace-detail' && { event: 'receive' as const }),
      ...said,
    } as Observation;
  }
}

function* aggregates({ messages }: Traffic, file: number): Generator<Observation> {
  const rows = new Map<string, Observation & { count: number }>();
  for (const { told, truth } of messages) {
    if (truth.sender === 'mailboxes' || !told.address || !OWN.includes(told.p2?.split('@')[1] ?? ''))
      continue;
    if (typeof told.connector === 'object') continue;
    const day = Math.floor(told.at / DAY) * DAY;
    const domain = (address: string | undefined) => (address ? `@${address.split('@')[1]}` : '');
    const { address, spf, dkim, dkimDomain } = told;
    const row = {
      kind: 'dmarc' as const,
      at: day,
      until: day + DAY,
      p1: domain(told.p1),
      p2: domain(told.p2),
      address,
      spf,
      dkim,
      dkimDomain,
      envelopeTo: told.recipient.split('@')[1],
      dmarc: told.dmarc,
    };
    const key = JSON.stringify(row);
    const known = rows.get(key);
    if (known) known.count++;
    else rows.set(key, { ...row, file, row: rows.size + 1, count: 1 });
  }
  yield* rows.values();
}
