import { isLeft } from '../gate/gate.ts';
import type { SenderLine } from '../inventory/line.ts';
import type { StoredAnswer } from '../run/book.ts';
import { shares, stackedBars } from './charts.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import { Html, html } from './html.ts';
import {
  afterSection,
  campaignList,
  coverageSection,
  domainTable,
  fileTable,
  findingList,
} from './sections.ts';
import { senderCards } from './senders.ts';
import { STYLE } from './style.ts';
import type { Language, Texts } from './texts.ts';
import { Words } from './words.ts';

export const TEXTS: Readonly<Record<Language, Texts>> = { en, fr };

const DAY = 86_400_000;
const MOST_LEFT = 30;

/**
 * The report as one HTML document: no script, nothing loaded from anywhere, everything from the evidence escaped. The first
 * page answers; what it rests on follows.
 */
export function reportPage(stored: StoredAnswer, language: Language): string {
  const words = new Words(TEXTS[language]);
  const { texts } = words;
  const { answer, organisation } = stored;
  const { senders } = answer;
  const matters = senders.filter((line) => line.directSend !== 'no' || line.class === 'attack');
  const others = senders.length - matters.length;
  const page = html`<!doctype html>
<html lang="${texts.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="referrer" content="no-referrer"><title>${texts.title}${texts.colon}${organisation.tenant.name}</title><style>${new Html(STYLE)}</style></head><body>
<header><h1>${texts.title}</h1><p>${texts.subtitle(
    organisation.tenant.domains
      .map(({ name }) => name)
      .slice(0, 5)
      .join(', '),
  )}</p><p>${period(stored, words)}. ${texts.made(words.date(stored.at))}.</p></header>
<main>
<section class="first">${gates(stored, words)}${figures(stored, words)}
<h2>${texts.headings.next}</h2>${waves(senders, words)}
<h2>${texts.headings.timeline}</h2>${timeline(stored, words)}</section>
<section><h2>${texts.headings.left}</h2>${leftTable(senders, words)}</section>
<section><h2>${texts.headings.classes}</h2>${classes(matters, words)}</section>
<section><h2>${texts.headings.senders}</h2>${senderCards(matters, answer.proofs, words)}</section>
<section><h2>${texts.headings.campaigns}</h2>${campaignList(answer.campaigns, words)}</section>
${afterSection(answer, words)}
<section><h2>${texts.headings.domains}</h2>${domainTable(answer, words)}</section>
<section><h2>${texts.headings.findings}</h2>${findingList(stored, words)}</section>
${
  others > 0 &&
  html`<section><h2>${texts.headings.others}</h2>${classes(
    senders.filter((line) => !matters.includes(line)),
    words,
  )}<p class="dim">${texts.others(others)}</p></section>`
}
<section><h2>${texts.headings.coverage}</h2>${coverageSection(answer, words)}</section>
<section><h2>${texts.headings.files}</h2>${fileTable(stored.files, words)}</section>
<section><h2>${texts.headings.method}</h2>${texts.method.map((text) => html`<p>${text}</p>`)}</section>
</main></body></html>
`;
  return page.text;
}

function period({ answer: { coverage } }: StoredAnswer, { texts, date }: Words): string {
  const { firstDay, lastDay, days } = coverage;
  if (firstDay === undefined || lastDay === undefined) return texts.noPeriod;
  return texts.period(date(firstDay * DAY), date(lastDay * DAY), days);
}

function gates({ answer, organisation }: StoredAnswer, { texts, rate }: Words): Html {
  const order = { no: 0, unknown: 1, yes: 2 };
  const sorted = [...answer.gates].sort((a, b) => order[a.answer] - order[b.answer] || b.perDay - a.perDay);
  return html`<div class="gates">${sorted.map(
    (gate) =>
      html`<div class="gate ${gate.answer}"><b>${texts.verdict[gate.answer]}</b><span class="question">${texts.question(gate.domain)}</span><span>${texts.answer({ answer: gate.answer, senders: gate.left.length, perDay: rate(gate.perDay) })}</span></div>`,
  )}</div>${organisation.tenant.organization.rejectDirectSend && html`<p>${texts.alreadyOn}</p>`}`;
}

