// What a source may do: every refusal on the wire, in the journal, and explained; and what is mended on the way.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { SmtpDialogue } from '../support/smtp-dialogue.ts';
import { LISTENERS, type LoggedEvent, postern, StoryRelay, until } from '../support/story-relay.ts';

interface Refused {
  code: string;
  /** Reply code and status. */
  reply: string;
  from?: string;
  to?: string[];
  /** `\n` is CRLF here, `\u2028` a bare LF. */
  content?: string;
  source?: string;
  /** What the journal says for the owner. */
  says: RegExp;
}

const HEAD =
  'From: app@corp.test\nTo: x@corp.test\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMessage-ID: <1@corp.test>\n';

const CASES: (Refused & { name: string })[] = [
  {
    name: 'envelope sender',
    code: 'S401',
    reply: '550 5.7.1',
    from: 'boss@corp.test',
    says: /MAIL FROM "?boss@corp\.test/,
  },
  {
    name: 'envelope sender of a stranger',
    code: 'S401',
    reply: '550 5.7.1',
    from: 'app@elsewhere.test',
    says: /is in no pair/,
  },
  {
    name: 'header From',
    code: 'S402',
    reply: '550 5.7.1',
    content: 'From: boss@corp.test\n\nText.\n',
    says: /From "?boss@corp\.test/,
  },
  {
    name: 'two From fields',
    code: 'S403',
    reply: '550 5.7.1',
    content: 'From: app@corp.test\nFrom: boss@corp.test\n\nText.\n',
    says: /2 From fields/,
  },
  {
    name: 'two authors',
    code: 'S404',
    reply: '550 5.7.1',
    content: 'From: app@corp.test, boss@corp.test\n\nText.\n',
    says: /2 addresses/,
  },
  {
    name: 'a group as author',
    code: 'S404',
    reply: '550 5.7.1',
    content: 'From: team: app@corp.test;\n\nText.\n',
    says: /group/,
  },
  {
    name: 'a From of two readings',
    code: 'S405',
    reply: '550 5.6.0',
    content: 'From: app@corp.test <boss@corp.test\n\nText.\n',
    says: /From/,
  },
  {
    name: 'Sender of somebody else',
    code: 'S406',
    reply: '550 5.7.1',
    content: `${HEAD}Sender: boss@corp.test\n\nText.\n`,
    says: /sender "?boss@corp\.test/,
  },
  { name: 'null sender', code: 'S407', reply: '550 5.7.1', from: '', says: /MAIL FROM:<>/ },
  {
    name: 'recipient outside',
    code: 'R501',
    reply: '550 5.7.1',
    to: ['x@elsewhere.test'],
    says: /is not internal/,
  },
  {
    name: 'percent route',
    code: 'R504',
    reply: '550 5.7.1',
    to: ['x%elsewhere.test@corp.test'],
    says: /percent route/,
  },
  {
    name: 'bang path',
    code: 'R504',
    reply: '550 5.7.1',
    to: ['elsewhere.test!x@corp.test'],
    says: /bang path/,
  },
  {
    name: 'too many recipients',
    code: 'R502',
    reply: '452 4.5.3',
    to: ['a@corp.test', 'b@corp.test', 'c@corp.test', 'd@corp.test'],
    says: /at most 3 recipients/,
  },
  {
    name: 'size',
    code: 'M601',
    reply: '552 5.3.4',
    content: `${HEAD}\n${'0123456789012345678901234567890123456789\n'.repeat(600)}`,
    says: /more than 20000 octets/,
  },
  {
    name: 'bare LF',
    code: 'M602',
    reply: '550 5.6.0',
    content: `${HEAD}\nOne line\u2028another\n`,
    says: /LF/,
  },
  {
    name: 'bare LF around a final dot',
    code: 'M602',
    reply: '550 5.6.0',
    content: `${HEAD}\nText\u2028.\u2028MAIL FROM:<boss@corp.test>\n`,
    says: /LF/,
  },
  {
    name: 'lines that are no header',
    code: 'M603',
    reply: '550 5.6.0',
    content: 'From: app@corp.test\nthis is no field\n\nText.\n',
    says: /this is no field/,
  },
  {
    name: 'two subjects',
    code: 'M607',
    reply: '550 5.6.0',
    content: `${HEAD}Subject: One\nSubject: Two\n\nText.\n`,
    says: /subject occurs more than once/,
  },
  {
    name: 'a long line without repair',
    code: 'M604',
    reply: '550 5.6.0',
    source: 'strict',
    content: `${HEAD}\n${'x'.repeat(2000)}\n`,
    says: /2000 octets/,
  },
  {
    name: 'no Date without repair',
    code: 'M605',
    reply: '550 5.6.0',
    source: 'strict',
    content: 'From: app@corp.test\nMessage-ID: <1@corp.test>\n\nText.\n',
    says: /no date/,
  },
  {
    name: 'raw 8-bit without repair',
    code: 'M608',
    reply: '550 5.6.7',
    source: 'strict',
    content: `${HEAD}Subject: Grüße\n\nText.\n`,
    says: /8-bit/,
  },
];

