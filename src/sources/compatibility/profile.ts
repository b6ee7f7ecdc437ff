import {
  DAY_MS,
  describeException,
  EXCEPTION_KINDS,
  type Exception,
  type ExceptionKind,
} from '../exceptions/exception.ts';
import type { Credential, SourcePolicy } from '../source.ts';
import type { Fingerprint, Sighting, Trait } from './fingerprint.ts';

/** Versions from the weakest to the strongest; `none` is no TLS. */
const VERSIONS = ['none', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type TlsFloor = (typeof VERSIONS)[number];

/** The tightest settings under which everything that was seen lately would still have worked. */
export interface Profile {
  /** modern: TLS 1.3 and no password on the wire; standard: within the relay's defaults; legacy: needs exceptions. */
  name: 'modern' | 'standard' | 'legacy' | 'unknown';
  tls?: TlsFloor;
  keyExchange?: 'ephemeral' | 'rsa';
  /** How it proved who it is, each that was used. */
  methods: string[];
  /** What it can not do without. */
  needs: ExceptionKind[];
  /** Enough was seen to rely on it. */
  sure: boolean;
}

export interface Advice {
  /** A word with hyphens. */
  code: string;
  text: string;
  /** What to do, as a command, where there is one. */
  command?: string;
  exception?: string;
}

export interface Assessment {
  profile: Profile;
  advice: Advice[];
}

export interface AssessedSource {
  id: string;
  name: string;
  policy: Pick<SourcePolicy, 'maxSize'>;
  credentials: readonly Credential[];
  /** In force, and about its networks or itself. */
  exceptions: readonly Exception[];
}

/** What was not seen for so long is no longer counted on. */
const RECENT_DAYS = 30;
const ENOUGH_CONNECTIONS = 10;
const ENOUGH_DAYS = 7;
const MEGABYTE = 1_000_000;

/** What follows from what a source was seen to do. @param seen undefined: it never came */
export function assess(source: AssessedSource, seen: Fingerprint | undefined, now: number): Assessment {
  const since = now - RECENT_DAYS * DAY_MS;
  const lately = (trait: Trait): string[] =>
    Object.entries(seen?.seen[trait] ?? {})
      .filter(([, { lastAt }]) => lastAt >= since)
      .map(([value]) => value);
  const profile = profileOf(lately, seen);
  return {
    profile,
    advice: seen
      ? [
          ...tlsAdvice(profile, seen),
          ...methodAdvice(source, profile, seen, lately),
          ...exceptionAdvice(source, profile, now),
          ...messageAdvice(source, seen, lately),
        ]
      : [
          { code: 'never-seen', text: 'nothing was ever seen of it: there is nothing to judge by' },
          ...exceptionAdvice(source, profile, now),
        ],
  };
}

function profileOf(lately: (trait: Trait) => string[], seen: Fingerprint | undefined): Profile {
  const used = lately('tls');
  const tls = VERSIONS.find((version) => used.includes(version));
  const ciphers = lately('cipher');
  const rsa = ciphers.some((name) => name.startsWith('TLS_RSA_WITH_'));
  const methods = lately('method').sort();
  const needs: ExceptionKind[] = [];
  if (used.includes('TLSv1')) needs.push('tls-1.0');
  if (used.includes('TLSv1.1')) needs.push('tls-1.1');
  if (rsa) needs.push('rsa-key-exchange');
  if (ciphers.some((name) => name.includes('3DES'))) needs.push('3des');
  // a network needs no TLS to be known by; a secret does
  if (used.includes('none') && methods.some((method) => method !== 'network')) needs.push('no-tls');
  if (methods.includes('CRAM-MD5')) needs.push('cram-md5');
  const modern = tls === 'TLSv1.3' && methods.every((method) => !SECRET_ON_THE_WIRE.has(method));
  const name =
    tls === undefined && methods.length === 0
      ? 'unknown'
      : needs.length > 0
        ? 'legacy'
        : modern
          ? 'modern'
          : 'standard';
  return {
    name,
    tls,
    keyExchange: ciphers.length === 0 ? undefined : rsa ? 'rsa' : 'ephemeral',
    methods,
    needs,
    sure:
      seen !== undefined &&
      seen.connections >= ENOUGH_CONNECTIONS &&
      seen.lastAt - seen.firstAt >= ENOUGH_DAYS * DAY_MS,
  };
}

const SECRET_ON_THE_WIRE = new Set(['PLAIN', 'LOGIN', 'network', 'CRAM-MD5']);

function tlsAdvice({ tls, keyExchange }: Profile, seen: Fingerprint): Advice[] {
  const used = `nothing older came in the last ${RECENT_DAYS} days (${seen.connections} connections since ${day(seen.firstAt)})`;
  switch (tls) {
    case undefined:
      return [];
    case 'TLSv1.3':
      return [{ code: 'could-require-tls-1.3', text: `could require TLS 1.3 today: ${used}` }];
    case 'TLSv1.2':
      return keyExchange === 'rsa'
        ? [
            {
              code: 'rsa-key-exchange',
              text: 'has TLS 1.2, but only with RSA key exchange: new firmware, or an exception',
            },
          ]
        : [{ code: 'could-require-tls-1.2', text: `could require TLS 1.2 today: ${used}` }];
    case 'none': {
      const others = Object.keys(seen.seen.tls).filter((version) => version !== 'none');
      return others.length > 0
        ? [
            {
              code: 'sometimes-without-tls',
              text: `sends without TLS at times, though it can ${others.sort().at(-1)}: switch TLS to "always" in the device`,
            },
          ]
        : [
            {
              code: 'never-tls',
              text: 'has never used TLS: switch STARTTLS or SSL/TLS on in the device, or replace it',
            },
          ];
    }
    case 'TLSv1':
    case 'TLSv1.1':
      return [
        {
          code: 'old-tls',
          text: `still comes with ${tls === 'TLSv1' ? 'TLS 1.0' : 'TLS 1.1'}: new firmware, or an exception`,
        },
      ];
  }
}

function methodAdvice(
  { name, credentials }: AssessedSource,
  { methods }: Profile,
  seen: Fingerprint,
  lately: (trait: Trait) => string[],
): Advice[] {
  const advice: Advice[] = [];
  const ever = Object.keys(seen.seen.method);
  const passwords = ever.filter((method) => /^(SCRAM-|PLAIN$|LOGIN$|CRAM-MD5$)/.test(method));
  const scramOnly = passwords.length > 0 && passwords.every((method) => method.startsWith('SCRAM-'));
  if (scramOnly) {
    advice.push({ code: 'could-be-scram-only', text: 'never used PLAIN or LOGIN: could be SCRAM only' });
  } else if (passwords.includes('PLAIN') && !ever.includes('LOGIN')) {
    advice.push({ code: 'never-login', text: 'never used LOGIN: PLAIN is enough for it' });
  }
  const recoverable = credentials.find(({ state, secret }) => state === 'active' && secret?.recoverable);
  if (recoverable && !lately('method').includes('CRAM-MD5')) {
    advice.push({
      code: 'cram-md5-unused',
      text: 'its password is kept recoverable for CRAM-MD5, which it has not used lately',
      command: `postern source rotate ${name}`,
    });
  }
  if (methods.length === 1 && methods[0] === 'network') {
    advice.push({
      code: 'network-alone',
      text: 'is known by its network alone: if the device can hold a password, give it one',
      command: `postern source credential add ${name} --password`,
    });
  }
  return advice;
}

function exceptionAdvice({ id, exceptions }: AssessedSource, { needs }: Profile, now: number): Advice[] {
  return exceptions.flatMap((exception): Advice[] => {
    const what = `exception ${exception.id} (${describeException(exception, undefined)})`;
    const command = `postern exception close ${exception.id}`;
    const idle = now - (exception.lastUsedAt ?? exception.createdAt);
    if (idle >= RECENT_DAYS * DAY_MS) {
      const text = `${what} was not used for ${Math.floor(idle / DAY_MS)} days: it can be closed`;
      return [{ code: 'exception-unused', text, command, exception: exception.id }];
    }
    const own = exception.source === id || EXCEPTION_KINDS[exception.kind].scope === 'source';
    if (needs.includes(exception.kind) || !own) return [];
    const text = `${what} is not needed for what was seen of this source lately`;
    return [{ code: 'exception-not-needed', text, command, exception: exception.id }];
  });
}

function messageAdvice(
  { name, policy }: AssessedSource,
  seen: Fingerprint,
  lately: (trait: Trait) => string[],
): Advice[] {
  const advice: Advice[] = [];
  const repairs = lately('repair');
  if (repairs.length > 0) {
    advice.push({ code: 'needs-repair', text: `its messages are mended on the way: ${repairs.join(', ')}` });
  }
  // room for twice the largest, in whole megabytes
  const fitting = Math.max(1, Math.ceil((2 * seen.largest) / MEGABYTE)) * MEGABYTE;
  if (seen.messages >= ENOUGH_CONNECTIONS && (policy.maxSize === 0 || policy.maxSize > 2 * fitting)) {
    advice.push({
      code: 'size-limit',
      text: `its largest message had ${(seen.largest / MEGABYTE).toFixed(1)} MB: a limit of ${fitting / MEGABYTE} MB is enough`,
      command: `postern source edit ${name} --max-size ${fitting / MEGABYTE}MB`,
    });
  }
  return advice;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The sightings of one trait, the most frequent first. */
export function mostFrequent(values: Record<string, Sighting>): (Sighting & { value: string })[] {
  return Object.entries(values)
    .map(([value, sighting]) => ({ value, ...sighting }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}
