import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { duration, ProgressLine } from './progress.ts';

function screen(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  let text = '';
  const stream = { isTTY, columns: 60, write: (more: string) => ((text += more), true) };
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

describe('progress', () => {
  it('tells how long it will take yet, and begins anew with each task', () => {
    const { stream, text } = screen(true);
    let now = 0;
    const progress = new ProgressLine(stream, () => now);
    progress.update('days', 10, 100);
    now = 60_000;
    progress.update('days', 20, 100, '2026-11-22');
    progress.update('details', 0, 5);
    progress.end();
    assert.deepEqual(text().split('\r\u001b[K'), [
      '',
      'days: 10 of 100',
      'days: 20 of 100 (2026-11-22), 8 min left',
      'details: 0 of 5',
      '',
    ]);
  });

  it('is quiet where nobody watches', () => {
    const { stream, text } = screen(false);
    let now = 0;
    const progress = new ProgressLine(stream, () => now);
    for (let i = 0; i <= 100; i++) {
      now += 1000;
      progress.update('days', i, 100);
    }
    assert.deepEqual(
      text()
        .split('\n')
        .map((line) => line.split(',')[0]),
      ['days: 0 of 100', 'days: 30 of 100', 'days: 60 of 100', 'days: 90 of 100', 'days: 100 of 100', ''],
    );
  });

  it('does not let a server draw on the terminal', () => {
    const { stream, text } = screen(true);
    new ProgressLine(stream).note('busy\u001b[2J');
    assert.equal(text(), '\r\u001b[Kbusy\ufffd[2J\n');
  });

  for (const [ms, expected] of [
    [40_000, '40 s'],
    [720_000, '12 min'],
    [11_100_000, '3 h 5 min'],
  ] as const) {
    it(`${ms} ms is ${expected}`, () => assert.equal(duration(ms), expected));
  }
});
