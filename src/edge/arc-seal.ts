import { createPrivateKey, type KeyObject } from 'node:crypto';
import { sealArc } from '../authentication/arc/seal.ts';
import type { Authentication } from '../authentication/authenticate.ts';
import { formatResultsValue } from '../authentication/authentication-results.ts';
import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type { SigningKey } from '../authentication/dkim/domain.ts';
import type { BodyHash, Signer } from '../authentication/dkim/signer.ts';
import { methodResults } from '../authentication/message-results.ts';
import { bodyChunks } from '../message/body-chunks.ts';
import type { Body } from '../message/content.ts';
import type { Clock } from '../platform/clock.ts';
import type { Disk } from '../platform/disk.ts';

export interface ArcSealRooms {
  domains: Pick<DomainRegistry, 'byName'>;
  signer: Pick<Signer, 'hash' | 'hasher'>;
  disk: Pick<Disk, 'open'>;
  clock: Clock;
  /** The name under which results are written. */
  hostname: string;
}

/** Octets of a large body that are hashed at a time. */
const BLOCK = 262_144;

/**
 * Seals what goes on to a mail service that trusts us (`Set-ArcConfig -ArcTrustedSealers`): it learns what was found
 * here, where the client's address was still that of the sender.
 */
export class ArcSeal {
  readonly #domain: string;
  readonly #rooms: ArcSealRooms;
  /** One key at a time, by its selector: parsing costs more than signing with it is worth. */
  #prepared: { selector: string; key: KeyObject } | undefined;

  /** @param domain a signing domain, in whose name is sealed */
  constructor(domain: string, rooms: ArcSealRooms) {
    this.#domain = domain;
    this.#rooms = rooms;
  }

  /**
   * The ARC set to put above the head; undefined where none may be added.
   * @throws when the domain has no active RSA key, which is what all validators know.
   */
  async seal(head: Buffer, body: Body, authentication: Authentication): Promise<Buffer | undefined> {
    const { domains, clock, hostname } = this.#rooms;
    const key = domains
      .byName(this.#domain)
      ?.keys.find(({ stage, algorithm }) => stage === 'active' && algorithm === 'rsa-sha256');
    if (!key)
      throw new Error(
        `${this.#domain} has no active RSA key to seal with: postern domain add ${this.#domain}`,
      );
    return sealArc(
      {
        head,
        body: await this.#hash(body),
        chain: authentication.arc,
        results: formatResultsValue(hostname, methodResults(authentication)),
        at: clock.now(),
      },
      { domain: this.#domain, selector: key.selector, algorithm: key.algorithm, key: this.#key(key) },
    );
  }

  async #hash(body: Body): Promise<BodyHash> {
    const { signer, disk } = this.#rooms;
    if (body.kind === 'memory') return signer.hash(body.bytes, true);
    const hasher = signer.hasher();
    for await (const chunk of bodyChunks(body, disk, BLOCK)) hasher.update(chunk);
    return hasher.digest();
  }

  #key({ selector, privateKey }: SigningKey): KeyObject {
    if (this.#prepared?.selector !== selector)
      this.#prepared = { selector, key: createPrivateKey(privateKey) };
    return this.#prepared.key;
  }
}
