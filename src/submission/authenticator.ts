/**
 * Who is it? Takes what a client shows, a password, a token, a certificate, a key or its network, and answers
 * the source behind it, or a refusal that does not tell a stranger what was wrong.
 *
 * Every attempt goes the same way (`#attempt`): is it locked, is the proof right, wait as long as the failures
 * before it ask for, does everything else about the credential hold, and only then who it is.
 */
import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type { SaslExchange, SaslStep, SessionView } from '../smtp/server/handler.ts';
import { stateRefusal } from '../sources/lifecycle.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { Credential, Identity } from '../sources/source.ts';
import type { Seal } from '../store/seal.ts';
import { type Account, Accounts, type PasswordCredential } from './accounts.ts';
import { channelBinding, isBindingType } from './channel-binding.ts';
import { clientCertificate } from './client-certificate.ts';
import type { CredentialUses } from '../sources/credential-uses.ts';
import { bestFor, type Client, countsAt, unmetCondition } from './conditions.ts';
import { Guard, type GuardOptions } from './guard.ts';
import type { HttpGet, TrustedIssuer } from './issuer-keys.ts';
import { LoginJournal } from './login-journal.ts';
import { CRAM_PERMITTED, type CramPermission, type Mechanism, MechanismOffer } from './mechanisms.ts';
import { TokenVerifier } from './oauth.ts';
import { PasswordChecker, type PasswordCheckerOptions } from './password-checker.ts';
import { CramMd5Exchange } from './sasl/cram-md5.ts';
import { LoginExchange } from './sasl/login.ts';
import { oauthBearer } from './sasl/oauthbearer.ts';
import { PlainExchange } from './sasl/plain.ts';
import { ScramExchange } from './sasl/scram.ts';
import { WatchedExchange } from './sasl/watched.ts';
import { xoauth2 } from './sasl/xoauth2.ts';
import { hashApiKey } from './secret.ts';
import type { LiveSessions } from './sessions.ts';

export interface AuthenticatorOptions {
  registry: SourceRegistry;
  seal: Seal;
  clock: Clock;
  random: Random;
  events: EventSink;
  /** Name of the relay, for CRAM-MD5 challenges. */
  hostname: string;
  /** Counts sessions by source, and refuses one too many; absent: nobody counts. */
  sessions?: LiveSessions;
  /** Which sources may use CRAM-MD5; absent: all with a recoverable password. */
  cramMd5?: CramPermission;
  /** Remembers from where each credential is used; absent: nobody does. */
  uses?: Pick<CredentialUses, 'record'>;
  /** Whose tokens are accepted; none: OAuth is not offered. */
  issuers?: readonly TrustedIssuer[];
  guard?: Partial<GuardOptions>;
  /** Hears of each AUTH that failed, with the account as it was given; absent: nobody asks. */
  tried?(session: SessionView, mechanism: string, account: string | undefined): void;
  passwords?: Partial<PasswordCheckerOptions>;
  httpGet?: HttpGet;
}

export type Admission = { kind: 'accepted'; identity: Identity } | { kind: 'refused'; reply: Reply };

/** What became of the first factor. */
type Proof =
  | { kind: 'right'; credential: Credential }
  | { kind: 'wrong'; reason: string; credential?: Credential }
  /** Neither: the check could not be made. */
  | { kind: 'unknown'; reason: string };

interface Attempting {
  client: Client;
  session?: SessionView;
  method: string;
  /** The account whose password is tried; absent where there is none. */
  account?: Account;
  /** A name that the client gave and that proves nothing; for the journal. */
  shown?: string;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #journal: LoginJournal;
  readonly #guard: Guard;
  readonly #accounts: Accounts;
  readonly #passwords: PasswordChecker;
  readonly #tokens: TokenVerifier;
  readonly #offer: MechanismOffer;
  /** Failures of a session for one account, which a success for that account explains. */
  readonly #slips = new WeakMap<SessionView, { account: string; count: number }>();

  constructor(options: AuthenticatorOptions) {
    const { registry, clock, random, seal, events, issuers = [] } = options;
    this.#options = options;
    this.#journal = new LoginJournal(events);
    this.#guard = new Guard(clock, options.guard);
    this.#accounts = new Accounts(registry, clock, seal, random);
    this.#passwords = new PasswordChecker(registry, clock, random, options.passwords);
    this.#tokens = new TokenVerifier(issuers, clock, options.httpGet);
    this.#offer = new MechanismOffer(registry, clock, this.#tokens.enabled, options.cramMd5);
  }

  /** SASL mechanisms to offer now, in the order of preference. */
  mechanisms(session: SessionView): string[] {
    return this.#offer.offered(session);
  }

