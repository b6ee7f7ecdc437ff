import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ABUSE_RULES } from '../classify/abuse.ts';
import { CLASS_RULES } from '../classify/class-rules.ts';
import { answerFixture } from '../run/fixtures.ts';
import { shares, stackedBars } from './charts.ts';
import { html } from './html.ts';
import { reportPage } from './page.ts';
import { PHRASES_FR } from './phrases-fr.ts';
import { LANGUAGES } from './texts.ts';

describe('the report', () => {
  it('has every phrase of the rules in French', () => {
    const said = [...CLASS_RULES, ...ABUSE_RULES].map(({ reason }) => reason);
    assert.deepEqual(
      said.filter((reason) => PHRASES_FR[reason] === undefined),
      [],
      'add them to phrases-fr.ts',
    );
  });

  const EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e&\'';

  for (const language of LANGUAGES) {
    it(`escapes what strangers wrote, and loads nothing (${language})`, async () => {
      const stored = await answerFixture([
        {
          helo: EVIL,
          subject: EVIL,
          p1: 'scanner@contoso.test',
          p2: 'scanner@contoso.test',
          extra: { x: EVIL },
        },
        { address: '198.51.100.66', helo: '[127.0.0.1]', subject: EVIL, attachments: [{ name: EVIL }] },
      ]);
      stored.files.push({
        file: 1,
        name: `/secret/path/${EVIL}.csv`,
        outcome: 'partly',
        rows: 1,
        used: 0,
        observations: 0,
        aside: {},
        refused: 1,
        reasons: { [EVIL]: 1 },
        faults: [],
        notes: [EVIL],
      });
      const page = reportPage(stored, language);
      assert.doesNotMatch(page, /<script|<img|<iframe|\u202e|javascript:/i);
      assert.doesNotMatch(page, /\s(?:src|href)="(?!#)/);
      assert.doesNotMatch(page, /url\(|@import/);
      assert.match(page, /&lt;script&gt;/);
      assert.doesNotMatch(page, /undefined|\[object|NaN/);
      assert.match(page, new RegExp(`<html lang="${language}">`));
    });
  }

  it('answers first', async () => {
    const page = reportPage(await answerFixture([{}, {}, {}]), 'en');
    assert.ok(page.indexOf('Safe to switch on for contoso.test?') < page.indexOf('<h2>'));
    assert.match(page, /<b>No<\/b>/);
    const none = reportPage(await answerFixture([]), 'fr');
    assert.match(none, /<b>Inconnu<\/b>/);
    assert.match(none, /Aucun élément daté/);
  });
});

describe('charts', () => {
  const words = { day: (day: number) => `d${day}`, count: String };
  const series = [{ name: 'proven', label: 'proven' }];

  for (const [what, days, bars] of [
    ['nothing', [], 0],
    ['one day', [{ day: 5, values: [3] }], 1],
    [
      'days with a gap',
      [
        { day: 5, values: [3] },
        { day: 9, values: [1] },
      ],
      5,
    ],
    [
      'years',
      [
        { day: 0, values: [1] },
        { day: 999, values: [7] },
      ],
      112,
    ],
  ] as const) {
    it(`draw ${what}`, () => {
      const { text } = stackedBars([...days], series, 'x', words);
      assert.equal(text.match(/<g>/g)?.length ?? 0, bars);
      assert.doesNotMatch(text, /NaN|Infinity/);
    });
  }

  it('scale to the largest', () => {
    const { text } = shares(
      [
        { label: 'a', value: 10, name: 'proven' },
        { label: 'b', value: 5, name: 'other' },
      ],
      'x',
      String,
    );
    const [first, second] = [...text.matchAll(/width="([\d.]+)"/g)].map(([, width]) => Number(width));
    assert.equal(first, 2 * (second ?? 0));
  });
});

it('a template escapes everything but HTML', () => {
  assert.equal(
    html`<p>${'<b>'}${html`<i>${1}</i>`}${undefined}${['&', false]}</p>`.text,
    '<p>&lt;b&gt;<i>1</i>&amp;</p>',
  );
});
