/** What sources and their owners have to see to. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Credential, Source } from '../../sources/source.ts';
import type { ApiContext } from '../context.ts';
import { type Attention, DAY_MS, daysBetween, first, inDays } from './item.ts';

const CREDENTIAL_DAYS = 14;
const EXCEPTION_DAYS = 14;
const EXPIRED_NEWS_DAYS = 7;
const ROUND_DAYS = 3;
const SOURCES_AT_A_TIME = 500;
const MOST_HELD = 500;

export function containmentAttention({ containment, sources }: ApiContext): Attention[] {
  const items = containment.contained().map((watched): Attention => {
    const name = sources.byId(watched.source)?.name ?? watched.source;
    const what = watched.deviations.map(({ text }) => text).join('; ');
    const acts = containment.modeOf(watched) === 'act' && watched.level !== 'alert';
    return {
      kind: 'source-contained',
      severity: acts ? 'critical' : 'warning',
      sentence: `${name} does what it does not usually do (${acts ? watched.level : 'watched'}): ${what}`,
      parameters: {
        source: name,
        level: acts ? watched.level : 'watch',
        what,
        deviations: watched.deviations.map(({ kind }) => kind).join(','),
      },
      since: watched.levelAt,
      subject: { type: 'source', id: watched.source, name },
      source: watched.source,
      action: {
        console: `/sources/${encodeURIComponent(name)}/normal`,
        command: `postern containment show ${name}`,
      },
    };
  });
  return first(items, (count) => ({
    kind: 'source-contained-more',
    severity: 'critical',
    sentence: `${count} more sources do what they do not usually do`,
    parameters: { count },
    subject: { type: 'source', name: 'sources' },
    action: { console: '/sources?contained=true', command: 'postern containment list' },
  }));
}

/** Why mail is held, by source and reason; of the oldest hundreds. */
export async function heldAttention({ spool, sources }: ApiContext): Promise<Attention[]> {
  const { held } = await spool.statistics();
  if (held === 0) return [];
  const groups = new Map<string, { source: string; reason: string; count: number; since: number }>();
  for (const { source, hold = 'operator', receivedAt } of await spool.list({ state: 'held' }, MOST_HELD)) {
    const key = `${source} ${hold}`;
    const group = groups.get(key);
    if (group) {
      group.count++;
      group.since = Math.min(group.since, receivedAt);
    } else groups.set(key, { source, reason: hold, count: 1, since: receivedAt });
  }
  const items = [...groups.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ source, reason, count, since }): Attention => {
      const known = sources.byId(source);
      const name = known?.name ?? (source === '' ? 'the relay' : source);
      return {
        kind: 'mail-held',
        severity: 'warning',
        sentence: `${count} deliveries of ${name} are held (${reason})`,
        parameters: { source: name, count, reason },
        since,
        subject: { type: 'source', ...(known && { id: known.id }), name },
        ...(known && { source: known.id }),
        action: {
          console: `/queue?state=held&source=${encodeURIComponent(name)}`,
          command: known
            ? `postern queue list --state held --source ${name}`
            : 'postern queue list --state held',
        },
      };
    });
  return first(items, (count) => ({
    kind: 'mail-held-more',
    severity: 'warning',
    sentence: `Mail of ${count} more sources is held`,
    parameters: { count },
    subject: { type: 'source', name: 'sources' },
    action: { console: '/queue?state=held', command: 'postern queue list --state held' },
  }));
}

export async function credentialAttention({ sources, clock }: ApiContext): Promise<Attention[]> {
  const now = clock.now();
  const ending: { source: Source; credential: Credential; endsAt: number }[] = [];
  let looked = 0;
  for (const source of sources.list()) {
    // fifty thousand of them would hold up mail if they were looked at in one turn
    if (++looked % SOURCES_AT_A_TIME === 0) await nextTurn();
    if (source.state === 'retired') continue;
    for (const credential of sources.credentials(source.id)) {
      const { state, canary, expiresAt, rotation } = credential;
      if (state !== 'active' || canary || expiresAt === undefined || rotation?.role === 'old') continue;
      const days = daysBetween(now, expiresAt);
      if (days < CREDENTIAL_DAYS && days >= -EXPIRED_NEWS_DAYS)
        ending.push({ source, credential, endsAt: expiresAt });
    }
  }
  ending.sort((a, b) => a.endsAt - b.endsAt);
  const items = ending.map(({ source, credential, endsAt }): Attention => {
    const days = daysBetween(now, endsAt);
    const label = credential.label || credential.account || credential.id;
    return {
      kind: 'credential-ending',
      severity: days <= 1 ? 'critical' : 'warning',
      sentence: `Credential ${label} of ${source.name} ${days < 0 ? 'expired' : 'expires'} ${inDays(days)}`,
      parameters: { credential: label, source: source.name, days, endsAt },
      subject: { type: 'credential', id: credential.id, name: label },
      source: source.id,
      action: {
        console: `/sources/${encodeURIComponent(source.name)}/credentials`,
        command: `postern credential rotate ${source.name}`,
      },
    };
  });
  return first(items, (count) => ({
    kind: 'credential-ending-more',
    severity: 'warning',
    sentence: `${count} more credentials expire soon`,
    parameters: { count },
    subject: { type: 'credential', name: 'credentials' },
    action: { console: '/sources?expiresWithinDays=14', command: 'postern credential list' },
  }));
}

