import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Lookups } from '../../authentication/lookups.ts';
import { Zone, type ZoneEntry } from '../../authentication/zone.fixture.ts';
import { EventLog } from '../../deliver/fixtures.ts';
import { ManualClock } from '../../platform/clock.ts';
import type { SessionView } from '../../smtp/server/handler.ts';
import { decide } from '../front-door.ts';
import { clientOf, connectorOf, LISTED, questionOf, tenantWith, UNLISTED } from '../fixtures.ts';
import { Blocklists, type UsedBlocklist } from './blocklists.ts';
import { type ClientChecksOptions, EdgeClientChecks } from './client-checks.ts';
import { Greylist, type GreylistOptions } from './greylist.ts';
import { DELAY_MS, HarvestGuard, WINDOW_MS } from './harvest.ts';
import { helloProblem, isInside } from './hello.ts';
import { NetworkRates } from './rates.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DNSBL = 'bl.test';

interface SceneOptions extends Partial<Omit<ClientChecksOptions, 'greylist'>> {
  zone?: Record<string, ZoneEntry>;
  lists?: Partial<UsedBlocklist>[];
  greylist?: Partial<GreylistOptions>;
}

function scene({ zone: entries, lists = [], greylist, ...options }: SceneOptions = {}) {
  const clock = new ManualClock();
  const events = new EventLog();
  const zone = new Zone(entries);
  const lookups = (): Lookups => new Lookups({ resolver: zone, clock });
  const blocklists = new Blocklists({
    lists: lists.map((list) => ({ zone: DNSBL, name: '', removal: '', whenSilent: 'wait', ...list })),
    lookups,
    clock,
    events,
  });
  const checks = new EdgeClientChecks({
    blocklists,
    ...(greylist && { greylist: greylistOf(clock, greylist) }),
    harvest: new HarvestGuard(clock, events, { slow: 3, refuse: 6, refuseMs: HOUR }),
    rates: new NetworkRates(clock, {
      messagesPerMinute: 3,
      messagesPerHour: 5,
      recipientsPerMinute: 20,
      recipientsPerHour: 40,
    }),
    connectorFactor: 10,
    helo: 'off',
    reverseDns: 'off',
    exceptSpfPass: true,
    ownNames: () => ({ hostname: 'edge.contoso.test', domains: ['contoso.test'] }),
    lookups,
    ...options,
  });
  return { clock, events, zone, blocklists, checks };
}

function greylistOf(clock: ManualClock, options: Partial<GreylistOptions> = {}): Greylist {
  return new Greylist({
    clock,
    delayMs: 5 * MINUTE,
    windowMs: DAY,
    lifetimeMs: 35 * DAY,
    entries: 1000,
    ...options,
  });
}

const sessionOf = (address = UNLISTED, hello = 'mail.foreign.test') => ({ address, hello }) as SessionView;
const ANONYMOUS = decide([tenantWith()], questionOf({ senderDomain: 'foreign.test' }));

