import type { Phrases } from './phrasebook.ts';

/** The descriptions of the configuration file. */
export const SETTING_PHRASES: Phrases = {
  'Name in the greeting, in EHLO, in Received and Message-ID. Set it to the name that DNS knows. Default: the name of the machine.':
    'Nom dans l’accueil, dans EHLO, dans Received et Message-ID. Indiquez le nom que le DNS connaît. Par défaut : le nom de la machine.',
  'Folder of spool, journal, keys and settings, seen from the configuration file.':
    'Dossier de la file d’attente, du journal, des clés et des réglages, relatif au fichier de configuration.',
  'SMTP listeners, as many as needed.': 'Écouteurs SMTP, autant que nécessaire.',
  'Name in the journal and in the summary.': 'Nom dans le journal et dans le résumé.',
  'Who it is for: sources, who authenticate, or anybody on the internet who has mail for the accepted domains (docs/edge.md).':
    'À qui il est destiné : aux sources, qui s’authentifient, ou à quiconque sur Internet a du courrier pour les domaines acceptés (docs/edge.md).',
  'Address to listen on; `0.0.0.0` or `::` for all.': 'Adresse d’écoute ; `0.0.0.0` ou `::` pour toutes.',
  'Port; below 1024 needs the right to bind it.': 'Port ; au-dessous de 1024, il faut le droit de l’ouvrir.',
  'No TLS, STARTTLS offered, STARTTLS required before MAIL and AUTH, or TLS from the first octet.':
    'Sans TLS, STARTTLS proposé, STARTTLS exigé avant MAIL et AUTH, ou TLS dès le premier octet.',
  'The kinds of credential that it takes.': 'Types d’identifiants acceptés.',
  'Takes passwords without TLS. For fenced networks only.':
    'Accepte les mots de passe sans TLS. Pour des réseaux cloisonnés seulement.',
  'What happens to a bare CR or LF in a message: refused (M602), or made CR LF; it never ends a message.':
    'Sort d’un CR ou LF seul dans un message : refusé (M602), ou remplacé par CR LF ; il ne termine jamais un message.',
  'Records devices that are no known source: `hold` takes their mail and holds it until they are approved, `refuse` refuses it (A311). Nothing is delivered before approval.':
    'Enregistre les appareils qui ne sont aucune source connue : `hold` accepte leur courrier et le retient jusqu’à leur approbation, `refuse` le refuse (A311). Rien n’est distribué avant l’approbation.',
  'The networks in which it learns, such as `10.1.2.0/24`; anybody else is refused as ever.':
    'Réseaux dans lesquels il apprend, comme `10.1.2.0/24` ; tous les autres sont refusés comme d’habitude.',

  'Limits of the relay as a whole.': 'Limites du relais dans son ensemble.',
  'Simultaneous connections.': 'Connexions simultanées.',
  'Simultaneous connections of one IPv4 address or IPv6 /64.':
    'Connexions simultanées d’une adresse IPv4 ou d’un /64 IPv6.',
  'Octets in a command line.': 'Octets d’une ligne de commande.',
  'Commands in one connection.': 'Commandes par connexion.',
  'Refused commands in one connection.': 'Commandes refusées par connexion.',
  'Recipients of one message; a source may have less.':
    'Destinataires par message ; une source peut en avoir moins.',
  'Octets of one message; a source may have less.': 'Octets par message ; une source peut en avoir moins.',
  'Octets of a header section.': 'Octets de l’ensemble des en-têtes.',
  'Fields of a header section.': 'Nombre d’en-têtes.',
  'Received fields, above which a message is in a loop.':
    'En-têtes Received, au-delà desquels un message tourne en boucle.',
  'Seconds without a command.': 'Secondes sans commande.',
  'Seconds without an octet inside a message.': 'Secondes sans octet pendant un message.',
  'Seconds that one connection may last.': 'Durée maximale d’une connexion, en secondes.',
  'A message that arrives more slowly is dropped.': 'Un message qui arrive plus lentement est abandonné.',
  'Octets of all message bodies in memory together. Above it bodies over SMTP go to files; requests over HTTP are answered 503.':
    'Octets de tous les corps de messages en mémoire. Au-delà, les corps reçus en SMTP vont dans des fichiers ; les requêtes HTTP reçoivent la réponse 503.',
  'A larger body goes to a file instead of memory.':
    'Un corps plus grand va dans un fichier et non en mémoire.',

  'The certificate of the listeners.': 'Le certificat des écouteurs.',
  'PEM file of the certificate with its chain; empty: a self-signed one in the data folder.':
    'Fichier PEM du certificat avec sa chaîne ; vide : un certificat autosigné dans le dossier de données.',
  'PEM file of its private key.': 'Fichier PEM de sa clé privée.',
  'PEM file of an RSA certificate with its chain, for clients that an exception lets have old TLS; empty: the same as for all, or a self-signed one where that is not RSA.':
    'Fichier PEM d’un certificat RSA avec sa chaîne, pour les clients auxquels une dérogation permet un TLS ancien ; vide : le même que pour tous, ou un certificat autosigné si celui-ci n’est pas RSA.',
  'Oldest version that is accepted.': 'Version la plus ancienne acceptée.',
  'PEM file of the authorities that sign client certificates.':
    'Fichier PEM des autorités qui signent les certificats clients.',
  'PROXY protocol, versions 1 and 2.': 'Protocole PROXY, versions 1 et 2.',
  'Networks of load balancers; a connection from them must begin with a PROXY protocol header.':
    'Réseaux des répartiteurs de charge ; une connexion qui en vient doit commencer par un en-tête du protocole PROXY.',

  'OAUTHBEARER and XOAUTH2.': 'OAUTHBEARER et XOAUTH2.',
  'Issuers of access tokens.': 'Émetteurs de jetons d’accès.',
  'Exactly as in the `iss` claim; for Microsoft Entra ID it holds the tenant.':
    'Exactement comme dans la revendication `iss` ; pour Microsoft Entra ID, elle contient le locataire.',
  'What the `aud` claim must be.': 'Valeur exigée de la revendication `aud`.',
  'Where the keys are; found by OpenID discovery when absent.':
    'Adresse des clés ; si elle est absente, trouvée par la découverte OpenID.',
  'Protection against guessing of passwords.': 'Protection contre la recherche de mots de passe.',
  'Failed logins for one account within the window, above which it is locked.':
    'Échecs de connexion à un compte pendant la fenêtre, au-delà desquels il est bloqué.',
  'Failed logins from one IPv4 address or IPv6 /64 within the window, above which it is locked.':
    'Échecs de connexion depuis une adresse IPv4 ou un /64 IPv6 pendant la fenêtre, au-delà desquels ce réseau est bloqué.',
  'The window in which failures are counted.': 'Fenêtre pendant laquelle les échecs sont comptés.',
  'How long a lock lasts.': 'Durée d’un blocage.',
  'How long a checked password is remembered (as a keyed hash), so that it costs less the next time.':
    'Durée pendant laquelle un mot de passe vérifié est retenu (sous forme de hachage à clé), pour coûter moins la fois suivante.',

  'Watches each source for what it does not usually do; see docs/containment.md.':
    'Surveille ce que chaque source fait d’inhabituel ; voir docs/containment.md.',
  'Nothing; alarms alone; or alarms and the steps below. A source may have a mode of its own.':
    'Rien ; des alarmes seulement ; ou des alarmes et les mesures ci-dessous. Une source peut avoir son propre mode.',
  'Days with messages before a source is judged.': 'Jours avec des messages avant qu’une source soit jugée.',
  'Messages before a source is judged.': 'Messages avant qu’une source soit jugée.',
  'Points from which on there is an alarm.': 'Points à partir desquels une alarme est levée.',
  'Points from which on more than usual is answered 4xx.':
    'Points à partir desquels ce qui dépasse l’habitude reçoit une réponse 4xx.',
  'Points from which on its mail is held.': 'Points à partir desquels son courrier est retenu.',
  'Points from which on the source is suspended.': 'Points à partir desquels la source est suspendue.',

  'How sources come and go: requests, recertification, retirement; see docs/sources.md.':
    'Arrivée et départ des sources : demandes, recertification, retrait ; voir docs/sources.md.',
  'Days of 4xx now and then before a source is retired; 0: at once.':
    'Jours de réponses 4xx intermittentes avant le retrait d’une source ; 0 : retrait immédiat.',
  'Share of its attempts that is answered 4xx meanwhile, 0 to 1.':
    'Part de ses tentatives qui reçoit entre-temps une réponse 4xx, de 0 à 1.',
  'Hours of the day (UTC) in which all of them are.': 'Heures de la journée (UTC) où toutes la reçoivent.',
  'Days after which a request for a source that nobody approved is closed.':
    'Jours après lesquels une demande de source que personne n’a approuvée est close.',
  'Requests that may be open at a time.': 'Demandes ouvertes en même temps.',
  'Requests of one person that may be open at a time.':
    'Demandes d’une même personne ouvertes en même temps.',
  'Expiry, rotation and hand-over of credentials.': 'Expiration, rotation et remise des identifiants.',
  'Days before a credential expires at which an alarm is raised and its owner gets a mail.':
    'Jours avant l’expiration d’un identifiant où une alarme est levée et où son responsable est prévenu par courriel.',
  'A rotation is complete when the old secret was not used for so many hours.':
    'Une rotation est terminée quand l’ancien secret n’a pas servi pendant ce nombre d’heures.',
  'A rotation that takes longer is an alarm, and again each time that so many days have passed.':
    'Une rotation plus longue lève une alarme, répétée chaque fois que ce nombre de jours est passé.',
  'How often expiry and rotations are looked at.': 'Fréquence d’examen des expirations et des rotations.',
  'How long a hand-over link works, unless its maker says otherwise.':
    'Durée de validité d’un lien de remise, sauf indication contraire de qui le crée.',
  'What hand-over links begin with, such as `https://relay.example.com:8025`; empty: the address by which the administrator reached the API.':
    'Début des liens de remise, comme `https://relay.example.com:8025` ; vide : l’adresse par laquelle l’administrateur a joint l’API.',

  'Delivery, retry and bounces.': 'Distribution, nouvelles tentatives et avis de non-remise.',
  'Simultaneous outgoing connections.': 'Connexions sortantes simultanées.',
  'Deliveries that are held in memory, ready to go.': 'Envois gardés en mémoire, prêts à partir.',
  'Seconds to the second attempt; each further wait is longer.':
    'Secondes avant la deuxième tentative ; chaque attente suivante est plus longue.',
  'The longest wait between attempts.': 'Attente maximale entre deux tentatives.',
  'After this time the sender gets a bounce (5 days).':
    'Délai après lequel l’expéditeur reçoit un avis de non-remise (5 jours).',
  'After this time the sender is told of the delay, once (4 hours).':
    'Délai après lequel l’expéditeur est prévenu du retard, une fois (4 heures).',
  'Seconds to open a connection.': 'Secondes pour ouvrir une connexion.',
  'Seconds to wait for a reply.': 'Secondes d’attente d’une réponse.',
  'Seconds to wait for the reply after the end of a message (RFC 5321 section 4.5.3.2.6).':
    'Secondes d’attente de la réponse après la fin d’un message (RFC 5321, section 4.5.3.2.6).',
  'Seconds that an unused connection is kept for the next message.':
    'Secondes pendant lesquelles une connexion inutilisée est gardée pour le message suivant.',
  'From address of bounces; empty: `postmaster@` and the host name.':
    'Adresse « De » des avis de non-remise ; vide : `postmaster@` suivi du nom d’hôte.',
  'PEM file of authorities that are trusted for next hops, besides the well-known ones.':
    'Fichier PEM des autorités de confiance pour les serveurs suivants, outre les autorités reconnues.',
  'Address that outgoing connections come from; empty: the system chooses.':
    'Adresse d’où partent les connexions sortantes ; vide : le système choisit.',
  'Signing.': 'Signature.',
  'Treats a domain whose key record was not seen in DNS as if it had no key; otherwise that is a warning.':
    'Traite un domaine dont l’enregistrement DNS de clé n’a pas été vu comme s’il n’avait pas de clé ; sinon, c’est un avertissement.',
  'How often the published records are looked up.':
    'Fréquence de consultation des enregistrements DNS publiés.',
  'DNS.': 'DNS.',
  'Name servers, `address` or `address:port`; empty: those of the system.':
    'Serveurs de noms, `address` ou `address:port` ; vide : ceux du système.',
  'Messages taken and not yet finished.': 'Messages acceptés et pas encore traités jusqu’au bout.',
  'With less free space nothing is accepted (452), so that what is spooled can still be finished.':
    'Avec moins d’espace libre, rien n’est accepté (452), pour que ce qui est en file d’attente puisse encore être traité.',

  'Listeners that learn: what is remembered of unknown devices.':
    'Écouteurs qui apprennent : ce qui est retenu des appareils inconnus.',
  'Unknown devices that are remembered; beyond them the one that was not seen longest makes room.':
    'Appareils inconnus mémorisés ; au-delà, celui qui n’a pas été vu depuis le plus longtemps cède la place.',
  'Messages of one unknown device that are held; above it A312 (451).':
    'Messages retenus d’un même appareil inconnu ; au-delà, A312 (451).',
  'Octets of one unknown device that are held; above it A312 (451).':
    'Octets retenus d’un même appareil inconnu ; au-delà, A312 (451).',
  'Messages of all unknown devices together that are held.':
    'Messages retenus de tous les appareils inconnus ensemble.',
  'Octets of all unknown devices together that are held.':
    'Octets retenus de tous les appareils inconnus ensemble.',
  'Messages of unknown devices that may arrive at the same time.':
    'Messages d’appareils inconnus qui peuvent arriver en même temps.',
  'Days after which a device is forgotten that did not come again and has no mail here.':
    'Jours après lesquels est oublié un appareil qui n’est pas revenu et n’a pas de courrier ici.',

  'Events.': 'Événements.',
  'Days that events are kept.': 'Jours de conservation des événements.',
  'Keeps the subject of each message, so that messages are found by it. False: neither journal nor message search know subjects.':
    'Conserve l’objet de chaque message, pour que les messages se retrouvent par lui. Faux : ni le journal ni la recherche de messages ne connaissent les objets.',
  'Size of the journal, above which the oldest events are removed.':
    'Taille du journal, au-delà de laquelle les événements les plus anciens sont supprimés.',
  'Days that counts of mail by the minute are kept; the overview needs two.':
    'Jours de conservation des décomptes de courrier par minute ; la vue d’ensemble en demande deux.',
  'Days that counts by the hour are kept; the overview needs sixty.':
    'Jours de conservation des décomptes par heure ; la vue d’ensemble en demande soixante.',
  'Days that counts by the day are kept, for reports.':
    'Jours de conservation des décomptes par jour, pour les rapports.',
  'Octets of transcripts of sessions with a refusal, above which the oldest are removed.':
    'Octets des transcriptions de sessions avec un refus, au-delà desquels les plus anciennes sont supprimées.',
  'Mails to the owners of sources about refusals.':
    'Courriels aux responsables des sources au sujet des refus.',
  'Tells the owner of a source by mail when its mail begins to be refused. The tag `no-notices` ends it for one source.':
    'Prévient par courriel le responsable d’une source quand son courrier commence à être refusé. L’étiquette `no-notices` y met fin pour une source.',
  'Language of these mails; the tag `lang:en` or `lang:fr` of a source comes first.':
    'Langue de ces courriels ; l’étiquette `lang:en` ou `lang:fr` d’une source l’emporte.',
  'Of the same refusal of the same source its owner is told again after so many hours, with a count.':
    'Pour le même refus de la même source, son responsable est prévenu de nouveau après ce nombre d’heures, avec un décompte.',
  'How long refusals are collected before a mail.': 'Durée de regroupement des refus avant un courriel.',
  'Time zone of the times in these mails; empty: that of the system.':
    'Fuseau horaire des heures dans ces courriels ; vide : celui du système.',
  'Whom an owner may ask, as it stands in the mail; empty: the postmaster address.':
    'À qui un responsable peut s’adresser, tel que le courriel l’indique ; vide : l’adresse du postmaster.',

  'Mail from the internet, for listeners of the role `edge`; see docs/edge.md.':
    'Courrier venu d’Internet, pour les écouteurs de rôle `edge` ; voir docs/edge.md.',
  'When a message that the front door refuses is told so: at RCPT, or at the end of DATA as Exchange Online is thought to do. Unknown recipients are refused at RCPT either way.':
    'Moment où un message refusé à l’entrée l’apprend : à RCPT, ou à la fin de DATA comme Exchange Online semble le faire. Les destinataires inconnus sont refusés à RCPT dans les deux cas.',
  'What happens to clients whose address has no name in DNS that leads back to it: nothing, their mail is marked as junk, or it is refused (E212).':
    'Sort des clients dont l’adresse n’a dans le DNS aucun nom qui y ramène : rien, leur courrier est marqué comme indésirable, ou il est refusé (E212).',
  'What happens to clients from outside that call themselves by the name of this host, by an accepted domain, or by a loopback address: nothing, a mark as junk, or a refusal (E209).':
    'Sort des clients extérieurs qui s’annoncent sous le nom de ce serveur, sous un domaine accepté ou par une adresse de bouclage : rien, une marque d’indésirable, ou un refus (E209).',
  'DNS blocklists that are asked about the address of the client; whoever is listed is refused (E210).':
    'Listes de blocage DNS interrogées sur l’adresse du client ; qui y est inscrit est refusé (E210).',
  'Under which the list is published, such as `zen.example.org`.':
    'Zone sous laquelle la liste est publiée, comme `zen.example.org`.',
  'What it is called in the refusal; empty: the zone.': 'Son nom dans le refus ; vide : la zone.',
  'Answers that count, such as `127.0.0.0/29`; empty: all.':
    'Réponses qui comptent, comme `127.0.0.0/29` ; vide : toutes.',
  'Address at which its owner asks to be taken off the list, `{address}` standing for the client; empty: what the list itself says.':
    'Adresse où demander le retrait de la liste, `{address}` désignant le client ; vide : ce que la liste elle-même indique.',
  'What happens while the list gives no answer: the mail waits (451), or passes as if it were not listed, which opens the door to whoever can silence the list.':
    'Ce qui se passe tant que la liste ne répond pas : le courrier attend (451), ou passe comme s’il n’était pas inscrit, ce qui ouvre la porte à qui sait faire taire la liste.',
  'Greylisting by network (/24 of IPv4, /64 of IPv6), sender and recipient.':
    'Liste grise par réseau (/24 en IPv4, /64 en IPv6), expéditeur et destinataire.',
  'Whoever was never seen before is told to come again (E213), as mail servers do and bots often do not.':
    'Qui n’a encore jamais été vu est prié de revenir (E213), ce que font les serveurs de messagerie et souvent pas les robots.',
  'How long it has to wait at least.': 'Attente minimale.',
  'Until when it has to have come again.': 'Délai dans lequel il doit être revenu.',
  'How long a network that has passed is let through; each message renews it (5 weeks).':
    'Durée pendant laquelle un réseau qui a réussi passe librement ; chaque message la renouvelle (5 semaines).',
  'Senders for whom SPF passes do not wait: large services come again from other addresses each time. A record that lets everybody pass does not count.':
    'Les expéditeurs conformes à SPF n’attendent pas : les grands services reviennent chaque fois d’une autre adresse. Un enregistrement qui laisse passer tout le monde ne compte pas.',
  'Networks, and as many first attempts, that are remembered.':
    'Réseaux mémorisés, et autant de premières tentatives.',
  'What one network may send: an IPv4 address or an IPv6 /64. Above it E214 (451).':
    'Ce qu’un réseau peut envoyer : une adresse IPv4 ou un /64 IPv6. Au-delà, E214 (451).',
  'Messages in a minute.': 'Messages par minute.',
  'Messages in an hour.': 'Messages par heure.',
  'Recipients in a minute, those that are refused among them.':
    'Destinataires par minute, y compris ceux qui sont refusés.',
  'Recipients in an hour.': 'Destinataires par heure.',
  'Clients that a connector identifies may send so many times as much.':
    'Facteur accordé aux clients qu’un connecteur identifie.',
  'Unknown recipients in ten minutes, after which answers come slowly.':
    'Destinataires inconnus en dix minutes, après lesquels les réponses sont ralenties.',
  'Unknown recipients in ten minutes, after which the network is refused for a while (E215).':
    'Destinataires inconnus en dix minutes, après lesquels le réseau est refusé un moment (E215).',
  'How long.': 'Durée.',
  'Whether a recipient exists.': 'Vérification de l’existence des destinataires.',
  'Who is asked whether a recipient of an authoritative domain exists, in this order: the list that is kept here, the directory, the next hop. The first that knows it decides; it is unknown when all say so.':
    'Qui est interrogé sur l’existence d’un destinataire d’un domaine faisant autorité, dans cet ordre : la liste tenue ici, l’annuaire, le serveur suivant. Le premier qui le connaît décide ; il est inconnu quand tous le disent.',
  'Separator of an address and its detail: with `+` the recipient `ann+shop@example.com` exists when `ann@example.com` does; empty: no address has a detail.':
    'Séparateur entre une adresse et son détail : avec `+`, le destinataire `ann+shop@example.com` existe si `ann@example.com` existe ; vide : aucune adresse n’a de détail.',
  '`Ann@example.com` and `ann@example.com` are two recipients; hardly any system has it so.':
    '`Ann@example.com` et `ann@example.com` sont deux destinataires ; presque aucun système ne le veut ainsi.',
  'How long it is remembered that directory or next hop know a recipient.':
    'Durée pendant laquelle on retient que l’annuaire ou le serveur suivant connaît un destinataire.',
  'How long it is remembered that they do not.':
    'Durée pendant laquelle on retient qu’ils ne le connaissent pas.',
  'While they can not be asked, a recipient that they knew within this time counts as known (3 days).':
    'Tant qu’ils sont injoignables, un destinataire qu’ils connaissaient dans ce délai compte comme connu (3 jours).',
  'Known recipients, and as many others, that are remembered.':
    'Destinataires connus mémorisés, et autant d’autres.',
  'Seconds that asking the next hop may take, connection included.':
    'Secondes que peut prendre l’interrogation du serveur suivant, connexion comprise.',
  'The directory, for `ldap` in `verify`.': 'L’annuaire, pour `ldap` dans `verify`.',
  'Directory servers in the order in which they are tried: `ldaps://dc1.example.com`, or `ldap://…` which goes over to TLS by StartTLS. Never in the clear.':
    'Serveurs d’annuaire dans l’ordre où ils sont essayés : `ldaps://dc1.example.com`, ou `ldap://…` qui passe à TLS par StartTLS. Jamais en clair.',
  'Who asks; empty: nobody (anonymous).': 'Compte qui interroge ; vide : aucun (anonyme).',
  'Its password; better in the environment: `POSTERN_EDGE__RECIPIENTS__LDAP__PASSWORD`.':
    'Son mot de passe ; de préférence dans l’environnement : `POSTERN_EDGE__RECIPIENTS__LDAP__PASSWORD`.',
  'Where the search begins, such as `dc=example,dc=com`.': 'Base de la recherche, comme `dc=example,dc=com`.',
  'Finds the entry of a recipient (RFC 4515). `{address}`, `{local}` and `{domain}` stand for what is asked, escaped.':
    'Trouve l’entrée d’un destinataire (RFC 4515). `{address}`, `{local}` et `{domain}` désignent ce qui est cherché, avec échappement.',
  'PEM file of authorities that are trusted for these servers, besides the well-known ones.':
    'Fichier PEM des autorités de confiance pour ces serveurs, outre les autorités reconnues.',
  'Seconds to wait for a server.': 'Secondes d’attente d’un serveur.',
  'Signing domain in whose name what goes on is sealed (ARC), for a mail service that trusts it; empty: none. It needs an RSA key (`postern domain add`).':
    'Domaine de signature au nom duquel ce qui est transmis est scellé (ARC), pour un service de messagerie qui lui fait confiance ; vide : aucun. Il lui faut une clé RSA (`postern domain add`).',
  'The Direct Send audit; see docs/direct-send-audit.md.':
    'L’audit de Direct Send ; voir docs/direct-send-audit.md.',
  'Folders of this machine with evidence that a run may read; what is uploaded always may be.':
    'Dossiers de cette machine dont une analyse peut lire les pièces ; ce qui est téléversé peut toujours l’être.',
  'Whether a run may ask reverse DNS for the names of addresses (`ptr`): it tells their owners, and whoever answers for them, which addresses interest you.':
    'Autorise une analyse à demander au DNS inverse les noms des adresses (`ptr`) : leurs propriétaires, et qui répond pour eux, apprennent alors quelles adresses vous intéressent.',
  'Octets that uploaded evidence may take, all files together.':
    'Octets que peuvent occuper les pièces téléversées, tous fichiers confondus.',
  'The sandbox inbox.': 'La boîte de réception du bac à sable.',
  'Messages that the sandbox keeps.': 'Messages que le bac à sable conserve.',
  'Octets that the sandbox keeps.': 'Octets que le bac à sable conserve.',

  'HTTP: administration, sending, metrics.': 'HTTP : administration, envoi, métriques.',
  'Address of the API.': 'Adresse de l’API.',
  'Port of the API.': 'Port de l’API.',
  'HTTPS with the certificate of the listeners. Default: yes, unless the address is loopback.':
    'HTTPS avec le certificat des écouteurs. Par défaut : oui, sauf si l’adresse est de bouclage.',
  'Networks of reverse proxies before the API. Only they are believed when they say who the client is and whether it came by HTTPS.':
    'Réseaux des mandataires inverses devant l’API. Eux seuls sont crus quand ils disent qui est le client et s’il est venu en HTTPS.',
  'How they say it: `X-Forwarded-For`, `-Proto` and `-Host`, or `Forwarded` (RFC 7239). The other one is not read, as clients may have written it.':
    'Comment ils le disent : `X-Forwarded-For`, `-Proto` et `-Host`, ou `Forwarded` (RFC 7239). L’autre forme n’est pas lue, car un client peut l’avoir écrite.',
  'Serves the console, the pages for administrators, at `/`.':
    'Sert la console, les pages des administrateurs, à `/`.',
  'Lets operators read what is in kept messages: in the sandbox inbox, waiting or held. Each reading stands in the audit log. `false`: nobody can.':
    'Permet aux opérateurs de lire le contenu des messages conservés : dans le bac à sable, en attente ou retenus. Chaque lecture figure au journal d’audit. `false` : personne ne le peut.',
  'Serves /metrics without a token.': 'Sert /metrics sans jeton.',
  'Signing in of people who administer the relay.': 'Connexion des personnes qui administrent le relais.',
  'Address that people open in a browser, `https://relay.example.com:8025`. Passkeys and sign-in of the organisation need it.':
    'Adresse ouverte dans un navigateur, `https://relay.example.com:8025`. Les clés d’accès et la connexion de l’organisation en ont besoin.',
  'Minutes without a request after which somebody has to sign in again.':
    'Minutes sans requête après lesquelles il faut se reconnecter.',
  'Hours after which somebody has to sign in again in any case.':
    'Heures après lesquelles il faut se reconnecter dans tous les cas.',
  'Whether a password alone is enough. `required`: without a second factor one can only set it up.':
    'Indique si un mot de passe seul suffit. `required` : sans second facteur, on ne peut que le configurer.',
  "The organisation's own sign-in (OpenID Connect).":
    'La connexion propre à l’organisation (OpenID Connect).',
  'Name in addresses: the provider sends people back to `/api/v1/session/oidc/NAME/callback`.':
    'Nom dans les adresses : le fournisseur renvoie les personnes vers `/api/v1/session/oidc/NAME/callback`.',
  'What stands on the button; the name when empty.': 'Texte du bouton ; vide : le nom.',
  'Issuer. For Microsoft Entra ID `https://login.microsoftonline.com/TENANT/v2.0` with the tenant in it.':
    'Émetteur. Pour Microsoft Entra ID, `https://login.microsoftonline.com/TENANT/v2.0` avec le locataire.',
  'Client identifier that the provider has given.': 'Identifiant de client donné par le fournisseur.',
  'Client secret; better in the environment: `POSTERN_PEOPLE__PROVIDER__0__CLIENT_SECRET`.':
    'Secret du client ; de préférence dans l’environnement : `POSTERN_PEOPLE__PROVIDER__0__CLIENT_SECRET`.',
  'What is asked for.': 'Ce qui est demandé.',
  'Claim of the ID token that decides the role: `roles` for app roles, `groups` for groups.':
    'Revendication du jeton d’identité qui décide du rôle : `roles` pour les rôles d’application, `groups` pour les groupes.',
  'Values of the claim that give each role. Without any, only people who were added here may sign in.':
    'Valeurs de la revendication qui donnent chaque rôle. Sans aucune, seules les personnes ajoutées ici peuvent se connecter.',
  'Takes the e-mail address as true without `email_verified`. Only for a provider whose users can not choose it.':
    'Tient l’adresse électronique pour vraie sans `email_verified`. Seulement pour un fournisseur dont les utilisateurs ne peuvent pas la choisir.',
  'Structured log, JSON lines.': 'Journal technique structuré, en lignes JSON.',
  'How much is logged.': 'Niveau de détail du journal technique.',
  'File of the log; empty: standard output when that is no terminal, else `postern.log` in the data folder.':
    'Fichier du journal technique ; vide : la sortie standard si ce n’est pas un terminal, sinon `postern.log` dans le dossier de données.',
};
