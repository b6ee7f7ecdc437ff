/** What can be set of a tenant, under the names of Exchange Online where it has one. */
import { z } from 'zod';
import { connectorFields, domainFields, settingsFields } from '../edge/fields.ts';
import type { AcceptedDomain, InboundConnector, Organization, Tenant } from '../edge/tenant.ts';
import { type LabDns, LabError, type Setting } from './lab.ts';

type Change = { tenant?: Tenant; refuseAt?: RefuseAt };
export type RefuseAt = 'recipient' | 'data';

/** What settings are read from and written to. */
export interface SettingsScope {
  tenant: Tenant;
  refuseAt: RefuseAt;
  dns: Pick<LabDns, 'get' | 'set'>;
}

interface Definition {
  name: string;
  description: string;
  read(scope: SettingsScope): Setting['value'];
  /** Answers what changes; DNS it changes itself. @throws LabError */
  write(scope: SettingsScope, value: unknown): Change;
}

/** Of a tenant as a whole; the edge in production has no use for the last one. */
export const organizationFields = settingsFields.omit({ name: true }).extend({
  mxPointsHere: z
    .boolean()
    .describe('The MX records lead here, so that the address of the client is that of the sender.'),
});

type OrganizationField = keyof typeof organizationFields.shape & keyof Organization;

const DEFINITIONS: readonly Definition[] = [
  ofOrganization('RejectDirectSend', 'rejectDirectSend', toBoolean),
  ofOrganization('HonorDmarcPolicy', 'honourDmarcReject', toWord),
  ofOrganization('MxPointsToUs', 'mxPointsHere', toBoolean),
  ofOrganization('OwnDomainSpoof', 'ownDomainSpoof', toWord),
  ofOrganization('DisplayNameSpoof', 'displayNameSpoof', toWord),
  ofOrganization('ArcTrustedSealers', 'trustedSealers', toList),
  {
    name: 'DmarcPolicy',
    description:
      'What the DMARC record of the first accepted domain asks for: none, quarantine, reject, or absent.',
    read: ({ tenant, dns }) => {
      const [record] = dns.get(dmarcName(tenant), 'TXT');
      return record === undefined ? 'absent' : (/\bp=(\w+)/.exec(record)?.[1] ?? 'absent');
    },
    write: ({ tenant, dns }, value) => {
      const policy = toWord(value);
      const name = dmarcName(tenant);
      if (policy === 'absent') dns.set(name, 'TXT');
      else if (policy === 'none' || policy === 'quarantine' || policy === 'reject') {
        dns.set(name, 'TXT', `v=DMARC1; p=${policy}; rua=mailto:dmarc@${name.slice('_dmarc.'.length)}`);
      } else throw invalid('DmarcPolicy', 'none, quarantine, reject or absent', value);
      return {};
    },
  },
  {
    name: 'RefuseAt',
    description:
      'When 5.7.51, 5.7.64 and 5.7.68 are said: data (the end of the message) or recipient. Of the whole lab.',
    read: ({ refuseAt }) => refuseAt,
    write: (_scope, value) => {
      const word = toWord(value);
      if (word !== 'data' && word !== 'recipient') throw invalid('RefuseAt', 'data or recipient', value);
      return { refuseAt: word };
    },
  },
];

export function settingsOf(scope: SettingsScope): Setting[] {
  return DEFINITIONS.map(({ name, description, read }) => ({ name, description, value: read(scope) }));
}

/** @throws LabError `invalid`, saying what may be set */
export function changeSetting(
  scope: SettingsScope,
  name: string,
  value: unknown,
): { change: Change; setting: (changed: SettingsScope) => Setting } {
  const definition = DEFINITIONS.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!definition) {
    const names = DEFINITIONS.map((one) => one.name).join(', ');
    throw new LabError('invalid', `there is no setting ${name.slice(0, 60)}; there are ${names}`, 'name');
  }
  return {
    change: definition.write(scope, value),
    setting: (changed) => ({
      name: definition.name,
      description: definition.description,
      value: definition.read(changed),
    }),
  };
}

