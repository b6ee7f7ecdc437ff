import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import { refuse } from '../../smtp/reply.ts';
import type { SaslStep } from '../../smtp/server/handler.ts';
import { outcome, play } from '../fixtures.ts';
import { CramMd5Exchange } from './cram-md5.ts';
import { LoginExchange } from './login.ts';
import { oauthBearer } from './oauthbearer.ts';
import { PlainExchange } from './plain.ts';
import { ScramExchange, type ScramOptions } from './scram.ts';
import { WatchedExchange } from './watched.ts';
import { xoauth2 } from './xoauth2.ts';

const SUCCESS: SaslStep = { kind: 'success', identity: 'somebody' };

test('PLAIN: RFC 4616 §4, and what is not PLAIN', async () => {
  const seen: unknown[][] = [];
  const exchange = () =>
    new PlainExchange((...facts) => {
      seen.push(facts);
      return Promise.resolve(SUCCESS);
    });
  assert.equal(outcome(await play(exchange(), '\0tim\0tanstaaftanstaaf')), 'success');
  assert.equal(outcome(await play(exchange(), undefined, 'Ursel\0Kurt\0xipj3plmq')), 'success');
  assert.equal(outcome(await play(exchange(), undefined)), 'challenge ');
  assert.equal(outcome(await play(exchange(), '\0caf\u00e9\0p\u00e4ss')), 'success');
  assert.deepEqual(seen, [
    ['tim', 'tanstaaftanstaaf', undefined],
    ['Kurt', 'xipj3plmq', 'Ursel'],
    ['caf\u00e9', 'p\u00e4ss', undefined],
  ]);
  const malformed = [
    '',
    'tim',
    '\0tim',
    '\0\0',
    '\0tim\0',
    '\0\0secret',
    '\0tim\0secret\0',
    '\0tim\0sec\0ret',
    Buffer.from('\0tim\0p\xe4ss', 'latin1'),
  ];
  for (const response of malformed) {
    assert.equal(outcome(await play(exchange(), response)), 'A304', JSON.stringify(response.toString()));
  }
  assert.equal(seen.length, 3);
});

test('LOGIN: with and without initial response', async () => {
  const exchange = () =>
    new LoginExchange((account, password) =>
      Promise.resolve(
        account === 'tim' && password === 'secret' ? SUCCESS : { kind: 'failure', reply: refuse('A301') },
      ),
    );
  const table: [(string | undefined)[], string][] = [
    [[undefined], 'challenge Username:'],
    [[undefined, 'tim'], 'challenge Password:'],
    [[undefined, 'tim', 'secret'], 'success'],
    [['tim'], 'challenge Password:'],
    [['tim', 'secret'], 'success'],
    [['tim', 'Secret'], 'A301'],
    [[''], 'A304'],
    [['tim', ''], 'A304'],
    [['t\0im'], 'A304'],
  ];
  for (const [responses, expected] of table)
    assert.equal(outcome(await play(exchange(), ...responses)), expected);
});

test('CRAM-MD5: the example of RFC 2195 §2, and what is not CRAM-MD5', async () => {
  const exchange = (password: string) =>
    new CramMd5Exchange('<1896.697170952@postoffice.reston.mci.net>', (account, matches) =>
      Promise.resolve(
        account === 'tim' && matches(password) ? SUCCESS : { kind: 'failure', reply: refuse('A301') },
      ),
    );
  const digest = 'b913a602c7eda7a495b4e6e7334d3890';
  const table: [(string | undefined)[], string][] = [
    [[undefined], 'challenge <1896.697170952@postoffice.reston.mci.net>'],
    [[undefined, `tim ${digest}`], 'success'],
    [[undefined, `tim ${digest.toUpperCase()}`], 'success'],
    [[undefined, `tim ${digest.replace('b', 'c')}`], 'A301'],
    [[undefined, `t im ${digest}`], 'A301'],
    [[`tim ${digest}`], 'A304'],
    [[undefined, ''], 'A304'],
    [[undefined, digest], 'A304'],
    [[undefined, ` ${digest}`], 'A304'],
    [[undefined, `tim ${digest}0`], 'A304'],
    [[undefined, `tim ${digest.slice(1)}`], 'A304'],
    [[undefined, undefined], 'A304'],
  ];
  for (const [responses, expected] of table) {
    assert.equal(
      outcome(await play(exchange('tanstaaftanstaaf'), ...responses)),
      expected,
      JSON.stringify(responses),
    );
  }
  assert.equal(outcome(await play(exchange('other'), undefined, `tim ${digest}`)), 'A301');
});

const KEYS = {
  iterations: 4096,
  salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
  storedKey: 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=',
  serverKey: 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
};

function scram(options: Partial<ScramOptions> = {}) {
  return new ScramExchange({
    plus: false,
    plusOffered: false,
    binding: (type) => (type === 'tls-exporter' ? Buffer.alloc(32, 7) : undefined),
    nonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    keys: () => [KEYS],
    conclude: (_account, right) =>
      Promise.resolve(right ? SUCCESS : { kind: 'failure', reply: refuse('A301') }),
    ...options,
  });
}

