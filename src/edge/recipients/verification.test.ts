import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventLog } from '../../deliver/fixtures.ts';
import { ManualClock } from '../../platform/clock.ts';
import { tenantWith } from '../fixtures.ts';
import type { RecipientAnswer } from '../rooms.ts';
import { candidates, comparable } from './addresses.ts';
import { listedRecipients } from './listed.ts';
import { RememberedRecipients } from './remembered.ts';
import type { RecipientSource } from './source.ts';
import { RecipientVerification } from './verification.ts';

const TENANT = tenantWith();
const RULES = { subaddress: '+', caseSensitive: false };
const SECOND = 1000;

class Source implements RecipientSource {
  readonly name: string;
  answer: RecipientAnswer | ((address: string) => RecipientAnswer);
  readonly asked: string[] = [];
  constructor(name: string, answer: Source['answer']) {
    this.name = name;
    this.answer = answer;
  }
  async find(_: unknown, address: string): Promise<RecipientAnswer> {
    this.asked.push(address);
    return typeof this.answer === 'string' ? this.answer : this.answer(address);
  }
  problem(): string | undefined {
    return this.answer === 'unavailable' ? `${this.name} is down` : undefined;
  }
}

describe('addresses', () => {
  const cases: [string, string[], Partial<typeof RULES>?][] = [
    ['Ann@contoso.test', ['ann@contoso.test']],
    ['Ann@Contoso.test', ['Ann@contoso.test'], { caseSensitive: true }],
    ['ann+shop@contoso.test', ['ann+shop@contoso.test', 'ann@contoso.test']],
    ['ann+shop+x@contoso.test', ['ann+shop+x@contoso.test', 'ann@contoso.test']],
    ['ann+shop@contoso.test', ['ann+shop@contoso.test'], { subaddress: '' }],
    ['ann-shop@contoso.test', ['ann-shop@contoso.test', 'ann@contoso.test'], { subaddress: '-' }],
    ['+shop@contoso.test', ['+shop@contoso.test']],
    ['"ann"@contoso.test', ['ann@contoso.test']],
    ['"ann\\+shop"@contoso.test', ['ann+shop@contoso.test', 'ann@contoso.test']],
    ['"ann smith+x"@contoso.test', ['"ann smith+x"@contoso.test']],
    ['"a@b"@contoso.test', ['"a@b"@contoso.test']],
    ['e\u0301va@contoso.test', ['\u00e9va@contoso.test']],
    [`${'x'.repeat(400)}@contoso.test`, []],
    ['@contoso.test', []],
  ];
  for (const [address, wanted, rules] of cases) {
    test(`${address.slice(0, 40)} ${JSON.stringify(rules ?? {})}`, () =>
      assert.deepEqual(candidates(address, { ...RULES, ...rules }), wanted));
  }
  test('comparing twice is comparing once', () => {
    for (const [address] of cases) {
      const once = comparable(address, RULES);
      if (once !== undefined) assert.equal(comparable(once, RULES), once);
    }
  });
});

describe('several sources', () => {
  const K = 'known';
  const U = 'unknown';
  const X = 'unavailable';
  const cases: [RecipientAnswer[], RecipientAnswer, number][] = [
    [[K], K, 1],
    [[U], U, 1],
    [[X], X, 1],
    [[K, X], K, 1],
    [[U, K], K, 2],
    [[X, K], K, 2],
    [[U, U], U, 2],
    [[X, U], X, 2],
    [[U, X], X, 2],
    [[U, X, U], X, 3],
    [[X, X], X, 2],
  ];
  for (const [answers, wanted, count] of cases) {
    test(`${answers.join(', ')}: ${wanted}`, async () => {
      const sources = answers.map((answer, index) => new Source(`s${index}`, answer));
      const options = { ...RULES, sources, clock: new ManualClock(), events: new EventLog() };
      assert.equal(await new RecipientVerification(options).find(TENANT, 'ann@contoso.test'), wanted);
      assert.equal(sources.filter(({ asked }) => asked.length > 0).length, count);
    });
  }

  test('an address with a detail exists when the one without does', async () => {
    const source = new Source('list', (address) => (address === 'ann@contoso.test' ? 'known' : 'unknown'));
    const options = { ...RULES, sources: [source], clock: new ManualClock(), events: new EventLog() };
    const recipients = new RecipientVerification(options);
    assert.equal(await recipients.find(TENANT, 'Ann+Shop@contoso.test'), 'known');
    assert.equal(await recipients.find(TENANT, 'bob+shop@contoso.test'), 'unknown');
  });
});

describe('RFC 5321 §4.5.1: the postmaster of an accepted domain exists, and nobody is asked', () => {
  const cases: [string, RecipientAnswer][] = [
    ['postmaster@contoso.test', 'known'],
    ['PostMaster@contoso.example', 'known'],
    ['"postmaster"@contoso.test', 'known'],
    ['postmaster@sub.contoso.test', 'unknown'],
    ['postmaster@other.test', 'unknown'],
    ['postmaster+x@contoso.test', 'unknown'],
    ['postmasters@contoso.test', 'unknown'],
  ];
  for (const [address, wanted] of cases) {
    test(`${address}: ${wanted}`, async () => {
      const source = new Source('list', 'unknown');
      const options = { ...RULES, caseSensitive: true, sources: [source], clock: new ManualClock() };
      const recipients = new RecipientVerification({ ...options, events: new EventLog() });
      assert.equal(await recipients.find(TENANT, address), wanted);
      assert.equal(source.asked.length > 0, wanted === 'unknown');
    });
  }
});

