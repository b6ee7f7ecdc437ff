/** Header sections, addresses, encoded words, and the repair of messages. */
import { joinAddress, parseAddressList } from '../../../src/message/address-list.ts';
import { decodeWords, encodeUnstructured, encodeWords } from '../../../src/message/encoded-word.ts';
import { readAuthor, readFrom } from '../../../src/message/from-header.ts';
import { HeaderIndex } from '../../../src/message/headers.ts';
import { formatMailbox } from '../../../src/message/mailbox-format.ts';
import { MessageScanner } from '../../../src/message/scan.ts';
import { CompiledPolicies } from '../../../src/policy/compiled.ts';
import { judge, type Allowed, type Judgement } from '../../../src/policy/judgement.ts';
import { DEFAULT_POLICY, NO_DETAILS, type Source } from '../../../src/sources/source.ts';
import { chunked } from '../mutate.ts';
import { must, show, type Target } from '../target.ts';

const octets = (text: string): Buffer => Buffer.from(text, 'latin1');

const ADDRESSES = [
  'a@corp.example',
  'The app <a@corp.example>',
  '"Q. Public, John" <john@corp.example>, x@y.example',
  '=?utf-8?B?w6k=?= =?utf-8?Q?=C3=A9?= <a@corp.example>',
  'undisclosed-recipients:;',
  'Friends: a@x.example, "b c"@x.example;, d@y.example',
  '(comment (nested)) a@corp.example (name)',
  '<@route.example:a@corp.example>',
  '"a@evil.example" <a@corp.example>',
  '<a@corp.example> <b@evil.example>',
  '"a\\"b"@corp.example',
  'a@[192.0.2.1]',
  '\xc3\xa9 <a@\xc3\xa9.example>',
  'a@corp.example\0b@evil.example',
  'John Q. Public <a . b @ corp . example>',
];
const ADDRESS_WORDS = [
  'a@b.example',
  '<a@b>',
  ' ,',
  ':;',
  '=?utf-8?Q?=40?=',
  '=?utf-8?B?QGV2aWwuZXhhbXBsZQ==?=',
  '"@"',
  '(\\)',
  '@[',
  '\\"',
  '.@',
  '@@',
];

const addressTarget: Target = {
  name: 'address list',
  weight: 10,
  seeds: ADDRESSES.map(octets),
  words: ADDRESS_WORDS,
  run(input) {
    const text = input.toString('utf8');
    const list = parseAddressList(text);
    for (const { local, domain, address } of list.mailboxes) {
      must(
        address === joinAddress(local, domain),
        () => `${show(address)} is not ${show(local)} at ${show(domain)}`,
      );
    }
    const reading = readAuthor(text);
    if (!reading.ok) return `${reading.code}${list.doubts.join()}`;
    const { address, displayName } = reading.mailbox;
    must(
      list.mailboxes.length === 1 && list.doubts.length === 0,
      () => `an author in doubt: ${show(text)} ${list.doubts.join()}`,
    );
    must(!/[\0-\x1f\x7f]/.test(address), () => `a control character in ${show(address)}`);
    // what is written anew is read as the same
    const formatted = formatMailbox(displayName, address).replaceAll('\r\n', '');
    const again = readAuthor(formatted);
    must(
      again.ok && again.mailbox.address === address,
      () =>
        `${show(text)} is ${show(address)}, written ${show(formatted)}, read ${show(JSON.stringify(again))}`,
    );
    must(
      again.ok && squeezed(again.mailbox.displayName) === squeezed(displayName),
      () => `the name ${show(displayName)} became ${show(JSON.stringify(again))}`,
    );
    return `${displayName !== ''}${reading.displayAddress !== undefined}${list.groups}${address.startsWith('"')}`;
  },
};

/** White space is not what a name is about; text beyond a bound is cut. */
const squeezed = (text: string): string => text.toWellFormed().replaceAll(/\s+/g, ' ').trim().slice(0, 3000);

const TEXTS = [
  '=?utf-8?B?w6k=?=',
  '=?iso-8859-1?Q?a=E9_b?= plain =?utf-8*en?q?x?=',
  'plain',
  '=?utf-16?B?AGEAYg==?=',
  '=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=',
  'caf\xc3\xa9 au lait',
  '=?x?B??=',
  '=?utf-8?B?====?=',
];

