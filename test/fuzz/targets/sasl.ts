/** What is said inside AUTH, by clients to the server and by servers to the client. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { authenticate, SaslError } from '../../../src/smtp/client/sasl.ts';
import type { SaslExchange, SaslStep } from '../../../src/smtp/server/handler.ts';
import { SaslDialogue } from '../../../src/smtp/server/sasl-dialogue.ts';
import { refuse } from '../../../src/smtp/reply.ts';
import { CramMd5Exchange } from '../../../src/submission/sasl/cram-md5.ts';
import { LoginExchange } from '../../../src/submission/sasl/login.ts';
import { oauthBearer } from '../../../src/submission/sasl/oauthbearer.ts';
import { PlainExchange } from '../../../src/submission/sasl/plain.ts';
import { ScramExchange } from '../../../src/submission/sasl/scram.ts';
import { xoauth2 } from '../../../src/submission/sasl/xoauth2.ts';
import { must, show, type Target } from '../target.ts';

const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const digest = (octets: Buffer): Buffer => createHash('sha256').update(octets).digest();

const SALT = 'c2FsdA==';
const SALTED = pbkdf2Sync('secret', Buffer.from(SALT, 'base64'), 4096, 32, 'sha256');
const CLIENT_KEY = mac(SALTED, 'Client Key');
const KEYS = {
  iterations: 4096,
  salt: SALT,
  storedKey: digest(CLIENT_KEY).toString('base64'),
  serverKey: mac(SALTED, 'Server Key').toString('base64'),
};
const SERVER_NONCE = 'servernonceservernonce';
const CLIENT_NONCE = 'rOprNGfwEbeRWgbNEkqO';

/** What a client that knows the password says second, when it has said `n=user,r=...` first. */
function proof(header: string, bare: string): string {
  const nonce = `${CLIENT_NONCE}${SERVER_NONCE}`;
  const text = `c=${Buffer.from(header).toString('base64')},r=${nonce}`;
  const signature = mac(digest(CLIENT_KEY), `${bare},r=${nonce},s=${SALT},i=4096,${text}`);
  const shown = Buffer.from(CLIENT_KEY.map((octet, index) => octet ^ (signature[index] ?? 0)));
  return `${text},p=${shown.toString('base64')}`;
}

const BARE = `n=user,r=${CLIENT_NONCE}`;
const FIRST = `n,,${BARE}`;
const FINAL = proof('n,,', BARE);

const SUCCESS: SaslStep = { kind: 'success', identity: 'known' };
const FAILURE: SaslStep = { kind: 'failure', reply: refuse('A301') };

/** Each knows `user` with `secret` alone; the first octet of the input says which it is. */
const MECHANISMS: [letter: string, begin: () => SaslExchange][] = [
  [
    'P',
    () =>
      new PlainExchange((account, password, actFor) =>
        Promise.resolve(
          account === 'user' && password === 'secret' && actFor === undefined ? SUCCESS : FAILURE,
        ),
      ),
  ],
  [
    'L',
    () =>
      new LoginExchange((account, password) =>
        Promise.resolve(account === 'user' && password === 'secret' ? SUCCESS : FAILURE),
      ),
  ],
  [
    'S',
    () =>
      new ScramExchange({
        plus: false,
        plusOffered: false,
        binding: () => undefined,
        nonce: SERVER_NONCE,
        keys: (account) => (account.length > 200 ? FAILURE : [KEYS]),
        conclude: (account, right, actFor) =>
          Promise.resolve(account === 'user' && right && actFor === undefined ? SUCCESS : FAILURE),
      }),
  ],
  ['O', () => oauthBearer((token) => Promise.resolve(token === 'token' ? SUCCESS : FAILURE))],
  ['X', () => xoauth2((token) => Promise.resolve(token === 'token' ? SUCCESS : FAILURE))],
  [
    'C',
    () =>
      new CramMd5Exchange('<1.2@mail.test>', (account, matches) =>
        Promise.resolve(account === 'user' && matches('secret') ? SUCCESS : FAILURE),
      ),
  ],
];

const DIGEST = createHmac('md5', 'secret').update('<1.2@mail.test>').digest('hex');

/** Responses between 0xFF; those that show the right proof, and others. */
const RESPONSES = [
  'P\0user\0secret',
  'Pother\0user\0secret',
  'P\xff\0user\0wrong',
  'Luser\xffsecret',
  `S${FIRST}\xff${FINAL}`,
  `S${FIRST}\xff${FINAL.replace('p=', 'x=ext,p=')}`,
  `Sy,,${BARE}\xff${proof('y,,', BARE)}`,
  // the right proof of a binding that was not agreed on, as after somebody has changed the offer
  `S${FIRST}\xff${proof('y,,', BARE)}`,
  `S${FIRST}\xff${proof('p=tls-exporter,,x', BARE)}`,
  `Sn,a=boss,${BARE}\xff${proof('n,a=boss,', BARE)}`,
  `Sp=tls-exporter,,${BARE}`,
  `Sn,,n=us=2Cer=3D,r=abc`,
  'On,a=user,\x01auth=Bearer token\x01\x01',
  'Xuser=user\x01auth=Bearer token\x01\x01',
  `Cuser ${DIGEST}`,
];

