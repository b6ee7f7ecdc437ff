import type { Credential, Source } from '../source.ts';
import type { Profile } from './profile.ts';
import { SHEET_TEXTS, type SheetLanguage, type SheetTexts } from './sheet-texts.ts';
import { vendorHint } from './vendors.ts';

/** A listener as somebody at a device has to know it. */
export interface SheetListener {
  name: string;
  /** Address that it answers on. */
  host: string;
  port: number;
  tls: 'none' | 'starttls' | 'starttls-required' | 'implicit';
  credentials: readonly string[];
  plainAuthentication: boolean;
}

export interface SheetFacts {
  hostname: string;
  source: Pick<Source, 'name' | 'description' | 'policy'>;
  credentials: readonly Credential[];
  listeners: readonly SheetListener[];
  profile: Profile;
  /** An exception lets its networks do without TLS. */
  withoutTls: boolean;
  /** What the device calls itself. */
  hellos: readonly string[];
  /** Octets that the relay takes at most. */
  messageBytes: number;
  now: number;
}

/** What has to be typed into a device, row by row; never a password. */
export interface Sheet {
  language: SheetLanguage;
  title: string;
  subtitle: string;
  rows: { label: string; value: string }[];
  notes: string[];
}

type Proof = 'password' | 'oauth' | 'certificate' | 'network' | 'api-key';

/** How good a listener is for a device that can everything. */
const PREFERENCE = { implicit: 0, 'starttls-required': 1, starttls: 2, none: 3 };

/** The settings for a device, from what its source may do and what is known of it. */
export function sheetOf(facts: SheetFacts, language: SheetLanguage): Sheet {
  const texts = SHEET_TEXTS[language];
  const { hostname, source, now } = facts;
  const usable = facts.credentials.filter(
    ({ state, expiresAt }) => state === 'active' && (expiresAt === undefined || expiresAt > now),
  );
  const proofs = usable.map(proofOf);
  const rows: Sheet['rows'] = [];
  const notes: string[] = [];
  const smtp = proofs.some((proof) => proof !== 'api-key');
  if (!smtp) notes.push(proofs.length === 0 ? texts.noCredential : texts.apiOnly(hostname));
  const listeners = smtp ? fitting(facts, proofs) : [];
  const [best, ...others] = listeners;
  if (best) {
    rows.push(
      { label: texts.server, value: hostname },
      { label: texts.port, value: String(best.port) },
      { label: texts.encryption, value: texts.modes[best.tls] },
      ...authenticationRows(texts, usable, proofs, best),
    );
    if (isLoopback(best.host)) notes.push(texts.loopback(best.name));
    if (others.length > 0) {
      const ways = others.map(({ port, tls }) => `${port} (${texts.modes[tls]})`);
      notes.push(texts.alternatives([...new Set(ways)].join(', ')));
    }
  } else if (smtp) notes.push(texts.noListener);
  rows.push(
    { label: texts.from, value: senders(source.policy).join(', ') || texts.nobody },
    { label: texts.recipients, value: recipients(texts, source.policy) },
    { label: texts.size, value: megabytes(sizeLimit(facts)) },
  );
  if (facts.profile.name === 'legacy') notes.push(texts.legacy);
  const hint = vendorHint(`${source.name} ${source.description} ${facts.hellos.join(' ')}`);
  if (hint) notes.push(texts.vendor(hint.vendor, hint.menu));
  notes.push(texts.password);
  return { language, title: texts.title(source.name), subtitle: source.description, rows, notes };
}

function proofOf({ secret, oauth, certificate, apiKeyHash }: Credential): Proof {
  if (secret) return 'password';
  if (oauth) return 'oauth';
  if (certificate) return 'certificate';
  return apiKeyHash === undefined ? 'network' : 'api-key';
}

/** Listeners that take one of its credentials and that the device is able to use, the best first. */
function fitting({ listeners, profile, withoutTls }: SheetFacts, proofs: readonly Proof[]): SheetListener[] {
  // known only once something was seen; until then a device is expected to have TLS
  const noTls = profile.tls === 'none';
  return listeners
    .filter(({ tls, credentials, plainAuthentication }) => {
      const clear = tls === 'none' || noTls;
      if (noTls && tls === 'implicit') return false;
      if (noTls && tls === 'starttls-required' && !withoutTls) return false;
      const inTheClear = (proof: Proof): boolean =>
        proof === 'network' || (proof === 'password' && (plainAuthentication || withoutTls));
      return proofs.some((proof) => credentials.includes(proof) && (!clear || inTheClear(proof)));
    })
    .toSorted((a, b) => PREFERENCE[a.tls] - PREFERENCE[b.tls] || a.port - b.port);
}

function authenticationRows(
  texts: SheetTexts,
  usable: readonly Credential[],
  proofs: readonly Proof[],
  listener: SheetListener,
): Sheet['rows'] {
  const accepted = usable.filter((_, index) => listener.credentials.includes(proofs[index] ?? ''));
  const accounts = accepted.flatMap(({ account }) => account ?? []);
  if (accounts.length > 0) {
    const cram = accepted.some(({ secret }) => secret?.recoverable !== undefined);
    return [
      { label: texts.authentication, value: texts.withPassword(cram) },
      { label: texts.user, value: [...new Set(accounts)].join(', ') },
      { label: texts.passwordLabel, value: texts.passwordValue },
    ];
  }
  if (accepted.some(({ oauth }) => oauth)) return [{ label: texts.authentication, value: texts.withToken }];
  if (accepted.some(({ certificate }) => certificate)) {
    return [{ label: texts.authentication, value: texts.withCertificate }];
  }
  const networks = [...new Set(accepted.flatMap(({ networks: blocks }) => blocks))];
  return [
    { label: texts.authentication, value: texts.withoutPassword },
    { label: texts.address, value: networks.join(', ') },
  ];
}

function senders({ pairs }: Source['policy']): string[] {
  return [...new Set(pairs.map(({ header }) => header))];
}

function recipients(texts: SheetTexts, { recipients: { allow, patterns } }: Source['policy']): string {
  return [texts.allow[allow], ...patterns].join(', ');
}

function sizeLimit({ source, messageBytes }: SheetFacts): number {
  const { maxSize } = source.policy;
  return maxSize === 0 ? messageBytes : Math.min(maxSize, messageBytes);
}

/** Rounded down: a device that is told more than there is fails. */
function megabytes(octets: number): string {
  return octets < 1_000_000 ? `${Math.floor(octets / 1000)} kB` : `${Math.floor(octets / 1_000_000)} MB`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
