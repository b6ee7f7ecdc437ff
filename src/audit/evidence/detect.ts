import { fieldText, Transcoder } from './transcoder.ts';

/** What octets are, by themselves; a file's name says nothing. */
export type Content =
  | 'gzip'
  | 'zstd'
  | 'zip'
  | 'tar'
  | 'compound'
  | 'json'
  | 'dmarc'
  | 'mail'
  | 'mbox'
  | 'table'
  | { other: string };

const MAGIC: [number[], Content][] = [
  [[0x1f, 0x8b], 'gzip'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd'],
  [[0x50, 0x4b, 3, 4], 'zip'],
  [[0x50, 0x4b, 5, 6], 'zip'],
  [[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], 'compound'],
  [[0x42, 0x5a, 0x68], { other: 'bzip2: unpack it first' }],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], { other: 'xz: unpack it first' }],
  [[0x37, 0x7a, 0xbc, 0xaf], { other: '7-Zip: unpack it first' }],
  [[0x52, 0x61, 0x72, 0x21], { other: 'RAR: unpack it first' }],
  [[0x21, 0x42, 0x44, 0x4e], { other: 'an Outlook data file (.pst): export the messages as .eml or .msg' }],
  [[0x25, 0x50, 0x44, 0x46], { other: 'a PDF' }],
];

/** Fields of which a header section of a message has some at its top. */
const MAIL_FIELD =
  /^(?:received|return-path|from|to|cc|subject|date|message-id|mime-version|delivered-to|x-original-to|authentication-results|received-spf|dkim-signature|arc-[a-z-]+|content-type|reply-to|sender|x-[a-z0-9-]+|x-ms-[a-z0-9-]+|list-[a-z-]+|feedback-id)[ \t]*:/i;
const FIELD = /^[!-9;-~]{1,80}[ \t]*:/;

/** @param head the first octets, 64 kB where there are so many. */
export function detect(head: Buffer): Content {
  for (const [magic, content] of MAGIC) {
    if (magic.every((octet, place) => head[place] === octet)) return content;
  }
  if (head.length >= 512 && head.toString('latin1', 257, 262) === 'ustar') return 'tar';
  if (head.length === 0) return { other: 'empty' };
  const text = fieldText(new Transcoder(head).feed(head)).replace(/^[\ufeff\s]+/, '');
  if (text === '') return { other: 'empty' };
  if (isBinary(text)) return { other: 'binary: no kind of evidence is known that looks like it' };
  if (/^[[{]/.test(text)) return 'json';
  if (text.startsWith('<')) return isDmarc(text) ? 'dmarc' : { other: 'XML or HTML that is no DMARC report' };
  if (/^From \S/.test(text)) return 'mbox';
  return isMail(text) ? 'mail' : 'table';
}

const isDmarc = (text: string): boolean => /<(?:[\w.-]+:)?feedback[\s>]/.test(text.slice(0, 20_000));

function isBinary(text: string): boolean {
  const sample = text.slice(0, 4096);
  let odd = 0;
  for (let at = 0; at < sample.length; at++) {
    const code = sample.charCodeAt(at);
    if (code === 0xfffd || (code < 32 && code !== 9 && code !== 10 && code !== 13)) odd++;
  }
  return odd > sample.length * 0.05;
}

/** At least two fields of mail among the first lines, and nothing that is no field before the first. */
function isMail(text: string): boolean {
  let fields = 0;
  let others = 0;
  for (const line of text.slice(0, 16_384).split(/\r\n|\n|\r/, 60)) {
    if (line === '' && fields > 0) break;
    if (line === '' || line.startsWith('#') || /^[ \t]/.test(line)) continue;
    if (MAIL_FIELD.test(line)) fields++;
    else if (!FIELD.test(line)) others++;
    // a table's line has several names
    if (fields === 0 && others > 0 && !/^>?From /.test(line)) return false;
  }
  return fields >= 2 && others <= fields * 2;
}
