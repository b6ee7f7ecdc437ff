import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptedDomainOf, tenantWith } from '../../edge/fixtures.ts';
import type { EvidenceKind } from '../evidence/observation.ts';
import { type Fact, factOf, type Told } from '../facts/fact.ts';
import { hashOf } from '../facts/hash.ts';
import { type Decision, type Organisation } from './decision.ts';
import { judge, type JudgedSender } from './judge.ts';

const DAY = 86_400_000;
const MONDAY = Date.UTC(2026, 4, 4, 9);
const organisation: Organisation = {
  tenant: tenantWith([], {}, [acceptedDomainOf('contoso.test')]),
  connectorsKnown: false,
};

type Given = Partial<Told> & { kind?: EvidenceKind };

/** One message a day. */
function facts(count: number, of: (index: number) => Given): Fact[] {
  return Array.from({ length: count }, (_, index) => {
    const { kind = 'trace-detail', ...told } = of(index);
    return factOf({
      kind,
      file: 1,
      row: index + 1,
      at: MONDAY + index * DAY,
      messageId: `<${index}@${told.address}.${kind}>`,
      recipient: 'ann@contoso.test',
      ...told,
    });
  });
}

async function judged(
  given: readonly Fact[],
  sent: readonly string[] = [],
): Promise<{ senders: JudgedSender[]; decisions: Decision[] }> {
  const decisions: Decision[] = [];
  const { senders } = await judge(
    {
      async *scan() {
        yield* given;
      },
      sentBefore: async () => new Set(sent.map(hashOf)),
      foreignSamples: async () => new Map(),
    },
    organisation,
    { witness: (_message, { decision }) => decisions.push(decision) },
  );
  return { senders, decisions };
}

const classes = (senders: readonly JudgedSender[]) =>
  senders.map(({ classification }) => classification.class);
const person = (index: number) => `person${index}@contoso.test`;

describe('what nobody told of a message', () => {
  const address = '139.28.36.230';
  const last = ({ decisions }: { decisions: Decision[] }) => decisions.at(-1)?.outcome;
  const unknown = facts(1, () => ({ kind: 'trace', address, sender: 'app@contoso.test' }));
  const by = (connector: Told['connector'], p1 = 'app@contoso.test') =>
    facts(3, () => ({ address, connector, p1, sender: 'app@contoso.test' }));

  it('is a candidate by itself', async () => assert.equal(last(await judged(unknown)), 'candidate'));

  it('is as all others of the address came: by a connector', async () => {
    const { senders, decisions } = await judged([...by({ name: 'Partner' }), ...unknown]);
    assert.equal(decisions.at(-1)?.outcome, 'not');
    assert.match(decisions.at(-1)?.why ?? '', /came by the connector Partner/);
    assert.deepEqual(classes(senders), ['partner-connector']);
  });

  it('stays open where one of them came without', async () => {
    const mixed = [...by({ name: 'Partner' }), ...by('none').slice(0, 1)];
    assert.equal(last(await judged([...mixed, ...unknown])), 'candidate');
  });

  it('stays open after two', async () =>
    assert.equal(last(await judged([...by({ name: 'Partner' }).slice(1), ...unknown])), 'candidate'));

  it('is as all others of the address came: in foreign envelopes', async () => {
    assert.equal(last(await judged([...by('none', 'x@bounce.example'), ...unknown])), 'not');
    assert.equal(
      last(await judged([...by('none', 'x@bounce.example'), ...by('none'), ...unknown])),
      'candidate',
    );
  });
});

