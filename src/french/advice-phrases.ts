import type { Phrases } from './phrasebook.ts';

/** What to do about a refusal, and what to think of before; and why an owner is not told of it. */
export const ADVICE_PHRASES: Phrases = {
  'See the events in the journal.': 'Voyez les événements du journal.',
  'What the client sent is not fit for a command line; see the events.':
    'Ce que le client a envoyé ne peut pas figurer dans une ligne de commande ; voyez les événements.',
  'Only what writes notifications needs it.': 'Seul ce qui envoie des avis en a besoin.',
  'A whole domain is allowed with its name alone; --recipients any allows everybody.':
    'Le nom d’un domaine seul autorise tout ce domaine ; --recipients any autorise tout le monde.',
  'It holds for all sources; memory and disk must suffice.':
    'Ce réglage vaut pour toutes les sources ; mémoire et disque doivent suffire.',
  'lineEndings = "repair" at the listener {listener}': 'lineEndings = "repair" pour l’écouteur {listener}',
  'lineEndings = "repair" at the listener': 'lineEndings = "repair" pour l’écouteur',
  'A repaired line end never ends a message, so that nothing can be smuggled in.':
    'Une fin de ligne réparée ne termine jamais un message : rien ne peut être introduit par ce biais.',
  'First find out whether so many are normal for it: a device that was taken over sends more, too.':
    'Vérifiez d’abord que ce volume lui est habituel : un appareil compromis envoie aussi davantage.',
  'Find out first why it was stopped: postern source show says it.':
    'Cherchez d’abord pourquoi elle a été arrêtée : postern source show le dit.',
  'Every message without a From then has this one.':
    'Tout message sans en-tête « De » portera alors cette adresse.',
  'Only if it is really to send in this name; otherwise correct the address in the device.':
    'Seulement si elle doit vraiment envoyer sous ce nom ; sinon, corrigez l’adresse dans l’appareil.',
  '{domain} is no domain of yours: more likely the address in the device is wrong.':
    '{domain} n’est pas un de vos domaines : l’adresse réglée dans l’appareil est sans doute fausse.',
  'Many devices behind one address need more than one.':
    'De nombreux appareils derrière une même adresse ont besoin de plusieurs connexions.',
  'Only if it is a device of yours.': 'Seulement si c’est un de vos appareils.',
  'The first refusal of the session is the cause; the limit itself is limits.errors.':
    'Le premier refus de la session est la cause ; la limite elle-même est limits.errors.',
  'More often the network between the two loses packets.':
    'Le plus souvent, c’est le réseau entre les deux qui perd des paquets.',
  'Better switch TLS or STARTTLS on in the device.': 'Activez plutôt TLS ou STARTTLS dans l’appareil.',
  'Only if it is a device of yours and can not authenticate; add --from with its sender address. On a listener with learn, postern discovery list shows what it tried.':
    'Seulement si c’est un de vos appareils et qu’il ne sait pas s’authentifier ; ajoutez --from avec son adresse d’expéditeur. Sur un écouteur qui apprend (learn), postern discovery list montre ce qu’il a tenté.',
  'More likely somebody guesses, or a device has an old password.':
    'Il est plus probable que quelqu’un devine des mots de passe, ou qu’un appareil en garde un ancien.',
  'The device has an old password, or somebody guesses.':
    'L’appareil garde un ancien mot de passe, ou quelqu’un essaie de le deviner.',
  'Nobody has this account. A listener with learn records such a device, so that it can be approved; if the name is misspelt, correct it in the device.':
    'Ce compte n’est celui de personne. Un écouteur qui apprend (learn) enregistre un tel appareil, qui peut alors être approuvé ; si le nom est mal écrit, corrigez-le dans l’appareil.',
  'Better let the device use PLAIN or LOGIN over TLS.':
    'Réglez plutôt l’appareil sur PLAIN ou LOGIN sous TLS.',
  'Only if the device has moved: a stolen password is seen in the same way.':
    'Seulement si l’appareil a changé de réseau : un mot de passe volé se manifeste de la même façon.',
  'The device shows another client certificate than the one that is known.':
    'L’appareil présente un autre certificat client que celui qui est connu.',
  'Then enter the new password in the device.': 'Entrez ensuite le nouveau mot de passe dans l’appareil.',
  'It speaks no version of TLS that can be allowed: update it, or replace it.':
    'Il ne parle aucune version de TLS qui puisse être autorisée : mettez-le à jour ou remplacez-le.',
  'It offers no cipher suite that can be allowed: update it, or replace it.':
    'Il ne propose aucune suite de chiffrement qui puisse être autorisée : mettez-le à jour ou remplacez-le.',
  'The device does not trust the certificate: use one of an authority that it knows, with its chain, or put the certificate of the relay into the device.':
    'L’appareil n’a pas confiance dans le certificat : employez celui d’une autorité qu’il connaît, avec sa chaîne, ou installez le certificat du relais dans l’appareil.',
  'It speaks without TLS where TLS is expected: choose STARTTLS for the ports 25 and 587, and TLS (SSL) for 465.':
    'Il parle sans TLS là où TLS est attendu : choisissez STARTTLS pour les ports 25 et 587, et TLS (SSL) pour le port 465.',
  'It gave up without a word, often because it does not trust the certificate: look at its own log.':
    'Il a renoncé sans rien dire, souvent parce qu’il n’a pas confiance dans le certificat : consultez son propre journal.',
  'Better update the device: what is old here can be broken by others on the network.':
    'Mettez plutôt l’appareil à jour : ce qui est ancien ici peut être cassé par d’autres sur le réseau.',
  'notices.owners is off in the configuration': 'notices.owners est désactivé dans la configuration',
  'the source has no owner': 'la source n’a pas de responsable',
  'the source has the tag {tag}': 'la source porte l’étiquette {tag}',
};
