/** What every implementation of Spool must do, as tests: `spoolContract(name, makeHarness)` runs them against one. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { NO_TRAITS } from '../message/content.ts';
import type { Recipient } from '../message/envelope.ts';
import type { ManualClock } from '../platform/clock.ts';
import { MessageIds } from './message-id.ts';
import type { Delivery, NewMessage, Settlement, Spool, SurveyRow } from './spool.ts';

/** Storage of its own for one test. */
export interface SpoolHarness {
  /** The clock that the spools are given. */
  clock: ManualClock;
  /** A spool over the storage, not open yet; it raises `ids` as it opens. */
  spool(ids: MessageIds): Spool;
  /** What a kill of the process at this moment leaves: a harness over that. The old spool must not be used. */
  killed(): Promise<SpoolHarness>;
  /** Ends the storage; spools have been closed. */
  dispose(): Promise<void>;
}

/** A message of one recipient, unless told otherwise. */
export function sample(
  id: string,
  now: number,
  more: Partial<NewMessage> & { to?: string[] } = {},
): NewMessage {
  const { to = ['someone@example.org'], ...rest } = more;
  return {
    id,
    receivedAt: now,
    source: 'src_a',
    envelope: {
      from: 'app@corp.example',
      recipients: to.map((address): Recipient => ({ address })),
      smtpUtf8: false,
      body: '8bitmime',
      requireTls: false,
    },
    head: Buffer.from(`Subject: ${id}\r\n\r\n`),
    body: { kind: 'memory', bytes: Buffer.from(`body of ${id}\r\n`) },
    traits: NO_TRAITS,
    ...rest,
  };
}

const finished = (message: string, part = 0): Settlement => ({
  message,
  part,
  outcome: { kind: 'finished' },
});

const names = (deliveries: Delivery[]) => deliveries.map(({ message, part }) => `${message}/${part}`);

interface Fixture {
  spool: Spool;
  ids: MessageIds;
  clock: ManualClock;
  harness: SpoolHarness;
  /** Stores a sample one millisecond after the last one. */
  store(more?: Parameters<typeof sample>[2]): Promise<NewMessage>;
  /** Closes the spool, or leaves it as a kill would, and opens it again with new identifiers. */
  again(how: 'close' | 'kill'): Promise<void>;
}

