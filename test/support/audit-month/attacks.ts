/** What attackers were seen to do with Direct Send in 2025 and 2026, and single messages beside. */
import { HOUR } from './chance.ts';
import { type Company, OWN, SECOND } from './company.ts';

interface Host {
  address: string;
  helo: string;
}

interface Campaign {
  hosts(company: Company): Host[];
  subject(company: Company, to: string): string;
  file?: { name: string; type: string };
  /** Each victim's attachment is another. */
  unique?: boolean;
  /** Whom it pretends to be from; absent: the victim. */
  from?: string;
  /** Envelope sender of the attacker's own. */
  envelope?: string;
  mailer?: string;
  victims: readonly [number, number];
  /** Hours that it takes. */
  hours: readonly [number, number];
}

const alone = (helo: (company: Company) => string) => (company: Company) => [
  { address: company.chance.address(), helo: helo(company) },
];

const CAMPAIGNS: readonly Campaign[] = [
  {
    hosts: alone(({ chance }) => `DESKTOP-${chance.hex(7).toUpperCase()}`),
    subject: () => 'New Missed Fax-msg',
    file: { name: 'Fax-msg.pdf', type: 'application/pdf' },
    mailer: 'PowerShell/5.1',
    victims: [8, 40],
    hours: [0.3, 1.5],
  },
  {
    hosts: ({ chance }) =>
      Array.from({ length: chance.between(4, 14) }, () => ({
        address: chance.address(),
        helo: '[127.0.0.1]',
      })),
    subject: ({ chance }, to) =>
      `Caller Left VM Message for ${to.split('@')[0]} (00:${chance.between(10, 59)})`,
    file: { name: 'Voice-Msg.svg', type: 'image/svg+xml' },
    victims: [20, 70],
    hours: [1, 5],
  },
  {
    hosts: alone(({ chance }) => `WIN-${chance.hex(11).toUpperCase()}`),
    subject: () => 'Action required: ACH authorization form',
    file: { name: 'ACH-form.html', type: 'text/html' },
    unique: true,
    from: `accounting@${OWN}`,
    victims: [10, 30],
    hours: [0.5, 2],
  },
  {
    hosts(company) {
      const address = company.chance.address();
      const helo = 'mail.plumbing-supplies.example';
      company.host(helo, address);
      return [{ address, helo }];
    },
    subject: (_, to) => `${to.split('@')[0]} shared "Q3 salary review" with you`,
    file: { name: 'review.svg', type: 'image/svg+xml' },
    victims: [12, 50],
    hours: [0.4, 2],
  },
  {
    hosts: alone(() => 'server.rented-host.example'),
    subject: () => 'Your password expires today',
    envelope: 'x%@rented-host.example',
    victims: [10, 40],
    hours: [0.3, 1.5],
  },
  {
    hosts: alone(({ chance }) => `[${chance.address()}]`),
    subject: () => 'Updated benefits policy: please acknowledge',
    from: `hr@${SECOND}`,
    victims: [15, 60],
    hours: [0.5, 3],
  },
  {
    // calls itself a service that everybody lets in
    hosts: alone(({ chance }) => `o${chance.between(1, 9)}.ptr${chance.between(100, 999)}.sendgrid.net`),
    subject: () => 'You have 1 pending voice message',
    file: { name: 'play.html', type: 'text/html' },
    unique: true,
    victims: [10, 40],
    hours: [0.3, 1.5],
  },
  {
    hosts: alone(() => 'localhost'),
    subject: ({ chance }) => `Nouveau message vocal ${chance.between(100, 999)}`,
    file: { name: 'message.pdf', type: 'application/pdf' },
    victims: [40, 70],
    hours: [4, 8],
  },
  {
    hosts: ({ chance }) =>
      Array.from({ length: 3 }, () => ({
        address: chance.address(),
        helo: `vmi${chance.between(1e5, 9e5)}.hoster.example`,
      })),
    subject: ({ chance }) =>
      chance.pick(['Remittance advice', 'Proposal for your signature', 'Scan_0092 from HP copier']),
    file: { name: 'document.pdf', type: 'application/pdf' },
    victims: [12, 45],
    hours: [0.5, 2],
  },
];

export function addAttacks(company: Company): void {
  const { chance, campaigns, days } = company;
  for (const [index, kind] of chance.some(CAMPAIGNS, 6).entries()) {
    const name = `campaign ${index}`;
    campaigns.push(name);
    const hosts = kind.hosts(company);
    const begin = company.moment(chance.between(0, days - 1), chance.happens(0.6));
    const file = chance.content();
    const length = chance.between(kind.hours[0] * 60, kind.hours[1] * 60) / 60;
    for (const to of chance.some(company.users, chance.between(...kind.victims)))
      addMail(company, kind, {
        at: begin + chance.fraction() * length * HOUR,
        host: chance.pick(hosts),
        to,
        file: kind.unique ? chance.content() : file,
        campaign: name,
      });
  }
  for (let lone = 0; lone < 8; lone++) {
    const kind = chance.pick(CAMPAIGNS);
    addMail(company, kind, {
      at: company.moment(chance.between(0, days - 1), true),
      host: chance.pick(kind.hosts(company)),
      to: company.user(),
      file: chance.content(),
    });
  }
}

function addMail(
  company: Company,
  kind: Campaign,
  { at, host, to, file, campaign }: { at: number; host: Host; to: string; file: string; campaign?: string },
): void {
  const author = kind.from ?? to;
  company.send(
    at,
    { class: 'attack', sender: campaign ?? 'lone', ...(campaign !== undefined && { campaign }) },
    {
      ...host,
      from: kind.envelope?.replace('%', String(company.chance.between(1, 99))) ?? author,
      to,
      author,
      subject: kind.subject(company, to),
      ...(kind.file && { attachment: { ...kind.file, content: file } }),
      ...(kind.mailer !== undefined && { fields: [['X-Mailer', kind.mailer]] as const }),
    },
  );
}
