import { BlockList, isIPv6 } from 'node:net';
import type { Clock } from '../platform/clock.ts';
import type { SessionView } from '../smtp/server/handler.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { Credential } from '../sources/source.ts';
import { hasChannelBinding } from './channel-binding.ts';

export type Mechanism =
  | 'SCRAM-SHA-256-PLUS'
  | 'SCRAM-SHA-256'
  | 'PLAIN'
  | 'LOGIN'
  | 'OAUTHBEARER'
  | 'XOAUTH2'
  | 'CRAM-MD5';

/** Which sources may use CRAM-MD5 now. `revision` changes whenever an answer may have. */
export interface CramPermission {
  readonly revision: number;
  permits(source: string): boolean;
}

/** Where nobody forbids it. */
export const CRAM_PERMITTED: CramPermission = { revision: 0, permits: () => true };

const NONE: Mechanism[] = [];

/** Which SASL mechanisms a session is offered: asked at every EHLO, so it costs a few comparisons. */
export class MechanismOffer {
  readonly #clock: Clock;
  readonly #registry: SourceRegistry;
  readonly #oauth: boolean;
  readonly #permission: CramPermission;
  /** Active credentials with a recoverable password, by identifier; read at the first question. */
  #recoverable: Map<string, Credential> | undefined;
  /** What follows from them; made anew after a change. */
  #cram: { revision: number; until: number; everywhere: boolean; networks: BlockList } | undefined;
  readonly #unsubscribe: () => void;

  /** @param oauth whether tokens of any issuer are accepted. */
  constructor(registry: SourceRegistry, clock: Clock, oauth: boolean, permission = CRAM_PERMITTED) {
    this.#registry = registry;
    this.#clock = clock;
    this.#oauth = oauth;
    this.#permission = permission;
    this.#unsubscribe = registry.onChange((change) => {
      if (!this.#recoverable) return;
      if (change.kind === 'source') {
        if (!change.removed) return;
        for (const { id, source } of this.#recoverable.values()) {
          if (source === change.source.id) this.#forget(id);
        }
      } else if (isRecoverable(change.credential)) {
        this.#recoverable.set(change.credential.id, change.credential);
        this.#cram = undefined;
      } else {
        this.#forget(change.credential.id);
      }
    });
  }

  /** In the order of preference; empty where nobody may authenticate. */
  offered(session: SessionView): Mechanism[] {
    const { listener, tls, address } = session;
    if (!tls && !listener.plainAuthentication) return NONE;
    const offer: Mechanism[] = [];
    const password = listener.credentials.has('password');
    if (password) {
      if (tls && hasChannelBinding(tls)) offer.push('SCRAM-SHA-256-PLUS');
      offer.push('SCRAM-SHA-256', 'PLAIN', 'LOGIN');
    }
    // RFC 6750 §5.3: a bearer token goes over TLS only, whatever the listener allows for passwords
    if (tls && this.#oauth && listener.credentials.has('oauth')) offer.push('OAUTHBEARER', 'XOAUTH2');
    if (password && this.#offersCram(address)) offer.push('CRAM-MD5');
    return offer;
  }

  close(): void {
    this.#unsubscribe();
  }

  /**
   * Clients such as curl prefer CRAM-MD5 and fail where the account has no recoverable password. So where all
   * such credentials are bound to networks, it is offered to these only.
   */
  #offersCram(address: string): boolean {
    if (this.#cram?.revision !== this.#permission.revision) this.#cram = undefined;
    this.#cram ??= this.#readCram();
    const { until, everywhere, networks } = this.#cram;
    if (until <= this.#clock.now()) return false;
    return everywhere || networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }

  #readCram() {
    this.#recoverable ??= new Map(
      this.#registry
        .list()
        .flatMap(({ id }) => this.#registry.credentials(id))
        .filter(isRecoverable)
        .map((credential) => [credential.id, credential]),
    );
    const networks = new BlockList();
    let until = 0;
    let everywhere = false;
    for (const credential of this.#recoverable.values()) {
      if (!this.#permission.permits(credential.source)) continue;
      until = Math.max(until, credential.expiresAt ?? Number.POSITIVE_INFINITY);
      if (credential.networks.length === 0) everywhere = true;
      for (const block of credential.networks) {
        const [base = '', bits] = block.split('/');
        const family = isIPv6(base) ? 'ipv6' : 'ipv4';
        networks.addSubnet(base, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
      }
    }
    return { revision: this.#permission.revision, until, everywhere, networks };
  }

  #forget(id: string): void {
    if (this.#recoverable?.delete(id)) this.#cram = undefined;
  }
}

function isRecoverable(credential: Credential): boolean {
  return credential.state === 'active' && credential.secret?.recoverable !== undefined;
}
