import { isLeft } from './gate/gate.ts';
import { asksOf, WOULD_TELL } from './inventory/asks.ts';
import type { SenderLine } from './inventory/line.ts';
import type { StoredAnswer } from './run/book.ts';

/** One line of the summary; `heading` and `answer` are set apart where the terminal can. */
export interface SummaryLine {
  kind: 'answer' | 'heading' | 'text' | 'dim';
  text: string;
}

const COLUMNS = 78;
const MOST_OF_WAVE = 8;
const MOST_CAMPAIGNS = 5;
const MOST_FILES = 5;
const NAME = 40;

const WAYS: Record<SenderLine['wayOut']['kind'], string> = {
  'relay-source': 'send through the relay',
  'partner-connector': 'add a partner connector',
  'custom-return-path': 'give it a return path of its own',
  'fix-forwarding': 'mend the forwarding',
  block: 'let it break',
  investigate: 'find out what it is',
  nothing: 'nothing',
};

/** What the audit says, on a terminal of 80 columns: first the answer, then what is left, attacks, and what nobody could see. */
export function summaryOf(stored: StoredAnswer): SummaryLine[] {
  const { answer } = stored;
  const lines: SummaryLine[] = [];
  const say = (kind: SummaryLine['kind'], text: string, indent = ''): void => {
    const hanging = text.startsWith('- ') ? `${indent}  ` : indent;
    for (const [index, line] of wrap(text, COLUMNS - hanging.length).entries())
      lines.push({ kind, text: (index === 0 ? indent : hanging) + line });
  };
  const order = { no: 0, unknown: 1, yes: 2 };
  for (const gate of [...answer.gates].sort(
    (a, b) => order[a.answer] - order[b.answer] || b.perDay - a.perDay,
  ))
    say('answer', gate.text);
  if (stored.organisation.tenant.organization.rejectDirectSend)
    say('text', 'RejectDirectSend is on already.');

  const left = answer.senders.filter(isLeft);
  for (const wave of [...new Set(left.map((line) => line.wave))].sort((a, b) => (a ?? 99) - (b ?? 99))) {
    const members = left.filter((line) => line.wave === wave);
    say('text', '');
    say('heading', wave === undefined ? 'Without a wave' : `Wave ${wave}`);
    for (const line of members.slice(0, MOST_OF_WAVE)) lines.push({ kind: 'text', text: rowOf(line) });
    if (members.length > MOST_OF_WAVE)
      say(
        'dim',
        `and ${members.length - MOST_OF_WAVE} more: postern audit senders --wave ${wave ?? ''}`,
        '  ',
      );
    for (const way of new Set(members.map(({ wayOut }) => wayOut.kind))) say('dim', `-> ${WAYS[way]}`, '  ');
  }
  askLines(left, say);
  campaignLines(stored, say);
  say('text', '');
  say('heading', 'What the evidence can not see');
  for (const blind of answer.coverage.blind) say('text', `- ${blind}`, '  ');
  fileLines(stored, say);
  return lines;
}

function rowOf({ id, name, candidates, class: kind, messages, directSend }: SenderLine): string {
  const perDay =
    messages.perDay < 10
      ? String(Math.round(messages.perDay * 10) / 10)
      : String(Math.round(messages.perDay));
  const shown = clean(name);
  const cut = shown.length > NAME ? `${shown.slice(0, NAME - 1)}…` : shown;
  const sure = directSend === 'proven' ? '' : '?';
  return `  ${id.padEnd(13).slice(0, 13)}${cut.padEnd(NAME + 1)}${`${kind}${candidates.length > 1 ? '~' : ''}${sure}`.slice(0, 14).padEnd(14)}${`${perDay}/day`.padStart(8)}`;
}

/** Where several things are possible, which evidence would tell. */
function askLines(left: readonly SenderLine[], say: Say): void {
  const asks = asksOf(left);
  if (asks.length === 0) return;
  say('text', '');
  say('heading', 'What would tell more (~ may also be something else)');
  for (const { lack, senders } of asks)
    say('text', `- ${senders} sender${senders === 1 ? '' : 's'}: ${WOULD_TELL[lack]}`, '  ');
}

type Say = (kind: SummaryLine['kind'], text: string, indent?: string) => void;

function campaignLines({ answer }: StoredAnswer, say: Say): void {
  const attacks = answer.senders.filter((line) => line.class === 'attack');
  if (attacks.length === 0 && answer.campaigns.length === 0) return;
  say('text', '');
  say('heading', 'Attacks');
  for (const { id, first, messages, recipients, self, subjects } of answer.campaigns.slice(
    0,
    MOST_CAMPAIGNS,
  )) {
    const day = new Date(first).toISOString().slice(0, 10);
    say(
      'text',
      `${id}  ${day}  ${messages} messages to ${recipients} recipients, ${self} to themselves`,
      '  ',
    );
    if (subjects[0]) say('dim', `"${clean(subjects[0]).slice(0, 60)}"`, '    ');
  }
  if (answer.campaigns.length > MOST_CAMPAIGNS)
    say('dim', `and ${answer.campaigns.length - MOST_CAMPAIGNS} more: postern audit campaigns`, '  ');
  const alone = attacks.filter(({ abuse }) => abuse.campaigns.length === 0).length;
  if (alone > 0) say('text', `${alone} sender${alone === 1 ? '' : 's'} of abuse outside of campaigns`, '  ');
  const hidden = attacks.reduce((sum, { abuse }) => sum + abuse.hidden, 0);
  if (hidden > 0) say('text', `an allow list let ${hidden} messages of abuse through`, '  ');
}

function fileLines({ answer, files }: StoredAnswer, say: Say): void {
  const { days, firstDay, lastDay } = answer.coverage;
  const day = (number: number): string => new Date(number * 86_400_000).toISOString().slice(0, 10);
  say('text', '');
  say('heading', 'Evidence');
  if (firstDay !== undefined && lastDay !== undefined)
    say('text', `${day(firstDay)} to ${day(lastDay)}, ${days} days, ${files.length} files`, '  ');
  const wrong = files.filter(({ outcome }) => outcome !== 'read');
  for (const { name, outcome, reasons, notes, question, refused } of wrong.slice(0, MOST_FILES)) {
    const missing = question?.missing.length
      ? `say which column is ${question.missing.join(', ')} (--mapping)`
      : '';
    const why = missing || notes[0] || Object.keys(reasons)[0] || 'no evidence';
    const count = refused > 0 ? `${refused} rows refused: ` : '';
    say(
      'text',
      `${clean(name.split(/[\\/]/).at(-1) ?? name)}: ${WORDS[outcome]}; ${count}${clean(why)}`,
      '  ',
    );
  }
  if (wrong.length > MOST_FILES)
    say('dim', `and ${wrong.length - MOST_FILES} more that were not read whole: postern audit files`, '  ');
}

const WORDS = {
  read: 'read',
  partly: 'read in part',
  refused: 'refused',
  question: 'columns not understood',
  other: 'no evidence',
};

/** Breaks at spaces; a longer word is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => one.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [''])) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** What strangers wrote must not move a cursor. */
function clean(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    '\ufffd',
  );
}
