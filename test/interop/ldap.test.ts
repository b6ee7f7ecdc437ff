/** Recipients out of OpenLDAP. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { tenantWith } from '../../src/edge/fixtures.ts';
import {
  LdapRecipients,
  type LdapRecipientsOptions,
} from '../../src/edge/recipients/ldap/ldap-recipients.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemDialer } from '../../src/platform/dialer.ts';
import { SINK_CERTIFICATE } from '../support/sink-certificate.ts';
import { Slapd } from './slapd.ts';

const BASE = 'dc=contoso,dc=test';
const ROOT = { dn: `cn=admin,${BASE}`, password: 'correct horse' };

const person = (cn: string, mail: string[], more: string[] = []): string =>
  [
    `dn: cn=${cn},${BASE}`,
    'objectClass: inetOrgPerson',
    'objectClass: msuser',
    `cn: ${cn}`,
    'sn: x',
    ...mail.map((address) => `mail: ${address}`),
    ...more,
    '',
  ].join('\n');

const LDIF = [
  `dn: ${BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Contoso\ndc: contoso\n`,
  person('ann', ['Ann@contoso.test']),
  person('bob', ['bob@contoso.test'], ['proxyAddresses: SMTP:robert@contoso.test']),
  person('gone', ['gone@contoso.test'], ['userAccountControl: 514']),
  person('star', ['st*r@contoso.test']),
  person('paren', ['(p)@contoso.test']),
  ...Array.from({ length: 8 }, (_, i) => person(`twin${i}`, ['twins@contoso.test'])),
].join('\n');

const slapd = new Slapd({ suffix: BASE, ldif: LDIF, rootDn: ROOT.dn, password: `"${ROOT.password}"` });
before(() => slapd.start());
after(() => slapd.stop());

function recipients(options: Partial<LdapRecipientsOptions> & { startTls?: boolean } = {}): LdapRecipients {
  const { startTls = false, ...rest } = options;
  const { plain, tls } = slapd.ports;
  return new LdapRecipients({
    dialer: systemDialer,
    clock: systemClock,
    timeoutMs: 5000,
    context: createSecureContext({ ca: SINK_CERTIFICATE }),
    servers: [{ host: 'localhost', port: startTls ? plain : tls, implicitTls: !startTls }],
    base: BASE,
    filter:
      '(&(|(mail={address})(proxyAddresses=smtp:{address}))(!(userAccountControl:1.2.840.113556.1.4.803:=2)))',
    bind: ROOT,
    ...rest,
  });
}

for (const startTls of [false, true]) {
  describe(startTls ? 'by StartTLS' : 'by ldaps', () => {
    const cases: [string, string][] = [
      ['ann@contoso.test', 'known'],
      ['bob@contoso.test', 'known'],
      ['robert@contoso.test', 'known'],
      ['nobody@contoso.test', 'unknown'],
      ['gone@contoso.test', 'unknown'],
      ['*@contoso.test', 'unknown'],
      ['a*@contoso.test', 'unknown'],
      ['st*r@contoso.test', 'known'],
      ['(p)@contoso.test', 'known'],
      ['x)(mail=*@contoso.test', 'unknown'],
      ['twins@contoso.test', 'known'],
      ['\u00e9va@contoso.test', 'unknown'],
    ];
    for (const [address, wanted] of cases) {
      test(`${address} is ${wanted}`, async () => {
        const asked = recipients({ startTls });
        assert.equal(await asked.find(tenantWith(), address), wanted, asked.problem() ?? 'no problem');
        await asked.close();
      });
    }
  });
}

const failures: [string, Partial<LdapRecipientsOptions>, RegExp][] = [
  ['a wrong password', { bind: { ...ROOT, password: 'wrong' } }, /not let in.*result 49/],
  ['nobody, where a name is wanted', { bind: undefined }, /result (8|1|13|50|53)/],
  ['a base that is not there', { base: 'dc=other' }, /result 32/],
];
for (const [name, options, problem] of failures) {
  test(`${name}: unavailable, never unknown`, async () => {
    const asked = recipients(options);
    assert.equal(await asked.find(tenantWith(), 'ann@contoso.test'), 'unavailable');
    assert.match(asked.problem() ?? '', problem);
    await asked.close();
  });
}
