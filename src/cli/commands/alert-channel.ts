import type { Command } from 'commander';
import type { z } from 'zod';
import type { channelShape } from '../../api/alert-shapes.ts';
import type { Items } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { usage } from '../failure.ts';
import { hostAndPort, passwordFile, several, textFile, wholeNumber } from '../values.ts';

type Channel = z.infer<typeof channelShape>;

interface AddOptions extends CommonOptions {
  mail?: string[];
  webhook?: string;
  teamsFile?: string;
  slackFile?: string;
  syslog?: string;
  otlp?: string;
  secretFile?: string;
  severity?: string;
  disabled?: boolean;
  allowPrivate?: boolean;
  ca?: string;
  clientCert?: string;
  clientKey?: string;
  facility?: string;
  enterprise?: string;
  headerFile?: string[];
  metricsEvery?: string;
  events?: boolean;
  eventType?: string[];
  eventCode?: string[];
  eventSource?: string;
}

const SYSLOG_PORT = 6514;

export function alertChannelCommand(alert: Command): void {
  const channel = alert.command('channel').description('where alerts go');

  const add = channel
    .command('add <name>')
    .description('add a channel, or replace the one of that name')
    .option('--mail <address>', 'mail to this address (repeat)', several)
    .option('--webhook <url>', 'signed webhook')
    .option(
      '--teams-file <file>',
      'Microsoft Teams: file with the address of the workflow ("-": standard input)',
    )
    .option('--slack-file <file>', 'Slack: file with the address of the incoming webhook')
    .option('--syslog <host:port>', 'syslog over TLS (RFC 5424, RFC 5425)')
    .option('--otlp <url>', 'OpenTelemetry collector, base address of OTLP over HTTP')
    .option('--secret-file <file>', 'what signs a webhook (whsec_...); without it one is made and shown once')
    .option('--severity <info|warning|critical>', 'from this severity on')
    .option('--disabled', 'add it without using it')
    .option('--allow-private', 'connect to loopback and private addresses too')
    .option('--ca <file>', 'authority to be trusted besides the well-known ones, PEM')
    .option('--client-cert <file>', 'syslog: client certificate, PEM')
    .option('--client-key <file>', 'syslog: its private key, PEM')
    .option('--facility <number>', 'syslog: facility, 0 to 23')
    .option('--enterprise <number>', 'syslog: private enterprise number of the structured data')
    .option(
      '--header-file <name=file>',
      'OpenTelemetry: header field with the value in a file (repeat)',
      several,
    )
    .option('--metrics-every <seconds>', 'OpenTelemetry: send metrics so often; 0: not')
    .option('--events', 'syslog, OpenTelemetry: stream journal events as they happen')
    .option('--event-type <type>', '... only of this type (repeat)', several)
    .option('--event-code <code>', '... only with this code, or X9* (repeat)', several)
    .option('--event-source <name>', '... only of this source');
  withConnection(add).action(async (name: string, options: AddOptions) => {
    const settings = settingsOf(options);
    const { api, out } = await openSession(options);
    const body = { enabled: !options.disabled, minimumSeverity: options.severity, settings };
    const made = await api.send<Channel & { secret?: string }>(
      'PUT',
      `/alert-channels/${encodeURIComponent(name)}`,
      body,
    );
    out.answer(made, () => {
      out.done(`Channel ${name}: ${made.kind} to ${targetOf(made)}, from severity ${made.minimumSeverity}`);
      if (made.secret !== undefined) out.fields([['Signing secret, shown this once', made.secret]]);
      out.line(`Try it: postern alert test ${name}`);
    });
  });

  withConnection(channel.command('list').description('list channels')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const { items } = await api.get<Items<Channel>>('/alert-channels');
      out.answer(items, () =>
        out.table(
          ['NAME', 'KIND', 'TO', 'FROM SEVERITY', 'STREAMS', 'STATE'],
          items.map((one) => [
            one.name,
            one.kind,
            targetOf(one),
            one.minimumSeverity,
            one.events ? one.events.types.join(', ') || 'all events' : '',
            stateOf(one),
          ]),
          'No channels: alerts are recorded (postern alert list) and told to nobody.',
        ),
      );
    },
  );

  withConnection(channel.command('remove <name>').description('remove a channel')).action(
    async (name: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      await api.send('DELETE', `/alert-channels/${encodeURIComponent(name)}`);
      out.answer({ removed: name }, () => out.done(`Channel ${name} removed`));
    },
  );
}

function settingsOf(options: AddOptions): Record<string, unknown> {
  const { mail, webhook, teamsFile, slackFile, syslog, otlp, allowPrivate } = options;
  const kinds = [mail, webhook, teamsFile, slackFile, syslog, otlp];
  if (kinds.filter((one) => one !== undefined).length !== 1) {
    throw usage('say where to: one of --mail, --webhook, --teams-file, --slack-file, --syslog and --otlp');
  }
  if (mail) return { kind: 'mail', to: mail };
  const reached = { allowPrivate, ca: options.ca && textFile('--ca', options.ca) };
  if (webhook !== undefined) {
    const secret = options.secretFile && passwordFile('--secret-file', options.secretFile);
    return { kind: 'webhook', url: webhook, secret, ...reached };
  }
  if (teamsFile !== undefined)
    return { kind: 'teams', url: passwordFile('--teams-file', teamsFile).trim(), ...reached };
  if (slackFile !== undefined)
    return { kind: 'slack', url: passwordFile('--slack-file', slackFile).trim(), ...reached };
  const stream = { ...reached, events: eventsOf(options) };
  if (otlp !== undefined) {
    const seconds = options.metricsEvery && wholeNumber('--metrics-every', options.metricsEvery);
    return { kind: 'otlp', url: otlp, headers: headersOf(options), metricsSeconds: seconds, ...stream };
  }
  const { clientCert, clientKey } = options;
  if ((clientCert === undefined) !== (clientKey === undefined))
    throw usage('--client-cert and --client-key belong together');
  return {
    kind: 'syslog',
    ...hostAndPort('--syslog', syslog ?? '', SYSLOG_PORT),
    facility: options.facility && wholeNumber('--facility', options.facility),
    enterprise: options.enterprise,
    clientCertificate:
      clientCert === undefined || clientKey === undefined
        ? undefined
        : {
            certificate: textFile('--client-cert', clientCert),
            privateKey: textFile('--client-key', clientKey),
          },
    ...stream,
  };
}

function eventsOf({ events, eventType, eventCode, eventSource }: AddOptions) {
  if (!events && (eventType ?? eventCode ?? eventSource) === undefined) return undefined;
  return { types: eventType, codes: eventCode, source: eventSource };
}

function headersOf({ headerFile }: AddOptions): Record<string, string> | undefined {
  if (!headerFile) return undefined;
  return Object.fromEntries(
    headerFile.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw usage(`--header-file: expected NAME=FILE, not ${JSON.stringify(text)}`);
      return [text.slice(0, at), passwordFile('--header-file', text.slice(at + 1))];
    }),
  );
}

const targetOf = ({ to, address }: Channel): string => to?.join(', ') ?? address ?? '';

function stateOf({ enabled, trouble }: Channel): string {
  if (!enabled) return 'disabled';
  return trouble === undefined ? 'in use' : `failing: ${trouble.slice(0, 80)}`;
}