const FIRST = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO';
const NONCE = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const PROOF = 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';
const FINAL = `c=biws,r=${NONCE},p=${PROOF}`;

/** The client's last message, computed as RFC 5802 §3 says, apart from the code that is tested. */
function final(first: string, header: string, bound = Buffer.alloc(0), password = 'pencil'): string {
  const bare = first.slice(header.length);
  const text = `c=${Buffer.concat([Buffer.from(header), bound]).toString('base64')},r=${NONCE}`;
  const message = `${bare},r=${NONCE},s=${KEYS.salt},i=4096,${text}`;
  const salted = pbkdf2Sync(password, Buffer.from(KEYS.salt, 'base64'), 4096, 32, 'sha256');
  const key = createHmac('sha256', salted).update('Client Key').digest();
  const signature = createHmac('sha256', createHash('sha256').update(key).digest()).update(message).digest();
  return `${text},p=${Buffer.from(key.map((octet, i) => octet ^ (signature[i] ?? 0))).toString('base64')}`;
}

test('SCRAM-SHA-256: the example of RFC 7677 §3', async () => {
  const exchange = scram();
  assert.equal(outcome(await play(exchange, undefined)), 'challenge ');
  assert.equal(
    outcome(await play(exchange, FIRST)),
    `challenge r=${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`,
  );
  const step = await play(exchange, FINAL);
  assert.ok(step.kind === 'success');
  assert.equal(step.data?.toString(), 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  assert.equal(final(FIRST, 'n,,'), FINAL, 'the client of these tests is right as well');
});

test('SCRAM: names are unescaped', async () => {
  const seen: unknown[] = [];
  const options: Partial<ScramOptions> = {
    keys: (account) => {
      seen.push(account);
      return [KEYS];
    },
    conclude: (_account, _right, actFor) => {
      seen.push(actFor);
      return Promise.resolve(SUCCESS);
    },
  };
  const header = 'n,a=x=2Cy,';
  const first = `${header}n=a=3Db=2Cc,r=rOprNGfwEbeRWgbNEkqO`;
  assert.equal(outcome(await play(scram(options), first, final(first, header))), 'success');
  assert.deepEqual(seen, ['a=b,c', 'x,y']);
});

test('SCRAM-SHA-256-PLUS: bound to this connection and no other', async () => {
  const header = 'p=tls-exporter,,';
  const first = `${header}n=user,r=rOprNGfwEbeRWgbNEkqO`;
  const plus = () => scram({ plus: true, plusOffered: true });
  assert.equal(outcome(await play(plus(), first, final(first, header, Buffer.alloc(32, 7)))), 'success');
  assert.equal(outcome(await play(plus(), first, final(first, header, Buffer.alloc(32, 8)))), 'A301');
  assert.equal(outcome(await play(plus(), first, final(first, header))), 'A301');
  assert.equal(
    outcome(await play(plus(), first, final(first, 'p=tls-exporte,,', Buffer.alloc(32, 7)))),
    'A301',
  );
});

test('SCRAM: which GS2 flag goes with what was offered', async () => {
  const table: [string, Partial<ScramOptions>, boolean][] = [
    ['n', {}, true],
    ['n', { plusOffered: true }, true],
    ['y', {}, true],
    // RFC 5802 §6: the client did not see the offer that was made
    ['y', { plusOffered: true }, false],
    ['p=tls-exporter', { plus: true, plusOffered: true }, true],
    ['p=tls-unique', { plus: true, plusOffered: true }, false],
    ['p=tls-exporter', { plusOffered: true }, false],
    ['n', { plus: true, plusOffered: true }, false],
    ['y', { plus: true, plusOffered: true }, false],
  ];
  for (const [flag, options, goesOn] of table) {
    const step = await play(scram(options), `${flag},,n=user,r=rOprNGfwEbeRWgbNEkqO`);
    assert.equal(step.kind, goesOn ? 'challenge' : 'failure', `${flag} ${JSON.stringify(options)}`);
  }
});

test('SCRAM: messages that are none', async () => {
  const first = [
    '',
    'n',
    'n=user,r=abc',
    'x,,n=user,r=abc',
    'n,,n=,r=abc',
    'n,,n=user',
    'n,,n=user,r=',
    'n,,r=abc,n=user',
    'n,,m=ext,n=user,r=abc',
    'n,,n=us=er,r=abc',
    'n,a=x=,n=user,r=abc',
    'n,,n=user,r=a\x01b',
    'n,,n=user,r=abc,',
    'n,,n=us\0er,r=abc',
    `n,,n=user,r=${'x'.repeat(3000)}`,
    Buffer.from('n,,n=us\xe4r,r=abc', 'latin1'),
  ];
  for (const message of first)
    assert.equal(outcome(await play(scram(), message)), 'A304', message.toString());
  const last = [
    '',
    'c=biws',
    `r=${NONCE},c=biws,p=${PROOF}`,
    `c=biws,r=${NONCE}`,
    `c=biws,r=${NONCE},p=`,
    `c=biws,r=${NONCE},p=${PROOF}=`,
    `c=biws,r=${NONCE},p=${PROOF.slice(4)}`,
    `c=biws,r=${NONCE}x,p=${PROOF}`,
    `c=biws,r=rOprNGfwEbeRWgbNEkqO,p=${PROOF}`,
    `c=biws,r=${NONCE},p=${PROOF},x=y`,
  ];
  for (const message of last) assert.equal(outcome(await play(scram(), FIRST, message)), 'A304', message);
  const wrong = [
    FINAL.replace('p=d', 'p=e'),
    FINAL.replace('biws', 'eSws'),
    final(FIRST, 'n,,', undefined, 'crayon'),
    `c=biws,r=${NONCE},x=y,p=${PROOF}`,
  ];
  for (const message of wrong) assert.equal(outcome(await play(scram(), FIRST, message)), 'A301', message);
});

test('SCRAM: keys can end the exchange before a challenge', async () => {
  const keys = (): SaslStep => ({ kind: 'failure', reply: refuse('A303') });
  assert.equal(outcome(await play(scram({ keys }), FIRST)), 'A303');
});

const tokenCheck = (token: string, user: string): Promise<SaslStep> => {
  if (token === 'good' && user === 'scan@corp.example') return Promise.resolve(SUCCESS);
  return Promise.resolve({ kind: 'failure', reply: refuse(token === 'later' ? 'A306' : 'A301') });
};

test('OAUTHBEARER: RFC 7628', async () => {
  const message = (token: string) =>
    `n,a=scan@corp.example,\x01host=relay.example\x01port=587\x01auth=Bearer ${token}\x01\x01`;
  const table: [(string | undefined)[], string][] = [
    [[message('good')], 'success'],
    [[undefined, message('good')], 'success'],
    [['n,a=scan=40corp.example,\x01auth=Bearer good\x01\x01'], 'challenge {"status":"invalid_token"}'],
    [['n,a=scan@corp.example,\x01auth=bearer good\x01\x01'], 'success'],
    [[message('bad')], 'challenge {"status":"invalid_token"}'],
    [[message('bad'), '\x01'], 'A301'],
    [[message('bad'), message('good')], 'A301'],
    [[message('later')], 'A306'],
    [['n,,\x01\x01'], 'A304'],
    [['n,,\x01auth=Basic dGlt\x01\x01'], 'A304'],
    [['n,,\x01auth=Bearer good\x01auth=Bearer good\x01\x01'], 'A304'],
    [['n,,\x01auth=Bearer good\x01'], 'A304'],
    [['p=tls-exporter,,\x01auth=Bearer good\x01\x01'], 'A304'],
    [['auth=Bearer good\x01\x01'], 'A304'],
    [[''], 'A304'],
  ];
  for (const [responses, expected] of table) {
    assert.equal(
      outcome(await play(oauthBearer(tokenCheck), ...responses)),
      expected,
      JSON.stringify(responses),
    );
  }
});

test('XOAUTH2: as Google and Microsoft describe it', async () => {
  const message = (token: string) => `user=scan@corp.example\x01auth=Bearer ${token}\x01\x01`;
  const refusal = 'challenge {"status":"401","schemes":"bearer","scope":"smtp"}';
  const table: [(string | undefined)[], string][] = [
    [[message('good')], 'success'],
    [[undefined, message('good')], 'success'],
    [[message('bad')], refusal],
    [[message('bad'), ''], 'A301'],
    [[message('later')], 'A306'],
    [['user=scan@corp.example\x01auth=Bearer good\x01'], 'A304'],
    [['user=scan@corp.example\x01\x01'], 'A304'],
    [['user=scan@corp.example\x01auth=Bearer go od\x01\x01'], 'A304'],
    [['user=scan\r\n@corp.example\x02\x01auth=Bearer good\x01\x01'], 'A304'],
    [[''], 'A304'],
  ];
  for (const [responses, expected] of table) {
    assert.equal(outcome(await play(xoauth2(tokenCheck), ...responses)), expected, JSON.stringify(responses));
  }
});

test('an exchange is bounded, ends once, and tells of what was malformed', async () => {
  let told = 0;
  const watched = () => new WatchedExchange(new PlainExchange(() => Promise.resolve(SUCCESS)), () => told++);
  assert.equal(outcome(await play(watched(), `\0tim\0${'x'.repeat(9300)}`)), 'A304');
  assert.equal(outcome(await play(watched(), 'nonsense')), 'A304');
  assert.equal(told, 2);
  assert.equal(outcome(await play(watched(), '\0tim\0secret', '\0tim\0secret')), 'A304');
  assert.equal(told, 2);
});
