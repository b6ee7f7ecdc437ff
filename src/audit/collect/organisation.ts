import type { Collection } from './collection.ts';
import { nextLink, rowsOf } from './service-client.ts';

const DOMAINS_PERMISSION = 'Domain.Read.All';
const ORGANISATION_PERMISSION = 'Exchange.ManageAsAppV2 (of Office 365 Exchange Online)';
const MOST_PAGES = 100;
/** The mailbox that requests of applications are routed by: one that every tenant has. */
const SYSTEM_MAILBOX = 'SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}';

/** The tenant's verified domains that take mail. Graph does not tell whether their subdomains match. */
export async function collectDomains(collection: Collection): Promise<void> {
  const { client, graphUrl, folder, signal } = collection;
  const rows: Record<string, unknown>[] = [];
  let url: string | undefined = `${graphUrl}/v1.0/domains`;
  for (let page = 0; url !== undefined && page < MOST_PAGES; page++) {
    const answer: Record<string, unknown> = await client.ask({
      method: 'GET',
      url,
      resource: graphUrl,
      permission: DOMAINS_PERMISSION,
      signal,
    });
    rows.push(...rowsOf(answer));
    url = nextLink(answer, graphUrl);
  }
  await folder.write('domains.json', `${JSON.stringify({ value: rows }, undefined, 1)}\n`);
  collection.count(rows.length, 1);
  for (const { id, isVerified, supportedServices } of rows) {
    const mail = !Array.isArray(supportedServices) || supportedServices.includes('Email');
    if (typeof id === 'string' && isVerified !== false && mail) collection.domains.add(id.toLowerCase());
  }
}

/**
 * Accepted domains with their types, and the organisation's settings, RejectDirectSend among them, by the Exchange Online Admin
 * API. That API is in preview: Microsoft says that it may tell fewer settings one day.
 */
export async function collectOrganisation(collection: Collection): Promise<void> {
  const { folder } = collection;
  const tenant = await collection.tenantId();
  const domains = await cmdlet(collection, tenant, 'AcceptedDomain', 'Get-AcceptedDomain');
  await folder.write('accepted-domains.json', `${JSON.stringify({ value: domains }, undefined, 1)}\n`);
  collection.count(domains.length, 1);
  for (const { DomainName: name } of domains) {
    if (typeof name === 'string' && name !== '')
      collection.domains.add(name.toLowerCase().replace(/^\*\./, ''));
  }
  const settings = await cmdlet(collection, tenant, 'OrganizationConfig', 'Get-OrganizationConfig');
  await folder.write('organization-config.json', `${JSON.stringify({ value: settings }, undefined, 1)}\n`);
  collection.count(settings.length, 1);
  if (typeof settings[0]?.['RejectDirectSend'] !== 'boolean') {
    collection.note(
      'the service does not tell RejectDirectSend; run: Get-OrganizationConfig | Select-Object RejectDirectSend',
    );
  }
}

async function cmdlet(
  collection: Collection,
  tenant: string,
  endpoint: string,
  name: string,
): Promise<Record<string, unknown>[]> {
  const { client, exchangeUrl, signal } = collection;
  const rows: Record<string, unknown>[] = [];
  let url: string | undefined = `${exchangeUrl}/adminapi/v2.0/${tenant}/${endpoint}`;
  for (let page = 0; url !== undefined && page < MOST_PAGES; page++) {
    const answer: Record<string, unknown> = await client.ask({
      method: 'POST',
      url,
      resource: exchangeUrl,
      permission: ORGANISATION_PERMISSION,
      headers: { 'x-anchormailbox': `APP:${SYSTEM_MAILBOX}@${tenant}` },
      body: { CmdletInput: { CmdletName: name } },
      signal,
    });
    rows.push(...rowsOf(answer));
    // the next page is asked for with the same body
    url = nextLink(answer, exchangeUrl);
  }
  return rows;
}