interface InboxEntry {
  id: number;
  message: string;
}

suite('policy', () => {
  const relay = new StoryRelay({ config: `hostname = "relay.test"\n${LISTENERS}[limits]\nerrors = 100\n` });
  const passwords = new Map<string, string>();

  before(async () => {
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    await relay.cli('domain', 'add', 'other.test', '--external');
    const sources: Record<string, string[]> = {
      app: ['--from', 'app@corp.test', '--max-size', '20000', '--max-recipients', '3'],
      strict: ['--from', 'app@corp.test', '--no-repair'],
      limited: ['--from', 'corp.test', '--limit', 'messages/hour=2', '--over-limit', 'defer'],
      capped: ['--from', 'corp.test', '--limit', 'bytes/hour=1500', '--over-limit', 'reject'],
      held: ['--from', 'corp.test', '--limit', 'messages/hour=1', '--over-limit', 'hold'],
      notifier: ['--from', 'corp.test', '--null-sender'],
      rewriter: [
        '--from',
        'envelope=corp.test,header=other.test',
        '--rewrite-from',
        'noreply@corp.test',
        '--rewrite-envelope',
        'bounces@corp.test',
      ],
      nameless: ['--from', 'corp.test', '--repair-from', 'device@corp.test'],
    };
    await Promise.all(
      Object.entries(sources).map(async ([name, options]) =>
        passwords.set(name, await relay.addSource(name, ...options)),
      ),
    );
  });
  after(() => relay.remove());

  const session = (source: string): Promise<SmtpDialogue> =>
    relay.session(source, passwords.get(source) ?? '');
  const octets = (text: string): Buffer =>
    Buffer.from(text.replaceAll('\n', '\r\n').replaceAll('\u2028', '\n'));

  /** Sends as a source and answers the message as it would have left. */
  const passed = async (source: string, content: string, from = 'app@corp.test'): Promise<string> => {
    const client = await session(source);
    const reply = await client.send({ from, to: ['x@corp.test'], content: octets(content) });
    client.destroy();
    const id = /^250 2\.0\.0 ([0-9A-Z]{11}) queued$/.exec(reply)?.[1];
    assert.ok(id, reply);
    const entry = await until('it is in the inbox', async () =>
      (await relay.api<{ items: InboxEntry[] }>('GET', '/inbox')).body.items.find(
        ({ message }) => message === id,
      ),
    );
    return (await relay.request<string>('GET', `/api/v1/inbox/${entry.id}/raw`, { key: relay.token })).body;
  };

  test('each refusal is on the wire with its code, and in the journal with what was wrong', async (t) => {
    let last = 0;
    const clients = { app: await session('app'), strict: await session('strict') };
    for (const { name, code, reply, from, to, content, source, says } of CASES) {
      await t.test(`${code}: ${name}`, async () => {
        const client = source === 'strict' ? clients.strict : clients.app;
        const answer = await client.send({
          from: from ?? 'app@corp.test',
          to: to ?? ['x@corp.test'],
          content: octets(content ?? `${HEAD}\nText.\n`),
        });
        assert.ok(answer.startsWith(`${reply} ${code} `), answer);
        await client.say('RSET');
        const newest = await until('the journal has it', async () => {
          const { body } = await relay.api<{
            items: LoggedEvent[];
          }>('GET', `/events?type=refusal&code=${code}&limit=1`);
          return body.items.find(({ id }) => id > last);
        });
        last = newest.id;
        assert.match(newest.text ?? '', says);
        assert.equal(newest.sourceName, source ?? 'app');
        assert.ok(newest.reply?.startsWith(reply), `in the journal: ${newest.reply}`);
      });
    }
    clients.app.destroy();
    clients.strict.destroy();
    // as an operator finds them
    const logged = await relay.log('--type', 'refusal', '--source', 'app', '--limit', '1000');
    const expected = CASES.filter(({ source }) => source === undefined).map(({ code }) => code);
    assert.deepEqual(
      logged.map(({ code }) => code),
      expected,
    );
    const byCode = await relay.log('--code', 's402');
    assert.deepEqual(
      byCode.map(({ code, type, sourceName }) => [code, type, sourceName]),
      [['S402', 'refusal', 'app']],
    );
    assert.match(await relay.cli('log', '--code', 'S402'), /app .*S402 .*From/);
  });

  test('SIZE that is announced is refused before the message', async () => {
    const client = await session('app');
    assert.match(await client.say('MAIL FROM:<app@corp.test> SIZE=20001'), /^552 5\.3\.4 M601 /);
    assert.match(await client.say('MAIL FROM:<app@corp.test> SIZE=20000'), /^250 /);
    client.destroy();
  });

  test('postern why explains every code, without the relay', async () => {
    const codes = [...new Set([...CASES.map(({ code }) => code), 'L702', 'L703'])];
    const explained = await Promise.all(
      codes.map(async (wanted) => ({
        wanted,
        ...(await postern(['why', wanted.toLowerCase()], { cwd: '/' })),
      })),
    );
    for (const { wanted, out, err } of explained) {
      assert.equal(err, '');
      assert.match(out, new RegExp(`^${wanted} `));
      assert.match(out, /What to do/);
      assert.match(out, new RegExp(`On the wire +\\d{3} \\d\\.\\d\\.\\d ${wanted} `));
    }
    const unknown = await postern(['why', 'S999']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /^postern: there is no refusal code S999$/m);
  });

  test('limits: deferred with L702, rejected with L703, held', async () => {
    const send = async (client: SmtpDialogue, body = 'Text.\n') =>
      client.send({ from: 'app@corp.test', to: ['x@corp.test'], content: octets(`${HEAD}\n${body}`) });
    const limited = await session('limited');
    assert.match(await send(limited), /^250 /);
    assert.match(await send(limited), /^250 /);
    // at MAIL already: the message need not be sent in vain
    assert.match(await limited.say('MAIL FROM:<app@corp.test>'), /^451 4\.7\.1 L702 /);
    limited.destroy();

    const capped = await session('capped');
    assert.match(await send(capped), /^250 /);
    assert.match(await send(capped, 'x'.repeat(70).concat('\n').repeat(30)), /^550 5\.7\.1 L703 /);
    assert.match(await send(capped), /^250 /, 'what was refused has not been counted');
    capped.destroy();

    const held = await session('held');
    assert.match(await send(held), /^250 /);
    const id = / ([0-9A-Z]{11}) queued/.exec(await send(held))?.[1];
    held.destroy();
    const [waiting, ...more] = await relay.queue('--source', 'held');
    assert.deepEqual(
      [waiting?.message, waiting?.state, waiting?.hold, more.length],
      [id, 'held', 'limit', 0],
    );
    const [event] = await relay.log('--type', 'acceptance', '--message', id ?? '');
    assert.deepEqual([event?.outcome, event?.detail?.['hold']], ['held', 'limit']);
    await relay.cli('queue', 'release', String(id));
    await until('it is delivered', async () => (await relay.queue('--source', 'held')).length === 0);
  });

  test('a source that may sends with the null sender, and From is still judged', async () => {
    assert.match(await passed('notifier', `${HEAD}Subject: Notice\n\nText.\n`, ''), /^Subject: Notice\r$/m);
    const client = await session('notifier');
    const foreign = octets('From: boss@elsewhere.test\n\nText.\n');
    assert.match(
      await client.send({ from: '', to: ['x@corp.test'], content: foreign }),
      /^550 5\.7\.1 S402 /,
    );
    client.destroy();
  });

  test('From is rewritten, the display name stays, and answers reach who wrote', async () => {
    const written = await passed(
      'rewriter',
      'From: "Wiki, internal" <wiki@other.test>\nTo: x@corp.test\nSubject: Changed page\n\nText.\n',
    );
    assert.match(written, /^From: "Wiki, internal" <noreply@corp\.test>\r$/m);
    assert.match(written, /^Reply-To: wiki@other\.test\r$/m);
    assert.match(written, /^DKIM-Signature: [^]*?d=corp\.test;/m);
    const kept = await passed(
      'rewriter',
      'From: wiki@other.test\nReply-To: tickets@elsewhere.test\nSubject: Ticket\n\nText.\n',
    );
    assert.match(kept, /^From: noreply@corp\.test\r$/m);
    assert.match(kept, /^Reply-To: tickets@elsewhere\.test\r$/m);
    assert.equal(kept.match(/^Reply-To:/gm)?.length, 1);
    const [event] = await relay.log('--type', 'acceptance', '--source', 'rewriter', '--limit', '1');
    assert.equal(event?.from, 'bounces@corp.test');
    const client = await session('rewriter');
    const forbidden = octets('From: boss@corp.test\n\nText.\n');
    assert.match(
      await client.send({ from: 'app@corp.test', to: ['x@corp.test'], content: forbidden }),
      /^550 5\.7\.1 S402 /,
      'rewriting does not make a forbidden address pass',
    );
    client.destroy();
  });

  test('what a device leaves out is added, what it writes raw is encoded, and the journal tells', async () => {
    const mended = await passed('app', 'From: app@corp.test\nSubject: Grüße aus dem Drucker\n\nText.\n');
    assert.match(mended, /^Date: \w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r$/m);
    assert.match(mended, /^Message-ID: <[0-9A-Z]{11}@relay\.test>\r$/m);
    assert.match(mended, /^Subject: =\?utf-8\?[qb]\?/im);
    const id = /id ([0-9A-Z]{11})/.exec(mended)?.[1] ?? '';
    const warnings = await relay.log('--type', 'warning', '--message', id);
    assert.ok(warnings.some(({ code, text }) => code === 'headers-repaired' && /date/.test(text ?? '')));
    const story = await relay.cli('why', id);
    assert.match(story, /headers-repaired|repaired or added/);

    const long = await passed('app', `${HEAD}Subject: Long\n\n${'word '.repeat(500)}\n`);
    assert.ok(long.split('\r\n').every((line) => line.length <= 998));
    const from = await passed('nameless', 'Subject: No author\n\nText.\n');
    assert.match(from, /^From: device@corp\.test\r$/m);
    const untouched = `${HEAD}Subject: As it should be\n\nText.\n`;
    assert.ok((await passed('strict', untouched)).endsWith(octets(untouched).toString()));
  });

  test('what was forged in the envelope of a smuggled message has not come in', async () => {
    const { body } = await relay.api<{ items: { from: string; subject: string }[] }>(
      'GET',
      '/inbox?limit=500',
    );
    assert.deepEqual(
      body.items.filter(({ from }) => from.startsWith('boss@')),
      [],
    );
  });
});
