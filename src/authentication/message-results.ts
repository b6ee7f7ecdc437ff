/** What was found about a message, as its Authentication-Results field says it (RFC 8601 §2.7). */
import type { ArcResult } from './arc/verify.ts';
import type { Authentication } from './authenticate.ts';
import type { MethodResult, ResultProperty } from './authentication-results.ts';
import type { DkimResult } from './dkim/verify.ts';
import type { DmarcResult } from './dmarc/check.ts';

/** One result for each method, of DKIM one for each signature; no ARC where there is no chain. */
export function methodResults(found: Authentication): MethodResult[] {
  const { address, helo, sender, iprev, spf, dkim, arc, dmarc } = found;
  return [
    {
      method: 'iprev',
      result: iprev.result,
      ...(iprev.name === undefined ? {} : { comment: iprev.name }),
      properties: [{ type: 'policy', name: 'iprev', value: address }],
    },
    {
      method: 'spf',
      result: spf.result,
      ...(spf.problem === undefined ? {} : { reason: spf.problem }),
      properties: [
        spf.scope === 'mfrom'
          ? { type: 'smtp', name: 'mailfrom', value: sender }
          : { type: 'smtp', name: 'helo', value: helo },
      ],
    },
    ...(dkim.length === 0 ? [{ method: 'dkim', result: 'none', properties: [] }] : dkim.map(ofSignature)),
    ...(arc.result === 'none' ? [] : [ofChain(arc, address)]),
    ofDmarc(dmarc),
  ];
}

function ofSignature(signature: DkimResult): MethodResult {
  const { result, reason, domain, selector, identity, algorithm, keyBits, unsignedOctets = 0 } = signature;
  const notes = [
    ...(keyBits === undefined ? [] : [`${keyBits}-bit key`]),
    ...(unsignedOctets > 0 ? [`${unsignedOctets} octets of the body are not signed`] : []),
  ];
  return {
    method: 'dkim',
    result,
    ...(notes.length > 0 ? { comment: notes.join(', ') } : {}),
    ...(reason === undefined ? {} : { reason }),
    properties: [
      ...property('header', 'd', domain),
      ...property('header', 's', selector),
      ...property('header', 'i', identity),
      ...property('header', 'a', algorithm),
    ],
  };
}

/** RFC 8617 §10.2 registers these properties. */
function ofChain({ result, reason, oldestPass, highest }: ArcResult, address: string): MethodResult {
  return {
    method: 'arc',
    result,
    comment: `i=${highest}`,
    ...(reason === undefined ? {} : { reason }),
    properties: [
      ...property('header', 'oldest-pass', oldestPass === undefined ? undefined : String(oldestPass)),
      { type: 'smtp', name: 'remote-ip', value: address },
    ],
  };
}

function ofDmarc({ result, domain, policy, because }: DmarcResult): MethodResult {
  const tag = because && `${because.tag}=${because.published}${because.testing ? ' t=y' : ''}`;
  return {
    method: 'dmarc',
    result,
    ...(tag === undefined ? {} : { comment: tag }),
    properties: [...property('policy', 'dmarc', policy), ...property('header', 'from', domain)],
  };
}

function property(type: ResultProperty['type'], name: string, value: string | undefined): ResultProperty[] {
  return value === undefined || value === '' ? [] : [{ type, name, value }];
}
