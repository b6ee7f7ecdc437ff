import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CAST } from '../actors/cast.ts';
import type { LabLanguage } from '../lab.ts';
import { type Screen, wrap } from './page.ts';
import type { ActorResult, Stage } from './stage.ts';
import { giveTour, TOUR_TEXTS } from './tour.ts';

const LANGUAGES: LabLanguage[] = ['en', 'fr'];

class Paper implements Screen {
  readonly lines: string[] = [];
  readonly pauses: string[] = [];
  line(text: string): void {
    this.lines.push(...text.split('\n'));
  }
  style(_style: string, text: string): string {
    return text;
  }
  clean(text: string): string {
    return text.replaceAll(/\p{Cc}/gu, '?');
  }
  async pause(_prompt: string, where: 'step' | 'detail'): Promise<void> {
    this.pauses.push(where);
  }
}

/** A tenant of a few lines: what it refuses is what the steps tell. */
class Scenery implements Stage {
  readonly values = new Map<string, unknown>([
    ['RejectDirectSend', true],
    ['DmarcPolicy', 'quarantine'],
    ['HonorDmarcPolicy', 'quarantine'],
    ['MxPointsToUs', false],
    ['OwnDomainSpoof', 'junk'],
    ['DisplayNameSpoof', 'refuse'],
    ['RefuseAt', 'data'],
  ]);
  readonly sent: string[] = [];
  payroll = false;
  payrollRemoved = false;
  /** The actor at which sending fails altogether. */
  failingAt: string | undefined;
  lenient = false;

  async send(actor: string): Promise<ActorResult> {
    if (actor === this.failingAt) throw new Error('the lab has gone');
    this.sent.push(actor);
    const { way } = CAST.find(({ name }) => name === actor) ?? assert.fail(actor);
    const rule = way === 'direct-send' && this.values.get('RejectDirectSend') === true;
    const unknown = way === 'partner-connector' && !this.payroll;
    const policy = actor === 'foreign-envelope' && this.values.get('DmarcPolicy') === 'reject';
    const refused = !this.lenient && (rule || unknown || policy);
    return resultOf(actor, !refused);
  }
  async settings(): Promise<ReadonlyMap<string, unknown>> {
    return new Map(this.values);
  }
  async set(name: string, value: unknown): Promise<void> {
    assert.ok(this.values.has(name), name);
    this.values.set(name, value);
  }
  async connectors() {
    if (this.payrollRemoved) return [];
    return [{ name: 'Payroll service', enabled: this.payroll, certificateName: 'app.payroll.test' }];
  }
  async switchConnector(_name: string, enabled: boolean): Promise<void> {
    assert.ok(!this.payrollRemoved, 'made anew');
    this.payroll = enabled;
  }
  async records(name: string, type: 'TXT' | 'MX'): Promise<string[]> {
    return [`${type} of ${name} ${'ip4:192.0.2.1 '.repeat(12)}`];
  }
  async mailboxes() {
    return [{ address: 'anna.keller@contoso.test', name: 'Anna Keller' }];
  }
  async directSenders() {
    return [
      {
        address: '198.51.100.66',
        hello: 'x',
        messages: 1,
        senders: [`anna\u001b[31m@contoso.test`, 'b'.repeat(300)],
        dmarc: ['fail'],
      },
    ];
  }
}

function resultOf(actor: string, accepted: boolean): ActorResult {
  return {
    actor,
    class: 'attack',
    way: 'internet',
    accepted,
    reply: accepted ? '250 2.6.0 Queued mail for delivery' : `550 5.7.68 ${'refused '.repeat(20)}`,
    transcript: [
      { by: 'client', text: 'EHLO x' },
      { by: 'client', text: 'MAIL FROM:<anna.keller@contoso.test>' },
      { by: 'server', text: '250 2.1.0 Sender OK' },
    ],
    client: { address: '198.51.100.166', hello: 'a-name-that-is-long.bulk-sender.test' },
    envelope: { from: 'anna.keller@contoso.test', to: [] },
    headerFrom: '',
    subject: '',
    messageId: '<1@x>',
    octets: 1000,
    landed: accepted
      ? [
          {
            id: '1',
            mailbox: 'anna.keller@contoso.test',
            folder: 'Inbox',
            receivedAt: 0,
            networkMessageId: '1',
            messageId: '<1@x>',
            from: '',
            headerFrom: '',
            subject: '',
            size: 1000,
            verdict: {
              directionality: 'Incoming',
              directSend: true,
              spf: '',
              dkim: '',
              dmarc: '',
              action: '',
              compauth: '',
              reason: '',
              scl: 1,
              category: '',
              clientAddress: '',
              hello: '',
              open: [],
            },
          },
        ]
      : [],
    landedHead: accepted
      ? `Authentication-Results: spf=pass (${'a'.repeat(200)})\r\n smtp.mailfrom=x;\r\nSubject: no`
      : '',
  };
}

