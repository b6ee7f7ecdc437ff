import { frenchSpaces } from '../said.ts';
import type { TourTexts } from './texts.ts';

/** Written with ordinary spaces; `typeset` puts in those at which no line may break. */
const WRITTEN: TourTexts = {
  title: 'Direct Send : qui peut écrire en notre nom, et comment fermer la porte',
  welcome:
    'Cet ordinateur héberge maintenant un petit monde à part : une organisation sous Microsoft 365 nommée Contoso, ses collaborateurs, les appareils et les services qui envoient du courrier pour elle, et des attaquants. Chaque message que vous allez voir est réellement envoyé. Aucun ne peut quitter cette machine. Neuf étapes, une dizaine de minutes.',
  labels: {
    step: (number, of) => `Étape ${number} sur ${of}`,
    why: 'Pourquoi c’est important',
    remember: 'À retenir',
    enter: 'Entrée pour continuer, Ctrl-C pour arrêter ',
    starting: 'Aucun laboratoire n’est en marche : la visite en démarre un pour sa durée…',
    leaving: 'Le laboratoire de cette visite est arrêté ; il n’en reste rien.',
    restored: 'Les réglages du laboratoire sont de nouveau ceux d’avant la visite.',
    folders: { Inbox: 'Boîte de réception', Junk: 'Courrier indésirable', Quarantine: 'Quarantaine' },
    arrived: (name, folder) => `Arrivé : ${name}, ${folder}`,
    refused: 'Refusé : personne ne le verra.',
    lost: 'Accepté, mais pas arrivé.',
    from: (address, hello) => `depuis ${address}, qui se présente comme ${hello}`,
    toRelay: (hello) => `vers le relais, à qui elle se présente comme ${hello}`,
    octets: (count) => `(le message, ${count} octets)`,
    certificate: ', avec un certificat client',
    connectors: 'Connecteurs',
    connector: 'Connecteur :',
    none: 'aucun (anonyme)',
    link: 'Le code QR mène à',
    table: { address: 'Adresse', name: 'Nom', sender: 'Expéditeur d’enveloppe', messages: 'Nb' },
    noName: 'sans nom',
    command: 'Dans PowerShell',
    published: (name) => `DNS, ${name}`,
  },
  steps: {
    tenant: {
      title: 'Le locataire tel qu’il est',
      before:
        'Voici comment est réglée la porte d’entrée de Contoso, là où arrive le courrier de l’extérieur. La plupart des organisations en sont là aujourd’hui.',
      why: 'Ces quelques lignes décident qui peut écrire au nom de Contoso. Personne ne les a choisies : ce sont les réglages par défaut.',
      notes: {},
      remember: [
        'Quiconque atteint la porte d’entrée peut déposer du courrier au nom de Contoso, sans mot de passe. C’est ce qu’on appelle Direct Send.',
        'SPF et DMARC sont publiés, mais avec « ~all » et « p=none » ils ne demandent à personne de refuser quoi que ce soit.',
      ],
    },
    printer: {
      title: 'L’imprimante utilise Direct Send, et cela marche',
      before:
        'L’imprimante du bureau numérise un bon de livraison et l’envoie à Paul Moreau. Elle n’a ni compte ni mot de passe. Elle connaît le nom de la porte d’entrée et affirme être scanner@contoso.test.',
      why: 'C’est ce qui rend Direct Send si répandu : pas de licence, pas de mot de passe, une installation en dix minutes. Imprimantes, scanners, alarmes et applications envoient leur courrier ainsi, et souvent personne n’en tient la liste.',
      notes: {
        spf: 'SPF réussit, car l’adresse du bureau figure dans la liste de Contoso. Mais la porte d’entrée aurait pris le message sans cela aussi : l’étape suivante le montre.',
      },
      remember: ['La porte d’entrée n’a pas demandé qui était là. Elle a cru le nom qu’on lui a donné.'],
    },
    lure: {
      title: 'N’importe qui peut être l’imprimante',
      before:
        'Quelqu’un, sur un serveur loué, fait maintenant exactement ce qu’a fait l’imprimante. Il écrit à la directrice générale, Anna Keller, au nom d’Anna Keller : un message vocal manqué, avec un PDF qui contient un code QR. Il ne lui faut ni compte, ni mot de passe, ni outil particulier : quelques lignes de texte.',
      why: 'Le message a l’air interne, donc on lui fait confiance. Le code QR s’ouvre sur un téléphone privé, hors de toute protection de l’organisation. À partir de mai 2025, une campagne de ce type a été observée dans plus de 70 organisations.',
      notes: {
        verdict:
          'Tout a été vérifié. SPF : softfail, ce serveur n’est pas dans la liste, mais « ~all » ne demande que de la méfiance. DMARC : échec, rien ne prouve l’expéditeur, mais « p=none » veut dire : acceptez quand même. Le service a fait ce que Contoso demande dans son DNS.',
        code: 'Le code se lit vraiment avec un téléphone. Son adresse se termine par .invalid, qui n’existe nulle part.',
      },
      remember: [
        'Direct Send ne contourne ni SPF ni DMARC. Les deux ont regardé, les deux ont dit non, et personne n’avait demandé que ce non ait des conséquences.',
      ],
    },
    inventory: {
      title: 'Qui d’autre s’en sert ?',
      before:
        'Avant de fermer une porte, il faut savoir qui y passe. Deux autres expéditeurs se manifestent maintenant : un service de lettres d’information qui écrit le domaine de Contoso sur l’enveloppe, et une université qui fait suivre le courrier de ses anciens élèves. Vient ensuite la liste, par adresse, de ce qui s’est réellement passé ici.',
      why: 'Une imprimante muette, c’est un désagrément. Des factures, des alarmes ou des commandes qui ne partent plus coûtent de l’argent. Cette liste est le vrai travail ; l’interrupteur tient en une ligne.',
      notes: {
        list: 'Qui a utilisé Direct Send depuis le début de cette visite :',
        find: 'Dans un vrai locataire, la même liste vient du suivi des messages et de la recherche historique du courrier sans connecteur. « postern lab export » écrit dans les mêmes formats ce qui s’est passé ici.',
      },
      remember: [
        'Chaque ligne demande un responsable et une décision : passer par le relais, être identifiée par un connecteur, ou disparaître.',
        'L’une de ces lignes est l’attaquant. La liste montre des adresses, pas des intentions.',
      ],
    },
    reject: {
      title: 'L’interrupteur : RejectDirectSend',
      before:
        'Une ligne de PowerShell coupe Direct Send, dans le laboratoire comme dans Exchange Online. Puis tous renvoient ce qu’ils ont envoyé auparavant.',
      why: 'Le leurre s’arrête ici. Mais la règle ne distingue pas le bon du mauvais. Elle ne pose que deux questions : notre propre domaine est-il sur l’enveloppe, et un connecteur connaît-il cet expéditeur ?',
      notes: {
        again: 'Les mêmes messages que tout à l’heure :',
        spared:
          'Le même service de lettres d’information, cette fois avec une adresse de retour de son propre domaine sur l’enveloppe. La règle ne le concerne pas, et DMARC réussit parce que le service signe pour Contoso :',
      },
      remember: [
        'La règle agit tout de suite ici, et en une demi-heure au plus dans Exchange Online. Elle se retire tout aussi vite.',
        'Elle bloque quiconque met notre domaine sur l’enveloppe sans être connu d’un connecteur. La lettre d’information et le courrier réexpédié étaient bien signés ; cela ne les a pas aidés.',
      ],
    },
    relay: {
      title: 'L’imprimante passe par le relais',
      before:
        'L’imprimante garde sa tâche. Elle envoie désormais au relais, avec un compte à elle. Le relais sait ce que cette imprimante a le droit d’envoyer, signe avec la clé DKIM de Contoso et remet le message à la porte d’entrée, par TLS, avec un certificat que connaît un connecteur du locataire. La règle reste active.',
      why: 'L’appareil n’a pas à être remplacé : un autre serveur, un nom et un mot de passe. Il a désormais un responsable et une limite, et on peut le bloquer, lui seul, en cas de problème.',
      notes: {
        signed: 'Voici ce que la porte d’entrée a inscrit dans le message :',
      },
      remember: [
        'La même imprimante, la même numérisation, et la règle est active : le message arrive, car on sait maintenant qui envoie.',
        'SPF, DKIM et DMARC réussissent. Ce courrier résistera donc aussi à ce qui suit : une politique DMARC stricte.',
      ],
    },
    application: {
      title: 'L’application avec son propre certificat',
      before:
        'Le service de paie est hébergé ailleurs et envoie lui-même son courrier. Il présente un certificat TLS auquel un connecteur partenaire le reconnaît. Pour voir à quoi sert ce connecteur, on le désactive d’abord, puis on le réactive.',
      why: 'Tout n’a pas à passer par le relais. Un service qui possède un certificat ou des adresses fixes peut être identifié là où il arrive.',
      notes: {
        off: 'Sans le connecteur :',
        on: 'Avec le connecteur :',
      },
      remember: [
        'Un connecteur partenaire dit qui est là, par le certificat ou par l’adresse. Un connecteur qui ne cite que des domaines d’expéditeur n’identifie personne.',
        'Identifié ne veut pas dire digne de confiance : le courrier reste filtré comme tout ce qui vient de l’extérieur.',
      ],
    },
    header: {
      title: 'Ce que la règle ne couvre pas',
      before:
        'La règle regarde l’enveloppe. Cet attaquant y écrit un domaine tiers, et met Anna Keller dans le champ From, celui que l’on voit. La règle est toujours active.',
      why: 'On lit le champ From ; l’enveloppe, personne ne la voit jamais. S’arrêter à l’interrupteur, c’est ne fermer que la moitié de la porte.',
      notes: {
        taken:
          'SPF réussit, mais pour le domaine tiers. DMARC échoue pour contoso.test, et « p=none » dit qu’il n’en résulte rien.',
        published:
          'Contoso exige maintenant des conséquences, par un seul enregistrement DNS. Le même message, encore une fois :',
        moved: 'Ceux qui ont été migrés correctement ne remarquent rien. L’imprimante, par le relais :',
        lookalike:
          'Et voici ce qui reste : cont0so.test, avec un zéro. Le domaine appartient à l’attaquant, tout réussit donc :',
      },
      remember: [
        'Deux moitiés, deux mesures : RejectDirectSend pour l’enveloppe, DMARC avec « p=reject » pour le champ From.',
        'D’abord migrer les expéditeurs, ensuite « p=reject » : ce qui ne réussit pas DMARC à ce moment-là est perdu.',
        'Contre un nom qui ne fait que ressembler au nôtre, ni l’une ni l’autre n’aide. Restent le marquage, les avertissements, et des personnes qui ont suivi cette visite.',
      ],
    },
    next: {
      title: 'Et maintenant ?',
      before:
        'Le laboratoire est fait pour essayer : chaque acteur peut envoyer de nouveau, chaque réglage peut être changé.',
      why: 'Chez vous, cela se fait dans le même ordre. Ainsi, rien d’important ne casse.',
      notes: { lab: 'Ici, avec « postern lab start » :', own: 'Chez vous :' },
      remember: ['Savoir qui envoie. Donner un nom à chacun. Puis fermer la porte.'],
    },
  },
  commands: [
    ['postern lab actors', 'qui peut envoyer, et ce que fait chacun'],
    ['postern lab send voicemail-lure --transcript', 'un message, avec chaque ligne SMTP'],
    ['postern lab inbox', 'ce que contiennent les boîtes aux lettres'],
    ['postern lab set RejectDirectSend false', 'l’interrupteur, dans l’autre sens'],
    ['postern lab export ConnectorReport', 'les traces, dans les formats de Microsoft'],
  ],
  order: [
    'Dresser la liste : qui envoie sans connecteur, depuis quelle adresse, pour qui. Trouver un responsable pour chaque ligne.',
    'Faire passer appareils et applications par le relais ; identifier les services par des connecteurs ; donner aux lettres d’information leur propre adresse de retour et DKIM.',
    'Activer RejectDirectSend, et surveiller pendant une semaine qui est refusé.',
    'Durcir DMARC : « p=quarantine », puis « p=reject », rapports à l’appui.',
  ],
  unexpected: ({ actor, reply }) =>
    `${actor} ne s’est pas comporté comme cette étape le prévoit : ${reply}. Le laboratoire a-t-il été modifié ? « postern lab reset » le remet en état.`,
};

export const FRENCH: TourTexts = typeset(WRITTEN);

/** All texts of a value, and of what its functions answer, with the spaces of French typography. */
function typeset<T>(value: T): T {
  if (typeof value === 'string') return frenchSpaces(value) as T;
  if (typeof value === 'function') {
    const written = value as unknown as (...args: unknown[]) => unknown;
    return ((...args: unknown[]) => typeset(written(...args))) as T;
  }
  if (Array.isArray(value)) return value.map((one: unknown) => typeset(one)) as T;
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, typeset(one)])) as T;
  }
  return value;
}
