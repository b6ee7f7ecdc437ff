/**
 * Postfix as the next hop: transport security, logins, and what SMTP's extensions carry, seen on the wire and by
 * what Postfix hands on. Set up by the command line, as an operator would.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { RelayProcess } from '../support/relay-process.ts';
import type { ReceivedMessage } from '../support/scripted-server.ts';
import { SINK_CERTIFICATE } from '../support/sink-certificate.ts';
import { type Keys, mailauth } from './dkim-tools.ts';
import { type Hop, HOPS, NextHop } from './next-hop.ts';
import { POSTFIX_NEEDS_ROOT } from './postfix.ts';
import { parted, type Sample, sameOctets, sampleMessage } from './sample.ts';
import { eventually } from './sandbox.ts';

const USERNAME = 'relay@corp.test';
const PASSWORD = 'a password, with = and \u00fc';

const FIRST_PASSWORD = 'first-first-first-first';
const SECOND_PASSWORD = 'second-second-second-second';

const deferredOnce = new Set<string>();

/** Mailboxes that do not exist, and ones that are greylisted. */
function policy(recipient: string): string {
  if (recipient.startsWith('nobody')) return '550 5.1.1 no such mailbox';
  if (!recipient.startsWith('later') || deferredOnce.has(recipient)) return 'DUNNO';
  deferredOnce.add(recipient);
  return '450 4.2.0 greylisted, come back';
}

