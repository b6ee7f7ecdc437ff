import { decide, type FrontDoorDecision } from '../../edge/front-door.ts';
import type { InboundConnector, Tenant } from '../../edge/tenant.ts';
import type { FilterException } from '../collect/filter-exceptions.ts';
import type { Fact } from '../facts/fact.ts';
import { belongingOf, domainOf } from '../facts/own-domains.ts';
import { isPublicAddress } from '../facts/public-address.ts';

/** What a message lacks of the proof that it is Direct Send. */
export type Missing =
  /** Nobody told the envelope sender. */
  | 'p1'
  /** Nobody told whether a connector matched. */
  | 'connector'
  /** Nobody told the address of the client. */
  | 'address';

export interface Decision {
  outcome: 'direct-send' | 'candidate' | 'not';
  missing: Missing[];
  /** One plain sentence. */
  why: string;
  /** What the front door would do with `RejectDirectSend` on: the same code that decides on mail that comes in. */
  rule: FrontDoorDecision;
}

/** The organisation as the audit knows it. */
export interface Organisation {
  tenant: Tenant;
  /** Whether `tenant.connectors` is the whole list. Without it the absence of a match says nothing. */
  connectorsKnown: boolean;
  /** Settings that let mail past the filters; absent where nobody told of them. */
  exceptions?: readonly FilterException[];
}

/** How all mail of an address came, as far as it is known. */
export interface Habits {
  /** Name of the connector. */
  connector?: string;
  /** The envelope sender is of no accepted domain. */
  foreignEnvelope?: boolean;
}

/**
 * Applies the front door's decision to what the evidence tells. Absence of a connector, envelope sender and address
 * prove Direct Send; without one of them it stays a candidate. What came in by right is `not`.
 * @param habits of the address; they count where nobody tells of this message
 */
export function decideOn(
  { told, origins }: Fact,
  { tenant, connectorsKnown }: Organisation,
  habits: Habits = {},
): Decision {
  const { connector, direction, address, helo, verdict } = told;
  const byMicrosoft = saysDirectSend(told.extra);
  const author = told.p2 ?? told.sender;
  const isStrange = author !== undefined && belongingOf(tenant, author) === 'foreign';
  const p1 = told.p1 ?? (byMicrosoft && !isStrange ? author : undefined);
  const assumed = p1 ?? told.sender ?? told.p2;
  const missing: Missing[] = [];
  if (p1 === undefined) missing.push('p1');
  if (connector === undefined) missing.push('connector');
  if (address === undefined || !isPublicAddress(address)) missing.push('address');

  const rule = ruleOn(told, tenant, assumed ?? '');
  const not = (why: string): Decision => ({ outcome: 'not', missing: [], why, rule });
  if (told.recipient !== undefined && belongingOf(tenant, told.recipient) === 'foreign')
    return not('The recipient is not in the organisation.');
  if (connector === 'internal-relay')
    return not('It came over the default connector without a client before the front door: internal relay.');
  if (connector !== undefined && connector !== 'none')
    return not(`A connector matched${connector.name ? `: ${connector.name}` : ''}.`);
  if (direction === 'originating' || direction === 'outgoing')
    return not('It originates from the organisation.');
  if (direction === 'intra-org' && (address === undefined || !isPublicAddress(address)))
    return not('It was sent inside the service.');
  if (address === '')
    return not(
      origins.address === 'trace'
        ? 'It was sent by a mailbox of the service.'
        : 'No client address: it did not come in over the internet.',
    );
  if (p1 === '')
    return not('It has the null sender: a notice or an answer of a machine, which the rule lets in.');
  // the rule concerns own envelopes only: behind a strange author there is one, and nobody told which
  const isUnnamed = byMicrosoft && p1 === undefined;
  if (assumed === undefined || isUnnamed)
    return { outcome: 'candidate', missing, why: lacking(missing), rule };
  const belonging = belongingOf(tenant, assumed);
  if (belonging !== 'own') {
    const name = domainOf(assumed);
    return p1 === undefined && belonging === 'subdomain'
      ? not(`${name} is no accepted domain.`)
      : not(`The envelope sender is of ${name}, which is no accepted domain.`);
  }
  if (connector === undefined && connectorsKnown && rule.attribution.kind !== 'none') {
    const { connector: fitting } = rule.attribution;
    if (fitting) return not(`It would match a connector: ${fitting.name}.`);
  }
  if (connector === undefined && habits.connector !== undefined)
    return not(`All other mail from ${address ?? 'its address'} came by the connector ${habits.connector}.`);
  if (p1 === undefined && habits.foreignEnvelope)
    return not(`All other mail from ${address ?? 'its address'} had envelope senders of others.`);
  if (missing.length > 0) return { outcome: 'candidate', missing, why: lacking(missing), rule };
  return {
    outcome: 'direct-send',
    missing,
    why: `No connector matched ${helo ? `${helo} at ` : ''}${address}, and the envelope sender is of ${domainOf(assumed)}${verdict === undefined ? '' : ` (filter verdict ${verdict})`}.`,
    rule,
  };
}

/** What the rule would do, the front door asked with the connector that the evidence tells of. */
function ruleOn(
  { connector, address = '', tls, recipient = '' }: Fact['told'],
  tenant: Tenant,
  p1: string,
): FrontDoorDecision {
  const evident: Tenant = {
    ...tenant,
    connectors: connectorsOf(connector, address, tenant),
    organization: { ...tenant.organization, rejectDirectSend: true },
  };
  return decide([evident], {
    client: { address, tls: tls !== undefined && tls !== 'none', certificateNames: [] },
    senderDomain: p1 === '' ? '' : domainOf(p1),
    recipientDomain: recipient === '' ? (tenant.domains[0]?.name ?? '') : domainOf(recipient),
    recipientExists: true,
  });
}

/** Evidence of the time comes before the settings of today. */
function connectorsOf(
  connector: Fact['told']['connector'],
  address: string,
  tenant: Tenant,
): readonly InboundConnector[] {
  if (connector === undefined) return tenant.connectors;
  if (connector === 'none') return [];
  const named = connector === 'internal-relay' ? undefined : connector;
  const onPremises = connector === 'internal-relay' || /on-?prem/i.test(named?.type ?? '');
  return [
    {
      name: named?.name ?? 'default',
      enabled: true,
      type: onPremises ? 'on-premises' : 'partner',
      senderDomains: ['*'],
      senderAddresses: [address],
      requireTls: false,
      restrictToAddresses: false,
      restrictToCertificate: false,
    },
  ];
}

/** Change Optics: the rule's own verdict on a sample. */
function saysDirectSend(extra: Record<string, string> | undefined): boolean {
  return Object.entries(extra ?? {}).some(
    ([name, value]) => name.toLowerCase() === 'tag' && value.trim().toUpperCase() === 'DRS',
  );
}

function lacking(missing: readonly Missing[]): string {
  const names = {
    p1: 'the envelope sender',
    connector: 'whether a connector matched',
    address: 'the address of the client',
  };
  return `Nobody told ${missing.map((one) => names[one]).join(', nor ')}.`;
}
