import type { Wording } from './notice-text.ts';

const FROM =
  'Il a envoyé sous une adresse qu’il n’a pas le droit d’utiliser. Soit l’adresse d’expéditeur de ses réglages est fausse, soit elle est nouvelle et doit être autorisée.';
const FROM_TODO =
  'Vérifiez l’adresse d’expéditeur (« De ») dans ses réglages. Si elle est juste, demandez qu’elle soit autorisée.';
const RATE = 'Il a envoyé plus que permis pendant cette période.';
const RATE_TODO =
  'Cherchez si un tel volume est normal. Si oui, demandez une limite plus haute ; sinon, arrêtez l’appareil : quelqu’un en abuse peut-être.';
const FORM =
  'Le message n’était pas construit selon les règles : des programmes différents pourraient le lire différemment.';
const FORM_TODO =
  'Mettez l’appareil à jour, ou prévenez le fabricant ; la raison exacte est dans le journal du relais.';

/** Pour le responsable d’un appareil, qui connaît l’appareil mais pas le courrier. */
export const FRENCH: Wording = {
  locale: 'fr-FR',
  subjectOne: (source) => `Le courrier de ${source} est refusé`,
  subjectMany: (count) => `Le courrier de ${count} de vos appareils est refusé`,
  greeting: 'Bonjour,',
  intro:
    'vous êtes indiqué comme responsable de ce qui figure ci-dessous. Son courrier a été refusé par le relais de messagerie et n’est parvenu à personne.',
  times: (count, first, last) =>
    count === 1 ? `Une fois, le ${last}` : `${count} fois, entre le ${first} et le ${last}`,
  from: (network) => `depuis l’adresse ${network}`,
  answer: (text) => `Son écran ou son journal peut afficher : ${text}`,
  what: {
    T201: 'Il a tenté d’envoyer sans chiffrement, ce qui n’est pas permis ici.',
    T203: 'Il a tenté de transmettre son mot de passe sans chiffrement, ce qui n’est pas permis ici.',
    T204: 'L’appareil et le relais n’ont trouvé aucun chiffrement accepté par les deux.',
    A301: 'Il n’a pas pu prouver son identité : le mot de passe est faux ou a expiré, ou la connexion venait d’un autre réseau que prévu.',
    A302: 'Il n’a pas dit qui il est.',
    A303: 'Il s’est trompé de mot de passe trop souvent et a été bloqué pour un moment.',
    S401: FROM,
    S402: FROM,
    S403: 'Ses messages indiquent plusieurs expéditeurs.',
    S404: 'Ses messages n’indiquent aucun expéditeur, ou plus d’un.',
    S405: 'L’expéditeur de ses messages ne peut pas être lu sans ambiguïté.',
    S406: FROM,
    S407: 'Il a envoyé sans adresse d’expéditeur.',
    R501: 'Il a écrit à un destinataire auquel il n’a pas le droit d’écrire.',
    R503: 'Il a écrit à un destinataire sans domaine (la partie après @).',
    R504: 'Il a écrit à une adresse d’une forme qui n’est pas permise.',
    R505: 'Son message n’avait plus aucun destinataire permis.',
    M601: 'Son message était trop gros.',
    M602: FORM,
    M603: FORM,
    M604: FORM,
    M605: 'Il manque à ses messages quelque chose que tout courrier doit avoir.',
    M607: FORM,
    M608: FORM,
    M610: FORM,
    L701: RATE,
    L702: RATE,
    L703: RATE,
    L704: RATE,
    L705: 'Il avait plus de connexions simultanées que permis.',
    K802: 'Il a été arrêté par un administrateur.',
    X904: 'Le courrier de ce domaine d’expéditeur ne peut pas être signé ici ; c’est pourquoi il est refusé.',
  },
  whatElse: 'Le relais ne l’a pas accepté ; la raison exacte est dans son journal.',
  todo: {
    T201: 'Activez TLS ou STARTTLS dans ses réglages de messagerie.',
    T203: 'Activez TLS ou STARTTLS dans ses réglages de messagerie.',
    T204: 'Mettez-le à jour. S’il n’y a pas de mise à jour, demandez à l’administrateur si une exception est possible.',
    A301: 'Vérifiez le compte et le mot de passe dans ses réglages ; s’ils sont justes, demandez un nouveau mot de passe. Si ce n’était pas votre appareil, prévenez l’administrateur.',
    A302: 'Entrez un compte et un mot de passe dans ses réglages de messagerie.',
    A303: 'Corrigez le mot de passe dans ses réglages et attendez un quart d’heure. Si ce n’était pas votre appareil, prévenez l’administrateur.',
    S401: FROM_TODO,
    S402: FROM_TODO,
    S404: 'Entrez une seule adresse d’expéditeur (« De ») dans ses réglages.',
    S406: FROM_TODO,
    S407: 'Entrez une adresse d’expéditeur (« De ») dans ses réglages.',
    R501: 'Vérifiez le destinataire dans son carnet d’adresses. S’il est juste, demandez qu’il soit autorisé.',
    R503: 'Écrivez l’adresse entière (nom@example.com) dans son carnet d’adresses.',
    M601: 'Réduisez la résolution des numérisations ou partagez le message ; ou demandez une limite plus haute.',
    M602: FORM_TODO,
    M603: FORM_TODO,
    M604: FORM_TODO,
    M605: 'Demandez à l’administrateur de laisser le relais ajouter ce qui manque.',
    M607: FORM_TODO,
    M608: FORM_TODO,
    M610: FORM_TODO,
    L701: RATE_TODO,
    L702: RATE_TODO,
    L703: RATE_TODO,
    L704: RATE_TODO,
    K802: 'Demandez la raison à l’administrateur.',
  },
  todoElse: 'Montrez ce message à l’administrateur.',
  facts: {
    envelope: (value) => `expéditeur (enveloppe) : ${value === '' ? '(aucun)' : value}`,
    header: (value) => `expéditeur (De) : ${value}`,
    recipient: (value) => `destinataire : ${value}`,
    size: (value) => `taille en octets : ${value}`,
  },
  administrator: (command) => `Pour l’administrateur : ${command}`,
  more: (count) => `... et ${count} autres du même genre.`,
  closing: (everyHours, contact) =>
    `Pour la même chose, vous serez prévenu de nouveau au plus tôt dans ${everyHours} heures, avec le nombre de refus.\nQuestions : ${contact}`,
};