  /** An exchange by one of the mechanisms that are offered now; any other is refused at its first step. */
  exchange(session: SessionView, mechanism: string): SaslExchange {
    const offered = this.#offer.offered(session);
    const chosen = offered.find((name) => name === mechanism);
    if (!chosen) {
      const plain = !session.tls && !session.listener.plainAuthentication;
      const reply = refuse(plain ? 'T203' : 'A307');
      return { step: () => ({ kind: 'failure', reply }) };
    }
    return new WatchedExchange(this.#begin(session, chosen, offered), ({ reply }) => {
      this.#journal.refused(clientOf(session), reply, { method: chosen, reason: reply.explanation ?? '' });
    });
  }

  /** The identity of a session that sends without AUTH, or undefined. See `admission`, which says why. */
  admit(session: SessionView): Identity | undefined {
    const admission = this.admission(session);
    return admission.kind === 'accepted' ? admission.identity : undefined;
  }

  /**
   * Who a session is by its client certificate alone, or else by its network alone. The first that matches
   * decides: a disabled source does not come in by a wider block of another one.
   */
  admission(session: SessionView): Admission {
    const { registry, clock } = this.#options;
    const { credentials } = session.listener;
    const client = clientOf(session);
    const now = clock.now();
    const certificate = credentials.has('certificate') ? clientCertificate(client.tls) : undefined;
    const shown = certificate ? registry.byCertificate(certificate).filter(standsAlone) : [];
    const byCertificate = bestFor(shown, client, now);
    if (byCertificate) return this.#enter({ client, session, method: 'certificate' }, byCertificate);
    const here = credentials.has('network') ? registry.byNetwork(session.address).filter(standsAlone) : [];
    const byNetwork = bestFor(here, client, now);
    if (byNetwork) return this.#enter({ client, session, method: 'network' }, byNetwork);
    return { kind: 'refused', reply: refuse('A302') };
  }

  /** Who sends an HTTP request with this API key. `address` is the client's. */
  apiKey(key: string, address: string): Promise<Admission> {
    return this.#attempt({ client: { address }, method: 'api-key' }, () => {
      const credential = this.#options.registry.byApiKeyHash(hashApiKey(key));
      return credential
        ? { kind: 'right', credential }
        : { kind: 'wrong', reason: 'there is no such API key' };
    });
  }

  /** Who sends an HTTP request with this OAuth access token. `address` is the client's. */
  accessToken(token: string, address: string): Promise<Admission> {
    const client = { address };
    return this.#attempt({ client, method: 'access-token' }, () => this.#proveToken(client, token));
  }

  /** Whether the credential of a session still counts: it may have expired since, which tells nobody by itself. */
  holds({ credential }: Identity): boolean {
    const { registry, clock } = this.#options;
    const now = registry.credential(credential.id);
    return now !== undefined && countsAt(now, clock.now());
  }

  /** Ends the subscriptions to the registry. */
  close(): void {
    this.#passwords.close();
    this.#offer.close();
  }

  #begin(session: SessionView, mechanism: Mechanism, offered: Mechanism[]): SaslExchange {
    const client = clientOf(session);
    const attempting = { client, session, method: mechanism };
    const password = (name: string, secret: string, actFor?: string) =>
      this.#password(attempting, name, secret, actFor);
    const token = async (text: string, user: string) =>
      stepOf(await this.#attempt({ ...attempting, shown: user }, () => this.#proveToken(client, text)));
    const begin: Record<Mechanism, () => SaslExchange> = {
      'SCRAM-SHA-256-PLUS': () => this.#scram(attempting, mechanism, offered),
      'SCRAM-SHA-256': () => this.#scram(attempting, mechanism, offered),
      PLAIN: () => new PlainExchange(password),
      LOGIN: () => new LoginExchange(password),
      OAUTHBEARER: () => oauthBearer(token),
      XOAUTH2: () => xoauth2(token),
      'CRAM-MD5': () => this.#cramMd5(attempting),
    };
    return begin[mechanism]();
  }

  async #password(by: Attempting, name: string, password: string, actFor?: string): Promise<SaslStep> {
    const account = this.#accounts.find(name);
    const { clock } = this.#options;
    let right: PasswordCredential | undefined;
    const admission = await this.#attempt({ ...by, account }, async () => {
      const finding = await this.#passwords.check(
        account.credentials,
        account.name,
        password,
        by.client.address,
        (one) => !one.canary && unmetCondition(one, by.client, clock.now()) === undefined,
      );
      if (finding === 'overloaded')
        return { kind: 'unknown', reason: 'too many passwords are being checked' };
      right = finding === 'wrong' ? undefined : finding;
      return proofOf(account, right, actFor);
    });
    if (right && admission.kind === 'accepted') this.#passwords.remember(right, account.name, password);
    return stepOf(admission);
  }

  #scram(by: Attempting, mechanism: Mechanism, offered: Mechanism[]): SaslExchange {
    let account: Account | undefined;
    return new ScramExchange({
      plus: mechanism === 'SCRAM-SHA-256-PLUS',
      plusOffered: offered.includes('SCRAM-SHA-256-PLUS'),
      binding: (type) =>
        by.client.tls && isBindingType(type) ? channelBinding(by.client.tls, type) : undefined,
      nonce: this.#options.random.bytes(18).toString('base64'),
      keys: (name) => {
        account = this.#accounts.find(name);
        const locked = this.#refuseLocked({ ...by, account });
        return locked ? stepOf(locked) : this.#accounts.scramKeys(account);
      },
      conclude: async (name, proved, actFor) => {
        const known = account ?? this.#accounts.find(name);
        const right = known.credentials.find(({ secret }) => secret.scram === proved);
        return stepOf(await this.#attempt({ ...by, account: known }, () => proofOf(known, right, actFor)));
      },
    });
  }

  #cramMd5(by: Attempting): SaslExchange {
    const { random, clock, hostname, cramMd5 = CRAM_PERMITTED } = this.#options;
    const challenge = `<${random.bytes(12).toString('hex')}.${clock.now()}@${hostname}>`;
    return new CramMd5Exchange(challenge, async (name, matches) => {
      const account = this.#accounts.find(name);
      const admission = await this.#attempt({ ...by, account }, () => {
        const kept = this.#accounts.recoverable(account);
        const right = kept.filter(({ password }) => matches(password))[0]?.credential;
        const [known] = account.credentials;
        if (known && kept.every(({ credential }) => credential === undefined)) {
          const reason = 'no recoverable password is kept for this account, so CRAM-MD5 can not be checked';
          return { kind: 'wrong', reason, credential: known };
        }
        if (known && !cramMd5.permits(known.source)) {
          const reason = 'no exception allows CRAM-MD5 for this source, or it has ended';
          return { kind: 'wrong', reason, credential: known };
        }
        return proofOf(account, right);
      });
      return stepOf(admission);
    });
  }

  async #proveToken(client: Client, token: string): Promise<Proof> {
    const finding = await this.#tokens.verify(token);
    if (finding.kind === 'invalid') return { kind: 'wrong', reason: finding.reason };
    if (finding.kind === 'unavailable') return { kind: 'unknown', reason: finding.reason };
    const { registry, clock } = this.#options;
    const found = registry.byOAuthClient(finding.issuer, finding.clientId);
    const credential = bestFor(found, client, clock.now());
    return credential
      ? { kind: 'right', credential }
      : { kind: 'wrong', reason: 'the client of the token is no credential of any source' };
  }

  async #attempt(by: Attempting, prove: () => Proof | Promise<Proof>): Promise<Admission> {
    const locked = this.#refuseLocked(by);
    if (locked) {
      this.#watchTrap(by, 'was not checked: the client is locked out');
      return locked;
    }
    const delay = this.#guard.delay(guarded(by));
    const proof = await prove();
    this.#watchTrap(by, proof);
    if (proof.kind === 'unknown') return this.#refuse(by, refuse('A306', proof.reason), proof.reason);
    // others may have failed meanwhile; whoever guesses on many connections at once learns nothing either
    const lockedNow = this.#refuseLocked(by);
    if (lockedNow) return lockedNow;
    // counted before the wait, so that it counts for attempts that come during it
    if (proof.kind === 'wrong') this.#count(by);
    if (delay > 0) await new Promise<void>((resolve) => this.#options.clock.after(delay, resolve));
    if (proof.kind === 'right') return this.#enter(by, proof.credential);
    return this.#refuse(by, refuse('A301', proof.reason), proof.reason, proof.credential);
  }

  /** Any use of a canary credential is an alarm; to the client it is a wrong password, or a lock, like any other. */
  #watchTrap(by: Attempting, proof: Proof | string): void {
    const { registry, clock } = this.#options;
    // one that was revoked was taken away, and is no trap any more
    const isTrap = (one: Credential | undefined) => one?.canary && countsAt(one, clock.now());
    const named = by.account?.credentials.find(isTrap);
    const shown = typeof proof !== 'string' && proof.kind === 'right' ? proof.credential : undefined;
    const trap = isTrap(shown) ? shown : named;
    if (!trap) return;
    const secret =
      typeof proof === 'string' ? proof : trap === shown ? 'was the planted one' : 'was another one';
    this.#journal.trapped(by.client, trap, {
      source: registry.byId(trap.source)?.name ?? trap.source,
      method: by.method,
      account: by.account?.name,
      secret,
    });
  }

  /** All that must hold beside the first factor, looked up now and not when the attempt began. */
  #enter(by: Attempting, proved: Credential): Admission {
    const { registry, clock, sessions, uses } = this.#options;
    const now = clock.now();
    const credential = this.#current(proved);
    const source = registry.byId(proved.source);
    const unmet = credential
      ? (unmetCondition(credential, by.client, now) ??
        (credential.canary ? 'it is a canary credential, which nobody uses in earnest' : undefined))
      : 'the credential was changed while it was checked';
    // a session that has shown nothing is told to authenticate, not that it failed
    const alone = by.method === 'certificate' || by.method === 'network';
    if (unmet !== undefined || !credential || !source) {
      const reason = unmet ?? 'the source was removed';
      if (!alone) this.#count(by);
      return this.#refuse(by, refuse(alone ? 'A302' : 'A301', reason), reason, proved);
    }
    const closed = stateRefusal(source.state);
    if (closed) return this.#refuse(by, refuse(closed), `the source is ${source.state}`, credential);

    const identity: Identity = { source, credential, method: by.method };
    const full = by.session && sessions?.add(by.session, identity);
    if (full) return this.#refuse(by, full, full.explanation ?? '', credential);
    if (!alone) this.#guard.succeeded(guarded(by), this.#takeSlips(by));
    registry.touched(credential.id, now, by.client.address);
    const { address, hello = '' } = by.client;
    uses?.record({ credential: credential.id, at: now, network: address, hello, method: by.method });
    this.#journal.accepted(by.client, identity, by.account?.name ?? by.shown);
    return { kind: 'accepted', identity };
  }

  /** The credential as it is now, unless it is gone or has another secret than the one that was checked. */
  #current(checked: Credential): Credential | undefined {
    const now = this.#options.registry.credential(checked.id);
    return now?.secret?.argon2id === checked.secret?.argon2id ? now : undefined;
  }

  #refuseLocked(by: Attempting): Admission | undefined {
    const locked = this.#guard.locked(guarded(by));
    if (!locked) return undefined;
    const reason = `the ${locked} is locked after too many failures`;
    return this.#refuse(by, refuse('A303', reason), reason);
  }

  #refuse(by: Attempting, reply: Reply, reason: string, credential?: Credential): Admission {
    const { client, method, account, shown, session } = by;
    const alone = method === 'certificate' || method === 'network';
    if (session && !alone) this.#options.tried?.(session, method, account?.name ?? shown);
    this.#journal.refused(client, reply, { method, reason, account: account?.name ?? shown, credential });
    return { kind: 'refused', reply };
  }

  #count(by: Attempting): void {
    const account = by.account?.name;
    const lock = this.#guard.failed(guarded(by));
    if (lock) this.#journal.locked(by.client, lock, by.method, account ?? by.shown);
    if (!by.session || account === undefined) return;
    const slips = this.#slips.get(by.session);
    this.#slips.set(by.session, { account, count: slips?.account === account ? slips.count + 1 : 1 });
  }

  #takeSlips({ session, account }: Attempting): number {
    const slips = session && this.#slips.get(session);
    if (!session || slips?.account !== account?.name) return 0;
    this.#slips.delete(session);
    return slips?.count ?? 0;
  }
}

