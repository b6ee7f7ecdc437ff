import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import type { RecordedEvent } from '../journal/event.ts';
import { REFUSALS } from '../refusals.ts';
import { DEFAULT_POLICY, NO_DETAILS, type Source, type SourcePolicy } from '../sources/source.ts';
import { adviseOn } from './advice.ts';
import { commandLine } from './command-line.ts';

function source(policy: Partial<SourcePolicy> = {}): Source {
  return {
    ...NO_DETAILS,
    id: 'src_a',
    name: 'scanner',
    description: '',
    owner: 'ann@corp.example',
    state: 'active',
    policy: { ...DEFAULT_POLICY, ...policy },
    createdAt: 0,
    updatedAt: 0,
    version: 1,
  };
}

let id = 0;
const event = (changes: Partial<RecordedEvent>): RecordedEvent => ({
  id: ++id,
  at: id,
  type: 'refusal',
  ...changes,
});
const context = {
  isInternal: (domain: string) => domain === 'corp.example',
  contact: 'postmaster@relay.example',
};

const advise = (code: string, events: Partial<RecordedEvent>[], about: Source | undefined = source()) =>
  adviseOn({ code, source: about, events: events.map((one) => event({ code, ...one })) }, context);
/** Of somebody who was not recognized. */
const stranger = (code: string, one: Partial<RecordedEvent>) =>
  adviseOn({ code, events: [event({ code, network: '192.0.2.7', ...one })] }, context);

const EDIT = 'postern source edit scanner';
const EXCEPTION = "--reason 'it can do no better' --until 90d";

