import { replaceUnsafe } from '../platform/unsafe-characters.ts';
import { isRefusalCode, REFUSALS } from '../refusals.ts';
import { ENGLISH } from './notice-english.ts';
import { FRENCH } from './notice-french.ts';

export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a mail to an owner says of one kind of refusal of one source. */
export interface NoticeItem {
  /** Name and description of the source. */
  source: string;
  description: string;
  code: string;
  count: number;
  /** Wall times, milliseconds. */
  first: number;
  last: number;
  /** Address of the device at the latest refusal. */
  network?: string;
  /** Of the latest refusal, as far as known: addresses, a limit. */
  facts: Record<string, string | number>;
}

/** Sentences of one language. `what` and `todo` of codes that are not named are general. */
export interface Wording {
  locale: string;
  subjectOne(source: string): string;
  subjectMany(count: number): string;
  greeting: string;
  intro: string;
  /** `Since Mon 3 March, 14 times, from 192.0.2.7` */
  times(count: number, first: string, last: string): string;
  from(network: string): string;
  answer(text: string): string;
  what: Record<string, string>;
  whatElse: string;
  todo: Record<string, string>;
  todoElse: string;
  facts: Record<string, (value: string | number) => string>;
  administrator(command: string): string;
  more(count: number): string;
  closing(everyHours: number, contact: string): string;
}

const WORDINGS: Record<Language, Wording> = { en: ENGLISH, fr: FRENCH };

export interface NoticeTerms {
  language: Language;
  /** IANA name, for the times. */
  timeZone: string;
  everyHours: number;
  /** Whom to ask. */
  contact: string;
}

/** Items that one mail tells of in full. */
const MOST_ITEMS = 20;

/** The mail to one owner, plain text; what a client has sent stands in it bounded and without controls. */
export function noticeText(items: NoticeItem[], terms: NoticeTerms): { subject: string; text: string } {
  const wording = WORDINGS[terms.language];
  const names = new Set(items.map(({ source }) => source));
  const [first] = items;
  const subject =
    names.size === 1 && first ? wording.subjectOne(safe(first.source)) : wording.subjectMany(names.size);
  const shown = items.slice(0, MOST_ITEMS);
  const lines = [wording.greeting, '', wording.intro, ''];
  for (const item of shown) lines.push(...itemLines(item, wording, terms), '');
  if (items.length > shown.length) lines.push(wording.more(items.length - shown.length), '');
  lines.push(wording.closing(terms.everyHours, terms.contact), '');
  return { subject, text: lines.join('\n') };
}

function itemLines(item: NoticeItem, wording: Wording, { timeZone }: NoticeTerms): string[] {
  const { source, description, code, count, network, facts } = item;
  const format = new Intl.DateTimeFormat(wording.locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone,
  });
  const title = description === '' ? safe(source) : `${safe(source)} (${safe(description)})`;
  const lines = [title, '-'.repeat(Math.min(title.length, 60))];
  const where = network === undefined ? '' : ` ${wording.from(safe(network))}`;
  lines.push(`${wording.times(count, format.format(item.first), format.format(item.last))}${where}.`, '');
  lines.push(wording.what[code] ?? wording.whatElse);
  for (const [name, value] of Object.entries(facts)) {
    const say = wording.facts[name];
    if (say) lines.push(`  ${say(typeof value === 'string' ? safe(value) : value)}`);
  }
  lines.push('', wording.todo[code] ?? wording.todoElse);
  if (isRefusalCode(code)) lines.push('', wording.answer(`${code} ${REFUSALS[code].text}`));
  lines.push(wording.administrator(`postern refusals show ${safe(source)}:${code}`));
  return lines;
}

/** On one line, and short. */
function safe(text: string): string {
  return replaceUnsafe(text, '?').slice(0, 200);
}