test('that nobody can be asked is an alarm once an hour, and seen in the health until it is over', async () => {
  const source = new Source('ldap', 'unavailable');
  const clock = new ManualClock();
  const events = new EventLog();
  const recipients = new RecipientVerification({ ...RULES, sources: [source], clock, events });
  assert.deepEqual(recipients.health(), { sources: [{ name: 'ldap', problem: 'ldap is down' }] });
  const since = clock.now();
  for (let minute = 0; minute < 90; minute++) {
    await recipients.find(TENANT, 'ann@contoso.test');
    clock.advance(60 * SECOND);
  }
  const alarms = events.of('alarm');
  assert.equal(alarms.length, 2);
  assert.equal(alarms[0]?.code, 'recipients-unavailable');
  assert.match(alarms[0]?.text ?? '', /contoso.*ldap: ldap is down/);
  assert.equal(recipients.health().unavailableSince, since);
  source.answer = 'known';
  await recipients.find(TENANT, 'ann@contoso.test');
  assert.deepEqual(recipients.health(), { sources: [{ name: 'ldap' }] });
});

test('a domain of which nobody is listed was not set up: its mail waits', () => {
  const listed = listedRecipients({
    has: (_, address) => address === 'ann@contoso.test',
    isEmpty: (_, domain) => domain !== 'contoso.test',
  });
  assert.equal(listed.find(TENANT, 'ann@contoso.test'), 'known');
  assert.equal(listed.find(TENANT, 'bob@contoso.test'), 'unknown');
  assert.equal(listed.problem?.(), undefined);
  assert.equal(listed.find(TENANT, 'bob@contoso.example'), 'unavailable');
  assert.match(listed.problem?.() ?? '', /contoso.example/);
});

describe('remembered answers', () => {
  const make = (answer: Source['answer'], entries = 1000) => {
    const clock = new ManualClock();
    const source = new Source('ldap', answer);
    const options = { clock, knownMs: 100 * SECOND, unknownMs: 10 * SECOND, staleMs: 1000 * SECOND, entries };
    return { clock, source, remembered: new RememberedRecipients(source, options) };
  };
  const ann = 'ann@contoso.test';

  test('known for long, unknown for a short time, unavailable not at all', async () => {
    for (const [answer, lifetime] of [
      ['known', 100],
      ['unknown', 10],
      ['unavailable', 0],
    ] as const) {
      const { clock, source, remembered } = make(answer);
      assert.equal(await remembered.find(TENANT, ann), answer);
      if (lifetime > 0) {
        clock.advance(lifetime * SECOND - 1);
        assert.equal(await remembered.find(TENANT, ann), answer);
        assert.equal(source.asked.length, 1, answer);
        clock.advance(1);
      }
      assert.equal(await remembered.find(TENANT, ann), answer);
      assert.equal(source.asked.length, 2, answer);
    }
  });

  test('who was known stays so while nobody can be asked, for a while; who was not does not', async () => {
    const { clock, source, remembered } = make((address) => (address === ann ? 'known' : 'unknown'));
    await remembered.find(TENANT, ann);
    await remembered.find(TENANT, 'bob@contoso.test');
    source.answer = 'unavailable';
    clock.advance(500 * SECOND);
    assert.equal(await remembered.find(TENANT, ann), 'known');
    assert.equal(await remembered.find(TENANT, 'bob@contoso.test'), 'unavailable');
    clock.advance(500 * SECOND);
    assert.equal(await remembered.find(TENANT, ann), 'unavailable');
  });

  test('the same question is asked once at a time; tenants are kept apart', async () => {
    const { source, remembered } = make('known');
    await Promise.all(Array.from({ length: 50 }, async () => remembered.find(TENANT, ann)));
    assert.equal(source.asked.length, 1);
    await remembered.find({ ...TENANT, id: 'another' }, ann);
    assert.equal(source.asked.length, 2);
  });

  test('a flood of addresses keeps within its places', async () => {
    const { source, remembered } = make((address) => (address === ann ? 'known' : 'unknown'), 100);
    await remembered.find(TENANT, ann);
    for (let i = 0; i < 1000; i++) await remembered.find(TENANT, `u${i}@contoso.test`);
    assert.ok(remembered.size <= 200);
    assert.equal(await remembered.find(TENANT, ann), 'known');
    assert.equal(source.asked.filter((address) => address === ann).length, 1, 'who is known stays so');
  });

  test('too many questions at a time are not asked', async () => {
    const { source, remembered } = make('known');
    const answers = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => remembered.find(TENANT, `u${i}@contoso.test`)),
    );
    assert.equal(source.asked.length, 200);
    assert.equal(answers.filter((answer) => answer === 'unavailable').length, 100);
  });
});
