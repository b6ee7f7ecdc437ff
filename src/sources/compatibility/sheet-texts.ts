export const SHEET_LANGUAGES = ['en', 'fr'] as const;
export type SheetLanguage = (typeof SHEET_LANGUAGES)[number];

/** The words of a settings sheet in one language. */
export interface SheetTexts {
  title(source: string): string;
  server: string;
  port: string;
  encryption: string;
  modes: Record<'none' | 'starttls' | 'starttls-required' | 'implicit', string>;
  authentication: string;
  withPassword(cram: boolean): string;
  withToken: string;
  withCertificate: string;
  withoutPassword: string;
  user: string;
  passwordLabel: string;
  passwordValue: string;
  address: string;
  from: string;
  nobody: string;
  recipients: string;
  allow: Record<'internal' | 'listed' | 'any', string>;
  size: string;
  notes: string;
  noCredential: string;
  apiOnly(hostname: string): string;
  noListener: string;
  loopback(listener: string): string;
  alternatives(ways: string): string;
  legacy: string;
  vendor(vendor: string, menu: string): string;
  password: string;
}

const MECHANISMS = 'SCRAM-SHA-256, PLAIN, LOGIN';

export const SHEET_TEXTS: Record<SheetLanguage, SheetTexts> = {
  en: {
    title: (source) => `Mail settings for ${source}`,
    server: 'SMTP server',
    port: 'Port',
    encryption: 'Encryption',
    modes: {
      none: 'none',
      starttls: 'STARTTLS',
      'starttls-required': 'STARTTLS, always',
      implicit: 'SSL/TLS (from the start)',
    },
    authentication: 'SMTP authentication',
    withPassword: (cram) => `on (${cram ? `${MECHANISMS}, CRAM-MD5` : MECHANISMS})`,
    withToken: 'on, OAuth 2.0 (OAUTHBEARER, XOAUTH2)',
    withCertificate: 'off; the device shows its client certificate',
    withoutPassword: 'off; the device is known by its network address',
    user: 'User name',
    passwordLabel: 'Password',
    passwordValue: 'as handed over; it is not on this sheet',
    address: 'Its address must be in',
    from: 'Sender address (From)',
    nobody: 'none is allowed yet',
    recipients: 'May write to',
    allow: {
      internal: 'addresses of the organisation',
      listed: 'only these',
      any: 'everybody',
    },
    size: 'Largest message',
    notes: 'Notes',
    noCredential: 'It has no credential yet: nobody can send as this source.',
    apiOnly: (hostname) => `It has an API key only: it sends over HTTP to ${hostname}, not by SMTP.`,
    noListener: 'No listener of the relay takes what this device can: see postern compatibility show.',
    loopback: (listener) => `Listener ${listener} answers on the relay's own machine only.`,
    alternatives: (ways) => `If that port can't be used: ${ways}.`,
    legacy: 'This device works only by an exception that ends on a fixed day. Look for new firmware.',
    vendor: (vendor, menu) => `${vendor}: usually under ${menu}. Names differ between models.`,
    password: 'Never write the password on this sheet.',
  },
  fr: {
    title: (source) => `Réglages de messagerie pour ${source}`,
    server: 'Serveur SMTP',
    port: 'Port',
    encryption: 'Chiffrement',
    modes: {
      none: 'aucun',
      starttls: 'STARTTLS',
      'starttls-required': 'STARTTLS, toujours',
      implicit: 'SSL/TLS (dès la connexion)',
    },
    authentication: 'Authentification SMTP',
    withPassword: (cram) => `activée (${cram ? `${MECHANISMS}, CRAM-MD5` : MECHANISMS})`,
    withToken: 'activée, OAuth 2.0 (OAUTHBEARER, XOAUTH2)',
    withCertificate: 'désactivée ; l’appareil présente son certificat client',
    withoutPassword: 'désactivée ; l’appareil est reconnu à son adresse réseau',
    user: 'Nom d’utilisateur',
    passwordLabel: 'Mot de passe',
    passwordValue: 'remis séparément ; il n’est pas sur cette fiche',
    address: 'Son adresse doit être dans',
    from: 'Adresse d’expéditeur (From)',
    nobody: 'aucune n’est encore autorisée',
    recipients: 'Peut écrire à',
    allow: {
      internal: 'les adresses de l’organisation',
      listed: 'uniquement',
      any: 'tout le monde',
    },
    size: 'Taille maximale d’un message',
    notes: 'Remarques',
    noCredential: 'Elle n’a pas encore d’identifiant : personne ne peut envoyer pour cette source.',
    apiOnly: (hostname) => `Elle n’a qu’une clé d’API : elle envoie par HTTP à ${hostname}, et non par SMTP.`,
    noListener:
      'Aucun port du relais n’accepte ce que sait faire cet appareil : voir postern compatibility show.',
    loopback: (listener) => `Le port ${listener} ne répond que sur la machine du relais.`,
    alternatives: (ways) => `Si ce port ne peut pas être utilisé : ${ways}.`,
    legacy:
      'Cet appareil ne fonctionne que par une dérogation à durée limitée. Cherchez une mise à jour de son micrologiciel.',
    vendor: (vendor, menu) => `${vendor} : en général sous ${menu}. Les noms varient selon les modèles.`,
    password: 'N’écrivez jamais le mot de passe sur cette fiche.',
  },
};
