import { Alignment } from '../authentication/alignment.ts';
import { DkimSigner } from '../authentication/dkim/sign.ts';
import { domainOf } from '../message/envelope.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

export interface Signing {
  alignment: Alignment;
  signer: DkimSigner;
  /** Puts a signature before the head of what the relay itself writes, where its domain has a key. */
  signNotice(head: Buffer, body: Buffer): Promise<Buffer>;
}

/** DKIM, and the watch over what is published of it. @param postmaster From address of the relay's own messages */
export function wireSigning(ground: Ground, postmaster: string, closers: Closers): Signing {
  const { config, clock, random, resolver, domains, log } = ground;
  const signer = new DkimSigner(domains);
  const alignment = new Alignment({
    registry: domains,
    resolver,
    clock,
    random,
    requirePublished: config.dkim.requirePublished,
    onError: (domain, error) =>
      log.logger.error({ domain, error }, 'the published records could not be checked'),
  });
  alignment.start();
  closers.add(() => alignment.stop());
  return {
    alignment,
    signer,
    async signNotice(head, body) {
      const decision = alignment.decide(domainOf(postmaster), { action: 'send' });
      if (decision.kind !== 'sign') return head;
      const signature = await signer.sign({ head }, signer.hash(body, true), decision.domain, clock.now());
      return Buffer.concat([signature, head]);
    },
  };
}
