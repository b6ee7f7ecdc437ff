/**
 * Before a message leaves: will its signature align with its From header (RFC 9989 §4.4)? Decided in memory;
 * whether keys are published is learnt by checks in the background, never by a query on a message's way.
 */
import { getDomain } from 'tldts';

import type { Clock, Timer } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Resolver } from '../platform/resolver.ts';
import type { UnalignedAction } from '../sources/source.ts';
import { checkDomain, recordPublication } from './dkim/check.ts';
import type { DomainCheck, RecordCheck } from './dkim/check.ts';
import type { SigningDomain } from './dkim/domain.ts';
import type { DomainRegistry } from './dkim/domains.ts';

export type AlignmentDecision =
  /** The signature aligns. `warning` is there once an hour while its key is not known to be published. */
  | { kind: 'sign'; domain: string; published: boolean | 'unknown'; warning?: string }
  /** `domain` is ours but does not align. */
  | { kind: 'sign-with'; domain: string; warning: string }
  | { kind: 'send'; warning: string }
  | { kind: 'hold'; reason: string }
  | { kind: 'reject'; reason: string };

export interface AlignmentOptions {
  registry: Pick<DomainRegistry, 'byName' | 'list' | 'markPublished'>;
  resolver: Pick<Resolver, 'txt'>;
  clock: Clock;
  random: Random;
  /** A key that is not known to be published counts as none. Default false: sign and warn. */
  requirePublished?: boolean;
  /** Hears of a check that failed in another way than DNS does. */
  onError: (domain: string, error: unknown) => void;
}

