import path from 'node:path';
import { AuditDesk } from '../audit/desk/desk.ts';
import type { EdgeServices } from '../api/context.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

/** The Direct Send audit beside the relay; it costs nothing until somebody asks for it. */
export function wireAudit(
  { config, clock, events, seal }: Ground,
  data: string,
  { directory }: Pick<EdgeServices, 'directory'>,
  closers: Closers,
): AuditDesk {
  const { folders, reverseDns, uploadBytes } = config.audit;
  const desk = new AuditDesk({
    folder: path.join(data, 'audit'),
    folders,
    reverseDns,
    dnsServers: config.dns.servers,
    uploadBytes,
    // the spool needs it more
    freeBytes: 2 * config.spool.minimumFreeBytes,
    clock,
    events,
    seal,
    domains: () => directory.tenant.domains,
  });
  closers.add(() => desk.close());
  return desk;
}