export function spoolContract(name: string, makeHarness: () => Promise<SpoolHarness>): void {
  const contract = (title: string, run: (fixture: Fixture) => Promise<void>) =>
    test(title, async () => {
      const first = await makeHarness();
      const used = [first];
      const ids = new MessageIds(first.clock);
      const fixture: Fixture = {
        spool: first.spool(ids),
        ids,
        clock: first.clock,
        harness: first,
        async store(more) {
          fixture.clock.advance(1);
          const message = sample(fixture.ids.next(), fixture.clock.now(), more);
          await fixture.spool.store(message);
          return message;
        },
        async again(how) {
          const left = fixture.spool;
          if (how === 'close') await left.close();
          else {
            fixture.harness = await fixture.harness.killed();
            used.push(fixture.harness);
            await left.close();
          }
          fixture.clock = fixture.harness.clock;
          fixture.ids = new MessageIds(fixture.clock);
          fixture.spool = fixture.harness.spool(fixture.ids);
          await fixture.spool.open();
        },
      };
      try {
        await fixture.spool.open();
        await run(fixture);
      } finally {
        await fixture.spool.close();
        for (const harness of used) await harness.dispose();
      }
    });

  describe(`spool: ${name}`, () => {
    contract('a new spool is empty', async ({ spool, ids, clock }) => {
      assert.deepEqual(await spool.statistics(), {
        messages: 0,
        queued: 0,
        held: 0,
        bytes: 0,
        oldestAt: undefined,
      });
      assert.deepEqual(await spool.backlog(), []);
      assert.deepEqual(await spool.list({}, 10), []);
      assert.deepEqual(await spool.due('example.org', clock.now(), 10), []);
      assert.deepEqual(await spool.receivedBefore(clock.now(), 10), []);
      assert.equal(await spool.payload(ids.next()), undefined);
      assert.equal(await spool.payload('no identifier'), undefined);
    });

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

    contract('due: the oldest first, of one domain, not before their time', async (fixture) => {
      const { spool, clock, store } = fixture;
      const [a, b, c] = [await store(), await store(), await store()];
      const other = await store({ to: ['x@example.net'] });
      const later = clock.now() + 60_000;
      await spool.settle([deferred(a, later)]);
      assert.deepEqual(names(await spool.due('example.org', clock.now(), 10)), [`${b.id}/0`, `${c.id}/0`]);
      assert.deepEqual(names(await spool.due('example.org', clock.now(), 1)), [`${b.id}/0`]);
      assert.deepEqual(names(await spool.due('example.net', clock.now(), 10)), [`${other.id}/0`]);
      assert.deepEqual(await spool.due('org', clock.now(), 10), []);
      assert.equal((await spool.due('example.org', later - 1, 10)).length, 2);
      assert.deepEqual(names(await spool.due('example.org', later, 10)), [
        `${b.id}/0`,
        `${c.id}/0`,
        `${a.id}/0`,
      ]);
    });

    contract('backlog: every domain with queued deliveries, and its next time', async (fixture) => {
      const { spool, clock, store } = fixture;
      const a = await store({ to: ['x@a.example', 'y@b.example', 'z@a.example'] });
      await store({ to: ['x@a.example'] });
      await store({ to: ['x@held.example'], hold: 'limit' });
      await spool.settle([deferred(a, clock.now() + 1000), deferred(a, clock.now() + 2000, 1)]);
      const backlog = (await spool.backlog()).sort((x, y) => (x.domain < y.domain ? -1 : 1));
      assert.deepEqual(backlog, [
        { domain: 'a.example', queued: 2, nextAttemptAt: a.receivedAt + 1 },
        { domain: 'b.example', queued: 1, nextAttemptAt: clock.now() + 2000 },
      ]);
    });

    contract('a deferred delivery keeps what remains, over a restart', async (fixture) => {
      const { spool, clock, store } = fixture;
      const message = await store({ to: ['a@example.org', 'b@example.org', 'c@example.org'] });
      await spool.settle([
        {
          message: message.id,
          part: 0,
          outcome: {
            kind: 'deferred',
            recipients: [{ address: 'b@example.org', notify: ['success'] }],
            nextAttemptAt: clock.now() + 5000,
            attempts: 3,
            lastReply: "451 4.3.0 can't now",
            delayNotified: true,
          },
        },
      ]);
      await fixture.again('kill');
      const [delivery] = await fixture.spool.list({}, 10);
      assert.deepEqual(delivery?.recipients, [{ address: 'b@example.org', notify: ['success'] }]);
      assert.equal(delivery.nextAttemptAt, message.receivedAt + 5000);
      assert.equal(delivery.attempts, 3);
      assert.equal(delivery.lastReply, "451 4.3.0 can't now");
      assert.equal(delivery.delayNotified, true);
      assert.equal(delivery.state, 'queued');
    });

    contract('a message leaves with its last delivery', async ({ spool, store }) => {
      const { id } = await store({ to: ['a@a.example', 'b@b.example'] });
      await spool.settle([finished(id, 0)]);
      assert.ok(await spool.payload(id));
      assert.deepEqual(names(await spool.list({}, 10)), [`${id}/1`]);
      await spool.settle([finished(id, 1)]);
      assert.equal(await spool.payload(id), undefined);
      assert.equal((await spool.statistics()).bytes, 0);
    });

    contract('a settlement and its notifications are one step', async (fixture) => {
      const { spool, ids, clock, store } = fixture;
      const message = await store();
      const taken = await store();
      const bounce = sample(ids.next(), clock.now(), { source: '', to: ['app@corp.example'] });
      // the notification can not be stored: then the delivery is not finished either
      await assert.rejects(
        spool.settle([{ ...finished(message.id), notifications: [bounce, sample(taken.id, clock.now())] }]),
      );
      assert.deepEqual(names(await spool.list({}, 10)), [`${message.id}/0`, `${taken.id}/0`]);
      await spool.settle([{ ...finished(message.id), notifications: [bounce] }]);
      await fixture.again('kill');
      assert.deepEqual(names(await fixture.spool.list({}, 10)), [`${taken.id}/0`, `${bounce.id}/0`]);
      assert.deepEqual((await fixture.spool.payload(bounce.id))?.body, bounce.body);
    });

    contract('settling what has left changes nothing and tells nobody', async (fixture) => {
      const { spool, ids, clock, store } = fixture;
      const { id } = await store();
      await spool.settle([finished(id)]);
      await spool.settle([
        { ...finished(id), notifications: [sample(ids.next(), clock.now())] },
        finished(ids.next()),
      ]);
      assert.equal((await spool.statistics()).messages, 0);
    });

    contract('several settlements of one call', async ({ spool, clock, store }) => {
      const [a, b, c] = [await store(), await store(), await store()];
      await spool.settle([
        finished(a.id),
        deferred(b, clock.now() + 1),
        { message: c.id, part: 0, outcome: { kind: 'held', reason: 'alignment', lastReply: 'no key' } },
      ]);
      const [second, third] = await spool.list({}, 10);
      assert.equal(second?.attempts, 1);
      assert.deepEqual([third?.state, third?.hold, third?.lastReply], ['held', 'alignment', 'no key']);
      const { messages, queued, held } = await spool.statistics();
      assert.deepEqual({ messages, queued, held }, { messages: 2, queued: 1, held: 1 });
    });

    contract('held messages wait, and are released', async (fixture) => {
      const { spool, clock, store } = fixture;
      const { id } = await store({ hold: 'limit' });
      assert.deepEqual(await spool.due('example.org', clock.now() + 1e9, 10), []);
      assert.deepEqual((await spool.list({ state: 'held', hold: 'limit' }, 10))[0]?.hold, 'limit');
      assert.equal(await spool.release({ hold: 'source' }, clock.now()), 0);
      clock.advance(500);
      assert.equal(await spool.release({ hold: 'limit' }, clock.now()), 1);
      const [delivery] = await spool.due('example.org', clock.now(), 10);
      assert.equal(delivery?.message, id);
      assert.equal(delivery.nextAttemptAt, clock.now());
      assert.equal(delivery.hold, undefined);
      const { queued, held } = await spool.statistics();
      assert.deepEqual([queued, held], [1, 0]);
    });

    contract(
      'what an attempt says of a delivery that was held meanwhile does not release it',
      async (fixture) => {
        const { spool, clock, store } = fixture;
        const message = await store();
        await spool.hold({}, 'operator');
        await spool.settle([deferred(message, clock.now())]);
        const [delivery] = await spool.list({}, 1);
        assert.deepEqual([delivery?.state, delivery?.hold, delivery?.attempts], ['held', 'operator', 1]);
        const { queued, held } = await spool.statistics();
        assert.deepEqual([queued, held], [0, 1]);
        await spool.settle([finished(message.id)]);
        assert.equal((await spool.statistics()).held, 0);
      },
    );

    contract('filters choose by every field, alone and together', async ({ spool, store }) => {
      const a = await store({ source: 'src_x', to: ['1@a.example', '2@b.example'] });
      const b = await store({ source: 'src_y', hold: 'source' });
      const chosen = async (filter: Parameters<Spool['list']>[0]) => names(await spool.list(filter, 10));
      const [a0, a1, b0] = [`${a.id}/0`, `${a.id}/1`, `${b.id}/0`];
      assert.deepEqual(await chosen({}), [a0, a1, b0]);
      assert.deepEqual(await chosen({ message: a.id }), [a0, a1]);
      assert.deepEqual(await chosen({ message: a.id.toLowerCase() }), [a0, a1]);
      assert.deepEqual(await chosen({ message: 'nonsense' }), []);
      assert.deepEqual(await chosen({ source: 'src_x' }), [a0, a1]);
      assert.deepEqual(await chosen({ domain: 'B.example' }), [a1]);
      assert.deepEqual(await chosen({ from: 'app@corp.example' }), [a0, a1, b0]);
      assert.deepEqual(await chosen({ from: "' OR 1 --" }), []);
      assert.deepEqual(await chosen({ state: 'queued' }), [a0, a1]);
      assert.deepEqual(await chosen({ state: 'held' }), [b0]);
      assert.deepEqual(await chosen({ hold: 'source' }), [b0]);
      assert.deepEqual(await chosen({ source: 'src_x', state: 'held' }), []);
    });

    contract('commands change what their filter chooses, and say how many', async (fixture) => {
      const { spool, clock, store } = fixture;
      const messages = [];
      for (let index = 0; index < 30; index += 1) {
        messages.push(await store({ source: `src_${index % 3}`, to: ['a@a.example', 'b@b.example'] }));
      }
      const later = clock.now() + 1e6;
      await spool.settle(messages.map((message) => deferred(message, later)));
      assert.equal(await spool.hold({ source: 'src_1' }, 'source'), 20);
      assert.equal(await spool.hold({ source: 'src_1' }, 'operator'), 0, 'held ones keep their reason');
      assert.equal(await spool.retry({}, clock.now()), 20, 'queued and not yet due');
      assert.equal((await spool.due('a.example', clock.now(), 100)).length, 20);
      assert.equal(await spool.release({ domain: 'a.example' }, clock.now()), 10);
      assert.equal(await spool.remove({ state: 'held' }), 10);
      assert.equal((await spool.statistics()).messages, 30);
      assert.equal(await spool.remove({ message: messages[0]?.id }), 2);
      assert.equal(await spool.payload(messages[0]?.id ?? ''), undefined);
      assert.equal(await spool.remove({ message: 'nonsense' }), 0);
      await fixture.again('close');
      const { messages: left, queued, held } = await fixture.spool.statistics();
      assert.deepEqual({ left, queued, held }, { left: 29, queued: 48, held: 0 });
      assert.equal(await fixture.spool.remove({}), 48);
      assert.equal((await fixture.spool.statistics()).bytes, 0);
    });

    contract('a route that a person has chosen stays with its deliveries', async (fixture) => {
      const { clock, store } = fixture;
      const message = await store({ to: ['a@a.example', 'b@b.example'] });
      await fixture.spool.settle([deferred(message, clock.now() + 1e6)]);
      await fixture.spool.hold({ message: message.id, domain: 'b.example' }, 'operator');
      const held = (await fixture.spool.list({ domain: 'b.example' }, 1))[0]?.nextAttemptAt;
      assert.equal(await fixture.spool.reroute({ message: message.id }, 'other', clock.now()), 2);
      assert.equal((await fixture.spool.backlog())[0]?.rerouted, true);
      await fixture.again('close');
      const { spool } = fixture;
      const [a, b] = await spool.list({}, 10);
      assert.deepEqual(
        [a?.route, a?.state, a?.nextAttemptAt, a?.attempts],
        ['other', 'queued', clock.now(), 1],
      );
      assert.deepEqual(
        [b?.route, b?.state, b?.nextAttemptAt],
        ['other', 'held', held],
        'what is held stays so',
      );
      assert.equal((await spool.due('a.example', clock.now(), 10))[0]?.route, 'other');
      await spool.settle([deferred(message, clock.now())]);
      assert.equal((await spool.list({}, 1))[0]?.route, 'other', 'also after another attempt');
      assert.equal(await spool.reroute({ message: message.id }, undefined, clock.now()), 2);
      assert.deepEqual(
        (await spool.list({}, 10)).map(({ route }) => route),
        [undefined, undefined],
      );
      assert.equal((await spool.backlog())[0]?.rerouted, undefined);
    });

    contract('long changes go on in steps while messages are taken', async ({ spool, ids, clock }) => {
      const stored = Array.from({ length: 2500 }, () => sample(ids.next(), clock.now()));
      await Promise.all(stored.map((message) => spool.store(message)));
      const holding = spool.hold({ source: 'src_a' }, 'operator');
      const meanwhile = sample(ids.next(), clock.now(), { source: 'src_b' });
      await spool.store(meanwhile);
      assert.equal(await holding, 2500);
      const { queued, held } = await spool.statistics();
      assert.deepEqual([queued, held], [1, 2500]);
      assert.equal(await spool.remove({ source: 'src_a' }), 2500);
      assert.deepEqual(names(await spool.list({}, 10)), [`${meanwhile.id}/0`]);
    });

    contract('lists go on behind a cursor', async ({ spool, store }) => {
      const all: string[] = [];
      for (let index = 0; index < 12; index += 1) {
        const { id } = await store({ to: ['a@a.example', 'b@b.example'], source: `src_${index % 2}` });
        if (index % 2 === 0) all.push(`${id}/0`, `${id}/1`);
      }
      const paged: string[] = [];
      let after: { message: string; part: number } | undefined;
      for (;;) {
        const page = await spool.list({ source: 'src_0' }, 5, after);
        if (page.length === 0) break;
        paged.push(...names(page));
        after = page.at(-1);
      }
      assert.deepEqual(paged, all);
    });

    contract('survey: everything that waits, counted once', async (fixture) => {
      const { spool, clock, store } = fixture;
      const counts = async () => {
        const found = new Map<string, number>();
        await spool.survey((rows) => {
          for (const { domain, hold = 'queued', lastReply = '', deliveries } of rows) {
            const name = [domain, hold, lastReply].filter((one) => one !== '').join(' ');
            found.set(name, (found.get(name) ?? 0) + deliveries);
          }
        });
        return Object.fromEntries(found);
      };
      assert.deepEqual(await counts(), {});
      const a = await store({ to: ['x@a.example', 'y@b.example', 'z@a.example'] });
      await Promise.all(Array.from({ length: 6000 }, () => store({ to: ['x@a.example'] })));
      await store({ to: ['x@a.example'], hold: 'limit' });
      await spool.settle([deferred(a, clock.now() + 1000, 1)]);
      assert.deepEqual(await counts(), {
        'a.example limit': 1,
        'a.example queued': 6001,
        'b.example queued 451 later': 1,
      });
      const rows: SurveyRow[] = [];
      await spool.survey((more) => void rows.push(...more));
      const one = rows.find(({ domain }) => domain === 'b.example');
      assert.deepEqual(one, {
        domain: 'b.example',
        source: 'src_a',
        from: 'app@corp.example',
        lastReply: '451 later',
        deliveries: 1,
        bytes: one?.bytes,
        oldestAt: a.receivedAt,
        nextAttemptAt: clock.now() + 1000,
        attempts: 1,
      });
      assert.ok((one?.bytes ?? 0) > 0);
    });

    contract('receivedBefore: queued, oldest first, with a cursor', async (fixture) => {
      const { spool, store } = fixture;
      const a = await store();
      const b = await store({ to: ['x@x.example', 'y@y.example'] });
      await store({ hold: 'operator' });
      const d = await store();
      assert.deepEqual(names(await spool.receivedBefore(d.receivedAt, 10)), [
        `${a.id}/0`,
        `${b.id}/0`,
        `${b.id}/1`,
      ]);
      assert.deepEqual(names(await spool.receivedBefore(d.receivedAt, 2)), [`${a.id}/0`, `${b.id}/0`]);
      assert.deepEqual(names(await spool.receivedBefore(d.receivedAt + 1, 10, { message: b.id, part: 0 })), [
        `${b.id}/1`,
        `${d.id}/0`,
      ]);
      assert.deepEqual(await spool.receivedBefore(a.receivedAt, 10), []);
    });

    contract('receivedBefore finds what was received after the clock was set back', async (fixture) => {
      const { clock, store } = fixture;
      clock.advance(3_600_000);
      await store();
      clock.advance(-3_600_000);
      const { id, receivedAt } = await store();
      await fixture.again('close');
      assert.deepEqual(names(await fixture.spool.receivedBefore(receivedAt + 1, 10)), [`${id}/0`]);
    });

    contract('names are not given again, whatever the clock says after a restart', async (fixture) => {
      const { id } = await fixture.store();
      await fixture.spool.settle([finished(id)]);
      fixture.clock.advance(-86_400_000);
      await fixture.again('kill');
      assert.ok(fixture.ids.next() > id);
    });

    contract('a closed spool takes nothing', async ({ spool, ids, clock }) => {
      const pending = spool.store(sample(ids.next(), clock.now()));
      await spool.close();
      await pending;
      await spool.close();
      await assert.rejects(spool.store(sample(ids.next(), clock.now())), { name: 'Error' });
      await assert.rejects(spool.statistics());
    });

    contract('a spool that is open can not be opened by another', async ({ harness, clock }) => {
      const second = harness.spool(new MessageIds(clock));
      await assert.rejects(second.open(), /in use by another/);
      await second.close();
    });
  });
}

function deferred({ id, envelope }: NewMessage, nextAttemptAt: number, part = 0): Settlement {
  return {
    message: id,
    part,
    outcome: {
      kind: 'deferred',
      recipients: envelope.recipients,
      nextAttemptAt,
      attempts: 1,
      lastReply: '451 later',
      delayNotified: false,
    },
  };
}
