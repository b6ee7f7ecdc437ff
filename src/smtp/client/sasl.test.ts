import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SaslError, authenticate } from './sasl.ts';

const reply = (code: number, text = '') => ({ code, enhanced: undefined, lines: [text] });
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plainText = (line: string): string => Buffer.from(line.split(' ').at(-1) ?? '', 'base64').toString();

/** RFC 7677 §3. */
const EXAMPLE = {
  login: { username: 'user', password: 'pencil' },
  nonce: 'rOprNGfwEbeRWgbNEkqO',
  serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  clientFinal:
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
};
/** Its base64 is the nonce of the example. */
const random = { bytes: () => Buffer.from(EXAMPLE.nonce, 'base64'), fraction: () => 0 };

function scram(serverFirst: string, serverFinal: string) {
  const sent: string[] = [];
  const answers = [reply(334, base64(serverFirst)), reply(334, base64(serverFinal)), reply(235)];
  const result = authenticate(['LOGIN', 'PLAIN', 'SCRAM-SHA-256'], EXAMPLE.login, random, (line) => {
    sent.push(line);
    return Promise.resolve(answers[sent.length - 1] ?? reply(535));
  });
  return { sent, result };
}

describe('SCRAM-SHA-256', () => {
  test('the example of RFC 7677', async () => {
    const { sent, result } = scram(EXAMPLE.serverFirst, EXAMPLE.serverFinal);
    assert.equal((await result)?.code, 235);
    assert.equal(plainText(sent[0] ?? ''), `n,,n=user,r=${EXAMPLE.nonce}`);
    assert.equal(plainText(sent[1] ?? ''), EXAMPLE.clientFinal);
    assert.equal(sent[2], '');
  });

  const bad: [string, string, string][] = [
    [
      'a server that does not know the password',
      EXAMPLE.serverFirst,
      'v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    ],
    ['a nonce that is not ours', EXAMPLE.serverFirst.replace('r=rOpr', 'r=xxxx'), ''],
    ['a nonce with nothing added', `r=${EXAMPLE.nonce},s=AAAA,i=4096`, ''],
    ['too many iterations', EXAMPLE.serverFirst.replace('4096', '9999999'), ''],
    ['no iterations', EXAMPLE.serverFirst.replace('4096', '0'), ''],
    ['nonsense', 'hello', ''],
  ];
  for (const [name, first, final] of bad) {
    test(`refuses ${name}`, async () => {
      await assert.rejects(scram(first, final).result, SaslError);
    });
  }
});

describe("SCRAM-SHA-256 without the server's proof", () => {
  const challenge = reply(334, base64(EXAMPLE.serverFirst));
  const against = (...answers: ReturnType<typeof reply>[]) =>
    authenticate(['SCRAM-SHA-256'], EXAMPLE.login, random, () =>
      Promise.resolve(answers.shift() ?? reply(535)),
    );

  for (const [name, answers] of [
    ['at once', [reply(235)]],
    ['after the challenge', [challenge, reply(235)]],
    ['with an error instead', [challenge, reply(334, base64('e=other-error')), reply(235)]],
  ] as const) {
    test(`a server that lets in ${name} is not believed`, async () => {
      await assert.rejects(against(...answers), SaslError);
    });
  }

  test('a refusal is handed on', async () => {
    assert.equal((await against(reply(535)))?.code, 535);
    assert.equal((await against(challenge, reply(535)))?.code, 535);
  });
});

test('PLAIN, LOGIN, and nothing that is known', async () => {
  const ask = async (offered: string[]): Promise<string[] | undefined> => {
    const sent: string[] = [];
    const last = await authenticate(offered, { username: 'u', password: 'p' }, random, (line) => {
      sent.push(line);
      return Promise.resolve(reply(offered.includes('LOGIN') && sent.length < 3 ? 334 : 235));
    });
    return last && sent;
  };
  assert.deepEqual(await ask(['PLAIN']), [`AUTH PLAIN ${base64('\0u\0p')}`]);
  assert.deepEqual(await ask(['LOGIN']), ['AUTH LOGIN', base64('u'), base64('p')]);
  assert.equal(await ask(['CRAM-MD5']), undefined);
});
