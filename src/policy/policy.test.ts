import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Envelope } from '../message/envelope.ts';
import { MessageScanner, scanBody, scanHead } from '../message/scan.ts';
import type { DiskFile } from '../platform/disk.ts';
import { DEFAULT_POLICY, NO_DETAILS, type Source, type SourcePolicy } from '../sources/source.ts';
import type { BodyWriter } from '../spool/spool.ts';
import { CompiledPolicies } from './compiled.ts';
import { judge, type Allowed } from './judgement.ts';
import { Judge } from './policy.ts';

const LIMITS = { headerBytes: 10_000, headerFields: 50, hops: 3 };
const FROM = 'app@corp.example';
const PAIRS = [
  { envelope: 'app@corp.example', header: 'app@corp.example' },
  { envelope: 'bounces.corp.example', header: 'corp.example' },
];

function source(changes: Partial<SourcePolicy> = {}): Source {
  const policy = { ...DEFAULT_POLICY, pairs: PAIRS, ...changes };
  const times = { ...NO_DETAILS, createdAt: 0, updatedAt: 0, version: 1 };
  return { id: 'src_a', name: 'a', description: '', owner: '', state: 'active', policy, ...times };
}

const envelope = (from: string, smtpUtf8 = false): Envelope => ({
  from,
  recipients: [{ address: 'x@y.example' }],
  smtpUtf8,
  body: '7bit',
  requireTls: false,
});

interface Options {
  policy?: Partial<SourcePolicy>;
  from?: string;
  smtpUtf8?: boolean;
}

const WHOLE = 'Date: Sun, 22 Nov 2026 08:05:09 +0000\r\nMessage-ID: <1@corp.example>\r\n';
const AT = Date.parse('2026-11-22T08:05:09Z');

function submission(message: string | Buffer, { policy, from = FROM, smtpUtf8 }: Options) {
  const scanner = new MessageScanner(LIMITS);
  const parts: Buffer[] = [];
  scanner.feed(Buffer.from(message), (part) => parts.push(part));
  scanner.finish();
  const { head, traits, bodyTraits } = scanner;
  const body = Buffer.concat(parts);
  const facts = { source: source(policy), envelope: envelope(from, smtpUtf8), head, traits, bodyTraits };
  return { ...facts, body, id: '01ABCDEFGHJ', hostname: 'relay.example', at: AT };
}

function ask(message: string | Buffer, options: Options = {}) {
  return judge(submission(message, options), new CompiledPolicies(), LIMITS);
}

function codeOf(message: string | Buffer, options: Options = {}): string | undefined {
  const judgement = ask(message, options);
  return judgement.kind === 'refused' ? judgement.reply.refusal : undefined;
}

function allowed(message: string | Buffer, options: Options = {}): Allowed {
  const judgement = ask(message, options);
  assert.ok(judgement.kind === 'allowed', JSON.stringify(judgement));
  return judgement;
}

