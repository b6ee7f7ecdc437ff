import { type Attribution, attribute, type Question } from './attribution.ts';
import { lockdown } from './connector.ts';
import type { OpenQuestion } from './open-questions.ts';
import { acceptedDomain, type Tenant } from './tenant.ts';

/** Why a message may not come in; each is a code of src/refusals.ts. */
export type FrontDoorRefusal =
  /** 5.7.68: own domain in the envelope, and nobody vouches for the client. */
  | 'E201'
  /** 5.7.51: a restricted partner connector is for these senders, and this client is not the partner. */
  | 'E202'
  /** 5.7.64: neither client nor recipient belongs to a tenant. */
  | 'E203'
  /** 5.4.1: no such recipient at an authoritative domain. */
  | 'E204';

export interface FrontDoorDecision {
  attribution: Attribution;
  refusal?: FrontDoorRefusal;
  /**
   * Anonymous mail with an accepted domain of the recipient's tenant in the envelope: Direct Send, whether it is
   * refused or not.
   */
  directSend: boolean;
  /** Points on which this decision rests and which Microsoft's documentation leaves open. */
  open: OpenQuestion[];
}

export interface FrontDoorQuestion extends Question {
  /** Whether the recipient is one; asked only for authoritative domains. */
  recipientExists: boolean;
}

/**
 * Decides on one recipient as Exchange Online's front door does, before anything of the message is known: an unknown
 * recipient, then lockdown, then Direct Send. One recipient that may not have it refuses the message at the end of
 * DATA, or is refused by itself at RCPT, as the stage of refusal is set.
 */
export function decide(tenants: readonly Tenant[], question: FrontDoorQuestion): FrontDoorDecision {
  const attribution = attribute(tenants, question);
  const open: OpenQuestion[] = [];
  if (attribution.kind === 'none') return { attribution, refusal: 'E203', directSend: false, open };
  if (attribution.kind === 'originating') {
    const unknown = isUnknown(attribution.tenant, question);
    return { attribution, ...(unknown && { refusal: 'E204' as const }), directSend: false, open };
  }

  const { tenant, domain, connector } = attribution;
  const { client, senderDomain } = question;
  const own = senderDomain !== '' && acceptedDomain(tenant, senderDomain) !== undefined;
  const directSend = own && !connector;
  if (domain.type === 'authoritative' && !question.recipientExists)
    return { attribution, refusal: 'E204', directSend, open };
  if (connector) {
    if (isByAddressOnly(connector, question)) open.push('address-without-restriction');
    if (lockdown(tenant, client, senderDomain)) open.push('several-partner-connectors');
    return { attribution, directSend, open };
  }
  if (lockdown(tenant, client, senderDomain)) {
    return { attribution, refusal: 'E202', directSend, open: ['stage-of-refusal'] };
  }
  const { rejectDirectSend } = tenant.organization;
  if (rejectDirectSend && own)
    return { attribution, refusal: 'E201', directSend, open: ['stage-of-refusal'] };
  if (rejectDirectSend && senderDomain === '') open.push('null-sender');
  return { attribution, directSend, open };
}

function isUnknown(tenant: Tenant, { recipientDomain, recipientExists }: FrontDoorQuestion): boolean {
  return acceptedDomain(tenant, recipientDomain)?.type === 'authoritative' && !recipientExists;
}

function isByAddressOnly(
  { restrictToAddresses, certificateName }: { restrictToAddresses: boolean; certificateName?: string },
  { client }: Question,
): boolean {
  return !restrictToAddresses && (certificateName === undefined || client.certificateNames.length === 0);
}
