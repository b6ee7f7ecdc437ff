import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before, describe, it } from 'node:test';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { until } from '../support/story-relay.ts';
import {
  ConsoleBrowser,
  expectGone,
  expectNoSeriousViolations,
  expectNoSidewaysScroll,
  PHONE,
} from './browser.ts';
import { ConsoleRelay } from './console-relay.ts';

const ATTEMPTS = 1500;

/** A message that was tried for days: the journal holds more of it than one page should. */
describe('the story of a message with very many attempts', () => {
  const relay = new ConsoleRelay();
  const browser = new ConsoleBrowser();
  let id = '';

  before(async () => {
    await Promise.all([relay.start(), browser.start()]);
    await relay.addPeople();
    await relay.api('POST', '/domains', { name: 'corp.test', internal: true });
    const password = await relay.addSource('erp', '--from', 'corp.test', '--recipients', 'any');
    const session = await relay.session('erp', password);
    await session.send({
      from: 'erp@corp.test',
      to: ['anna@corp.test'],
      content: plainMessage(['From: erp@corp.test', 'Subject: Long way'], 'Text.\r\n'),
    });
    await session.say('QUIT');
    session.destroy();
    id = await until('the message is delivered', async () => {
      const { body } = await relay.api<{ items: { id: string }[] }>('GET', '/messages?state=delivered');
      return body.items[0]?.id;
    });
    await relay.stop('SIGTERM');
    writeAttempts(path.join(relay.data, 'journal.db'), id);
    await relay.start();
  });
  after(async () => {
    await browser.close();
    await relay.remove();
  });
  afterEach(async () => {
    await browser.closePages();
    browser.expectNoComplaints();
  });

  it('begins with the connection, says how much it leaves out, and shows it to who asks', async () => {
    const page = await browser.signedIn(relay, 'auditor', `/messages/${id}`);
    for (const text of ['Connected from 127.0.0.1', /Known as .*erp/, 'Taken: it is safe in the spool'])
      await page.getByText(text).first().waitFor();
    const gap = page.getByRole('listitem').filter({ hasText: /events are not shown here/ });
    const [count] = /^[\d,]+/.exec((await gap.innerText()).trim()) ?? [];
    const left = Number(count?.replace(',', ''));
    assert.ok(left > 500 && left < ATTEMPTS, `${left} are left out`);
    await expectNoSeriousViolations(page, 'main li:has(button)');
    assert.equal(await page.getByText('try 700 of', { exact: false }).count(), 0);
    for (let shown = count; shown !== undefined; ) {
      await gap.getByRole('button', { name: 'Show more of them' }).click();
      await expectGone(page.getByText(`${shown} events are not shown here`));
      const [next] = await gap.allInnerTexts();
      shown = next === undefined ? undefined : /^[\d,]+/.exec(next.trim())?.[0];
    }
    await page.getByText('try 700 of', { exact: false }).waitFor();
    assert.match(await relay.cli('message', id), /[\d]+ events are left out here/);
    assert.match(await relay.cli('message', id, '--all'), /try 700 of/);
  });

  it('on a phone, in French', async () => {
    const page = await browser.signedIn(relay, 'auditor', `/messages/${id}`, {
      language: 'fr',
      viewport: PHONE,
    });
    await page.getByText(/événements ne sont pas affichés ici/).waitFor();
    await expectNoSidewaysScroll(page);
  });
});

function writeAttempts(journal: string, message: string): void {
  const database = new DatabaseSync(journal);
  const { last, at } = database.prepare('SELECT max(id) AS last, max(at) AS at FROM event').get() as {
    last: number;
    at: number;
  };
  const insert = database.prepare(
    `INSERT INTO event (id, at, type, message, outcome, recipients, rest) VALUES (?, ?, 'attempt', ?, 'deferred', ?, ?)`,
  );
  database.exec('BEGIN');
  for (let number = 1; number <= ATTEMPTS; number++)
    insert.run(
      last + number,
      at + number,
      message,
      '["anna@corp.test"]',
      JSON.stringify({ destination: 'mx.corp.test', reply: `451 try ${number} of many` }),
    );
  database.exec('COMMIT');
  database.close();
}
