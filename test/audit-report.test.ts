/** The report in a browser as people have it: nothing of the evidence runs, nothing is loaded, it prints whole. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { reportPage } from '../src/audit/report/page.ts';
import { answerFixture } from '../src/audit/run/fixtures.ts';

const CHROMIUM = '/usr/bin/chromium';
const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-report-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function chromium(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    CHROMIUM,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${path.join(folder, 'profile')}`,
      ...args,
    ],
    { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout;
}

const EVIL = '</title></style><script>document.title="ran"</script><img src=x onerror="document.title=1">';

test('the report is drawn by a browser, and what strangers wrote stays text', async () => {
  const stored = await answerFixture([{}, {}, { helo: EVIL, subject: EVIL, address: '198.51.100.5' }]);
  const page = path.join(folder, 'report.html');
  writeFileSync(page, reportPage(stored, 'en'));
  const drawn = await chromium('--dump-dom', pathToFileURL(page).href);
  assert.match(drawn, /<title>Direct Send audit: contoso\.test<\/title>/);
  assert.doesNotMatch(drawn, /<script|<img/);
  assert.equal(drawn.match(/<h2>/g)?.length, reportPage(stored, 'en').match(/<h2>/g)?.length);
  const paper = path.join(folder, 'report.pdf');
  await chromium(`--print-to-pdf=${paper}`, '--no-pdf-header-footer', pathToFileURL(page).href);
  assert.ok(existsSync(paper));
});
