/**
 * Whatever stands where a line could break, in whatever a stranger may name: no header field, no command and no line
 * of the log begins in it. Each place is tried through the code that carries it.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoredDomainRegistry } from '../../src/authentication/dkim/stored-domains.ts';
import { buildNotice, type NoticeRecipient } from '../../src/deliver/dsn.ts';
import type { JournalEvent } from '../../src/journal/event.ts';
import { EventLog } from '../../src/journal/log.ts';
import { BuildError, buildMessage, type MessageParts } from '../../src/message/build.ts';
import { NO_TRAITS } from '../../src/message/content.ts';
import type { Envelope } from '../../src/message/envelope.ts';
import { HeaderIndex } from '../../src/message/headers.ts';
import { TraceWriter } from '../../src/message/received.ts';
import { ManualClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { planEnvelope } from '../../src/smtp/client/envelope-commands.ts';
import { parseExtensions } from '../../src/smtp/client/extensions.ts';
import { oneLine, ReplyError, ReplyParser } from '../../src/smtp/client/reply-parser.ts';
import { encodeXtext } from '../../src/smtp/syntax/xtext.ts';
import { RegistryError } from '../../src/sources/registry.ts';
import { openControlStore } from '../../src/store/control.ts';
import { Seal } from '../../src/store/seal.ts';
import { seeded } from '../support/seeded.ts';
import { converse } from './smtp/converse.ts';
import { relayRooms } from './smtp/relay-rooms.ts';

const BREAKS: Record<string, string> = {
  CR: '\r',
  LF: '\n',
  CRLF: '\r\n',
  LFCR: '\n\r',
  'CRLF twice': '\r\n\r\n',
  'CRLF and a space': '\r\n ',
  'bare CR in text': 'a\rb\r',
  VT: '\v',
  FF: '\f',
  NUL: '\0',
  'NUL and CRLF': '\0\r\n',
  'U+0085': '\u0085',
  'U+2028': '\u2028',
  'U+2029': '\u2029',
  // their low octets are CR and LF, for whoever writes characters as octets
  'U+010D U+010A': '\u010d\u010a',
  'U+560D U+560A': '\u560d\u560a',
  'U+240D U+240A': '\u240d\u240a',
  '%0d%0a': '%0d%0a',
  '%0D%0A': '%0D%0A',
  '=0D=0A': '=0D=0A',
  'an encoded word': '=?utf-8?Q?=0D=0A?=',
  'escapes as text': '\\r\\n',
  'an entity': '&#13;&#10;',
};

const INJECTED = 'X-Injected: yes';
const evil = (lineEnd: string): string => `a${lineEnd}${INJECTED}`;

/** Lines as the most generous of readers cuts them. */
const lines = (text: string): string[] => text.split(/[\r\n\v\f\u0085\u2028\u2029]+/);

function assertNoNewLine(text: string, what: string): void {
  assert.ok(!text.includes('\0'), `NUL in ${what}: ${JSON.stringify(text)}`);
  for (const line of lines(text)) {
    assert.ok(!line.trimStart().startsWith('X-Injected'), `a new line in ${what}: ${JSON.stringify(text)}`);
  }
}

/** A whole message, or a head: its fields are these and no others, in whatever form they are read. */
function assertFields(octets: Buffer, allowed: RegExp): void {
  const end = octets.indexOf('\r\n\r\n');
  const head = octets.subarray(0, end + 4);
  const index = new HeaderIndex(head, { headerBytes: 100_000, headerFields: 100 });
  assert.equal(index.fault, undefined, JSON.stringify(head.toString()));
  for (const { name } of index.fields) assert.match(name, allowed, JSON.stringify(head.toString()));
  assertNoNewLine(head.toString('utf8'), 'a head');
  assertNoNewLine(head.toString('latin1'), 'a head read as latin1');
}

function everyBreak(what: string, tryOne: (lineEnd: string) => void | Promise<void>): void {
  describe(what, () => {
    for (const [name, lineEnd] of Object.entries(BREAKS)) test(name, () => tryOne(lineEnd));
  });
}

const USUAL =
  /^(?:date|from|to|cc|reply-to|subject|message-id|mime-version|content-type|content-transfer-encoding|content-disposition|content-id|x-good)$/;

