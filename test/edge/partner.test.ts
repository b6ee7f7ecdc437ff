/** A partner who is known by his certificate, over real TLS. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import selfsigned from 'selfsigned';
import { connectorOf, tenantWith } from '../../src/edge/fixtures.ts';
import { EdgeDoor } from '../support/edge-door.ts';

interface Made {
  cert: string;
  private: string;
}

const make = (name: string, issuer: Made | undefined, purposes: object | undefined): Promise<Made> =>
  selfsigned.generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    ...(issuer && { ca: { key: issuer.private, cert: issuer.cert } }),
    extensions: [
      { name: 'basicConstraints', cA: issuer === undefined, critical: true },
      ...(purposes ? [{ name: 'extKeyUsage' as const, ...purposes }] : []),
    ],
  });

describe('a partner by certificate', () => {
  let door: EdgeDoor;
  let authority: Made;
  before(async () => {
    authority = await make('Authority', undefined, undefined);
    const server = await make('edge.test', authority, { serverAuth: true });
    const partner = connectorOf({
      senderDomains: ['contoso.test'],
      certificateName: 'relay.contoso.test',
      requireTls: true,
      restrictToCertificate: true,
    });
    door = await new EdgeDoor({
      tenant: tenantWith([partner]),
      tls: { cert: server.cert, key: server.private, authority: authority.cert },
    }).open();
  });
  after(() => door.close());

  async function send(own: Made | undefined): Promise<string> {
    const client = await door.connect();
    try {
      await client.hello();
      await client.startTls(own ? { cert: own.cert, key: own.private } : {});
      await client.hello();
      const from = 'payroll@contoso.test';
      return await client.send({
        from,
        to: ['boss@contoso.test'],
        content: `From: ${from}\r\nSubject: x\r\n\r\nText.\r\n`,
      });
    } finally {
      client.destroy();
    }
  }

  const CASES: [what: string, certificate: () => Promise<Made | undefined>, reply: RegExp][] = [
    ['for clients', () => make('relay.contoso.test', authority, { clientAuth: true }), /^250/],
    [
      'for servers only, as public authorities give it',
      () => make('relay.contoso.test', authority, { serverAuth: true }),
      /^250/,
    ],
    ['of another name', () => make('relay.attacker.test', authority, { serverAuth: true }), /^550 5\.7\.51/],
    [
      'for servers only, of a stranger',
      async () =>
        make('relay.contoso.test', await make('Authority', undefined, undefined), { serverAuth: true }),
      /^550 5\.7\.51/,
    ],
    ['none', async () => undefined, /^550 5\.7\.51/],
  ];
  for (const [what, certificate, reply] of CASES) {
    test(what, async () => assert.match(await send(await certificate()), reply));
  }
});
