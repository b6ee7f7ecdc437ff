// What becomes of a message after its 250: retried, given up, told, routed, held, by smart host and by MX.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { DnsServer } from '../support/dns-server.ts';
import { type ReceivedMessage, ScriptedServer } from '../support/scripted-server.ts';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { LISTENERS, StoryRelay, until } from '../support/story-relay.ts';

const ID = /^250 2\.0\.0 ([0-9A-Z]{11}) queued$/;

/** Sends one message as a source and answers its identifier. */
async function send(
  relay: StoryRelay,
  account: { name: string; password: string },
  { from = 'app@corp.test', to, subject }: { from?: string; to: string[]; subject: string },
): Promise<string> {
  const client = await relay.session(account.name, account.password);
  const content = plainMessage([
    'From: app@corp.test',
    'To: x@corp.test',
    'Message-ID: <m@corp.test>',
    `Subject: ${subject}`,
  ]);
  const reply = await client.send({ from, to, content });
  client.destroy();
  const id = ID.exec(reply)?.[1];
  assert.ok(id, reply);
  return id;
}

/** The notice that came to a hop for a recipient. */
function noticeFor(hop: ScriptedServer, recipient: string): ReceivedMessage | undefined {
  return hop.messages.find(
    ({ mail, content }) =>
      mail.startsWith('MAIL FROM:<>') && content.includes(`Final-Recipient: rfc822; ${recipient}`),
  );
}

const outcomes = async (relay: StoryRelay, id: string): Promise<(string | undefined)[]> =>
  (await relay.events({ type: 'attempt', message: id })).map(({ outcome }) => outcome);