function build(changes: Partial<MessageParts>): void {
  const parts: MessageParts = {
    from: { address: 'a@corp.example', name: 'App' },
    to: [{ address: 'b@corp.example', name: '' }],
    cc: [],
    replyTo: [],
    subject: 'hello',
    text: 'text',
    attachments: [],
    headers: [],
    ...changes,
  };
  let message: Buffer;
  try {
    message = buildMessage(parts, { at: 0, hostname: 'mail.test', random: systemRandom });
  } catch (error) {
    assert.ok(error instanceof BuildError, String(error));
    assertNoNewLine(error.message, 'an error');
    return;
  }
  assertFields(message, USUAL);
  // the parts' heads as well: nothing in this message has such a text in its body
  assertNoNewLine(message.toString('utf8'), 'a message');
}

const attachment = {
  filename: 'x.pdf',
  contentType: 'application/pdf',
  content: Buffer.from('x'),
  disposition: 'attachment' as const,
};

everyBreak('display name', (lineEnd) =>
  build({
    from: { address: 'a@corp.example', name: evil(lineEnd) },
    cc: [{ address: 'c@corp.example', name: evil(lineEnd) }],
  }),
);
everyBreak('subject', (lineEnd) => build({ subject: evil(lineEnd) }));
everyBreak('long subject', (lineEnd) =>
  build({ subject: `${'\u00e9 '.repeat(60)}${evil(lineEnd)} ${'word '.repeat(40)}` }),
);
everyBreak('local part', (lineEnd) =>
  build({
    from: { address: `${evil(lineEnd)}@corp.example`, name: '' },
    replyTo: [{ address: `${evil(lineEnd)}@corp.example`, name: 'x' }],
  }),
);
everyBreak('domain', (lineEnd) => build({ to: [{ address: `a@corp${lineEnd}.example`, name: '' }] }));
everyBreak('attachment filename', (lineEnd) =>
  build({ attachments: [{ ...attachment, filename: evil(lineEnd) }] }),
);
everyBreak('attachment type', (lineEnd) =>
  build({ attachments: [{ ...attachment, contentType: `text/${evil(lineEnd)}` }] }),
);
everyBreak('Content-ID', (lineEnd) =>
  build({ html: 'x', attachments: [{ ...attachment, contentId: evil(lineEnd) }] }),
);
everyBreak('value of a further field', (lineEnd) => build({ headers: [['X-Good', evil(lineEnd)]] }));
everyBreak('name of a further field', (lineEnd) =>
  build({ headers: [[`X-Good: x${lineEnd}X-Injected`, 'yes']] }),
);

everyBreak('Received', (lineEnd) => {
  const facts = {
    hostname: 'mail.test',
    id: 'ID',
    protocol: 'esmtp',
    authenticated: true,
    smtpUtf8: true,
    at: 0,
  } as const;
  const tls = { version: evil(lineEnd), cipher: evil(lineEnd) };
  for (const address of ['192.0.2.1', evil(lineEnd)]) {
    const field = new TraceWriter().received({ ...facts, hello: evil(lineEnd), address, tls });
    assertFields(Buffer.from(`${field}\r\n`, 'latin1'), /^received$/);
  }
});

/** The log as a file, and how many events were written to it. */
function logOf(events: readonly JournalEvent[]): string {
  let text = '';
  const log = new EventLog({ level: 'trace', destination: { write: (line) => (text += line) } });
  for (const event of events) log.write(event);
  return text;
}

function assertLog(events: readonly JournalEvent[]): void {
  const text = logOf(events);
  const written = lines(text).filter((line) => line !== '');
  assert.equal(written.length, events.length, JSON.stringify(text));
  for (const line of written) JSON.parse(line);
  assertNoNewLine(text, 'the log');
}

everyBreak('log line', (lineEnd) => {
  const text = evil(lineEnd);
  assertLog([
    {
      type: 'refusal',
      text,
      reply: text,
      from: text,
      to: [text, text],
      code: text,
      detail: { hello: text, [text]: text, deep: { list: [text] } },
    },
    { type: 'system', text },
  ]);
});

