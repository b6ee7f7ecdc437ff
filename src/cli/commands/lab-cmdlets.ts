import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { z } from 'zod';
import type * as shapes from '../../api/lab-shapes.ts';
import { CMDLETS, type Cmdlet, listOf, truthOf } from '../cmdlets.ts';
import type { Session } from '../command.ts';
import { Failure, usage } from '../failure.ts';
import { fileTrouble } from '../file-trouble.ts';
import { type LabOptions, openLab, withLab } from '../lab-connection.ts';
import { moment, wholeNumber } from '../values.ts';

type Connector = z.infer<typeof shapes.labConnectorShape>;
type Domain = z.infer<typeof shapes.labDomainShape>;
type Setting = z.infer<typeof shapes.labSettingShape>;
type Trace = z.infer<typeof shapes.labTraceShape>;
type Detail = z.infer<typeof shapes.labTraceDetailShape>;
type Query = Record<string, string | number | undefined>;

/** What was given with a cmdlet, by parameter. */
class Given {
  readonly #options: Record<string, string | undefined>;

  constructor(options: Record<string, string | undefined>) {
    this.#options = options;
  }

  text(name: string): string | undefined {
    return this.#options[name];
  }

  /** @throws Failure when it is missing */
  needed(name: string): string {
    const value = this.#options[name];
    if (value === undefined) throw usage(`-${name} is missing`);
    return value;
  }

  truth(name: string): boolean | undefined {
    const value = this.#options[name];
    if (value === undefined) return undefined;
    const truth = truthOf(value);
    if (truth === undefined) throw usage(`-${name}: expected $true or $false, not ${JSON.stringify(value)}`);
    return truth;
  }

  list(name: string): string[] | undefined {
    const value = this.#options[name];
    return value === undefined ? undefined : listOf(value);
  }

  time(name: string): number | undefined {
    const value = this.#options[name];
    return value === undefined ? undefined : moment(`-${name}`, value, Date.now());
  }

