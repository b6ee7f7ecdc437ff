import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Uploads } from './uploads.ts';

const MIB = 2 ** 20;

function uploadsOf(t: TestContext, bytes: number): { uploads: Uploads; folder: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-uploads-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return { uploads: new Uploads(folder, { bytes, free: 0 }), folder };
}

/** Octets as a connection brings them. @param fails whether it breaks off then */
async function* stream(chunks: number, size = MIB, fails = false): AsyncGenerator<Buffer> {
  for (let at = 0; at < chunks; at++) {
    await new Promise((resolve) => setImmediate(resolve));
    yield Buffer.alloc(size, at % 256);
  }
  if (fails) throw new Error('the connection was cut');
}

const WHOLE = { offset: 0, last: true };

describe('uploads', () => {
  it('a long file goes to the disk as it comes, not into memory', async (t) => {
    const { uploads } = uploadsOf(t, 512 * MIB);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const before = heapUsed + arrayBuffers;
    let most = 0;
    const watched = async function* () {
      for await (const chunk of stream(200)) {
        const now = process.memoryUsage();
        most = Math.max(most, now.heapUsed + now.arrayBuffers - before);
        yield chunk;
      }
    };
    assert.equal((await uploads.append('big.csv', watched(), WHOLE)).size, 200 * MIB);
    assert.ok(most < 120 * MIB, `${most}`);
  });

  it('goes on where the connection broke off, and nowhere else', async (t) => {
    const { uploads } = uploadsOf(t, 64 * MIB);
    await assert.rejects(uploads.append('a.zip', stream(3, 1000, true), WHOLE), /was cut/);
    const [part] = await uploads.list();
    assert.equal(part?.incomplete, true);
    const { size } = part;
    await assert.rejects(
      uploads.append('a.zip', stream(1, 10), { offset: size + 1, last: true }),
      new RegExp(`has ${size} octets until now`),
    );
    const whole = await uploads.append('a.zip', stream(1, 10), { offset: size, last: true });
    assert.deepEqual([whole.size, whole.incomplete], [size + 10, false]);
    assert.equal(readFileSync(path.join(uploads.folder, 'a.zip')).length, size + 10);
  });

  it('what several send at once shares one room', async (t) => {
    const { uploads } = uploadsOf(t, 10 * MIB);
    const results = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((name) => uploads.append(name, stream(6), WHOLE)),
    );
    assert.ok(results.some(({ status }) => status === 'rejected'));
    const files = await uploads.list();
    assert.ok(files.reduce((sum, { size }) => sum + size, 0) <= 11 * MIB);
  });

  it('one file is sent by one at a time', async (t) => {
    const { uploads } = uploadsOf(t, 10 * MIB);
    const first = uploads.append('a', stream(3), WHOLE);
    await assert.rejects(uploads.append('a', stream(3), WHOLE), /being sent already/);
    assert.equal((await first).size, 3 * MIB);
  });

  it('is listed while files come and go', async (t) => {
    const { uploads } = uploadsOf(t, 10 * MIB);
    let isOver = false;
    const sending = (async () => {
      for (let number = 0; number < 100; number++) {
        await uploads.append(`file ${number}`, stream(1, 10), WHOLE);
        if (number % 2 === 0) await uploads.remove(`file ${number}`);
      }
      isOver = true;
    })();
    while (!isOver) await uploads.list();
    await sending;
    assert.equal((await uploads.list()).length, 50);
  });

  for (const name of ['', '.', '..', '.hidden', 'a/b', 'a\\b', 'a\0b', 'a\u202eb', 'a\nb', 'x'.repeat(200)])
    it(`refuses ${JSON.stringify(name).slice(0, 20)} as a name`, async (t) => {
      const { uploads } = uploadsOf(t, MIB);
      await assert.rejects(uploads.append(name, stream(1, 1), WHOLE), /name: letters/);
      assert.equal(await uploads.remove(name), false);
    });
});
