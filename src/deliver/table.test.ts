import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { route } from './fixtures.ts';
import type { RouteMatch } from './route.ts';
import { chooseRoute, compileRoutes, isMixed } from './table.ts';

const rules: Record<string, RouteMatch> = {
  default: {},
  source: { source: 'src_a' },
  'source-domain': { source: 'src_a', recipientDomain: 'corp.example' },
  domain: { recipientDomain: 'corp.example' },
  subdomains: { recipientDomain: '*.corp.example' },
  'deep-subdomains': { recipientDomain: '*.eu.corp.example' },
  sender: { senderDomain: 'from.example' },
  both: { recipientDomain: 'Both.example', senderDomain: 'from.example' },
};
const routes = Object.entries(rules).map(([name, match]) => route(name, { match }));

describe('choice of route', () => {
  const cases: [string, string, string, string][] = [
    ['src_x', 'other.example', 'a@x.example', 'default'],
    ['src_a', 'other.example', 'a@x.example', 'source'],
    ['src_a', 'corp.example', 'a@x.example', 'source-domain'],
    ['src_x', 'corp.example', 'a@from.example', 'domain'],
    ['src_x', 'a.corp.example', '', 'subdomains'],
    ['src_x', 'a.b.corp.example', '', 'subdomains'],
    ['src_x', 'x.eu.corp.example', '', 'deep-subdomains'],
    ['src_x', 'notcorp.example', '', 'default'],
    ['src_x', 'other.example', 'a@FROM.example', 'sender'],
    ['src_x', 'both.example', 'a@from.example', 'both'],
    ['src_x', 'both.example', '', 'default'],
  ];
  for (const [source, domain, from, expected] of cases) {
    test(`${source} ${domain} ${from || '<>'} goes by ${expected}`, () => {
      assert.equal(chooseRoute(routes, { source, domain, from })?.name, expected);
      assert.equal(chooseRoute([...routes].reverse(), { source, domain, from })?.name, expected);
    });
  }

  test('no rule, no route', () => {
    const key = { source: 's', domain: 'd.example', from: '' };
    assert.equal(chooseRoute([], key), undefined);
    assert.equal(chooseRoute([route('x', { match: { source: 'other' } })], key), undefined);
  });

  test('remembered answers are right answers, also past the limit of memory', () => {
    const choose = compileRoutes(routes);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 12_000; i++) {
        assert.equal(choose({ source: 's', domain: `d${i}.corp.example`, from: '' })?.name, 'subdomains');
      }
    }
  });

  test('where one domain can go by several routes', () => {
    assert.equal(
      isMixed([route('a'), route('b', { match: { recipientDomain: 'x.example' } })], 'x.example'),
      false,
    );
    assert.equal(isMixed([route('a', { match: { source: 's' } })], 'x.example'), true);
    assert.equal(
      isMixed([route('a', { match: { source: 's', recipientDomain: 'y.example' } })], 'x.example'),
      false,
    );
  });
});
