/** Devices and applications of the organisation, which send without leave. */
import { type Company, OWN, SECOND } from './company.ts';

const SCANS = [
  'Message from KM_C300i',
  'Scan from a Samsung MFP',
  'Attached Image',
  'Scanned image from MX-3071',
  'Numérisation du copieur du 2e',
  'Image data from copier',
  'Document',
  'Gescanntes Dokument',
  '',
];

export function addMachines(company: Company): void {
  const sites = company.chance.between(5, 9);
  for (let site = 0; site < sites; site++) addSite(company, site, sites);
  for (let server = 0; server < company.chance.between(4, 7); server++) addServer(company, server);
  addRare(company);
}

/** Copiers behind one address. */
function addSite(company: Company, site: number, sites: number): void {
  const { chance, days } = company;
  const address = chance.address();
  if (chance.happens(company.policy === 'reject' ? 0.8 : 0.45)) company.allow(address);
  if (chance.happens(0.5)) company.host(`${address.replaceAll('.', '-')}.static.carrier.example`, address);
  // one site opens in the last days, and one closes
  const from = site === sites - 1 ? days - 3 : 0;
  const until = site === 0 ? Math.ceil(days * 0.6) : days;
  for (let device = 0; device < chance.between(1, 4); device++) {
    const helo = chance.pick([
      `SEC${chance.hex(12).toUpperCase()}`,
      `KMBT${chance.hex(6).toUpperCase()}`,
      `RNP${chance.hex(12).toUpperCase()}`,
      `BRN${chance.hex(12).toUpperCase()}`,
      `NPI${chance.hex(6).toUpperCase()}`,
      `Canon${chance.hex(6).toUpperCase()}`,
      `XRX${chance.hex(12).toUpperCase()}`,
      `EPSON${chance.hex(6).toUpperCase()}`,
      `copieur-etage-${device}`,
      `mfp-${site}-${device}`,
      `10.${site}.0.${chance.between(10, 200)}`,
      `[10.${site}.0.${chance.between(10, 200)}]`,
      'localhost',
      'localhost.localdomain',
      `prn${site}${device}.hq.${OWN}`,
      `prn${site}${device}.northwind.local`,
    ]);
    const box = `${chance.pick(['scan', 'copier', 'printer', 'noreply', 'mfp'])}${site}${device}@${OWN}`;
    const asUser = chance.happens(0.35);
    const subject = chance.pick(SCANS);
    const tls = chance.happens(0.5);
    for (let day = from; day < until; day++) {
      if (!company.isWorkday(day)) continue;
      for (let scan = 0; scan < chance.between(1, 9); scan++) {
        const to = company.user();
        const author = asUser && chance.happens(0.85) ? to : box;
        company.send(
          company.moment(day, true),
          { class: 'device', sender: `site ${site}` },
          {
            address,
            helo,
            tls,
            from: author,
            to,
            author,
            subject,
            attachment: {
              name: chance.happens(0.7) ? `SKM_C${chance.between(1000, 99_999)}.pdf` : `img-${scan}.tif`,
              type: 'application/pdf',
              content: chance.content(),
            },
          },
        );
      }
    }
  }
}

/** Applications and appliances: text, at any time, sometimes to many at once. */
function addServer(company: Company, server: number): void {
  const { chance, days } = company;
  const address = chance.address();
  if (chance.happens(company.policy === 'none' ? 0.4 : 0.85)) company.allow(address);
  const helo = chance.pick([
    `SRV-SAGE0${server}`,
    `app0${server}.northwind.local`,
    `nagios${server}.${OWN}`,
    `WIN2019-ERP${server}`,
    'localhost.localdomain',
    `veeam.corp.northwind.lan`,
    'fileserver',
    `[192.168.${server}.7]`,
    `erp.${SECOND}`,
  ]);
  const author = `${chance.pick(['erp', 'nagios', 'backup', 'hr-portal', 'no-reply', 'tickets'])}${server}@${chance.pick([OWN, SECOND])}`;
  const subjects = chance.pick([
    ['[PROBLEM] disk / on srv-db is 91 % full', '[OK] disk / on srv-db'],
    ['Backup job: Daily (Success)', 'Backup job: Daily (Warning)'],
    ['Order confirmation 4411', 'Delivery note 883', 'Invoice approved'],
    ['UPS: on battery', 'UPS: on line'],
    ['Ticket #4411 was assigned to you', 'Ticket #901 was closed'],
  ]);
  const truth = { class: 'device', sender: `server ${server}` } as const;
  const weekends = chance.happens(0.6);
  for (let day = 0; day < days; day++) {
    if (!weekends && !company.isWorkday(day)) continue;
    for (let mail = 0; mail < chance.between(1, 7); mail++)
      company.send(company.moment(day, false), truth, {
        address,
        helo,
        from: author,
        to: company.user(),
        author,
        subject: chance.pick(subjects),
      });
  }
  // once a month to everybody within minutes, with words that attackers like
  if (server > 1) return;
  const at = company.moment(Math.min(days - 2, 24), true);
  for (const to of company.users)
    company.send(at + chance.between(0, 600_000), truth, {
      address,
      helo,
      from: author,
      to,
      author,
      subject:
        server === 0 ? 'Your payslip of this month is available' : 'Timesheet: please complete it today',
    });
}

/** Sends once a week, from a line that nothing else uses. */
function addRare(company: Company): void {
  const { chance, days } = company;
  for (const [name, subject] of [
    ['alarm', 'Weekly status of the alarm system'],
    ['heating', 'Report: heating'],
  ] as const) {
    const address = chance.address();
    for (let day = chance.between(0, 6); day < days; day += 7)
      company.send(
        company.moment(day, false),
        { class: 'device', sender: name },
        {
          address,
          helo: name === 'alarm' ? 'AlarmPanel-2' : `[172.16.4.${chance.between(2, 99)}]`,
          tls: false,
          from: `${name}@${OWN}`,
          to: company.users[3]!,
          author: `${name}@${OWN}`,
          subject,
        },
      );
  }
}