describe('how clients call themselves', () => {
  const cases: [string, boolean][] = [
    ['mail.foreign.test', true],
    ['[198.51.100.7]', true],
    ['[IPv6:2001:db8::7]', true],
    ['printer.contoso.test', true],
    ['localhost.foreign.test', true],
    ['', true],
    ['edge.contoso.test', false],
    ['EDGE.Contoso.Test.', false],
    ['contoso.test', false],
    ['[127.0.0.1]', false],
    ['127.0.0.1', false],
    ['[127.8.9.1]', false],
    ['[IPv6:::1]', false],
    ['[ipv6:::ffff:127.0.0.1]', false],
    ['[0.0.0.0]', false],
    ['localhost', false],
    ['LOCALHOST', false],
    ['localhost.localdomain', false],
  ];
  for (const [hello, good] of cases) {
    test(`${JSON.stringify(hello)} ${good ? 'is' : 'is not'} in order`, () => {
      const problem = helloProblem(hello, { hostname: 'edge.contoso.test', domains: ['contoso.test'] });
      assert.equal(problem === undefined, good, problem ?? 'no problem');
    });
  }

  test('addresses that are not on the internet', () => {
    for (const address of [
      '127.0.0.1',
      '10.1.2.3',
      '192.168.1.1',
      '172.16.0.1',
      '169.254.0.1',
      '100.64.0.1',
      '::1',
      'fe80::1',
      'fd00::1',
    ])
      assert.ok(isInside(address), address);
    for (const address of ['203.0.113.5', '8.8.8.8', '2001:db8::1', '100.128.0.1'])
      assert.ok(!isInside(address), address);
  });

  const actions: [ClientChecksOptions['helo'], string | undefined, number][] = [
    ['off', undefined, 0],
    ['mark', undefined, 1],
    ['refuse', 'E209', 0],
  ];
  for (const [helo, refusal, marks] of actions) {
    test(`${helo}: what comes of a bad one`, async () => {
      const { checks } = scene({ helo });
      const verdict = await checks.client(sessionOf(UNLISTED, '[127.0.0.1]'), clientOf(), false);
      assert.equal(verdict.refusal?.refusal, refusal);
      assert.equal(verdict.marks.length, marks);
      if (verdict.refusal)
        assert.equal(
          `${verdict.refusal.code} ${verdict.refusal.enhanced} ${String(verdict.refusal.text)}`,
          '550 5.7.506 Access Denied, Bad HELO',
        );
    });
  }

  test('it is looked at again after another EHLO, and not for who is identified or inside', async () => {
    const { checks } = scene({ helo: 'refuse' });
    const session = { ...sessionOf(UNLISTED, 'localhost') };
    assert.ok((await checks.client(session, clientOf(), false)).refusal);
    session.hello = 'mail.foreign.test';
    assert.equal((await checks.client(session, clientOf(), false)).refusal, undefined);
    session.hello = 'localhost';
    assert.ok((await checks.client(session, clientOf(), false)).refusal);
    assert.equal((await checks.client(session, clientOf(), true)).refusal, undefined);
    assert.equal(
      (await checks.client(sessionOf('10.0.0.9', 'localhost'), clientOf(), false)).refusal,
      undefined,
    );
  });
});

describe('blocklists', () => {
  const NAME = '7.100.51.198.bl.test';
  const refusalOf = async (options: SceneOptions, vouched = false) => {
    const { checks } = scene(options);
    return (await checks.client(sessionOf(), clientOf(), vouched)).refusal;
  };
  const listed = { [`A ${NAME}`]: ['127.0.0.4'] };

  test('who is listed is refused in the words of Exchange Online', async () => {
    const said = { ...listed, [`TXT ${NAME}`]: 'Listed, see https://bl.test/q/198.51.100.7' };
    for (const [lists, zone, text] of [
      [
        [{ name: 'Examplehaus', removal: 'https://x.test/{address}' }],
        listed,
        'Examplehaus. To request removal from this list see https://x.test/198.51.100.7',
      ],
      [[{}], said, 'bl.test. To request removal from this list see https://bl.test/q/198.51.100.7'],
      [[{}], listed, 'bl.test. To request removal from this list see bl.test'],
    ] as const) {
      const refusal = await refusalOf({ lists: [...lists], zone });
      assert.equal(refusal?.refusal, 'E210');
      assert.equal(`${refusal?.code} ${refusal?.enhanced}`, '550 5.7.1');
      assert.equal(refusal?.text, `Service unavailable, Client host [198.51.100.7] blocked using ${text}`);
      assert.match(refusal?.explanation ?? '', /127\.0\.0\.4/);
    }
  });

  const cases: [string, SceneOptions, string | undefined][] = [
    ['who is not listed passes', { lists: [{}] }, undefined],
    ['an answer that does not count', { lists: [{ codes: ['127.0.0.2'] }], zone: listed }, undefined],
    ['a network of answers that counts', { lists: [{ codes: ['127.0.0.0/29'] }], zone: listed }, 'E210'],
    ['the second of two lists', { lists: [{ zone: 'other.test' }, {}], zone: listed }, 'E210'],
    ['no answer: it waits', { lists: [{}], zone: { [`A ${NAME}`]: 'temporary' } }, 'E211'],
    [
      'no answer, and it may pass',
      { lists: [{ whenSilent: 'pass' }], zone: { [`A ${NAME}`]: 'temporary' } },
      undefined,
    ],
    [
      'no answer of one, a listing by the other',
      { lists: [{ zone: 'other.test' }, {}], zone: { ...listed, 'A 7.100.51.198.other.test': 'temporary' } },
      'E210',
    ],
    [
      'an answer that says that it does not answer',
      { lists: [{}], zone: { [`A ${NAME}`]: ['127.255.255.254'] } },
      'E211',
    ],
    ['an answer of a zone that was sold', { lists: [{}], zone: { [`A ${NAME}`]: ['203.0.113.80'] } }, 'E211'],
  ];
  for (const [name, options, wanted] of cases) {
    test(name, async () => assert.equal((await refusalOf(options))?.refusal, wanted));
  }

  test('who is identified is not asked about; a session is asked about once, unless there was no answer', async () => {
    assert.equal(await refusalOf({ lists: [{}], zone: listed }, true), undefined);
    const { checks, zone } = scene({ lists: [{}], zone: listed });
    const session = sessionOf();
    for (let i = 0; i < 5; i++) assert.ok((await checks.client(session, clientOf(), false)).refusal);
    assert.equal(zone.asked.filter((name) => name.startsWith('A ')).length, 1);

    const silent = scene({ lists: [{}], zone: { [`A ${NAME}`]: 'temporary' } });
    assert.equal((await silent.checks.client(session, clientOf(), false)).refusal?.refusal, 'E211');
    silent.zone.set(`A ${NAME}`, 'nxdomain');
    assert.equal((await silent.checks.client(session, clientOf(), false)).refusal, undefined);
    assert.equal(silent.events.of('alarm').filter(({ code }) => code === 'blocklist-unavailable').length, 1);
  });

  test('a list that lists the whole world is left out until it is well again', async () => {
    const { checks, blocklists, zone, events } = scene({
      lists: [{}],
      zone: { ...listed, 'A 1.0.0.127.bl.test': ['127.0.0.2'] },
    });
    await blocklists.probe();
    assert.equal((await checks.client(sessionOf(), clientOf(), false)).refusal, undefined);
    assert.deepEqual(blocklists.health(), [
      { zone: DNSBL, used: false, problem: 'it lists what no list may list' },
    ]);
    assert.match(events.of('alarm')[0]?.text ?? '', /whole world/);
    zone.set('A 1.0.0.127.bl.test', 'temporary');
    await blocklists.probe();
    assert.equal(blocklists.health()[0]?.used, false, 'no answer changes nothing');
    zone.set('A 1.0.0.127.bl.test', 'nxdomain');
    await blocklists.probe();
    assert.equal((await checks.client(sessionOf(), clientOf(), false)).refusal?.refusal, 'E210');
  });
});

