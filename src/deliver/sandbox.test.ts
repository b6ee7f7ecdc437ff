import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { NO_TRAITS } from '../message/content.ts';
import { systemClock } from '../platform/clock.ts';
import { systemDisk } from '../platform/disk.ts';
import type { Transaction, TransactionResult } from '../smtp/client/transaction.ts';
import { newMessage, route } from './fixtures.ts';
import type { Inbox, InboxEntry, InboxFilter } from './inbox.ts';
import { SandboxTransport } from './sandbox.ts';
import { SqliteInbox } from './sqlite-inbox.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inbox-'));
});
after(() => rm(folder, { recursive: true }));

function entry(
  message: string,
  changes: Partial<InboxEntry> = {},
): Omit<InboxEntry, 'id' | 'headerFrom' | 'subject'> {
  return {
    message,
    receivedAt: 5,
    source: 'src_a',
    from: 'a@example.com',
    recipients: [{ address: 'b@example.net', notify: ['failure'] }],
    size: 100,
    ...changes,
  };
}

const mail = Buffer.from(
  'From: =?utf-8?q?J=C3=BCrgen?= <j@example.com>\r\nSubject: =?utf-8?b?w6nDqQ==?=\r\n\r\n\xff body\r\n',
  'latin1',
);

describe('inbox', () => {
  test('keeps what it is given, newest first, across a restart', async () => {
    const path = join(folder, 'kept.db');
    const inbox = new SqliteInbox({ path });
    await Promise.all(['M1', 'M2', 'M3'].map((message) => inbox.deposit(entry(message), mail)));
    await inbox.deposit(entry('M2'), mail);
    await inbox.close();

    const again = new SqliteInbox({ path });
    const list = await again.list(10);
    assert.deepEqual(
      list.map(({ message }) => message),
      ['M3', 'M2', 'M1'],
    );
    const [, second] = list;
    assert.deepEqual(
      { ...second, id: 0 },
      {
        ...entry('M2'),
        id: 0,
        headerFrom: 'J\u00fcrgen <j@example.com>',
        subject: '\u00e9\u00e9',
      },
    );
    assert.deepEqual(
      (await again.list(10, { before: second?.id })).map(({ message }) => message),
      ['M1'],
    );
    const found = await again.content(second?.id ?? 0);
    assert.ok(found?.content.equals(mail));
    assert.equal(await again.content(999), undefined);
    assert.equal(await again.clear(), 3);
    assert.deepEqual(await again.list(10), []);
    await again.close();
    await assert.rejects(again.list(1), /closed/);
  });

  test('keeps the newest within number and size', async () => {
    const inbox = new SqliteInbox({ path: join(folder, 'bounded.db'), messages: 5, bytes: 1000 });
    for (let i = 0; i < 8; i++) await inbox.deposit(entry(`M${i}`), mail);
    assert.deepEqual(
      (await inbox.list(10)).map(({ message }) => message),
      ['M7', 'M6', 'M5', 'M4', 'M3'],
    );
    await inbox.deposit(entry('L', { size: 750 }), mail);
    assert.deepEqual(
      (await inbox.list(10)).map(({ message }) => message),
      ['L', 'M7', 'M6'],
    );
    await inbox.deposit(entry('XL', { size: 5000 }), mail);
    assert.deepEqual(
      (await inbox.list(10)).map(({ message }) => message),
      ['XL'],
    );
    await inbox.close();
  });

  const FOUND: [what: string, filter: InboxFilter, messages: string[]][] = [
    ['part of the subject, whatever its case', { search: 'INVOICE' }, ['M3', 'M1']],
    ['an accent, composed or not', { search: 'e\u0301t\u00c9' }, ['M2']],
    ['the From field', { search: 'billing@' }, ['M1']],
    ['the envelope sender', { search: 'bounces@' }, ['M2']],
    ['a recipient', { search: 'third@partner' }, ['M3']],
    ['a source', { source: 'src_b' }, ['M3', 'M2']],
    ['both', { source: 'src_b', search: 'invoice' }, ['M3']],
    ['older ones', { before: 3, search: 'invoice' }, ['M1']],
    ['what is a wildcard elsewhere', { search: '%' }, []],
  ];
  test('finds messages', async () => {
    const inbox = new SqliteInbox({ path: join(folder, 'found.db') });
    const message = (subject: string, from: string) =>
      Buffer.from(`From: ${from}\r\nSubject: ${subject}\r\n\r\ninvoice\r\n`);
    await inbox.deposit(entry('M1', { source: 'src_a' }), message('Your Invoice', 'billing@corp.example'));
    await inbox.deposit(
      entry('M2', { source: 'src_b', from: 'bounces@corp.example' }),
      message('\u00c9t\u00e9', 'shop@corp.example'),
    );
    const recipients = ['first@partner.example', 'third@partner.example'].map((address) => ({
      address,
      notify: [],
    }));
    await inbox.deposit(
      entry('M3', { source: 'src_b', recipients }),
      message('invoice 2', 'erp@corp.example'),
    );
    for (const [what, filter, messages] of FOUND) {
      const found = await inbox.list(10, filter);
      assert.deepEqual(
        found.map((one) => one.message),
        messages,
        what,
      );
    }
    const [first, ...others] = await inbox.list(1, { search: 'invoice' });
    assert.deepEqual([first?.message, others], ['M3', []], 'no more than are asked for');
    await inbox.close();
  });

  test('tells of arrivals, once each, until the listener has gone', async () => {
    const inbox = new SqliteInbox({ path: join(folder, 'told.db') });
    const seen: string[] = [];
    const end = inbox.onArrival(({ message }) => seen.push(message));
    await inbox.deposit(entry('M1'), mail);
    await inbox.deposit(entry('M1'), mail);
    await inbox.deposit(entry('M2'), mail);
    await inbox.list(1);
    end();
    await inbox.deposit(entry('M3'), mail);
    await inbox.list(1);
    assert.deepEqual(seen, ['M1', 'M2']);
    await inbox.close();
  });

  test('a file that can not be opened is told, not swallowed', async () => {
    const inbox = new SqliteInbox({ path: join(folder, 'no', 'such', 'folder.db') });
    await assert.rejects(inbox.deposit(entry('M1'), mail), /unable to open/);
  });
});

