import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Zone } from './dns/zone.ts';
import {
  changeSetting,
  type SettingsScope,
  settingsOf,
  withConnector,
  withDomain,
  withoutConnector,
} from './settings.ts';
import { firstSettings } from './state.ts';

function scope(): SettingsScope {
  const { tenants, refuseAt, records } = firstSettings();
  const [tenant] = tenants;
  assert.ok(tenant);
  return { tenant, refuseAt, dns: new Zone(records) };
}

test('settings in the spellings that people use', () => {
  for (const [name, value, expected] of [
    ['RejectDirectSend', true, true],
    ['rejectdirectsend', '$TRUE', true],
    ['RejectDirectSend', 'false', false],
    ['HonorDmarcPolicy', 'Quarantine', 'quarantine'],
    ['ownDomainSpoof', 'junk', 'junk'],
    ['ArcTrustedSealers', 'list.test, b.test', ['b.test', 'list.test']],
    ['DmarcPolicy', 'reject', 'reject'],
    ['DmarcPolicy', 'absent', 'absent'],
    ['RefuseAt', 'recipient', 'recipient'],
  ] as const) {
    const before = scope();
    const { change, setting } = changeSetting(before, name, value);
    assert.deepEqual(setting({ ...before, ...change }).value, expected, name);
  }
});

test('what can not be set is refused, and says what can', () => {
  for (const [name, value, text] of [
    ['RejectDirectSend', 'perhaps', /^RejectDirectSend: expected true or false$/],
    ['DmarcPolicy', 'deny', /^DmarcPolicy: expected none, quarantine, reject or absent, not "deny"$/],
    ['RefuseAt', true, /^RefuseAt: expected data or recipient/],
    ['OwnDomainSpoof', 'explode', /^OwnDomainSpoof: /],
    ['Nothing', 'x', /^there is no setting Nothing; there are RejectDirectSend, /],
  ] as const) {
    assert.throws(() => changeSetting(scope(), name, value), { kind: 'invalid', message: text });
  }
});

test('the DMARC record in the DNS is the setting', () => {
  const before = scope();
  changeSetting(before, 'DmarcPolicy', 'quarantine');
  assert.deepEqual(before.dns.get('_dmarc.contoso.test', 'TXT'), [
    'v=DMARC1; p=quarantine; rua=mailto:dmarc@contoso.test',
  ]);
  before.dns.set('_dmarc.contoso.test', 'TXT', 'v=DMARC1;p=reject');
  assert.equal(settingsOf(before).find(({ name }) => name === 'DmarcPolicy')?.value, 'reject');
});

test('connectors are added, changed field by field, and removed', () => {
  const { tenant } = scope();
  const added = withConnector(tenant, { name: 'X', type: 'partner', senderDomains: ['contoso.test'] });
  assert.equal(added.connector.requireTls, true);
  const changed = withConnector(added.tenant, { name: 'x', enabled: false });
  assert.deepEqual(changed.connector.senderDomains, ['contoso.test']);
  assert.equal(changed.tenant.connectors.length, tenant.connectors.length + 1);
  assert.equal(withoutConnector(changed.tenant, 'X').connectors.length, tenant.connectors.length);
  assert.throws(() => withoutConnector(tenant, 'X'), { kind: 'not-found' });
  assert.throws(() => withConnector(tenant, { name: 'Y', type: 'partner', restrictToAddresses: true }), {
    kind: 'invalid',
  });
});

test('a domain belongs to one tenant', () => {
  const { tenant } = scope();
  const others = firstSettings().tenants[1]?.domains ?? [];
  assert.throws(() => withDomain(tenant, { name: 'fabrikam.test' }, others), { kind: 'invalid' });
  const changed = withDomain(tenant, { name: 'CONTOSO.test', matchSubDomains: true }, others);
  assert.deepEqual(changed.domains, [{ name: 'contoso.test', type: 'authoritative', matchSubDomains: true }]);
});
