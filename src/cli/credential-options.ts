import type { Command } from 'commander';
import type { Credential, Issued } from './answers.ts';
import type { ApiClient } from './connection.ts';
import { usage } from './failure.ts';
import { until } from './future.ts';
import { type Output, when } from './output.ts';
import { askPassword, passwordFile, several, wholeNumber } from './values.ts';

/** Options that say how a source proves who it is. Each kind becomes a credential of its own. */
export interface CredentialOptions {
  password?: boolean;
  account?: string;
  passwordFile?: string;
  passwordPrompt?: boolean;
  cramMd5?: boolean;
  reason?: string;
  until?: string;
  apiKey?: boolean;
  network?: string[];
  certificateFingerprint?: string;
  certificateSubject?: string;
  oauth?: string;
  onlyFrom?: string[];
  label?: string;
  expires?: string;
}

/** Options that say what the device can hold, and how the secret reaches its owner. */
export interface SecretOptions {
  preset?: string;
  length?: string;
  alphabet?: string;
  handover?: boolean;
  pin?: boolean;
  hours?: string;
}

export function withSecret(command: Command): Command {
  return command
    .option('--preset <name>', 'what the device can hold; postern credential presets lists them')
    .option('--length <characters>', 'length of the generated password, instead of that of the preset')
    .option(
      '--alphabet <name>',
      'its characters: readable, mixed, letters, alphanumeric, digits, hexadecimal, symbols',
    )
    .option('--handover', 'do not show the secret: make a link that reveals it once')
    .option('--pin', 'the link asks for a PIN, to be told by another way (implies --handover)')
    .option('--hours <hours>', 'how long the link works (implies --handover)');
}

/** What the options ask for, as the API takes it. */
export function wantedSecret({ preset, length, alphabet, handover, pin, hours }: SecretOptions) {
  const generated = preset !== undefined || length !== undefined || alphabet !== undefined;
  const handed = handover || pin || hours !== undefined;
  if (hours !== undefined && !(Number(hours) > 0)) throw usage('--hours: expected a number of hours');
  return {
    generator: generated
      ? { preset, length: length === undefined ? undefined : wholeNumber('--length', length), alphabet }
      : undefined,
    handover: handed
      ? { pin: pin ?? false, hours: hours === undefined ? undefined : Number(hours) }
      : undefined,
  };
}

export function withCredentials(command: Command): Command {
  return command
    .option('--password', 'an account with a generated password')
    .option('--account <name>', 'name of the account (default: the name of the source)')
    .option('--password-file <file>', 'take the password from the first line of a file ("-": standard input)')
    .option('--password-prompt', 'ask for the password')
    .option('--cram-md5', 'keep the password in a recoverable form, for devices that know only CRAM-MD5')
    .option('--reason <text>', 'with --cram-md5: why, for the exception that it needs')
    .option('--until <when>', 'with --cram-md5: when that exception ends, such as 90d or 2027-01-31')
    .option('--api-key', 'a key for sending over HTTP')
    .option(
      '--network <cidr>',
      'this network alone is proof enough: for devices that can not authenticate (repeat for more)',
      several,
    )
    .option('--certificate-fingerprint <sha256>', 'a TLS client certificate, by its SHA-256 fingerprint')
    .option(
      '--certificate-subject <subject>',
      'a TLS client certificate, by its subject, from a trusted authority',
    )
    .option('--oauth <issuer,client>', 'access tokens of this issuer for this client')
    .option(
      '--only-from <cidr>',
      'the password, key, certificate or token counts only from this network (repeat for more)',
      several,
    )
    .option('--label <text>', 'a name for people')
    .option('--expires <when>', 'when it ends: 90d from now, or a date such as 2027-01-31');
}

/** CRAM-MD5 is allowed until a day, and for a reason; one that was made before counts as well. */
function wantedException({ cramMd5, reason, until: end }: CredentialOptions) {
  if (reason === undefined && end === undefined) return undefined;
  if (!cramMd5) throw usage('--reason and --until belong to --cram-md5');
  if (reason === undefined || end === undefined) throw usage('--reason and --until belong together');
  return { reason, endsAt: until('--until', end, Date.now()) };
}