suite('delivery to a smart host', () => {
  const relay = new StoryRelay({
    config: `hostname = "relay.test"
${LISTENERS}
[delivery]
retryFirstSeconds = 1
retryMostSeconds = 1
delayNoticeSeconds = 2.5
giveUpSeconds = 5
`,
  });
  const app = { name: 'app', password: '' };
  const put = new Map<string, number>();
  let hop: ScriptedServer;
  /** A message that takes its time. */
  let late = '';

  before(async () => {
    hop = await new ScriptedServer({
      reply(line) {
        const [, address = '', domain] = /^RCPT TO:<([^>]*@([^>]*))>/.exec(line) ?? [];
        if (domain === 'never.test' || address === 'gone@mixed.test') return '550 5.1.1 no such user here';
        if (domain === 'slow.test') return '451 4.2.1 mailbox busy';
        if (domain !== 'later.test' && address !== 'later@mixed.test') return undefined;
        const times = (put.get(address) ?? 0) + 1;
        put.set(address, times);
        return times <= 2 ? '451 4.7.1 greylisted' : undefined;
      },
    }).listen();
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    app.password = await relay.addSource(
      'app',
      '--from',
      'corp.test',
      '--recipients',
      'any',
      '--null-sender',
    );
    await relay.cli('route', 'set', 'hop', '--smarthost', `127.0.0.1:${hop.port}`, '--tls', 'none');
    late = await send(relay, app, { to: ['x@slow.test'], subject: 'Late' });
  });
  after(async () => {
    await relay.remove();
    await hop.close();
  });

  test('451 is tried again until it is taken, once', async () => {
    const id = await send(relay, app, { to: ['x@later.test'], subject: 'Greylisted' });
    await until('it is delivered', async () => (await outcomes(relay, id)).includes('delivered'));
    assert.deepEqual(await outcomes(relay, id), ['deferred', 'deferred', 'delivered']);
    assert.equal(hop.messages.filter(({ content }) => content.includes('Subject: Greylisted')).length, 1);
    assert.match(await relay.cli('why', id), /451 4\.7\.1 greylisted/);
  });

  test('550 is told to the envelope sender as RFC 3464 has it, and is not tried again', async () => {
    const id = await send(relay, app, {
      from: 'bounces@corp.test',
      to: ['x@never.test'],
      subject: 'Bounced',
    });
    const notice = await until('the bounce arrives', () => noticeFor(hop, 'x@never.test'));
    assert.deepEqual(
      notice.recipients.map((line) => line.replace(/ NOTIFY.*/, '')),
      ['RCPT TO:<bounces@corp.test>'],
    );
    const { content } = notice;
    const boundary =
      /^Content-Type: multipart\/report; report-type=delivery-status;\r\n\s+boundary="([^"]+)"/m.exec(
        content,
      )?.[1];
    assert.ok(boundary, content);
    assert.match(content, /^To: <bounces@corp\.test>\r$/m);
    assert.match(content, /^From: "Mail Delivery System" <postmaster@relay\.test>\r$/m);
    assert.match(content, /^Auto-Submitted: auto-replied\r$/m);
    assert.match(content, /^In-Reply-To: <m@corp\.test>\r$/m);
    const parts = content.split(`--${boundary}`);
    assert.equal(parts.length, 5);
    assert.equal(parts[4], '--\r\n');
    const [, text = '', status = '', returned = ''] = parts;
    assert.match(text, /could not be delivered to:[^]*<x@never\.test>[^]*no such user here/);
    assert.match(status, /^\r\nContent-Type: message\/delivery-status\r\n\r\n/);
    const [message = '', recipient = ''] = status.split('\r\n\r\n').slice(1);
    assert.match(message, /^Reporting-MTA: dns; relay\.test\r\nArrival-Date: /);
    for (const field of [
      /^Final-Recipient: rfc822; x@never\.test\r$/m,
      /^Action: failed\r$/m,
      /^Status: 5\.1\.1\r$/m,
      /^Remote-MTA: dns; 127\.0\.0\.1\r$/m,
      /^Diagnostic-Code: smtp; 550 5\.1\.1 no such user here\r$/m,
    ]) {
      assert.match(recipient, field);
    }
    assert.match(returned, /^\r\nContent-Type: text\/rfc822-headers\r\n[^]*^Subject: Bounced\r$/m);
    assert.doesNotMatch(returned, /^Text\.\r$/m, 'the body is not returned unasked');
    const bounce = await until(
      'it is in the journal',
      async () => (await relay.events({ type: 'bounce', message: id }))[0],
    );
    assert.deepEqual([bounce.code, bounce.outcome], ['D956', 'notified']);
    assert.deepEqual(await outcomes(relay, id), ['failed']);
  });

  test('nobody is told of a notification that could not be delivered', async () => {
    const id = await send(relay, app, { from: '', to: ['null@never.test'], subject: 'A notice' });
    const bounce = await until(
      'it was given up',
      async () => (await relay.events({ type: 'bounce', message: id }))[0],
    );
    assert.equal(bounce.outcome, 'dropped');
    assert.deepEqual(
      await relay.deliveries(),
      (await relay.deliveries()).filter(({ from }) => from !== ''),
    );
    assert.equal(noticeFor(hop, 'null@never.test'), undefined);
  });

  test('several recipients share one transaction; each has its own fate', async () => {
    const to = ['a@many.test', 'b@many.test', 'c@many.test'];
    await send(relay, app, { to, subject: 'Many' });
    const many = await until('it arrives', () =>
      hop.messages.find(({ content }) => content.includes('Subject: Many')),
    );
    assert.deepEqual(
      many.recipients.map((line) => /<(.*)>/.exec(line)?.[1]),
      to,
    );
    assert.equal(hop.messages.filter(({ content }) => content.includes('Subject: Many')).length, 1);

    const id = await send(relay, app, {
      to: ['ok@mixed.test', 'gone@mixed.test', 'later@mixed.test'],
      subject: 'Mixed',
    });
    await until(
      'all have ended',
      async () => (await relay.deliveries({ domain: 'mixed.test' })).length === 0,
    );
    const mixed = hop.messages.filter(
      ({ mail, content }) => !mail.includes('<>') && content.includes('Subject: Mixed'),
    );
    assert.deepEqual(
      mixed.map(({ recipients }) => recipients.map((line) => /<(.*)>/.exec(line)?.[1])),
      [['ok@mixed.test'], ['later@mixed.test']],
    );
    await until('one is told of', () => noticeFor(hop, 'gone@mixed.test'));
    assert.equal(noticeFor(hop, 'later@mixed.test'), undefined);
    assert.deepEqual(
      (await relay.events({ message: id, outcome: 'failed' })).map(({ to: whom }) => whom),
      [['gone@mixed.test']],
    );
  });

  test('a delay is told once; then it is given up with D951', async () => {
    const id = late;
    const ended = await until(
      'it is given up',
      async () => (await relay.events({ type: 'bounce', message: id }))[0],
    );
    assert.equal(ended.code, 'D951');
    const notices = await until('both notices arrive', () => {
      const all = hop.messages.filter(({ content }) =>
        content.includes('Final-Recipient: rfc822; x@slow.test'),
      );
      return all.length >= 2 && all;
    });
    assert.deepEqual(
      notices.map(({ content }) => /^Action: (.*)\r$/m.exec(content)?.[1]),
      ['delayed', 'failed'],
    );
    const [delayed = '', failed = ''] = notices.map(({ content }) => content);
    assert.match(delayed, /^Status: 4\.2\.1\r$/m);
    assert.match(delayed, /^Will-Retry-Until: /m);
    assert.match(failed, /^Status: 5\.4\.7\r$/m);
    assert.match(failed, /^Diagnostic-Code: smtp; 451 4\.2\.1 mailbox busy\r$/m);
    assert.match(failed, /D951/);
    const delays = await relay.events({ type: 'delay', message: id });
    assert.equal(delays.length, 1);
    // the notice has arrived, and is still being settled
    await until('nothing waits', async () => (await relay.deliveries()).length === 0);
  });
});