function figures({ answer }: StoredAnswer, { texts, count, rate, percent }: Words): Html {
  const left = answer.senders.filter(isLeft);
  const confidence = Math.min(1, ...answer.gates.map((gate) => gate.confidence));
  const shown: [string, string][] = [
    [count(left.length), texts.figures.left],
    [rate(left.reduce((sum, { messages }) => sum + messages.perDay, 0)), texts.figures.perDay],
    [count(answer.campaigns.length), texts.figures.attacks],
    [count(answer.coverage.days), texts.figures.days],
    [percent(answer.gates.length === 0 ? 0 : confidence), texts.figures.coverage],
  ];
  return html`<div class="figures">${shown.map(([figure, name]) => html`<div><strong>${figure}</strong><span>${name}</span></div>`)}</div>`;
}

/** What has to be done, a wave a line, with the ways out in it. */
function waves(senders: readonly SenderLine[], { texts, rate }: Words): Html {
  const attacks = senders.filter((line) => line.class === 'attack').length;
  const numbers = [...new Set(senders.filter(isLeft).flatMap(({ wave }) => wave ?? []))].sort(
    (a, b) => a - b,
  );
  const items = numbers.map((number) => {
    const lines = senders.filter((line) => isLeft(line) && line.wave === number);
    const perDay = lines.reduce((sum, { messages }) => sum + messages.perDay, 0);
    const ways = [...new Set(lines.map(({ wayOut }) => texts.wayOut[wayOut.kind]))].join(', ');
    return html`<li><strong>${texts.next.wave(number)}${texts.colon}</strong>${texts.next.senders(lines.length)}, ${texts.next.perDay(rate(perDay))}${texts.semicolon}${ways}</li>`;
  });
  return html`${items.length === 0 ? html`<p>${texts.next.nothing}</p>` : html`<ul>${items}</ul>`}${attacks > 0 && html`<p>${texts.next.attacks(attacks)}</p>`}`;
}

function timeline({ answer }: StoredAnswer, words: Words): Html {
  const { texts } = words;
  if (answer.timeline.length === 0) return html`<p>${texts.noTimeline}</p>`;
  const days = answer.timeline.map(({ day, proven, candidates, abusive }) => {
    const clean = Math.max(0, proven + candidates - abusive);
    // abuse is mostly a part of what is proven: it is taken out of it, so that nothing counts twice
    const share = proven + candidates === 0 ? 0 : clean / (proven + candidates);
    return { day, values: [Math.round(proven * share), Math.round(candidates * share), abusive] };
  });
  const series = [
    { name: 'proven', label: texts.legend.proven },
    { name: 'candidates', label: texts.legend.candidates },
    { name: 'abusive', label: texts.legend.abusive },
  ];
  return html`${stackedBars(days, series, texts.headings.timeline, words)}<p class="dim">${texts.timelineNote}</p>`;
}

function leftTable(senders: readonly SenderLine[], words: Words): Html {
  const { texts, rate, date } = words;
  const left = senders
    .filter(isLeft)
    .sort((a, b) => (a.wave ?? 99) - (b.wave ?? 99) || b.messages.perDay - a.messages.perDay);
  if (left.length === 0) return html`<p>${texts.next.nothing}</p>`;
  const { columns } = texts;
  return html`<div class="scroll"><table><thead><tr><th class="n">${columns.wave}</th><th>${columns.sender}</th><th>${columns.kind}</th><th class="n">${columns.perDay}</th><th>${columns.last}</th><th>${columns.wayOut}</th></tr></thead><tbody>${left
    .slice(0, MOST_LEFT)
    .map(
      (line) =>
        html`<tr><td class="n">${line.wave}</td><td><a href="#${line.id}">${line.name}</a></td><td>${words.kind(line)}</td><td class="n">${rate(line.messages.perDay)}</td><td>${line.last !== undefined && date(line.last)}</td><td>${texts.wayOut[line.wayOut.kind]}</td></tr>`,
    )}</tbody></table></div>${left.length > MOST_LEFT && html`<p class="dim">${texts.moreSenders(MOST_LEFT, left.length)}</p>`}`;
}

function classes(lines: readonly SenderLine[], { texts, count }: Words): Html {
  const totals = new Map<SenderLine['class'], number>();
  for (const { class: kind, messages } of lines) totals.set(kind, (totals.get(kind) ?? 0) + messages.total);
  const rows = [...totals]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, value]) => ({
      label: texts.classes[kind],
      value,
      name: kind === 'attack' ? 'abusive' : kind === 'unknown' ? 'other' : 'proven',
    }));
  if (rows.length === 0) return html`<p>${texts.noSenders}</p>`;
  return html`${shares(rows, texts.headings.classes, count)}<dl>${[...totals.keys()].map((kind) => html`<dt>${texts.classes[kind]}</dt><dd>${texts.classNotes[kind]}</dd>`)}</dl>`;
}
