import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { NO_TRAITS } from '../message/content.ts';
import { attachmentNamed } from './content-routes.ts';
import { type ApiFixture, apiFixture } from './fixtures.ts';

const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const PROGRAM = Buffer.from('MZ\x90\0This program cannot be run in DOS mode', 'latin1');

const MESSAGE = Buffer.from(
  [
    'From: =?utf-8?B?w4Q=?= <a@corp.example>',
    'Subject: =?utf-8?B?4oCucmV2ZXJzZWQ=?=',
    'Content-Type: multipart/mixed; boundary=m',
    '',
    '--m',
    'Content-Type: multipart/related; boundary=r',
    '',
    '--r',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p onclick="steal()">Hello <a href="https://evil.com/">https://bank.com/</a><img src="cid:logo"><img src="https://track.example/1.gif" width="1" height="1"><script>steal()</script></p>',
    '--r',
    'Content-Type: image/gif',
    'Content-ID: <logo>',
    'Content-Transfer-Encoding: base64',
    '',
    GIF.toString('base64'),
    '--r--',
    '--m',
    'Content-Type: application/pdf',
    "Content-Disposition: attachment; filename*=utf-8''..%2F%C3%9Cber%E2%80%AEfdp.exe",
    'Content-Transfer-Encoding: base64',
    '',
    PROGRAM.toString('base64'),
    '--m--',
    '',
  ].join('\r\n'),
);

async function fixture(t: TestContext) {
  const api = await apiFixture();
  t.after(() => api.api.close());
  await api.inbox.deposit(
    { message: 'M', receivedAt: 1, source: 'src_x', from: '', recipients: [], size: MESSAGE.length },
    MESSAGE,
  );
  return api;
}

const get = ({ api, authorization }: ApiFixture, url: string) =>
  api.inject({ url: `/api/v1${url}`, headers: authorization });

async function logged({ context }: ApiFixture): Promise<string[]> {
  const entries = await context.people.audit.list({}, 20);
  return entries.map(({ action }) => action).reverse();
}