for (const language of LANGUAGES) {
  describe(`the tour, ${language}`, () => {
    it('fits into 80 columns, and lets nothing of others move the cursor', async () => {
      const paper = new Paper();
      await giveTour(new Scenery(), paper, { language, startedAt: 0 });
      const wide = paper.lines.filter((line) => Array.from(line).length > 80);
      assert.deepEqual(wide, []);
      assert.doesNotMatch(paper.lines.join('\n'), /\u001b/);
      assert.ok(paper.lines.length > 150);
    });

    it('tells nothing that did not happen', async () => {
      const paper = new Paper();
      await giveTour(new Scenery(), paper, { language, startedAt: 0 });
      const surprise = TOUR_TEXTS[language].unexpected({ actor: '', reply: '' }).slice(0, 12);
      assert.ok(!paper.lines.some((line) => line.includes(surprise)));

      const other = new Paper();
      const scenery = new Scenery();
      scenery.lenient = true;
      await giveTour(scenery, other, { language, startedAt: 0 });
      // four at the switch, the application, the foreign envelope
      assert.equal(other.lines.filter((line) => /^ +! /.test(line)).length, 6);
    });

    it('waits before and in each step', async () => {
      const paper = new Paper();
      await giveTour(new Scenery(), paper, { language, startedAt: 0 });
      assert.equal(paper.pauses.filter((where) => where === 'step').length, 18);
      assert.ok(paper.pauses.includes('detail'));
    });
  });
}

it('puts the settings back, also when it is broken off', async () => {
  for (const failingAt of [undefined, 'voicemail-lure', 'application', 'lookalike']) {
    const scenery = new Scenery();
    scenery.failingAt = failingAt;
    const before = new Map(scenery.values);
    const tour = giveTour(scenery, new Paper(), { language: 'en', startedAt: 0 });
    if (failingAt === undefined) await tour;
    else await assert.rejects(tour, /the lab has gone/);
    assert.deepEqual(scenery.values, before);
    assert.equal(scenery.payroll, false);
  }
});

it('a connector that somebody has removed is not made anew, and the tour goes on', async () => {
  const scenery = new Scenery();
  scenery.payrollRemoved = true;
  const paper = new Paper();
  await giveTour(scenery, paper, { language: 'en', startedAt: 0 });
  assert.equal(paper.lines.filter((line) => /^ +! /.test(line)).length, 1);
  assert.match(paper.lines.join(' '), /Step 9 of 9/);
});

it('French is typeset: no ordinary space where a line may not break, no straight apostrophe', async () => {
  const paper = new Paper();
  await giveTour(new Scenery(), paper, { language: 'fr', startedAt: 0 });
  const said = JSON.stringify(TOUR_TEXTS.fr) + CAST.map(({ what }) => what.fr).join(' ');
  assert.doesNotMatch(said, / [:;!?»]|« |'/);
  // no elision before a consonant
  assert.doesNotMatch(said, /(?<!\p{L})(?:[dlnjmts]|qu)’[bcdfgjklmnpqrstvwxz]/iu);
  assert.match(said, /\u00a0:/);
  assert.match(said, /\u202f;/);
  assert.doesNotMatch(said, /[^\s\u00a0\u202f«(][;!?]/u);
});

it('lines are broken at spaces, and words that are longer than a line are cut', () => {
  const cases: [text: string, width: number, lines: string[]][] = [
    ['', 10, []],
    ['one two three', 7, ['one two', 'three']],
    ['one  two\nthree', 20, ['one two three']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['un\u00a0: deux', 5, ['un\u00a0:', 'deux']],
    ['a\u00a0b c', 3, ['a\u00a0b', 'c']],
  ];
  for (const [text, width, lines] of cases) assert.deepEqual(wrap(text, width), lines);
});
