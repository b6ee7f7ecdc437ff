import { PHRASES_FR } from './phrases-fr.ts';
import type { Texts } from './texts.ts';

const n = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('fr-FR')} ${count < 2 ? one : many}`;

export const fr: Texts = {
  language: 'fr',
  locale: 'fr-FR',
  // a space that does not break before them
  colon: '\u00a0: ',
  semicolon: '\u202f; ',
  perhaps: ' (probable)',
  title: 'Audit de Direct Send',
  subtitle: (organisation) => `Qui envoie encore vers ${organisation} sans prouver son identité`,
  made: (at) => `Établi le ${at}`,
  period: (from, to, days) => `Éléments du ${from} au ${to}, ${n(days, 'jour')}`,
  noPeriod: 'Aucun élément daté',
  verdict: { yes: 'Oui', no: 'Non', unknown: 'Inconnu' },
  question: (domain) => `Peut-on activer le blocage pour ${domain} ?`,
  answer: ({ answer, senders, perDay }) =>
    answer === 'no'
      ? `Il reste ${n(senders, 'émetteur')} ; ${perDay} messages par jour seraient refusés.`
      : answer === 'yes'
        ? 'Les éléments ne montrent plus aucun émetteur légitime.'
        : 'Rien n’a été trouvé, mais les éléments sont trop minces pour s’y fier.',
  alreadyOn: 'RejectDirectSend est déjà activé.',
  figures: {
    left: 'émetteurs restants',
    perDay: 'messages par jour',
    attacks: 'attaques',
    coverage: 'fiabilité de la réponse',
    days: 'jours d’éléments',
  },
  headings: {
    answer: 'La réponse',
    next: 'Ce qu’il faut faire, dans cet ordre',
    left: 'Restent à migrer',
    timeline: 'Direct Send jour par jour',
    classes: 'De quoi il s’agit',
    senders: 'Émetteurs, avec preuve et solution',
    others: 'Émetteurs que la règle ne touche pas',
    campaigns: 'Attaques',
    domains: 'Ce que ferait la règle, par domaine',
    findings: 'Réglages à examiner',
    after: 'Après l’activation',
    coverage: 'Ce que les éléments couvrent, et ce qu’ils ne voient pas',
    files: 'Fichiers examinés',
    method: 'Méthode',
  },
  next: {
    wave: (number) => `Vague ${number}`,
    senders: (count) => n(count, 'émetteur'),
    perDay: (count) => `${count} messages par jour`,
    nothing: 'Il n’y a rien à migrer.',
    attacks: (count) =>
      `${n(count, 'émetteur')} d’attaques : activer la règle met fin à ce qui porte votre domaine dans l’enveloppe.`,
  },
  legend: { proven: 'Direct Send prouvé', candidates: 'candidats', abusive: 'abus' },
  timelineNote:
    'Messages par jour (UTC). Les abus font partie des autres, ou montrent seulement votre domaine.',
  noTimeline: 'Aucun message de Direct Send n’est daté.',
  classes: {
    service: 'service qui envoie en votre nom',
    'service-own-path': 'service avec son propre chemin de retour',
    reinjection: 'service de signatures, DLP ou chiffrement',
    forwarding: 'redirection par des tiers',
    'mailing-list': 'liste de diffusion',
    calendar: 'réponses à des réunions',
    hybrid: 'serveurs internes (hybride)',
    'internal-relay': 'relais interne',
    'in-service': 'produit dans Microsoft 365',
    cloud: 'application dans un cloud',
    awareness: 'sensibilisation à la sécurité',
    'own-gateway': 'passerelle devant Microsoft 365',
    device: 'appareil ou application',
    attack: 'attaque',
    'partner-connector': 'partenaire avec connecteur',
    unknown: 'inconnu',
  },
  classNotes: {
    service: 'Un service que vous utilisez met votre domaine nu dans l’enveloppe.',
    'service-own-path':
      'Votre domaine est affiché, l’enveloppe est celle du service : la règle ne regarde que l’enveloppe.',
    reinjection:
      'Votre propre courrier revient d’un service qui l’a modifié, et aucun connecteur ne le connaît.',
    forwarding: 'Un tiers vous redirige votre courrier avec votre expéditeur d’enveloppe.',
    'mailing-list': 'La liste envoie avec sa propre enveloppe.',
    calendar: 'Invitations et réponses que les serveurs de tiers envoient avec votre adresse.',
    hybrid: 'Attribué à vos serveurs par un connecteur.',
    'internal-relay': 'Pas anonyme : arrivé par le connecteur par défaut, sans client extérieur.',
    'in-service': 'Avis et rapports sans saut anonyme.',
    cloud: 'Serveurs d’un cloud, avec votre domaine dans l’enveloppe.',
    awareness: 'Attaques simulées que vous avez commandées.',
    'own-gateway': 'La plupart du courrier des autres vient du même réseau.',
    device: 'Scanners, imprimantes, alarmes, applications métier : peu d’adresses, régularité.',
    attack: 'Courrier falsifié en votre nom.',
    'partner-connector': 'Un connecteur de partenaire correspond.',
    unknown: 'Les éléments ne le disent pas.',
  },
  directSend: { proven: 'prouvé', candidate: 'candidat', no: 'pas de Direct Send' },
  decisions: { approved: 'approuvé', migrated: 'migré', ignored: 'peut casser', blocked: 'doit casser' },
  wayOut: {
    'relay-source': 'par le relais',
    'partner-connector': 'connecteur de partenaire',
    'custom-return-path': 'propre chemin de retour',
    'fix-forwarding': 'corriger la redirection',
    block: 'laisser casser',
    investigate: 'à éclaircir',
    nothing: 'rien à faire',
  },
  why: ({ class: kind, wayOut, note }) => {
    switch (wayOut.kind) {
      case 'relay-source':
        return 'Un appareil ou une application à vous : faites-le envoyer par le relais, nommé et limité. La source est prête à importer.';
      case 'partner-connector':
        return kind === 'own-gateway'
          ? 'Elle se trouve devant Microsoft 365 et aucun connecteur ne la connaît : ajoutez-en un, avec filtrage amélioré.'
          : 'Son connecteur manque, ou ne couvre pas toutes ses adresses.';
      case 'custom-return-path':
        return `Donnez au service ${wayOut.domain} comme chemin de retour : la règle ne regarde que les domaines acceptés. S’il ne le peut pas, un connecteur le laisse entrer.`;
      case 'fix-forwarding':
        return 'Demandez à ceux qui redirigent de réécrire l’expéditeur d’enveloppe (SRS), ou acceptez que cela casse.';
      case 'block':
        return note?.decision === 'blocked'
          ? 'Il a été décidé de laisser casser.'
          : 'La règle refuse ce qui porte votre domaine dans l’enveloppe ; DMARC et l’anti-usurpation doivent arrêter le reste.';
      case 'investigate':
        if (kind === 'attack')
          return 'Cela ressemble à une attaque, et peut être du courrier voulu : bloquez-le, ou demandez à qui il peut appartenir.';
        return 'Les éléments ne disent pas de quoi il s’agit, ni comment le laisser entrer : réunissez-en d’autres, ou demandez à son responsable.';
      case 'nothing':
        return 'La règle ne le touche pas.';
    }
  },
  rhythm: {
    once: 'une fois',
    steady: 'régulier',
    bursts: 'par rafales',
    'now-and-then': 'de temps en temps',
  },
  lacks: {
    connector:
      'les détails du suivi, EmailEvents ou la liste des connecteurs (correspondance d’un connecteur)',
    envelope: 'les détails du suivi, EmailEvents ou la recherche étendue (expéditeur d’enveloppe)',
    address: 'le suivi des messages ou EmailEvents (adresse du client)',
    name: 'les détails du suivi, la recherche étendue, des en-têtes de courrier conservé ou le DNS inverse (nom du client)',
    sent: 'le suivi des messages ou EmailEvents de tout le courrier (ce que l’organisation avait envoyé, et par où arrive le courrier des autres)',
    time: 'des éléments de plus de jours (un seul message dit peu)',
    message: 'le suivi des messages (les messages un par un)',
  },
  asks: {
    intro: 'Éléments qui diraient ce que sont les émetteurs, là où plusieurs choses sont possibles :',
    ask: (lack, count) => `${n(count, 'émetteur')} : ${lack}`,
  },
  missing: {
    p1: 'expéditeur d’enveloppe',
    connector: 'correspondance d’un connecteur',
    address: 'adresse du client',
  },
  columns: {
    sender: 'Émetteur',
    kind: 'Nature',
    perDay: 'Par jour',
    total: 'Messages',
    last: 'Dernier',
    wayOut: 'Solution',
    wave: 'Vague',
    domain: 'Domaine',
    refused: 'Refusés',
    perhaps: 'Peut-être refusés',
    withSubdomains: 'En plus, avec les sous-domaines',
    untouched: 'Affichent le domaine, non touchés',
    file: 'Fichier',
    rows: 'Lignes',
    used: 'Utilisées',
    refusedRows: 'Refusées',
    outcome: 'Résultat',
    state: 'État',
    messages: 'Messages',
    recipients: 'Destinataires',
  },
  card: {
    seen: (first, last) => `du ${first} au ${last}`,
    rhythm: 'Rythme',
    confidence: 'Certitude',
    candidates: 'Peut-être aussi',
    wouldTell: 'Le diraient',
    addresses: 'Adresses',
    helos: 'Se nomme',
    names: 'DNS inverse',
    tls: 'TLS',
    domains: 'Domaines',
    envelope: 'Expéditeurs d’enveloppe',
    authors: 'Auteurs (From)',
    recipients: 'Destinataires',
    subjects: 'Objets',
    authentication: 'Authentification',
    evidence: 'Éléments',
    reasons: 'Pourquoi cette nature',
    abuse: 'Signes d’abus',
    hidden: (count) =>
      `${n(count, 'message')} d’abus ${count < 2 ? 'est passé' : 'sont passés'} parce qu’une liste d’autorisation saute le filtre.`,
    owner: 'Responsable',
    decision: 'Décision',
    note: 'Note',
    proof: 'Messages, tels que les éléments les racontent',
    noProof: 'Aucun message n’est raconté : seulement des rapports qui comptent.',
    lacking: 'Non dit',
    copy: 'Prêt à l’emploi',
    wayOut: 'Solution',
  },
  moreSenders: (shown, all) => `Les ${shown} plus grands de ${all} émetteurs ; l’export les contient tous.`,
  others: (count) => `${n(count, 'autre émetteur', 'autres émetteurs')} dans l’export.`,
  noSenders: 'Aucun émetteur de Direct Send n’a été trouvé.',
  campaign: {
    title: (id) => `Campagne ${id}`,
    text: ({ messages, recipients, self }) =>
      `${n(messages, 'message')} vers ${n(recipients, 'destinataire')} ; ${self} prétendai${self < 2 ? 't' : 'ent'} venir du destinataire.`,
    from: 'Réseaux d’origine',
    subjects: 'Objets',
    attachments: 'Pièces jointes (SHA-256)',
    none: 'Aucune campagne n’a été trouvée.',
  },
  domainsNote:
    'La règle est un seul interrupteur pour tous les domaines acceptés. Elle regarde l’expéditeur d’enveloppe, et rien d’autre.',
  findings: {
    'rules-unknown': () =>
      'Les règles de flux et les listes d’autorisation ne sont pas parmi les éléments (Get-TransportRule, Get-HostedContentFilterPolicy, Get-HostedConnectionFilterPolicy) : ce qui échappe aux filtres n’est pas connu.',
    'rule-skips-filter-for-own-domain': (name) =>
      `La règle de flux ${name} contourne le filtre anti-spam pour votre propre domaine : les faux à votre nom arrivent dans les boîtes sans être filtrés. Supprimez-la, ou liez-la à un connecteur.`,
    'rule-skips-filter-by-address': (name) =>
      `La règle de flux ${name} contourne le filtre anti-spam par adresse : ce qui vient de là n’est pas filtré. Un connecteur de partenaire avec certificat fait de même, plus sûrement.`,
    'rule-skips-filter': (name) => `La règle de flux ${name} contourne le filtre anti-spam (SCL -1).`,
    'allowed-own-domain': (name) =>
      `La liste d’autorisation de ${name} nomme votre propre domaine : le courrier qui l’usurpe n’est pas filtré.`,
    'allowed-addresses': (name) =>
      `Le filtre de connexion ${name} autorise des adresses : ce qu’elles envoient n’est pas filtré.`,
    'no-lockdown': () =>
      'Les enregistrements MX mènent ailleurs, et aucun connecteur ne ferme la porte aux autres : n’importe qui peut contourner votre passerelle (connecteur de partenaire pour *, restreint à des adresses ou à un certificat).',
    'reject-on': () => 'RejectDirectSend est activé : les nouveaux refus figurent dans la comparaison.',
    'reject-off': () => 'RejectDirectSend est désactivé : n’importe qui peut envoyer avec vos domaines.',
    'connectors-unknown': () =>
      'Les connecteurs entrants ne sont pas parmi les éléments (Get-InboundConnector) : ce qui correspondrait à l’un d’eux n’est pas connu.',
    'connector-by-domain-only': (name) =>
      `Le connecteur ${name} ne nomme que des domaines d’expéditeur : il n’identifie personne, et n’exempte aucun message de la règle.`,
    'connector-disabled': (name) => `Le connecteur ${name} est désactivé.`,
    'allow-list-hides-abuse': (name) => `Une liste d’autorisation a laissé passer des abus de ${name}.`,
    'subdomains-untouched': (name) =>
      `Le courrier avec des sous-domaines de ${name} dans l’enveloppe n’est pas touché, sauf si MatchSubDomains est activé.`,
  },
  after: {
    silent: 'Devenus muets',
    noSilent: 'Aucun émetteur régulier n’est devenu muet.',
    silentText: ({ perDay, days }) =>
      `${perDay} messages par jour auparavant ; ${n(days, 'jour')} sans message`,
    refused: 'Refusés par la règle',
    noRefused: 'Les éléments ne montrent aucun refus par la règle.',
    proofs: 'Émetteurs migrés',
    states: {
      proven: 'prouvé : son courrier passe par un connecteur',
      mixed: 'une partie de son courrier arrive encore sans connecteur',
      'still-direct': 'encore en Direct Send',
      silent: 'aucun courrier vu',
      'not-told': 'personne ne parle de connecteurs',
    },
  },
  coverage: {
    proven: (percent) =>
      `${percent} de ce qui peut être du Direct Send est prouvé dans un sens ou dans l’autre.`,
    messages: (kept, internal, outgoing, foreign) =>
      `Messages : ${kept} avec vos domaines venant de l’extérieur, ${internal} internes, ${outgoing} sortants, ${foreign} d’autres.`,
    sources: 'Sources',
    blind: 'Ce qu’ils ne voient pas',
    gaps: (days) => `${n(days, 'jour')} sans éléments entre-temps`,
  },
  blind: ({ code, days = 0 }) => {
    switch (code) {
      case 'no-evidence':
        return 'Il n’y a pas encore d’éléments.';
      case 'no-complete-source':
        return 'Aucune source n’est complète : ce qui n’est pas dans les échantillons n’est pas vu. Ajoutez un suivi des messages.';
      case 'no-connectors':
        return 'Aucune source ne parle des connecteurs : Direct Send ne peut pas être prouvé. Ajoutez les détails du suivi ou EmailEvents.';
      case 'no-envelopes':
        return 'Aucune source ne donne l’expéditeur d’enveloppe, et la règle ne regarde rien d’autre. Ajoutez les détails du suivi ou EmailEvents.';
      case 'short':
        return `Les éléments couvrent ${n(days, 'jour')} : ce qui envoie une fois par mois, par trimestre ou par an peut manquer.`;
      case 'gaps':
        return `${n(days, 'jour')} entre-temps ${days < 2 ? 'est' : 'sont'} sans éléments.`;
      case 'old':
        return `Les éléments les plus récents ont ${n(days, 'jour')}.`;
      case 'partly-complete':
        return `${n(days, 'jour')} n’${days < 2 ? 'a' : 'ont'} que des échantillons ou des sélections : ce qui n’y est pas n’est pas vu. Ajoutez le suivi des messages.`;
      case 'selection':
        return 'Le suivi des messages ne contient ni courrier d’autrui ni courrier envoyé : il semble être une sélection. Exportez-le en entier.';
      case 'refused-rows':
        return `${n(days, 'ligne')} n’${days < 2 ? 'a' : 'ont'} pas pu être ${days < 2 ? 'lue' : 'lues'} : ce qui s’y trouve manque.`;
      case 'unread-files':
        return `${n(days, 'fichier')} n’${days < 2 ? 'a' : 'ont'} pas pu être ${days < 2 ? 'lu' : 'lus'}.`;
      case 'cut-files':
        return `${n(days, 'fichier')} s’${days < 2 ? 'arrête' : 'arrêtent'} au nombre maximal de lignes d’un export : la suite manque très probablement. Exportez des périodes plus courtes.`;
      case 'unnamed-domains':
        return `${n(days, 'message')} ${days < 2 ? 'est arrivé' : 'sont arrivés'} pour des domaines que personne n’a déclarés comme vôtres : nommez tous les domaines acceptés, la règle vaut pour tous.`;
      case 'strange-authors':
        return 'Un suivi des messages montre les auteurs : votre courrier signé d’un auteur tiers, comme en envoient les formulaires web, n’est pas vu. Ajoutez EmailEvents.';
      case 'no-dmarc-reports':
        return 'Les enregistrements MX mènent ailleurs : Microsoft n’envoie pas de rapports DMARC pour ces domaines.';
      case 'silent-devices':
        return 'Un appareil qui n’a rien envoyé pendant ce temps n’est pas vu du tout : une alarme incendie, un onduleur, un traitement annuel.';
    }
  },
  dns: 'DNS inverse d’aujourd’hui',
  kinds: {
    trace: 'suivi des messages',
    'trace-detail': 'détails du suivi des messages',
    'trace-extended': 'suivi étendu des messages',
    'trace-enhanced': 'résumé amélioré',
    'connector-report': 'rapport de connecteur',
    'change-optics': 'rapport Change Optics',
    'email-events': 'EmailEvents de Defender',
    'inbound-report': 'rapport des messages entrants',
    dmarc: 'rapports DMARC',
    message: 'courrier conservé',
    'postern-log': 'journal de Postern',
    notification: 'avis d’échec',
  },
  fileKinds: { mixed: 'plusieurs sortes', archive: 'archive', mail: 'courrier', settings: 'réglages' },
  outcomes: {
    read: 'lu',
    partly: 'lu en partie',
    refused: 'refusé',
    question: 'colonnes non comprises',
    other: 'aucun élément',
  },
  fields: {
    at: 'heure',
    messageId: 'Message-ID',
    networkMessageId: 'id. de message réseau',
    p1: 'expéditeur d’enveloppe',
    p2: 'auteur (From)',
    sender: 'expéditeur selon le suivi',
    recipient: 'destinataire',
    subject: 'objet',
    address: 'adresse du client',
    helo: 'se nomme',
    ptr: 'DNS inverse',
    tls: 'TLS',
    connector: 'connecteur',
    direction: 'sens',
    status: 'sort',
    spf: 'SPF',
    dkim: 'DKIM',
    dmarc: 'DMARC',
    compauth: 'authentification composite',
    reason: 'sa raison',
    reply: 'réponse',
    count: 'messages',
  },
  method: [
    'Direct Send est du courrier venant de l’extérieur, attribué à aucun connecteur, dont l’expéditeur d’enveloppe est d’un domaine accepté. Un message est prouvé quand une ou plusieurs sources disent les trois : aucun connecteur, l’expéditeur d’enveloppe et l’adresse du client. S’il en manque un, c’est un candidat.',
    'Toutes les sources sont réunies, un fait par message et destinataire, par identifiant de message réseau, Message-ID, ou heure et adresse. Chaque champ garde son origine ; expéditeur d’enveloppe et auteur ne sont jamais confondus.',
    'Ce que ferait la règle est décidé par le code même qui décide à l’entrée de Postern. Les natures suivent des signatures qui s’additionnent, comme les signes d’abus ; beaucoup de paires différentes en une heure font une campagne.',
    'La réponse est non tant qu’il reste un émetteur ni migré ni abandonné. Elle n’est oui que si les éléments sont assez larges ; sa fiabilité croît avec les jours, la complétude et la part prouvée.',
  ],
  phrase: (english) => PHRASES_FR[english] ?? english,
};