describe('the setting that would change a refusal', () => {
  const known: [code: string, event: Partial<RecordedEvent>, line: string, policy?: Partial<SourcePolicy>][] =
    [
      ['S401', { detail: { envelope: 'b@corp.example' } }, `${EDIT} --from b@corp.example`],
      [
        'S402',
        { detail: { envelope: 'b@corp.example', header: 'B@corp.example' } },
        `${EDIT} --from B@corp.example`,
      ],
      ['S402', { detail: { envelope: '', header: 'b@corp.example' } }, `${EDIT} --from b@corp.example`],
      [
        'S402',
        { detail: { envelope: 'a@corp.example', header: 'b@corp.example' } },
        `${EDIT} --from envelope=a@corp.example,header=b@corp.example`,
      ],
      ['S406', { detail: { header: 'b@corp.example' } }, `${EDIT} --from b@corp.example`],
      ['S407', {}, `${EDIT} --null-sender`],
      ['R501', { detail: { recipient: 'x@elsewhere.example' } }, `${EDIT} --recipient x@elsewhere.example`],
      ['R502', { detail: { most: 100 } }, `${EDIT} --max-recipients 200`],
      ['M601', { detail: { size: 20_000_000 } }, `${EDIT} --max-size 25MB`, { maxSize: 1_000_000 }],
      ['M601', {}, `${EDIT} --max-size 2MB`, { maxSize: 1_000_000 }],
      ['M601', {}, 'limits.messageBytes'],
      ['M602', { listener: 'smtp' }, 'lineEndings = "repair" at the listener smtp'],
      ['M604', {}, `${EDIT} --repair`, { repair: { ...DEFAULT_POLICY.repair, longLines: false } }],
      [
        'M605',
        { text: 'no From' },
        `${EDIT} --repair-from a@corp.example`,
        {
          pairs: [
            { envelope: '*.x.example', header: '*.x.example' },
            { envelope: 'a@corp.example', header: 'a@corp.example' },
          ],
        },
      ],
      [
        'L702',
        { detail: { unit: 'messages', per: 'hour', most: 500 } },
        `${EDIT} --limit messages/hour=1000`,
      ],
      ['L705', {}, `${EDIT} --connections 100`],
      ['K802', {}, 'postern source enable scanner'],
      ['X904', { detail: { domain: 'new.example' } }, 'postern domain add new.example'],
      [
        'A301',
        { text: 'the password is wrong', detail: { credential: 'crd_1' } },
        'postern source rotate scanner --credential crd_1',
      ],
      ['A301', { text: 'the credential was revoked' }, 'postern source credential add scanner --password'],
      [
        'A301',
        { text: 'the credential does not count from this network', network: '192.0.2.9' },
        'postern source credential add scanner --password --only-from 192.0.2.9',
      ],
      [
        'A301',
        { text: 'no recoverable password is kept for this account, so CRAM-MD5 can not be checked' },
        `postern exception add cram-md5 --source scanner ${EXCEPTION}`,
      ],
      [
        'T203',
        { network: '192.0.2.9' },
        `postern exception add no-tls --network 192.0.2.9 --source scanner ${EXCEPTION}`,
      ],
      ['C108', { session: 'abcd' }, 'postern log --session abcd'],
    ];
  for (const [code, one, line, policy] of known) {
    test(`${code}: ${line}`, () => assert.equal(advise(code, [one], source(policy)).change.line, line));
  }

  const old = `--network 192.0.2.7 --owner postmaster@relay.example ${EXCEPTION}`;
  const unknown: [code: string, event: Partial<RecordedEvent>, line: string | RegExp][] = [
    ['A302', {}, 'postern source add device-192-0-2-7 --network 192.0.2.7'],
    ['A302', { network: '2001:db8::7' }, 'postern source add device-2001-db8-7 --network 2001:db8::7'],
    ['A301', { text: 'there is no such account' }, 'postern discovery list'],
    ['A311', {}, 'postern discovery approve 192.0.2.7'],
    ['A303', {}, 'guard.failures'],
    ['T201', {}, `postern exception add no-tls ${old}`],
    [
      'T204',
      { outcome: 'version', detail: { offeredVersions: ['TLSv1', 'TLSv1.1'] } },
      `postern exception add tls-1.1 ${old}`,
    ],
    [
      'T204',
      { outcome: 'version', detail: { offeredVersions: ['TLSv1'] } },
      `postern exception add tls-1.0 ${old}`,
    ],
    [
      'T204',
      { outcome: 'version', detail: { offeredVersions: ['SSLv3'] } },
      /no version of TLS that can be allowed/,
    ],
    [
      'T204',
      { outcome: 'version', detail: { offeredVersions: ['TLSv1.2'] } },
      'tls.minimumVersion = "TLSv1.2"',
    ],
    [
      'T204',
      { outcome: 'cipher', detail: { offeredCiphers: ['TLS_RSA_WITH_AES_128_CBC_SHA'] } },
      `postern exception add rsa-key-exchange ${old}`,
    ],
    [
      'T204',
      { outcome: 'cipher', detail: { offeredCiphers: ['TLS_RSA_WITH_3DES_EDE_CBC_SHA'] } },
      `postern exception add 3des ${old}`,
    ],
    [
      'T204',
      { outcome: 'cipher', detail: { offeredCiphers: ['TLS_RSA_WITH_RC4_128_MD5'] } },
      /no cipher suite/,
    ],
    ['T204', { outcome: 'certificate' }, 'tls.certificate'],
    ['T204', { outcome: 'no-tls' }, /STARTTLS for the ports/],
    ['C101', {}, 'limits.connectionsPerNetwork'],
  ];
  for (const [code, one, line] of unknown) {
    test(`${code} of a stranger: ${String(line)}`, () => {
      const { change } = stranger(code, one);
      if (typeof line === 'string') assert.equal(change.line, line);
      else assert.match(change.line, line);
    });
  }

  test('several addresses are one command, and no more than a few', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      detail: { recipient: `r${index % 8}@x.example` },
    }));
    const { line } = advise('R501', many).change;
    assert.equal(line.match(/--recipient/g)?.length, 5);
    assert.match(line, /--recipient r0@x\.example --recipient r1@x\.example/);
  });

  test('a foreign domain is doubted', () => {
    assert.match(
      advise('S401', [{ detail: { envelope: 'ceo@bank.example' } }]).caution ?? '',
      /bank\.example is no domain of yours/,
    );
    assert.match(advise('S401', [{ detail: { envelope: 'b@corp.example' } }]).caution ?? '', /really/);
  });

  test('every code has advice, whatever is known of it', () => {
    for (const code of Object.keys(REFUSALS)) {
      for (const about of [source(), undefined]) {
        for (const events of [
          [],
          [event({ code })],
          [event({ code, detail: { envelope: 7, header: null, most: 'x' } })],
        ]) {
          const { cause, change } = adviseOn({ code, source: about, events }, context);
          assert.ok(cause !== '' && change.line !== '', code);
        }
      }
    }
  });
});

describe('a command line', () => {
  const hostile = [
    "a'b@corp.example",
    'a;reboot@corp.example',
    '$(reboot)@corp.example',
    '`reboot`@corp.example',
    'a b@corp.example',
    '"x y"@corp.example',
    'a\\@corp.example',
    '*@corp.example',
    '~root@corp.example',
    'é@corp.example',
    '!!@corp.example',
    '#x@corp.example',
  ];
  test('says to a shell what it means', () => {
    for (const value of hostile) {
      const line = commandLine(['printf %s', { value }]) ?? '';
      assert.equal(execFileSync('sh', ['-c', line]).toString(), value);
    }
  });

  test('is none where a value could do harm or be an option', () => {
    for (const value of [
      '-rf',
      '--data=/',
      'a\nb',
      'a\u001b[2Jb',
      'a\u202eb',
      'a\u2028b',
      '',
      'x'.repeat(400),
      '\ud800',
    ]) {
      assert.equal(commandLine(['postern', { value }]), undefined, JSON.stringify(value));
    }
    const { change } = advise('S401', [{ detail: { envelope: 'a\u202eb@corp.example' } }]);
    assert.deepEqual([change.kind, change.line], ['device', REFUSALS.S401.remedy]);
  });
});
