import type { Command } from 'commander';
import type { z } from 'zod';
import type * as shapes from '../../api/lab-shapes.ts';
import type { Session } from '../command.ts';
import { usage } from '../failure.ts';
import { LAB_FOLDER, type LabOptions, openLab, withLab } from '../lab-connection.ts';
import { contentAt, showContent } from '../message-content.ts';
import { octets, type Output, printable, when } from '../output.ts';
import { confirm, wholeNumber } from '../values.ts';
import { labActorCommands } from './lab-actors.ts';
import { labCmdletCommands, writeReport } from './lab-cmdlets.ts';
import { labTourCommand } from './lab-tour.ts';

type Status = z.infer<typeof shapes.labStatusShape>;
type Setting = z.infer<typeof shapes.labSettingShape>;
type Mailbox = z.infer<typeof shapes.labMailboxShape>;
type Message = z.infer<typeof shapes.labMessageShape>;
type Trace = z.infer<typeof shapes.labTraceShape>;
type Detail = z.infer<typeof shapes.labTraceDetailShape>;

type TenantOptions = LabOptions & { tenant?: string };

interface Shown {
  entry: Message;
}

/** First of the lab's five ports; see FIRST_PORT of src/lab-start.ts. */
const PORT = '10025';

export function labCommand(postern: Command): void {
  const lab = postern
    .command('lab')
    .description('a safe stand-in for an Exchange Online tenant, to watch Direct Send and its refusal');
  startCommand(lab);
  settingCommands(lab);
  mailboxCommands(lab);
  traceCommands(lab);
  dnsCommand(lab);
  labCmdletCommands(lab);
  labActorCommands(lab);
  labTourCommand(lab);
}

function startCommand(lab: Command): void {
  lab
    .command('start')
    .description('start a lab: name server, relay, and the front door of two organisations; loopback only')
    .option('--data <folder>', 'folder of the lab', LAB_FOLDER)
    .option('--lang <language>', 'en or fr', 'en')
    .option('--port <first>', 'the first of five ports in a row; 0: any that are free', PORT)
    .action(async (options: { data: string; lang: string; port: string }) => {
      const language = options.lang.toLowerCase();
      if (language !== 'en' && language !== 'fr')
        throw usage(`--lang: expected en or fr, not ${options.lang}`);
      const firstPort = wholeNumber('--port', options.port);
      if (firstPort > 65_531) throw usage('--port: five ports in a row are needed; choose one up to 65531');
      const { runLab } = await import('../../lab-start.ts');
      await runLab({ data: options.data, language, firstPort });
    });
}

function settingCommands(lab: Command): void {
  withLab(
    lab.command('status').description('where it listens, its settings, what lies in its mailboxes'),
  ).action(async (options: LabOptions) => {
    const { api, out } = await openLab(options);
    const [status, { items: settings }, { items: mailboxes }] = await Promise.all([
      api.get<Status>('/lab'),
      api.get<{ items: Setting[] }>('/lab/settings'),
      api.get<{ items: Mailbox[] }>('/lab/mailboxes'),
    ]);
    out.answer({ ...status, settings, mailboxes }, () => showStatus(out, status, settings, mailboxes));
  });

  withLab(
    lab.command('set <name> <value>').description('change a setting: postern lab set RejectDirectSend true'),
  )
    .option('--tenant <name>', 'contoso or fabrikam (default: contoso)')
    .action(async (name: string, value: string, options: TenantOptions) => {
      const { api, out } = await openLab(options);
      const tenant = options.tenant === undefined ? '' : `?tenant=${encodeURIComponent(options.tenant)}`;
      const { items } = await api.send<{ items: Setting[] }>('PATCH', `/lab/settings${tenant}`, {
        [name]: value,
      });
      const [setting] = items;
      out.answer(setting, () => out.done(`${setting?.name}: ${valueText(setting?.value ?? '')}`));
    });

  withLab(lab.command('settings').description('list what can be set'))
    .option('--tenant <name>', 'contoso or fabrikam (default: contoso)')
    .action(async (options: TenantOptions) => {
      const { api, out } = await openLab(options);
      const { items } = await api.get<{ items: Setting[] }>('/lab/settings', { tenant: options.tenant });
      out.answer(items, () => {
        const width = Math.max(...items.map(({ name }) => name.length)) + 2;
        for (const { name, value, description } of items) {
          out.line(`${out.style('bold', name.padEnd(width))}${valueText(value)}`);
          out.line(out.style('dim', `  ${description}`));
        }
      });
    });

  withLab(
    lab.command('reset').description('make everything as at the first start: settings, mailboxes, trace'),
  )
    .option('--yes', 'do not ask')
    .action(async (options: LabOptions & { yes?: boolean }) => {
      const { api, out } = await openLab(options);
      await confirm('Forget all messages and settings of the lab?', options.yes);
      const answer = await api.send<Status>('POST', '/lab/reset');
      out.answer(answer, () => out.done('the lab is as at its first start'));
    });
}