/** A record that is not as it should be, or of which nobody could tell. */
export interface RecordProblem
  extends Pick<RecordCheck, 'purpose' | 'selector' | 'stage' | 'status' | 'text'> {
  domain: string;
  /** Since when, wall time, milliseconds. */
  at: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How long an answer counts: keys that are published stay so, the others are being worked on. */
const RECHECK = { published: HOUR, missing: 10 * MINUTE, temporary: 5 * MINUTE } as const;
const SWEEP = 15_000;
/** Checks at the same time, and in one sweep: thousands of domains must not become a burst of queries. */
const AT_ONCE = 4;
const PER_SWEEP = 100;

interface DomainState {
  /** By `p=`: whether the key was published when somebody could last tell; undefined: nobody could yet. */
  keys: Map<string, boolean | undefined>;
  strictAlignment: boolean;
  /** What the last check found missing, wrong or unanswered. */
  problems: RecordProblem[];
  /** Monotonic; when it is to be checked again. */
  due: number;
}

export class Alignment {
  readonly #options: AlignmentOptions;
  readonly #states = new Map<string, DomainState>();
  /** Monotonic time of the last warning, by signing domain. */
  readonly #warned = new Map<string, number>();
  #timer: Timer | undefined;
  #running = false;

  constructor(options: AlignmentOptions) {
    this.#options = options;
  }

  /** Begins to check all domains of the registry, now and then again. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#schedule(0);
  }

  /** Ends the checks; one that is under way still finishes. */
  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /**
   * What to do with a message whose From header has an address of `from` (A-labels, any case).
   * `unaligned` is the policy of its source.
   */
  decide(from: string, unaligned: UnalignedAction): AlignmentDecision {
    const name = from.toLowerCase();
    const domain = this.#signingDomain(name);
    if (!domain) return this.#unaligned(name, unaligned, `no signing domain aligns with ${name}`);
    const published = this.#published(domain);
    if (published === true) return { kind: 'sign', domain: domain.name, published };
    const lack =
      published === 'unknown'
        ? `it is not yet known whether a key of ${domain.name} is published`
        : `no active key of ${domain.name} is published`;
    if (this.#options.requirePublished) return this.#unaligned(name, unaligned, lack);
    const warning = this.#mayWarn(domain.name) ? lack : undefined;
    return { kind: 'sign', domain: domain.name, published, ...(warning === undefined ? {} : { warning }) };
  }

  /**
   * Checks a domain now and remembers the answer; for the administrator's "check" too.
   * @throws what the registry throws when the result can not be stored.
   */
  async check(domain: SigningDomain): Promise<DomainCheck> {
    const { resolver, registry, clock, random } = this.#options;
    const check = await checkDomain(domain, resolver, clock.now());
    const before = this.#states.get(domain.name);
    const keys: DomainState['keys'] = new Map();
    let wait: number = RECHECK.published;
    for (const key of domain.keys) {
      const status = check.records.find((record) => record.selector === key.selector)?.status;
      if (status === 'ok') keys.set(key.publicKey, true);
      else if (status !== 'temporary') {
        keys.set(key.publicKey, false);
        wait = Math.min(wait, RECHECK.missing);
      } else {
        // nobody could tell: the last answer stands
        keys.set(key.publicKey, before?.keys.get(key.publicKey));
        wait = Math.min(wait, RECHECK.temporary);
      }
    }
    const dmarc = check.records.find((record) => record.purpose === 'dmarc');
    const strictAlignment =
      dmarc?.status === 'temporary' ? (before?.strictAlignment ?? false) : (dmarc?.strictAlignment ?? false);
    // spread, so that domains that were added together are not asked for together for ever
    const due = clock.monotonic() + wait * (0.9 + 0.2 * random.fraction());
    const problems = problemsOf(domain.name, check, before?.problems ?? []);
    this.#states.set(domain.name, { keys, strictAlignment, problems, due });
    await recordPublication(check, registry);
    return check;
  }

  /** What the last checks of all domains found, as far as they have been made. */
  problems(): RecordProblem[] {
    return [...this.#states.values()].flatMap(({ problems }) => problems);
  }

  /** The exact domain, or its nearest parent within the same organisation, that has an active key. */
  #signingDomain(name: string): SigningDomain | undefined {
    const { registry } = this.#options;
    const exact = registry.byName(name);
    if (exact && hasActiveKey(exact)) return exact;
    // private suffixes count: the parent of two customers of a hosting company is neither of them
    const organisation = getDomain(name, { allowPrivateDomains: true });
    if (organisation === null || organisation === name) return undefined;
    for (let parent = parentOf(name); parent.length >= organisation.length; parent = parentOf(parent)) {
      const domain = registry.byName(parent);
      if (domain && hasActiveKey(domain)) {
        // adkim=s at the parent holds for its subdomains that have no record of their own
        return this.#states.get(domain.name)?.strictAlignment ? undefined : domain;
      }
    }
    return undefined;
  }

  /** True when some active key is published: one signature that verifies is enough for DMARC. */
  #published(domain: SigningDomain): boolean | 'unknown' {
    const state = this.#states.get(domain.name);
    let unknown = false;
    for (const key of domain.keys) {
      if (key.stage !== 'active') continue;
      const seen = state?.keys.get(key.publicKey);
      if (seen ?? key.publishedAt !== undefined) return true;
      if (seen === undefined) unknown = true;
    }
    return unknown ? 'unknown' : false;
  }

  #unaligned(from: string, action: UnalignedAction, reason: string): AlignmentDecision {
    switch (action.action) {
      case 'reject':
        return { kind: 'reject', reason };
      case 'send':
        return { kind: 'send', warning: `${reason}; sent without a signature that aligns` };
      case 'sign-with': {
        const domain = this.#options.registry.byName(action.domain);
        if (!domain || !hasActiveKey(domain)) {
          return { kind: 'hold', reason: `${reason}, and ${action.domain} has no active key` };
        }
        return {
          kind: 'sign-with',
          domain: domain.name,
          warning: `${reason}; signed as ${domain.name}, DMARC of ${from} does not pass by it`,
        };
      }
      case 'hold':
        break;
    }
    return { kind: 'hold', reason };
  }

  #mayWarn(domain: string): boolean {
    const now = this.#options.clock.monotonic();
    const last = this.#warned.get(domain);
    if (last !== undefined && now - last < HOUR) return false;
    this.#warned.set(domain, now);
    return true;
  }

  #schedule(ms: number): void {
    if (!this.#running) return;
    this.#timer = this.#options.clock.after(ms, () => {
      this.#sweep().then(
        () => this.#schedule(SWEEP),
        (error: unknown) => {
          this.#options.onError('', error);
          this.#schedule(SWEEP);
        },
      );
    });
  }

  /** Checks what is due, a few at a time. */
  async #sweep(): Promise<void> {
    const { registry, clock, onError } = this.#options;
    const domains = registry.list();
    this.#forget(domains);
    const now = clock.monotonic();
    const due = domains.filter((domain) => this.#isDue(domain, now)).slice(0, PER_SWEEP);
    const worker = async (): Promise<void> => {
      for (let domain = due.pop(); domain && this.#running; domain = due.pop()) {
        try {
          await this.check(domain);
        } catch (error) {
          this.#postpone(domain);
          onError(domain.name, error);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /** A key that was added since the last check makes its domain due at once. */
  #isDue(domain: SigningDomain, now: number): boolean {
    const state = this.#states.get(domain.name);
    return !state || state.due <= now || domain.keys.some((key) => !state.keys.has(key.publicKey));
  }

  /** A check that failed is not tried again at each sweep. */
  #postpone(domain: SigningDomain): void {
    const before = this.#states.get(domain.name);
    this.#states.set(domain.name, {
      keys: new Map(domain.keys.map((key) => [key.publicKey, before?.keys.get(key.publicKey)])),
      strictAlignment: before?.strictAlignment ?? false,
      problems: before?.problems ?? [],
      due: this.#options.clock.monotonic() + RECHECK.temporary,
    });
  }

  #forget(domains: SigningDomain[]): void {
    if (this.#states.size <= domains.length && this.#warned.size <= domains.length) return;
    const names = new Set(domains.map((domain) => domain.name));
    for (const map of [this.#states, this.#warned]) {
      for (const name of map.keys()) if (!names.has(name)) map.delete(name);
    }
  }
}

function problemsOf(domain: string, check: DomainCheck, before: readonly RecordProblem[]): RecordProblem[] {
  return check.records
    .filter(({ status }) => status !== 'ok')
    .map(({ purpose, selector, stage, status, text }) => {
      const same = before.find(
        (one) => one.purpose === purpose && one.selector === selector && one.status === status,
      );
      return { domain, purpose, selector, stage, status, text, at: same?.at ?? check.at };
    });
}

function hasActiveKey(domain: SigningDomain): boolean {
  return domain.keys.some((key) => key.stage === 'active');
}

function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}