describe('sandbox', () => {
  interface Deposit {
    message: string;
    content: string;
  }
  async function carry(fails: boolean, transactions: Transaction[]): Promise<Deposit[]> {
    const deposits: Deposit[] = [];
    const inbox = {
      deposit: ({ message }: { message: string }, content: Buffer) => {
        if (fails) return Promise.reject(new Error('disk full'));
        deposits.push({ message, content: content.toString() });
        return Promise.resolve();
      },
    } as unknown as Inbox;
    const transport = new SandboxTransport({ inbox, disk: systemDisk, clock: systemClock, largest: 100 });
    const opened = await transport.open({
      key: 'k',
      route: route('sandbox'),
      domain: 'd',
      requireTls: false,
    });
    assert.ok(opened.kind === 'open');
    assert.equal(await opened.carrier.run(() => transactions.shift()), 'idle');
    return deposits;
  }

  function transaction(
    message: string,
    body: Transaction['content']['body'],
  ): Transaction & { result?: TransactionResult } {
    const { head, envelope } = newMessage();
    const made: Transaction & { result?: TransactionResult } = {
      message,
      envelope,
      recipients: [{ address: 'b@example.net' }, { address: 'c@example.net' }],
      content: { head, body, traits: NO_TRAITS },
      finish: (result) => {
        made.result = result;
      },
    };
    return made;
  }

  test('deposits what would have left, bodies of files too; of very large ones the header section', async () => {
    const path = join(folder, 'body');
    await writeFile(path, 'from a file\r\n');
    const head = newMessage().head.toString();
    const all = [
      transaction('M1', { kind: 'memory', bytes: Buffer.from('hello\r\n') }),
      transaction('M2', { kind: 'file', path, length: 13 }),
      transaction('M3', { kind: 'file', path, length: 5000 }),
    ];
    assert.deepEqual(await carry(false, [...all]), [
      { message: 'M1', content: `${head}hello\r\n` },
      { message: 'M3', content: head },
      { message: 'M2', content: `${head}from a file\r\n` },
    ]);
    for (const { result } of all) {
      assert.deepEqual(
        result?.recipients.map(({ kind }) => kind),
        ['delivered', 'delivered'],
      );
    }
  });

  test('what the inbox can not take waits', async () => {
    const one = transaction('M1', { kind: 'memory', bytes: Buffer.from('x') });
    const missing = transaction('M2', { kind: 'file', path: join(folder, 'none'), length: 5 });
    await carry(true, [one]);
    await carry(false, [missing]);
    for (const { result } of [one, missing]) {
      assert.deepEqual(
        result?.recipients.map(({ kind }) => kind),
        ['deferred', 'deferred'],
      );
    }
  });
});
