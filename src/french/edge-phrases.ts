import type { Phrases } from './phrasebook.ts';

/** Why mail from the internet was refused or set aside, and what in the settings of the edge is better changed. */
export const EDGE_PHRASES: Phrases = {
  // the client
  'whether {address} exists could not be asked':
    'il n’a pas été possible de vérifier que le destinataire {address} existe',
  '{network} has sent {reason}': '{network} a envoyé {reason}',
  '{count} messages within a minute, allowed are {most}':
    '{count} messages en une minute ; {most} sont permis',
  '{count} messages within an hour, allowed are {most}': '{count} messages en une heure ; {most} sont permis',
  '{count} recipients within a minute, allowed are {most}':
    '{count} destinataires en une minute ; {most} sont permis',
  '{count} recipients within an hour, allowed are {most}':
    '{count} destinataires en une heure ; {most} sont permis',
  '{network} asked for too many recipients that do not exist':
    '{network} a demandé trop de destinataires qui n’existent pas',
  'first seen; may come again in {seconds} s': 'premier contact ; peut revenir dans {seconds} s',
  'the client calls itself by a loopback address, {hello}':
    'le client s’annonce par une adresse de bouclage, {hello}',
  'the client calls itself by the name of this host': 'le client s’annonce sous le nom de ce serveur',
  'the client calls itself by the accepted domain {hello}':
    'le client s’annonce sous le nom du domaine accepté {hello}',
  'the client calls itself {hello}': 'le client s’annonce sous le nom {hello}',
  '{address} calls itself by a loopback address, {hello}':
    '{address} s’annonce par une adresse de bouclage, {hello}',
  '{address} calls itself by the name of this host': '{address} s’annonce sous le nom de ce serveur',
  '{address} calls itself by the accepted domain {hello}':
    '{address} s’annonce sous le nom du domaine accepté {hello}',
  '{address} calls itself {hello}': '{address} s’annonce sous le nom {hello}',
  '{address} is listed by {zone}: {said}': '{address} est inscrite sur la liste {zone} : {said}',
  'The address of the client is not known.': 'L’adresse du client n’est pas connue.',
  'The address of the client is not known': 'L’adresse du client n’est pas connue',
  'DNS gave no answer for the name of {address}.': 'Le DNS n’a pas répondu pour le nom de {address}.',
  'DNS gave no answer for the address of {name}.': 'Le DNS n’a pas répondu pour l’adresse de {name}.',
  '{address} has no name in DNS.': '{address} n’a pas de nom dans le DNS inverse.',
  '{address} has no name in DNS': '{address} n’a pas de nom dans le DNS inverse',
  'No name that {address} claims has that address.':
    'Aucun des noms que {address} revendique n’a cette adresse.',
  'No name that {address} claims has that address':
    'Aucun des noms que {address} revendique n’a cette adresse',
  'it lists what no list may list': 'elle inscrit ce qu’aucune liste ne doit inscrire',
  'What is asked for can not be in a list.': 'Ce qui est demandé ne peut figurer dans aucune liste.',
  '{zone} gave no answer.': 'La liste {zone} n’a pas répondu.',
  '{zone} gave an answer that no list gives, {answer}.':
    '{zone} a donné une réponse qu’aucune liste ne donne, {answer}.',
  '{zone} refuses to answer this host ({answer}): it may want a key, or another resolver than a public one.':
    '{zone} refuse de répondre à ce serveur ({answer}) : il lui faut peut-être une clé, ou un autre résolveur DNS qu’un résolveur public.',
  '{explanation} The client showed a certificate, which does not count: {reason}.':
    '{explanation} Le client a présenté un certificat, qui ne compte pas : {reason}.',
  'no certificate': 'aucun certificat',
  'it is an authority itself': 'c’est celui d’une autorité de certification',
  'it is for other purposes than servers': 'il n’est pas prévu pour un serveur',
  'its chain does not hold together': 'sa chaîne de certification est rompue',
  'its authority is not trusted (tls.clientCa), or its intermediate certificates are missing':
    'son autorité n’est pas de confiance (tls.clientCa), ou ses certificats intermédiaires manquent',
  'it is not valid yet': 'il n’est pas encore valable',
  'it has expired': 'il a expiré',
  'its key is too short': 'sa clé est trop courte',
  'its signature is weak (SHA-1 or MD5)': 'sa signature est faible (SHA-1 ou MD5)',
  'it was issued by what is no authority': 'il a été émis par ce qui n’est pas une autorité',
  'its authority is not one for servers': 'son autorité n’est pas prévue pour des serveurs',
  'its authority may only certify certain names, which is not looked at here':
    'son autorité ne peut certifier que certains noms, ce qui n’est pas vérifié ici',

  // what the message proves
  'the header section can not be read without doubt: {reason}': 'les en-têtes sont ambigus : {reason}',
  'envelope and From say {domain}, which nothing proves':
    'l’expéditeur d’enveloppe et l’en-tête « De » disent {domain}, ce que rien ne prouve',
  'From says {domain}, which nothing proves, behind a foreign envelope sender':
    'l’en-tête « De » dit {domain}, ce que rien ne prouve, sous un expéditeur d’enveloppe étranger',
  'the Sender field says {address}': 'l’en-tête Sender dit {address}',
  'the display name shows {address}': 'le nom affiché montre {address}',
  'the domain of the author looks like {domain}': 'le domaine de l’auteur imite {domain}',
  'a second {fields} was added, which the signature does not cover':
    'un deuxième en-tête {fields} a été ajouté, que la signature ne couvre pas',
  'passed DMARC before {domain}, whose seal is trusted, changed it':
    'conforme à DMARC avant que {domain}, dont le sceau ARC est de confiance, ne le modifie',
  '{address} is a safe sender, which counts only for mail that DMARC proves':
    '{address} est un expéditeur approuvé, ce qui ne compte que pour le courrier que DMARC prouve',
  'The author has no domain that could publish a DMARC policy.':
    'Le domaine de l’auteur ne peut pas publier de politique DMARC.',
  'Nobody could tell whether {domain} has a DMARC record: {error}':
    'Impossible de savoir si {domain} a un enregistrement DMARC : {error}',
  '{domain} has no DMARC record.': '{domain} n’a pas d’enregistrement DMARC.',
  'The DMARC record of {domain} has no policy that can be applied: {error}':
    'L’enregistrement DMARC de {domain} n’a aucune politique applicable : {error}',
  'Nobody could tell whether this mail is from {domain}: {reason}':
    'Impossible de savoir si ce message vient de {domain} : {reason}',
  'SPF of {domain} could not be checked.': 'le SPF de {domain} n’a pas pu être vérifié.',
  'the signature of {domain} could not be checked.':
    'la signature DKIM de {domain} n’a pas pu être vérifiée.',
  'This mail is not proven to be from {domain}: {reason}. Its owner asks for nothing{tag}.':
    'Rien ne prouve que ce message vient de {domain} : {reason}. Son propriétaire ne demande rien{tag}.',
  'This mail is not proven to be from {domain}: {reason}. Its owner asks for {policy}.':
    'Rien ne prouve que ce message vient de {domain} : {reason}. La politique de ce domaine est « {policy} ».',
  'neither SPF nor a signature proves anything': 'ni SPF ni aucune signature DKIM ne prouve quoi que ce soit',
  'what is proven is {domains}, which does not align':
    'ce qui est prouvé est {domains}, qui n’est pas aligné',

  // advice on the settings
  'there is no accepted domain, so that all mail is refused: postern edge domain add':
    'aucun domaine accepté n’est déclaré, si bien que tout le courrier est refusé : postern edge domain add',
  'no listener has role = "edge" in the configuration, so that nothing comes in from outside':
    'aucun écouteur n’a role = "edge" dans la configuration, si bien que rien n’entre depuis l’extérieur',
  '{domain} is authoritative and nobody of it is listed, so that its mail waits at its senders (451 E207): postern edge recipient import, a directory in the configuration, or --type internal-relay':
    '{domain} fait autorité, mais aucun de ses destinataires n’est répertorié : son courrier attend chez les expéditeurs (451 E207). Importez ses boîtes aux lettres (postern edge recipient import), indiquez un annuaire dans la configuration, ou choisissez --type internal-relay',
  'Direct Send is let in: whoever connects may write with an own envelope sender; postern edge set RejectDirectSend true':
    'Direct Send est accepté : n’importe qui peut se connecter et écrire avec un expéditeur d’enveloppe de vos domaines ; postern edge set RejectDirectSend true',
  'connector {connector} identifies nobody: sender domains alone vouch for no client; give it a certificate or addresses':
    'le connecteur {connector} n’identifie personne : des domaines d’expéditeur seuls ne garantissent aucun client ; donnez-lui un certificat ou des adresses IP',
  'connector {connector} does not count by its certificate: {certificate} is in none of the accepted domains':
    'le certificat du connecteur {connector} ne compte pas : {certificate} n’appartient à aucun des domaines acceptés',
};
