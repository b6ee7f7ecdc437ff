/**
 * Slows and stops the guessing of passwords. Failures are counted by client network and by account in a
 * sliding window; answers come later with each failure, and too many lock the network or the account for a
 * while. All that is kept is bounded, whoever attacks.
 *
 * A lock of an account is a way to shut its owner out. So failures from a network where the account was
 * used successfully not long ago are counted for that pair alone: strangers can not lock it, and a device
 * that kept an old password locks nobody but itself.
 */
import type { Clock } from '../platform/clock.ts';
import { LruMap } from './lru-map.ts';
import { networkOf } from './network.ts';

export interface GuardOptions {
  /** How long a failure counts, milliseconds. Default 10 minutes. */
  windowMs: number;
  /** Failures within the window that lock a network. Default 50: an office may stand behind one address. */
  networkFailures: number;
  /** Failures within the window that lock an account. Default 10. */
  accountFailures: number;
  /** How long a lock lasts, milliseconds. Default 15 minutes. */
  lockMs: number;
  /** Answers come this much later, milliseconds, doubling with each failure after the second. Default 250. */
  delayMs: number;
  /** The most that an answer is delayed, milliseconds. Default 5 seconds. */
  maxDelayMs: number;
  /** How long a success makes a network known to an account, milliseconds. Default 30 days. */
  knownMs: number;
  /** Networks, accounts and known pairs that are remembered, each. Default 20000. */
  entries: number;
}

const DEFAULTS: GuardOptions = {
  windowMs: 600_000,
  networkFailures: 50,
  accountFailures: 10,
  lockMs: 900_000,
  delayMs: 250,
  maxDelayMs: 5000,
  knownMs: 30 * 86_400_000,
  entries: 20_000,
};

/** A lock that has just begun. */
export interface Lock {
  on: 'network' | 'account';
  failures: number;
  /** Wall time, milliseconds. */
  until: number;
}

/** Who tries: `account` is absent where the credential names none, as a token or a key. */
export interface Attempt {
  address: string;
  account?: string;
  /** The last use on record, so that a restart does not make strangers of known devices. */
  lastUsed?: { from?: string; at?: number };
}

interface Tally {
  /** Monotonic times of failures, oldest first; never more than lock the entry. */
  failures: number[];
  /** Monotonic time. */
  lockedUntil: number;
}

export class Guard {
  readonly #clock: Clock;
  readonly #options: GuardOptions;
  readonly #networks: LruMap<Tally>;
  /** By account, or by account and network where the network is known to it. */
  readonly #accounts: LruMap<Tally>;
  /** Monotonic time of the last success by account and network. */
  readonly #known: LruMap<number>;

  constructor(clock: Clock, options: Partial<GuardOptions> = {}) {
    this.#clock = clock;
    this.#options = { ...DEFAULTS, ...options };
    this.#networks = new LruMap(this.#options.entries);
    this.#accounts = new LruMap(this.#options.entries);
    this.#known = new LruMap(this.#options.entries);
  }

  /** What is locked for this attempt, or undefined. */
  locked(attempt: Attempt): 'network' | 'account' | undefined {
    const now = this.#clock.monotonic();
    if (isLocked(this.#networks.get(networkOf(attempt.address)), now)) return 'network';
    const key = this.#accountKey(attempt);
    return key !== undefined && isLocked(this.#accounts.get(key), now) ? 'account' : undefined;
  }

  /** How long the answer to this attempt must wait, right or wrong, in milliseconds. */
  delay(attempt: Attempt): number {
    const since = this.#clock.monotonic() - this.#options.windowMs;
    const key = this.#accountKey(attempt);
    const failures = Math.max(
      countSince(this.#networks.get(networkOf(attempt.address)), since),
      key === undefined ? 0 : countSince(this.#accounts.get(key), since),
    );
    if (failures < 2) return 0;
    return Math.min(this.#options.maxDelayMs, this.#options.delayMs * 2 ** (failures - 2));
  }

  /** Records a failure; answers the lock that begins with it. */
  failed(attempt: Attempt): Lock | undefined {
    const key = this.#accountKey(attempt);
    const onAccount =
      key === undefined ? undefined : this.#count(this.#accounts, key, this.#options.accountFailures);
    const onNetwork = this.#count(this.#networks, networkOf(attempt.address), this.#options.networkFailures);
    if (onNetwork) return { on: 'network', ...onNetwork };
    return onAccount && { on: 'account', ...onAccount };
  }

  /**
   * Records a success: the account's failures are forgiven, the network's are not. `slips` of them are: those
   * of the same session for the same account. Python's smtplib, for one, tries CRAM-MD5 before PLAIN, and who
   * then shows the right password was not guessing.
   */
  succeeded(attempt: Attempt, slips = 0): void {
    if (attempt.account === undefined) return;
    const onNetwork = this.#networks.get(networkOf(attempt.address));
    for (let i = 0; i < slips; i++) onNetwork?.failures.pop();
    const pair = pairKey(attempt.account, networkOf(attempt.address));
    this.#known.set(pair, this.#clock.monotonic());
    this.#accounts.delete(pair);
    const tally = this.#accounts.get(attempt.account);
    // a lock that strangers caused stays on for strangers
    if (tally && !isLocked(tally, this.#clock.monotonic())) this.#accounts.delete(attempt.account);
  }

  #accountKey({ address, account, lastUsed }: Attempt): string | undefined {
    if (account === undefined) return undefined;
    const network = networkOf(address);
    const pair = pairKey(account, network);
    const { knownMs } = this.#options;
    const seen = this.#known.get(pair);
    if (seen !== undefined && this.#clock.monotonic() - seen <= knownMs) return pair;
    const recorded = lastUsed?.from !== undefined && networkOf(lastUsed.from) === network;
    return recorded && this.#clock.now() - (lastUsed.at ?? 0) <= knownMs ? pair : account;
  }

  #count(
    tallies: LruMap<Tally>,
    key: string,
    limit: number,
  ): { failures: number; until: number } | undefined {
    const now = this.#clock.monotonic();
    let tally = tallies.get(key);
    if (!tally) {
      tally = { failures: [], lockedUntil: 0 };
      tallies.set(key, tally);
    }
    if (tally.lockedUntil > now) return undefined;
    const since = now - this.#options.windowMs;
    while (tally.failures.length > 0 && (tally.failures[0] as number) <= since) tally.failures.shift();
    tally.failures.push(now);
    if (tally.failures.length < limit) return undefined;
    tally.failures = [];
    tally.lockedUntil = now + this.#options.lockMs;
    return { failures: limit, until: this.#clock.now() + this.#options.lockMs };
  }
}

/** An account name holds no NUL (RFC 4616), so no name can pass as another's pair. */
const pairKey = (account: string, network: string): string => `${account}\0${network}`;

const isLocked = (tally: Tally | undefined, now: number): boolean =>
  tally !== undefined && tally.lockedUntil > now;

function countSince(tally: Tally | undefined, since: number): number {
  if (!tally) return 0;
  const first = tally.failures.findIndex((at) => at > since);
  return first < 0 ? 0 : tally.failures.length - first;
}
