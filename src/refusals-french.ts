import type { RefusalCode } from './refusals.ts';

/** What `explanation` and `remedy` of REFUSALS say, in French; every code has both, or the build fails. */
export const REFUSALS_FRENCH: Readonly<Record<RefusalCode, readonly [explanation: string, remedy: string]>> =
  {
    C101: [
      'Le réseau du client a atteint le nombre de connexions simultanées permis à un même réseau.',
      'Faites fermer ses connexions à l’appareil, ou augmentez limits.connectionsPerNetwork.',
    ],
    C102: [
      'Le relais a autant de connexions ouvertes qu’il le peut.',
      'Le client réessaie de lui-même. Si cela dure, augmentez limits.connections.',
    ],
    C103: [
      'Le client a envoyé une ligne qui n’est pas une commande SMTP.',
      'Voyez la transcription : en général du HTTP, ou du TLS sur un port en clair.',
    ],
    C104: [
      'La commande est connue, mais son argument ne suit pas la RFC 5321.',
      'Corrigez l’adresse ou le paramètre que l’appareil envoie.',
    ],
    C105: [
      'La commande n’est pas possible à cet endroit : par exemple DATA avant RCPT, ou AUTH pendant une transaction.',
      'Erreur du client ; prévenez son fabricant.',
    ],
    C106: [
      'La commande existe mais n’est pas proposée ici (EXPN, TURN, ETRN et autres).',
      'Rien à faire ; les clients s’en passent.',
    ],
    C107: [
      'Une ligne de commande dépassait ce que permet la RFC 5321, section 4.5.3.1.4.',
      'Erreur du client, ou attaque.',
    ],
    C108: [
      'Le client a commis plus d’erreurs dans une connexion que limits.errors ne le permet.',
      'Voyez les refus de la même session : le premier en est la cause.',
    ],
    C109: [
      'Le client a envoyé plus de commandes dans une connexion que limits.commands ne le permet.',
      'Rien, si le client se reconnecte de lui-même ; sinon augmentez limits.commands.',
    ],
    C110: [
      'Le client est resté silencieux plus longtemps que limits.idleSeconds, ou a envoyé trop lentement.',
      'Examinez le réseau entre l’appareil et le relais : MTU, VPN, inspection par un pare-feu.',
    ],
    C111: [
      'La connexion a atteint limits.sessionSeconds.',
      'Le client se reconnecte de lui-même ; augmentez la limite pour les liaisons très lentes.',
    ],
    C112: [
      'Le client a parlé avant l’accueil, ou a envoyé des commandes après STARTTLS sans attendre. Postern écarte ce qui traverse un STARTTLS, car ce pourrait être une injection.',
      'Réglez le client pour qu’il attende la réponse. Si ce n’est pas un de vos appareils, c’est un sondage ou une attaque.',
    ],
    C113: [
      'MAIL ou RCPT portait un paramètre qui n’est pas proposé dans cette session.',
      'Erreur du client : il ne doit utiliser que ce que EHLO propose.',
    ],
    C114: ['Le relais s’arrête ou redémarre.', 'Le client réessaie de lui-même.'],
    C115: [
      'La connexion venait d’un réseau nommé dans proxy.from et doit commencer par un en-tête du protocole PROXY.',
      'Activez le protocole PROXY dans le répartiteur de charge, ou retirez son réseau de proxy.from.',
    ],
    C116: [
      'La commande portait une valeur non prise en charge, par exemple un mécanisme AUTH ou un type BODY inconnu.',
      'Choisissez-en une que EHLO propose.',
    ],
    C117: [
      'Une adresse contient des caractères hors ASCII, mais MAIL ne portait pas le paramètre SMTPUTF8 (RFC 6531, section 3.5).',
      'Écrivez l’adresse en ASCII ; un domaine international sous la forme xn--…',
    ],
    T201: ['L’écouteur exige TLS.', 'Activez STARTTLS ou « TLS » dans l’appareil.'],
    T202: [
      'STARTTLS a été demandé sur un écouteur qui n’en a pas, ou deux fois.',
      'Utilisez un écouteur avec STARTTLS ou TLS implicite.',
    ],
    T203: [
      'Le client a tenté de s’authentifier sans TLS ; un mot de passe aurait été lisible sur le réseau.',
      'Activez TLS dans l’appareil ; ou, sur un réseau cloisonné seulement, autorisez-le avec plainAuthentication sur l’écouteur.',
    ],
    T204: [
      'Client et relais n’ont trouvé aucun TLS accepté par les deux, ou le client n’a pas confiance dans le certificat. Rien ne peut alors être dit sur la ligne : ce code n’est que dans le journal.',
      'Voyez ce que le client proposait. Mettez l’appareil à jour, ou accordez à son réseau une dérogation pour un TLS ancien.',
    ],
    T205: [
      'La dérogation qui permettait au client un TLS ancien, l’absence de TLS ou CRAM-MD5 a pris fin ou a été fermée. Ce qui a été accepté avant le reste.',
      'Mettez l’appareil à jour, ou demandez au responsable du relais : postern exception list --state all montre laquelle c’était.',
    ],
    A301: [
      'Le compte est inconnu, son mot de passe est faux, il est désactivé ou expiré, ou un autre facteur (réseau, certificat) ne correspond pas. Le client n’apprend jamais lequel ; le journal le dit.',
      'Lisez la raison dans l’événement ; donnez un nouveau mot de passe à la source.',
    ],
    A302: [
      'Aucun identifiant n’a été montré, et le réseau du client n’est celui d’aucune source.',
      'Entrez compte et mot de passe dans l’appareil, ou ajoutez son réseau à une source.',
    ],
    A303: [
      'Trop de mots de passe erronés sont venus de ce réseau ou pour ce compte ; les deux sont bloqués pour un moment.',
      'Corrigez le mot de passe, attendez la fin du blocage (elle est dans le journal).',
    ],
    A304: [
      'Le client a répondu à un défi par quelque chose qui n’est pas du base64, ou pas ce que le mécanisme demande.',
      'Erreur du client ; essayez un autre mécanisme.',
    ],
    A305: [
      'Le client a abandonné l’échange.',
      'Souvent le client a jugé fausse la preuve du serveur (SCRAM) : le mot de passe qu’il garde est un autre.',
    ],
    A306: [
      'L’identifiant n’a pas pu être vérifié : l’émetteur du jeton était injoignable, ou le relais est surchargé.',
      'Le client réessaie de lui-même ; voyez la raison dans le journal.',
    ],
    A307: [
      'Le client a choisi un mécanisme qui n’est pas proposé dans cette session.',
      'Choisissez PLAIN ou LOGIN sur TLS dans l’appareil.',
    ],
    A311: [
      'L’appareil n’est aucune source connue. L’écouteur apprend : ce que l’appareil a tenté a été noté, son message n’a pas été gardé.',
      'Approuvez l’appareil découvert pour en faire une source, puis renvoyez le message.',
    ],
    A312: [
      'L’appareil n’est aucune source connue, et autant de son courrier (ou de celui de tous les inconnus) que permis est déjà retenu jusqu’à ce que quelqu’un l’approuve.',
      'Approuvez-le ou écartez-le. Les bornes sont discovery.deviceMessages, deviceBytes, messages et bytes.',
    ],
    S401: [
      'L’expéditeur d’enveloppe (MAIL FROM) n’est dans aucune paire d’adresses de la source.',
      'Corrigez l’adresse d’expéditeur dans l’appareil, ou autorisez-la dans la politique de la source.',
    ],
    S402: [
      'L’en-tête « De » contient une adresse qu’aucune paire de la source n’autorise avec cet expéditeur d’enveloppe.',
      'Corrigez l’adresse « De » dans l’appareil, ou autorisez-la dans la politique de la source.',
    ],
    S403: [
      'Le message a plusieurs en-têtes « De ». Les lecteurs en montrent un, DMARC en vérifie un autre : c’est ainsi qu’on trompe (RFC 5322, section 3.6, RFC 9989).',
      'Corrigez l’application pour qu’elle écrive un seul en-tête « De ».',
    ],
    S404: [
      'L’en-tête « De » contient plusieurs adresses, un groupe ou aucune ; DMARC ne peut en juger qu’une.',
      'Corrigez l’application ; si l’appareil ne le peut pas, fixez une adresse « De » par la réparation de la source.',
    ],
    S405: [
      'L’en-tête « De » peut être lu de plusieurs façons : mots encodés dans l’adresse, guillemets ou commentaires ouverts, caractères de contrôle ou NUL.',
      'Corrigez l’application. Si ce n’est pas une des vôtres, quelqu’un tente de se faire passer pour un autre.',
    ],
    S406: [
      'Un autre en-tête que les lecteurs montrent comme origine nomme une adresse hors de ce que la source peut utiliser.',
      'Corrigez l’application, ou autorisez l’adresse dans la politique de la source.',
    ],
    S407: [
      'L’expéditeur d’enveloppe est vide, comme pour les avis ; la source n’a pas le droit d’en envoyer.',
      'Réglez une adresse d’expéditeur dans l’appareil, ou autorisez l’expéditeur vide.',
    ],
    R501: [
      'La source ne peut écrire qu’à des destinataires internes ou listés, et celui-ci n’en est pas.',
      'Autorisez ce destinataire, ou tous, dans la politique de la source.',
    ],
    R502: [
      'Le message a plus de destinataires qu’une transaction ne peut en porter.',
      'Un client conforme envoie le reste dans une autre transaction ; sinon augmentez limits.recipients.',
    ],
    R503: [
      'Le destinataire est un simple nom local ; un relais ne peut pas savoir où il habite.',
      'Écrivez l’adresse complète dans l’appareil.',
    ],
    R504: [
      'Le destinataire utilise une forme routée (user%host@, host!user, @a:b@c) qui pourrait faire relayer un autre serveur.',
      'Écrivez une adresse simple.',
    ],
    R505: ['Le message n’a plus aucun destinataire.', 'Voyez les refus des destinataires.'],
    M601: [
      'Le message est plus grand que ce que la source ou le relais permet.',
      'Réduisez la résolution des numérisations, ou augmentez la limite de la source.',
    ],
    M602: [
      'Une ligne du message ne se termine pas par CR LF. Des systèmes qui y verraient une fin de ligne pourraient lire un second message, forgé (SMTP smuggling).',
      'Corrigez le client, ou laissez l’écouteur réparer : lineEndings = "repair".',
    ],
    M603: [
      'L’en-tête contient des lignes qui n’en sont pas, un NUL, ou dépasse limits.headerBytes ou limits.headerFields.',
      'Corrigez l’application.',
    ],
    M604: [
      'Une ligne dépasse 998 octets (RFC 5322, section 2.1.1), et la politique de réparation ne permet pas de la plier.',
      'Faites encoder le texte par l’application (quoted-printable, base64), ou activez la réparation des lignes longues.',
    ],
    M605: [
      'Il manque From, Date ou Message-ID, et la politique de réparation de la source ne l’ajoute pas.',
      'Activez la réparation pour cette source.',
    ],
    M606: [
      'Le message a plus d’en-têtes Received que limits.hops : il tourne en rond.',
      'Examinez les routes du relais et du serveur derrière lui.',
    ],
    M607: [
      'Date, Subject, To, Cc, Bcc, Message-ID, Reply-To, Sender, In-Reply-To, References ou un en-tête MIME figure deux fois ; les programmes ne s’accordent pas sur celui qui compte.',
      'Corrigez l’application.',
    ],
    M608: [
      'Un en-tête contient des caractères 8 bits bruts, alors que la transaction n’a pas déclaré SMTPUTF8.',
      'Faites encoder les en-têtes par l’application (RFC 2047), ou activez la réparation.',
    ],
    M609: [
      'Le JSON d’une requête d’envoi n’a pas la forme documentée.',
      'Voyez le champ nommé dans la réponse, et /openapi.json.',
    ],
    M610: [
      'Le corps contient un NUL, un CR ou un LF isolé, qui ne peut voyager en lignes (RFC 2045, section 2.7). Ce qui arrive avec BODY=BINARYMIME est encodé, de même qu’un NUL si la source répare les lignes longues ; mais pas dans des parties signées ou chiffrées, des messages joints ou une structure MIME ambiguë.',
      'Faites encoder ces parties par l’application elle-même (base64).',
    ],
    L701: [
      'La source a envoyé autant de messages que sa limite le permet pour cette minute, heure ou journée, et sa politique est de refuser.',
      'Vérifiez si ce nombre est normal ; augmentez alors la limite.',
    ],
    L702: [
      'La source a envoyé autant de messages que sa limite le permet pour cette minute, heure ou journée, et sa politique est de différer.',
      'Le client réessaie de lui-même ; augmentez la limite si ce nombre est normal.',
    ],
    L703: [
      'La source a envoyé autant d’octets que sa limite le permet pour cette minute, heure ou journée, et sa politique est de refuser.',
      'Augmentez la limite de la source.',
    ],
    L704: [
      'La source a envoyé autant d’octets que sa limite le permet pour cette minute, heure ou journée, et sa politique est de différer.',
      'Le client réessaie de lui-même ; augmentez la limite si ce volume est normal.',
    ],
    L705: [
      'La source a autant de connexions ouvertes qu’elle le peut.',
      'Le client réessaie de lui-même ; sinon augmentez la limite de la source.',
    ],
    L706: [
      'La source a un comportement inhabituel ; elle est ralentie à son rythme habituel jusqu’à ce que son responsable ait répondu.',
      'Voyez ce qui est inhabituel, et répondez.',
    ],
    K801: [
      'La source a été arrêtée, retirée ou supprimée pendant sa connexion. Si elle a été arrêtée, ses messages de la file sont retenus.',
      'Demandez au responsable du relais ; relancez ensuite la source et libérez ses messages.',
    ],
    K802: [
      'La source est arrêtée ; elle peut envoyer de nouveau quand un administrateur la relance.',
      'Cherchez d’abord pourquoi elle a été arrêtée, puis relancez-la.',
    ],
    K803: [
      'La source a été demandée, ou vue sur le réseau, et personne n’a encore décidé si elle peut envoyer.',
      'Mettez-la dans la boîte de test, ou approuvez-la.',
    ],
    K804: [
      'La source a été retirée du service : son responsable l’a voulu, ou personne n’a répondu à son sujet.',
      'Si elle est encore utile, arrêtez-la puis relancez-la. Sa page dit qui l’a retirée, et pourquoi.',
    ],
    K805: [
      'La source va être retirée et subit des coupures de préavis : une partie de ses essais est différée, pour que qui en a encore besoin le remarque. Son client réessaie ; rien n’est perdu.',
      'Si elle est encore utile, gardez-la. Sinon arrêtez l’appareil ; sa page dit quand elle sera retirée.',
    ],
    X901: [
      'Le disque est plein, en lecture seule ou défaillant. Rien du message n’a été gardé ; rien n’est perdu.',
      'Faites de la place ; l’acceptation reprend d’elle-même.',
    ],
    X902: [
      'Quelque chose a échoué dans le relais. Le message n’a pas été pris.',
      'Voyez l’erreur dans le journal du programme ; signalez-la.',
    ],
    X903: [
      'Les messages en cours ont atteint la mémoire permise.',
      'Le client réessaie de lui-même ; augmentez limits.memoryBytes si cela dure.',
    ],
    X904: [
      'Le domaine « De » n’a pas de clé de signature utilisable, ou son enregistrement n’est pas publié, et la politique est de refuser plutôt que d’envoyer sans alignement.',
      'Ajoutez le domaine, publiez les enregistrements affichés, puis vérifiez-le.',
    ],
    X905: [
      'La signature DKIM n’a pas pu être faite.',
      'Voyez l’erreur dans le journal du programme ; vérifiez la clé du domaine.',
    ],
    D951: [
      'Le message n’a pas pu être remis dans le délai d’abandon.',
      'Voyez les essais dans l’histoire du message.',
    ],
    D952: ['Le DNS dit que le domaine du destinataire n’existe pas.', 'Corrigez l’adresse.'],
    D953: ['Le domaine publie un enregistrement MX nul (RFC 7505).', 'Corrigez l’adresse.'],
    D954: [
      'La route ou le message exige un TLS vérifié, et le serveur suivant ne l’a pas proposé jusqu’au délai d’abandon.',
      'Voyez les essais ; corrigez le certificat du serveur suivant, ou la route.',
    ],
    D955: [
      'Le message a besoin de SMTPUTF8 ou de REQUIRETLS, que le serveur suivant ne propose pas.',
      'Utilisez une adresse ASCII, ou une autre route.',
    ],
    D956: [
      'Le serveur suivant a refusé définitivement le message ou un destinataire ; sa réponse est citée.',
      'Lisez la réponse du serveur suivant.',
    ],
    D957: ['Le serveur suivant est ce relais lui-même.', 'Corrigez la route.'],
    E201: [
      'Direct Send est refusé ici (RejectDirectSend) : l’expéditeur d’enveloppe est d’un domaine propre, et aucun connecteur ne répond du client. SPF, DKIM et DMARC n’en dispensent pas.',
      'Faites envoyer l’appareil ou le service par le relais, comme source ; pour un service tiers, un connecteur partenaire avec son certificat ou ses adresses, ou une adresse de retour de son propre domaine.',
    ],
    E202: [
      'Un connecteur partenaire dit que le courrier de ce domaine vient de certaines adresses ou avec un certain certificat, et ce client n’a ni l’un ni l’autre.',
      'Ajoutez l’adresse ou le certificat du client au connecteur, donnez-lui le sien, ou faites-le envoyer par le relais.',
    ],
    E203: [
      'Le destinataire n’est dans aucun domaine accepté, et le client n’est aucun des serveurs propres. Un client qui omet son certificat intermédiaire n’est pas reconnu non plus.',
      'Vérifiez l’adresse ; ajoutez le domaine s’il est à vous ; le courrier vers l’extérieur passe par le relais, d’une source.',
    ],
    E204: [
      'Le domaine fait autorité, et ce destinataire n’est pas parmi les siens.',
      'Vérifiez l’adresse ; ajoutez le destinataire, ou faites du domaine un relais interne si une partie de ses destinataires vit ailleurs.',
    ],
    E205: [
      'Le message n’a pas de champ « De », en a plusieurs, ou un dont on ne peut lire exactement un auteur.',
      'L’expéditeur doit envoyer exactement un champ « De » avec exactement une adresse.',
    ],
    E206: [
      'Ni SPF ni DKIM ne prouvent le domaine du champ « De », et son propriétaire publie que ce courrier doit être refusé.',
      'L’expéditeur doit signer avec DKIM pour le domaine de son champ « De ». Pour un appareil propre : envoyer par le relais.',
    ],
    E207: [
      'On n’a pas pu savoir si le destinataire existe : l’annuaire ou le serveur suivant ne répond pas.',
      'Rien n’est perdu, l’expéditeur réessaie. Voyez l’état de l’annuaire.',
    ],
    E208: [
      'Un message est jugé selon les réglages d’une organisation, et ses destinataires ne sont pas tous de la même.',
      'Rien, si le client envoie le reste ensuite, comme la RFC 5321, section 4.5.3.1.10, le lui demande.',
    ],
    E209: [
      'Un client de l’extérieur se donne le nom de ce serveur, d’un domaine accepté, ou une adresse de boucle locale, comme le ferait seulement qui veut passer pour l’un de nous.',
      'L’expéditeur doit corriger le nom que son serveur donne dans EHLO. Pour un serveur propre : un connecteur, ou l’envoi par le relais. Le contrôle se règle par edge.helo.',
    ],
    E210: [
      'L’adresse du client est sur une liste de blocage DNS utilisée ici (edge.blocklist).',
      'Le propriétaire de l’adresse demande son retrait de la liste et met fin à la cause. Pour un partenaire à entendre entre-temps : un connecteur avec son certificat ou son adresse.',
    ],
    E211: [
      'Une liste de blocage ou les serveurs de noms du client n’ont pas répondu, et leur réponse aurait pu faire refuser le client.',
      'Rien n’est perdu, l’expéditeur réessaie. Si cela dure, l’état du bord nomme la liste ; beaucoup ne répondent pas aux résolveurs publics (dns.servers). Une liste qui ne doit rien retarder a whenSilent = "pass".',
    ],
    E212: [
      'L’adresse du client n’a pas de nom dans le DNS, ou aucun qui ramène à l’adresse (edge.reverseDns).',
      'Le propriétaire de l’adresse pose un PTR vers un nom dont l’enregistrement A ou AAAA est cette adresse.',
    ],
    E213: [
      'Ce réseau n’a encore jamais envoyé ici. Un serveur de messagerie réessaie après quelques minutes et est alors connu ; beaucoup de logiciels de spam ne le font pas.',
      'Rien, l’expéditeur réessaie de lui-même. Qui doit entrer aussitôt reçoit un connecteur ; cela se règle par edge.greylist.',
    ],
    E214: [
      'Le réseau du client dépasse le nombre de messages ou de destinataires d’une minute ou d’une heure.',
      'L’expéditeur réessaie de lui-même. Augmentez edge.limits, ou créez un connecteur pour un partenaire qui envoie autant.',
    ],
    E215: [
      'Depuis le réseau du client, on a demandé tant de destinataires inexistants qu’il cherche peut-être lesquels existent (récolte d’annuaire).',
      'Cela finit de soi-même après edge.limits.refuseSeconds. L’expéditeur d’une liste doit en retirer les adresses disparues.',
    ],
    E220: [
      'Le message montre à son lecteur un domaine propre, ou un qui y ressemble, et ni SPF ni DKIM ne prouvent qu’il en vient.',
      'Pour un appareil ou service propre : envoyer par le relais, ou signer avec DKIM pour le domaine du champ « De ». Le sort de ce courrier se règle par ownDomainSpoof et displayNameSpoof.',
    ],
    E221: [
      'Un serveur de noms n’a pas répondu, et sa réponse décidait du refus du message.',
      'Rien n’est perdu, l’expéditeur réessaie. Si cela dure, examinez les serveurs de noms de ce relais et du domaine expéditeur.',
    ],
  };
