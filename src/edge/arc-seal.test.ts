import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticateMessage } from '../authentication/authenticate.ts';
import { verifyArc } from '../authentication/arc/verify.ts';
import { makeKey, recordText } from '../authentication/dkim/keys.ts';
import { DkimSigner } from '../authentication/dkim/sign.ts';
import { Lookups } from '../authentication/lookups.ts';
import { Zone } from '../authentication/zone.fixture.ts';
import { HeaderIndex } from '../message/headers.ts';
import { systemClock } from '../platform/clock.ts';
import { systemDisk } from '../platform/disk.ts';
import { ArcSeal } from './arc-seal.ts';

const at = systemClock.now();
const key = await makeKey({ algorithm: 'rsa-sha256', selector: 's1', stage: 'active', at });
const next = { ...key, stage: 'next' as const };
const of = (keys: (typeof key)[]) => ({
  byName: (name: string) => ({ name, internal: true, createdAt: at, keys }),
});
const zone = new Zone({ 'TXT s1._domainkey.contoso.test': recordText(key), 'TXT news.test': 'v=spf1 -all' });
const head = Buffer.from('From: a@news.test\r\nSubject: x\r\n\r\n');
const body = { kind: 'memory' as const, bytes: Buffer.from('Text.  \r\n') };

function sealWith(keys: (typeof key)[]): ArcSeal {
  const signer = new DkimSigner(of(keys));
  return new ArcSeal('contoso.test', {
    domains: of(keys),
    signer,
    disk: systemDisk,
    clock: systemClock,
    hostname: 'edge.test',
  });
}

const authentication = await authenticateMessage(
  {
    address: '203.0.113.66',
    helo: 'mail.news.test',
    sender: 'a@news.test',
    head: new HeaderIndex(head, { headerBytes: 10_000, headerFields: 100 }),
    body: body.bytes,
  },
  new Lookups({ resolver: zone, clock: systemClock }),
  { receiver: 'edge.test' },
);

test('what was found is sealed, and the chain holds', async () => {
  const set = await sealWith([key]).seal(head, body, authentication);
  const sealed = Buffer.concat([set!, head]);
  const result = await verifyArc(
    { head: sealed, body: body.bytes },
    (selector, domain) => zone.txt(`${selector}._domainkey.${domain}`),
    { now: at },
  );
  assert.equal(result.result, 'pass');
  assert.equal(result.hops[0]?.sealer, 'contoso.test');
  assert.match(result.hops[0]?.results ?? '', /spf=fail/);
});

test('without an active key there is an error that says what to do', async () => {
  await assert.rejects(sealWith([next]).seal(head, body, authentication), /postern domain add contoso\.test/);
});
