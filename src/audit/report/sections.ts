import type { Campaign } from '../campaigns/campaigns.ts';
import type { Answer } from '../answer.ts';
import type { FileReport } from '../evidence/report.ts';
import type { StoredAnswer } from '../run/book.ts';
import { isLeft } from '../gate/gate.ts';
import { asksOf } from '../inventory/asks.ts';
import { type Html, html } from './html.ts';
import type { Words } from './words.ts';

const MOST_CAMPAIGNS = 50;
const MOST_FILES = 500;
const SOME = 5;

export function campaignList(campaigns: readonly Campaign[], words: Words): Html {
  const { texts, date } = words;
  if (campaigns.length === 0) return html`<p>${texts.campaign.none}</p>`;
  return html`${campaigns.slice(0, MOST_CAMPAIGNS).map(
    (one) =>
      html`<h3>${texts.campaign.title(one.id)}, ${date(one.first)}</h3><p>${texts.campaign.text(one)}</p><dl>${rows(
        [
          [texts.campaign.from, one.places],
          [texts.campaign.subjects, one.subjects],
          [texts.campaign.attachments, one.attachments],
        ],
      )}</dl>`,
  )}`;
}

function rows(pairs: readonly (readonly [string, readonly string[]])[]): Html[] {
  return pairs
    .filter(([, values]) => values.length > 0)
    .map(
      ([name, values]) =>
        html`<dt>${name}</dt><dd>${values.slice(0, SOME).map((value) => html`<div>${value}</div>`)}</dd>`,
    );
}

export function domainTable({ effects }: Answer, { texts, count }: Words): Html {
  const { columns } = texts;
  const head = [columns.refused, columns.perhaps, columns.withSubdomains, columns.untouched];
  return html`<p>${texts.domainsNote}</p><div class="scroll"><table><thead><tr><th>${columns.domain}</th>${head.map((name) => html`<th class="n">${name}</th>`)}</tr></thead><tbody>${effects.map(
    ({ domain, refused, perhaps, withSubdomains, untouched }) =>
      html`<tr><td>${domain}</td>${[refused, perhaps, withSubdomains, untouched].map((value) => html`<td class="n">${count(value)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

export function findingList({ findings }: StoredAnswer, { texts }: Words): Html {
  return html`<ul>${findings.map(({ code, subject = '' }) => html`<li>${texts.findings[code](subject)}</li>`)}</ul>`;
}

export function afterSection(
  { after, senders }: Answer,
  { texts, count, rate, date }: Words,
): Html | undefined {
  if (!after) return undefined;
  const nameOf = (id: string): string => senders.find((line) => line.id === id)?.name ?? id;
  const { silent, refused, proofs } = after;
  return html`<section><h2>${texts.headings.after}</h2><h3>${texts.after.silent}</h3>${
    silent.length === 0
      ? html`<p>${texts.after.noSilent}</p>`
      : html`<ul>${silent.map(({ name, perDay, days, last }) => html`<li><strong>${name}</strong>${texts.colon}${texts.after.silentText({ perDay: rate(perDay), days })} (${texts.columns.last}${texts.colon}${date(last)})</li>`)}</ul>`
  }<h3>${texts.after.refused}</h3>${
    refused.length === 0
      ? html`<p>${texts.after.noRefused}</p>`
      : html`<ul>${refused.map(({ sender, messages, envelopeSenders }) => html`<li><strong>${nameOf(sender)}</strong>${texts.colon}${count(messages)} (${envelopeSenders.slice(0, SOME).join(', ')})</li>`)}</ul>`
  }${proofs.length > 0 && html`<h3>${texts.after.proofs}</h3><ul>${proofs.map(({ name, state, connectors }) => html`<li><strong>${name}</strong>${texts.colon}${texts.after.states[state]}${connectors.length > 0 && ` (${connectors.join(', ')})`}</li>`)}</ul>`}</section>`;
}

export function coverageSection({ coverage, senders }: Answer, { texts, count, percent }: Words): Html {
  const { messages, gaps, kinds, proven, spots } = coverage;
  const of = (name: string): string => count(messages[name] ?? 0);
  const asks = asksOf(senders.filter(isLeft));
  return html`<p>${texts.coverage.messages(of('keep'), of('internal'), of('outgoing'), of('foreign'))} ${texts.coverage.proven(percent(proven))}</p><p>${texts.coverage.sources}${texts.colon}${kinds.map((kind) => texts.kinds[kind]).join(', ')}.${gaps > 0 && ` ${texts.coverage.gaps(gaps)}.`}</p><h3>${texts.coverage.blind}</h3><ul>${spots.map((spot) => html`<li>${texts.blind(spot)}</li>`)}</ul>${asks.length > 0 && html`<p>${texts.asks.intro}</p><ul>${asks.map(({ lack, senders: times }) => html`<li>${texts.asks.ask(texts.lacks[lack], times)}</li>`)}</ul>`}`;
}

export function fileTable(files: readonly FileReport[], { texts, count }: Words): Html {
  const { columns } = texts;
  const head = [columns.rows, columns.used, columns.refusedRows];
  const sorted = [...files].sort((a, b) => rank(a) - rank(b) || b.used - a.used);
  return html`<div class="scroll"><table><thead><tr><th>${columns.file}</th><th>${columns.kind}</th>${head.map((name) => html`<th class="n">${name}</th>`)}<th>${columns.outcome}</th></tr></thead><tbody>${sorted
    .slice(0, MOST_FILES)
    .map(
      ({ name, kind, rows: all, used, refused, outcome, reasons, notes }) =>
        html`<tr><td>${shortName(name)}</td><td>${kind !== undefined && ({ ...texts.kinds, ...texts.fileKinds }[kind] ?? kind)}</td>${[all, used, refused].map((value) => html`<td class="n">${count(value)}</td>`)}<td>${texts.outcomes[outcome]}${[...Object.entries(reasons).map(([reason, times]) => `${reason} (${count(times)})`), ...notes].slice(0, SOME).map((text) => html`<div class="dim">${text}</div>`)}</td></tr>`,
    )}</tbody></table></div>${sorted.length > MOST_FILES && html`<p class="dim">+ ${count(sorted.length - MOST_FILES)}</p>`}`;
}

/** What needs a person first. */
function rank({ outcome }: FileReport): number {
  return ['question', 'refused', 'partly', 'read', 'other'].indexOf(outcome);
}

/** The last two parts of a path: where the evidence lies on somebody's disk is nobody else's business. */
function shortName(name: string): string {
  return name.split(/[\\/]/).slice(-2).join('/');
}