/** Plays a client's octets with everything behind the wire, and looks at all that came of it. */
async function overSmtp(said: Buffer, expected?: { messages?: number }): Promise<void> {
  const clock = new ManualClock();
  const { handler, spool, events } = relayRooms(clock, seeded(1));
  let turns = 0;
  // the client is polite, and sends all at once
  const polite = (): number => [0.9, 0][turns++] ?? 0.5;
  const { output } = await converse({ handler, clock, lineEndings: 'refuse' }, '', said, polite);
  assertNoNewLine(output, 'the replies');
  assertLog(events.written);
  if (expected?.messages !== undefined) assert.equal(spool.messages.size, expected.messages);
  for (const message of spool.messages.values()) {
    assertFields(message.head, /^(?:dkim-signature|received|from|subject|date|message-id)$/);
    const everything = parseExtensions({ code: 250, lines: ['x', 'SMTPUTF8', 'DSN', 'SIZE', '8BITMIME'] });
    for (const offered of [everything, parseExtensions({ code: 250, lines: ['x', 'DSN'] })]) {
      const plan = planEnvelope(
        {
          envelope: message.envelope,
          recipients: message.envelope.recipients,
          content: message,
          finish: () => undefined,
        },
        offered,
      );
      for (const command of [plan.mail, ...plan.recipients.map((one) => one.command)]) {
        assert.equal(lines(command).length, 1, JSON.stringify(command));
        assertNoNewLine(command, 'a command');
      }
    }
    notice(message.envelope, {
      recipient: message.envelope.recipients[0] ?? { address: 'x@y' },
      reply: '550 no',
    });
  }
}

const DATA = 'DATA\r\nFrom: a@corp.example\r\nSubject: x\r\n\r\nbody\r\n.\r\n';
const ENVELOPE = `MAIL FROM:<a@corp.example>\r\nRCPT TO:<b@corp.example>\r\n${DATA}`;

everyBreak('EHLO name', (lineEnd) =>
  overSmtp(Buffer.from(`EHLO ${evil(lineEnd)}\r\n${ENVELOPE}RSET\r\nEHLO ok\r\n${ENVELOPE}`)),
);
everyBreak('EHLO name as a literal', (lineEnd) =>
  overSmtp(Buffer.from(`EHLO [${evil(lineEnd)}]\r\n${ENVELOPE}`)),
);
everyBreak('MAIL local part', (lineEnd) =>
  overSmtp(
    Buffer.from(
      `EHLO x\r\nMAIL FROM:<"${evil(lineEnd)}"@corp.example> SMTPUTF8\r\nRCPT TO:<b@corp.example>\r\n${DATA}`,
    ),
  ),
);
everyBreak('RCPT local part', (lineEnd) =>
  overSmtp(
    Buffer.from(
      `EHLO x\r\nMAIL FROM:<a@corp.example> SMTPUTF8\r\nRCPT TO:<${evil(lineEnd)}@corp.example>\r\nRCPT TO:<"${evil(lineEnd)}"@corp.example>\r\n${DATA}`,
    ),
  ),
);
for (const encode of [(text: string) => text.replaceAll(' ', ''), encodeXtext]) {
  const form = encode === encodeXtext ? 'as xtext' : 'as it is';
  everyBreak(`ENVID ${form}`, (lineEnd) =>
    overSmtp(
      Buffer.from(
        `EHLO x\r\nMAIL FROM:<a@corp.example> SMTPUTF8 ENVID=${encode(evil(lineEnd))}\r\nRCPT TO:<b@corp.example>\r\n${DATA}`,
      ),
    ),
  );
  for (const type of ['rfc822', 'utf-8']) {
    everyBreak(`ORCPT of ${type} ${form}`, (lineEnd) =>
      overSmtp(
        Buffer.from(
          `EHLO x\r\nMAIL FROM:<a@corp.example> SMTPUTF8\r\nRCPT TO:<b@corp.example> ORCPT=${type};${encode(evil(lineEnd))}\r\n${DATA}`,
        ),
      ),
    );
  }
}
test('what is not injected is taken', () => overSmtp(Buffer.from(`EHLO x\r\n${ENVELOPE}`), { messages: 1 }));

everyBreak('AUTH user', async (lineEnd) => {
  const plain = (user: string): string => Buffer.from(`\0${user}\0wrong`).toString('base64');
  const scram = Buffer.from(`n,a=${evil(lineEnd)},n=${evil(lineEnd)},r=abc`).toString('base64');
  const login = Buffer.from(evil(lineEnd)).toString('base64');
  await overSmtp(
    Buffer.from(
      `EHLO x\r\nAUTH PLAIN ${plain(evil(lineEnd))}\r\nAUTH LOGIN\r\n${login}\r\n${login}\r\nAUTH SCRAM-SHA-256 ${scram}\r\n*\r\n`,
    ),
  );
});

