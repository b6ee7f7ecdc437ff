/** One audit of one file, as `postern audit run` does it; prints what it took. Started by `audit-scale.ts`. */
import { rmSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { AuditBook } from '../src/audit/run/book.ts';
import { runAudit } from '../src/audit/run/run.ts';
import { systemClock } from '../src/platform/clock.ts';
import { systemDisk } from '../src/platform/disk.ts';
import { OWN_DOMAINS } from '../test/support/audit-trace.ts';

// as in a relay: the flag was for the first thread, and would overrule what readers say of their size (bin/postern.mjs)
setFlagsFromString('--max-semi-space-size=0');
const [file = '', folder = ''] = process.argv.slice(2);
const marks: Record<string, number> = {};
const book = await AuditBook.open(folder);
try {
  const { answer, files } = await runAudit(
    { paths: [file], domains: OWN_DOMAINS },
    {
      book,
      clock: systemClock,
      disk: systemDisk,
      progress({ phase }) {
        marks[phase] ??= performance.now() / 1000;
      },
    },
  );
  const { user, system } = process.cpuUsage();
  const round = (seconds = 0): number => Number(seconds.toFixed(1));
  console.log(
    JSON.stringify({
      reading: round(marks['judging']! - marks['reading']!),
      judging: round(marks['done']! - marks['judging']!),
      cpuSeconds: round((user + system) / 1e6),
      // of the whole process, all threads together
      residentMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
      used: files[0]?.used,
      refused: files[0]?.refused,
      senders: answer.senders.length,
      campaigns: answer.campaigns.length,
    }),
  );
} finally {
  await book.close();
  rmSync(folder, { recursive: true, force: true });
}
