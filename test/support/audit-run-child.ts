/**
 * An audit of a file in a process of its own, to be killed: after so many looks at the clock it says so. Every look is a
 * second after the one before it, so that each block is kept as soon as it was read.
 */
import { AuditBook } from '../../src/audit/run/book.ts';
import { runAudit } from '../../src/audit/run/run.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemDisk } from '../../src/platform/disk.ts';
import { OWN_DOMAINS } from './audit-trace.ts';

const [file = '', folder = '', looks = ''] = process.argv.slice(2);
let count = 0;
const book = await AuditBook.open(folder);
await runAudit(
  { paths: [file], domains: OWN_DOMAINS },
  {
    book,
    clock: {
      ...systemClock,
      monotonic() {
        if (++count === Number(looks)) console.log('now');
        return count * 1000;
      },
    },
    disk: systemDisk,
    progress({ phase }) {
      if (phase === 'judging') console.log('now');
    },
  },
);
await book.close();
