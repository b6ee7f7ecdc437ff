import type { z } from 'zod';
import { type DomainCheck, domainRecords, type RecordStatus } from '../authentication/dkim/check.ts';
import type { SigningDomain, SigningKey } from '../authentication/dkim/domain.ts';
import { recordName, recordText, zoneLine } from '../authentication/dkim/keys.ts';
import type { InboxEntry } from '../deliver/inbox.ts';
import type { Route } from '../deliver/route.ts';
import type { RecordedEvent } from '../journal/event.ts';
import type { Credential } from '../sources/source.ts';
import type { Delivery } from '../spool/spool.ts';
import type { ApiContext } from './context.ts';
import type {
  credentialShape,
  deliveryShape,
  domainRecordShape,
  domainShape,
  eventShape,
  inboxShape,
  keyCheckShape,
  keyShape,
  routeShape,
} from './shapes.ts';

/** How values of the relay look to the outside: no secrets, and names beside identifiers. */
export function showCredential(credential: Credential): z.infer<typeof credentialShape> {
  const { secret, apiKeyHash, networks, certificate, oauth, canary = false, ...same } = credential;
  const kinds = [
    ...(secret ? ['password'] : []),
    ...(apiKeyHash ? ['api-key'] : []),
    ...(certificate ? ['certificate'] : []),
    ...(oauth ? ['oauth'] : []),
    ...(networks.length > 0 ? ['network'] : []),
  ];
  return { ...same, kinds, cramMd5: secret?.recoverable !== undefined, networks, certificate, oauth, canary };
}

export function showDomain(domain: SigningDomain): z.infer<typeof domainShape> {
  return { ...domain, keys: domain.keys.map((key) => showKey(domain.name, key)) };
}

export function showKey(domain: string, key: SigningKey): z.infer<typeof keyShape> {
  const name = recordName(key.selector, domain);
  const text = recordText(key);
  return { ...key, record: { name, text, zone: zoneLine(name, text) } };
}

const RESULTS = {
  ok: 'published',
  missing: 'missing',
  different: 'different',
  temporary: 'unknown',
} as const satisfies Record<RecordStatus, string>;

/** What a check has found of the keys; SPF and DMARC are advice, and no reason to call a domain wrong. */
export function showKeyChecks({ records }: DomainCheck): z.infer<typeof keyCheckShape>[] {
  return records.flatMap(({ selector, stage, name, status, text }) =>
    selector === undefined || stage === undefined
      ? []
      : [{ selector, stage, name, result: RESULTS[status], explanation: text }],
  );
}

/** Every record that a domain should have beside what DNS says of it. @param hostname of the relay, for SPF */
export function showDomainRecords(
  domain: SigningDomain,
  { records }: DomainCheck,
  hostname: string,
): z.infer<typeof domainRecordShape>[] {
  return domainRecords(domain, { hostname }).flatMap(
    ({ purpose, selector, stage, name, value, zone, note }) => {
      const check = records.find((one) => one.purpose === purpose && one.selector === selector);
      if (!check) return [];
      const { status, found, name: foundAt, text: explanation } = check;
      const about = { purpose, selector, stage, name, expected: value, zone, note };
      return [{ ...about, result: RESULTS[status], found, foundAt, explanation }];
    },
  );
}

export function showRoute(context: ApiContext, route: Route): z.infer<typeof routeShape> {
  const { target, match } = route;
  return {
    ...route,
    match: { ...match, source: match.source && nameOf(context, match.source) },
    target:
      target.kind === 'smarthost'
        ? {
            kind: target.kind,
            hosts: target.hosts,
            implicitTls: target.implicitTls,
            username: target.authentication?.username,
            clientCertificate: target.clientCertificate?.certificate,
          }
        : target,
  };
}

export function showDelivery(context: ApiContext, delivery: Delivery): z.infer<typeof deliveryShape> {
  const { recipients, route: own } = delivery;
  return {
    ...delivery,
    recipients: recipients.map(({ address }) => address),
    sourceName: nameOf(context, delivery.source),
    route: context.routes.resolve(delivery).name,
    rerouted: own !== undefined,
  };
}

export function showEvent(context: ApiContext, event: RecordedEvent): z.infer<typeof eventShape> {
  return event.source ? { ...event, sourceName: nameOf(context, event.source) } : { ...event };
}

export function showInboxEntry(context: ApiContext, entry: InboxEntry): z.infer<typeof inboxShape> {
  return {
    ...entry,
    sourceName: nameOf(context, entry.source),
    recipients: entry.recipients.map(({ address }) => address),
  };
}

/** The name of a source; its identifier when it is gone, nothing for what the relay wrote itself. */
function nameOf(context: ApiContext, id: string): string {
  return context.sources.byId(id)?.name ?? id;
}
