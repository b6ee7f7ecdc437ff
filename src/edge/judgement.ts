import type { DmarcResult } from '../authentication/dmarc/check.ts';
import { isVouched } from './attribution.ts';
import { isWithin } from './connector.ts';
import type { FrontDoorDecision } from './front-door.ts';
import { acceptedDomain, type SpoofAction, type Tenant } from './tenant.ts';

/** Where a message that is taken goes. */
export type Placement = 'deliver' | 'junk' | 'quarantine';

/**
 * How a message pretends to be from inside: by its envelope and From field, by the From field alone, by a Sender field
 * behind a foreign author, by what its display name shows, or by a domain that looks like an own one.
 */
export type Spoof = 'envelope' | 'header' | 'sender' | 'display-name' | 'lookalike';

export interface Judgement {
  placement: Placement;
  /** E206 and E220 for good, E221 until it can be found out. */
  refusal?: 'E206' | 'E220' | 'E221';
  spoof?: Spoof;
  /** The own domain or address that it pretends to be. */
  imitates?: string;
  /** For people, in the order in which they weighed; empty for mail without anything to remark. */
  reasons: string[];
}

/** What is known of a message whose author can be read beyond doubt. */
export interface Evidence {
  decision: FrontDoorDecision;
  tenant: Tenant;
  /** Domain of the envelope sender; empty for the null sender. */
  senderDomain: string;
  /** `local@domain` of the From field, the domain in lower-case A-labels. */
  author: string;
  authorDomain: string;
  dmarc: Pick<DmarcResult, 'result' | 'policy' | 'aligned' | 'text'>;
  /** The own domain or address that Sender or the display name shows, or that the author's domain imitates. */
  imitation?: { kind: 'sender' | 'display-name' | 'lookalike'; of: string };
  /** Fields shown to the reader of which the message has one more than its signature covers, where that alone proves it. */
  unsignedFields?: readonly string[];
  /** Domain of a trusted sealer whose chain is intact, and who says that DMARC had passed where it came in. */
  sealedBy?: string;
  /** What is held against the client that brought it, each a reason for Junk. */
  marks?: readonly string[];
}

const WEIGHT: Record<Placement, number> = { deliver: 0, junk: 1, quarantine: 2 };

/**
 * What becomes of a message that the front door let in. Attributed mail (own servers, identified partners) is
 * nobody's pretence. Everything else has to prove an own domain by DMARC; that is the gap that Direct Send rejection,
 * which looks at the envelope alone, leaves open.
 */
export function judge(evidence: Evidence): Judgement {
  const { decision, tenant, author, authorDomain, dmarc, imitation } = evidence;
  const { attribution } = decision;
  const { organization } = tenant;
  const proven = dmarc.result === 'pass' || dmarc.aligned.length > 0;
  const own = isOwnName(tenant, authorDomain);
  const judgement: Judgement = { placement: 'deliver', reasons: [] };
  if (isVouched(attribution)) return judgement;
  const safe = isSafe(organization.safeSenders, author);
  const { marks = [] } = evidence;
  if (marks.length > 0 && !(safe && proven)) {
    judgement.reasons.push(...marks);
    raise(judgement, 'junk');
  }
  if (proven) {
    const { unsignedFields = [] } = evidence;
    if (unsignedFields.length > 0) {
      judgement.reasons.push(
        `a second ${unsignedFields.join(' and ')} was added, which the signature does not cover`,
      );
      raise(judgement, 'junk');
    }
    return imitation && !safe ? withAction(judgement, organization.displayNameSpoof, imitation) : judgement;
  }

  // whoever can keep a name server from answering must not gain by it: nothing is let in that would have been refused
  const matters = dmarc.policy !== 'none' || (own && organization.ownDomainSpoof !== 'off');
  if (dmarc.result === 'temperror' && matters) {
    return { ...judgement, refusal: 'E221', reasons: [dmarc.text] };
  }
  if (evidence.sealedBy !== undefined) {
    return {
      ...judgement,
      reasons: [
        ...judgement.reasons,
        `passed DMARC before ${evidence.sealedBy}, whose seal is trusted, changed it`,
      ],
    };
  }

  if (dmarc.result === 'fail') {
    judgement.reasons.push(dmarc.text);
    if (dmarc.policy === 'reject') {
      if (organization.honourDmarcReject === 'reject')
        return { ...judgement, refusal: 'E206', ...pretence(evidence, own) };
      raise(judgement, 'quarantine');
    }
    if (dmarc.policy === 'quarantine') raise(judgement, 'junk');
  }
  if (own) {
    const kind =
      evidence.senderDomain !== '' && acceptedDomain(tenant, evidence.senderDomain) ? 'envelope' : 'header';
    return withAction(judgement, organization.ownDomainSpoof, { kind, of: authorDomain });
  }
  if (imitation) return withAction(judgement, organization.displayNameSpoof, imitation);
  // an allow list that counts without proof would be an open door
  if (safe)
    judgement.reasons.push(`${author} is a safe sender, which counts only for mail that DMARC proves`);
  return judgement;
}

/** An accepted domain, or a name below one: to whoever reads it, it is the same organization. */
function isOwnName({ domains }: Tenant, domain: string): boolean {
  return domains.some(({ name }) => isWithin(domain, name));
}

function pretence(
  { imitation, senderDomain, tenant, authorDomain }: Evidence,
  own: boolean,
): Pick<Judgement, 'spoof' | 'imitates'> {
  if (!own) return imitation ? { spoof: imitation.kind, imitates: imitation.of } : {};
  const inside = senderDomain !== '' && acceptedDomain(tenant, senderDomain) !== undefined;
  return { spoof: inside ? 'envelope' : 'header', imitates: authorDomain };
}

function withAction(
  judgement: Judgement,
  action: SpoofAction,
  { kind, of }: { kind: Spoof; of: string },
): Judgement {
  const reasons = [...judgement.reasons, REASONS[kind](of)];
  const next: Judgement = { ...judgement, spoof: kind, imitates: of, reasons };
  if (action === 'refuse') return { ...next, refusal: 'E220' };
  if (action !== 'off') raise(next, action);
  return next;
}

const REASONS: Record<Spoof, (of: string) => string> = {
  envelope: (of) => `envelope and From say ${of}, which nothing proves`,
  header: (of) => `From says ${of}, which nothing proves, behind a foreign envelope sender`,
  sender: (of) => `the Sender field says ${of}`,
  'display-name': (of) => `the display name shows ${of}`,
  lookalike: (of) => `the domain of the author looks like ${of}`,
};

function raise(judgement: Judgement, placement: Placement): void {
  if (WEIGHT[placement] > WEIGHT[judgement.placement]) judgement.placement = placement;
}

/** Whether the list names the address, its domain, or a parent of it. */
function isSafe(safeSenders: readonly string[], author: string): boolean {
  const address = author.toLowerCase();
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return safeSenders.some((entry) => {
    const wanted = entry.toLowerCase();
    return wanted.includes('@') ? wanted === address : isWithin(domain, wanted);
  });
}
