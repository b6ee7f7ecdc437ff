/** Those who send on the organisation's behalf with its leave, each by the way that such senders really take. */
import { createSecureContext } from 'node:tls';
import type { Actor, Letter, Scene } from './actor.ts';
import { said } from '../said.ts';
import { ADDRESSES, NAMES, PRINTER } from '../world.ts';
import { pdf } from './pdf.ts';

const PRINTER_HELLO = 'mfp-03';

export const printerDirect: Actor = {
  name: 'printer-direct',
  class: 'legitimate',
  way: 'direct-send',
  what: said(
    'The office printer scans to mail without a password, straight to the tenant (Direct Send).',
    'L’imprimante du bureau envoie ses numérisations sans mot de passe, directement au locataire (Direct Send).',
  ),
  letter: (scene) => ({
    visit: {
      host: scene.lab.frontDoor.host,
      port: scene.lab.frontDoor.proxiedPort,
      address: ADDRESSES.printer,
      hello: PRINTER_HELLO,
      from: PRINTER,
      to: [scene.colleague.address],
    },
    ...scan(scene, PRINTER),
  }),
};

export const printerRelay: Actor = {
  name: 'printer-relay',
  class: 'legitimate',
  way: 'relay',
  what: said(
    'The same printer after its move: it logs in at the relay, which signs its mail and hands it over.',
    'La même imprimante après migration : elle s’authentifie auprès du relais, qui signe son courrier et le remet.',
  ),
  letter: (scene) => {
    const { host, port, account, password, from } = scene.lab.relay;
    return {
      visit: {
        host,
        port,
        hello: PRINTER_HELLO,
        tls: {},
        login: { username: account, password },
        from,
        to: [scene.colleague.address],
      },
      ...scan(scene, from),
    };
  },
};

export const application: Actor = {
  name: 'application',
  class: 'legitimate',
  way: 'partner-connector',
  what: said(
    'The payroll service shows its own TLS client certificate, by which a partner connector knows it.',
    'Le service de paie présente son propre certificat TLS client, auquel un connecteur partenaire le reconnaît.',
  ),
  async letter({ lab, language, domain, colleague }) {
    const { certificate, privateKey } = await lab.clientCertificate(NAMES.application);
    const from = `payroll@${domain}`;
    return {
      visit: {
        host: lab.frontDoor.host,
        port: lab.frontDoor.proxiedPort,
        address: ADDRESSES.application,
        hello: NAMES.application,
        tls: { context: createSecureContext({ cert: certificate, key: privateKey }) },
        from,
        to: [colleague.address],
      },
      writtenAt: NAMES.application,
      parts: {
        from: { address: from, name: said('Payroll', 'Service de paie')[language] },
        to: [{ address: colleague.address, name: colleague.name }],
        cc: [],
        replyTo: [],
        subject: said('Your payslip for November', 'Votre bulletin de paie de novembre')[language],
        text: said(
          'Your payslip for November is ready: https://payslips.payroll.invalid/2026-11\n',
          'Votre bulletin de paie de novembre est prêt : https://payslips.payroll.invalid/2026-11\n',
        )[language],
        attachments: [],
        headers: [],
      },
    };
  },
};

export const newsletter: Actor = {
  name: 'newsletter',
  class: 'legitimate',
  way: 'internet',
  what: said(
    'A newsletter service with a return path of its own, whose DKIM signature is aligned with the domain.',
    'Un service de lettres d’information avec sa propre adresse de retour et une signature DKIM alignée sur le domaine.',
  ),
  letter: (scene) => issue(scene, `b-1187@${NAMES.newsletterReturnPath}`),
};

export const newsletterBare: Actor = {
  name: 'newsletter-bare',
  class: 'legitimate',
  way: 'direct-send',
  what: said(
    'The same service with the bare domain as return path: DMARC passes, and Direct Send rejection hits it.',
    'Le même service avec le domaine nu comme adresse de retour : DMARC réussit, mais le refus de Direct Send le bloque.',
  ),
  letter: (scene) => issue(scene, `newsletter@${scene.domain}`),
};