/** The credentials that the options ask for, as the API takes them; empty when they ask for none. */
export async function wantedCredentials(options: CredentialOptions): Promise<Record<string, unknown>[]> {
  const common = {
    label: options.label ?? '',
    expiresAt: options.expires === undefined ? undefined : until('--expires', options.expires, Date.now()),
  };
  const networks = options.onlyFrom ?? [];
  const wanted: Record<string, unknown>[] = [];
  const { passwordFile: file, passwordPrompt, account, cramMd5 } = options;
  if (options.password || file !== undefined || passwordPrompt || account !== undefined || cramMd5) {
    const password =
      file === undefined
        ? passwordPrompt
          ? await askPassword()
          : undefined
        : passwordFile('--password-file', file);
    const exception = wantedException(options);
    wanted.push({
      ...common,
      kind: 'password',
      networks,
      account,
      password,
      cramMd5: cramMd5 ?? false,
      exception,
    });
  }
  if (options.apiKey) wanted.push({ ...common, kind: 'api-key', networks });
  const { certificateFingerprint, certificateSubject } = options;
  if (certificateFingerprint !== undefined) {
    wanted.push({
      ...common,
      kind: 'certificate',
      networks,
      certificate: { fingerprint256: certificateFingerprint },
    });
  }
  if (certificateSubject !== undefined) {
    wanted.push({ ...common, kind: 'certificate', networks, certificate: { subject: certificateSubject } });
  }
  if (options.oauth !== undefined) {
    const comma = options.oauth.lastIndexOf(',');
    if (comma < 1) throw usage('--oauth: expected ISSUER,CLIENT');
    const oauth = {
      issuer: options.oauth.slice(0, comma).trim(),
      clientId: options.oauth.slice(comma + 1).trim(),
    };
    wanted.push({ ...common, kind: 'oauth', networks, oauth });
  }
  if (networks.length > 0 && wanted.length === 0) {
    throw usage('--only-from narrows another credential; for a network alone use --network');
  }
  if (options.network) wanted.push({ ...common, kind: 'network', networks: options.network });
  return wanted;
}

/** All of them, or none: a secret that nobody was shown is of no use to anybody who may have it. */
export async function addCredentials(
  api: ApiClient,
  source: string,
  wanted: Record<string, unknown>[],
): Promise<Issued[]> {
  const path = `/sources/${encodeURIComponent(source)}/credentials`;
  const issued: Issued[] = [];
  try {
    for (const one of wanted) issued.push(await api.send('POST', path, one));
  } catch (error) {
    // the reason is told, and not that the way back failed as well
    await Promise.allSettled(issued.map(({ credential }) => api.send('DELETE', `${path}/${credential.id}`)));
    throw error;
  }
  return issued;
}

/** Secrets stand on lines of their own, so that they can be copied whole. */
export function showIssued(out: Output, source: string, issued: Issued[]): void {
  for (const { credential, password, apiKey, bits, handover } of issued) {
    out.line();
    out.fields([
      ['Credential', `${credential.id} (${credential.kinds.join(' + ')})`],
      ['Account', credential.account],
      ['Password', password],
      ['Strength', password === undefined || bits === undefined ? undefined : `${bits} bits`],
      ['API key', apiKey],
      ['Link', handover?.link],
      ['PIN', handover?.pin],
      ['Link works until', when(handover?.expiresAt)],
      ['Networks', credential.networks.join(', ')],
      ['Ends', when(credential.expiresAt)],
    ]);
  }
  if (issued.some(({ password, apiKey }) => password ?? apiKey)) {
    out.line();
    out.note(`Shown this once: copy it now. A new one: postern source rotate ${source}`);
  }
  if (issued.some(({ handover }) => handover)) {
    out.line();
    out.note(
      'The link shows the secret once. Send it to the person at the device, and the PIN by another way; both are shown this once.',
    );
  }
}

export function showCredentials(out: Output, credentials: Credential[], now: number): void {
  out.table(
    ['ID', 'PROOF', 'ACCOUNT', 'LABEL', 'STATE', 'LAST USED', 'FROM'],
    credentials.map((one) => [
      one.id,
      proofOf(one),
      one.account ?? '',
      one.label,
      stateOf(one, now),
      when(one.lastUsedAt) || 'never',
      one.lastUsedFrom ?? '',
    ]),
    'No credentials: nobody can send as this source. Add one with postern source credential add.',
  );
}

export function proofOf({ kinds, networks, certificate, oauth, cramMd5 }: Credential): string {
  const shown =
    certificate?.subject ??
    (certificate?.fingerprint256 ? `${certificate.fingerprint256.slice(0, 11)}…` : undefined);
  return kinds
    .map((kind) => {
      if (kind === 'network')
        return networks.length > 2 ? `${networks.length} networks` : networks.join(', ');
      if (kind === 'certificate') return `certificate ${shown}`;
      if (kind === 'oauth') return `oauth ${oauth?.clientId}`;
      return kind === 'password' && cramMd5 ? 'password (CRAM-MD5)' : kind;
    })
    .join(' + ');
}

export function stateOf({ state, expiresAt, canary, rotation }: Credential, now: number): string {
  if (state === 'revoked') return 'revoked';
  if (canary) return 'canary';
  if (rotation && (expiresAt === undefined || expiresAt > now)) return `${rotation.role}, in rotation`;
  if (expiresAt === undefined) return 'active';
  return expiresAt <= now ? 'expired' : `until ${when(expiresAt)}`;
}
