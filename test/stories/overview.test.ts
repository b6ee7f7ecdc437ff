// A morning at the console: what was sent and refused is counted as it happens, over a kill too, and goes into a report.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { plainMessage } from '../support/smtp-dialogue.ts';
import { StoryRelay, until } from '../support/story-relay.ts';

interface Counts {
  accepted: number;
  refused: number;
  delivered: number;
}

interface Overview {
  totals: Counts;
  sources: { sourceName: string; counts: Counts }[];
  refusals: { code: string; count: number }[];
  directions: { direction: string; counts: Counts }[];
  attention: { kind: string; sentence: string; action: { command: string } }[];
}

suite('overview and reports', () => {
  const relay = new StoryRelay();
  let password = '';

  before(async () => {
    await relay.start();
    await relay.cli('domain', 'add', 'corp.test');
    password = await relay.addSource(
      'printer',
      '--from',
      'corp.test',
      '--recipients',
      'any',
      '--tag',
      'floor-1',
    );
  });
  after(() => relay.remove());

  const send = async (count: number, from = 'printer@corp.test'): Promise<void> => {
    const client = await relay.session('printer', password);
    for (let one = 0; one < count; one++)
      await client.send({
        from,
        to: ['staff@customer.test'],
        content: plainMessage([`From: ${from}`, 'To: staff@customer.test', 'Subject: scan']),
      });
    client.destroy();
  };
  const overview = (): Promise<Overview> => relay.json('overview', '--window', '1h');
  const counted = (wanted: Partial<Counts>): Promise<Overview> =>
    until('it is counted', async () => {
      const found = await overview();
      const all = Object.entries(wanted).every(
        ([name, count]) => found.totals[name as keyof Counts] === count,
      );
      return all && found;
    });

  test('what is taken, refused and delivered is counted at once', async () => {
    await send(3);
    await send(1, 'boss@elsewhere.test');
    const found = await counted({ accepted: 3, refused: 1, delivered: 3 });
    assert.deepEqual(
      found.sources.map(({ sourceName, counts }) => [sourceName, counts.accepted, counts.refused]),
      [['printer', 3, 1]],
    );
    assert.equal(found.refusals[0]?.count, 1);
    assert.deepEqual(
      found.directions.map(({ direction }) => direction),
      ['submission'],
    );
  });

  test('and told to whoever looks on, without being asked again', async () => {
    const ended = new AbortController();
    const response = await fetch(`${relay.address}/api/v1/overview?follow=true`, {
      headers: { authorization: `Bearer ${relay.token}` },
      signal: ended.signal,
    });
    assert.match(response.headers.get('content-type') ?? '', /text\/event-stream/);
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    })().catch(() => undefined);
    const told = () =>
      text
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => JSON.parse(line.slice(6)) as { at: number; counts: Counts; minute: number });
    const first = await until('the first message', async () => told()[0]);
    await send(2);
    await until('news of it', async () =>
      told().some(
        ({ counts, minute }) => counts.accepted >= (minute === first.minute ? first.counts.accepted + 2 : 1),
      ),
    );
    ended.abort();
    await reading;
  });

  test('a kill loses nothing of it, and counts nothing twice', async () => {
    await counted({ accepted: 5 });
    await relay.stop('SIGKILL');
    await relay.start();
    const found = await counted({ accepted: 5, refused: 1, delivered: 5 });
    assert.equal(found.sources[0]?.counts.accepted, 5);
  });

  test('what needs attention stands beside it, with what to do', async () => {
    const { attention } = await overview();
    const sandbox = attention.find(({ kind }) => kind === 'sandbox-only');
    assert.match(sandbox?.sentence ?? '', /sandbox/);
    const shown = await relay.cli('overview');
    assert.match(shown, /Accepted +5/);
    assert.match(shown, /postern route set/);
  });

  test('the month is a report, for people and for spreadsheets', async () => {
    const shown = await relay.cli('report', '--by', 'tag', '--since', '30d');
    assert.match(shown, /^floor-1 +5 /m);
    const file = await relay.cli('report', '--by', 'source', '--since', '30d', '--csv');
    const [head, row] = file.split('\r\n');
    assert.match(head ?? '', /^"source","name","accepted",/);
    assert.match(row ?? '', /^"src_[^"]+","printer","5",/);
    assert.match(await relay.cli('report', '--compare'), /ACCEPTED +BEFORE/);
    const { code, err } = await relay.run('report', '--by', 'colour');
    assert.notEqual(code, 0);
    assert.match(err, /by/);
  });
});