function clientOf({ id, address, hello, listener, tls }: SessionView): Client {
  return { address, hello, session: id, listener: listener.name, tls };
}

/** A certificate or network that needs nothing else. */
function standsAlone({ secret, oauth, apiKeyHash }: Credential): boolean {
  return !secret && !oauth && apiKeyHash === undefined;
}

function guarded({ client, account }: Attempting) {
  // of the secrets of a rotation, the one that was used last
  const at = Math.max(0, ...(account?.credentials ?? []).map(({ lastUsedAt = 0 }) => lastUsedAt));
  const from = account?.credentials.find(({ lastUsedAt }) => lastUsedAt === at)?.lastUsedFrom;
  return { address: client.address, account: account?.name, lastUsed: { from, at: at || undefined } };
}

/** RFC 4616 §2: an authorization identity would be another account; nobody may act for another here. */
function proofOf(
  { name, credentials }: Account,
  right: PasswordCredential | undefined,
  actFor?: string,
): Proof {
  const [known] = credentials;
  if (!known) return { kind: 'wrong', reason: 'there is no such account' };
  if (!right) return { kind: 'wrong', reason: 'the password is wrong', credential: known };
  if (actFor !== undefined && actFor !== name) {
    return { kind: 'wrong', reason: 'the client asked to act for another account', credential: right };
  }
  return { kind: 'right', credential: right };
}

function stepOf(admission: Admission): SaslStep & { kind: 'success' | 'failure' } {
  return admission.kind === 'accepted'
    ? { kind: 'success', identity: admission.identity }
    : { kind: 'failure', reply: admission.reply };
}
