/** Own mail that comes back by way of others, and mail of others. */
import { type Company, OWN } from './company.ts';

export function addDetours(company: Company): void {
  addReinjection(company);
  addForwarding(company);
  addLists(company);
  addMeetings(company);
  addOthers(company);
}

/** Signatures are added outside; one of its addresses is missing in the connector. */
function addReinjection(company: Company): void {
  const { chance, days } = company;
  const [vendor, domain] = chance.pick([
    ['eu-west#.mail.codetwo.online', 'codetwo.online'],
    ['smtp-eu#.exclaimer.net', 'exclaimer.net'],
    ['gate#.seppmail.cloud', 'seppmail.cloud'],
  ] as const);
  const base = chance.address().replace(/\d+$/, '');
  const servers = [10, 11, 12, 13].map((number) => {
    const server = { address: `${base}${number}`, name: vendor.replace('#', String(number)) };
    company.host(server.name, server.address);
    return server;
  });
  company.connectors.push({
    name: 'Signatures',
    enabled: true,
    type: 'partner',
    senderDomains: ['*'],
    senderAddresses: servers.slice(0, 3).map(({ address }) => `${address}/32`),
    requireTls: false,
    restrictToAddresses: false,
    restrictToCertificate: false,
  });
  for (let day = 0; day < days; day++)
    for (let mail = 0; mail < 6; mail++) {
      const from = company.user();
      const to = company.user();
      const subject = chance.pick(['Contract', 'Re: order 12', 'Minutes', 'AW: Angebot']);
      const at = company.moment(day, true);
      const messageId = company.write(at, 'outgoing', { from, to, subject });
      const server = chance.pick(servers);
      const matched = server !== servers[3];
      company.send(
        at + chance.between(2000, 9000),
        { class: matched ? 'partner-connector' : 'reinjection', sender: domain },
        {
          address: server.address,
          helo: server.name,
          tls: true,
          from,
          to,
          author: from,
          subject,
          messageId,
          keys: ['tenant'],
          changed: true,
        },
      );
    }
}

/** Sent on with the envelope that it came with. */
function addForwarding(company: Company): void {
  const { chance, days } = company;
  const forwarders = [
    ['mail-ed1-f#.google.com', 60],
    ['mx#.alumni-office.example', 2],
    ['fout#.messagingengine.com', 9],
    ['forward#.registrar.example', 4],
  ] as const;
  for (const [pattern, servers] of chance.some(forwarders, 3)) {
    const base = chance.address().replace(/\d+$/, '');
    for (let day = 0; day < days; day++) {
      if (!company.isWorkday(day)) continue;
      for (let mail = 0; mail < chance.between(0, 4); mail++) {
        const from = company.user();
        const subject = chance.pick([
          'Minutes of the meeting',
          'Invitation to the annual dinner',
          'Offer',
          'Fwd: photos',
        ]);
        const at = company.moment(day, true);
        const messageId = company.write(at, 'outgoing', { from, to: 'ada@alumni.example', subject });
        const number = 1 + chance.between(1, servers);
        const helo = pattern.replace('#', String(number));
        const address = `${base}${number}`;
        if (!company.records.has(`PTR ${address}`)) company.host(helo, address);
        company.send(
          at + chance.between(3000, 60_000),
          { class: 'forwarding', sender: pattern },
          {
            address,
            helo,
            tls: true,
            from,
            to: chance.happens(0.1) ? from : company.user(),
            author: from,
            subject,
            messageId,
            keys: chance.happens(0.85) ? ['tenant'] : [],
          },
        );
      }
    }
  }
}

function addLists(company: Company): void {
  const { chance, days } = company;
  for (const [list, host, path] of [
    ['devel.lists.foundation.example', 'lists.foundation.example', 'devel-bounces@lists.foundation.example'],
    ['club.groups.io', 'mail02.groups.io', 'bounce+27440+3@groups.io'],
  ] as const) {
    const address = chance.address();
    company.host(host, address);
    company.publish('TXT', path.slice(path.indexOf('@') + 1), `v=spf1 ip4:${address} -all`);
    for (let day = 0; day < days; day++)
      for (let mail = 0; mail < chance.between(0, 3); mail++) {
        const author = company.user();
        company.send(
          company.moment(day, false),
          { class: 'mailing-list', sender: list },
          {
            address,
            helo: host,
            tls: true,
            from: path,
            to: chance.happens(0.1) ? author : company.user(),
            author,
            subject: '[devel] release of the next version',
            fields: [['List-Id', `<${list}>`]],
            keys: ['tenant'],
            changed: true,
          },
        );
      }
  }
}

