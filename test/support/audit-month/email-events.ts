import { domainOf } from '../../../src/message/envelope.ts';
import type { MonthMail } from './month.ts';

/** A row of EmailEvents; what is empty is null in the stream. */
export function eventRecord({ arrival, way }: MonthMail) {
  const { verdict, connector, recipients, clientAddress, networkMessageId, sender, returnPath } = arrival;
  const [recipient] = recipients;
  const folder = recipient?.folder;
  return {
    Timestamp: new Date(arrival.at).toISOString(),
    NetworkMessageId: networkMessageId,
    InternetMessageId: arrival.messageId,
    SenderMailFromAddress: returnPath,
    SenderFromAddress: sender,
    SenderMailFromDomain: returnPath === '' ? '' : domainOf(returnPath),
    SenderFromDomain: domainOf(sender),
    SenderIPv4: clientAddress,
    SenderIPv6: '',
    RecipientEmailAddress: recipient?.address ?? '',
    Subject: arrival.subject,
    EmailDirection: directionOf(way, connector?.type),
    DeliveryAction: folder === 'Junk' ? 'Junked' : folder === 'Quarantine' ? 'Blocked' : 'Delivered',
    DeliveryLocation: folder === 'Inbox' ? 'Inbox/folder' : (folder ?? 'On-premises/external'),
    AuthenticationDetails: verdict
      ? JSON.stringify({
          SPF: verdict.spf,
          DKIM: verdict.dkim,
          DMARC: verdict.dmarc,
          CompAuth: verdict.compauth,
        })
      : '',
    Connectors: connector?.name ?? '',
    ReportId: `${networkMessageId}-1-1`,
    EmailSize: arrival.size,
  };
}

function directionOf(way: MonthMail['way'], connector: string | undefined): string {
  if (way === 'outgoing') return 'Outbound';
  return way !== 'front-door' || connector === 'OnPremises' ? 'Intra-org' : 'Inbound';
}
