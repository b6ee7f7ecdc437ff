import type { NoticeKind } from './dsn.ts';

/** What a person reads in a notification: English, then French. */
interface Wording {
  subject: string;
  intro: string;
  outro: string;
}

const ENGLISH: Record<NoticeKind, Wording> = {
  failure: {
    subject: 'Undelivered mail',
    intro: 'Your message could not be delivered to:',
    outro: 'It will not be tried again.',
  },
  delay: {
    subject: 'Mail delayed',
    intro: 'Your message could not be delivered yet to:',
    outro: 'You need do nothing: it is tried again until',
  },
  success: {
    subject: 'Mail passed on',
    intro: 'Your message was handed to the next server, which gives no further notice, for:',
    outro: 'This does not say that it was read.',
  },
};

const FRENCH: Record<NoticeKind, Wording> = {
  failure: {
    subject: 'Message non remis',
    intro: 'Votre message n\u2019a pas pu \u00eatre remis \u00e0 :',
    outro: 'Aucune nouvelle tentative ne sera faite.',
  },
  delay: {
    subject: 'Message retard\u00e9',
    intro: 'Votre message n\u2019a pas encore pu \u00eatre remis \u00e0 :',
    outro: 'Vous n\u2019avez rien \u00e0 faire : de nouvelles tentatives auront lieu jusqu\u2019au',
  },
  success: {
    subject: 'Message transmis',
    intro:
      'Votre message a \u00e9t\u00e9 confi\u00e9 au serveur suivant, qui ne donne pas d\u2019autre avis, pour :',
    outro: 'Cela ne dit pas qu\u2019il a \u00e9t\u00e9 lu.',
  },
};

export function noticeSubject(kind: NoticeKind): string {
  return ENGLISH[kind].subject;
}

export interface NoticeText {
  kind: NoticeKind;
  hostname: string;
  /** Of the message in question. */
  id: string;
  recipients: { address: string; reason: string }[];
  /** For a delay: until when it is tried. */
  retryUntil?: string;
}

/** Lines end in LF; may hold UTF-8. */
export function noticeText(text: NoticeText): string {
  const { kind, hostname, id, recipients, retryUntil } = text;
  const list = recipients.map(({ address, reason }) => `  <${address}>\n    ${reason}`).join('\n');
  const body = ({ intro, outro }: Wording): string =>
    `${intro}\n\n${list}\n\n${outro}${retryUntil ? ` ${retryUntil}` : ''}${outro.endsWith('.') ? '' : '.'}\n`;
  return (
    `This is the mail relay ${hostname}, about your message ${id}.\n\n${body(ENGLISH[kind])}\n--\n\n` +
    `Ceci est le relais de messagerie ${hostname}, au sujet de votre message ${id}.\n\n${body(FRENCH[kind])}`
  );
}
