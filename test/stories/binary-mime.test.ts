// Octets that no line may hold, taken by BDAT (RFC 3030): what leaves has lines, and decodes to the same octets.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { ScriptedServer } from '../support/scripted-server.ts';
import type { SmtpDialogue } from '../support/smtp-dialogue.ts';
import { StoryRelay, until } from '../support/story-relay.ts';

/** Every octet, and what would end DATA for one program or another. */
const OCTETS = Buffer.concat([
  Buffer.from(Array.from({ length: 1024 }, (_, i) => (i * 31) % 256)),
  Buffer.from('\r\n.\r\nMAIL FROM:<forged@corp.test>\r\n\n.\n\r.\r\0'),
]);
const TEXT = 'a\rb\nc\0d\n.\nno end';

const HEAD =
  'From: scan@corp.test <scan@corp.test>\r\nTo: x@away.test\r\nMIME-Version: 1.0\r\n' +
  'Content-Type: multipart/mixed; boundary=b1\r\nContent-Transfer-Encoding: binary\r\n\r\n';
const BODY = Buffer.concat([
  Buffer.from(`--b1\r\nContent-Type: text/plain\r\n\r\n${TEXT}\r\n`),
  Buffer.from('--b1\r\nContent-Type: image/tiff\r\nContent-Transfer-Encoding: binary\r\n\r\n'),
  OCTETS,
  Buffer.from('\r\n--b1--'),
]);

function chunk(octets: Buffer, last: boolean): Buffer {
  return Buffer.concat([Buffer.from(`BDAT ${octets.length}${last ? ' LAST' : ''}\r\n`), octets]);
}

suite('BODY=BINARYMIME', () => {
  const relay = new StoryRelay();
  const server = new ScriptedServer();
  let client: SmtpDialogue;

  before(async () => {
    await relay.start();
    await server.listen();
    const password = await relay.addSource('scanner', '--from', 'corp.test', '--recipients', 'any');
    await relay.api('PATCH', '/sources/scanner', { policy: { unaligned: { action: 'send' } } });
    await relay.cli('route', 'set', 'away', '--smarthost', `127.0.0.1:${server.port}`, '--tls', 'none');
    client = await relay.session('scanner', password);
  });

  after(async () => {
    client?.destroy();
    await server.close();
    await relay.remove();
  });

  /** Two chunks, cut within a line. */
  const send = async (message: Buffer, cut = message.length - 400): Promise<string> => {
    assert.match(await client.say('MAIL FROM:<scan@corp.test> BODY=BINARYMIME'), /^250 /);
    assert.match(await client.say('RCPT TO:<x@away.test>'), /^250 /);
    client.write(chunk(message.subarray(0, cut), false));
    assert.match(await client.reply(), /^250 2\.0\.0 /);
    client.write(chunk(message.subarray(cut), true));
    return client.reply();
  };

  const arrived = async (count: number): Promise<string> =>
    until('the next hop has it', () => server.messages.length === count && server.messages.at(-1)?.content);

  test('in parts of a message', async () => {
    assert.match(await send(Buffer.concat([Buffer.from(HEAD), BODY])), /^250 2\.0\.0 /);
    const content = await arrived(1);
    assert.doesNotMatch(server.reads.join(''), /\r(?!\n)|(?<!\r)\n|\0/, 'on the wire');
    assert.doesNotMatch(content, /[^\r\n\t -~]/);
    assert.doesNotMatch(server.messages[0]?.mail ?? '', /BODY=/);
    assert.match(content, /^From: "scan@corp\.test" <scan@corp\.test>\r$/m);
    assert.match(content, /^Content-Transfer-Encoding: 8bit\r$/m);

    const [, text = '', image = ''] = content.split('--b1');
    assert.match(text, /Content-Transfer-Encoding: quoted-printable\r\n\r\na=0Db=0Ac=00d=0A\.=0Ano end\r\n$/);
    const encoded = /Content-Transfer-Encoding: base64\r\n\r\n([^-]*)\r\n$/.exec(image)?.[1] ?? '';
    assert.deepEqual(Buffer.from(encoded, 'base64'), OCTETS);
    assert.ok(content.endsWith('\r\n--b1--\r\n'));
    const [accepted] = await relay.log('--type', 'acceptance');
    assert.equal(accepted?.outcome, 'queued');
  });

  test('in a message of nothing else, without a line end at its end, too large for memory', async () => {
    const large = Buffer.concat(Array.from({ length: 1500 }, () => OCTETS));
    const head =
      'From: scan@corp.test\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n\r\n';
    assert.match(await send(Buffer.concat([Buffer.from(head), large]), 700_001), /^250 2\.0\.0 /);
    const content = await arrived(2);
    assert.doesNotMatch(content, /\r(?!\n)|(?<!\r)\n|\0/);
    const body = content.slice(content.indexOf('\r\n\r\n') + 4);
    assert.ok(Buffer.from(body, 'base64').equals(large));
  });

  test('where they can not be encoded, they are refused', async () => {
    const signed = HEAD.replace('mixed', 'signed');
    assert.match(await send(Buffer.concat([Buffer.from(signed), BODY])), /^550 5\.6\.3 M610 /);
    const [refusal] = await relay.log('--code', 'M610');
    assert.equal(refusal?.sourceName, 'scanner');
  });
});
