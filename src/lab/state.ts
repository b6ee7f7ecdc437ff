/** What the lab keeps in its folder beside messages: settings, records, keys and certificates. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { generateKey, recordName, recordText } from '../authentication/dkim/keys.ts';
import { connectorFields, domainFields } from '../edge/fields.ts';
import type { Tenant } from '../edge/tenant.ts';
import { generatePassword } from '../submission/secret.ts';
import { type Authority, issueCertificate, makeAuthority } from './certificates.ts';
import type { ZoneRecords } from './dns/zone.ts';
import { type LabCertificate, LabError, type LabKey, type SigningParty } from './lab.ts';
import { organizationFields, type RefuseAt } from './settings.ts';
import { firstRecords, NAMES, SIGNERS, TENANTS } from './world.ts';

export interface LabSettings {
  tenants: readonly Tenant[];
  refuseAt: RefuseAt;
  records: ZoneRecords;
}

/** What would be made anew if it were lost; readable by this user alone. */
export interface LabSecrets {
  authority: Authority;
  /** Of the front door. */
  server: LabCertificate;
  /** Of the relay's listeners. */
  relay: LabCertificate;
  keys: Record<Exclude<SigningParty, 'relay'>, LabKey & { publicKey: string }>;
  /** Of the source `printer`. */
  password: string;
}

const settingsSchema = z.object({
  tenants: z
    .array(
      z.object({
        id: z.guid(),
        name: z.string().min(1).max(64),
        domains: z.array(domainFields).max(200),
        connectors: z.array(connectorFields).max(200),
        organization: organizationFields.extend({ safeSenders: z.array(z.string()) }),
      }),
    )
    .min(1)
    .max(10),
  refuseAt: z.enum(['recipient', 'data']),
  records: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
});

const pair = z.object({ certificate: z.string(), privateKey: z.string() });
const key = z.object({
  domain: z.string(),
  selector: z.string(),
  privateKey: z.string(),
  publicKey: z.string(),
});
const secretsSchema = z.object({
  authority: pair,
  server: pair,
  relay: pair,
  keys: z.object({ newsletter: key, newsletterService: key, tenant: key, attacker: key }),
  password: z.string(),
});

/** The tenants and records of a first start. */
export function firstSettings(): LabSettings {
  return { tenants: structuredClone(TENANTS) as Tenant[], refuseAt: 'data', records: firstRecords() };
}

/** @throws LabError for a file that is not as the lab has written it */
export function loadSettings(folder: string): LabSettings {
  const known = read(path.join(folder, 'settings.json'), settingsSchema);
  return known === undefined ? firstSettings() : known;
}

export function saveSettings(folder: string, settings: LabSettings): void {
  write(path.join(folder, 'settings.json'), settings);
}

/** Those of the folder, or new ones. @throws LabError */
export async function loadSecrets(folder: string): Promise<LabSecrets> {
  const file = path.join(folder, 'secrets.json');
  const known = read(file, secretsSchema);
  if (known) return known;
  const authority = await makeAuthority();
  const local = { addresses: ['127.0.0.1'] };
  const [server, relay, ...keys] = await Promise.all([
    issueCertificate(authority, NAMES.endpoints, { names: [`*.${NAMES.endpoints}`, 'localhost'], ...local }),
    issueCertificate(authority, NAMES.relay, { names: ['localhost'], ...local }),
    ...Object.entries(SIGNERS).map(async ([party, { domain, selector }]) => {
      const { privateKey, publicKey } = await generateKey('rsa-sha256');
      return [party, { domain, selector, privateKey, publicKey }] as const;
    }),
  ]);
  const made: LabSecrets = {
    authority,
    server,
    relay,
    keys: Object.fromEntries(keys) as LabSecrets['keys'],
    password: generatePassword(),
  };
  write(file, made);
  return made;
}

/** The records by which the signatures of everybody but the relay are verified. */
export function keyRecords({ keys }: LabSecrets): Map<string, string> {
  return new Map(
    Object.values(keys).map(({ selector, domain, publicKey }) => [
      recordName(selector, domain),
      recordText({ algorithm: 'rsa-sha256', publicKey }),
    ]),
  );
}

function read<T>(file: string, schema: z.ZodType<T>): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new LabError(
      'invalid',
      `${file} is not as the lab wrote it: remove it, and the lab begins anew with it`,
      error instanceof z.ZodError ? error.issues[0]?.path.map(String).join('.') : undefined,
    );
  }
}

/** Whole or not at all: a stop in the middle leaves the file as it was. */
function write(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}