suite('delivery by MX, by routes, and by hand', () => {
  let dns: DnsServer;
  let relay: StoryRelay;
  const hops = new Map<string, ScriptedServer>();
  const app = { name: 'app', password: '' };
  const other = { name: 'other', password: '' };
  const hop = (name: string): ScriptedServer => hops.get(name) as ScriptedServer;
  let nowHere = '';
  let silent = '';

  before(async () => {
    for (const name of ['mx', 'source', 'recipient', 'sender'])
      hops.set(name, await new ScriptedServer().listen());
    dns = await new DnsServer().listen();
    dns
      .set('good.test', 'MX', '10 mx1.good.test', '20 mx2.good.test')
      .set('mx1.good.test', 'A', '127.0.0.2') // nobody listens there
      .set('mx2.good.test', 'A', '127.0.0.1')
      .set('plain.test', 'A', '127.0.0.1')
      .set('corp.test', 'MX', '10 mx2.good.test')
      .set('null.test', 'MX', '0 .')
      .set('dangling.test', 'MX', '10 nowhere.dangling.test')
      .trouble('failing.test', 'servfail')
      .trouble('silent.test', 'silence');
    relay = new StoryRelay({
      config: `hostname = "relay.test"\n${LISTENERS}[dns]\nservers = ["${dns.address}"]\n`,
    });
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    const policy = ['--from', 'corp.test', '--recipients', 'any'];
    app.password = await relay.addSource(
      'app',
      ...policy,
      '--from',
      'envelope=dept.corp.test,header=corp.test',
    );
    other.password = await relay.addSource('other', ...policy);
    // a port other than 25 can be set by the API alone
    const set = await relay.api('PUT', '/routes/mx', {
      target: { kind: 'mx', port: hop('mx').port },
      tls: 'none',
    });
    assert.equal(set.status, 200);
    // the resolver takes its time: it is looked at in the end
    silent = await send(relay, app, { to: ['x@silent.test'], subject: 'Silent' });
    nowHere = await send(relay, app, { to: ['x@failing.test'], subject: 'Failing' });
  });
  after(async () => {
    await relay?.remove();
    for (const server of hops.values()) await server.close();
    await dns?.close();
  });

  const arrived = (name: string, subject: string): ReceivedMessage | undefined =>
    hop(name).messages.find(
      ({ mail, content }) => !mail.includes('<>') && content.includes(`Subject: ${subject}\r\n`),
    );

  test('the next priority is tried when the first host is not there', async () => {
    const id = await send(relay, app, { to: ['x@good.test'], subject: 'Fallback' });
    await until('it arrives', () => arrived('mx', 'Fallback'));
    const [attempt] = await until('it is in the journal', async () => {
      const all = await relay.events({ type: 'attempt', message: id });
      return all.length > 0 && all;
    });
    assert.deepEqual([attempt?.destination, attempt?.outcome], ['mx/mx2.good.test', 'delivered']);
  });

  test('a domain without MX is its own host', async () => {
    await send(relay, app, { to: ['x@plain.test'], subject: 'Implicit' });
    await until('it arrives', () => arrived('mx', 'Implicit'));
  });

  test('no such domain, a null MX and hosts without address are told at once', async () => {
    const cases = { 'nowhere.test': 'D952', 'null.test': 'D953', 'dangling.test': 'D952' };
    for (const [domain, code] of Object.entries(cases)) {
      const id = await send(relay, app, { to: [`x@${domain}`], subject: domain });
      const bounce = await until(
        `${domain} is given up`,
        async () => (await relay.events({ type: 'bounce', message: id }))[0],
      );
      assert.equal(bounce.code, code);
      const notice = await until('the sender is told', () => noticeFor(hop('mx'), `x@${domain}`));
      assert.match(
        notice.content,
        new RegExp(`^Status: ${code === 'D952' ? '5\\.1\\.2' : '5\\.1\\.10'}\\r$`, 'm'),
      );
      assert.match(notice.content, new RegExp(`^Diagnostic-Code: X-Postern; ${code} `, 'm'));
    }
  });

  test('the more exact route decides: source, then recipient domain, then sender domain', async () => {
    const to = (name: string): string[] => ['--smarthost', `127.0.0.1:${hop(name).port}`, '--tls', 'none'];
    await Promise.all([
      relay.cli('route', 'set', 'by-source', ...to('source'), '--source', 'other'),
      relay.cli('route', 'set', 'by-recipient', ...to('recipient'), '--recipient-domain', 'partner.test'),
      relay.cli('route', 'set', 'by-sender', ...to('sender'), '--sender-domain', 'dept.corp.test'),
    ]);
    const dept = 'app@dept.corp.test';
    await send(relay, other, { to: ['x@partner.test'], subject: 'Source' });
    await send(relay, app, { from: dept, to: ['x@partner.test'], subject: 'Recipient' });
    await send(relay, app, { from: dept, to: ['x@good.test'], subject: 'Sender' });
    await send(relay, app, { to: ['x@good.test'], subject: 'Default' });
    await until('by source', () => arrived('source', 'Source'));
    await until('by recipient', () => arrived('recipient', 'Recipient'));
    await until('by sender', () => arrived('sender', 'Sender'));
    await until('by default', () => arrived('mx', 'Default'));
    assert.deepEqual(
      ['source', 'recipient', 'sender'].map((name) => hop(name).messages.length),
      [1, 1, 1],
    );
    const table = await relay.cli('route', 'list');
    for (const line of [
      /by-source +source other/,
      /by-recipient +to partner\.test/,
      /by-sender +from dept\.corp\.test/,
    ]) {
      assert.match(table, line);
    }
  });

  test('the queue by hand: hold, release, retry, delete', async () => {
    let busy = true;
    hop('recipient').options = {
      reply: (line) => (busy && line.startsWith('RCPT') ? '451 4.2.1 busy' : undefined),
    };
    const ids: string[] = [];
    for (const number of [1, 2, 3]) {
      ids.push(await send(relay, app, { to: [`q${number}@partner.test`], subject: `Queued ${number}` }));
    }
    const [first = '', second = '', third = ''] = ids;
    const states = async (): Promise<string[]> =>
      (await relay.deliveries({ domain: 'partner.test' })).map(({ state, hold }) =>
        [state, hold].filter(Boolean).join('/'),
      );
    await until('each was tried', async () =>
      (await relay.deliveries({ domain: 'partner.test' })).every(({ attempts }) => attempts === 1),
    );
    assert.match(await relay.cli('queue', 'list', '--domain', 'partner.test'), /451 4\.2\.1 busy/);
    assert.match(await relay.cli('queue', 'show', first), /Subject: Queued 1/);
    assert.match(await relay.cli('queue', 'groups'), /partner\.test .* 3 .* 451 4\.2\.1 busy/);
    assert.match(await relay.cli('queue', 'groups', '--domain', 'other.test'), /Nothing waits for a dest/);

    assert.match(await relay.cli('queue', 'hold', '--domain', 'partner.test'), /3 deliveries held/);
    assert.deepEqual(await states(), ['held/operator', 'held/operator', 'held/operator']);
    assert.match(await relay.cli('queue', 'groups'), /operator .* 3 /);
    busy = false;
    // retry is for what is queued: a held message stays held
    await relay.cli('queue', 'retry', '--domain', 'partner.test');
    assert.deepEqual(await states(), ['held/operator', 'held/operator', 'held/operator']);
    await relay.cli('queue', 'release', first);
    await until('the one that was released arrives', () => arrived('recipient', 'Queued 1'));
    assert.equal(arrived('recipient', 'Queued 2'), undefined);

    const asked = await relay.run('queue', 'delete', second);
    assert.equal(asked.code, 2, 'nobody can be asked here, so --yes has to be there');
    await relay.cli('queue', 'delete', second, '--yes');
    await relay.cli('queue', 'release', '--reason', 'operator');
    await until('the last one arrives', () => arrived('recipient', 'Queued 3'));
    await until(
      'nothing waits there',
      async () => (await relay.deliveries({ domain: 'partner.test' })).length === 0,
    );
    assert.equal(arrived('recipient', 'Queued 2'), undefined);
    assert.equal(noticeFor(hop('mx'), 'q2@partner.test'), undefined, 'nobody is told of what was deleted');
    assert.ok((await relay.events({ type: 'change' })).some(({ text }) => text === '1 deliveries deleted'));
    await until('the journal has both attempts', async () => (await outcomes(relay, third)).length === 2);
    assert.deepEqual(await outcomes(relay, third), ['deferred', 'delivered']);

    const misspelt = await relay.run('queue', 'release', '--source', 'nobody');
    assert.equal(misspelt.code, 1);
    assert.match(misspelt.err, /there is no source "nobody"/);
  });

  test('a name server that fails or is silent bounces nothing; when it answers, mail is delivered', async () => {
    for (const id of [nowHere, silent]) {
      await until('it was tried', async () => (await outcomes(relay, id)).includes('deferred'));
      assert.deepEqual(await relay.events({ type: 'bounce', message: id }), []);
    }
    for (const domain of ['failing.test', 'silent.test']) {
      const [waiting] = await relay.deliveries({ domain });
      assert.deepEqual([waiting?.state, waiting?.attempts], ['queued', 1]);
      assert.match(waiting?.lastReply ?? '', /MX (failing|silent)\.test: E(SERVFAIL|TIMEOUT)/);
      dns.trouble(domain, undefined).set(domain, 'MX', '10 mx2.good.test');
    }
    await relay.cli('queue', 'retry', '--all');
    for (const subject of ['Failing', 'Silent'])
      await until(`${subject} arrives`, () => arrived('mx', subject));
  });
});
