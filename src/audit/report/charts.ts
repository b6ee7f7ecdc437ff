import { Html, html, type Piece } from './html.ts';

/** Charts as inline SVG, drawn for their size; colours are the page's. */

export interface StackedDay {
  /** Days since 1970. */
  day: number;
  /** In the order of `series`. */
  values: readonly number[];
}

export interface Series {
  /** Class of the page that has its colour. */
  name: string;
  label: string;
}

const WIDTH = 960;
const HEIGHT = 240;
const LEFT = 48;
const BOTTOM = 28;
const TOP = 12;
const MOST_BARS = 120;

/** Bars of days; more days than there is room for are taken together. `label` says a day in the reader's language. */
export function stackedBars(
  days: readonly StackedDay[],
  series: readonly Series[],
  title: string,
  { day, count }: { day: (day: number) => string; count: (value: number) => string },
): Html {
  const { bars, step } = inSteps(days, series.length);
  const most = Math.max(1, ...bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0)));
  const top = niceCeiling(most);
  const scale = (value: number): number => (value / top) * (HEIGHT - TOP - BOTTOM);
  const wide = (WIDTH - LEFT) / Math.max(bars.length, 1);
  const pieces: Piece[] = [];
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const value = top * part;
    const y = fixed(HEIGHT - BOTTOM - scale(value));
    pieces.push(html`<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}"/>`);
    if (Number.isInteger(value))
      pieces.push(
        html`<text x="${LEFT - 8}" y="${fixed(Number(y) + 4)}" text-anchor="end">${count(value)}</text>`,
      );
  }
  for (const [index, bar] of bars.entries()) {
    let y = HEIGHT - BOTTOM;
    const x = fixed(LEFT + index * wide + wide * 0.1);
    const rects = bar.values.map((value, which) => {
      const high = scale(value);
      y -= high;
      return (
        value > 0 &&
        html`<rect class="${series[which]?.name}" x="${x}" y="${fixed(y)}" width="${fixed(Math.max(wide * 0.8, 0.5))}" height="${fixed(Math.max(high, 0.8))}"/>`
      );
    });
    const when = step === 1 ? day(bar.day) : `${day(bar.day)} – ${day(bar.day + step - 1)}`;
    const said = series.map(({ label }, which) => `${label}: ${count(bar.values[which] ?? 0)}`).join(', ');
    pieces.push(html`<g><title>${when}. ${said}</title>${rects}</g>`);
  }
  const ticks = Math.min(6, bars.length);
  for (let tick = 0; tick < ticks; tick++) {
    const index = ticks === 1 ? 0 : Math.round((tick * (bars.length - 1)) / (ticks - 1));
    const bar = bars[index]!;
    const anchor = tick === 0 ? 'start' : tick === ticks - 1 ? 'end' : 'middle';
    const x = tick === 0 ? LEFT : tick === ticks - 1 ? WIDTH : LEFT + (index + 0.5) * wide;
    pieces.push(html`<text x="${fixed(x)}" y="${HEIGHT - 8}" text-anchor="${anchor}">${day(bar.day)}</text>`);
  }
  const legend = series.map(
    ({ name, label }) => html`<span class="key"><i class="${name}"></i>${label}</span>`,
  );
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${pieces}</svg><figcaption>${legend}</figcaption></figure>`;
}

/** Every day between the first and the last, also those without; more than fit are added up. */
function inSteps(days: readonly StackedDay[], series: number): { bars: StackedDay[]; step: number } {
  const first = Math.min(...days.map(({ day }) => day));
  const last = Math.max(...days.map(({ day }) => day));
  if (days.length === 0) return { bars: [], step: 1 };
  const step = Math.ceil((last - first + 1) / MOST_BARS);
  const bars = Array.from({ length: Math.ceil((last - first + 1) / step) }, (_, index) => ({
    day: first + index * step,
    values: Array.from({ length: series }, () => 0),
  }));
  for (const { day, values } of days) {
    const bar = bars[Math.floor((day - first) / step)]!;
    for (const [which, value] of values.entries()) bar.values[which]! += value;
  }
  return { bars, step };
}

export interface Share {
  label: string;
  value: number;
  /** Class of the page that has its colour. */
  name: string;
}

/** Bars side by side with their labels, the longest as wide as there is room. */
export function shares(rows: readonly Share[], title: string, count: (value: number) => string): Html {
  const high = 26;
  const label = 320;
  const number = 90;
  const most = Math.max(1, ...rows.map(({ value }) => value));
  const drawn = rows.map(({ label: text, name, value }, index) => {
    const y = index * high;
    const wide = Math.max(2, (value / most) * (WIDTH - label - number));
    return html`<text x="${label - 12}" y="${y + 17}" text-anchor="end">${text}</text><rect class="${name}" x="${label}" y="${y + 4}" width="${fixed(wide)}" height="${high - 8}" rx="2"/><text x="${fixed(label + wide + 8)}" y="${y + 17}">${count(value)}</text>`;
  });
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${rows.length * high + 4}" role="img" aria-label="${title}">${drawn}</svg></figure>`;
}

/** A small line of bars, such as messages by hour. */
export function sparkBars(values: readonly number[], title: string): Html {
  const most = Math.max(1, ...values);
  const bars = values.map(
    (value, index) =>
      value > 0 &&
      html`<rect class="proven" x="${index * 6}" y="${fixed(24 - (value / most) * 23)}" width="4.5" height="${fixed(Math.max(1, (value / most) * 23))}"/>`,
  );
  return html`<svg class="spark" viewBox="0 0 ${values.length * 6} 25" role="img" aria-label="${title}"><title>${title}</title><line class="grid" x1="0" x2="${values.length * 6}" y1="24.5" y2="24.5"/>${bars}</svg>`;
}

/** 1, 2, 4, 8, 10, 20, 40, ...: quarters of it are whole from 4 on. */
function niceCeiling(value: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of [4, 8, 12, 20, 40]) if (step * power >= value) return step * power;
}

function fixed(value: number): string {
  return String(Math.round(value * 100) / 100);
}
