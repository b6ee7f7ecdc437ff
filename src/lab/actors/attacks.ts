/**
 * What attackers were seen to do, as far as a demonstration needs it: real envelopes and real lures, with links that
 * lead nowhere (RFC 2606: `.invalid` has no servers).
 */
import type { Actor, Letter, Scene } from './actor.ts';
import { said } from '../said.ts';
import { ADDRESSES, NAMES } from '../world.ts';
import { pdf } from './pdf.ts';
import { qrCode } from './qr.ts';

/** Where the QR code of the voice-mail lure leads. */
export const LURE_LINK = 'https://voicemail.contoso-portal.invalid/7f3a91';

export const voicemailLure: Actor = {
  name: 'voicemail-lure',
  class: 'attack',
  way: 'direct-send',
  what: said(
    'A missed voice message from the boss to the boss: a PDF with a QR code that leads to a false sign-in page.',
    'Un message vocal manqué, de la directrice à elle-même : un PDF avec un code QR qui mène à une fausse page de connexion.',
  ),
  letter(scene) {
    const { boss, language } = scene;
    const lines = [
      said('A caller left you a message of 0:42.', 'Un appelant vous a laissé un message de 0:42.')[language],
      said(
        'Scan the code with your phone to listen to it.',
        'Scannez le code avec votre téléphone pour l’écouter.',
      )[language],
    ];
    return {
      visit: visitOf(scene, RENTED, boss.address, boss.address),
      writtenAt: RENTED.hello,
      parts: {
        from: { address: boss.address, name: boss.name },
        to: [{ address: boss.address, name: boss.name }],
        cc: [],
        replyTo: [],
        subject: said('Caller Left VM Message (0:42)', 'Message vocal manqué (0:42)')[language],
        text: said('Your voice message is attached.\n', 'Votre message vocal est joint.\n')[language],
        attachments: [
          {
            filename: 'voicemail-0042.pdf',
            contentType: 'application/pdf',
            disposition: 'attachment',
            content: pdf({
              title: said('Voice message', 'Message vocal')[language],
              lines,
              picture: qrCode(LURE_LINK),
            }),
          },
        ],
        headers: [],
      },
    };
  },
};

export const loopbackHelo: Actor = {
  name: 'loopback-helo',
  class: 'attack',
  way: 'direct-send',
  what: said(
    'A script on a rented server that greets as [127.0.0.1] and writes to a colleague as the boss.',
    'Un script sur un serveur loué, qui se présente comme [127.0.0.1] et écrit à un collègue au nom de la directrice.',
  ),
  letter(scene) {
    const { boss, colleague, language } = scene;
    return {
      visit: visitOf(scene, SCRIPT, boss.address, colleague.address),
      writtenAt: RENTED.hello,
      parts: {
        from: { address: boss.address, name: boss.name },
        to: [{ address: colleague.address, name: colleague.name }],
        cc: [],
        replyTo: [],
        subject: said('Payroll update: action required today', 'Mise à jour de votre fiche de paie')[
          language
        ],
        text: said(
          'Please check your bank details before 5 pm: https://payroll.contoso-portal.invalid/\n',
          'Merci de vérifier vos coordonnées bancaires avant 17 h : https://paie.contoso-portal.invalid/\n',
        )[language],
        attachments: [],
        headers: [['X-Mailer', 'PowerShell/7.4']],
      },
    };
  },
};

export const foreignEnvelope: Actor = {
  name: 'foreign-envelope',
  class: 'attack',
  way: 'internet',
  what: said(
    'A foreign domain in the envelope, the boss in the From field: Direct Send rejection does not look there.',
    'Un domaine tiers dans l’enveloppe, la directrice dans le champ From : le refus de Direct Send ne regarde pas là.',
  ),
  letter: (scene) => transfer(scene, { by: BULK, envelopeFrom: 'b-77@bulk-sender.test', from: scene.boss }),
};

export const displayName: Actor = {
  name: 'display-name',
  class: 'attack',
  way: 'internet',
  what: said(
    'Name and address of the boss as display name, the honest address of a stranger behind it.',
    'Le nom et l’adresse de la directrice comme nom affiché, la vraie adresse d’un inconnu derrière.',
  ),
  letter: (scene) => {
    const { boss } = scene;
    const address = 'office@bulk-sender.test';
    const name = `${boss.name} (${boss.address})`;
    return transfer(scene, { by: BULK, envelopeFrom: address, from: { address, name } });
  },
};

export const lookalike: Actor = {
  name: 'lookalike',
  class: 'attack',
  way: 'internet',
  what: said(
    'A domain of the attacker’s own that differs from the organisation’s by one character; it passes DMARC.',
    'Un domaine de l’attaquant, qui ne diffère de celui de l’organisation que d’un caractère ; il réussit DMARC.',
  ),
  letter: (scene) => {
    const { boss, lab } = scene;
    const address = boss.address.replace(/@.*/, `@${NAMES.lookalikeDomain}`);
    return {
      ...transfer(scene, { by: LOOKALIKE, envelopeFrom: address, from: { address, name: boss.name } }),
      keys: [lab.keys.attacker],
    };
  },
};

export const subdomain: Actor = {
  name: 'subdomain',
  class: 'attack',
  way: 'internet',
  what: said(
    'A subdomain that does not exist, in envelope and From: the rule covers it only with MatchSubDomains.',
    'Un sous-domaine qui n’existe pas, dans l’enveloppe et le champ From : la règle ne le couvre qu’avec MatchSubDomains.',
  ),
  letter: (scene) => {
    const { domain, language } = scene;
    const department = said('hr', 'rh')[language];
    const address = `${department}@${department}.${domain}`;
    const name = said('Human resources', 'Ressources humaines')[language];
    return transfer(scene, { by: RENTED, envelopeFrom: address, from: { address, name } });
  },
};

/** A server that an attack comes from. */
interface Host {
  address: string;
  hello: string;
}

const RENTED: Host = { address: ADDRESSES.attacker, hello: 'vps-66.rented.test' };
const SCRIPT: Host = { address: ADDRESSES.attacker, hello: '[127.0.0.1]' };
const BULK: Host = { address: ADDRESSES.bulkSender, hello: NAMES.bulkSender };
const LOOKALIKE: Host = { address: ADDRESSES.lookalike, hello: NAMES.lookalike };

function visitOf({ lab }: Scene, { address, hello }: Host, from: string, to: string): Letter['visit'] {
  return { host: lab.frontDoor.host, port: lab.frontDoor.proxiedPort, address, hello, from, to: [to] };
}

/** The boss asks a colleague for an urgent transfer. */
function transfer(
  scene: Scene,
  { by, envelopeFrom, from }: { by: Host; envelopeFrom: string; from: { address: string; name: string } },
): Letter {
  const { colleague, language } = scene;
  return {
    visit: visitOf(scene, by, envelopeFrom, colleague.address),
    writtenAt: by.hello,
    parts: {
      from: { address: from.address, name: from.name },
      to: [{ address: colleague.address, name: colleague.name }],
      cc: [],
      replyTo: [],
      subject: said('Wire transfer to be made today', 'Virement à faire aujourd’hui')[language],
      text: said(
        'I am in a meeting. Please make the transfer before noon, the details are here: https://docs.contoso-portal.invalid/wire\n',
        'Je suis en réunion. Faites le virement avant midi, les coordonnées sont ici : https://docs.contoso-portal.invalid/virement\n',
      )[language],
      attachments: [],
      headers: [],
    },
  };
}