describe('reverse DNS', () => {
  const confirmed = { [`PTR ${UNLISTED}`]: ['mail.foreign.test'], 'A mail.foreign.test': [UNLISTED] };
  const claimed = { [`PTR ${UNLISTED}`]: ['mail.contoso.test'], 'A mail.contoso.test': ['203.0.113.1'] };
  const silent = { [`PTR ${UNLISTED}`]: 'temporary' };
  const halfSilent = { [`PTR ${UNLISTED}`]: ['mail.foreign.test'], 'A mail.foreign.test': 'temporary' };
  const cases: [string, Record<string, ZoneEntry>, string | undefined, boolean][] = [
    ['confirmed', confirmed, undefined, false],
    ['only claimed', claimed, 'E212', true],
    ['none', {}, 'E212', true],
    ['no answer', silent, 'E211', false],
    ['no answer for the name', halfSilent, 'E211', false],
  ];
  for (const [name, zone, refusal, marked] of cases) {
    test(name, async () => {
      const verdict = async (reverseDns: ClientChecksOptions['reverseDns']) =>
        scene({ reverseDns, zone }).checks.client(sessionOf(), clientOf(), false);
      assert.equal((await verdict('refuse')).refusal?.refusal, refusal);
      const { refusal: none, marks } = await verdict('mark');
      assert.equal(none, undefined);
      assert.equal(marks.length > 0, marked);
      assert.deepEqual(await verdict('off'), { marks: [] });
    });
  }
});

