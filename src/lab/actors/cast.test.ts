import assert from 'node:assert/strict';
import { it } from 'node:test';
import { makeKey } from '../../authentication/dkim/keys.ts';
import { buildMessage } from '../../message/build.ts';
import { systemRandom } from '../../platform/random.ts';
import type { Lab, LabKey, LabLanguage } from '../lab.ts';
import { makeAuthority } from '../certificates.ts';
import { ADDRESSES, MAILBOXES, SIGNERS, TENANTS } from '../world.ts';
import { actorOf, CAST } from './cast.ts';
import type { Scene } from './actor.ts';
import { isLoopback } from './dialogue.ts';
import { signed } from './signed.ts';

const { privateKey } = await makeKey({ algorithm: 'ed25519-sha256', selector: 's', stage: 'active', at: 0 });
const certificate = await makeAuthority();
const key = (signer: { domain: string; selector: string }): LabKey => ({ ...signer, privateKey });

/** What actors ask of a lab before they send. */
const lab = {
  frontDoor: { host: '127.0.0.1', name: 'x', port: 1, proxiedPort: 2 },
  relay: { host: '127.0.0.1', port: 3, account: 'printer', password: 'p', from: 'scanner@contoso.test' },
  keys: {
    relay: key(SIGNERS.tenant),
    newsletter: key(SIGNERS.newsletter),
    newsletterService: key(SIGNERS.newsletterService),
    tenant: key(SIGNERS.tenant),
    attacker: key(SIGNERS.attacker),
  },
  clientCertificate: async () => certificate,
} as unknown as Lab;

const [boss, colleague] = MAILBOXES;
assert.ok(boss && colleague);

function sceneOf(language: LabLanguage): Scene {
  assert.ok(boss && colleague);
  return { lab, language, domain: 'contoso.test', boss, colleague };
}

it('every actor is found by its name, and none twice', () => {
  assert.equal(new Set(CAST.map(({ name }) => name)).size, CAST.length);
  for (const actor of CAST) assert.equal(actorOf(actor.name), actor);
  assert.equal(actorOf('nobody'), undefined);
});

for (const actor of CAST) {
  it(`${actor.name} writes to this machine, and links lead nowhere`, async () => {
    for (const language of ['en', 'fr'] as const) {
      const { visit, parts, writtenAt, keys = [] } = await actor.letter(sceneOf(language));
      assert.ok(isLoopback(visit.host));
      assert.ok(
        visit.address === undefined || Object.values(ADDRESSES).some((one) => one === visit.address),
        'a party of the lab',
      );
      const written = buildMessage(parts, { at: 0, hostname: writtenAt, random: systemRandom });
      const message = (await signed(written, keys, 0)).toString('utf8');
      assert.equal(message.match(/^DKIM-Signature:/gm)?.length ?? 0, keys.length);
      const texts = [parts.subject, parts.text ?? '', visit.from, parts.from.address, ...visit.to].join(' ');
      for (const [, host = ''] of texts.matchAll(/(?:https?:\/\/|@)([\w.-]+)/g))
        assert.match(host, /\.(?:test|invalid)$/);
      assert.match(parts.from.name, /\S/);
      assert.match(actor.what[language], /\.$/);
    }
  });
}

it('an own domain on the envelope is what Direct Send is, and a foreign one is not', async () => {
  const own = TENANTS[0]?.domains.map(({ name }) => name) ?? [];
  for (const actor of CAST) {
    const { visit } = await actor.letter(sceneOf('en'));
    const domain = visit.from.slice(visit.from.indexOf('@') + 1);
    assert.equal(own.includes(domain), actor.way !== 'internet', actor.name);
  }
});
