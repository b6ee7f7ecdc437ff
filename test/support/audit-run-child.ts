/**
 * An audit of a file in a process of its own, to be killed: it says so after so many looks at the clock, or, where no
 * number is named, when it has kept more than there was. Every look is a second after the one before it, so that each
 * block is kept as soon as it was read.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { FileState } from '../../src/audit/evidence/read-evidence.ts';
import { Facts } from '../../src/audit/facts/facts.ts';
import { AuditBook } from '../../src/audit/run/book.ts';
import { runAudit } from '../../src/audit/run/run.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemDisk } from '../../src/platform/disk.ts';
import { organisationOf } from '../../src/audit/run/settings.ts';
import { OWN_DOMAINS } from './audit-trace.ts';

const [file = '', folder = '', looks = ''] = process.argv.slice(2);
let count = 0;
const book = await AuditBook.open(folder);
if (looks === '') {
  const { tenant } = organisationOf(
    { paths: [], domains: OWN_DOMAINS },
    { problems: [], files: [] },
    undefined,
  );
  const facts = new Facts(book.db, tenant);
  const kept = async () => ((await facts.positions()) as FileState[])[0]?.place?.row ?? 0;
  const before = await kept();
  const look = async () => {
    while ((await kept()) <= before) await wait(1);
    console.log('now');
  };
  void look();
}
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
