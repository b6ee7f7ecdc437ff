import type { Command } from 'commander';
import type { Items, Route } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { usage } from '../failure.ts';
import { askPassword, hostAndPort, passwordFile, several, textFile, wholeNumber } from '../values.ts';

interface SetOptions extends CommonOptions {
  smarthost?: string[];
  mx?: boolean;
  sandbox?: boolean;
  tls?: string;
  implicitTls?: boolean;
  user?: string;
  passwordFile?: string;
  clientCert?: string;
  clientKey?: string;
  recipientDomain?: string;
  senderDomain?: string;
  source?: string;
  connections?: string;
  messagesPerConnection?: string;
}

const SUBMISSIONS_PORT = 465;
const SMTP_PORT = 25;

export function routeCommand(postern: Command): void {
  const route = postern
    .command('route')
    .description('how recipients are reached; without a route all mail goes to the sandbox inbox');

  const set = route
    .command('set <name>')
    .description('add a route, or replace the one of that name')
    .option('--smarthost <host:port>', 'hand over to this server (repeat: tried in order)', several)
    .option('--mx', 'deliver to the servers that the recipient domain names')
    .option('--sandbox', 'keep in the sandbox inbox')
    .option('--tls <none|opportunistic|verified>', 'how sure the connection must be')
    .option('--implicit-tls', 'TLS from the first octet (port 465)')
    .option('--user <name>', 'account at the smart host')
    .option(
      '--password-file <file>',
      'its password, from the first line of a file ("-": standard input); asked for when absent',
    )
    .option('--client-cert <file>', 'client certificate, PEM')
    .option('--client-key <file>', 'its private key, PEM')
    .option('--recipient-domain <domain>', 'only for recipients of this domain, or *.corp.example')
    .option('--sender-domain <domain>', 'only for senders of this domain')
    .option('--source <name>', 'only for this source')
    .option('--connections <number>', 'most connections to one server')
    .option('--messages-per-connection <number>', 'messages before a connection is closed');
  withConnection(set).action(async (name: string, options: SetOptions) => {
    const { api, out } = await openSession(options);
    const { recipientDomain, senderDomain, source } = options;
    const body = {
      match: { recipientDomain, senderDomain, source },
      target: await targetOf(options),
      tls: options.tls ?? (options.smarthost && options.user ? 'verified' : undefined),
      connections: options.connections && wholeNumber('--connections', options.connections),
      messagesPerConnection:
        options.messagesPerConnection &&
        wholeNumber('--messages-per-connection', options.messagesPerConnection),
    };
    const made = await api.send<Route>('PUT', `/routes/${encodeURIComponent(name)}`, body);
    out.answer(made, () =>
      out.done(`Route ${name}: ${conditionOf(made)} → ${targetText(made)}, TLS ${made.tls}`),
    );
  });

  withConnection(
    route
      .command('list')
      .description('list routes, in the order in which they are tried: the more exact first'),
  ).action(async (options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const { items } = await api.get<Items<Route>>('/routes');
    out.answer(items, () =>
      out.table(
        ['NAME', 'FOR', 'TO', 'TLS', 'CONNECTIONS'],
        items.map((one) => [one.name, conditionOf(one), targetText(one), one.tls, String(one.connections)]),
        'No routes: all mail goes to the sandbox inbox (postern inbox), nothing leaves.',
      ),
    );
  });

  const which = route
    .command('which <recipient>')
    .description('say which route mail to this address would take now')
    .option('--sender <address>', 'envelope sender')
    .option('--source <name>', 'source that sends it');
  withConnection(which).action(
    async (recipient: string, options: CommonOptions & { sender?: string; source?: string }) => {
      const { api, out } = await openSession(options);
      const { sender, source } = options;
      const query = new URLSearchParams(
        Object.entries({ recipient, sender, source }).filter(
          (one): one is [string, string] => one[1] !== undefined,
        ),
      );
      const choice = await api.get<{ domain: string; route?: Route }>(`/route-choice?${query.toString()}`);
      out.answer(choice, () =>
        out.line(
          choice.route
            ? `Route ${choice.route.name}: ${targetText(choice.route)}, TLS ${choice.route.tls}`
            : 'No route matches: the sandbox inbox keeps it, nothing leaves.',
        ),
      );
    },
  );

  withConnection(route.command('remove <name>').description('remove a route')).action(
    async (name: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      await api.send('DELETE', `/routes/${encodeURIComponent(name)}`);
      out.answer({ removed: name }, () => out.done(`Route ${name} removed`));
    },
  );
}

async function targetOf(options: SetOptions): Promise<unknown> {
  const { smarthost, mx, sandbox, user, clientCert, clientKey, implicitTls } = options;
  if ([smarthost, mx, sandbox].filter(Boolean).length !== 1)
    throw usage('say where to: one of --smarthost, --mx and --sandbox');
  if (!smarthost && (user ?? clientCert ?? implicitTls) !== undefined) {
    throw usage('--user, --client-cert and --implicit-tls belong to --smarthost');
  }
  if ((clientCert === undefined) !== (clientKey === undefined))
    throw usage('--client-cert and --client-key belong together');
  if (user === undefined && options.passwordFile !== undefined) throw usage('--password-file needs --user');
  if (mx) return { kind: 'mx' };
  if (sandbox) return { kind: 'sandbox' };
  const port = implicitTls ? SUBMISSIONS_PORT : SMTP_PORT;
  return {
    kind: 'smarthost',
    hosts: smarthost?.map((text) => hostAndPort('--smarthost', text, port)),
    implicitTls: implicitTls ?? false,
    authentication:
      user === undefined
        ? undefined
        : {
            username: user,
            password:
              options.passwordFile === undefined
                ? await askPassword()
                : passwordFile('--password-file', options.passwordFile),
          },
    clientCertificate:
      clientCert === undefined || clientKey === undefined
        ? undefined
        : {
            certificate: textFile('--client-cert', clientCert),
            privateKey: textFile('--client-key', clientKey),
          },
  };
}

function conditionOf({ match }: Route): string {
  const parts = [
    match.source && `source ${match.source}`,
    match.recipientDomain && `to ${match.recipientDomain}`,
    match.senderDomain && `from ${match.senderDomain}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : 'everything else';
}

function targetText({ target }: Route): string {
  if (target.kind !== 'smarthost') return target.kind;
  const hosts = (target.hosts ?? []).map(
    ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`,
  );
  const extras = [
    target.implicitTls && 'implicit TLS',
    target.username && `as ${target.username}`,
    target.clientCertificate && 'client certificate',
  ].filter(Boolean);
  return `${hosts.join(', ')}${extras.length > 0 ? ` (${extras.join(', ')})` : ''}`;
}