function mailboxCommands(lab: Command): void {
  withLab(lab.command('inbox [mailbox]').description('what has arrived, newest first'))
    .option('--folder <name>', 'Inbox, Junk or Quarantine')
    .option('--limit <number>', 'most messages', '50')
    .action(async (mailbox: string | undefined, options: LabOptions & { folder?: string; limit: string }) => {
      const { api, out } = await openLab(options);
      const folder = ['Inbox', 'Junk', 'Quarantine'].find(
        (one) => one.toLowerCase() === options.folder?.toLowerCase(),
      );
      if (options.folder !== undefined && folder === undefined)
        throw usage(`--folder: expected Inbox, Junk or Quarantine, not ${options.folder}`);
      const limit = wholeNumber('--limit', options.limit);
      const items = await api.list<Message>('/lab/messages', { mailbox, folder }, limit);
      out.answer(items, () =>
        out.table(
          ['ID', 'RECEIVED', 'MAILBOX', 'FOLDER', 'FROM', 'SUBJECT', 'FOUND'],
          items.map((one) => [
            one.id,
            when(one.receivedAt),
            one.mailbox,
            one.folder,
            one.headerFrom,
            one.subject.slice(0, 40),
            foundText(one),
          ]),
          'Nothing has arrived yet.',
        ),
      );
    });

  withLab(lab.command('show <id>').description('show a message: what was found, headers, text, attachments'))
    .option('--raw', 'the octets as they lie in the mailbox')
    .action(async (id: string, options: LabOptions & { raw?: boolean }) => {
      const { api, out } = await openLab(options);
      if (!/^[0-9a-f]{12}$/.test(id))
        throw usage(`${id} is no identifier of a message; postern lab inbox lists them`);
      if (options.raw) {
        out.octets(await api.raw(`/lab/messages/${id}/raw`));
        return;
      }
      const shown = await api.get<Shown>(`/lab/messages/${id}`);
      const content = await contentAt({ api }, `/lab/messages/${id}`);
      out.answer({ ...shown, ...content }, () => {
        showEntry(out, shown);
        showContent(out, content, `postern lab show ${id} --raw`);
      });
    });
}

function traceCommands(lab: Command): void {
  withLab(
    lab
      .command('trace [message-trace-id] [recipient]')
      .description('message trace, newest first; with an identifier and a recipient, the events of that row'),
  )
    .option('--sender <address>', '*@contoso.test takes a domain')
    .option('--recipient <address>', '*@contoso.test takes a domain')
    .option('--status <status>', 'Delivered, Failed, FilteredAsSpam, Quarantined or Pending')
    .option('--limit <number>', 'most rows', '100')
    .action(
      async (
        id: string | undefined,
        recipient: string | undefined,
        options: LabOptions & { sender?: string; recipient?: string; status?: string; limit: string },
      ) => {
        const session = await openLab(options);
        if (id !== undefined) {
          if (recipient === undefined)
            throw usage('the events are those of one recipient: name it after the identifier');
          await showEvents(session, id, recipient);
          return;
        }
        const { api, out } = session;
        const { items } = await api.get<{ items: Trace[] }>('/lab/trace', {
          sender: options.sender,
          recipient: options.recipient,
          status: options.status,
          resultSize: wholeNumber('--limit', options.limit),
        });
        out.answer(items, () =>
          out.table(
            ['RECEIVED', 'MESSAGE TRACE ID', 'FROM IP', 'SENDER', 'RECIPIENT', 'STATUS'],
            items.map((one) => [
              when(Date.parse(one.Received)),
              one.MessageTraceId,
              one.FromIP,
              one.SenderAddress,
              one.RecipientAddress,
              one.Status,
            ]),
            'The trace is empty.',
          ),
        );
      },
    );

  withLab(
    lab
      .command('export <report>')
      .description('write a report: MessageTrace, MessageTraceDetail (27 columns) or ConnectorReport'),
  )
    .option(
      '--connector-type <type>',
      'of a ConnectorReport: NoConnector, Partner or OnPremises',
      'NoConnector',
    )
    .option('--sender <address>', 'only mail of this sender')
    .option('--out <file>', 'file (default: the name of the report)')
    .action(
      async (
        report: string,
        options: LabOptions & { connectorType: string; sender?: string; out?: string },
      ) => {
        const names = ['MessageTrace', 'MessageTraceDetail', 'ConnectorReport'];
        const reportType = names.find((one) => one.toLowerCase() === report.toLowerCase());
        if (reportType === undefined)
          throw usage(`there is no report ${report}; there are ${names.join(', ')}`);
        await writeReport(await openLab(options), options.out ?? `${reportType}.csv`, {
          reportTitle: reportType,
          reportType,
          connectorType: reportType === 'ConnectorReport' ? options.connectorType : undefined,
          senderAddress: options.sender,
        });
      },
    );
}