describe('Postfix as the next hop', { skip: POSTFIX_NEEDS_ROOT }, () => {
  const hop = new NextHop({ username: USERNAME, password: PASSWORD, policy });
  let relay: RelayProcess;
  let ports: Record<string, number> = {};
  let keys: Keys = {};

  before(async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-relay-'));
    relay = new RelayProcess({
      folder,
      config: '[delivery]\nretryFirstSeconds = 1\nretryMostSeconds = 2\n',
      // the way to trust an authority of one's own
      environment: { NODE_EXTRA_CA_CERTS: path.join(folder, 'authority.pem') },
    });
    writeFileSync(path.join(folder, 'authority.pem'), SINK_CERTIFICATE);
    writeFileSync(path.join(folder, 'password'), `${PASSWORD}\n`);
    writeFileSync(path.join(folder, 'wrong-password'), 'another one\n');
    await Promise.all([hop.start(), relay.start()]);
    ports = await relay.ports();
    setUp();
  });
  after(async () => {
    await relay?.stop();
    relay?.remove();
    await hop.stop();
  });

  /** A source without login, and a route to each listener for the recipient domain of its name. */
  function setUp(): void {
    const domain = JSON.parse(relay.cli('domain', 'add', 'corp.test', '--json')) as {
      keys: { record: { name: string; text: string } }[];
    };
    keys = Object.fromEntries(domain.keys.map(({ record }) => [record.name, record.text]));
    const policyOptions = ['--from', 'corp.test', '--recipients', 'any', '--limit', 'messages/minute=none'];
    relay.cli('source', 'add', 'app', '--owner', 'o@corp.test', '--network', '127.0.0.0/8', ...policyOptions);
    const route = (name: string, to: Hop, ...options: string[]) =>
      relay.cli(
        'route',
        'set',
        name,
        '--smarthost',
        hop.address(to),
        '--recipient-domain',
        `${name}.test`,
        ...options,
      );
    const login = (file: string) => ['--user', USERNAME, '--password-file', path.join(relay.folder, file)];
    const security: Record<Hop, string[]> = {
      plain: ['--tls', 'none'],
      starttls: ['--tls', 'verified'],
      implicit: ['--tls', 'verified', '--implicit-tls'],
      stranger: ['--tls', 'opportunistic'],
      ancient: ['--tls', 'opportunistic'],
      bare: ['--tls', 'none'],
      'plain-auth': ['--tls', 'verified', ...login('password')],
      'login-auth': ['--tls', 'verified', ...login('password')],
    };
    for (const name of HOPS) route(name, name, ...security[name]);
    route('untrusted', 'stranger', '--tls', 'verified');
    route('never-clear', 'ancient', '--tls', 'verified');
    route('wrong-login', 'plain-auth', '--tls', 'verified', ...login('wrong-password'));
    for (const [name, password] of [
      ['first', FIRST_PASSWORD],
      ['second', SECOND_PASSWORD],
    ] as const) {
      const file = path.join(relay.folder, name);
      writeFileSync(file, password);
      relay.cli('source', 'add', name, '--owner', 'o@corp.test', '--password-file', file, ...policyOptions);
    }
    const back = ['--smarthost', `127.0.0.1:${ports['bench']}`, '--tls', 'opportunistic'];
    relay.cli(
      'route',
      'set',
      'back',
      '--source',
      'first',
      ...back,
      '--user',
      'second',
      '--password-file',
      path.join(relay.folder, 'second'),
    );
    // bounces go back the same way
    route('corp', 'plain', '--tls', 'none');
  }

  interface Extras {
    to?: string[];
    dsn?: { id: string; return: string; notify: string[]; recipient?: string };
  }

  /** Hands a message to the relay; answers its identifier there. */
  async function submit(sample: Sample, { to = [sample.to], dsn }: Extras = {}): Promise<string> {
    const transport = createTransport({ host: '127.0.0.1', port: ports['bench'], ignoreTLS: true });
    const { response } = await transport.sendMail({
      envelope: { from: sample.from, to },
      raw: sample.whole,
      dsn,
    });
    transport.close();
    return /(\S+) queued/.exec(response)?.[1] ?? assert.fail(response);
  }

  const trouble = () => `${hop.log()}\n${relay.cli('log', '--json', '--limit', '30')}`;
  const arrivals = (matching: (message: ReceivedMessage) => boolean, what: string) =>
    eventually(`the arrival of ${what}`, () => hop.sink.messages.find(matching), trouble);

  /** The message has come through Postfix unaltered, and its signature verifies there still. */
  async function expectArrival(sample: Sample): Promise<ReceivedMessage> {
    const arrived = await arrivals(
      ({ content }) => content.includes(`Subject: ${sample.subject}\r\n`),
      sample.subject,
    );
    const octets = Buffer.from(arrived.content, 'latin1');
    sameOctets(parted(octets).body, sample.body);
    assert.deepEqual(await mailauth.verify([octets], keys, 1), [['pass']]);
    return arrived;
  }

  /** What the relay has told the sender of a message, which has gone to him by way of Postfix. */
  function noticeOf(sample: Sample): Promise<ReceivedMessage> {
    const messageId = /^Message-ID: (.*)\r$/m.exec(sample.head.toString())?.[1] ?? assert.fail();
    return arrivals(
      ({ mail, content }) => mail.startsWith('MAIL FROM:<>') && content.includes(messageId),
      `a notice of ${sample.subject}`,
    );
  }

  /** What Postfix has written of the connection that a message came over. */
  const traceOf = ({ content }: ReceivedMessage): string =>
    /^Received: from relay\.test .*\r\n(?:[ \t].*\r\n)*/m.exec(content)?.[0] ??
    assert.fail(content.slice(0, 2000));

  interface SeenEvent {
    type: string;
    outcome?: string;
    code?: string;
    reply?: string;
    tls?: string;
    detail?: { method?: string };
  }

  /** Events of a message, oldest first. */
  async function eventsOf(message: string, type: string): Promise<SeenEvent[]> {
    const { items } = (await (await relay.ask(`/events?message=${message}&type=${type}`)).json()) as {
      items: SeenEvent[];
    };
    return items.reverse();
  }

  /** The first attempt that failed, of a message that stays in the queue. */
  async function deferral(message: string): Promise<SeenEvent> {
    const event = await eventually(
      'an attempt',
      async () => (await eventsOf(message, 'attempt'))[0],
      trouble,
    );
    const queued = JSON.parse(relay.cli('queue', 'list', '--json')) as { message: string; state: string }[];
    assert.deepEqual(
      queued.filter((one) => one.message === message).map(({ state }) => state),
      ['queued'],
    );
    relay.cli('queue', 'delete', message, '--yes');
    return event;
  }

  describe('transport', () => {
    const to = (domain: string) => sampleMessage(`to ${domain}`, { to: `you@${domain}.test` });

    test('without TLS', async () => {
      await submit(to('plain'));
      const trace = traceOf(await expectArrival(to('plain')));
      assert.doesNotMatch(trace, /TLS/);
      assert.match(trace, /with ESMTP id/);
    });

    for (const domain of ['starttls', 'implicit']) {
      test(`${domain}, the certificate verified by an authority of one's own`, async () => {
        await submit(to(domain));
        assert.match(traceOf(await expectArrival(to(domain))), /using TLSv1\.3 with cipher/);
      });
    }

    test('opportunistic: STARTTLS with a certificate that nobody knows', async () => {
      await submit(to('stranger'));
      assert.match(traceOf(await expectArrival(to('stranger'))), /using TLSv1\.3 with cipher/);
    });

    test('opportunistic: in the clear where TLS 1.0 is all there is', async () => {
      await submit(to('ancient'));
      assert.doesNotMatch(traceOf(await expectArrival(to('ancient'))), /TLS/);
    });

    for (const domain of ['untrusted', 'never-clear']) {
      test(`verified: ${domain} waits in the queue, and Postfix sees nothing of it`, async () => {
        const message = await submit(to(domain));
        const { code, outcome, reply } = await deferral(message);
        assert.deepEqual({ code, outcome }, { code: 'D954', outcome: 'deferred' }, reply ?? '');
        assert.doesNotMatch(hop.log(), new RegExp(`@${domain}\\.test`));
      });
    }
  });

  describe('authentication', () => {
    for (const domain of ['plain-auth', 'login-auth']) {
      test(domain, async () => {
        const sample = sampleMessage(`to ${domain}`, { to: `you@${domain}.test` });
        await submit(sample);
        assert.match(traceOf(await expectArrival(sample)), /with ESMTPSA id/);
        const mechanism = domain.split('-')[0]?.toUpperCase();
        assert.match(hop.log(), new RegExp(`sasl_method=${mechanism}, sasl_username=${USERNAME}`));
      });
    }

    test('SCRAM-SHA-256, where it is offered: another Postern, here the same one', async () => {
      const sample = sampleMessage('twice through', { to: 'you@plain.test' });
      const transport = createTransport({
        host: '127.0.0.1',
        port: ports['bench'],
        requireTLS: true,
        tls: { rejectUnauthorized: false },
        auth: { user: 'first', pass: FIRST_PASSWORD },
      });
      await transport.sendMail({ envelope: { from: sample.from, to: sample.to }, raw: sample.whole });
      transport.close();
      const arrived = await arrivals(({ content }) => content.includes('Subject: twice through\r\n'), 'it');
      sameOctets(parted(Buffer.from(arrived.content, 'latin1')).body, sample.body);
      const accepted = await eventually('the events', async () => {
        const { items } = (await (await relay.ask('/events?type=acceptance&source=second')).json()) as {
          items: SeenEvent[];
        };
        return items[0];
      });
      assert.equal(accepted.detail?.method, 'SCRAM-SHA-256');
    });

    test('a wrong password is no reason to give up mail', async () => {
      const message = await submit(sampleMessage('wrong login', { to: 'you@wrong-login.test' }));
      const { outcome, reply } = await deferral(message);
      assert.equal(outcome, 'deferred');
      assert.match(reply ?? '', /^535 5\.7\.8 /);
    });
  });

  describe('extensions', () => {
    test('three recipients go in one transaction and one packet', async () => {
      const sample = sampleMessage('three recipients');
      const to = ['a@plain.test', 'b@plain.test', 'c@plain.test'];
      await submit(sample, { to });
      const { recipients } = await expectArrival(sample);
      assert.deepEqual(
        recipients.map((line) => /<(.*?)>/.exec(line)?.[1]),
        to,
      );
      const read = hop.taps.get('plain')?.reads.find((one) => one.includes('RCPT TO:<a@plain.test>')) ?? '';
      assert.match(read, /^MAIL FROM:<app@corp\.test>.*\r\n(?:RCPT TO:.*\r\n){3}DATA\r\n$/);
    });

    test('without PIPELINING, 8BITMIME, SIZE and DSN: one command at a time, nothing that was not offered', async () => {
      const sample = sampleMessage('to bare', { to: 'you@bare.test' });
      await submit(sample, {
        to: ['you@bare.test', 'me@bare.test'],
        dsn: { id: 'x1', return: 'headers', notify: ['success'] },
      });
      await expectArrival(sample);
      const reads = hop.taps.get('bare')?.reads ?? [];
      const all = reads.join('');
      const before = all.slice(0, all.indexOf('DATA\r\n') + 6);
      assert.deepEqual(before.split('\r\n').slice(1, -1), [
        'MAIL FROM:<app@corp.test>',
        'RCPT TO:<you@bare.test>',
        'RCPT TO:<me@bare.test>',
        'DATA',
      ]);
      for (const line of before.split('\r\n').slice(0, -1)) assert.ok(reads.includes(`${line}\r\n`), line);
      // RFC 3461 §5.2.2: who asked for word of success is told that from here on there will be none
      const { content } = await noticeOf(sample);
      assert.match(content, /^Action: relayed\r$/m);
      assert.match(content, /^Original-Envelope-Id: x1\r$/m);
    });

    test('DSN parameters, SIZE and 8BITMIME are passed on', async () => {
      const sample = sampleMessage('notify', { to: 'dsn@plain.test' });
      const dsn = {
        id: 'QQ=314+159',
        return: 'headers',
        notify: ['success', 'delay'],
        recipient: 'first@there.test',
      };
      await submit(sample, { dsn });
      const { mail, recipients } = await expectArrival(sample);
      const said = hop.taps.get('plain')?.commands('MAIL').at(-1) ?? '';
      assert.match(
        said,
        /^MAIL FROM:<app@corp\.test> SIZE=\d+ BODY=8BITMIME RET=HDRS ENVID=QQ\+3D314\+2B159$/,
      );
      const rcpt = 'RCPT TO:<dsn@plain.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;first@there.test';
      assert.equal(hop.taps.get('plain')?.commands('RCPT').at(-1), rcpt);
      // and Postfix has understood them
      assert.match(mail, /ENVID=QQ\+3D314\+2B159/);
      assert.match(mail, /RET=HDRS/);
      assert.match(recipients.join(), /NOTIFY=SUCCESS,DELAY/);
      assert.match(recipients.join(), /ORCPT=rfc822;first@there\.test/);
    });

    test('SMTPUTF8: addresses and headers in UTF-8', async () => {
      const sample = sampleMessage('internationalised \u4f60\u597d', {
        to: '\u0438\u0432\u0430\u043d@plain.test',
      });
      await submit(sample);
      const subject = Buffer.from(`Subject: ${sample.subject}\r\n`).toString('latin1');
      const arrived = await arrivals(({ content }) => content.includes(subject), sample.subject);
      sameOctets(parted(Buffer.from(arrived.content, 'latin1')).body, sample.body);
      assert.match(arrived.mail, / SMTPUTF8/);
      assert.equal(
        Buffer.from(arrived.recipients.join(), 'latin1')
          .toString()
          .match(/<(.*?)>/)?.[1],
        sample.to,
      );
      assert.match(hop.taps.get('plain')?.commands('MAIL').at(-1) ?? '', / SMTPUTF8$/);
    });

    test('a message of 5 MB', async () => {
      const line = Buffer.from(`${'.0123456789'.repeat(7)}\r\n`);
      const body = Buffer.alloc(5_000_000 - (5_000_000 % line.length), line);
      const sample = sampleMessage('large', { to: 'you@starttls.test', body });
      await submit(sample);
      await expectArrival(sample);
    });
  });

  describe('refusals', () => {
    test('550 for one of three: it bounces, the others arrive', async () => {
      const sample = sampleMessage('one is refused');
      await submit(sample, { to: ['a@plain.test', 'nobody@plain.test', 'c@plain.test'] });
      const { recipients } = await expectArrival(sample);
      assert.deepEqual(
        recipients.map((line) => /<(.*?)>/.exec(line)?.[1]),
        ['a@plain.test', 'c@plain.test'],
      );
      const bounce = await noticeOf(sample);
      assert.match(bounce.recipients.join(), /<app@corp\.test>/);
      assert.match(bounce.content, /^Content-Type: multipart\/report;/m);
      assert.match(bounce.content, /^Final-Recipient: rfc822; ?nobody@plain\.test\r$/m);
      assert.match(bounce.content, /^Action: failed\r$/m);
      assert.match(bounce.content, /^Status: 5\.1\.1\r$/m);
      assert.match(bounce.content, /^Diagnostic-Code: smtp; ?550 5\.1\.1 .*no such mailbox/m);
      assert.doesNotMatch(bounce.content, /[ac]@plain\.test/);
    });

    test('550 for all, DATA already said: they bounce', async () => {
      const sample = sampleMessage('all are refused');
      await submit(sample, { to: ['nobody@plain.test', 'nobody2@plain.test'] });
      const { content } = await noticeOf(sample);
      assert.match(content, /^Final-Recipient: rfc822; ?nobody@plain\.test\r$/m);
      assert.match(content, /^Final-Recipient: rfc822; ?nobody2@plain\.test\r$/m);
    });

    test('SMTPUTF8 that the next hop does not offer bounces with 5.6.7', async () => {
      const sample = sampleMessage('not for everybody', { to: '\u0438\u0432\u0430\u043d@bare.test' });
      await submit(sample);
      assert.match((await noticeOf(sample)).content, /^Status: 5\.6\.7\r$/m);
    });

    test('450 is tried again', async () => {
      const sample = sampleMessage('greylisted', { to: 'later@plain.test' });
      const message = await submit(sample);
      await expectArrival(sample);
      const attempts = await eventually('two attempts', async () => {
        const all = await eventsOf(message, 'attempt');
        return all.length > 1 ? all : undefined;
      });
      assert.deepEqual(
        attempts.map(({ outcome }) => outcome),
        ['deferred', 'delivered'],
      );
      assert.match(attempts[0]?.reply ?? '', /^450 4\.2\.0 .*greylisted/);
    });
  });

  test('Postfix has found no fault with the protocol', () => {
    const faults = hop
      .log()
      .split('\n')
      // a certificate that is not good enough, and TLS that is too old, end a connection in the middle of STARTTLS
      .filter((line) =>
        /improper command|bare <LF>|lost connection after (?!STARTTLS)|non-SMTP|timeout|fatal:|panic:/.test(
          line,
        ),
      );
    assert.deepEqual(faults, []);
  });
});
