import assert from 'node:assert/strict';

export interface Sample {
  subject: string;
  from: string;
  to: string;
  head: Buffer;
  body: Buffer;
  whole: Buffer;
}

/** Lines that clients, servers and relays have stumbled over: dots, blanks, octets above 127, the longest line. */
const HARD_BODY = [
  'The first line.',
  '.',
  '..two dots',
  '.one dot',
  '',
  ' \tblanks around \t ',
  'Gr\u00fc\u00dfe, \u4f60\u597d, \ud83d\ude00',
  'x'.repeat(998), // RFC 5322 §2.1.1
  'From the beginning of a line',
  'QUIT',
  '.',
  '',
  '',
];

/** A message that is complete, so that nothing of it needs repair. Lines end in CRLF. */
export function sampleMessage(
  subject: string,
  {
    from = 'app@corp.test',
    to = 'you@dest.test',
    body = Buffer.from(lines(HARD_BODY)),
    fields = [] as string[],
  } = {},
): Sample {
  const head = Buffer.from(
    lines([
      `From: "An application" <${from}>`,
      `To: <${to}>`,
      `Subject: ${subject}`,
      'Date: Thu, 01 Jan 2026 00:00:00 +0000',
      `Message-ID: <${subject.replace(/[^a-z0-9]+/gi, '.')}@corp.test>`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      ...fields,
      '',
    ]),
  );
  return { subject, from, to, head, body, whole: Buffer.concat([head, body]) };
}

function lines(all: string[]): string {
  return all.map((line) => `${line}\r\n`).join('');
}

/** Header section with its empty line, and body. */
export function parted(message: Buffer): { head: Buffer; body: Buffer } {
  const end = message.indexOf('\r\n\r\n') + 4;
  return { head: message.subarray(0, end), body: message.subarray(end) };
}

/** @throws with the place of the first difference, not with all of two long texts. */
export function sameOctets(actual: Buffer, expected: Buffer): void {
  if (actual.equals(expected)) return;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const around = (octets: Buffer): string =>
    JSON.stringify(octets.toString('latin1', Math.max(0, at - 30), at + 30));
  assert.fail(
    `${actual.length} octets instead of ${expected.length}, other ones from ${at} on: ${around(actual)} instead of ${around(expected)}`,
  );
}