const wordsTarget: Target = {
  name: 'encoded words',
  weight: 8,
  seeds: TEXTS.map(octets),
  words: [
    '=?',
    '?=',
    '?B?',
    '?Q?',
    '=?utf-8?B?',
    '=?utf-7?Q?',
    '=?shift_jis?B?',
    '=?gb18030?Q?=81?=',
    '_',
    '=0D=0A',
    '=E2=80=A8',
  ],
  run(input) {
    const text = input.toString('utf8');
    const decoded = decodeWords(text);
    if (text.length < 3000) {
      const words = encodeWords(text);
      must(/^[\r\n -~]*$/.test(words) && !/\r\n(?! )/.test(words), () => `not encoded: ${show(words)}`);
      must(
        decodeWords(words) === text.toWellFormed(),
        () => `${show(text)} came back as ${show(decodeWords(words))}`,
      );
    }
    // line breaks never get there: the callers' values are unfolded
    const line = text.replaceAll(/[\r\n]/g, ' ');
    const written = encodeUnstructured(line);
    must(
      !/[^\t\r\n -~]/.test(written) && !/\r(?!\n)|(?<!\r)\n|\r\n(?! )/.test(written),
      () => `not encoded: ${show(written)}`,
    );
    if (line.length < 3000) {
      const once = decodeWords(written.replaceAll('\r\n', ''));
      must(
        once === decodeWords(line).toWellFormed() || /=\?/.test(decodeWords(line)),
        () => `${show(line)} came back as ${show(once)}`,
      );
    }
    return `${decoded === text}${decoded.length > text.length}${written === line}${decoded.includes('\ufffd')}${decoded.includes('=?')}`;
  },
};

const DATE = 'Date: Mon, 1 Mar 2027 08:00:00 +0000\r\nMessage-ID: <1@corp.example>\r\n';
const MESSAGES = [
  `From: a@corp.example\r\nSubject: x\r\n${DATE}\r\nbody\r\n`,
  'From: \xc3\xa9 <a@corp.example>\r\nSubject: \xe9t\xe9 \xe9\r\nTo: "\xe9" <b@x.example>,\r\n c@x.example\r\n\r\n\xe9\r\n',
  `From: a@corp.example\r\nSubject: ${'long '.repeat(250)}\r\nTo: ${'b@other.example,'.repeat(100)} c@x.example\r\n\r\nx`,
  `From: a@corp.example\r\nContent-Type: text/plain; charset=iso-8859-1; name="\xe9"\r\n\r\n${'\xe9x'.repeat(800)}\r\n.\r\n`,
  `From: a@corp.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\nContent-Type: multipart/alternative; boundary="c d"\r\n\r\n--c d\r\n\r\n${'w'.repeat(1100)}\r\n--c d--\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename*0*=utf-8''%C3%A9; filename*1=.pdf\r\n\r\n${'QUJD'.repeat(400)}\r\n--b--\r\npost\r\n`,
  `From: a@corp.example\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${'=C3=A9'.repeat(300)}\r\n`,
  `From: a@corp.example\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n${'z'.repeat(1200)}\r\n--b--\r\n`,
  'From a@corp.example Mon\r\nFrom: a@corp.example\r\n\r\n',
  'From: a@corp.example\r\nFrom: b@corp.example\r\n\r\n',
  'From : a@corp.example\r\n \r\nX: y\r\n\r\n',
  'X: \r\n\tFrom: b@evil.example\r\nFrom:a@corp.example\r\n\r\n',
  'no header',
];
const FIELDS = [
  'From: b@evil.example\r\n',
  'Sender: b@evil.example\r\n',
  'Resent-From: a@corp.example\r\n',
  'Received: from x\r\n',
  'Subject: =?utf-8?Q?=0D=0AFrom:_evil?=\r\n',
  'Content-Type: multipart/mixed; boundary="b"\r\n',
  'Content-Type: message/rfc822\r\n',
  'Content-Type: multipart/digest; boundary=b\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n',
  'MIME-Version: 1.0\r\n',
  'DKIM-Signature: v=1; a=rsa-sha256\r\n',
  '\r\n--b\r\n',
  '\r\n--b--\r\n',
  '\r\n--bb\r\n',
  '=\r\n',
  '=3D',
  '%C3%A9',
  "*0*=utf-8''",
  'x'.repeat(1500),
  'w '.repeat(600),
];

const source: Source = {
  id: 'src_fuzz',
  name: 'fuzz',
  description: '',
  owner: '',
  state: 'active',
  ...NO_DETAILS,
  policy: {
    ...DEFAULT_POLICY,
    pairs: [{ envelope: 'corp.example', header: 'corp.example' }],
    repair: { ...DEFAULT_POLICY.repair, missingFrom: 'a@corp.example' },
  },
  createdAt: 0,
  updatedAt: 0,
  version: 1,
};
const policies = new CompiledPolicies();
const LIMITS = { headerBytes: 100_000, headerFields: 300, hops: 30 };

interface Scanned {
  head: Buffer;
  body: Buffer;
  scanner: MessageScanner;
}

function scan(chunks: readonly Buffer[]): Scanned {
  const scanner = new MessageScanner(LIMITS);
  const parts: Buffer[] = [];
  for (const chunk of chunks) scanner.feed(chunk, (part) => parts.push(Buffer.from(part)));
  scanner.finish();
  return { head: scanner.head, body: Buffer.concat(parts), scanner };
}