describe('the class of a sender, by what surrounds it', () => {
  const address = '139.28.36.230';
  const table: [string, Fact[], string, string[]?][] = [
    [
      'many own authors in the envelopes of one stranger are a list',
      facts(10, (i) => ({
        address,
        helo: 'lists.club.example',
        p1: 'x@club.example',
        p2: person(i),
        connector: 'none',
      })),
      'mailing-list',
    ],
    [
      'one author in the envelopes of a service is none, whatever its return path is called',
      facts(10, () => ({
        address,
        helo: 'o1.em.contoso.test',
        p1: 'bounces+17-x@em.contoso.test',
        p2: 'news@contoso.test',
        connector: 'none',
      })),
      'service-own-path',
    ],
    [
      'what a connector lets in as of the organisation is of own servers',
      facts(4, (i) => ({
        kind: 'email-events',
        address,
        p1: person(i),
        p2: person(i),
        connector: { name: 'Hybrid' },
        direction: 'intra-org',
      })),
      'hybrid',
    ],
    [
      'several addresses of one network, one author, no name told',
      facts(9, (i) => ({
        kind: 'email-events',
        address: `139.28.36.${10 + (i % 3)}`,
        p1: 'forms@contoso.test',
        p2: 'forms@contoso.test',
        connector: 'none',
      })),
      'service',
    ],
    [
      'an invitation from whoever answers meetings',
      facts(8, (i) => ({
        address,
        helo: 'mta.customer.example',
        p1: person(i),
        p2: person(i),
        subject: i === 7 ? 'Budget' : 'Accepted: budget',
        connector: 'none',
      })),
      'calendar',
    ],
    [
      'a notice that no client brought',
      facts(3, () => ({ p1: '', p2: person(1), connector: 'internal-relay' })),
      'in-service',
    ],
  ];
  for (const [name, given, expected] of table)
    it(name, async () => assert.deepEqual(classes((await judged(given)).senders), [expected]));

  it('own mail that comes back beside a connector', async () => {
    const matched = facts(5, (i) => ({
      address,
      p1: person(i),
      p2: person(i),
      connector: { name: 'Signatures' },
    }));
    const beside = facts(5, (i) => ({
      address: '139.28.36.231',
      p1: person(i),
      p2: person(i),
      connector: 'none',
    }));
    const sent = beside.map(({ told }) => told.messageId ?? '');
    const { senders } = await judged([...matched, ...beside], sent);
    assert.deepEqual(classes(senders), ['partner-connector', 'reinjection']);
  });

  it('without a name, as its neighbours', async () => {
    const copiers = ['KM12AB34', 'RNP0026736A1B2C'].flatMap((helo) =>
      facts(9, () => ({
        address,
        helo,
        p1: 'scan@contoso.test',
        p2: 'scan@contoso.test',
        connector: 'none',
      })),
    );
    const nameless = facts(9, (i) => ({ kind: 'trace', address, sender: person(i) }));
    const { senders } = await judged([...copiers, ...nameless]);
    assert.ok(senders.length > 2);
    assert.deepEqual([...new Set(classes(senders))], ['device']);
  });
});

describe('what reports count', () => {
  const address = '139.28.36.230';
  const copier = facts(9, () => ({
    address,
    helo: 'KM12AB34',
    p1: 'scan@contoso.test',
    p2: 'scan@contoso.test',
    connector: 'none',
  }));
  const counted = facts(9, () => ({
    kind: 'dmarc',
    address,
    p1: '@contoso.test',
    p2: '@contoso.test',
    count: 50,
    spf: 'softfail',
    dmarc: 'fail',
  }));

  it('adds to a sender that is known more closely, and does not describe it', async () => {
    const { senders } = await judged([...counted, ...copier]);
    const [alone] = (await judged(copier)).senders;
    const [one, ...others] = senders;
    assert.equal(others.length, 0);
    assert.deepEqual(one?.classification.reasons, alone?.classification.reasons);
    assert.equal(one?.profile.volume, 450);
    assert.deepEqual([one?.profile.outcomes['direct-send'], one?.profile.outcomes.candidate], [9, 0]);
    assert.deepEqual(one?.profile.spf.entries, [['softfail', 9]]);
  });

  it('is a sender where nothing else is known', async () => {
    const [one] = (await judged(counted)).senders;
    assert.deepEqual([one?.profile.counted, one?.profile.outcomes.candidate], [450, 450]);
  });
});
