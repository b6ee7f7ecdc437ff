/** What the rules say of senders and of abuse, in French. A test holds it against the rules themselves. */
export const PHRASES_FR: Readonly<Record<string, string>> = {
  'sent to the address that it pretends to come from': 'envoyé à l’adresse dont il prétend venir',
  'the client calls itself by an address': 'le client se nomme par une adresse',
  'the address has no name': 'l’adresse n’a pas de nom',
  'mail of the own domains comes from this network for hardly any time':
    'le courrier de vos domaines ne vient de ce réseau que depuis très peu de temps',
  'DMARC fails': 'DMARC échoue',
  'and the policy says reject or quarantine': 'et la politique demande le rejet ou la quarantaine',
  'composite authentication takes it for a forgery': 'l’authentification composite y voit un faux',
  'composite authentication fails': 'l’authentification composite échoue',
  'the subject is a known lure': 'l’objet est un appât connu',
  'an attachment that such mail brings': 'une pièce jointe typique de ce courrier',
  'written by PowerShell': 'écrit par PowerShell',
  'the filter took it for spam or phishing': 'le filtre y a vu du spam ou de l’hameçonnage',
  'the sender is approved': 'l’émetteur est approuvé',
  'signed by the own domain': 'signé par votre domaine',
  'the network is one that sends for weeks': 'le réseau envoie depuis des semaines',
  'SPF allows the address': 'SPF autorise l’adresse',
  'name or words of a device': 'nom ou mots d’un appareil',
  'the client calls itself by a private address': 'le client se nomme par une adresse privée',
  'a known service': 'un service connu',
  'a meeting, a list or a notice': 'une réunion, une liste ou un avis',
  'attributed to own servers by a connector': 'attribué à vos serveurs par un connecteur',
  'default connector without a client before the front door':
    'connecteur par défaut sans client devant la porte d’entrée',
  'a partner connector matches': 'un connecteur de partenaire correspond',
  'null sender, or an address of Microsoft': 'expéditeur nul, ou adresse de Microsoft',
  'answers to meetings, over servers of others': 'réponses à des réunions, par les serveurs de tiers',
  'has the marks of a list': 'porte les marques d’une liste',
  "the envelope is the list's own": 'l’enveloppe est celle de la liste',
  'a service for security awareness': 'un service de sensibilisation à la sécurité',
  'a service for signatures, DLP or encryption': 'un service de signatures, DLP ou chiffrement',
  'mail that the organisation had sent comes back': 'du courrier envoyé par l’organisation revient',
  'most mail of others comes from the same network': 'la plupart du courrier des autres vient du même réseau',
  'a service that stands in front of Exchange Online': 'un service placé devant Exchange Online',
  'the organisation had sent these messages before': 'l’organisation avait envoyé ces messages auparavant',
  'many own senders over hosts of others, that SPF does not know':
    'beaucoup d’expéditeurs à vous par des hôtes de tiers, que SPF ne connaît pas',
  'no client address: it did not come in over the internet':
    'pas d’adresse de client : il n’est pas arrivé par l’internet',
  'servers of a mailbox provider, with an own envelope':
    'serveurs d’un fournisseur de boîtes, avec votre enveloppe',
  'a known service with the bare own domain in the envelope':
    'un service connu avec votre domaine nu dans l’enveloppe',
  'own author, the return path is a subdomain or of a service':
    'auteur à vous, le chemin de retour est un sous-domaine ou d’un service',
  'servers of Azure with the own domain': 'serveurs d’Azure avec votre domaine',
  'hosts with names of one other organisation, over several addresses':
    'hôtes aux noms d’une seule autre organisation, sur plusieurs adresses',
  'signed for the own domain by a host of others': 'signé pour votre domaine par un hôte de tiers',
  'own sender, few addresses': 'expéditeur à vous, peu d’adresses',
  'its name is that of a machine in a local network': 'son nom est celui d’une machine de réseau local',
  'its words are those of a device': 'ses mots sont ceux d’un appareil',
  'steady: it sends on many days': 'régulier : il envoie de nombreux jours',
  'its host is of the own domain': 'son hôte est de votre domaine',
  'part of a campaign': 'fait partie d’une campagne',
  'most messages bear the signs of abuse': 'la plupart des messages portent les signes d’abus',
  'no client: made inside of the service': 'pas de client : produit dans le service',
  'many own authors in the envelopes of one stranger':
    'beaucoup d’auteurs à vous dans les enveloppes d’un seul tiers',
  'mail that the organisation had sent comes back from the network of a connector, beside it':
    'du courrier envoyé par l’organisation revient du réseau d’un connecteur, à côté de lui',
  'hardly two messages of one author, signed by the organisation':
    'guère deux messages d’un même auteur, signés par l’organisation',
  'calls itself a host of another organisation': 'se nomme comme un hôte d’une autre organisation',
  'few authors over several addresses of one network, or signed; nobody told its name':
    'peu d’auteurs sur plusieurs adresses d’un réseau, ou signés ; personne n’a dit son nom',
  'many own authors, and subjects that begin with the name of a list':
    'beaucoup d’auteurs à vous, et des objets qui commencent par le nom d’une liste',
  'mail of many own authors from one address, which no mailbox of the service had sent before':
    'courrier de beaucoup d’auteurs à vous depuis une adresse, qu’aucune boîte du service n’avait envoyé',
  'as regular as a clock': 'réglé comme une horloge',
  'its address bears the name of another organisation; nobody told its own':
    'son adresse porte le nom d’une autre organisation ; personne n’a dit le sien',
  'the network sends on many days': 'le réseau envoie de nombreux jours',
  'all others of its network who send in the same way are':
    'tous les autres de son réseau qui envoient de la même façon le sont',
};
