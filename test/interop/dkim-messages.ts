/** Messages that have led DKIM implementations astray, for the tests against others. */
export interface Sample {
  name: string;
  head: Buffer;
  body: Buffer;
}

interface Parts {
  from?: string;
  to?: string;
  subject?: string;
  fields?: string[];
  body: string | Buffer;
}

function sample(name: string, parts: Parts): Sample {
  const lines = [
    'Received: from printer.corp.test ([192.0.2.7])\r\n\tby relay.corp.test with ESMTPSA; Thu, 1 Jan 2026 00:00:00 +0000',
    `From: ${parts.from ?? 'Scanner <scan@corp.test>'}`,
    `To: ${parts.to ?? 'A <a@example.test>'}`,
    `Subject: ${parts.subject ?? 'A scan'}`,
    'Date: Thu, 1 Jan 2026 00:00:00 +0000',
    'Message-ID: <1@corp.test>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    ...(parts.fields ?? []),
    '',
    '',
  ];
  return { name, head: Buffer.from(lines.join('\r\n')), body: Buffer.from(parts.body) };
}

const recipients = Array.from({ length: 400 }, (_, i) => `"Recipient ${i}" <recipient-${i}@example.test>`);

export const SAMPLES: Sample[] = [
  sample('plain', { body: 'Hello.\r\n\r\nGood bye.\r\n' }),
  sample('8-bit body', { body: 'Gr\u00fc\u00dfe, \u4f60\u597d, \ud83d\ude00\r\n' }),
  sample('octets that are not UTF-8', {
    body: Buffer.from([0x80, 0xff, 0xfe, 0x20, 0x20, 0xc3, 0x0d, 0x0a, 0x41, 0x0d, 0x0a]),
  }),
  sample('long header lines', {
    subject: 'x'.repeat(900),
    fields: [`References: ${'<a@b.test> '.repeat(80)}`],
    body: 'a\r\n',
  }),
  sample('folded fields', {
    from: '"Scanner,\r\n\tfirst floor"\r\n  <scan@corp.test>',
    subject: 'one\r\n two  \r\n\t three\t',
    body: 'a\r\n',
  }),
  sample('empty body', { body: '' }),
  sample('body of empty lines', { body: '\r\n\r\n\r\n' }),
  sample('bare address in From', { from: 'scan@corp.test', body: 'a\r\n' }),
  sample('trailing empty lines', { body: 'a\r\n\r\nb\r\n\r\n\r\n\r\n' }),
  sample('tabs and runs of spaces', { body: 'a\tb  c \t d\r\n \r\n\t\r\n  indented\t \r\ntrailing   \r\n' }),
  sample('no final CRLF', { body: 'first\r\nlast' }),
  sample('no final CRLF, trailing space', { body: 'first\r\nlast \t' }),
  sample('lines that begin with dots', { body: '.\r\n..\r\n.x\r\n' }),
  sample('many recipients', { to: recipients.join(',\r\n\t'), body: 'a\r\n' }),
  sample('SMTPUTF8', { from: 'J\u00f6rg <j\u00f6rg@corp.test>', subject: 'Gr\u00fc\u00dfe', body: 'a\r\n' }),
  sample('1 MB body', { body: 'The quick brown fox  jumps over the lazy dog.\r\n'.repeat(22_000) }),
  sample('repeated fields', {
    fields: [
      'References: <1@a.test>',
      'Subject: another',
      'X-Any: 1',
      'References: <2@a.test>',
      'List-Id: <l.corp.test>',
    ],
    body: 'a\r\n',
  }),
  sample('odd field syntax', {
    fields: ['REPLY-TO:scan@corp.test', 'Sender:\tscan@corp.test  ', 'CC: '],
    body: 'a\r\n',
  }),
];
