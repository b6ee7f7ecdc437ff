import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ConsoleBuilds } from './console.ts';
import { type ApiFixture, apiFixture } from './fixtures.ts';

describe('the console', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-console-'));
  let fixture: ApiFixture;
  const builds = new ConsoleBuilds(path.join(folder, 'web'));
  const get = (url: string, headers: Record<string, string> = {}) =>
    fixture.api.inject({ method: 'GET', url, headers });

  function build(name: string, at: number): void {
    const made = path.join(folder, 'web', name);
    mkdirSync(path.join(made, 'assets'), { recursive: true });
    writeFileSync(path.join(made, 'index.html'), `<meta nonce="postern-nonce"><p>${name}`);
    writeFileSync(path.join(made, 'assets', 'index-abc.js'), 'run()');
    writeFileSync(path.join(made, 'assets', 'index-abc.js.gz'), gzipSync('run()'));
    writeFileSync(path.join(made, 'first-route.json'), '{}');
    utimesSync(made, at, at);
  }

  before(async () => {
    writeFileSync(path.join(folder, 'secret.js'), 'secret');
    build('.half', 3000);
    build('old', 1000);
    build('new', 2000);
    fixture = await apiFixture({ console: builds });
  });
  after(async () => {
    await fixture.api.close();
    rmSync(folder, { recursive: true });
  });

  it('serves the page of the newest build for every path that is nobody else’s', async () => {
    for (const url of ['/', '/sources', '/sources/erp?since=1', '/some/page/that/may/come']) {
      const answer = await get(url);
      assert.equal(answer.statusCode, 200, url);
      assert.match(answer.body, /<p>new$/);
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(answer.headers['x-postern-build'], 'new');
    }
    for (const url of [
      '/api/v1/nothing',
      '/api/nothing',
      '/v1/nothing',
      '/assets/gone.js',
      '/docs/nothing',
    ]) {
      const { statusCode, headers } = await get(url);
      assert.match(String(headers['content-type']), /problem\+json/, url);
      assert.ok(statusCode === 404 || statusCode === 401, `${url}: ${statusCode}`);
    }
  });

  it('lets nothing run and nothing load that is not its own', async () => {
    const first = await get('/');
    const policy = String(first.headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self';/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.match(policy, /require-trusted-types-for 'script'/);
    const nonce = /'nonce-([\w+/]{24})'/.exec(policy)?.[1] ?? '';
    assert.ok(first.body.includes(`nonce="${nonce}"`));
    assert.notEqual((await get('/')).headers['content-security-policy'], policy, 'a nonce is for one answer');
    assert.equal(first.headers['referrer-policy'], 'no-referrer');
    assert.equal(first.headers['x-content-type-options'], 'nosniff');
  });

  it('serves the files of the build, packed, and for ever', async () => {
    const plain = await get('/assets/index-abc.js');
    assert.equal(plain.body, 'run()');
    assert.match(String(plain.headers['cache-control']), /immutable/);
    const packed = await get('/assets/index-abc.js', { 'accept-encoding': 'gzip, deflate' });
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.deepEqual(packed.rawPayload, gzipSync('run()'));
  });

  it('reads nothing else of the disk', async () => {
    for (const url of [
      '/assets/../../../secret.js',
      '/..%2f..%2fsecret.js',
      '/assets/..%2f..%2f..%2fsecret.js',
      '/assets/%2e%2e/%2e%2e/%2e%2e/secret.js',
      '/../.half/assets/index-abc.js',
      '/assets/index-abc.js.gz',
      '//secret.js',
      '/%00',
      '//[',
    ]) {
      const { body, statusCode } = await get(url);
      assert.ok(statusCode < 500, url);
      assert.doesNotMatch(body, /^secret$/, url);
      assert.doesNotMatch(body, /^run\(\)$/, url);
    }
  });

  it('says what to do where there is no build', async () => {
    const empty = new ConsoleBuilds(path.join(folder, 'nothing'));
    const without = await apiFixture({ console: empty });
    const answer = await without.api.inject({ method: 'GET', url: '/' });
    assert.equal(answer.statusCode, 503);
    assert.match(answer.body, /npm run web/);
    await without.api.close();
  });

  it('is not there when it is switched off', async () => {
    const without = await apiFixture();
    assert.equal((await without.api.inject({ method: 'GET', url: '/' })).statusCode, 404);
    await without.api.close();
  });
});
