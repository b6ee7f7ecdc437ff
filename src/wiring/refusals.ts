import type { SystemMail } from '../deliver/system-mail.ts';
import { NoticeStore } from '../notices/notice-store.ts';
import { OwnerNotices } from '../notices/owner-notices.ts';
import { RefusalReport } from '../notices/refusal-report.ts';
import { repeat } from '../platform/repeat.ts';
import type { SessionView } from '../smtp/server/handler.ts';
import { describeSession } from '../submission/session-journal.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

export interface RefusalRooms {
  refusalReport: RefusalReport;
  ownerNotices: OwnerNotices;
}

/** Who is refused and why, and the mails to the owners. @param sessions those that are open */
export function wireRefusals(
  { config, clock, control, domains, events, journal, sources, log }: Ground,
  mail: SystemMail,
  postmaster: string,
  sessions: () => Iterable<SessionView>,
  closers: Closers,
): RefusalRooms {
  const { owners, language, timeZone, everyHours, delaySeconds, contact } = config.notices;
  const refusalReport = new RefusalReport({
    journal,
    sources,
    contact: postmaster,
    isInternal: (domain) => domains.isInternal(domain),
    openTranscript: (id) => {
      for (const session of sessions()) {
        if (session.id !== id) continue;
        const transcript = session.transcript?.();
        return transcript && describeSession(session, transcript, '');
      }
      return undefined;
    },
  });
  const ownerNotices = new OwnerNotices({
    clock,
    store: new NoticeStore(control),
    mail,
    events,
    sources,
    on: owners,
    language,
    timeZone: timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone,
    everyHours,
    contact: contact || postmaster,
  });
  if (owners) {
    closers.add(() => ownerNotices.keep());
    closers.add(events.add(ownerNotices));
    const failed = (error: unknown): void =>
      log.logger.error({ error }, 'owners could not be told of refusals; it is tried again');
    closers.add(repeat(clock, delaySeconds * 1000, () => ownerNotices.sweep(), failed));
  }
  return { refusalReport, ownerNotices };
}
