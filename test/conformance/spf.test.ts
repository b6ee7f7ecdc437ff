/** The openspf.org test suite for RFC 7208 (release 2014.04), every case, none left out. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Lookups } from '../../src/authentication/lookups.ts';
import { checkSpf } from '../../src/authentication/spf/check.ts';
import { ManualClock } from '../../src/platform/clock.ts';
import { readYaml } from '../support/yaml.ts';
import { corpus } from './corpora.ts';
import { SpfZone, type ZoneRecord } from './spf-zone.ts';

const FILE = 'spf/rfc7208-tests.yml';
const CASES = 203;

interface Case {
  helo: string;
  host: string;
  mailfrom: string;
  /** Several: the suite takes any of them. */
  result: string | string[];
  /** `DEFAULT`: none of the domain's own. */
  explanation?: string;
}

interface Scenario {
  description: string;
  tests: Record<string, Case>;
  zonedata: Record<string, ZoneRecord[]>;
}

const text = corpus(FILE);

if (text === undefined) {
  test(`${FILE} is not there: ${CASES} cases of RFC 7208 are NOT tested`, (t) => t.skip('set CORPORA'));
} else {
  const scenarios = readYaml<Scenario>(text);

  test('the suite is whole', () => {
    const cases = scenarios.flatMap(({ tests }) => Object.keys(tests));
    assert.equal(cases.length, CASES);
  });

  for (const { description, tests, zonedata } of scenarios) {
    describe(description, () => {
      for (const [name, { host, mailfrom, helo, result, explanation }] of Object.entries(tests)) {
        test(name, async () => {
          const lookups = new Lookups({ resolver: new SpfZone(zonedata), clock: new ManualClock() });
          const given = await checkSpf(
            { address: host, sender: mailfrom, helo, receiver: 'receiver.example' },
            lookups,
          );
          const accepted = [result].flat();
          assert.ok(
            accepted.includes(given.result),
            `${given.result}, not ${accepted.join(' or ')}: ${given.problem}`,
          );
          if (explanation !== undefined) assert.equal(given.explanation ?? 'DEFAULT', explanation);
        });
      }
    });
  }
}
