/** Others who send in the organisation's name, with its leave. */
import { type Company, OWN } from './company.ts';

interface Vendor {
  /** `#` is the number of the server. */
  host: string;
  /** Its own domain, for signatures and return paths. */
  domain: string;
  servers: number;
}

const VENDORS: readonly Vendor[] = [
  { host: 'out#.cognitoforms.com', domain: 'cognitoforms.com', servers: 4 },
  { host: 'smtp-#.mta.salesforce.com', domain: 'salesforce.com', servers: 8 },
  { host: 'outbyoip#.pod17.euw1.zdsys.com', domain: 'zendesk.com', servers: 6 },
  { host: 'mail-#.freshemail.io', domain: 'freshemail.io', servers: 3 },
  { host: 'e#i.smtp2go.com', domain: 'smtp2go.com', servers: 5 },
  { host: 'mail#.cimcloud.com', domain: 'cimcloud.com', servers: 2 },
  { host: 'mail#.praxisplaner.example', domain: 'praxisplaner.example', servers: 4 },
  { host: 'smtp-out-#.rechnungsdienst.example', domain: 'rechnungsdienst.example', servers: 6 },
  { host: 'mx#.fleetly.example', domain: 'fleetly.example', servers: 3 },
  { host: 'app.timetrack.example', domain: 'timetrack.example', servers: 1 },
  { host: 'vps31.webagency.example', domain: 'webagency.example', servers: 1 },
];

const OWN_PATHS: readonly (Vendor & { path: string })[] = [
  {
    host: 'a#-12.smtp-out.eu-west-1.amazonses.com',
    domain: 'amazonses.com',
    servers: 9,
    path: `0102019-%@bounce.${OWN}`,
  },
  {
    host: 'o#.ptr4411.em.northwind.example',
    domain: 'sendgrid.net',
    servers: 2,
    path: `bounces+44%@em7712.${OWN}`,
  },
  { host: 'mta-#.mailgun.net', domain: 'mailgun.org', servers: 5, path: `bounce+%@mg.${OWN}` },
  { host: 'mta#a-ord.mtasv.net', domain: 'mtasv.net', servers: 3, path: 'pm_bounces+%@pm.mtasv.net' },
  {
    host: 'smtp#.eventtool.example',
    domain: 'eventtool.example',
    servers: 3,
    path: '%@bnc.eventtool.example',
  },
  {
    host: 'mail.surveyhut.example',
    domain: 'surveyhut.example',
    servers: 1,
    path: 'return-%@surveyhut.example',
  },
];

const SUBJECTS = [
  'New entry: contact form',
  'Your appointment tomorrow',
  'Invoice 2026-4411',
  '[Case 00041] comment added',
  'Trip report',
  'Vehicle inspection due',
  'Survey: your opinion',
];

export function addServices(company: Company): void {
  const { chance } = company;
  const known = VENDORS.slice(0, 6);
  const unknown = VENDORS.slice(6);
  for (const vendor of [...chance.some(known, 3), ...chance.some(unknown, 3)])
    addVendor(company, vendor, undefined, 'service');
  for (const vendor of chance.some(OWN_PATHS, 4)) addVendor(company, vendor, vendor.path, 'service-own-path');
  addConnected(company);
  addCloud(company);
  if (chance.happens(0.7)) addAwareness(company);
}

function addVendor(
  company: Company,
  { host, domain, servers }: Vendor,
  path: string | undefined,
  kind: 'service' | 'service-own-path',
): void {
  const { chance, days } = company;
  const base = chance.address().replace(/\d+$/, '');
  const numbers = chance.some(
    Array.from({ length: 40 }, (_, index) => 2 + index * 6),
    servers,
  );
  const named = chance.happens(0.85);
  const machines = numbers.map((number) => {
    const address = `${base}${number}`;
    const name = host.replace('#', String(number));
    if (named) company.host(name, address);
    return { address, name };
  });
  if (chance.happens(path === undefined ? 0.35 : 0)) company.allow(`${base}0/24`);
  const signs = chance.pick(['own', 'own', 'vendor', 'none']);
  const selector = `s${chance.hex(4)}`;
  const keys =
    signs === 'none' ? [] : [company.key(`${domain} ${signs}`, signs === 'own' ? OWN : domain, selector)];
  if (path !== undefined) {
    const returns = path.slice(path.indexOf('@') + 1);
    company.publish('TXT', returns, `v=spf1 ip4:${base}0/24 -all`);
  }
  const author = `${chance.pick(['forms', 'support', 'billing', 'fleet', 'events', 'news'])}.${domain.split('.')[0]}@${OWN}`;
  const subject = chance.pick(SUBJECTS);
  for (let day = 0; day < days; day++)
    for (let mail = 0; mail < chance.between(0, 5); mail++) {
      const { address, name } = chance.pick(machines);
      company.send(
        company.moment(day, chance.happens(0.5)),
        { class: kind, sender: domain },
        {
          address,
          helo: name,
          tls: true,
          from: path?.replace('%', chance.hex(8)) ?? author,
          to: company.user(),
          author,
          subject,
          keys,
        },
      );
    }
}

