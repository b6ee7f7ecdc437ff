import type { Command } from 'commander';
import type { z } from 'zod';
import type { edgeDecisionShape, edgeSettingsShape, edgeStatusShape } from '../../api/edge-shapes.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { listValue, oneWord, plain, switchValue } from '../exchange-values.ts';
import { usage } from '../failure.ts';
import { type Output, when } from '../output.ts';
import { several } from '../values.ts';
import { connectorCommands } from './edge-connector.ts';
import { domainCommands, recipientCommands, safeSenderCommands } from './edge-lists.ts';
import { messagesCommand, spoofsCommand } from './edge-traffic.ts';

type Settings = z.infer<typeof edgeSettingsShape>;
type Status = z.infer<typeof edgeStatusShape>;
type Decision = z.infer<typeof edgeDecisionShape>;

const ACTIONS = ['off', 'junk', 'quarantine', 'refuse'] as const;

/** Each setting with the names under which Exchange Online has it, and how its value is read. */
const SETTINGS: {
  name: keyof Settings;
  also: string[];
  read: (value: string | undefined, name: string) => unknown;
}[] = [
  { name: 'name', also: [], read: (value) => value },
  { name: 'rejectDirectSend', also: [], read: (value, name) => switchValue(name, value) },
  {
    name: 'honourDmarcReject',
    also: ['honorDmarcReject', 'DmarcRejectAction'],
    read: (value, name) => oneWord(name, value, ['reject', 'quarantine']),
  },
  { name: 'ownDomainSpoof', also: ['ownDomain'], read: (value, name) => oneWord(name, value, ACTIONS) },
  { name: 'displayNameSpoof', also: ['displayName'], read: (value, name) => oneWord(name, value, ACTIONS) },
  { name: 'trustedSealers', also: ['ArcTrustedSealers'], read: (value) => listValue(value ?? 'none') },
];

export function edgeCommand(postern: Command): void {
  const edge = postern
    .command('edge')
    .description('mail from outside: accepted domains, connectors, who may send into them');
  statusCommand(edge);
  setCommand(edge);
  domainCommands(edge);
  connectorCommands(edge);
  recipientCommands(edge);
  safeSenderCommands(edge);
  decideCommand(edge);
  messagesCommand(edge);
  spoofsCommand(edge);
}

function statusCommand(edge: Command): void {
  withConnection(edge.command('status').description('what the edge is set to, and how it is')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const status = await api.get<Status>('/edge/status');
      out.answer(status, () => showStatus(out, status));
    },
  );
}

function showStatus(out: Output, status: Status): void {
  const { listeners, recipients, connectors, checks, settings } = status;
  out.heading(status.tenant.name);
  out.fields([
    ['Listeners', listeners.map(({ name, address }) => `${name} ${address}`).join(', ') || 'none'],
    ['Accepted domains', String(status.domains)],
    ['Connectors', `${connectors.enabled} of ${connectors.total} enabled`],
    ['Recipients', recipientsText(recipients)],
    ['Safe senders', String(status.safeSenders)],
    ['Blocklists', checks.blocklists.map((list) => `${list.zone}${problemText(list.problem)}`).join('\n')],
    ['Harvesters', checks.harvesters > 0 ? `${checks.harvesters} networks are refused` : undefined],
    ['Refuses at', status.refuseAt === 'data' ? 'the end of DATA' : 'RCPT'],
  ]);
  out.line();
  out.table(
    ['SETTING', 'VALUE'],
    Object.entries(settings)
      .filter(([name]) => name !== 'name')
      .map(([name, value]) => [name, settingText(value)]),
    '',
  );
  for (const text of status.advice) out.note(text);
}

function recipientsText({ listed, sources, unavailableSince }: Status['recipients']): string {
  const asked = sources.map(({ name, problem }) => `${name}${problemText(problem)}`).join(', ');
  const waits =
    unavailableSince === undefined ? '' : `; mail waits since ${when(unavailableSince)}, nobody answers`;
  return `${listed} listed; asked: ${asked}${waits}`;
}

function problemText(problem: string | undefined): string {
  return problem === undefined ? '' : ` (${problem})`;
}

function settingText(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value);
}

function setCommand(edge: Command): void {
  const set = edge
    .command('set <name> [value]')
    .description(
      `change a setting, which counts at once: ${SETTINGS.map(({ name }) => name).join(', ')}; names and values of Exchange are understood (RejectDirectSend true)`,
    );
  withConnection(set).action(async (name: string, value: string | undefined, options: CommonOptions) => {
    const setting = SETTINGS.find((one) =>
      [one.name, ...one.also].some((known) => plain(known) === plain(name)),
    );
    if (!setting) {
      throw usage(
        `there is no setting ${JSON.stringify(name)}; there are ${SETTINGS.map((one) => one.name).join(', ')}`,
      );
    }
    const wanted = setting.read(value, name);
    if (wanted === undefined) throw usage(`${name}: the value is missing`);
    const { api, out } = await openSession(options);
    const after = await api.send<Settings>('PATCH', '/edge/settings', { [setting.name]: wanted });
    out.answer(after, () => out.done(`${setting.name} is ${settingText(after[setting.name])}`));
  });
}

function decideCommand(edge: Command): void {
  const decide = edge
    .command('decide')
    .description('ask what the front door would say; nothing is sent and nobody is asked')
    .requiredOption('--client <address>', 'IP address of the client')
    .requiredOption('--from <address>', 'envelope sender; "" or "<>" for the null sender')
    .requiredOption('--to <address>', 'recipient')
    .option('--certificate <name>', 'a name in the certificate of the client (repeat for more)', several)
    .option('--tls', 'the client uses TLS (with a certificate it does)')
    .option('--recipient-exists [on]', 'whether the recipient exists (default: what the list says)');
  withConnection(decide).action(
    async (
      options: CommonOptions & {
        client: string;
        from: string;
        to: string;
        certificate?: string[];
        tls?: boolean;
        recipientExists?: string | boolean;
      },
    ) => {
      const { api, out } = await openSession(options);
      const { client, from, to, certificate, tls, recipientExists } = options;
      const decision = await api.send<Decision>('POST', '/edge/decide', {
        address: client,
        sender: from,
        recipient: to,
        certificateNames: certificate,
        tls,
        recipientExists:
          recipientExists === undefined ? undefined : switchValue('--recipient-exists', recipientExists),
      });
      out.answer(decision, () => showDecision(out, decision));
    },
  );
}

function showDecision(out: Output, { refused, refusal, attribution, reason, open, ...rest }: Decision): void {
  if (refused) out.note(refusal?.reply ?? 'refused');
  else out.done('let in');
  out.fields([
    ['Attribution', attributionText(attribution)],
    ['Direct Send', rest.directSend ? 'yes' : 'no'],
    ['Recipient', rest.recipientExists ? 'exists' : 'is not known'],
    ['Refused', refusal && `${refusal.code}, at ${refusal.stage === 'data' ? 'the end of DATA' : 'RCPT'}`],
    ['Why', reason],
    ['What to do', refusal?.remedy],
    ['Open question', open.map(({ text }) => text).join('\n')],
  ]);
}

function attributionText({ kind, domain, connector, by }: Decision['attribution']): string {
  if (kind === 'originating') return `own servers: connector ${connector}, by ${by}`;
  if (kind === 'none') return 'nobody: neither the client nor the recipient belongs here';
  return `incoming for ${domain}, ${connector === undefined ? 'anonymous' : `connector ${connector}`}`;
}