function dnsCommand(lab: Command): void {
  withLab(
    lab
      .command('dns <name> <type> [values...]')
      .description('what the name server of the lab answers; with values, what it answers from now on'),
  )
    .option('--remove', 'remove all records of this name and type')
    .action(
      async (name: string, type: string, values: string[], options: LabOptions & { remove?: boolean }) => {
        const { api, out } = await openLab(options);
        if (options.remove && values.length > 0) throw usage('either values, or --remove');
        const target = `/lab/dns/${encodeURIComponent(name)}/${encodeURIComponent(type.toUpperCase())}`;
        const answer =
          options.remove || values.length > 0
            ? await api.send<{ values: string[] }>('PUT', target, { values })
            : await api.get<{ values: string[] }>(target);
        out.answer(answer, () => {
          if (answer.values.length === 0) out.line(`${name} has no ${type.toUpperCase()} record.`);
          for (const value of answer.values) out.line(printable(value));
        });
      },
    );
}

async function showEvents({ api, out }: Session, id: string, recipient: string): Promise<void> {
  const target = `/lab/trace/${encodeURIComponent(id)}/${encodeURIComponent(recipient)}`;
  const { items } = await api.get<{ items: Detail[] }>(target);
  out.answer(items, () => {
    if (items.length === 0) out.line('There is no such row: the recipient must be the one of the message.');
    for (const { Date: at, Event, Detail: detail, Data } of items) {
      out.line(`${out.style('dim', when(Date.parse(at)))} ${out.style('bold', Event)} ${printable(detail)}`);
      out.line(`  ${printable(Data)}`);
    }
  });
}

function showStatus(out: Output, status: Status, settings: Setting[], mailboxes: Mailbox[]): void {
  const { frontDoor, relay, dns, folder } = status;
  out.fields([
    [
      'Front door',
      `${frontDoor.host}:${frontDoor.port}, with PROXY header ${frontDoor.host}:${frontDoor.proxiedPort}`,
    ],
    ['Relay', `${relay.host}:${relay.port}, account ${relay.account}, from ${relay.from}`],
    ['DNS', dns.address],
    ['Folder', folder],
  ]);
  out.line();
  out.fields(settings.map(({ name, value }) => [name, valueText(value)]));
  out.line();
  out.table(
    ['MAILBOX', 'NAME', 'INBOX', 'JUNK', 'QUARANTINE'],
    mailboxes.map((one) => [
      one.address,
      one.name,
      String(one.inbox),
      String(one.junk),
      String(one.quarantine),
    ]),
    'There are no mailboxes.',
  );
}

function showEntry(out: Output, { entry }: Shown): void {
  const { verdict } = entry;
  out.fields([
    [
      'Message',
      `${entry.id} in ${entry.folder} of ${entry.mailbox}, ${when(entry.receivedAt)}, ${octets(entry.size)}`,
    ],
    ['From', `${verdict.clientAddress}, which called itself ${verdict.hello}`],
    ['Envelope', entry.from || '<>'],
    [
      'Attributed',
      `${verdict.directionality}${verdict.connector === undefined ? '' : ` by connector ${verdict.connector}`}${verdict.directSend ? ', Direct Send' : ''}`,
    ],
    [
      'Found',
      `spf=${verdict.spf} dkim=${verdict.dkim} dmarc=${verdict.dmarc} action=${verdict.action} compauth=${verdict.compauth} reason=${verdict.reason} SCL ${verdict.scl} ${verdict.category}`,
    ],
    ['Not documented', verdict.open.join(', ')],
  ]);
  out.line();
}

function foundText({ verdict }: Message): string {
  const by = verdict.connector ?? (verdict.directSend ? 'Direct Send' : 'internet');
  return `${by}, dmarc=${verdict.dmarc} ${verdict.compauth}/${verdict.reason}`;
}

function valueText(value: Setting['value']): string {
  return Array.isArray(value) ? value.join(', ') || '(none)' : String(value);
}
