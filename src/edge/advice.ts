import { isWithin } from './connector.ts';
import type { StoredRecipients } from './stored-recipients.ts';
import type { InboundConnector, Tenant } from './tenant.ts';

/** What in the settings does not do what its author will have meant: one sentence each, with what to do. */
export function advise(
  tenant: Tenant,
  recipients: Pick<StoredRecipients, 'countOf'>,
  { listeners, listOnly }: { listeners: number; listOnly: boolean },
): string[] {
  const { domains, organization } = tenant;
  const advice: string[] = [];
  if (domains.length === 0) {
    if (listeners === 0) return [];
    return ['there is no accepted domain, so that all mail is refused: postern edge domain add'];
  }
  if (listeners === 0)
    advice.push('no listener has role = "edge" in the configuration, so that nothing comes in from outside');
  if (listOnly) {
    for (const { name, type } of domains) {
      if (type === 'authoritative' && recipients.countOf(name) === 0)
        advice.push(
          `${name} is authoritative and nobody of it is listed, so that its mail waits at its senders (451 E207): postern edge recipient import, a directory in the configuration, or --type internal-relay`,
        );
    }
  }
  if (!organization.rejectDirectSend)
    advice.push(
      'Direct Send is let in: whoever connects may write with an own envelope sender; postern edge set RejectDirectSend true',
    );
  for (const connector of tenant.connectors) advice.push(...adviseOn(connector, tenant));
  return advice;
}

function adviseOn(connector: InboundConnector, { domains }: Tenant): string[] {
  const { name, enabled, type, senderAddresses, certificateName } = connector;
  if (!enabled) return [];
  if (type === 'partner') {
    if (senderAddresses.length > 0 || certificateName !== undefined) return [];
    return [
      `connector ${name} identifies nobody: sender domains alone vouch for no client; give it a certificate or addresses`,
    ];
  }
  const domain = certificateName?.replace(/^\*\./, '');
  if (domain === undefined || domains.some((own) => isWithin(domain, own.name))) return [];
  return [
    `connector ${name} does not count by its certificate: ${certificateName} is in none of the accepted domains`,
  ];
}