  get tenant(): Query {
    return { tenant: this.#options['tenant'] };
  }
}

type Act = (session: Session, given: Given) => Promise<void>;

const ACTS: Record<Cmdlet, Act> = {
  'Get-OrganizationConfig': async ({ api, out }, given) => {
    const found = settingNamed(await settings(api, given), 'RejectDirectSend');
    showObjects(out, [{ Name: given.text('tenant') ?? 'contoso', RejectDirectSend: found?.value }]);
  },
  'Set-OrganizationConfig': async ({ api, out }, given) => {
    const value = given.truth('RejectDirectSend');
    if (value === undefined) throw usage('-RejectDirectSend is missing');
    await api.send('PATCH', withTenant('/lab/settings', given), { RejectDirectSend: value });
    const said = value
      ? 'Direct Send is refused from now on; the service takes up to 30 minutes for it'
      : 'Direct Send is taken';
    out.answer({ RejectDirectSend: value }, () => out.done(said));
  },
  'Get-ArcConfig': async ({ api, out }, given) => {
    const found = settingNamed(await settings(api, given), 'ArcTrustedSealers');
    showObjects(out, [{ Identity: 'Default', ArcTrustedSealers: [found?.value ?? ''].flat().join(',') }]);
  },
  'Set-ArcConfig': async ({ api, out }, given) => {
    const sealers = listOf(given.needed('ArcTrustedSealers'));
    await api.send('PATCH', withTenant('/lab/settings', given), { ArcTrustedSealers: sealers });
    out.answer({ ArcTrustedSealers: sealers }, () => out.done(`trusted: ${sealers.join(', ') || 'nobody'}`));
  },
  'Get-InboundConnector': async ({ api, out }, given) => {
    const { items } = await api.get<{ items: Connector[] }>('/lab/connectors', given.tenant);
    const wanted = given.text('Identity');
    const found = items.filter(({ name }) => wanted === undefined || same(name, wanted));
    if (wanted !== undefined && found.length === 0) throw new Failure(`there is no connector ${wanted}`);
    showObjects(out, found.map(shownConnector));
  },
  'New-InboundConnector': async ({ api, out }, given) => {
    const name = given.needed('Name');
    const { items } = await api.get<{ items: Connector[] }>('/lab/connectors', given.tenant);
    if (items.some((one) => same(one.name, name))) {
      throw new Failure(`there is a connector ${name} already: change it with Set-InboundConnector`);
    }
    const type = given.needed('ConnectorType');
    await putConnector({ api, out }, given, name, { type: connectorType(type) });
  },
  'Set-InboundConnector': async ({ api, out }, given) => {
    const name = given.needed('Identity');
    const { items } = await api.get<{ items: Connector[] }>('/lab/connectors', given.tenant);
    const before = items.find((one) => same(one.name, name));
    if (!before) throw new Failure(`there is no connector ${name}: add it with New-InboundConnector`);
    const type = given.text('ConnectorType');
    await putConnector({ api, out }, given, before.name, {
      ...(type !== undefined && { type: connectorType(type) }),
    });
  },
  'Remove-InboundConnector': async ({ api, out }, given) => {
    const name = given.needed('Identity');
    await api.send('DELETE', withTenant(`/lab/connectors/${encodeURIComponent(name)}`, given));
    out.answer({}, () => out.done(`connector ${name} removed`));
  },
  'Get-AcceptedDomain': async ({ api, out }, given) => {
    const { items } = await api.get<{ items: Domain[] }>('/lab/domains', given.tenant);
    const wanted = given.text('Identity');
    showObjects(
      out,
      items
        .filter(({ name }) => wanted === undefined || same(name, wanted))
        .map(({ name, type, matchSubDomains }) => ({
          DomainName: name,
          DomainType: type === 'authoritative' ? 'Authoritative' : 'InternalRelay',
          MatchSubDomains: matchSubDomains,
        })),
    );
  },
  'New-AcceptedDomain': async (session, given) => {
    await putDomain(session, given, given.text('DomainName') ?? given.needed('Name'));
  },
  'Set-AcceptedDomain': async (session, given) => {
    const name = given.needed('Identity');
    const { items } = await session.api.get<{ items: Domain[] }>('/lab/domains', given.tenant);
    if (!items.some((one) => same(one.name, name)))
      throw new Failure(`${name} is no accepted domain: add it with New-AcceptedDomain`);
    await putDomain(session, given, name);
  },
  'Get-MessageTraceV2': async ({ api, out }, given) => {
    const size = given.text('ResultSize');
    const { items } = await api.get<{ items: Trace[] }>('/lab/trace', {
      sender: given.text('SenderAddress'),
      recipient: given.text('RecipientAddress'),
      status: given.text('Status'),
      messageId: given.text('MessageId'),
      messageTraceId: given.text('MessageTraceId'),
      fromIp: given.text('FromIP'),
      subject: given.text('Subject'),
      start: given.time('StartDate'),
      end: given.time('EndDate'),
      resultSize: size === undefined ? undefined : wholeNumber('-ResultSize', size),
    });
    showObjects(out, items);
  },
  'Get-MessageTraceDetailV2': async ({ api, out }, given) => {
    const id = encodeURIComponent(given.needed('MessageTraceId'));
    const recipient = encodeURIComponent(given.needed('RecipientAddress'));
    const { items } = await api.get<{ items: Detail[] }>(`/lab/trace/${id}/${recipient}`);
    showObjects(out, items);
  },
  'Start-HistoricalSearch': async ({ api, out }, given) => {
    const title = given.needed('ReportTitle');
    await writeReport({ api, out }, `${title.replaceAll(/[^\p{L}\p{N}_ -]+/gu, '_')}.csv`, {
      reportTitle: title,
      reportType: given.needed('ReportType'),
      connectorType: given.text('ConnectorType'),
      direction: given.text('Direction'),
      senderAddress: given.text('SenderAddress'),
      recipientAddress: given.text('RecipientAddress'),
      start: given.time('StartDate'),
      end: given.time('EndDate'),
    });
  },
};

/** The cmdlets of Exchange Online as commands of the lab; `withCmdletSpelling` brings any spelling to these. */
export function labCmdletCommands(lab: Command): void {
  for (const [name, parameters] of Object.entries(CMDLETS)) {
    const command = withLab(
      lab
        .command(name, { hidden: true })
        .description(
          `as the cmdlet of this name; parameters: ${parameters.map((one) => `-${one}`).join(' ')}`,
        ),
    ).option('--tenant <name>', 'contoso or fabrikam (default: contoso)');
    for (const parameter of parameters) command.option(`--${parameter} <value>`);
    command.action(async (options: LabOptions & Record<string, string | undefined>) => {
      await ACTS[name as Cmdlet](await openLab(options), new Given(options));
    });
  }
}

/** Writes a report into the working folder, as a download from the service would be. */
export async function writeReport(
  { api, out }: Pick<Session, 'api' | 'out'>,
  file: string,
  query: Query,
): Promise<void> {
  const csv = await api.raw('/lab/historical-search', query);
  try {
    writeFileSync(file, csv, { mode: 0o600 });
  } catch (error) {
    throw new Failure(`${file} can not be written (${fileTrouble(error)})`);
  }
  const rows = Math.max(0, csv.toString('utf16le').split('\r\n').length - 2);
  out.answer({ file, rows }, () => out.done(`${file}: ${rows} rows (UTF-16, as it comes from Microsoft)`));
}

async function putConnector(
  { api, out }: Pick<Session, 'api' | 'out'>,
  given: Given,
  name: string,
  type: { type?: Connector['type'] },
): Promise<void> {
  const fields = {
    ...type,
    enabled: given.truth('Enabled'),
    senderDomains: given.list('SenderDomains'),
    senderAddresses: given.list('SenderIPAddresses'),
    certificateName: given.text('TlsSenderCertificateName'),
    requireTls: given.truth('RequireTls'),
    restrictToAddresses: given.truth('RestrictDomainsToIPAddresses'),
    restrictToCertificate: given.truth('RestrictDomainsToCertificate'),
  };
  const target = withTenant(`/lab/connectors/${encodeURIComponent(name)}`, given);
  const connector = await api.send<Connector>('PUT', target, fields);
  showObjects(out, [shownConnector(connector)]);
}

async function putDomain({ api, out }: Session, given: Given, name: string): Promise<void> {
  const type = given.text('DomainType');
  if (type !== undefined && !/^(authoritative|internal-?relay)$/i.test(type))
    throw usage(`-DomainType: expected Authoritative or InternalRelay, not ${type}`);
  await api.send('PUT', withTenant(`/lab/domains/${encodeURIComponent(name)}`, given), {
    ...(type !== undefined && {
      type: /^authoritative$/i.test(type) ? 'authoritative' : 'internal-relay',
    }),
    matchSubDomains: given.truth('MatchSubDomains'),
  });
  out.answer({ DomainName: name }, () => out.done(`accepted domain ${name} set`));
}

function connectorType(text: string): Connector['type'] {
  if (/^partner$/i.test(text)) return 'partner';
  if (/^on-?premises$/i.test(text)) return 'on-premises';
  throw usage(`-ConnectorType: expected Partner or OnPremises, not ${text}`);
}

/** A connector under the names of Exchange Online. */
function shownConnector(connector: Connector): Record<string, unknown> {
  return {
    Name: connector.name,
    ConnectorType: connector.type === 'partner' ? 'Partner' : 'OnPremises',
    Enabled: connector.enabled,
    SenderDomains: connector.senderDomains.map((one) => `smtp:${one};1`),
    SenderIPAddresses: connector.senderAddresses,
    TlsSenderCertificateName: connector.certificateName ?? '',
    RequireTls: connector.requireTls,
    RestrictDomainsToIPAddresses: connector.restrictToAddresses,
    RestrictDomainsToCertificate: connector.restrictToCertificate,
  };
}

/** Name and value line by line, as Format-List shows objects. */
function showObjects(out: Session['out'], objects: Record<string, unknown>[]): void {
  out.answer(objects, () => {
    if (objects.length === 0) out.line('Nothing.');
    for (const [index, object] of objects.entries()) {
      if (index > 0) out.line();
      out.fields(
        Object.entries(object).map(([name, value]) => [
          name,
          Array.isArray(value) ? `{${value.join(', ')}}` : powerShell(value),
        ]),
      );
    }
  });
}

function powerShell(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

async function settings(api: Session['api'], given: Given): Promise<Setting[]> {
  return (await api.get<{ items: Setting[] }>('/lab/settings', given.tenant)).items;
}

function settingNamed(items: Setting[], name: string): Setting | undefined {
  return items.find((one) => one.name === name);
}

function withTenant(target: string, given: Given): string {
  const tenant = given.text('tenant');
  return tenant === undefined ? target : `${target}?tenant=${encodeURIComponent(tenant)}`;
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
