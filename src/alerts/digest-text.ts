import { ENGLISH } from '../notices/notice-english.ts';
import { FRENCH } from '../notices/notice-french.ts';
import { plainLine } from './alert.ts';

export const DIGEST_LANGUAGES = ['en', 'fr'] as const;
export type DigestLanguage = (typeof DIGEST_LANGUAGES)[number];

/** What a digest says of one source. */
export interface SourceDigest {
  name: string;
  description: string;
  /** Messages that were taken in the period. */
  messages: number;
  refusals: { code: string; count: number }[];
  /** Credentials that end soon, or have ended in the period. */
  expiring: { label: string; at: number }[];
  /** Wall time, milliseconds; absent: never. */
  lastUsedAt?: number;
}

export interface DigestPeriod {
  from: number;
  until: number;
  hostname: string;
  /** There were more events than are counted: numbers are the least there were. */
  partial: boolean;
}

interface Words {
  locale: string;
  subject(day: string, count: number): string;
  intro(from: string, until: string): string;
  partial: string;
  messages(count: string): string;
  noMessages: string;
  refused(code: string, count: string, why: string): string;
  expires(label: string, day: string): string;
  expired(label: string, day: string): string;
  lastUse(day: string): string;
  neverUsed: string;
  more(count: number): string;
  closing(hostname: string): string;
  why(code: string): string;
}

const WORDS: Record<DigestLanguage, Words> = {
  en: {
    locale: 'en-GB',
    subject: (day, count) => `Your mail until ${day}: ${count === 1 ? 'one sender' : `${count} senders`}`,
    intro: (from, until) =>
      `You are named as the owner of what stands below. This is what the mail relay saw of it from ${from} to ${until} (UTC).`,
    partial:
      'There was more than could be counted: numbers of messages and refusals are the least there were.',
    messages: (count) => `Messages: ${count}`,
    noMessages: 'No messages',
    refused: (code, count, why) => `Refused ${count} times (${code}): ${why}`,
    expires: (label, day) => `Its credential ${label} ends on ${day}: renew it before`,
    expired: (label, day) => `Its credential ${label} ended on ${day}`,
    lastUse: (day) => `Last used on ${day}`,
    neverUsed: 'Never used: if nobody needs it, have it retired',
    more: (count) => `... and ${count} more senders of yours.`,
    closing: (hostname) => `Written by the mail relay ${hostname}. Nobody reads answers to this address.`,
    why: (code) => ENGLISH.what[code] ?? ENGLISH.whatElse,
  },
  fr: {
    locale: 'fr-FR',
    subject: (day, count) =>
      `Votre courrier jusqu’au ${day} : ${count === 1 ? 'un expéditeur' : `${count} expéditeurs`}`,
    intro: (from, until) =>
      `Vous êtes indiqué comme responsable de ce qui figure ci-dessous. Voici ce que le relais de messagerie en a vu du ${from} au ${until} (UTC).`,
    partial:
      'Il y en avait plus que ce qui peut être compté : les nombres de messages et de refus sont des minimums.',
    messages: (count) => `Messages : ${count}`,
    noMessages: 'Aucun message',
    refused: (code, count, why) => `Refusé ${count} fois (${code}) : ${why}`,
    expires: (label, day) => `Son identifiant ${label} expire le ${day} : renouvelez-le avant`,
    expired: (label, day) => `Son identifiant ${label} a expiré le ${day}`,
    lastUse: (day) => `Dernière utilisation le ${day}`,
    neverUsed: 'Jamais utilisé : si personne n’en a besoin, demandez son retrait',
    more: (count) => `... et ${count} autres expéditeurs dont vous êtes responsable.`,
    closing: (hostname) =>
      `Écrit par le relais de messagerie ${hostname}. Personne ne lit les réponses à cette adresse.`,
    why: (code) => FRENCH.what[code] ?? FRENCH.whatElse,
  },
};

/** Sources that one mail tells of. */
const MOST_SOURCES = 100;
const MOST_CODES = 10;

/** The mail to one owner: what needs a hand first, then by name. */
export function digestText(
  sources: SourceDigest[],
  { from, until, hostname, partial }: DigestPeriod,
  language: DigestLanguage,
): { subject: string; text: string } {
  const words = WORDS[language];
  const date = new Intl.DateTimeFormat(words.locale, { dateStyle: 'long', timeZone: 'UTC' });
  const number = new Intl.NumberFormat(words.locale);
  const day = (at: number): string => date.format(at);
  const sorted = sources.toSorted((a, b) => needOf(b) - needOf(a) || (a.name < b.name ? -1 : 1));
  const lines = [words.intro(day(from), day(until)), ...(partial ? ['', words.partial] : [])];
  for (const source of sorted.slice(0, MOST_SOURCES)) {
    const { name, description, messages, refusals, expiring, lastUsedAt } = source;
    const title = description === '' ? name : `${name} (${plainLine(description, 100)})`;
    const facts = [
      messages === 0 ? words.noMessages : words.messages(number.format(messages)),
      ...refusals
        .toSorted((a, b) => b.count - a.count)
        .slice(0, MOST_CODES)
        .map(({ code, count }) => words.refused(code, number.format(count), words.why(code))),
      ...expiring.map(({ label, at }) =>
        (at <= until ? words.expired : words.expires)(plainLine(label, 100), day(at)),
      ),
      lastUsedAt === undefined ? words.neverUsed : words.lastUse(day(lastUsedAt)),
    ];
    lines.push('', title, ...facts.map((fact) => `  - ${fact}`));
  }
  if (sorted.length > MOST_SOURCES) lines.push('', words.more(sorted.length - MOST_SOURCES));
  lines.push('', words.closing(hostname), '');
  return { subject: words.subject(day(until), sources.length), text: lines.join('\n') };
}

function needOf({ refusals, expiring }: SourceDigest): number {
  return (expiring.length > 0 ? 2 : 0) + (refusals.length > 0 ? 1 : 0);
}