function judged({ head, scanner }: Scanned, smtpUtf8: boolean): Judgement {
  return judge(
    {
      source,
      envelope: { from: 'a@corp.example', recipients: [], smtpUtf8, body: '8bitmime', requireTls: false },
      head,
      traits: scanner.traits,
      bodyTraits: scanner.bodyTraits,
      id: 'ID',
      hostname: 'mail.test',
      at: 1_800_000_000_000,
    },
    policies,
    LIMITS,
  );
}

function repairedBody({ bodyRepair }: Allowed, chunks: readonly Buffer[]): Buffer | string {
  if (!bodyRepair) return Buffer.concat(chunks);
  const parts = chunks.map((chunk) => Buffer.from(bodyRepair.feed(chunk)));
  parts.push(Buffer.from(bodyRepair.finish()));
  return bodyRepair.failure ?? Buffer.concat(parts);
}

/** Where lines are broken, and which octets are encoded, may depend on how a long line was cut. */
const meaning = (octets: Buffer): string =>
  octets
    .toString('latin1')
    .replaceAll(/=?\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const repairTarget: Target = {
  name: 'message repair',
  weight: 10,
  seeds: MESSAGES.map(octets),
  words: [...ADDRESS_WORDS, ...FIELDS],
  run(input, random) {
    // the wire lets no bare CR or LF through
    const message = Buffer.from(input.toString('latin1').replaceAll(/\r\n|\r|\n/g, '\r\n'), 'latin1');
    const whole = scan([message]);
    const pieces = scan(chunked(message, random));
    if (whole.scanner.failure) return whole.scanner.failure;
    must(
      pieces.head.equals(whole.head) &&
        pieces.body.equals(whole.body) &&
        JSON.stringify(pieces.scanner.traits) === JSON.stringify(whole.scanner.traits),
      () =>
        `cut otherwise: ${show(JSON.stringify(pieces.scanner.traits))} ${show(JSON.stringify(whole.scanner.traits))}`,
    );
    const index = new HeaderIndex(whole.head, LIMITS);
    readFrom(index);

    const smtpUtf8 = random() < 0.3;
    const first = judged(whole, smtpUtf8);
    if (first.kind === 'refused') return `${first.reply.refusal}${index.fault?.kind ?? ''}`;
    const bytes = repairedBody(first, [whole.body]);
    const other = judged(whole, smtpUtf8);
    const inPieces = other.kind === 'allowed' ? repairedBody(other, chunked(whole.body, random)) : 'refused';
    must(
      typeof bytes === 'string'
        ? bytes === inPieces
        : typeof inPieces !== 'string' && meaning(inPieces) === meaning(bytes),
      () => `the repaired body depends on chunks: ${show(bytes, 500)} and ${show(inPieces, 500)}`,
    );
    if (typeof bytes === 'string') return bytes;
    checkOutcome(first, bytes, smtpUtf8);
    return `${first.warnings.map(({ code, text }) => `${code}${text.slice(0, 40)}`).join()}${first.bodyRepair !== undefined}`;
  },
};

/** What leaves has one author and short lines, and judged again it stays as it is. */
function checkOutcome({ head, headerFrom }: Allowed, body: Buffer, smtpUtf8: boolean): void {
  const message = Buffer.concat([head, body]);
  const again = scan([message]);
  must(again.head.equals(head), () => `the head ends elsewhere: ${show(head, 500)}`);
  const { traits } = again.scanner;
  must(traits.longestLine <= 998, () => `a line of ${traits.longestLine} octets after repair`);
  must(!/\r(?!\n)|(?<!\r)\n/.test(message.toString('latin1')), 'a bare CR or LF after repair');
  must(!again.scanner.bodyTraits.missingLineEnd, 'no line end at the end');
  const index = new HeaderIndex(head, { ...LIMITS, headerBytes: 300_000, headerFields: 400 });
  must(!index.fault, () => `the repaired head is broken: ${index.fault?.kind} ${show(head, 500)}`);
  const reading = readFrom(index);
  must(
    reading?.ok && reading.mailbox.address === headerFrom,
    () => `From is ${show(headerFrom)}, read again ${show(JSON.stringify(reading))}`,
  );
  if (!smtpUtf8) must(!index.eightBit, () => `raw octets are left in the head: ${show(head, 500)}`);
  const second = judged(again, smtpUtf8);
  // what was added may be more than a next relay of the same limits takes
  if (head.length > LIMITS.headerBytes || index.fields.length > LIMITS.headerFields) return;
  must(
    second.kind === 'allowed',
    () =>
      `refused when it came again: ${second.kind === 'refused' ? second.reply.explanation : ''} ${show(head, 500)}`,
  );
  must(
    second.head.equals(head) && !second.bodyRepair,
    () => `changed again: ${show(head, 500)} ${show(second.head, 500)}`,
  );
}

export const messageTargets: Target[] = [addressTarget, wordsTarget, repairTarget];
