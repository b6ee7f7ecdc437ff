import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { domainToASCII } from 'node:url';
import type { AcceptedDomain, Organization, Tenant } from '../../edge/tenant.ts';
import type { Disk } from '../../platform/disk.ts';
import { AuditError } from '../audit-error.ts';
import type { Organisation } from '../classify/decision.ts';
import { settingsIn, type TenantSettings } from '../collect/tenant-settings.ts';
import type { RunRequest } from './request.ts';

const DEEPEST = 8;
const MOST_FOLDERS = 1000;

/** Settings of the organisation that lie among the evidence, with the whole paths of their files. */
export async function settingsAmong(disk: Disk, paths: readonly string[]): Promise<TenantSettings> {
  const found: TenantSettings = { problems: [], files: [] };
  for (const named of paths) {
    const given = await realpath(named).catch((error: unknown) => {
      throw new AuditError('evidence', `${named} can not be read`, { cause: error });
    });
    const info = await stat(given);
    if (info.isDirectory()) {
      for (const folder of await foldersBelow(given)) merge(found, await settingsIn(disk, folder), folder);
    } else {
      const alone: Disk = { ...disk, list: async () => [path.basename(given)] };
      merge(found, await settingsIn(alone, path.dirname(given)), path.dirname(given));
    }
  }
  return found;
}

async function foldersBelow(top: string): Promise<string[]> {
  const folders = [top];
  for (let at = 0; at < folders.length && folders.length < MOST_FOLDERS; at++) {
    const folder = folders[at]!;
    if (path.relative(top, folder).split(path.sep).length > DEEPEST) continue;
    for (const name of (await readdir(folder)).sort()) {
      const member = path.join(folder, name);
      if ((await lstat(member)).isDirectory()) folders.push(member);
    }
  }
  return folders;
}

function merge(
  into: TenantSettings,
  { exceptions, files, problems, ...settings }: TenantSettings,
  folder: string,
): void {
  if (exceptions !== undefined) into.exceptions = [...(into.exceptions ?? []), ...exceptions];
  Object.assign(
    into,
    Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
  );
  if (settings.domains !== undefined) into.subdomainsUnknown = settings.subdomainsUnknown;
  into.files.push(...files.map((name) => path.join(folder, name)));
  into.problems.push(...problems);
}

const ORGANIZATION: Organization = {
  rejectDirectSend: false,
  honourDmarcReject: 'reject',
  mxPointsHere: true,
  ownDomainSpoof: 'off',
  displayNameSpoof: 'off',
  safeSenders: [],
  trustedSealers: [],
};

/**
 * The organisation that is audited: what was asked for goes before what the evidence says, and that before what earlier runs
 * knew.
 * @throws AuditError `domains` when nobody says whose mail it is
 */
export function organisationOf(
  { domains = [], fallbackDomains = [], internalRelay = [], mxElsewhere }: RunRequest,
  settings: TenantSettings,
  earlier: Organisation | undefined,
): Organisation {
  const relayed = new Set(internalRelay.map(domainName));
  const base =
    domains.length > 0
      ? domains.map(domainOf)
      : (settings.domains ?? earlier?.tenant.domains ?? fallbackDomains.map(domainOf));
  const known: AcceptedDomain[] = base.map((domain) => ({
    ...domain,
    type: relayed.has(domain.name) ? 'internal-relay' : domain.type,
  }));
  for (const name of relayed)
    if (!known.some((domain) => domain.name === name))
      known.push({ name, type: 'internal-relay', matchSubDomains: false });
  const [first] = known;
  if (first === undefined)
    throw new AuditError(
      'domains',
      'nobody says which domains are yours: name them (--domain contoso.com), or put the output of Get-AcceptedDomain among the evidence',
    );
  const tenant: Tenant = {
    id: '',
    name: first.name,
    domains: known,
    connectors: settings.connectors ?? earlier?.tenant.connectors ?? [],
    organization: {
      ...ORGANIZATION,
      rejectDirectSend: settings.rejectDirectSend ?? earlier?.tenant.organization.rejectDirectSend ?? false,
      mxPointsHere: !(mxElsewhere ?? earlier?.tenant.organization.mxPointsHere === false),
    },
  };
  const exceptions = settings.exceptions ?? earlier?.exceptions;
  return {
    tenant,
    connectorsKnown: settings.connectors !== undefined || earlier?.connectorsKnown === true,
    ...(exceptions && { exceptions }),
  };
}

function domainOf(text: string): AcceptedDomain {
  return { name: domainName(text), type: 'authoritative', matchSubDomains: text.startsWith('*.') };
}

const DOMAIN = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+$/;

function domainName(text: string): string {
  const name = domainToASCII(text.trim().replace(/^\*\./, '')).toLowerCase();
  if (!DOMAIN.test(name))
    throw new AuditError('domains', `${JSON.stringify(text.slice(0, 100))} is no domain such as contoso.com`);
  return name;
}
