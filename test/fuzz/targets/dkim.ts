/** DKIM as a verifier meets it: tag lists, key records, and signed messages that somebody has changed. */
import { parseKeyRecord } from '../../../src/authentication/dkim/key-record.ts';
import { DkimSigner } from '../../../src/authentication/dkim/sign.ts';
import { parseSignatureField } from '../../../src/authentication/dkim/signature-field.ts';
import { parseTagList } from '../../../src/authentication/dkim/tag-list.ts';
import { type DkimResult, verifyDkim } from '../../../src/authentication/dkim/verify.ts';
import { chunked } from '../mutate.ts';
import { DOMAIN, KEY_RECORD } from '../smtp/relay-rooms.ts';
import { must, show, type Target } from '../target.ts';

const RSA =
  'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB';

const RECORDS = [
  KEY_RECORD,
  `v=DKIM1; k=rsa; p=${RSA}`,
  'v=DKIM1; p=',
  'k=rsa; t=y:s; h=sha256; s=email; n=note; p=AAAA',
  'v=DKIM2; p=x',
  'p=;p=',
];
const FIELD = `v=1; a=ed25519-sha256; c=relaxed/simple; d=corp.example; s=fuzz; i=@sub.corp.example;\r\n\tt=1117574938; x=1118006938; l=10; q=dns/txt; h=from:to : subject; bh=${'A'.repeat(43)}=; b=QUJD\r\n QUJD`;
const WORDS = [
  'v=',
  'a=rsa-sha256',
  'b=',
  'bh=',
  'c=simple/relaxed',
  'd=',
  'h=from',
  'i=@',
  'l=',
  'q=',
  's=',
  't=',
  'x=',
  'z=',
  ';',
  ':',
  '\r\n ',
  '=2C',
  'k=ed25519',
  'p=',
  RSA,
  `p=${RSA}`,
];

const tagTarget: Target = {
  name: 'DKIM tags and keys',
  weight: 10,
  seeds: [...RECORDS, FIELD, 'a=1; b = 2 ;', 'v=1'].map((text) => Buffer.from(text, 'latin1')),
  words: WORDS,
  run(input) {
    const text = input.toString('latin1');
    const tags = parseTagList(text);
    if (tags) {
      const written = [...tags].map(([name, { value }]) => `${name}=${value}`).join(';');
      const again = parseTagList(written);
      must(
        again &&
          JSON.stringify([...again].map(([name, { value }]) => [name, value])) ===
            JSON.stringify([...tags].map(([name, { value }]) => [name, value])),
        () => `${show(text)}, written ${show(written)}, is not read as the same`,
      );
      for (const { value, start, end } of tags.values())
        must(text.slice(start, end).trim() === value, 'the offsets of a tag are wrong');
    }
    const record = parseKeyRecord(text);
    const field = parseSignatureField(text);
    if (!('failure' in field)) {
      must(tags && field.signed.includes('from'), 'From is not signed');
      must(
        /^[a-z0-9._-]+$/.test(field.domain + field.selector),
        () => `d= ${show(field.domain)}, s= ${show(field.selector)}`,
      );
    }
    return `${tags?.size}${'failure' in record ? record.failure : record.type + record.bits}${'failure' in field ? field.failure : field.algorithm}`;
  },
};

const signer = new DkimSigner({ byName: () => DOMAIN });
const MESSAGE = {
  head: Buffer.from(
    'From: The app <a@corp.example>\r\nTo: b@other.example\r\nSubject: hello\r\n world\r\nDate: x\r\n\r\n',
  ),
  body: Buffer.from('one  two \r\nthree\r\n\r\n\r\n'),
};
const SIGNATURE = await signer.sign(MESSAGE, signer.hash(MESSAGE.body, true), DOMAIN.name, 1_800_000_000_000);
const SIGNED = Buffer.concat([SIGNATURE, MESSAGE.head, MESSAGE.body]);

const verifyTarget: Target = {
  name: 'DKIM verify',
  weight: 6,
  // behind 0xFE stand records that DNS answers instead of the right one
  seeds: [
    SIGNED,
    ...RECORDS.map((record) => Buffer.concat([SIGNED, Buffer.from(`\xfe${record}`, 'latin1')])),
    Buffer.concat([SIGNATURE, SIGNED]),
  ],
  words: [...WORDS, 'DKIM-Signature: ', 'From: ', '\xfe', SIGNATURE.toString('latin1')],
  async run(input, random) {
    const mark = input.indexOf(0xfe);
    const records = mark < 0 ? [KEY_RECORD] : input.toString('latin1', mark + 1).split('\xfe');
    const message = mark < 0 ? input : input.subarray(0, mark);
    const found = message.indexOf('\r\n\r\n');
    const end = found < 0 ? message.length : found + 4;
    const head = Buffer.from(message.subarray(0, end));
    const body = message.subarray(end);
    const lookup = () => Promise.resolve(records);
    const options = { now: 1_800_000_100_000 };
    const whole = await verifyDkim({ head, body }, lookup, options);
    const pieces = await verifyDkim({ head, body: chunked(body, random) }, lookup, options);
    must(
      JSON.stringify(whole) === JSON.stringify(pieces),
      () => `whole ${show(JSON.stringify(whole))}, in pieces ${show(JSON.stringify(pieces))}`,
    );
    must(whole.length <= 10, `${whole.length} results`);
    if (mark < 0 && whole.some(({ result }) => result === 'pass')) unchanged(head, body);
    return whole.map(shapeOf).join();
  },
};

const shapeOf = ({ result, reason, partial, testing }: DkimResult): string =>
  `${result}${reason}${partial}${testing}`;

/** There is one signature by this key: whatever passes must say what was signed, in relaxed form (RFC 6376 §3.4). */
function unchanged(head: Buffer, body: Buffer): void {
  const relaxedBody = (octets: Buffer): string =>
    octets
      .toString('latin1')
      .replaceAll(/[ \t]+(?=\r\n|$)/g, '')
      .replaceAll(/[ \t]+/g, ' ')
      .replace(/(?:\r\n)*$/, '\r\n');
  must(relaxedBody(body) === relaxedBody(MESSAGE.body), () => `another body passes: ${show(body)}`);
  const fields = (octets: Buffer, name: string): string[] =>
    octets
      .toString('latin1')
      .replaceAll(/\r\n(?=[ \t])/g, '')
      .split('\r\n')
      .filter((line) => new RegExp(`^${name}[ \\t]*:`, 'i').test(line))
      .map((line) =>
        line
          .slice(line.indexOf(':') + 1)
          .replaceAll(/[ \t]+/g, ' ')
          .trim(),
      );
  for (const name of ['from', 'to', 'subject']) {
    must(
      JSON.stringify(fields(head, name)) === JSON.stringify(fields(MESSAGE.head, name)),
      () => `another ${name} passes: ${show(JSON.stringify(fields(head, name)))} in ${show(head, 500)}`,
    );
  }
}

export const dkimTargets: Target[] = [tagTarget, verifyTarget];