function notice(envelope: Envelope, recipient: NoticeRecipient): void {
  const content = {
    head: Buffer.from('From: a@corp.example\r\n\r\n'),
    body: { kind: 'memory' as const, bytes: Buffer.from('x') },
    traits: NO_TRAITS,
  };
  for (const kind of ['failure', 'delay', 'success'] as const) {
    const { head, body } = buildNotice(
      { kind, message: 'ID', receivedAt: 0, recipients: [recipient], payload: { ...content, envelope } },
      'a@corp.example',
      'ID2',
      0,
      'unique',
      { hostname: 'mail.test', from: 'postmaster@mail.test', returnLimit: 1000 },
    );
    assertFields(
      head,
      /^(?:date|from|to|subject|message-id|auto-submitted|mime-version|content-type|content-transfer-encoding)$/,
    );
    assert.ok(body.kind === 'memory');
    assertNoNewLine(body.bytes.toString('latin1'), 'a notice');
    assertNoNewLine(body.bytes.toString('utf8'), 'a notice');
  }
}

const PLAIN: Envelope = {
  from: 'a@corp.example',
  recipients: [],
  smtpUtf8: false,
  body: '7bit',
  requireTls: false,
};

everyBreak('DSN text of a remote reply', (lineEnd) => {
  const replies: string[] = [];
  try {
    new ReplyParser().push(
      Buffer.from(`550-5.1.1 first${evil(lineEnd)}\r\n550 5.1.1 ${evil(lineEnd)}\r\n`),
      (reply) => replies.push(oneLine(reply)),
    );
  } catch (error) {
    assert.ok(error instanceof ReplyError, String(error));
    assertNoNewLine(error.message, 'an error');
  }
  for (const reply of replies) assert.equal(lines(reply).length, 1, JSON.stringify(reply));
  // and if nobody had escaped it
  for (const reply of [...replies, `550 5.1.1 ${evil(lineEnd)}`, `${'long '.repeat(60)}${evil(lineEnd)}`]) {
    notice(PLAIN, {
      recipient: { address: 'b@other.example' },
      reply,
      remote: evil(lineEnd),
      status: evil(lineEnd),
    });
  }
});

everyBreak('DSN of an envelope that nobody has checked', (lineEnd) => {
  const recipient = {
    address: `${evil(lineEnd)}@other.example`,
    originalRecipient: `rfc822;${evil(lineEnd)}`,
  };
  notice({ ...PLAIN, envelopeId: evil(lineEnd) }, { recipient, reply: '550 no' });
  notice(
    { ...PLAIN, envelopeId: encodeXtext(evil(lineEnd)) },
    {
      recipient: { ...recipient, originalRecipient: `utf-8;${encodeXtext(evil(lineEnd))}` },
      reply: '550 no',
    },
  );
});

describe('DKIM', () => {
  const registry = openControlStore(':memory:').then(
    (store) => new StoredDomainRegistry(store, new Seal(Buffer.alloc(32)), new ManualClock()),
  );
  const refused = (error: unknown): boolean => {
    assert.ok(error instanceof RegistryError, String(error));
    assertNoNewLine(error.message, 'an error');
    return true;
  };
  everyBreak('domain', async (lineEnd) => {
    const domains = await registry;
    for (const name of [
      `corp${lineEnd}.example`,
      `${lineEnd}corp.example`,
      `corp.example${lineEnd}`,
      `corp.example; x=${evil(lineEnd)}`,
    ]) {
      // invisible signs that stand for nothing may be mapped away by IDNA; then there is no sign left
      await domains
        .add(name, { selector: 'x y' })
        .then(() => assert.fail(`${JSON.stringify(name)} was taken`), refused);
    }
    assert.deepEqual(domains.list(), []);
  });
  everyBreak('selector', async (lineEnd) => {
    const domains = await registry;
    for (const selector of [`s${lineEnd}x`, `${lineEnd}s`, `s${lineEnd}`]) {
      await assert.rejects(domains.add('corp.example', { selector }), refused, JSON.stringify(selector));
    }
    assert.deepEqual(domains.list(), []);
  });
});
