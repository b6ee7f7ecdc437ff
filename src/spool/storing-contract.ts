/** What is stored, and given back. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type Contract, finished, sample } from './fixture-contract.ts';
import type { NewMessage } from './spool.ts';

export function storingContract(contract: Contract): void {
  for (const how of ['not at all', 'close', 'kill'] as const) {
    contract(`what was stored is given back whole (reopened: ${how})`, async (fixture) => {
      const message = sample(fixture.ids.next(), fixture.clock.now(), {
        source: 'src_b',
        envelope: {
          from: 'grüße@corp.example',
          recipients: [
            {
              address: 'one@example.org',
              notify: ['failure', 'delay'],
              originalRecipient: 'rfc822;x+2By@z',
            },
            { address: "o'neil@example.net", notify: 'never' },
            { address: 'two@EXAMPLE.org' },
          ],
          smtpUtf8: true,
          body: 'binarymime',
          requireTls: true,
          returnContent: 'headers',
          envelopeId: 'QQ+3D1',
        },
        head: Buffer.from('Subject: \xff\0\r\n\r\n', 'latin1'),
        body: { kind: 'memory', bytes: Buffer.from('\0\x01\xfe\r\n', 'latin1') },
        traits: { eightBit: true, dotLines: true, longestLine: 1234, looseSpace: true },
      });
      await fixture.spool.store(message);
      if (how !== 'not at all') await fixture.again(how);
      const { spool, clock } = fixture;
      const payload = await spool.payload(message.id);
      assert.deepEqual(payload, {
        head: message.head,
        body: message.body,
        traits: message.traits,
        envelope: message.envelope,
      });
      const common = {
        message: message.id,
        source: 'src_b',
        from: 'grüße@corp.example',
        state: 'queued',
        hold: undefined,
        receivedAt: message.receivedAt,
        size: message.head.length + 5,
        nextAttemptAt: message.receivedAt,
        attempts: 0,
        lastReply: undefined,
        delayNotified: false,
      };
      const [one, oneil, two] = message.envelope.recipients;
      assert.deepEqual(await spool.due('example.org', clock.now(), 10), [
        { ...common, part: 0, domain: 'example.org', recipients: [one, two] },
      ]);
      assert.deepEqual(await spool.due('example.net', clock.now(), 10), [
        { ...common, part: 1, domain: 'example.net', recipients: [oneil] },
      ]);
      assert.deepEqual(await spool.statistics(), {
        messages: 1,
        queued: 2,
        held: 0,
        bytes: message.head.length + 5,
        oldestAt: message.receivedAt,
      });
    });

    contract(`a large body comes back from its file (reopened: ${how})`, async (fixture) => {
      const id = fixture.ids.next();
      const writer = await fixture.spool.newBody(id);
      const chunks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(10_000, index));
      for (const chunk of chunks) await writer.write(chunk);
      const body = await writer.finish();
      assert.equal(body.length, 400_000);
      await fixture.spool.store(sample(id, fixture.clock.now(), { body }));
      if (how !== 'not at all') await fixture.again(how);
      const payload = await fixture.spool.payload(id);
      assert.ok(payload?.body.kind === 'file');
      assert.equal(payload.body.length, 400_000);
      assert.deepEqual(await readFile(payload.body.path), Buffer.concat(chunks));
      const [delivery] = await fixture.spool.list({ message: id }, 1);
      assert.equal(delivery?.size, 400_000 + payload.head.length);
      await fixture.spool.settle([finished(id)]);
      const { path } = payload.body;
      await fixture.again('close');
      await assert.rejects(readFile(path), { code: 'ENOENT' });
    });
  }

  contract('a large body in memory is stored like any other', async ({ spool, ids, clock }) => {
    const bytes = Buffer.alloc(1_000_000, 'x');
    const message = sample(ids.next(), clock.now(), { body: { kind: 'memory', bytes } });
    await spool.store(message);
    const { body } = (await spool.payload(message.id)) ?? {};
    assert.ok(body);
    assert.deepEqual(body.kind === 'memory' ? body.bytes : await readFile(body.path), bytes);
  });

  contract('an empty body is a body', async ({ spool, store }) => {
    const { id } = await store({ body: { kind: 'memory', bytes: Buffer.alloc(0) } });
    assert.deepEqual((await spool.payload(id))?.body, { kind: 'memory', bytes: Buffer.alloc(0) });
  });

  contract('a discarded body leaves nothing', async ({ spool, ids }) => {
    const id = ids.next();
    const writer = await spool.newBody(id);
    await writer.write(Buffer.alloc(1000));
    await writer.discard();
    await writer.discard();
    await assert.rejects(writer.finish());
    // the name is free again
    await (await spool.newBody(id)).discard();
  });

  contract('a message without recipients, or with a name that is none, is a mistake', async (fixture) => {
    const { spool, ids, clock } = fixture;
    await assert.rejects(spool.store(sample(ids.next(), clock.now(), { to: [] })), TypeError);
    await assert.rejects(spool.store(sample('X', clock.now())), TypeError);
    assert.equal((await spool.statistics()).messages, 0);
  });

  contract('a name that is taken is refused, and takes no other message with it', async (fixture) => {
    const { spool, ids, clock, store } = fixture;
    const first = await store();
    const others = [sample(ids.next(), clock.now()), sample(ids.next(), clock.now())];
    const results = await Promise.allSettled([
      spool.store(others[0] as NewMessage),
      spool.store({ ...first, body: { kind: 'memory', bytes: Buffer.from('another') } }),
      spool.store(others[1] as NewMessage),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual((await spool.payload(first.id))?.body, first.body);
    assert.equal((await spool.statistics()).messages, 3);
    assert.equal((await spool.list({}, 10)).length, 3);
  });

  contract('many at once are all taken, and none is mixed up', async ({ spool, ids, clock }) => {
    const messages = Array.from({ length: 700 }, (_, index) =>
      sample(ids.next(), clock.now(), { to: [`r${index}@d${index % 7}.example`] }),
    );
    await Promise.all(messages.map((message) => spool.store(message)));
    assert.deepEqual(
      (await spool.list({}, 1000)).map(({ message, recipients }) => [message, recipients]),
      messages.map(({ id, envelope }) => [id, envelope.recipients]),
    );
    await Promise.all(
      messages.map(async ({ id }) => {
        const { head } = (await spool.payload(id)) ?? {};
        assert.equal(head?.toString(), `Subject: ${id}\r\n\r\n`);
        await spool.settle([finished(id)]);
      }),
    );
    assert.equal((await spool.statistics()).messages, 0);
  });
}