describe('what is in a message', () => {
  it('is told with what to beware of', async (t) => {
    const scene = await fixture(t);
    const { statusCode, body } = await get(scene, '/inbox/1/content');
    assert.equal(statusCode, 200, body);
    const content = JSON.parse(body);
    assert.deepEqual(
      content.headers.slice(0, 2).map(({ name, value }: { name: string; value: string }) => [name, value]),
      [
        ['From', 'Ä <a@corp.example>'],
        ['Subject', '\ufffdreversed'],
      ],
    );
    assert.equal(content.headers[1].raw, 'Subject: =?utf-8?B?4oCucmV2ZXJzZWQ=?=');
    assert.deepEqual(content.text, {
      content: 'Hello https://bank.com/ <https://evil.com/>',
      part: '1.1.1',
      charset: 'utf-8',
      fromHtml: true,
    });
    const { findings } = content.html;
    assert.deepEqual(
      [findings.scripts, findings.remoteImages, findings.trackingPixels, findings.missingImages],
      [2, 1, 1, 0],
    );
    assert.deepEqual(findings.links, [
      { text: 'https://bank.com/', target: 'https://evil.com/', flags: ['other-domain'] },
    ]);
    assert.deepEqual(content.attachments, [
      {
        part: '1.1.2',
        name: 'part-1.1.2.gif',
        declaredType: 'image/gif',
        foundType: 'image/gif',
        size: GIF.length,
        exact: true,
        sha256: createHash('sha256').update(GIF).digest('hex'),
        inline: true,
        flags: [],
      },
      {
        part: '1.2',
        name: 'Überfdp.exe',
        declaredType: 'application/pdf',
        foundType: 'application/vnd.microsoft.portable-executable',
        size: PROGRAM.length,
        exact: true,
        sha256: createHash('sha256').update(PROGRAM).digest('hex'),
        inline: false,
        flags: ['direction', 'path', 'executable', 'disguised'],
      },
    ]);
    assert.deepEqual(await logged(scene), ['inbox message 1 read']);
  });

  it('HTML is a page that can do nothing', async (t) => {
    const scene = await fixture(t);
    const { statusCode, headers, body } = await get(scene, '/inbox/1/content/html');
    assert.equal(statusCode, 200);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.match(String(headers['content-security-policy']), /default-src 'none';.*\bsandbox\b/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.doesNotMatch(body, /steal|href|onclick|track\.example/);
    assert.match(body, /<img src="data:image\/gif;base64,/);
    assert.deepEqual(await logged(scene), ['inbox message 1 shown as HTML']);
  });

  it('parts are saved under a harmless name, and never opened', async (t) => {
    const scene = await fixture(t);
    const { headers, rawPayload } = await get(scene, '/inbox/1/content/parts/1.2');
    assert.deepEqual(rawPayload, PROGRAM);
    assert.equal(headers['content-type'], 'application/octet-stream');
    assert.equal(
      headers['content-disposition'],
      `attachment; filename="_berfdp.exe"; filename*=UTF-8''%C3%9Cberfdp.exe`,
    );
    assert.match(String(headers['content-security-policy']), /sandbox/);
    for (const [part, status] of [
      ['1.9', 404],
      ['2', 400],
      ['1..1', 400],
      ['1/..', 404],
    ] as const) {
      assert.equal((await get(scene, `/inbox/1/content/parts/${part}`)).statusCode, status, part);
    }
  });

  it('the whole of it comes octet for octet, and is logged', async (t) => {
    const scene = await fixture(t);
    const { headers, rawPayload } = await get(scene, '/inbox/1/raw');
    assert.deepEqual(rawPayload, MESSAGE);
    assert.equal(headers['content-type'], 'message/rfc822');
    assert.equal(headers['content-length'], String(MESSAGE.length));
    assert.deepEqual(await logged(scene), ['inbox message 1 saved']);
  });

  it('messages of the spool are read alike, from memory and from files; one that has gone is said to have', async (t) => {
    const scene = await fixture(t);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'postern-content-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'body');
    const end = MESSAGE.indexOf('\r\n\r\n') + 4;
    const bytes = MESSAGE.subarray(end);
    await writeFile(file, bytes);
    const message = {
      receivedAt: 1,
      source: 'src_x',
      envelope: { from: '', recipients: [] } as never,
      head: MESSAGE.subarray(0, end),
      traits: NO_TRAITS,
    };
    scene.spool.add({ ...message, id: '00000000001', body: { kind: 'memory', bytes } });
    scene.spool.add({
      ...message,
      id: '00000000002',
      body: { kind: 'file', path: file, length: bytes.length },
    });
    scene.spool.add({ ...message, id: '00000000003', body: { kind: 'file', path: `${file}x`, length: 9 } });
    const inbox = (await get(scene, '/inbox/1/content')).json();
    for (const id of ['00000000001', '00000000002']) {
      assert.deepEqual((await get(scene, `/messages/${id}/content`)).json(), inbox);
      assert.deepEqual((await get(scene, `/messages/${id}/raw`)).rawPayload, MESSAGE);
      assert.deepEqual((await get(scene, `/messages/${id}/content/parts/1.2`)).rawPayload, PROGRAM);
    }
    assert.equal((await get(scene, '/messages/00000000003/content')).statusCode, 404);
    assert.equal((await get(scene, '/messages/00000000004/content')).statusCode, 404);
    const [entry] = await scene.context.people.audit.list({ source: 'src_x' }, 1);
    assert.equal(entry?.action, 'message 00000000003 read');
  });

  it('nobody reads where it is switched off, nor while the audit log can not be written', async (t) => {
    const scene = await fixture(t);
    scene.context.messageContent = false;
    for (const place of [
      '/inbox/1/content',
      '/inbox/1/content/html',
      '/inbox/1/content/parts/1.2',
      '/inbox/1/raw',
    ]) {
      const { statusCode, body } = await get(scene, place);
      assert.equal(statusCode, 403);
      assert.match(body, /api\.messageContent/);
    }
    scene.context.messageContent = true;
    t.mock.method(scene.context.people.audit, 'flush', () => Promise.reject(new Error('disk full')));
    const { statusCode, body } = await get(scene, '/inbox/1/content');
    assert.equal(statusCode, 503);
    assert.doesNotMatch(body, /Hello/);
  });
});

describe('names in Content-Disposition', () => {
  const TABLE: [name: string, value: string][] = [
    ['a b.pdf', `attachment; filename="a b.pdf"; filename*=UTF-8''a%20b.pdf`],
    ['"x"\r\n.pdf', `attachment; filename="_x___.pdf"; filename*=UTF-8''%22x%22%0D%0A.pdf`],
    ["ä'(1)*.pdf", `attachment; filename="___1__.pdf"; filename*=UTF-8''%C3%A4%27%281%29%2A.pdf`],
  ];
  for (const [name, value] of TABLE) {
    it(JSON.stringify(name), () => assert.equal(attachmentNamed(name), value));
  }
});