describe('limits by network', () => {
  test('messages, and more for who is identified', async () => {
    const { checks, clock } = scene();
    const refusal = async (vouched = false) =>
      (await checks.client(sessionOf(), clientOf(), vouched)).refusal;
    for (let i = 0; i < 3; i++) {
      assert.equal(await refusal(), undefined);
      checks.taken(clientOf());
    }
    const refused = await refusal();
    assert.equal(refused?.refusal, 'E214');
    assert.equal(refused?.code, 451);
    assert.match(
      refused?.explanation ?? '',
      /198\.51\.100\.7 has sent 3 messages within a minute, allowed are 3/,
    );
    assert.equal(await refusal(true), undefined);
    assert.equal(
      (await checks.client(sessionOf(LISTED), clientOf({ address: LISTED }), false)).refusal,
      undefined,
    );
    clock.advance(MINUTE);
    for (let i = 0; i < 2; i++) {
      assert.equal(await refusal(), undefined);
      checks.taken(clientOf());
    }
    clock.advance(MINUTE);
    assert.match((await refusal())?.explanation ?? '', /within an hour/);
    clock.advance(HOUR);
    assert.equal(await refusal(), undefined);
  });

  test('recipients, those of a /64 together', async () => {
    const { checks } = scene();
    const refusals: (string | undefined)[] = [];
    for (let i = 0; i < 21; i++) {
      const address = `2001:db8:1:2::${i}`;
      refusals.push((await checks.client(sessionOf(address), clientOf({ address }), false)).refusal?.refusal);
    }
    assert.deepEqual(refusals.indexOf('E214'), 20);
    const address = '2001:db8:1:3::1';
    assert.equal((await checks.client(sessionOf(address), clientOf({ address }), false)).refusal, undefined);
  });
});

describe('who tries addresses', () => {
  test('gets slow answers, then none, and is let in again', async () => {
    const { checks, clock, events } = scene();
    const unknown = () => checks.unknown(clientOf(), false);
    for (let i = 0; i < 3; i++) assert.equal(unknown(), undefined, 'at once');
    let told = 0;
    for (let i = 0; i < 4; i++) void unknown()?.then(() => told++);
    clock.advance(DELAY_MS - 1);
    await Promise.resolve();
    assert.equal(told, 0);
    clock.advance(1);
    await new Promise(setImmediate);
    assert.equal(told, 4);
    const refusal = async (vouched = false) =>
      (await checks.client(sessionOf(), clientOf(), vouched)).refusal?.refusal;
    assert.equal(await refusal(), 'E215');
    assert.equal(await refusal(true), undefined);
    assert.equal(checks.health().harvesters, 1);
    const [alarm, ...more] = events.of('alarm');
    assert.equal(more.length, 0);
    assert.equal(alarm?.code, 'directory-harvest');
    assert.match(alarm?.text ?? '', /^198\.51\.100\.7 asked for 7 recipients that do not exist/);
    clock.advance(HOUR);
    assert.equal(await refusal(), undefined);
    assert.equal(checks.health().harvesters, 0);
  });

  test('a mistake now and then is none; partners are not counted', () => {
    const { checks, clock, events } = scene();
    for (let i = 0; i < 50; i++) {
      assert.equal(checks.unknown(clientOf(), false), undefined);
      assert.equal(checks.unknown(clientOf(), true), undefined);
      clock.advance(WINDOW_MS / 3);
    }
    for (let i = 0; i < 50; i++) void checks.unknown(clientOf(), true);
    assert.equal(events.of('alarm').length, 0);
  });

  test('answers that are held back are bounded', () => {
    const { checks } = scene();
    let delayed = 0;
    for (let network = 0; network < 100; network++)
      for (let i = 0; i < 7; i++)
        if (checks.unknown(clientOf({ address: `198.51.100.${network}` }), false)) delayed++;
    assert.equal(delayed, 200);
  });
});

