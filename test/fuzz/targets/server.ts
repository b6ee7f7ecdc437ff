/** The SMTP server in each of its states, with a handler that decides by the local part of an address. */
import { ManualClock } from '../../../src/platform/clock.ts';
import { DialogueHandler } from '../../dialogues/handler.ts';
import { converse } from '../smtp/converse.ts';
import type { Target } from '../target.ts';
import { SESSIONS, SMTP_WORDS } from '../smtp/words.ts';

const octets = (text: string): Buffer => Buffer.from(text, 'latin1');

const HELLO = 'EHLO client.example\r\n';
const MAIL = `${HELLO}MAIL FROM:<a@corp.example>\r\n`;
const RCPT = `${MAIL}RCPT TO:<b@corp.example>\r\n`;

const BODIES = [
  'Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n',
  '.\r\nMAIL FROM:<>\r\nRCPT TO:<c@x.example>\r\nDATA\r\n..\r\n.\r\n',
  'a\n.\nMAIL FROM:<evil@corp.example>\r\n.\r\nNOOP\r\n',
  'a\r\n.\r\r\n.\r\nNOOP\r\n',
  'a\r.\r\nb\r\n..c\r\n.\r\n',
  'a\r\n.\n\r\n.\r\n',
  '\r\n\r\n\n\r\n.\r\n',
];

const CHUNKS = [
  'BDAT 5\r\nhelloBDAT 7 LAST\r\n world\rQUIT\r\n',
  'BDAT 3 LAST\r\n.\r\nNOOP\r\n',
  'BDAT 0\r\nBDAT 0\r\nBDAT 0 LAST\r\nNOOP\r\n',
  'BDAT 6\r\na\r\n.\r\nRSET\r\nBDAT 1 LAST\r\nxNOOP\r\n',
  'RSET\r\nMAIL FROM:<a@corp.example> BODY=BINARYMIME\r\nRCPT TO:<b@corp.example>\r\nBDAT 9 LAST\r\na\n.\nb\r.\r\0',
  'BDAT 4 LAST\r\n\n.\r\nMAIL FROM:<a@corp.example>\r\n',
  'BDAT 99999999999\r\n',
  'RCPT TO:<bad-write@corp.example>\r\nBDAT 2\r\nabBDAT 2 LAST\r\ncdNOOP\r\n',
];

const LOGINS = [
  'AUTH PLAIN AHByaW50ZXIAc2VjcmV0\r\nMAIL FROM:<a@corp.example>\r\n',
  'AUTH PLAIN\r\nAHByaW50ZXIAc2VjcmV0\r\nAUTH PLAIN\r\n',
  'AUTH LOGIN\r\ncHJpbnRlcg==\r\nc2VjcmV0\r\nNOOP\r\n',
  'AUTH LOGIN\r\n*\r\nNOOP\r\n',
  'AUTH PLAIN =\r\nAUTH X-DATA\r\n=\r\n\r\nNOOP\r\n',
  'AUTH X-DATA YQ==\r\n\r\nNOOP\r\n',
  'AUTH PLAIN YnJva2Vu\r\nAUTH PLAIN bG9ja2Vk\r\n',
  'AUTH FOO\r\nAUTH\r\nAUTH LOGIN LOGIN\r\n',
];

const PROXIES = [
  'PROXY TCP4 192.0.2.9 192.0.2.1 5000 25\r\nEHLO x\r\nQUIT\r\n',
  'PROXY TCP6 2001:db8::1 2001:db8::2 5000 25\r\nEHLO x\r\n',
  'PROXY UNKNOWN anything\r\nNOOP\r\n',
  '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x09\xc0\0\x02\x01\x13\x88\0\x19EHLO x\r\nQUIT\r\n',
  '\r\n\r\n\0\r\nQUIT\n\x20\0\0\0NOOP\r\n',
  'EHLO x\r\n',
];

function target(
  name: string,
  weight: number,
  prelude: string,
  seeds: readonly string[],
  proxied = false,
): Target {
  return {
    name: `server ${name}`,
    weight,
    seeds: seeds.map(octets),
    words: SMTP_WORDS,
    async run(input, random) {
      const handler = new DialogueHandler();
      if (random() < 0.05) {
        // the greeting takes its time
        handler.greet = new Promise((resolve) => setImmediate(resolve));
      }
      const lineEndings = random() < 0.5 ? 'refuse' : 'repair';
      const stage = {
        handler,
        clock: new ManualClock(),
        lineEndings,
        proxied,
        release: () => handler.release(),
      } as const;
      const { heard, refusals } = await converse(stage, handler.greet ? '' : prelude, input, random);
      return `${heard.trail.slice(0, 60)}${refusals.slice(0, 6).join()}`;
    },
  };
}

export const serverTargets: Target[] = [
  target('fresh', 2, '', SESSIONS),
  target('after EHLO', 3, HELLO, [...SESSIONS, ...LOGINS]),
  target('after MAIL', 2, MAIL, ['RCPT TO:<b@corp.example>\r\nDATA\r\nx\r\n.\r\n', ...SESSIONS]),
  target('after RCPT', 3, RCPT, [...BODIES.map((body) => `DATA\r\n${body}`), ...CHUNKS, ...SESSIONS]),
  target('in DATA', 5, `${RCPT}DATA\r\n`, BODIES),
  target('in BDAT', 3, `${RCPT}BDAT 40\r\n`, [
    ...CHUNKS,
    `${'x'.repeat(40)}${CHUNKS[0]}`,
    `${'a\r\n.\r\n'.repeat(7).slice(0, 40)}BDAT 0 LAST\r\n`,
  ]),
  target('in AUTH', 2, `${HELLO}AUTH LOGIN\r\n`, [
    'cHJpbnRlcg==\r\nc2VjcmV0\r\nNOOP\r\n',
    '*\r\n',
    '=\r\n',
    ...LOGINS,
  ]),
  target('before PROXY', 2, '', PROXIES, true),
];
