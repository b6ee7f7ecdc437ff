import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { RegistryError } from '../sources/registry.ts';
import { openControlStore } from '../store/control.ts';
import { advise } from './advice.ts';
import { connectorOf } from './fixtures.ts';
import { StoredDirectory } from './stored-directory.ts';
import type { InboundConnector } from './tenant.ts';

async function scene(t: TestContext) {
  const db = await openControlStore(':memory:');
  t.after(() => db.destroy());
  const open = async () => {
    const directory = new StoredDirectory(db, new ManualClock(), systemRandom);
    await directory.open();
    return directory;
  };
  const directory = await open();
  await directory.setDomain({ name: 'contoso.test', type: 'authoritative', matchSubDomains: false });
  return { directory, reopen: open };
}

const invalid = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RegistryError, String(error));
  assert.match(error.message, pattern);
  return true;
};

describe('the stored directory', () => {
  it('is closed from the first day, and the same after a restart', async (t) => {
    const { directory, reopen } = await scene(t);
    const settings = directory.settings();
    assert.equal(settings.rejectDirectSend, true);
    assert.equal(settings.ownDomainSpoof, 'quarantine');
    assert.equal(settings.displayNameSpoof, 'junk');
    assert.match(
      directory.tenant.id,
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    await directory.setSettings({
      ...settings,
      rejectDirectSend: false,
      trustedSealers: ['B.test', 'a.test'],
    });
    await directory.setConnector(connectorOf({ name: 'Vendor', senderAddresses: ['192.0.2.1'] }));
    await directory.setSafeSender({ entry: 'News@Partner.test', note: 'monthly' });
    await directory.recipients.add('Ann@Contoso.TEST');
    const again = await reopen();
    assert.deepEqual(again.tenant, directory.tenant);
    assert.deepEqual(again.settings().trustedSealers, ['a.test', 'b.test']);
    assert.deepEqual(again.tenant.organization.safeSenders, ['news@partner.test']);
    assert.equal(again.recipients.has('ANN@contoso.test'), true);
    assert.equal(again.recipients.has('bob@contoso.test'), false);
  });

  it('replaces the tenant and never changes it; what was not touched stays the same value', async (t) => {
    const { directory } = await scene(t);
    const before = directory.tenants();
    const [tenant] = before;
    const { domains } = tenant;
    assert.equal(directory.tenants(), before);
    await directory.setSettings({ ...directory.settings(), rejectDirectSend: false });
    assert.equal(tenant.organization.rejectDirectSend, true);
    assert.equal(directory.tenant.organization.rejectDirectSend, false);
    // what is prepared of the domains is kept by this array
    assert.equal(directory.tenant.domains, domains);
    await directory.setDomain({ name: 'Müller.test', type: 'internal-relay', matchSubDomains: true });
    assert.deepEqual(
      domains.map(({ name }) => name),
      ['contoso.test'],
    );
    assert.deepEqual(
      directory.tenant.domains.map(({ name }) => name),
      ['contoso.test', 'xn--mller-kva.test'],
    );
  });

  const connectors: [string, Partial<InboundConnector>, RegExp][] = [
    [
      'a network that is too large',
      { senderAddresses: ['10.0.0.0/16'] },
      /senderAddresses\.0: .*\/24 to \/32/,
    ],
    ['bits behind the prefix', { senderAddresses: ['10.0.0.1/24'] }, /nothing set behind the prefix/],
    ['a large IPv6 network', { senderAddresses: ['2001:db8::/32'] }, /IPv6: \/64 to \/128/],
    ['a name in place of an address', { senderAddresses: ['mail.partner.test'] }, /is no address or block/],
    ['a bare asterisk as certificate', { certificateName: '*' }, /is no name of a certificate/],
    ['everybody under a suffix', { certificateName: '*.co.uk' }, /is no name of a certificate of one/],
    ['all customers of a service', { certificateName: '*.azurewebsites.net' }, /of one organization/],
    ['a subject as certificate', { certificateName: 'CN=relay.contoso.test' }, /subject alternative names/],
    ['an asterisk inside', { senderDomains: ['foo.*.test'] }, /is no sender domain: write \*/],
    ['no sender domains', { senderDomains: [] }, /is empty: write \*/],
    [
      'addresses that are restricted and not there',
      { restrictToAddresses: true },
      /senderAddresses: is empty/,
    ],
    [
      'a certificate restricted and not there',
      { restrictToCertificate: true },
      /certificateName: is missing/,
    ],
    [
      'TLS on-premises',
      { type: 'on-premises', requireTls: true },
      /requireTls: is for partner connectors only/,
    ],
    [
      'on-premises by nothing',
      { type: 'on-premises' },
      /needs the name of a certificate, or sender addresses/,
    ],
    [
      'on-premises for senders',
      { type: 'on-premises', senderAddresses: ['10.0.0.1'], senderDomains: ['a.test'] },
      /senderDomains: is for partner connectors only/,
    ],
    [
      'a foreign certificate on-premises',
      { type: 'on-premises', certificateName: '*.elsewhere.test' },
      /none of the accepted domains.*postern edge domain add/,
    ],
    ['a direction mark in the name', { name: 'Ven\u202edor' }, /name: /],
  ];
  for (const [what, options, pattern] of connectors) {
    it(`refuses a connector with ${what}, and says what to do`, async (t) => {
      const { directory } = await scene(t);
      await assert.rejects(directory.setConnector(connectorOf(options)), invalid(pattern));
      assert.deepEqual(directory.tenant.connectors, []);
    });
  }

  it('takes connectors as Exchange shows them, one for each name in any case', async (t) => {
    const { directory } = await scene(t);
    await directory.setConnector(
      connectorOf({
        name: 'Vendor',
        senderDomains: ['smtp:*.Contoso.test;1', 'smtp:*;100'],
        senderAddresses: ['192.0.2.0/24', '2001:DB8::1'],
        certificateName: '*.Vendor.test',
      }),
    );
    await directory.setConnector(connectorOf({ ...directory.connector('vendor'), name: 'VENDOR' }));
    const [only, ...others] = directory.tenant.connectors;
    assert.deepEqual(others, []);
    assert.deepEqual(
      [only?.name, only?.senderDomains, only?.senderAddresses, only?.certificateName],
      ['VENDOR', ['*.contoso.test', '*'], ['192.0.2.0/24', '2001:db8::1/128'], '*.vendor.test'],
    );
    await directory.setConnector(
      connectorOf({ name: 'Own', type: 'on-premises', certificateName: '*.contoso.test' }),
    );
    await directory.removeConnector('vendor');
    assert.deepEqual(
      directory.tenant.connectors.map(({ name }) => name),
      ['Own'],
    );
    await assert.rejects(directory.removeConnector('vendor'), invalid(/there is no connector/));
  });

  for (const name of ['*.contoso.test', 'test', 'co.uk', '192.0.2.1', 'con toso.test', '', 'a'.repeat(300)]) {
    it(`refuses ${JSON.stringify(name.slice(0, 20))} as a domain`, async (t) => {
      const { directory } = await scene(t);
      await assert.rejects(
        directory.setDomain({ name, type: 'authoritative', matchSubDomains: false }),
        invalid(/name: /),
      );
    });
  }

  it('keeps a domain that has recipients, unless they go with it', async (t) => {
    const { directory, reopen } = await scene(t);
    await directory.setDomain({ name: 'fabrikam.test', type: 'authoritative', matchSubDomains: true });
    await directory.recipients.change(['a@fabrikam.test', 'b@eu.fabrikam.test', 'c@contoso.test']);
    await assert.rejects(directory.removeDomain('fabrikam.test', false), invalid(/2 listed recipients/));
    assert.ok(directory.domain('fabrikam.test'));
    assert.equal(await directory.removeDomain('fabrikam.test', true), 2);
    assert.deepEqual(await (await reopen()).recipients.page({ limit: 10 }), ['c@contoso.test']);
  });

  it('takes addresses and domains as safe senders, nothing else', async (t) => {
    const { directory } = await scene(t);
    for (const entry of ['com', 'github.io', '*.partner.test', 'a b@partner.test', '@partner.test', ''])
      await assert.rejects(directory.setSafeSender({ entry, note: '' }), invalid(/entry: /));
    await directory.setSafeSender({ entry: 'Partner.test', note: '' });
    await directory.setSafeSender({ entry: 'partner.test', note: 'again' });
    assert.deepEqual(
      directory.safeSenders().map(({ entry, note }) => [entry, note]),
      [['partner.test', 'again']],
    );
    await directory.removeSafeSender('PARTNER.test');
    assert.deepEqual(directory.tenant.organization.safeSenders, []);
  });
});

describe('the list of recipients', () => {
  it('is replaced for the domains of a file, and left alone for others', async (t) => {
    const { directory } = await scene(t);
    const { recipients } = directory;
    await recipients.change(['a@contoso.test', 'b@contoso.test', 'c@fabrikam.test']);
    const wanted = ['b@contoso.test', 'd@contoso.test'];
    const expected = { added: 1, removed: 1, total: 3 };
    assert.deepEqual(await recipients.change(wanted, { replace: true, dryRun: true }), expected);
    assert.equal(recipients.has('a@contoso.test'), true);
    assert.deepEqual(await recipients.change(wanted, { replace: true }), expected);
    assert.deepEqual(await recipients.page({ limit: 10 }), [
      'b@contoso.test',
      'c@fabrikam.test',
      'd@contoso.test',
    ]);
    assert.equal(recipients.countOf('contoso.test'), 2);
  });

  it('takes thousands, and is searched by part, by domain, and page by page', async (t) => {
    const { directory } = await scene(t);
    const { recipients } = directory;
    const many = Array.from({ length: 5000 }, (_, one) => `user${one}@contoso.test`);
    assert.equal((await recipients.change(many)).added, 5000);
    assert.equal((await recipients.change(many)).added, 0);
    await recipients.add('100%_real@fabrikam.test');
    assert.deepEqual(await recipients.page({ search: '%_R', limit: 10 }), ['100%_real@fabrikam.test']);
    assert.equal((await recipients.page({ domain: 'contoso.test', limit: 9999 })).length, 5000);
    const [first = '', second] = await recipients.page({ search: 'user', limit: 2 });
    assert.deepEqual(await recipients.page({ search: 'user', after: first, limit: 1 }), [second]);
  });
});

describe('advice', () => {
  const who = { listeners: 1, listOnly: true };
  it('says what does not do what it looks like', async (t) => {
    const { directory } = await scene(t);
    const { recipients } = directory;
    assert.match(
      advise(directory.tenant, recipients, who).join(),
      /contoso\.test is authoritative and nobody/,
    );
    await recipients.add('ann@contoso.test');
    assert.deepEqual(advise(directory.tenant, recipients, who), []);
    await directory.setConnector(connectorOf({ name: 'Only domains', senderDomains: ['a.test'] }));
    await directory.setDomain({ name: 'x.test', type: 'internal-relay', matchSubDomains: false });
    await directory.setConnector(
      connectorOf({ name: 'Gone', type: 'on-premises', certificateName: 'relay.x.test' }),
    );
    await directory.removeDomain('x.test', false);
    await directory.setSettings({ ...directory.settings(), rejectDirectSend: false });
    const said = advise(directory.tenant, recipients, who).join('\n');
    for (const pattern of [/Direct Send is let in/, /Only domains identifies nobody/, /Gone does not count/])
      assert.match(said, pattern);
  });
});