describe('judge', () => {
  it('lets a message that is right pass as the very same Buffer', () => {
    const facts = submission(`${WHOLE}From: App <${FROM}>\r\n\r\nbody\r\n`, {});
    const judgement = judge(facts, new CompiledPolicies(), LIMITS);
    assert.ok(judgement.kind === 'allowed');
    assert.equal(judgement.head, facts.head);
    assert.equal(judgement.envelope, facts.envelope);
    assert.equal(judgement.bodyRepair, undefined);
    assert.deepEqual(judgement.warnings, []);
    assert.equal(judgement.headerFromDomain, 'corp.example');
  });

  const from = (value: string, more = ''): string => `${WHOLE}From: ${value}\r\n${more}\r\nbody\r\n`;
  const bounces = { from: 'b1@bounces.corp.example' };
  const noRepair = {
    policy: { repair: { missingHeaders: false, missingFrom: '', longLines: false, rawHeaders: false } },
  };
  const refusals: [string, string, string | Buffer, Options?][] = [
    ['a From outside of the pairs', 'S402', from('ceo@evil.example')],
    ['a From that only another pair allows', 'S402', from('ceo@corp.example')],
    ['a From of a subdomain', 'S402', from('app@sub.corp.example'), bounces],
    ['two From fields', 'S403', from(`${FROM}\r\nFrom: ${FROM}`)],
    ['two addresses', 'S404', from(`${FROM}, ${FROM}`)],
    ['a From in doubt', 'S405', from(`ceo@corp.example <${FROM}>`)],
    ['the same foreign address twice', 'S402', from('x@evil.example <x@evil.example>')],
    [
      'a Sender with another address as its name',
      'S406',
      from(FROM, `Sender: ceo@corp.example <${FROM}>\r\n`),
    ],
    [
      'Resent-From with names that lack quotes',
      'S406',
      from(FROM, `Resent-From: ${FROM} <${FROM}>, ${FROM}\r\n`),
    ],
    ['a foreign Sender', 'S406', from(FROM, 'Sender: x@evil.example\r\n')],
    ['a Sender in doubt', 'S406', from(FROM, `Sender: ${FROM}, ${FROM}\r\n`)],
    ['a foreign Resent-From', 'S406', from(FROM, `Resent-From: ${FROM}, x@evil.example\r\n`)],
    ['an empty Sender', 'S406', from(FROM, 'Sender:\r\n')],
    ['a duplicate Subject', 'M607', from(FROM, 'Subject: a\r\nSUBJECT: b\r\n')],
    ['two Content-Types', 'M607', from(FROM, 'Content-Type: text/plain\r\nContent-Type: text/html\r\n')],
    ['two Reply-Tos', 'M607', from(FROM, 'Reply-To: a@b.example\r\nReply-To: c@d.example\r\n')],
    ['a loop', 'M606', from(FROM, 'Received: x\r\n'.repeat(4))],
    ['a missing From', 'M605', `${WHOLE}\r\nbody\r\n`],
    ['a missing Date without repair', 'M605', `From: ${FROM}\r\nMessage-ID: <1@x>\r\n\r\n`, noRepair],
    ['raw text without repair', 'M608', from(`Büro <${FROM}>`), noRepair],
    ['a long header line without repair', 'M604', from(FROM, `X: ${'x '.repeat(600)}y\r\n`), noRepair],
    ['a long body line without repair', 'M604', `${from(FROM)}${'x'.repeat(999)}\r\n`, noRepair],
    ['a malformed header', 'M603', from(FROM, 'no colon\r\n')],
    ['too many fields', 'M603', from(FROM, 'X: y\r\n'.repeat(50))],
    ['a bare line ending in the header', 'M602', from(FROM, 'X: y\nFrom: z\r\n')],
    [
      'a null sender with a foreign From',
      'S402',
      from('x@evil.example'),
      { from: '', policy: { nullSender: true } },
    ],
    ['anything without pairs', 'S402', from(FROM), { policy: { pairs: [] } }],
    [
      'a pair that is no pattern',
      'S402',
      from(FROM),
      { policy: { pairs: [{ envelope: '*', header: '*' }] } },
    ],
  ];
  for (const [what, code, message, options] of refusals) {
    it(`refuses ${what} with ${code}`, () => assert.equal(codeOf(message, options), code));
  }

  it('names what is wrong for the journal, escaped and bounded', () => {
    const judgement = ask(from(`"\x1b[2K${'x'.repeat(900)}" <a@b.example>`));
    assert.ok(judgement.kind === 'refused');
    const { explanation = '', text } = judgement.reply;
    assert.match(explanation, /^From "\\"\\u\{1b\}\[2Kx{10,}/);
    assert.ok(explanation.length < 300);
    assert.equal(text, 'S405 From header can not be read without doubt');
  });

  it('allows what the pairs allow', () => {
    assert.equal(codeOf(from('anybody@CORP.example'), bounces), undefined);
    assert.equal(codeOf(from('APP@corp.example'), { from: 'App@Corp.Example' }), undefined);
    assert.equal(codeOf(from(FROM), { from: '', policy: { nullSender: true } }), undefined);
    assert.equal(
      codeOf(from(FROM, 'Sender: boss@corp.example\r\nReply-To: x@elsewhere.example\r\n')),
      undefined,
    );
    assert.equal(codeOf(from(FROM, 'Received: x\r\n'.repeat(3))), undefined);
  });

  it('adds what is missing, and says so', () => {
    const judgement = allowed('Subject: x\r\n\r\nb\r\n', {
      policy: { repair: { ...DEFAULT_POLICY.repair, missingFrom: 'scan@corp.example' } },
    });
    assert.equal(
      judgement.head.toString(),
      'Subject: x\r\nFrom: scan@corp.example\r\nDate: Sun, 22 Nov 2026 08:05:09 +0000\r\nMessage-ID: <01ABCDEFGHJ@relay.example>\r\n\r\n',
    );
    assert.deepEqual(judgement.warnings, [
      { code: 'headers-repaired', text: 'repaired or added: from, date, message-id' },
    ]);
    assert.equal(judgement.headerFrom, 'scan@corp.example');
    assert.equal(judgement.traits.longestLine, 39);
  });

  it('judges what leaves, not what came', () => {
    const judgement = allowed(from(`Büro <${FROM}>`));
    assert.match(judgement.head.toString(), /From: =\?utf-8\?B\?QsO8cm8=\?= <app@corp\.example>\r\n/);
    assert.equal(judgement.traits.eightBit, false);
    assert.equal(codeOf(from('Büro <ceo@evil.example>')), 'S402');
    assert.equal(codeOf(from('Büro <ü@corp.example>')), 'M608');
    assert.equal(codeOf(from('Büro <app@corp.example>'), { smtpUtf8: true }), undefined);
  });

  it('quotes a display name that is the address once more', () => {
    const judgement = allowed(from(`App@corp.example <${FROM}>`, `SENDER:${FROM} <${FROM}>\r\n`));
    assert.equal(
      judgement.head.toString(),
      `${WHOLE}From: "App@corp.example" <${FROM}>\r\nSENDER: "${FROM}" <${FROM}>\r\n\r\n`,
    );
    assert.deepEqual(judgement.warnings, [
      { code: 'headers-repaired', text: 'repaired or added: from, sender' },
    ]);
    assert.equal(judgement.headerFrom, FROM);
    assert.equal(allowed(Buffer.concat([judgement.head, Buffer.from('x\r\n')])).warnings.length, 0);
  });

  it('rewrites From, Reply-To and the envelope after judging them', () => {
    const rewrite = { headerFrom: 'noreply@corp.example', envelopeFrom: 'bounce@corp.example', replyTo: '' };
    const judgement = allowed(from(`"The, App" <${FROM}>`), { policy: { rewrite } });
    assert.match(
      judgement.head.toString(),
      /\r\nFrom: "The, App" <noreply@corp\.example>\r\nReply-To: app@corp\.example\r\n\r\n$/,
    );
    assert.equal(judgement.envelope.from, 'bounce@corp.example');
    assert.equal(judgement.headerFrom, 'noreply@corp.example');
    assert.equal(codeOf(from('x@evil.example'), { policy: { rewrite } }), 'S402');

    const answered = allowed(from(`${FROM} (App)`, 'Reply-To: a@b.example\r\n'), { policy: { rewrite } });
    assert.match(
      answered.head.toString(),
      /\r\nFrom: App <noreply@corp\.example>\r\nReply-To: a@b\.example\r\n\r\n$/,
    );
    const redirected = allowed(from(FROM, 'Reply-To: a@b.example\r\n'), {
      policy: { rewrite: { headerFrom: '', envelopeFrom: '', replyTo: 'desk@corp.example' } },
    });
    assert.match(redirected.head.toString(), /\r\nReply-To: desk@corp\.example\r\n\r\n$/);
    const repeated = allowed(from(`${FROM} <${FROM}>`), { policy: { rewrite } });
    assert.match(
      repeated.head.toString(),
      /\r\nFrom: noreply@corp\.example\r\nReply-To: app@corp\.example\r\n/,
    );
    const notice = allowed(from(FROM), { from: '', policy: { nullSender: true, rewrite } });
    assert.equal(notice.envelope.from, '');
  });

  it('warns of disguises, blind copies and broken signatures', () => {
    const codes = (message: string): string[] => allowed(message).warnings.map(({ code }) => code);
    assert.deepEqual(codes(from(`"ceo@corp.example" <${FROM}>`)), ['display-name-shows-address']);
    assert.deepEqual(codes(from(FROM, 'Bcc: x@y.example\r\n')), ['blind-copies-visible']);
    assert.deepEqual(codes(`From: ${FROM}\r\nDKIM-Signature: v=1\r\n\r\nx\r\n`), [
      'headers-repaired',
      'signature-broken',
    ]);
  });
});

describe('Judge', () => {
  const long = `${WHOLE}From: ${FROM}\r\n\r\n${'x'.repeat(2000)}\r\n`;
  const signer = {
    hash: (body: Buffer) => ({ relaxed: `hash of ${body.length}` }),
    hasher: () => {
      let length = 0;
      return {
        update: (chunk: Buffer) => void (length += chunk.length),
        digest: () => ({ relaxed: `hash of ${length}` }),
      };
    },
  };

  /** A disk of one file, and a spool that remembers what was written. */
  function rooms(content: Buffer, failWrite = false) {
    const written: Buffer[] = [];
    const log: string[] = [];
    const file: DiskFile = {
      read: async (into, position) => content.copy(into, 0, position, position + 700),
      close: async () => void log.push('close'),
      write: () => Promise.reject(new Error('read only')),
      sync: () => Promise.reject(new Error('read only')),
    };
    const writer: BodyWriter = {
      async write(chunk) {
        if (failWrite) throw new Error('disk full');
        written.push(chunk);
      },
      async finish() {
        log.push('finish');
        return { kind: 'file', path: '/new', length: Buffer.concat(written).length };
      },
      discard: async () => void log.push('discard'),
    };
    const judgeRooms = {
      policies: new CompiledPolicies(),
      signer,
      spool: { newBody: async () => writer },
      disk: { open: async () => file },
      newId: () => '01ABCDEFGHK',
    };
    return { judge: new Judge(judgeRooms, LIMITS, 'relay.example'), written, log };
  }

  it('hands a body on that needs nothing', async () => {
    const facts = submission(`${WHOLE}From: ${FROM}\r\n\r\nx\r\n`, {});
    const body = { kind: 'memory' as const, bytes: facts.body };
    const judged = await rooms(facts.body).judge.judge({ ...facts, body });
    assert.ok(judged.kind === 'allowed');
    assert.equal(judged.body, body);
    assert.equal(judged.bodyHash, undefined);
  });

  it('repairs in memory', async () => {
    const facts = submission(long, {});
    const judged = await rooms(facts.body).judge.judge({
      ...facts,
      body: { kind: 'memory', bytes: facts.body },
    });
    assert.ok(judged.kind === 'allowed' && judged.body.kind === 'memory');
    const { bytes } = judged.body;
    assert.deepEqual(judged.bodyHash, { relaxed: `hash of ${bytes.length}` });
    const { longestLine } = scanHead(judged.head);
    assert.deepEqual(judged.traits.longestLine, Math.max(longestLine, scanBody(bytes).longestLine));
    assert.deepEqual(
      judged.warnings.map(({ code }) => code),
      ['headers-repaired', 'body-repaired'],
    );
  });

  it('repairs from file to file, to the same', async () => {
    const facts = submission(long, {});
    const inMemory = await rooms(facts.body).judge.judge({
      ...facts,
      body: { kind: 'memory', bytes: facts.body },
    });
    const { judge, written, log } = rooms(facts.body);
    const body = { kind: 'file' as const, path: '/old', length: facts.body.length };
    const judged = await judge.judge({ ...facts, body });
    assert.ok(judged.kind === 'allowed' && judged.body.kind === 'file');
    assert.ok(inMemory.kind === 'allowed' && inMemory.body.kind === 'memory');
    assert.equal(judged.body.path, '/new');
    assert.deepEqual(Buffer.concat(written), inMemory.body.bytes);
    assert.deepEqual(judged.bodyHash, inMemory.bodyHash);
    assert.deepEqual(judged.traits, inMemory.traits);
    assert.deepEqual(log, ['finish', 'close']);
  });

  it('makes BINARYMIME fit for any next hop, and says so in the envelope', async () => {
    const cases: [body: string, declared: Envelope['body'], leaves: Envelope['body']][] = [
      ['a\nb\xff\0', 'binarymime', '7bit'],
      ['clean\r\n', 'binarymime', '7bit'],
      ['clean \xff\r\n', 'binarymime', '8bitmime'],
      ['clean \xff\r\n', '7bit', '7bit'],
    ];
    for (const [content, declared, leaves] of cases) {
      const message = Buffer.from(
        `${WHOLE}From: ${FROM}\r\nMIME-Version: 1.0\r\nContent-Type: image/png\r\n\r\n${content}`,
        'latin1',
      );
      const facts = submission(message, {});
      const asked = { ...facts, envelope: { ...facts.envelope, body: declared } };
      for (const file of [false, true]) {
        const { judge, written } = rooms(facts.body);
        const judged = await judge.judge({
          ...asked,
          body: file
            ? { kind: 'file', path: '/old', length: facts.body.length }
            : { kind: 'memory', bytes: facts.body },
        });
        assert.ok(judged.kind === 'allowed');
        assert.equal(judged.envelope.body, leaves);
        const { body } = judged;
        const octets = body.kind === 'memory' ? body.bytes : Buffer.concat(written);
        if (content.startsWith('a')) assert.deepEqual(Buffer.from(octets.toString(), 'base64'), facts.body);
      }
    }
  });

  it('leaves nothing behind when the repair or the disk fails', async () => {
    const signed = `${WHOLE}From: ${FROM}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n${'x'.repeat(2000)}\r\n--b--\r\n`;
    const facts = submission(signed, {});
    const body = { kind: 'file' as const, path: '/old', length: facts.body.length };
    const first = rooms(facts.body);
    const refused = await first.judge.judge({ ...facts, body });
    assert.ok(refused.kind === 'refused');
    assert.equal(refused.reply.refusal, 'M604');
    assert.deepEqual(first.log, ['discard', 'close']);
    const second = rooms(facts.body, true);
    await assert.rejects(async () => second.judge.judge({ ...facts, body }), /disk full/);
    assert.deepEqual(second.log, ['discard', 'close']);
    const inMemory = await first.judge.judge({ ...facts, body: { kind: 'memory', bytes: facts.body } });
    assert.ok(inMemory.kind === 'refused');
  });
});
