import { type Command, Option } from 'commander';
import type { z } from 'zod';
import type { inboundConnectorShape } from '../../api/edge-shapes.ts';
import type { Items } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { listValue, oneWord, switchValue } from '../exchange-values.ts';
import { Failure, usage } from '../failure.ts';
import { several } from '../values.ts';

type Connector = z.infer<typeof inboundConnectorShape>;
type Switch = string | boolean;

interface ConnectorOptions extends CommonOptions {
  type?: string;
  senderDomain?: string[];
  address?: string[];
  certificate?: string;
  requireTls?: Switch;
  restrictToAddresses?: Switch;
  restrictToCertificate?: Switch;
  enabled?: Switch;
  // as New-InboundConnector has them
  ConnectorType?: string;
  SenderDomains?: string[];
  SenderIPAddresses?: string[];
  TlsSenderCertificateName?: string;
  RequireTls?: Switch;
  RestrictDomainsToIPAddresses?: Switch;
  RestrictDomainsToCertificate?: Switch;
  Enabled?: Switch;
}

const path = (name: string) => `/edge/connectors/${encodeURIComponent(name)}`;

/** `postern edge connector`: whom one knows by certificate or address. */
export function connectorCommands(edge: Command): void {
  const connector = edge
    .command('connector')
    .description('whom one knows by certificate or address: partners, and own servers');

  const add = connector
    .command('add <name>')
    .description('add a connector; parameters of New-InboundConnector are understood with two hyphens');
  withConnection(withFields(add)).action(async (name: string, options: ConnectorOptions) => {
    const { api, out } = await openSession(options);
    const fields = fieldsOf(options);
    if (fields.type === undefined) throw usage('--type: say partner or on-premises');
    const { items } = await api.get<Items<Connector>>('/edge/connectors');
    if (items.some((one) => one.name.toLowerCase() === name.toLowerCase()))
      throw new Failure(`there is a connector ${name} already: postern edge connector edit`);
    const made = await api.send<Connector>('PUT', path(name), fields);
    out.answer(made, () => out.done(`Connector ${made.name}: ${describe(made)}`));
  });

  withConnection(connector.command('list').description('list connectors')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const { items } = await api.get<Items<Connector>>('/edge/connectors');
      out.answer(items, () =>
        out.table(
          ['NAME', 'TYPE', 'FOR', 'KNOWN BY', 'RESTRICTS'],
          items.map((one) => [
            one.enabled ? one.name : `${one.name} (disabled)`,
            one.type,
            one.type === 'partner' ? one.senderDomains.join(', ') : 'own servers',
            knownBy(one),
            restrictions(one),
          ]),
          'No connectors: all mail from outside is anonymous.',
        ),
      );
    },
  );

  const edit = connector.command('edit <name>').description('change what is given, and leave the rest');
  withConnection(withFields(edit)).action(async (name: string, options: ConnectorOptions) => {
    const { api, out } = await openSession(options);
    const { value, tag } = await api.getWithTag<Connector>(path(name));
    const { name: own, ...before } = value;
    const fields = fieldsOf(options);
    const body: Partial<Connector> = { ...before, ...fields };
    if (body.certificateName === '') delete body.certificateName;
    const after = await api.send<Connector>('PUT', path(own), body, tag);
    out.answer(after, () => out.done(`Connector ${after.name}: ${describe(after)}`));
  });

  withConnection(connector.command('remove <name>').description('remove a connector')).action(
    async (name: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      await api.send('DELETE', path(name));
      out.answer({ removed: name }, () => out.done(`Connector ${name} removed`));
    },
  );
}

function withFields(command: Command): Command {
  const exchange = (flags: string, list = false): Option => {
    const option = new Option(flags).hideHelp();
    return list ? option.argParser<string[]>(several) : option;
  };
  command
    .option('--type <partner|on-premises>', 'another organization or a service, or own servers')
    .option('--sender-domain <domain>', 'envelope senders: *, contoso.com, *.contoso.com (repeat)', several)
    .option('--address <cidr>', 'address or block of the client (repeat)', several)
    .option('--certificate <name>', 'name in its certificate: relay.contoso.com, *.contoso.com; none')
    .option('--require-tls [on]', 'partner: does not match without TLS (default: true)')
    .option('--restrict-to-addresses [on]', 'partner: its domains from elsewhere are refused (5.7.51)')
    .option('--restrict-to-certificate [on]', 'partner: its domains without it are refused (5.7.51)')
    .option('--enabled [on]', 'false: it does not count');
  for (const option of [
    exchange('--ConnectorType <type>'),
    exchange('--SenderDomains <domains>', true),
    exchange('--SenderIPAddresses <cidr>', true),
    exchange('--TlsSenderCertificateName <name>'),
    exchange('--RequireTls [on]'),
    exchange('--RestrictDomainsToIPAddresses [on]'),
    exchange('--RestrictDomainsToCertificate [on]'),
    exchange('--Enabled [on]'),
  ])
    command.addOption(option);
  return command;
}

/** What was given, as the API has it; nothing of what was not. */
function fieldsOf(options: ConnectorOptions): Partial<Connector> {
  const fields: Partial<Connector> = {};
  const type = options.type ?? options.ConnectorType;
  if (type !== undefined) fields.type = oneWord('--type', type, ['partner', 'on-premises']);
  const domains = options.senderDomain ?? options.SenderDomains;
  // `smtp:*;1`, as Get-InboundConnector shows them, has the separator inside
  if (domains) fields.senderDomains = domains.flatMap((text) => listValue(text.replaceAll(/;\d+/g, '')));
  const addresses = options.address ?? options.SenderIPAddresses;
  if (addresses) fields.senderAddresses = addresses.flatMap(listValue);
  const certificate = options.certificate ?? options.TlsSenderCertificateName;
  if (certificate !== undefined) fields.certificateName = listValue(certificate)[0] ?? '';
  const switches = [
    ['requireTls', '--require-tls', options.requireTls ?? options.RequireTls],
    [
      'restrictToAddresses',
      '--restrict-to-addresses',
      options.restrictToAddresses ?? options.RestrictDomainsToIPAddresses,
    ],
    [
      'restrictToCertificate',
      '--restrict-to-certificate',
      options.restrictToCertificate ?? options.RestrictDomainsToCertificate,
    ],
    ['enabled', '--enabled', options.enabled ?? options.Enabled],
  ] as const;
  for (const [field, option, value] of switches)
    if (value !== undefined) fields[field] = switchValue(option, value);
  return fields;
}

function describe(connector: Connector): string {
  const whose =
    connector.type === 'partner' ? `mail of ${connector.senderDomains.join(', ')}` : 'own servers';
  const parts = [whose, `known by ${knownBy(connector)}`, restrictions(connector)];
  return [...parts, connector.enabled ? '' : 'disabled'].filter((part) => part !== '').join('; ');
}

function knownBy({ certificateName, senderAddresses, requireTls }: Connector): string {
  const parts = [certificateName === undefined ? '' : `certificate ${certificateName}`, ...senderAddresses];
  const known = parts.filter((part) => part !== '').join(', ') || 'nothing';
  return requireTls ? `${known}, over TLS` : known;
}

function restrictions({ restrictToAddresses, restrictToCertificate }: Connector): string {
  const to = [restrictToAddresses && 'its addresses', restrictToCertificate && 'its certificate'];
  const only = to.filter((part) => part !== false);
  return only.length > 0 ? `only from ${only.join(' and with ')}` : '';
}