const serverTarget: Target = {
  name: 'SASL server',
  weight: 8,
  seeds: RESPONSES.map((text) => Buffer.from(text, 'latin1')),
  words: [
    '\xff',
    'n,,',
    'y,,',
    'p=tls-unique,,',
    'n=',
    'r=',
    'c=biws',
    'p=',
    'm=',
    'a=',
    '=2C',
    '=3D',
    ',',
    '\x01',
    'auth=Bearer ',
    'user=',
    SERVER_NONCE,
    CLIENT_NONCE,
    'secret',
    'user',
  ],
  async run(input, random) {
    const letter = String.fromCharCode(input[0] ?? 0);
    const begin = MECHANISMS.find(([name]) => name === letter)?.[1];
    if (!begin) return 'none';
    const responses = input.toString('latin1', 1).split('\xff').slice(0, 12);
    const dialogue = new SaslDialogue(begin());
    const raw = random() < 0.05;
    let outcome = await dialogue.begin(undefined);
    let trail = letter;
    for (const text of responses) {
      if (outcome.kind !== 'challenge') break;
      must(
        /^[A-Za-z0-9+/]*={0,2}$/.test(outcome.text),
        () => `a challenge that is no base64: ${show(outcome.kind)}`,
      );
      outcome = await dialogue.respond(raw ? text : Buffer.from(text, 'latin1').toString('base64'));
      trail += outcome.kind[0];
    }
    // data that comes with success is acknowledged with an empty line
    if (outcome.kind === 'challenge' && letter === 'S') outcome = await dialogue.respond('');
    if (outcome.kind === 'success') must(isRight(letter, responses), () => `let in with ${show(input)}`);
    if (outcome.kind === 'failure') trail += outcome.reply.explanation?.slice(0, 40) ?? '';
    return trail;
  },
};

/** Read again without the product's parsers: does this show the secret? */
function isRight(letter: string, responses: readonly string[]): boolean {
  const all = responses.join('\xff');
  switch (letter) {
    case 'P':
      return all.replace(/^\xff/, '').startsWith('\0user\0secret');
    case 'L':
      return all.startsWith('user\xffsecret');
    case 'C':
      return all.toLowerCase().includes(`user ${DIGEST}`);
    case 'S': {
      const [first = '', final = ''] = responses.filter((text, index) => index > 0 || text !== '');
      const [, header, bare] = /^([ny],,)(n=user,.*)$/s.exec(first) ?? [];
      if (header === undefined || bare === undefined) return false;
      const nonce = `${/,r=([^,]*)/.exec(bare)?.[1]}${SERVER_NONCE}`;
      const text = final.slice(0, final.lastIndexOf(',p='));
      if (!text.startsWith(`c=${Buffer.from(header).toString('base64')},r=${nonce}`)) return false;
      const signature = mac(digest(CLIENT_KEY), `${bare},r=${nonce},s=${SALT},i=4096,${text}`);
      const shown = Buffer.from(final.slice(final.lastIndexOf(',p=') + 3), 'base64');
      return (
        digest(Buffer.from(shown.map((octet, index) => octet ^ (signature[index] ?? 0)))).toString(
          'base64',
        ) === KEYS.storedKey
      );
    }
    default:
      return all.toLowerCase().includes('bearer') && all.includes('token');
  }
}

const SERVER_FIRST = `r=${Buffer.alloc(18, 7).toString('base64')}abc,s=${SALT},i=4096`;

const clientTarget: Target = {
  name: 'SASL client',
  weight: 2,
  // the mechanisms offered, then what the server answers, between 0xFF
  seeds: ['SCRAM-SHA-256', 'PLAIN LOGIN', 'LOGIN'].flatMap((offer) => [
    Buffer.from(`${offer}\xff${SERVER_FIRST}\xffv=AAAA`, 'latin1'),
    Buffer.from(`${offer}\xffUsername:\xffPassword:`, 'latin1'),
  ]),
  words: ['\xff', 'r=', 's=', 'i=1', 'i=0', 'v=', 'e=other-error', ',', 'SCRAM-SHA-256', SERVER_FIRST],
  async run(input, random) {
    const [offer = '', ...answers] = input.toString('latin1').split('\xff');
    const lines: string[] = [];
    const code = random() < 0.8 ? 334 : 235;
    try {
      const reply = await authenticate(
        offer.split(' '),
        { username: 'us,er=', password: 'secret' },
        { bytes: (count) => Buffer.alloc(count, 7), fraction: random },
        (line) => {
          lines.push(line);
          // the cost of a guess is the server's to choose, within a bound that is too dear for a fuzzer
          const answer = (answers.shift() ?? '').replace(/i=\d{5,}/, 'i=9999');
          return Promise.resolve({ code, lines: [Buffer.from(answer, 'latin1').toString('base64')] });
        },
      );
      must(
        reply === undefined || code === 334 || !/^SCRAM-SHA-256\b/.test(offer),
        'a server without proof was believed',
      );
    } catch (error) {
      if (!(error instanceof SaslError)) throw error;
      return error.message.slice(0, 30);
    }
    must(
      lines.every((line) => /^[ -~]*$/.test(line) && line.length < 12_288),
      () => `a line of AUTH: ${show(lines.join())}`,
    );
    return `${lines.length}`;
  },
};

export const saslTargets: Target[] = [serverTarget, clientTarget];
