import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { generate } from 'selfsigned';
import { CLIENT_ID, GraphServer, TENANT_DOMAIN, TENANT_ID } from '../../../test/support/graph-server.ts';
import { systemRandom } from '../../platform/random.ts';
import { CollectScene, DAY, NOW, outcome } from './collect.fixture.ts';
import { collect, type CollectOptions } from './collect.ts';
import { CollectError } from './collect-error.ts';
import { CertificateCredential, SecretCredential } from './credential.ts';
import { FetchHttp } from './http.ts';

describe('sign-in, permissions and settings', () => {
  let scene: CollectScene;
  let clock: CollectScene['clock'];
  let server: CollectScene['server'];
  let folder: string;

  beforeEach(async () => {
    scene = await CollectScene.start();
    ({ clock, server, folder } = scene);
  });
  afterEach(() => scene.end());

  const options = (more?: Partial<CollectOptions>) => scene.options(more);
  const run = (more?: Partial<CollectOptions>) => scene.run(more);
  let pem: { cert: string; private: string };

  before(async () => {
    pem = await generate([{ name: 'commonName', value: 'postern audit' }], {
      keySize: 2048,
      notBeforeDate: new Date(NOW - DAY),
      notAfterDate: new Date(NOW + 365 * DAY),
    });
  });

  it('domains and settings are kept as files, and the domains are used', async () => {
    const report = await run({
      app: { ...options().app, tenant: TENANT_DOMAIN },
      parts: ['domains', 'organisation'],
    });
    assert.deepEqual(report.domains, ['contoso.com']);
    const read = async (name: string) =>
      JSON.parse(await readFile(path.join(folder, name), 'utf8')) as unknown;
    assert.deepEqual(await read('domains.json'), { value: server.domains });
    assert.deepEqual(await read('accepted-domains.json'), { value: server.acceptedDomains });
    assert.deepEqual(await read('organization-config.json'), { value: [server.organisation] });
  });

  it('domains that an earlier run or the script has left are known to the parts that need them', async () => {
    server.rows = [scene.row(NOW - DAY)];
    await writeFile(
      path.join(folder, 'accepted-domains.json'),
      JSON.stringify([{ DomainName: 'contoso.com', DomainType: 'Authoritative' }]),
    );
    const report = await run({ days: 2, parts: ['trace', 'details'] });
    assert.equal(outcome(report, 'details')?.outcome, 'done');
    assert.equal(server.detailRequests.length, 1);
  });

  it('without any domain the details are not guessed', async () => {
    const report = await run({ days: 1, parts: ['trace', 'details'] });
    assert.match(
      outcome(report, 'details')?.problem ?? '',
      /name them with --domain, or grant Domain\.Read\.All/,
    );
  });

  it('what the tenant does not give is skipped when nobody asked for it, and a failure when somebody did', async () => {
    server.granted = new Set(['ExchangeMessageTrace.Read.All', 'ThreatHunting.Read.All']);
    server.hasDefender = false;
    const report = await run({ days: 1, domains: ['contoso.com'] });
    assert.deepEqual(
      report.parts.map(({ part, outcome }) => [part, outcome]),
      [
        ['domains', 'skipped'],
        ['organisation', 'skipped'],
        ['trace', 'done'],
        ['hunting', 'skipped'],
        ['details', 'done'],
      ],
    );
    assert.match(outcome(report, 'domains')?.problem ?? '', /Domain\.Read\.All, with admin consent/);
    assert.match(outcome(report, 'hunting')?.problem ?? '', /Defender for Office 365 Plan 2/);
    const named = await run({ days: 1, domains: ['contoso.com'], parts: ['hunting'] });
    assert.equal(outcome(named, 'hunting')?.outcome, 'failed');
  });

  it('says what to do when the tenant does not know the trace service', async () => {
    server.servicePrincipal = false;
    const report = await run({ days: 1, parts: ['trace'] });
    assert.match(
      outcome(report, 'trace')?.problem ?? '',
      /New-MgServicePrincipal -AppId 8bd644d1-64a1-4d4b-ae52-2e0cbf64e373/,
    );
    assert.equal(server.asked.length, 1);
  });

  it('a wrong secret is told without the secret', async () => {
    const app = {
      tenant: TENANT_ID,
      clientId: CLIENT_ID,
      credential: new SecretCredential('not the secret'),
    };
    await assert.rejects(run({ app }), (error: unknown) => {
      assert.ok(error instanceof CollectError);
      assert.equal(error.code, 'sign-in-refused');
      assert.doesNotMatch(inspect(error, { depth: 9 }), /not the secret/);
      return true;
    });
    assert.doesNotMatch(inspect(app, { depth: 9, showHidden: true }), /not the secret/);
    const other = { ...options().app, clientId: 'another' };
    await assert.rejects(run({ app: other }), /no such application; look at --client-id.*AADSTS700016/);
  });

  it('signs in by certificate', async () => {
    server.certificate = pem.cert;
    const credential = new CertificateCredential(CLIENT_ID, pem.cert, pem.private, systemRandom);
    const app = { tenant: TENANT_ID, clientId: CLIENT_ID, credential };
    assert.equal(outcome(await run({ app, parts: ['domains'] }), 'domains')?.outcome, 'done');
    assert.doesNotMatch(inspect(app, { depth: 9, showHidden: true }), /PRIVATE/);
    const other = await generate([{ name: 'commonName', value: 'other' }], { keySize: 2048 });
    server.certificate = other.cert;
    await assert.rejects(run({ app, parts: ['domains'] }), /not registered with the application/);
    assert.throws(
      () => new CertificateCredential(CLIENT_ID, other.cert, pem.private, systemRandom),
      /does not belong to the certificate/,
    );
    clock.pass(400 * DAY);
    await assert.rejects(run({ app, parts: ['domains'] }), /the certificate has expired/);
  });

  it('a next page at another server gets no token', async () => {
    const stranger = await GraphServer.start(clock);
    try {
      server.rows = Array.from({ length: 6000 }, () => scene.row(NOW - DAY / 2));
      const http = new FetchHttp();
      const bent = {
        send: async (request: Parameters<typeof http.send>[0]) => {
          const answer = await http.send(request);
          return {
            ...answer,
            body: answer.body.replaceAll(
              `"@odata.nextLink":"${server.url}`,
              `"@odata.nextLink":"${stranger.url}`,
            ),
          };
        },
      };
      const report = await collect(options({ days: 1, parts: ['trace'] }), { ...scene.world(), http: bent });
      assert.match(outcome(report, 'trace')?.problem ?? '', /which is not the service/);
      assert.deepEqual(stranger.asked, []);
    } finally {
      await stranger.close();
    }
  });
});