export const forwarder: Actor = {
  name: 'forwarder',
  class: 'legitimate',
  way: 'direct-send',
  what: said(
    'A university forwards a colleague’s mail back into the organisation and keeps its envelope sender (no SRS).',
    'Une université renvoie à l’organisation le courrier d’un collègue en gardant l’expéditeur d’enveloppe (sans SRS).',
  ),
  letter({ lab, language, domain, boss, colleague }) {
    const alumna = { address: 'anna.keller@alumni.test', name: boss.name };
    return {
      visit: {
        host: lab.frontDoor.host,
        port: lab.frontDoor.proxiedPort,
        address: ADDRESSES.forwarder,
        hello: NAMES.forwarder,
        from: colleague.address,
        to: [boss.address],
      },
      writtenAt: domain,
      keys: [lab.keys.tenant],
      received: [
        `from outbound.protection.test (outbound.protection.test [192.0.2.200])\r\n\tby ${NAMES.forwarder} with ESMTPS for <${alumna.address}>`,
      ],
      parts: {
        from: { address: colleague.address, name: colleague.name },
        to: [alumna],
        cc: [],
        replyTo: [],
        subject: said('Agenda for Thursday', 'Ordre du jour de jeudi')[language],
        text: said(
          'Hello,\n\nthe agenda for Thursday follows tomorrow.\n',
          'Bonjour,\n\nl’ordre du jour de jeudi suit demain.\n',
        )[language],
        attachments: [],
        headers: [],
      },
    };
  },
};

function scan({ language, domain, colleague }: Scene, from: string): Omit<Letter, 'visit'> {
  const title = said('Delivery note 4711', 'Bon de livraison 4711')[language];
  return {
    writtenAt: `${PRINTER_HELLO}.${domain}`,
    parts: {
      from: { address: from, name: said('Printer, 3rd floor', 'Imprimante du 3e étage')[language] },
      to: [{ address: colleague.address, name: colleague.name }],
      cc: [],
      replyTo: [],
      subject: said('Scan: delivery note 4711', 'Numérisation : bon de livraison 4711')[language],
      text: said('Your scan is attached.\n', 'Votre numérisation est jointe.\n')[language],
      attachments: [
        {
          filename: 'scan-4711.pdf',
          contentType: 'application/pdf',
          disposition: 'attachment',
          content: pdf({
            title,
            lines: [
              said('12 boxes of paper, size A4', '12 cartons de papier, format A4')[language],
              said('Received complete and in good order', 'Reçu complet et en bon état')[language],
            ],
          }),
        },
      ],
      headers: [],
    },
  };
}

function issue({ lab, language, domain, colleague }: Scene, returnPath: string): Letter {
  const service = lab.keys.newsletterService;
  return {
    visit: {
      host: lab.frontDoor.host,
      port: lab.frontDoor.proxiedPort,
      address: ADDRESSES.newsletter,
      hello: NAMES.newsletter,
      from: returnPath,
      to: [colleague.address],
    },
    writtenAt: service.domain,
    keys: [service, lab.keys.newsletter],
    parts: {
      from: { address: `newsletter@${domain}`, name: said('The newsletter', 'La lettre')[language] },
      to: [{ address: colleague.address, name: colleague.name }],
      cc: [],
      replyTo: [],
      subject: said('Our news in November', 'La lettre de novembre')[language],
      text: said(
        'What is new in November: https://news.contoso.invalid/2026-11\n',
        'Les nouvelles de novembre : https://news.contoso.invalid/2026-11\n',
      )[language],
      attachments: [],
      headers: [
        ['List-Id', `newsletter.${domain}`],
        ['List-Unsubscribe', '<https://news.contoso.invalid/leave>'],
      ],
    },
  };
}
