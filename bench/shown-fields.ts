/** What it costs to read subject and Message-ID out of a header section: prints JSON lines. `node bench/shown-fields.ts` */
import { readShownFields } from '../src/message/shown-fields.ts';

const trace = Array.from(
  { length: 4 },
  (_, n) =>
    `Received: from host${n}.corp.example (10.1.2.${n})\r\n\tby mx${n}.corp.example with ESMTPS id 0123456789A;\r\n\tMon, 23 Nov 2026 10:00:0${n} +0000`,
);
const head = (subject: string) =>
  Buffer.from(
    [
      ...trace,
      'From: Scanner <scanner@corp.example>',
      'To: Anna <anna@corp.example>',
      `Subject: ${subject}`,
      'Date: Mon, 23 Nov 2026 10:00:04 +0000',
      'Message-ID: <20261123100004.4711@scanner.corp.example>',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      '',
      '',
    ].join('\r\n'),
  );
const ROUNDS = 200_000;
for (const [what, subject] of [
  ['ASCII', 'Scan from device 4711, 3 pages'],
  ['encoded words', '=?utf-8?B?UmVjaG51bmcgZsO8ciBNw7xsbGVy?= =?utf-8?Q?_und_S=C3=B6hne?='],
  ['raw UTF-8', 'Rechnung für Müller und Söhne'],
] as const) {
  const octets = head(subject);
  let length = 0;
  for (let round = 0; round < 20_000; round++) length += readShownFields(octets).subject?.length ?? 0;
  const start = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) length += readShownFields(octets).subject?.length ?? 0;
  const { user, system } = process.cpuUsage(start);
  console.log(JSON.stringify({ what, microseconds: Number(((user + system) / ROUNDS).toFixed(2)), length }));
}
