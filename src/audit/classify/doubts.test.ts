import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EvidenceKind } from '../evidence/observation.ts';
import { factOf, type Told } from '../facts/fact.ts';
import { type ClassContext, classify } from './class-rules.ts';
import { decideOn, type Organisation } from './decision.ts';
import { Places } from './places.ts';
import { Profile } from './profile.ts';
import { traitsOf } from './traits.ts';

const DAY = 86_400_000;
const ORGANISATION: Organisation = {
  tenant: {
    id: '',
    name: 'contoso',
    domains: [{ name: 'contoso.test', type: 'authoritative', matchSubDomains: false }],
    connectors: [],
    organization: {
      rejectDirectSend: false,
      honourDmarcReject: 'reject',
      mxPointsHere: true,
      ownDomainSpoof: 'off',
      displayNameSpoof: 'off',
      safeSenders: [],
      trustedSealers: [],
    },
  },
  connectorsKnown: false,
};
const CONTEXT: ClassContext = { gateways: new Set(), connected: new Set(), own: ['contoso.test'], span: 30 };
const SCANNER: Partial<Told> = {
  address: '203.0.113.25',
  p1: 'app@contoso.test',
  p2: 'app@contoso.test',
  recipient: 'anna@contoso.test',
  connector: 'none',
  direction: 'incoming',
};

/** What is said of one that sends a message a day like this. */
function said(told: Partial<Told>, kind: EvidenceKind = 'email-events', days = 20) {
  const profile = new Profile('k');
  for (let day = 0; day < days; day++) {
    const fact = factOf({ kind, file: 1, row: day, at: day * DAY, ...SCANNER, ...told });
    const traits = traitsOf(fact, ORGANISATION);
    profile.add(fact, traits, { decision: decideOn(fact, ORGANISATION), sentBefore: false });
  }
  const { class: best, candidates, lacks } = classify(profile, CONTEXT);
  return { best, candidates, lacks };
}

describe('what the evidence leaves open', () => {
  it('nothing, where the client has said its name', () => {
    assert.deepEqual(said({ helo: 'KM3F20' }), { best: 'device', candidates: ['device'], lacks: [] });
    assert.deepEqual(said({ helo: 'vm-1.westeurope.cloudapp.azure.com' }).candidates, ['cloud']);
  });

  it('a device, a service or a cloud, where only an address is told', () => {
    const { candidates, lacks } = said({});
    assert.deepEqual([candidates, lacks], [['device', 'service', 'cloud'], ['name']]);
  });

  it('the name of a line is not the name of who sends over it', () => {
    const { best, candidates } = said({ ptr: 'static-203-0-113-25.dsl.provider.example' });
    assert.equal(best, 'device');
    assert.ok(candidates.length > 1);
    assert.deepEqual(said({ ptr: 'vm-1.westeurope.cloudapp.azure.com' }).candidates, ['cloud']);
    assert.equal(said({ ptr: 'app.timetrack.example' }).best, 'service');
  });

  it('whoever comes by a connector, where nobody told of connectors', () => {
    const { candidates, lacks } = said({ helo: 'KM3F20', connector: undefined }, 'trace');
    assert.deepEqual([candidates, lacks], [['device', 'partner-connector', 'hybrid'], ['connector']]);
  });

  it('a return path of its own, where nobody told the envelope', () => {
    const { candidates, lacks } = said({ helo: 'KM3F20', p1: undefined }, 'connector-report');
    assert.deepEqual([candidates, lacks], [['device', 'service-own-path'], ['envelope']]);
  });

  it('an attack, where one message is all there is', () => {
    const { candidates, lacks } = said({ helo: 'KM3F20' }, 'trace-detail', 1);
    assert.deepEqual([candidates, lacks], [['device', 'attack'], ['time']]);
  });

  it('is never empty, and begins with the class', () => {
    for (const told of [
      {},
      { address: '' },
      { p1: undefined, p2: undefined, connector: undefined },
      { p1: '' },
    ]) {
      const { best, candidates } = said(told);
      assert.ok(best === 'unknown' || candidates[0] === best, JSON.stringify(told));
      assert.ok(candidates.length > 0);
    }
  });
});

describe('the mark of Direct Send', () => {
  const stored = (address: string, mark: boolean, at: number) =>
    factOf({
      kind: 'message',
      file: 1,
      row: 1,
      at,
      ...SCANNER,
      address,
      connector: mark ? 'none' : undefined,
      extra: { AuthAs: 'anonymous', ...(mark && { IsAnonymousDirectSend: 'true' }) },
    });
  const placesOf = (marked: number, unmarked: number): Places => {
    const places = new Places();
    for (const [count, address, mark] of [
      [marked, '203.0.113.25', true],
      [unmarked, '198.51.100.9', false],
    ] as const)
      for (let day = 0; day < count; day++) {
        const fact = stored(address, mark, day * DAY);
        places.add(fact, traitsOf(fact, ORGANISATION));
      }
    return places;
  };
  const table: [string, number, number, boolean][] = [
    ['others bear it, and never this address', 5, 5, true],
    ['nobody bears it: the service does not write it', 0, 5, false],
    ['too few messages to tell', 5, 2, false],
  ];
  for (const [name, marked, unmarked, wanted] of table)
    it(name, () => {
      const { told } = stored('198.51.100.9', false, 0);
      assert.equal(placesOf(marked, unmarked).isUnmarked(told), wanted);
    });

  it('proves nothing by being absent: such mail stays a candidate', () => {
    assert.equal(decideOn(stored('198.51.100.9', false, 0), ORGANISATION).outcome, 'candidate');
  });
});
