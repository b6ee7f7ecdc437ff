import { styleText } from 'node:util';
import type { SetupLink } from './people/setup-links.ts';
import type { Lab } from './lab/lab.ts';
import { frenchSpaces } from './lab/said.ts';

export interface LabSummaryFacts {
  version: string;
  lab: Lab;
  api: string;
  /** Makes the first owner account of the console. */
  setupLink?: SetupLink;
  data: string;
  readyMs: number;
  colour: boolean;
}

interface Words {
  title: string;
  ready: (ms: number) => string;
  frontDoor: string;
  proxied: string;
  relay: string;
  dns: string;
  data: string;
  console: string;
  open: string;
  spoof: string;
  look: string;
  refuse: string;
  again: string;
  tour: string;
  end: string;
}

const WORDS: Record<'en' | 'fr', Words> = {
  en: {
    title: 'Postern lab',
    ready: (ms) => `ready in ${ms} ms; everything on this machine, nothing leaves it`,
    frontDoor: 'front door of contoso.test and fabrikam.test',
    proxied: 'the same, with a PROXY header that says where the client is',
    relay: 'the relay, STARTTLS',
    dns: 'name server of the lab, UDP and TCP',
    data: 'folder',
    console: 'console',
    open: 'Open the console and make your account (once, within the hour; another link: postern console):',
    spoof: 'Send a message from the boss to the boss, by Direct Send:',
    look: 'Look where it went:',
    refuse: 'Refuse Direct Send, and send it again:',
    again: 'Set it back with false; see the whole lab with postern lab status',
    tour: 'Or be shown around, in ten minutes:',
    end: 'Ctrl+C ends the lab.',
  },
  fr: {
    title: 'Laboratoire Postern',
    ready: (ms) => `prêt en ${ms} ms ; tout reste sur cette machine`,
    frontDoor: 'porte d’entrée de contoso.test et fabrikam.test',
    proxied: 'la même, avec un en-tête PROXY qui dit d’où vient le client',
    relay: 'le relais, STARTTLS',
    dns: 'serveur de noms du laboratoire, UDP et TCP',
    data: 'dossier',
    console: 'console',
    open: 'Ouvrir la console et créer votre compte (une fois, dans l’heure ; autre lien : postern console) :',
    spoof: 'Envoyer un message du dirigeant au dirigeant, par Direct Send :',
    look: 'Voir où il est arrivé :',
    refuse: 'Refuser Direct Send, puis l’envoyer de nouveau :',
    again: 'Revenir en arrière avec false ; voir tout le laboratoire avec postern lab status',
    tour: 'Ou suivre la visite guidée, en dix minutes :',
    end: 'Ctrl+C arrête le laboratoire.',
  },
};

/** What a start of the lab tells: where it listens, a line to paste, and what comes next. */
export function labSummary({ version, lab, api, setupLink, data, readyMs, colour }: LabSummaryFacts): string {
  const words = WORDS[lab.language];
  const bold = (text: string): string => (colour ? styleText('bold', text) : text);
  const dim = (text: string): string => (colour ? styleText('dim', text) : text);
  const { frontDoor, relay, dns } = lab;
  const [boss] = lab.mailboxes();
  const address = boss?.address ?? '';
  const places: [string, string, string][] = [
    ['SMTP', `${frontDoor.host}:${frontDoor.port}`, words.frontDoor],
    ['SMTP', `${frontDoor.host}:${frontDoor.proxiedPort}`, words.proxied],
    ['SMTP', `${relay.host}:${relay.port}`, words.relay],
    ['DNS', dns.address, words.dns],
    ['HTTP', `${api}/`, words.console],
  ];
  const set = (text: string): string => (lab.language === 'fr' ? frenchSpaces(text) : text);
  const option = data.endsWith('/postern-lab') ? '' : ` --data ${data}`;
  return [
    '',
    `${bold(`${words.title} ${version}`)}  ${dim(set(words.ready(Math.round(readyMs))))}`,
    '',
    ...places.map(([kind, place, what]) => `  ${kind.padEnd(6)}${place.padEnd(26)}${dim(what)}`.trimEnd()),
    `  ${dim(words.data)} ${data}`,
    '',
    ...(setupLink ? [`  ${set(words.open)}`, '', `  ${bold(`${api}/welcome#${setupLink.token}`)}`, ''] : []),
    `  ${set(words.spoof)}`,
    '',
    `  swaks --server ${frontDoor.host}:${frontDoor.port} --from ${address} --to ${address} \\`,
    `    --header 'Subject: Caller Left VM Message'`,
    '',
    `  ${set(words.look)}`,
    '',
    `  postern lab inbox${option}`,
    '',
    `  ${set(words.refuse)}`,
    '',
    `  postern lab set RejectDirectSend true${option}`,
    '',
    dim(`  ${set(words.again)}`),
    '',
    `  ${set(words.tour)}`,
    '',
    `  ${bold(`postern lab tour${option}`)}`,
    '',
    dim(`  ${words.end}`),
    '',
    '',
  ].join('\n');
}
