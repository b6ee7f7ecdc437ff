/**
 * A process that stores messages in the spool of its folder, finishes some, and says so on its output, until
 * it is killed: `+ID` once a message was taken, `~ID` before it is finished, `-ID` once it was.
 */
import { writeSync } from 'node:fs';
import { NO_TRAITS } from '../../src/message/content.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemDisk } from '../../src/platform/disk.ts';
import { MessageIds } from '../../src/spool/message-id.ts';
import { SqliteSpool } from '../../src/spool/sqlite/sqlite-spool.ts';

const [folder = ''] = process.argv.slice(2);
const ids = new MessageIds(systemClock);
const spool = new SqliteSpool({
  folder,
  disk: systemDisk,
  clock: systemClock,
  ids,
  events: { write: (event) => writeSync(2, `${JSON.stringify(event)}\n`) },
  inlineBytes: 20_000,
  reserveBytes: 65_536,
});
await spool.open();

async function storeOnAndOn(turn: number): Promise<never> {
  for (let count = turn; ; count += 1) {
    const id = ids.next();
    const length = count % 10 === 0 ? 50_000 : 200 * (count % 50);
    await spool.store({
      id,
      receivedAt: systemClock.now(),
      source: 'src_a',
      envelope: {
        from: 'app@corp.example',
        recipients: [{ address: 'one@example.org' }, { address: 'two@example.net' }],
        smtpUtf8: false,
        body: '7bit',
        requireTls: false,
      },
      head: Buffer.from(`X-Length: ${length}\r\n\r\n`),
      body: { kind: 'memory', bytes: Buffer.alloc(length, id) },
      traits: NO_TRAITS,
    });
    writeSync(1, `+${id}\n`);
    if (count % 3 !== 0) continue;
    writeSync(1, `~${id}\n`);
    await spool.settle([0, 1].map((part) => ({ message: id, part, outcome: { kind: 'finished' } })));
    writeSync(1, `-${id}\n`);
  }
}

await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(storeOnAndOn));
