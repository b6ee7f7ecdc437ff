import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemDisk } from '../../platform/disk.ts';
import { settingsIn } from './tenant-settings.ts';

describe('settings of an organisation, from files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'postern-settings-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const put = (name: string, content: string | Buffer) => writeFile(path.join(folder, name), content);
  const found = () => settingsIn(systemDisk, folder);

  it('reads what the script writes', async () => {
    await put(
      'accepted-domains.json',
      JSON.stringify([
        { DomainName: 'Contoso.com', DomainType: 'Authoritative', MatchSubDomains: false },
        { DomainName: 'bücher.example', DomainType: 'InternalRelay', MatchSubDomains: true },
        { DomainName: '[]', DomainType: 'Authoritative' },
      ]),
    );
    await put('organization-config.json', JSON.stringify([{ Name: 'contoso', RejectDirectSend: false }]));
    await put(
      'inbound-connectors.json',
      JSON.stringify([
        {
          Name: 'Relay',
          Enabled: true,
          ConnectorType: 'Partner',
          SenderDomains: ['smtp:contoso.com;1', 'smtp:*.contoso.de;1'],
          SenderIPAddresses: [],
          TlsSenderCertificateName: 'Relay.contoso.com',
          RequireTls: true,
          RestrictDomainsToIPAddresses: false,
          RestrictDomainsToCertificate: true,
        },
        { Name: 'Odd', ConnectorType: 'Default', SenderDomains: '*' },
      ]),
    );
    assert.deepEqual(await found(), {
      domains: [
        { name: 'contoso.com', type: 'authoritative', matchSubDomains: false },
        { name: 'xn--bcher-kva.example', type: 'internal-relay', matchSubDomains: true },
      ],
      subdomainsUnknown: undefined,
      connectors: [
        {
          name: 'Relay',
          enabled: true,
          type: 'partner',
          senderDomains: ['contoso.com', '*.contoso.de'],
          senderAddresses: [],
          certificateName: 'relay.contoso.com',
          requireTls: true,
          restrictToAddresses: false,
          restrictToCertificate: true,
        },
      ],
      rejectDirectSend: false,
      problems: [
        'accepted-domains.json: "[]" is no domain',
        'inbound-connectors.json: connector "Odd" is of an unknown type',
      ],
      files: ['accepted-domains.json', 'inbound-connectors.json', 'organization-config.json'],
    });
  });

  it('what Exchange says of domains counts more than what Graph says, in any order', async () => {
    const graph = { value: [{ id: 'contoso.com', isVerified: true, supportedServices: ['Email'] }] };
    await put('zz.json', JSON.stringify(graph));
    assert.deepEqual(await found(), {
      domains: [{ name: 'contoso.com', type: 'authoritative', matchSubDomains: false }],
      subdomainsUnknown: true,
      problems: [],
      files: ['zz.json'],
    });
    for (const name of ['aa.json', 'zzz.json']) {
      await put(
        name,
        JSON.stringify({ DomainName: 'contoso.com', DomainType: 'Authoritative', MatchSubDomains: 'True' }),
      );
      const { domains, subdomainsUnknown } = await found();
      assert.deepEqual([domains?.[0]?.matchSubDomains, subdomainsUnknown], [true, undefined]);
      await rm(path.join(folder, name));
    }
  });

  it('reads UTF-16 and a byte order mark', async () => {
    const text = JSON.stringify({ RejectDirectSend: true });
    for (const octets of [Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(`\ufeff${text}`)]) {
      await put('org.json', octets);
      assert.equal((await found()).rejectDirectSend, true);
    }
  });

  it('leaves alone what is no setting', async () => {
    await put('.collect-state.json', JSON.stringify({ RejectDirectSend: true }));
    await put('broken.json', '[{"RejectDirectSend":');
    await put('detail.json', JSON.stringify({ value: [{ event: 'Receive', data: '' }] }));
    await put('empty.json', '');
    await put('null.json', 'null');
    await put('large.json', `${' '.repeat(17 * 2 ** 20)}{"RejectDirectSend":true}`);
    assert.deepEqual(await found(), { problems: [], files: [] });
  });
});