export function exceptionAttention({ exceptions, sources, clock }: ApiContext): Attention[] {
  const now = clock.now();
  const items = exceptions
    .list()
    .filter(({ state, endsAt }) => state === 'open' && endsAt - now < EXCEPTION_DAYS * DAY_MS)
    .sort((a, b) => a.endsAt - b.endsAt)
    .map(({ id, kind, source, networks, endsAt, owner }): Attention => {
      const days = daysBetween(now, endsAt);
      const known = source === undefined ? undefined : sources.byId(source);
      const whom = known?.name ?? networks.join(', ');
      return {
        kind: 'exception-ending',
        severity: days <= 1 ? 'critical' : 'warning',
        sentence: `The exception ${kind} for ${whom} ends ${inDays(days)}; then it is refused`,
        parameters: { exception: kind, whom, days, endsAt, owner },
        subject: { type: 'exception', id, name: kind },
        ...(known && { source: known.id }),
        action: {
          // those of networks belong to no source
          console: known ? `/sources/${encodeURIComponent(known.name)}/exceptions` : `/exceptions/${id}`,
          command: `postern exception show ${id}`,
        },
      };
    });
  return first(items, (count) => ({
    kind: 'exception-ending-more',
    severity: 'warning',
    sentence: `${count} more exceptions end soon`,
    parameters: { count },
    subject: { type: 'exception', name: 'exceptions' },
    action: { console: '/exceptions', command: 'postern exception list' },
  }));
}

export function newcomerAttention({ discovery, lifecycle }: ApiContext): Attention[] {
  const found: Attention[] = [];
  const devices = discovery.devices.list().filter(({ approved }) => !approved);
  if (devices.length > 0) {
    const withMail = devices.filter(({ source }) => source !== undefined).length;
    found.push({
      kind: 'discovery-pending',
      severity: withMail > 0 ? 'warning' : 'info',
      sentence: `${devices.length} unknown devices wait for a decision; mail of ${withMail} is held`,
      parameters: { count: devices.length, withMail },
      since: Math.min(...devices.map(({ firstSeenAt }) => firstSeenAt)),
      subject: { type: 'relay', name: 'discovery' },
      action: { console: '/discovery', command: 'postern discovery list' },
    });
  }
  const requests = lifecycle.requests.list();
  const [oldest] = requests.map(({ request }) => request?.at ?? 0).sort((a, b) => a - b);
  if (oldest !== undefined) {
    found.push({
      kind: 'requests-pending',
      severity: 'info',
      sentence: `${requests.length} requests for a source wait for a decision`,
      parameters: { count: requests.length },
      since: oldest,
      subject: { type: 'source', name: 'requests' },
      action: { console: '/sources?view=requests', command: 'postern request list' },
    });
  }
  return found;
}

export async function recertificationAttention({ lifecycle, clock }: ApiContext): Promise<Attention[]> {
  const { recertificationStore: store } = lifecycle;
  const found: Attention[] = [];
  for (const { id, title, deadline } of await store.open()) {
    const days = daysBetween(clock.now(), deadline);
    if (days > ROUND_DAYS) continue;
    const { waiting } = await store.counts(id);
    if (waiting === 0) continue;
    found.push({
      kind: 'recertification-ending',
      severity: 'warning',
      sentence: `Nobody has answered for ${waiting} sources in ${title}, which ${days < 0 ? 'ended' : 'ends'} ${inDays(days)}`,
      parameters: { title, waiting, days, deadline },
      subject: { type: 'recertification', id, name: title },
      action: { console: `/recertifications/${id}`, command: `postern recertify show ${id}` },
    });
  }
  return found;
}