/** A service that is known by a partner connector, and an own server by one of its own. */
function addConnected(company: Company): void {
  const { chance, days } = company;
  const partner = chance.address();
  const premises = chance.address();
  const base = {
    enabled: true,
    requireTls: false,
    restrictToAddresses: false,
    restrictToCertificate: false,
  };
  company.connectors.push(
    {
      ...base,
      name: 'Payroll service',
      type: 'partner',
      senderDomains: ['*'],
      senderAddresses: [`${partner}/32`],
    },
    {
      ...base,
      name: 'Inbound from 4f1c (hybrid)',
      type: 'on-premises',
      senderDomains: ['*'],
      senderAddresses: [`${premises}/32`],
    },
  );
  for (let day = 0; day < days; day++) {
    for (let mail = 0; mail < chance.between(1, 5); mail++) {
      company.send(
        company.moment(day, true),
        { class: 'partner-connector', sender: 'payroll service' },
        {
          address: partner,
          helo: 'out.payroll-service.example',
          from: `payroll@${OWN}`,
          to: company.user(),
          author: `payroll@${OWN}`,
          subject: 'Expense report approved',
        },
      );
      const user = company.user();
      company.send(
        company.moment(day, true),
        { class: 'hybrid', sender: 'own servers' },
        {
          address: premises,
          helo: `exch1.${OWN}`,
          tls: true,
          from: user,
          to: company.user(),
          author: user,
          subject: 'Re: holidays',
        },
      );
    }
    for (let mail = 0; mail < 2; mail++) {
      company.write(company.moment(day, true), 'internal-relay', {
        from: `room${mail}@${OWN}`,
        to: company.user(),
        subject: 'Room booked',
      });
      company.write(company.moment(day, false), 'notice', {
        from: `microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@${OWN}`,
        to: company.user(),
        subject: 'Undeliverable: offer',
      });
    }
  }
}

function addCloud(company: Company): void {
  const { chance, days } = company;
  const address = chance.address();
  const name = `vm-${chance.hex(5)}.westeurope.cloudapp.azure.com`;
  company.host(name, address);
  for (let day = 0; day < days; day++)
    for (let mail = 0; mail < chance.between(0, 3); mail++)
      company.send(
        company.moment(day, false),
        { class: 'cloud', sender: 'azure' },
        {
          address,
          helo: name,
          from: `portal@${OWN}`,
          to: company.user(),
          author: `portal@${OWN}`,
          subject: chance.pick(['Portal: new registration', 'Function failed', 'Daily figures']),
        },
      );
}

/** Attacks that the organisation has ordered. */
function addAwareness(company: Company): void {
  const { chance, days } = company;
  const [name, helo] = chance.pick([
    ['KnowBe4', 'psm.knowbe4.com'],
    ['Hoxhunt', 'mail.hoxhunt.com'],
    ['SoSafe', 'mta3.sosafe.de'],
  ] as const);
  const address = chance.address();
  company.host(helo, address);
  if (chance.happens(0.6)) company.allow(address);
  for (let wave = 0; wave < 2; wave++) {
    const at = company.moment(chance.between(1, days - 2), true);
    const subject = chance.pick(['Payroll update', 'Missed voice message', 'Password expires today']);
    for (const to of chance.some(company.users, 45))
      company.send(
        at + chance.between(0, 5_000_000),
        { class: 'awareness', sender: name },
        { address, helo, tls: true, from: `it-help@${OWN}`, to, author: `it-help@${OWN}`, subject },
      );
  }
}
