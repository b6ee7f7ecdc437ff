import type { SenderLine } from '../inventory/line.ts';
import type { MessageProof } from '../inventory/proofs.ts';
import type { WayOut } from '../inventory/way-out.ts';
import { sparkBars } from './charts.ts';
import { type Html, html, type Piece } from './html.ts';
import type { Words } from './words.ts';

/** More would make a page that no browser likes; the exports have all of them. */
const MOST_CARDS = 200;
const SHOWN = 12;
const DAY = 86_400_000;
const SPARK_DAYS = 60;

/** The senders that the rule, or somebody, has to do something about; each with proof and way out. */
export function senderCards(
  lines: readonly SenderLine[],
  proofs: Readonly<Record<string, readonly MessageProof[]>>,
  words: Words,
): Html {
  const { texts } = words;
  if (lines.length === 0) return html`<p>${texts.noSenders}</p>`;
  const cards = lines.slice(0, MOST_CARDS).map((line) => card(line, proofs[line.id] ?? [], words));
  return html`${cards}${lines.length > MOST_CARDS && html`<p class="dim">${texts.moreSenders(MOST_CARDS, lines.length)}</p>`}`;
}

function card(line: SenderLine, proofs: readonly MessageProof[], words: Words): Html {
  const { texts, rate } = words;
  const kind = line.class === 'attack' ? 'attack' : line.directSend;
  return html`<details id="${line.id}"><summary><strong>${line.name}</strong><span class="tag">${words.kind(line)}</span><span class="tag ${kind}">${texts.directSend[line.directSend]}</span>${line.note?.decision && html`<span class="tag">${texts.decisions[line.note.decision]}</span>`}<span class="end">${texts.next.perDay(rate(line.messages.perDay))}</span></summary><div class="body">${wayOut(line, words)}${facts(line, words)}<h3>${texts.card.proof}</h3>${proofs.length === 0 ? html`<p>${texts.card.noProof}</p>` : proofs.map((proof) => message(proof, words))}</div></details>`;
}

function wayOut(line: SenderLine, { texts }: Words): Html {
  const ready = readyFor(line.wayOut);
  return html`<p><strong>${texts.card.wayOut}${texts.colon}${texts.wayOut[line.wayOut.kind]}.</strong> ${texts.why(line)}</p>${ready !== undefined && html`<p class="dim">${texts.card.copy}</p><pre>${ready}</pre>`}`;
}

function readyFor(way: WayOut): string | undefined {
  if (way.kind === 'relay-source') return JSON.stringify([way.row], undefined, 1);
  return 'powershell' in way ? way.powershell : undefined;
}

function facts(line: SenderLine, words: Words): Html {
  const { texts, count, percent, date } = words;
  const { card: names } = texts;
  const { authentication, note, recipients } = line;
  const days = sparkDays(line);
  const pairs: [string, Piece][] = [
    [names.decision, note?.decision && texts.decisions[note.decision]],
    [names.owner, note?.owner],
    [names.note, note?.text],
    [
      names.rhythm,
      html`${texts.rhythm[line.rhythm.pattern]}${line.first !== undefined && line.last !== undefined && html`, ${names.seen(date(line.first), date(line.last))}`}${days.length > 1 && sparkBars(days, texts.headings.timeline)}`,
    ],
    [names.confidence, percent(line.confidence)],
    [
      names.candidates,
      line.candidates
        .filter((one) => one !== line.class)
        .map((one) => texts.classes[one])
        .join(', '),
    ],
    [names.wouldTell, line.lacks.map((lack) => texts.lacks[lack]).join(texts.semicolon)],
    [names.addresses, list(line.addresses)],
    [names.helos, list(line.helos)],
    [names.names, list(line.names)],
    [names.tls, table(line.tls, count)],
    [names.domains, table(line.domains, count)],
    [names.envelope, list(line.senders)],
    [names.authors, list(line.authors)],
    [
      names.recipients,
      `${count(recipients.count)}${recipients.more ? '+' : ''}${texts.colon}${list(recipients.some) ?? ''}`,
    ],
    [names.subjects, list(line.subjects)],
    [
      names.authentication,
      (['spf', 'dkim', 'dmarc'] as const)
        .map((which) => {
          const results = table(authentication[which], count);
          return results === undefined ? '' : `${which.toUpperCase()} ${results}`;
        })
        .filter(Boolean)
        .join(texts.semicolon),
    ],
    [
      names.evidence,
      Object.entries(line.evidence)
        .map(([kind, times]) => `${texts.kinds[kind as keyof typeof texts.kinds] ?? kind} ${count(times)}`)
        .join(', '),
    ],
    [
      names.lacking,
      Object.entries(line.missing)
        .map(([what, times]) => `${texts.missing[what as keyof typeof texts.missing]} ${count(times)}`)
        .join(', '),
    ],
    [names.reasons, line.reasons.map(texts.phrase).join(texts.semicolon)],
    [names.abuse, line.abuse.reasons.map((one) => phraseWithPoints(one, words)).join(texts.semicolon)],
  ];
  return html`${line.abuse.hidden > 0 && html`<p><strong>${names.hidden(line.abuse.hidden)}</strong></p>`}<dl>${pairs.map(([name, value]) => value !== undefined && value !== '' && html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function message({ outcome, told, abuse }: MessageProof, words: Words): Html {
  const { texts } = words;
  const state = outcome === 'direct-send' ? 'proven' : outcome === 'candidate' ? 'candidate' : 'no';
  return html`<div class="proof"><span class="tag ${state}">${texts.directSend[state]}</span>${abuse.score > 0 && html` <small>${texts.card.abuse}${texts.colon}${abuse.reasons.map((one) => phraseWithPoints(one, words)).join(texts.semicolon)}</small>`}<dl>${told.map(({ field, value, from }) => html`<dt>${texts.fields[field] ?? field}</dt><dd>${value} <small>${from === 'dns' ? texts.dns : texts.kinds[from]}</small></dd>`)}</dl></div>`;
}

/** `DMARC fails (+2)`: the points stay. */
function phraseWithPoints(text: string, { texts }: Words): string {
  const [, phrase = text, points = ''] = /^(.*?)( \([+-]\d+\))$/.exec(text) ?? [];
  return `${texts.phrase(phrase)}${points}`;
}

/** The last days of its time, those without a message too. */
function sparkDays({ days, last }: SenderLine): number[] {
  if (last === undefined) return [];
  const end = Math.floor(last / DAY);
  const known = Object.keys(days).map(Number);
  const start = Math.max(end - SPARK_DAYS + 1, Math.min(end, ...known));
  return Array.from({ length: end - start + 1 }, (_, index) => days[start + index] ?? 0);
}

function list(values: readonly string[]): string | undefined {
  if (values.length === 0) return undefined;
  const more = values.length > SHOWN ? `, … (${values.length})` : '';
  return `${values.slice(0, SHOWN).join(', ')}${more}`;
}

function table(counts: Record<string, number>, count: (value: number) => string): string | undefined {
  return list(Object.entries(counts).map(([name, times]) => `${name} (${count(times)})`));
}
