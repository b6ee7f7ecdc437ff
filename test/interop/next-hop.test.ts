/**
 * Postfix as the next hop: transport security, logins, and what SMTP's extensions carry, seen on the wire and by
 * what Postfix hands on.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addressesOf, NextHopScene, traceOf, USERNAME } from './next-hop-scene.ts';
import { POSTFIX_NEEDS_ROOT } from './postfix.ts';
import { sampleMessage } from './sample.ts';

describe('Postfix as the next hop', { skip: POSTFIX_NEEDS_ROOT }, () => {
  let scene: NextHopScene;
  before(async () => {
    scene = new NextHopScene();
    await scene.start();
  });
  after(() => scene?.stop());

  describe('transport', () => {
    const to = (domain: string) => sampleMessage(`to ${domain}`, { to: `you@${domain}.test` });

    test('without TLS', async () => {
      await scene.submit(to('plain'));
      const trace = traceOf(await scene.expect(to('plain')));
      assert.doesNotMatch(trace, /TLS/);
      assert.match(trace, /with ESMTP id/);
    });

    for (const domain of ['starttls', 'implicit']) {
      test(`${domain}, the certificate verified by an authority of one's own`, async () => {
        await scene.submit(to(domain));
        assert.match(traceOf(await scene.expect(to(domain))), /using TLSv1\.3 with cipher/);
      });
    }

    test('opportunistic: STARTTLS with a certificate that nobody knows', async () => {
      await scene.submit(to('stranger'));
      assert.match(traceOf(await scene.expect(to('stranger'))), /using TLSv1\.3 with cipher/);
    });

    test('opportunistic: in the clear where TLS 1.0 is all there is', async () => {
      await scene.submit(to('ancient'));
      assert.doesNotMatch(traceOf(await scene.expect(to('ancient'))), /TLS/);
    });

    for (const domain of ['untrusted', 'never-clear']) {
      test(`verified: ${domain} waits in the queue, and Postfix sees nothing of it`, async () => {
        const message = await scene.submit(to(domain));
        const { code, outcome, reply } = await scene.deferral(message);
        assert.deepEqual({ code, outcome }, { code: 'D954', outcome: 'deferred' }, reply ?? '');
        assert.doesNotMatch(scene.hop.log(), new RegExp(`@${domain}\\.test`));
      });
    }
  });

  describe('authentication', () => {
    for (const domain of ['plain-auth', 'login-auth']) {
      test(domain, async () => {
        const sample = sampleMessage(`to ${domain}`, { to: `you@${domain}.test` });
        await scene.submit(sample);
        assert.match(traceOf(await scene.expect(sample)), /with ESMTPSA id/);
        const mechanism = domain.split('-')[0]?.toUpperCase();
        assert.match(scene.hop.log(), new RegExp(`sasl_method=${mechanism}, sasl_username=${USERNAME}`));
      });
    }

    test('SCRAM-SHA-256, where it is offered: another Postern, here the same one', async () => {
      const sample = sampleMessage('twice through', { to: 'you@plain.test' });
      await scene.submit(sample, { login: { user: 'first', pass: scene.passwords.first } });
      await scene.expect(sample, 2);
      const [accepted] = await scene.events('type=acceptance&source=second');
      assert.equal(accepted?.detail?.method, 'SCRAM-SHA-256');
    });

    test('a wrong password is no reason to give up mail', async () => {
      const message = await scene.submit(sampleMessage('wrong login', { to: 'you@wrong-login.test' }));
      const { outcome, reply } = await scene.deferral(message);
      assert.equal(outcome, 'deferred');
      assert.match(reply ?? '', /^535 5\.7\.8 /);
    });
  });

  describe('extensions', () => {
    test('three recipients go in one transaction and one packet', async () => {
      const sample = sampleMessage('three recipients');
      const to = ['a@plain.test', 'b@plain.test', 'c@plain.test'];
      await scene.submit(sample, { to });
      const arrived = await scene.expect(sample);
      assert.deepEqual(addressesOf(arrived), to);
      const read =
        scene.hop.taps.get('plain')?.reads.find((one) => one.includes('RCPT TO:<a@plain.test>')) ?? '';
      assert.match(read, /^MAIL FROM:<app@corp\.test>.*\r\n(?:RCPT TO:.*\r\n){3}DATA\r\n$/);
    });

    test('without PIPELINING, 8BITMIME, SIZE and DSN: one command at a time, nothing that was not offered', async () => {
      const sample = sampleMessage('to bare', { to: 'you@bare.test' });
      await scene.submit(sample, {
        to: ['you@bare.test', 'me@bare.test'],
        dsn: { id: 'x1', return: 'headers', notify: ['success'] },
      });
      await scene.expect(sample);
      const reads = scene.hop.taps.get('bare')?.reads ?? [];
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
      const { content } = await scene.noticeOf(sample);
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
      await scene.submit(sample, { dsn });
      const { mail, recipients } = await scene.expect(sample);
      const said = scene.hop.taps.get('plain')?.commands('MAIL').at(-1) ?? '';
      assert.match(
        said,
        /^MAIL FROM:<app@corp\.test> SIZE=\d+ BODY=8BITMIME RET=HDRS ENVID=QQ\+3D314\+2B159$/,
      );
      const rcpt = 'RCPT TO:<dsn@plain.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;first@there.test';
      assert.equal(scene.hop.taps.get('plain')?.commands('RCPT').at(-1), rcpt);
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
      await scene.submit(sample);
      const arrived = await scene.expect(sample);
      assert.match(arrived.mail, / SMTPUTF8/);
      assert.deepEqual(addressesOf(arrived), [sample.to]);
      assert.match(scene.hop.taps.get('plain')?.commands('MAIL').at(-1) ?? '', / SMTPUTF8$/);
    });

    test('a message of 5 MB', async () => {
      const line = Buffer.from(`${'.0123456789'.repeat(7)}\r\n`);
      const body = Buffer.alloc(5_000_000 - (5_000_000 % line.length), line);
      const sample = sampleMessage('large', { to: 'you@starttls.test', body });
      await scene.submit(sample);
      await scene.expect(sample);
    });
  });

  describe('refusals', () => {
    test('550 for one of three: it bounces, the others arrive', async () => {
      const sample = sampleMessage('one is refused');
      await scene.submit(sample, { to: ['a@plain.test', 'nobody@plain.test', 'c@plain.test'] });
      assert.deepEqual(addressesOf(await scene.expect(sample)), ['a@plain.test', 'c@plain.test']);
      const bounce = await scene.noticeOf(sample);
      assert.deepEqual(addressesOf(bounce), ['app@corp.test']);
      assert.match(bounce.content, /^Content-Type: multipart\/report;/m);
      assert.match(bounce.content, /^Final-Recipient: rfc822; ?nobody@plain\.test\r$/m);
      assert.match(bounce.content, /^Action: failed\r$/m);
      assert.match(bounce.content, /^Status: 5\.1\.1\r$/m);
      assert.match(bounce.content, /^Diagnostic-Code: smtp; ?550 5\.1\.1 .*no such mailbox/m);
      assert.doesNotMatch(bounce.content, /[ac]@plain\.test/);
    });

    test('550 for all, DATA already said: they bounce', async () => {
      const sample = sampleMessage('all are refused');
      await scene.submit(sample, { to: ['nobody@plain.test', 'nobody2@plain.test'] });
      const { content } = await scene.noticeOf(sample);
      assert.match(content, /^Final-Recipient: rfc822; ?nobody@plain\.test\r$/m);
      assert.match(content, /^Final-Recipient: rfc822; ?nobody2@plain\.test\r$/m);
    });

    test('SMTPUTF8 that the next hop does not offer bounces with 5.6.7', async () => {
      const sample = sampleMessage('not for everybody', { to: '\u0438\u0432\u0430\u043d@bare.test' });
      await scene.submit(sample);
      assert.match((await scene.noticeOf(sample)).content, /^Status: 5\.6\.7\r$/m);
    });

    test('450 is tried again', async () => {
      const sample = sampleMessage('greylisted', { to: 'later@plain.test' });
      const message = await scene.submit(sample);
      await scene.expect(sample);
      const attempts = await scene.events(`message=${message}&type=attempt`, 2);
      assert.deepEqual(
        attempts.map(({ outcome }) => outcome),
        ['deferred', 'delivered'],
      );
      assert.match(attempts[0]?.reply ?? '', /^450 4\.2\.0 .*greylisted/);
    });
  });

  test('Postfix has found no fault with the protocol', () => {
    const faults = scene.hop
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
