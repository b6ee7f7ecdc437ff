import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySpool } from '../../test/support/memory-spool.ts';
import { decodeWords } from '../message/encoded-word.ts';
import { decodeQuotedPrintable } from '../message/transfer-encoding.ts';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { MessageIds } from '../spool/message-id.ts';
import { type NewMessage, SpoolUnavailable } from '../spool/spool.ts';
import { EventLog } from './fixtures.ts';
import { OwnMailer, type OwnMailerOptions } from './own-mailer.ts';
import type { OwnMail } from './system-mail.ts';

function fixture(changes: Partial<OwnMailerOptions> = {}) {
  const clock = new ManualClock();
  const ids = new MessageIds(clock);
  const spool = new MemorySpool();
  const events = new EventLog();
  const offered: NewMessage[] = [];
  const mailer = new OwnMailer({
    clock,
    random: systemRandom,
    events,
    hostname: 'relay.example',
    from: 'postmaster@relay.example',
    newId: () => ids.next(),
    sign: async (head) => Buffer.concat([Buffer.from('DKIM-Signature: x\r\n'), head]),
    store: (message) => spool.store(message),
    stored: (message) => offered.push(message),
    ...changes,
  });
  return { mailer, spool, events, offered };
}

const MAIL: OwnMail = { to: ['ann@corp.example'], subject: 'Hello', text: 'Line one.\nLine two.\n' };

async function sent(changes: Partial<OwnMail>) {
  const { mailer, spool } = fixture();
  const message = spool.messages.get(await mailer.send({ ...MAIL, ...changes })) as NewMessage;
  const head = message.head.toString('utf8');
  const body = message.body.kind === 'memory' ? message.body.bytes : Buffer.alloc(0);
  const unfolded = head.replaceAll('\r\n ', ' ');
  const field = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(unfolded)?.[1];
  const encoding = field('Content-Transfer-Encoding');
  const text =
    encoding === 'quoted-printable'
      ? decodeQuotedPrintable(body).toString()
      : encoding === 'base64'
        ? Buffer.from(body.toString(), 'base64').toString()
        : body.toString();
  return { message, head, field, text, body };
}

describe('OwnMailer', () => {
  test('a mail is signed, stored with the null sender, and offered', async () => {
    const { mailer, spool, offered, events } = fixture();
    const id = await mailer.send(MAIL);
    const message = spool.messages.get(id) as NewMessage;
    assert.deepEqual(offered, [message]);
    assert.equal(message.envelope.from, '');
    assert.equal(message.source, '');
    assert.deepEqual(message.envelope.recipients, [{ address: 'ann@corp.example', notify: 'never' }]);
    const head = message.head.toString();
    assert.match(head, /^DKIM-Signature: x\r\nDate: /);
    assert.match(head, /^From: Postern <postmaster@relay\.example>\r$/m);
    assert.match(head, /^To: ann@corp\.example\r$/m);
    assert.match(head, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(head, /^Message-ID: <[\w-]+@relay\.example>\r$/m);
    assert.ok(head.endsWith('\r\n\r\n'));
    assert.equal(
      message.body.kind === 'memory' && message.body.bytes.toString(),
      'Line one.\r\nLine two.\r\n',
    );
    assert.deepEqual(
      events.of('system').map(({ message: about, to }) => [about, to]),
      [[id, ['ann@corp.example']]],
    );
  });

  test('text beyond ASCII travels as ASCII', async () => {
    const { head, field, text, message } = await sent({
      subject: 'Envoi refusé : imprimante « Étage 2 »',
      text: 'Bonjour,\n\nl’imprimante n’a pas pu envoyer.\n',
    });
    assert.ok(!/[^\u0000-\u007f]/.test(head));
    assert.equal(decodeWords(field('Subject') ?? ''), 'Envoi refusé : imprimante « Étage 2 »');
    assert.equal(text, 'Bonjour,\r\n\r\nl’imprimante n’a pas pu envoyer.\r\n');
    assert.equal(message.traits.eightBit, false);
  });

  const HOSTILE = [
    'x\r\nBcc: evil@elsewhere.example\r\n\r\nowned',
    'x\nBcc: evil@elsewhere.example',
    'x\rBcc: evil@elsewhere.example',
    'x\u2028Bcc: evil@elsewhere.example',
    'x\0y\u202eBcc: evil@elsewhere.example',
    'x\u061cBcc: evil@elsewhere.example',
    `${'x'.repeat(5000)}\r\nBcc: evil@elsewhere.example`,
  ];
  for (const subject of HOSTILE) {
    test(`no subject begins another field: ${JSON.stringify(subject.slice(0, 24))}`, async () => {
      const { head, field } = await sent({ subject });
      assert.equal(field('Bcc'), undefined);
      assert.equal(head.indexOf('\r\n\r\n'), head.length - 4);
      assert.ok(head.split('\r\n').every((line) => line.length <= 998));
      assert.ok(decodeWords(field('Subject') ?? '').length <= 200);
      assert.ok(!/[\u061c\u202e\u2028\0]/.test(decodeWords(field('Subject') ?? '')));
    });
  }

  test('controls in the text become visible, and dots and long lines pass', async () => {
    const { text, message } = await sent({ text: `a\u202eb\u001b[31m\n.\n..x\n${'é'.repeat(2000)}\n` });
    assert.equal(text, `a\\u{202e}b\\u{1b}[31m\r\n.\r\n..x\r\n${'é'.repeat(2000)}\r\n`);
    assert.ok(message.traits.longestLine <= 76);
  });

  test('the size is bounded', async () => {
    const { text } = await sent({ text: 'word '.repeat(2_000_000) });
    assert.ok(text.length <= 131_074);
  });

  test('what is no address is refused, and nothing is stored', async () => {
    for (const to of [
      [],
      ['nobody'],
      ['a@b\r\nBcc: x@y.example'],
      ['<a@b.example>'],
      ['a b@corp.example'],
      Array.from({ length: 101 }, (_, index) => `u${index}@corp.example`),
    ]) {
      const { mailer, spool } = fixture();
      await assert.rejects(mailer.send({ ...MAIL, to }), RangeError, JSON.stringify(to));
      assert.equal(spool.messages.size, 0);
    }
  });

  test('international addresses', async () => {
    const { message } = await sent({ to: ['info@bücher.example'] });
    assert.deepEqual(
      [message.envelope.recipients[0]?.address, message.envelope.smtpUtf8, message.traits.eightBit],
      ['info@xn--bcher-kva.example', false, false],
    );
    const { message: other } = await sent({ to: ['jürgen@corp.example'] });
    assert.deepEqual(
      [other.envelope.smtpUtf8, other.traits.eightBit, other.envelope.body],
      [true, true, '8bitmime'],
    );
  });

  test('without a signature it goes unsigned, and the journal tells', async () => {
    const { mailer, spool, events } = fixture({ sign: () => Promise.reject(new Error('no key')) });
    const message = spool.messages.get(await mailer.send(MAIL));
    assert.match(message?.head.toString() ?? '', /^Date: /);
    assert.deepEqual(
      events.of('warning').map(({ code }) => code),
      ['X905'],
    );
  });

  test('a disk that takes nothing is told to the caller, and nothing is offered', async () => {
    const { mailer, offered } = fixture({ store: () => Promise.reject(new SpoolUnavailable('full')) });
    await assert.rejects(mailer.send(MAIL), SpoolUnavailable);
    assert.deepEqual(offered, []);
  });
});