/** Servers of others answer for, or forward, what an own organiser has called together. */
function addMeetings(company: Company): void {
  const { chance, days } = company;
  const address = chance.address();
  company.host('mta2.customer.example', address);
  for (let day = 0; day < days; day++)
    for (let mail = 0; mail < chance.between(0, 3); mail++) {
      const organiser = company.user();
      company.send(
        company.moment(day, true),
        { class: 'calendar', sender: 'customer' },
        {
          address,
          helo: 'mta2.customer.example',
          tls: true,
          from: chance.happens(0.3) ? '' : organiser,
          to: company.user(),
          author: organiser,
          subject: chance.pick([
            'Accepted: budget',
            'Declined: review',
            'Tentative: visit',
            'Accepté : budget',
            'Budget review',
          ]),
          fields: [['Content-Type', 'text/calendar; method=REPLY; charset=utf-8']],
        },
      );
    }
}

/** Mail of mailboxes, and of everybody else; a gateway in front brings it all where the MX is elsewhere. */
function addOthers(company: Company): void {
  const { chance, days, mxElsewhere, users } = company;
  const base = chance.address().replace(/\d+$/, '');
  const [pattern] = chance.some(
    ['mx0a-00#.pphosted.com', 'eu-smtp-inbound-#.mimecast.com', 'mxg#.filterwall.example'],
    1,
  );
  const gateway = Array.from({ length: 4 }, (_, index) => {
    const server = { address: `${base}${20 + index}`, name: pattern!.replace('#', String(index + 1)) };
    if (mxElsewhere) company.host(server.name, server.address);
    return server;
  });
  const strangers = Array.from({ length: 40 }, (_, index) => {
    const domain = `${chance.pick(['cargo', 'studio', 'bank', 'press', 'supply'])}${index}.example`;
    const address = chance.address();
    company.host(`mx.${domain}`, address);
    company.publish('TXT', domain, `v=spf1 ip4:${address} -all`);
    return { domain, address };
  });
  const perDay = Math.ceil(users.length * 1.4);
  for (let day = 0; day < days; day++) {
    const factor = company.isWorkday(day) ? 1 : 0.15;
    for (let mail = 0; mail < perDay * factor; mail++) {
      const from = company.user();
      if (chance.happens(0.5))
        company.write(company.moment(day, true), 'mailbox', {
          from,
          to: company.user(),
          subject: 'Re: figures',
        });
      else
        company.write(company.moment(day, true), 'outgoing', {
          from,
          to: 'x@partner.example',
          subject: 'Offer',
        });
      const { domain, address } = chance.pick(strangers);
      const person = chance.happens(0.04) ? '' : `p${chance.between(1, 60)}@${domain}`;
      const server = chance.pick(gateway);
      company.send(
        company.moment(day, false),
        { class: 'background', sender: 'others' },
        {
          address: mxElsewhere ? server.address : address,
          helo: mxElsewhere ? server.name : `mx.${domain}`,
          tls: true,
          from: person,
          to: company.user(),
          author: person || `postmaster@${domain}`,
          subject: chance.pick([
            'Offer',
            'Newsletter',
            'Re: order',
            'Undeliverable: hello',
            'Voice message received',
          ]),
        },
      );
    }
    if (!mxElsewhere) continue;
    // own names that came to the gateway from outside: a shop system, a vendor
    for (let mail = 0; mail < chance.between(1, 4); mail++) {
      const server = chance.pick(gateway);
      const author = `${chance.pick(['shop', 'desk'])}@${OWN}`;
      company.send(
        company.moment(day, false),
        { class: 'own-gateway', sender: 'gateway' },
        {
          address: server.address,
          helo: server.name,
          tls: true,
          from: author,
          to: company.user(),
          author,
          subject: 'Request from the shop',
        },
      );
    }
  }
}