/** With the connector added, or in the place of the one of the same name. @throws LabError */
export function withConnector(
  tenant: Tenant,
  given: Partial<InboundConnector> & { name: string },
): { tenant: Tenant; connector: InboundConnector } {
  const before = tenant.connectors.find(({ name }) => name.toLowerCase() === given.name.toLowerCase());
  const { certificateName, ...connector } = checked(connectorFields, { ...before, ...given });
  const made = certificateName === undefined ? connector : { ...connector, certificateName };
  const others = tenant.connectors.filter((one) => one !== before);
  if (others.length >= MOST) throw new LabError('invalid', `the tenant has ${MOST} connectors already`);
  return { tenant: { ...tenant, connectors: [...others, made] }, connector: made };
}

/** @throws LabError `not-found` */
export function withoutConnector(tenant: Tenant, name: string): Tenant {
  const connectors = tenant.connectors.filter((one) => one.name.toLowerCase() !== name.toLowerCase());
  if (connectors.length === tenant.connectors.length)
    throw new LabError('not-found', `${tenant.name} has no connector ${JSON.stringify(name.slice(0, 80))}`);
  return { ...tenant, connectors };
}

/** @param others accepted domains of other tenants. @throws LabError */
export function withDomain(
  tenant: Tenant,
  given: Partial<AcceptedDomain> & { name: string },
  others: readonly AcceptedDomain[],
): Tenant {
  const { name } = checked(domainFields, given);
  const before = tenant.domains.find((one) => one.name === name);
  if (others.some((one) => one.name === name))
    throw new LabError('invalid', `${name} belongs to another tenant`, 'name');
  const domain = checked(domainFields, { ...before, ...given });
  if (!before && tenant.domains.length >= MOST)
    throw new LabError('invalid', `the tenant has ${MOST} domains already`);
  const domains = before
    ? tenant.domains.map((one) => (one === before ? domain : one))
    : [...tenant.domains, domain];
  return { ...tenant, domains };
}

/** Domains and connectors of one tenant: attribution asks each of them for each recipient. */
const MOST = 200;

function ofOrganization(
  name: string,
  field: OrganizationField,
  read: (value: unknown) => unknown,
): Definition {
  const shape = organizationFields.shape[field] as z.ZodType<Organization[OrganizationField]>;
  return {
    name,
    description: shape.description ?? '',
    read: ({ tenant }) => tenant.organization[field],
    write: ({ tenant }, given) => {
      const value = checked(shape, read(given), name);
      return { tenant: { ...tenant, organization: { ...tenant.organization, [field]: value } } };
    },
  };
}

function checked<T>(schema: z.ZodType<T>, value: unknown, name?: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = [...(name === undefined ? [] : [name]), ...(issue?.path ?? [])].map(String).join('.');
  const wanted =
    issue?.code === 'invalid_type' && issue.expected === 'boolean' ? 'expected true or false' : undefined;
  throw new LabError('invalid', `${field}: ${wanted ?? issue?.message ?? 'is wrong'}`, field);
}

/** PowerShell writes `$true`. */
function toBoolean(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const word = value.replace(/^\$/, '').toLowerCase();
  return word === 'true' || word === 'false' ? word === 'true' : value;
}

function toWord(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function toList(value: unknown): unknown {
  return typeof value === 'string' ? value.split(',').flatMap((one) => one.trim() || []) : value;
}

function invalid(name: string, expected: string, value: unknown): LabError {
  return new LabError(
    'invalid',
    `${name}: expected ${expected}, not ${JSON.stringify(value)?.slice(0, 60)}`,
    name,
  );
}

function dmarcName({ domains }: Tenant): string {
  return `_dmarc.${domains[0]?.name ?? ''}`;
}