describe('greylisting', () => {
  test('who comes again is known, with all of its network, for weeks', () => {
    const clock = new ManualClock();
    const list = greylistOf(clock);
    const wait = (address = UNLISTED, sender = 'a@foreign.test', recipient = 'b@contoso.test') =>
      list.wait(address, sender, recipient);
    assert.equal(wait(), 5 * MINUTE);
    clock.advance(MINUTE);
    assert.equal(wait(), 4 * MINUTE);
    assert.equal(wait('198.51.100.200', 'A@Foreign.test'), 4 * MINUTE, 'a neighbour');
    assert.equal(wait('198.51.101.7'), 5 * MINUTE, 'another network');
    assert.equal(wait(UNLISTED, 'other@foreign.test'), 5 * MINUTE, 'another sender');
    clock.advance(4 * MINUTE);
    assert.equal(wait('198.51.100.200'), undefined);
    assert.equal(
      wait(UNLISTED, 'other@foreign.test', 'else@contoso.test'),
      undefined,
      'the network is known',
    );
    // each time renews it
    for (let week = 0; week < 10; week++) {
      clock.advance(7 * DAY);
      assert.equal(wait(), undefined);
    }
    clock.advance(35 * DAY);
    assert.equal(wait(), 5 * MINUTE);
  });

  const later: [string, number, number | undefined][] = [
    ['just before', 5 * MINUTE - 1, 1],
    ['in time', 5 * MINUTE, undefined],
    ['at the end of the window', DAY, undefined],
    ['too late', DAY + 1, 5 * MINUTE],
  ];
  for (const [name, ms, wanted] of later) {
    test(name, () => {
      const clock = new ManualClock();
      const list = greylistOf(clock);
      list.wait(UNLISTED, 'a@b.test', 'c@d.test');
      clock.advance(ms);
      assert.equal(list.wait(UNLISTED, 'a@b.test', 'c@d.test'), wanted);
    });
  }

  test('IPv6 by /64', () => {
    const clock = new ManualClock();
    const list = greylistOf(clock);
    list.wait('2001:db8:1:2::1', 'a@b.test', 'c@d.test');
    clock.advance(5 * MINUTE);
    assert.equal(list.wait('2001:db8:1:2:ffff::9', 'a@b.test', 'c@d.test'), undefined);
    assert.equal(list.wait('2001:db8:1:3::1', 'a@b.test', 'c@d.test'), 5 * MINUTE);
  });

  test('a flood keeps within its places, and takes none from who is known', () => {
    const clock = new ManualClock();
    const list = greylistOf(clock, { entries: 500 });
    list.wait(UNLISTED, 'a@b.test', 'c@d.test');
    clock.advance(5 * MINUTE);
    assert.equal(list.wait(UNLISTED, 'a@b.test', 'c@d.test'), undefined);
    assert.deepEqual(list.takeChanges(), [{ network: '198.51.100.0/24', seenAt: clock.now() }]);
    for (let i = 0; i < 5000; i++) list.wait(`10.${i >> 8}.${i & 255}.1`, `u${i}@x.test`, 'b@contoso.test');
    assert.equal(list.size, 1);
    assert.deepEqual(list.takeChanges(), [], 'first attempts are not written down');
    assert.equal(list.wait(UNLISTED, 'new@b.test', 'c@d.test'), undefined);
  });

  const SPF = 'TXT foreign.test';
  const spf: [string, Record<string, ZoneEntry>, boolean][] = [
    ['passes', { [SPF]: 'v=spf1 ip4:198.51.100.0/24 -all' }, true],
    ['is not there', {}, false],
    ['fails', { [SPF]: 'v=spf1 -all' }, false],
    ['lets everybody pass', { [SPF]: 'v=spf1 +all' }, false],
    ['lets every address pass', { [SPF]: 'v=spf1 ip4:0.0.0.0/0 -all' }, false],
    ['can not be asked', { [SPF]: 'temporary' }, false],
  ];
  for (const [name, zone, passes] of spf) {
    test(`SPF ${name}: ${passes ? 'no wait' : 'it waits'}`, async () => {
      const stranger = async (options: SceneOptions, decision = ANONYMOUS) =>
        (
          await scene({ zone, greylist: {}, ...options }).checks.stranger(
            sessionOf(),
            clientOf(),
            'a@foreign.test',
            'b@contoso.test',
            decision,
          )
        )?.refusal;
      assert.equal(await stranger({}), passes ? undefined : 'E213');
      assert.equal(await stranger({ exceptSpfPass: false }), 'E213');
      assert.equal(await stranger({ greylist: undefined }), undefined);
      const inside = scene({ zone, greylist: {} }).checks;
      const device = clientOf({ address: '10.1.2.3' });
      assert.equal(
        await inside.stranger(sessionOf('10.1.2.3'), device, 'a@foreign.test', 'b@contoso.test', ANONYMOUS),
        undefined,
      );
      const partner = tenantWith([connectorOf({ senderAddresses: [UNLISTED] })]);
      assert.equal(
        await stranger({}, decide([partner], questionOf({ senderDomain: 'foreign.test' }))),
        undefined,
      );
    });
  }
});
