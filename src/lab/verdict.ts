/**
 * What Exchange Online says of a message's authentication: composite authentication with its reason, spam level and
 * category. The table of reasons is measured from 3,058 real messages, that of own domains is Microsoft's
 * documentation; docs/lab.md says what is not.
 */
import type { Authentication } from '../authentication/authenticate.ts';
import type { FrontDoorDecision } from '../edge/front-door.ts';
import { isWithin } from '../edge/connector.ts';
import type { Judgement } from '../edge/judgement.ts';
import { acceptedDomain, type Tenant } from '../edge/tenant.ts';
import type { Folder, Verdict } from './lab.ts';

export interface VerdictQuestion {
  decision: FrontDoorDecision;
  tenant: Tenant;
  authentication: Authentication;
  authorDomain: string;
  /** The sealer whose chain is trusted, if there is one. */
  sealedBy?: string;
  judgement: Pick<Judgement, 'placement' | 'spoof'>;
}

/** Where a placement of the edge leads to here. */
export const FOLDERS: Record<Judgement['placement'], Folder> = {
  deliver: 'Inbox',
  junk: 'Junk',
  quarantine: 'Quarantine',
};

const LEVELS: Record<Judgement['placement'], number> = { deliver: 1, junk: 5, quarantine: 9 };

export function verdictOf(question: VerdictQuestion): Verdict {
  const { decision, authentication, judgement } = question;
  const { attribution } = decision;
  const { dmarc, action } = dmarcOf(question);
  const connector = attribution.kind === 'none' ? undefined : attribution.connector?.name;
  return {
    directionality: attribution.kind === 'originating' ? 'Originating' : 'Incoming',
    directSend: decision.directSend,
    ...(connector !== undefined && { connector }),
    spf: authentication.spf.result,
    dkim: bestDkim(authentication).result,
    dmarc,
    action,
    ...composite(question, dmarc),
    scl: LEVELS[judgement.placement],
    category: judgement.placement !== 'deliver' && judgement.spoof !== undefined ? 'SPOOF' : 'NONE',
    clientAddress: authentication.address,
    hello: authentication.helo,
    open: decision.open,
  };
}

/** A signature of the author's domain before any other, one that passed before one that did not. */
export function bestDkim({ dkim, dmarc }: Authentication): {
  result: string;
  domain?: string;
  reason?: string;
} {
  const weight = ({ result, domain }: { result: string; domain?: string }) =>
    (result === 'pass' ? 2 : 0) +
    (dmarc.aligned.some((one) => one.mechanism === 'dkim' && one.domain === domain) ? 1 : 0);
  const [best] = [...dkim].sort((a, b) => weight(b) - weight(a));
  return best ?? { result: 'none' };
}

function dmarcOf(question: VerdictQuestion): { dmarc: string; action: string } {
  const { authentication, tenant, sealedBy } = question;
  const { result, policy } = authentication.dmarc;
  if (result === 'none') return { dmarc: isLikely(question) ? 'bestguesspass' : 'none', action: 'none' };
  if (result !== 'fail' || sealedBy !== undefined) return { dmarc: result, action: 'none' };
  if (policy === 'reject') {
    // `o` is for override: the organisation does not refuse what asks to be refused
    return {
      dmarc: 'fail',
      action: tenant.organization.honourDmarcReject === 'reject' ? 'reject' : 'oreject',
    };
  }
  return { dmarc: 'fail', action: policy === 'quarantine' ? 'quarantine' : 'none' };
}

/** Without a record: SPF or DKIM passed for the author's domain, or for one above or below it. */
function isLikely({ authentication: { spf, dkim }, authorDomain }: VerdictQuestion): boolean {
  return [spf, ...dkim].some(
    ({ result, domain = '' }) =>
      result === 'pass' &&
      domain !== '' &&
      (isWithin(domain, authorDomain) || isWithin(authorDomain, domain)),
  );
}

function composite(question: VerdictQuestion, dmarc: string): { compauth: string; reason: string } {
  const { authentication, authorDomain, decision, sealedBy, tenant } = question;
  const { attribution } = decision;
  const own = acceptedDomain(tenant, authorDomain) !== undefined;
  const connected = attribution.kind !== 'none' && attribution.connector !== undefined;
  // MX elsewhere: the address of the client is that of another gateway, and proves nothing
  if (!tenant.organization.mxPointsHere && !connected) return { compauth: 'none', reason: '451' };
  if (dmarc === 'pass') return { compauth: 'pass', reason: '100' };
  if (dmarc === 'bestguesspass') return { compauth: 'pass', reason: '109' };
  if (sealedBy !== undefined) return { compauth: 'pass', reason: '130' };
  if (dmarc === 'fail' && authentication.dmarc.policy !== 'none')
    return { compauth: 'fail', reason: own ? '010' : '000' };
  if (dmarc === 'permerror' && isLikely(question)) return { compauth: 'pass', reason: '111' };
  return { compauth: 'fail', reason: own ? '601' : '001' };
}
