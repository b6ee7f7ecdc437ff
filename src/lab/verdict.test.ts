import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Authentication } from '../authentication/authenticate.ts';
import { connectorOf, tenantWith } from '../edge/fixtures.ts';
import type { FrontDoorDecision } from '../edge/front-door.ts';
import { type VerdictQuestion, verdictOf } from './verdict.ts';

type Found = {
  dmarc?: Authentication['dmarc']['result'];
  policy?: 'none' | 'quarantine' | 'reject';
  spf?: { result: Authentication['spf']['result']; domain: string };
  dkim?: { result: 'pass' | 'fail'; domain: string }[];
};

function question(
  { dmarc = 'none', policy, spf = { result: 'none', domain: '' }, dkim = [] }: Found,
  options: {
    own?: boolean;
    connector?: boolean;
    mxPointsHere?: boolean;
    honour?: 'quarantine';
    sealedBy?: string;
  } = {},
): VerdictQuestion {
  const { own = false, connector = false, mxPointsHere = true, honour = 'reject', sealedBy } = options;
  const tenant = tenantWith([], { mxPointsHere, honourDmarcReject: honour });
  const domain = tenant.domains[0] as (typeof tenant.domains)[number];
  const authorDomain = own ? 'contoso.test' : 'sender.test';
  const decision: FrontDoorDecision = {
    attribution: { kind: 'incoming', tenant, domain, ...(connector && { connector: connectorOf() }) },
    directSend: false,
    open: [],
  };
  const authentication = {
    address: '192.0.2.1',
    helo: 'client.test',
    sender: 'x@sender.test',
    spf: { ...spf, scope: 'mfrom', lookups: 0 },
    dkim,
    dmarc: { result: dmarc, domain: authorDomain, aligned: [], text: '', ...(policy && { policy }) },
  } as unknown as Authentication;
  return {
    decision,
    tenant,
    authentication,
    authorDomain,
    judgement: { placement: 'deliver' },
    ...(sealedBy !== undefined && { sealedBy }),
  };
}

describe('composite authentication', () => {
  const pass = { result: 'pass', domain: 'sender.test' } as const;
  const table: [what: string, question: VerdictQuestion, expected: string][] = [
    // the combinations that were measured in real messages
    ['no record, nothing passes', question({}), 'none none fail 001'],
    ['no record, SPF passes', question({ spf: pass }), 'bestguesspass none pass 109'],
    [
      'no record, DKIM of a parent',
      question({ dkim: [{ result: 'pass', domain: 'test' }] }),
      'bestguesspass none pass 109',
    ],
    [
      'no record, SPF of another',
      question({ spf: { result: 'pass', domain: 'other.test' } }),
      'none none fail 001',
    ],
    ['pass', question({ dmarc: 'pass', policy: 'reject' }), 'pass none pass 100'],
    ['fail, p=reject', question({ dmarc: 'fail', policy: 'reject' }), 'fail reject fail 000'],
    [
      'the same, not honoured',
      question({ dmarc: 'fail', policy: 'reject' }, { honour: 'quarantine' }),
      'fail oreject fail 000',
    ],
    ['fail, p=quarantine', question({ dmarc: 'fail', policy: 'quarantine' }), 'fail quarantine fail 000'],
    [
      'fail, trusted seal',
      question({ dmarc: 'fail', policy: 'quarantine' }, { sealedBy: 'list.test' }),
      'fail none pass 130',
    ],
    ['fail, p=none', question({ dmarc: 'fail', policy: 'none' }), 'fail none fail 001'],
    ['permerror, SPF passes', question({ dmarc: 'permerror', spf: pass }), 'permerror none pass 111'],
    ['permerror', question({ dmarc: 'permerror' }), 'permerror none fail 001'],
    ['temperror', question({ dmarc: 'temperror' }), 'temperror none fail 001'],
    // an own domain has reasons of its own
    ['own, p=reject', question({ dmarc: 'fail', policy: 'reject' }, { own: true }), 'fail reject fail 010'],
    [
      'own, p=quarantine',
      question({ dmarc: 'fail', policy: 'quarantine' }, { own: true }),
      'fail quarantine fail 010',
    ],
    ['own, p=none', question({ dmarc: 'fail', policy: 'none' }, { own: true }), 'fail none fail 601'],
    ['own, no record', question({}, { own: true }), 'none none fail 601'],
    ['own, pass', question({ dmarc: 'pass', policy: 'none' }, { own: true }), 'pass none pass 100'],
    // MX elsewhere: not checked, unless a connector says who it is
    [
      'MX elsewhere',
      question({ dmarc: 'fail', policy: 'none' }, { own: true, mxPointsHere: false }),
      'fail none none 451',
    ],
    [
      'MX elsewhere, connector',
      question({ dmarc: 'pass' }, { mxPointsHere: false, connector: true }),
      'pass none pass 100',
    ],
  ];
  for (const [what, asked, expected] of table) {
    test(what, () => {
      const { dmarc, action, compauth, reason } = verdictOf(asked);
      assert.equal([dmarc, action, compauth, reason].join(' '), expected);
    });
  }

  test('of several signatures the one of the author counts', () => {
    const asked = question({
      dkim: [
        { result: 'fail', domain: 'sender.test' },
        { result: 'pass', domain: 'service.test' },
      ],
    });
    assert.equal(verdictOf(asked).dkim, 'pass');
  });
});

test('placement, level and category', () => {
  const asked = question({}, { own: true });
  for (const [placement, scl] of [
    ['deliver', 1],
    ['junk', 5],
    ['quarantine', 9],
  ] as const) {
    const verdict = verdictOf({ ...asked, judgement: { placement, spoof: 'envelope' } });
    assert.deepEqual([verdict.scl, verdict.category], [scl, placement === 'deliver' ? 'NONE' : 'SPOOF']);
  }
});
