import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tenantWith } from '../../edge/fixtures.ts';
import { traitsOf } from '../classify/traits.ts';
import { factOf, type Told } from '../facts/fact.ts';
import { CampaignSearch, subjectPattern, type Suspicion } from './campaigns.ts';

const organisation = { tenant: tenantWith(), connectorsKnown: false };
const START = Date.UTC(2026, 4, 4, 9);
const MINUTE = 60_000;

function fact(i: number, told: Partial<Told> = {}) {
  const who = `user${i}@contoso.test`;
  return factOf({
    kind: 'message',
    file: 1,
    row: i,
    at: START + i * MINUTE,
    p1: who,
    p2: who,
    recipient: who,
    address: '139.28.36.230',
    connector: 'none',
    subject: `Voice message ${i}`,
    ...told,
  });
}

function search(facts: ReturnType<typeof fact>[], suspicion: Suspicion = 'strong'): CampaignSearch {
  const found = new CampaignSearch();
  for (const one of facts) found.add(one, traitsOf(one, organisation), suspicion);
  return found;
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('a campaign', () => {
  const table: [string, ReturnType<typeof fact>[], number[]][] = [
    ['five pairs in an hour from one network', range(5).map((i) => fact(i)), [5]],
    ['four are not enough', range(4).map((i) => fact(i)), []],
    [
      'one pair five times is not',
      range(5).map((i) => fact(i, { p2: 'a@contoso.test', recipient: 'a@contoso.test' })),
      [],
    ],
    ['five over a day are not', range(5).map((i) => fact(i, { at: START + i * 200 * MINUTE })), []],
    ['several networks under one subject', range(6).map((i) => fact(i, { address: `45.${i}.2.3` })), [6]],
    [
      'several networks and subjects with one attachment',
      range(6).map((i) =>
        fact(i, { address: `45.${i}.2.3`, subject: `${'abcdef'[i]} word`, attachments: [{ sha256: 'aa' }] }),
      ),
      [6],
    ],
    [
      'nothing in common',
      range(6).map((i) => fact(i, { address: `45.${i}.2.3`, subject: 'abcdef'.slice(i) })),
      [],
    ],
    [
      'two, a week apart',
      [
        ...range(5).map((i) => fact(i)),
        ...range(6).map((i) => fact(i, { at: START + (i + 10_000) * MINUTE })),
      ],
      [6, 5],
    ],
  ];
  for (const [name, facts, sizes] of table)
    it(name, () =>
      assert.deepEqual(
        search(facts)
          .find()
          .map(({ messages }) => messages),
        sizes,
      ),
    );

  it('takes more of what says little', () => {
    assert.equal(
      search(
        range(7).map((i) => fact(i)),
        'weak',
      ).find().length,
      0,
    );
    assert.equal(
      search(
        range(8).map((i) => fact(i)),
        'weak',
      ).find().length,
      1,
    );
  });

  it('owns what shares a tie within a day, and nothing else', () => {
    const found = search(range(5).map((i) => fact(i)));
    const [campaign] = found.find();
    const of = (told: Partial<Told>) => {
      const one = fact(50, told);
      return found.of(one, traitsOf(one, organisation));
    };
    assert.equal(of({}), campaign);
    assert.equal(of({ at: START + 3000 * MINUTE }), undefined);
    assert.equal(of({ address: '8.8.8.8', subject: 'Minutes of the meeting' }), undefined);
  });

  it('has an identifier that does not change when more of it is found', () => {
    const [small] = search(range(5).map((i) => fact(i))).find();
    const [large] = search(range(9).map((i) => fact(i))).find();
    assert.equal(small!.id, large!.id);
  });

  it('of a hundred thousand messages is found without running out of stack', () => {
    const [campaign] = search(range(100_000).map((i) => fact(i, { at: START + i * 10 }))).find();
    assert.equal(campaign?.messages, 100_000);
  });
});

describe('the pattern of a subject', () => {
  const table: [string, string][] = [
    ['Voice message 4711 for user7', 'voice message # for @'],
    ['Re: 12', ''],
    ['', ''],
  ];
  for (const [subject, pattern] of table)
    it(JSON.stringify(subject), () => assert.equal(subjectPattern(subject, 'user7@contoso.test'), pattern));
});
