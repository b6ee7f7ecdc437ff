import type { Command } from 'commander';
import type { z } from 'zod';
import type { approvedShape, deviceShape, planShape } from '../../api/routes/discovery.ts';
import type { Policy } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { showIssued } from '../credential-options.ts';
import { usage } from '../failure.ts';
import { octets, type Output, when } from '../output.ts';
import { changedPolicy, type PolicyOptions, withPolicy } from '../policy-options.ts';
import { confirm, wholeNumber } from '../values.ts';

type Device = z.infer<typeof deviceShape>;
type Counted = Device['hellos'];
type Plan = z.infer<typeof planShape>;
type Approved = z.infer<typeof approvedShape>;

const path = (device: string) => `/discovery/${encodeURIComponent(device)}`;

export function discoveryCommand(postern: Command): void {
  const discovery = postern
    .command('discovery')
    .description('devices that connect to a listener with learn, and are no known source');
  list(discovery);
  show(discovery);
  approve(discovery);
  dismiss(discovery);
  blocks(discovery);
}

function list(discovery: Command): void {
  const command = discovery
    .command('list')
    .description('list unknown devices, the last seen first')
    .option('--limit <number>', 'most devices', '500');
  withConnection(command).action(async (options: CommonOptions & { limit: string }) => {
    const { api, out } = await openSession(options);
    const items = await api.list<Device>('/discovery', {}, wholeNumber('--limit', options.limit));
    out.answer(items, () =>
      out.table(
        ['DEVICE', 'CALLS ITSELF', 'SENDS AS', 'TRIED AUTH', 'CONNECTIONS', 'MESSAGES', 'HELD', 'LAST SEEN'],
        items.map((one) => [
          one.network,
          first(one.hellos),
          one.pairs.length > 1
            ? `${senderOf(one.pairs[0])} and ${one.pairs.length - 1} more`
            : senderOf(one.pairs[0]),
          one.mechanisms.length > 0 ? first(one.accounts) || first(one.mechanisms) : '',
          String(one.connections),
          String(one.messages),
          one.held.messages > 0 ? `${one.held.messages} (${octets(one.held.bytes)})` : '',
          when(one.lastSeenAt),
        ]),
        'No unknown devices. A listener records them with learn = "hold" or "refuse" in its configuration.',
      ),
    );
  });
}

function show(discovery: Command): void {
  withConnection(
    discovery
      .command('show <device>')
      .description('show what was seen of a device: its network or identifier'),
  ).action(async (name: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const device = await api.get<Device>(path(name));
    out.answer(device, () => showDevice(out, device));
  });
}

type ApproveOptions = CommonOptions &
  PolicyOptions & {
    name?: string;
    owner?: string;
    description?: string;
    password?: boolean;
    network?: boolean;
    account?: string;
    held: string;
    dryRun?: boolean;
  };

function approve(discovery: Command): void {
  const command = discovery
    .command('approve <device>')
    .description(
      'make a device a source with the tightest policy that fits what was seen; options widen or narrow it',
    )
    .option('--name <name>', 'name of the source')
    .option('--owner <address>', 'e-mail address of the person who answers for it')
    .option('--description <text>', 'what it is')
    .option('--network', 'its network alone is proof enough, though it tried to authenticate')
    .option(
      '--password',
      'it gets an account with a generated password, though it did not try to authenticate',
    )
    .option('--account <name>', 'name of the account')
    .option('--held <release|drop>', 'what becomes of its held mail', 'release')
    .option('--dry-run', 'show source and policy, and change nothing');
  withConnection(withPolicy(command)).action(async (name: string, options: ApproveOptions) => {
    if (options.network && options.password) throw usage('say --network or --password, not both');
    if (options.held !== 'release' && options.held !== 'drop')
      throw usage('--held: expected release or drop');
    const { api, out } = await openSession(options);
    const wishes: Record<string, unknown> = {
      name: options.name,
      owner: options.owner,
      description: options.description,
      account: options.account,
      credential: options.network ? 'network' : options.password ? 'password' : undefined,
    };
    const seen = await api.send<Plan>('POST', `${path(name)}/plan`, wishes);
    const policy = changedPolicy(options, seen.policy);
    if (Object.keys(policy).length > 0) wishes['policy'] = policy;
    if (options.dryRun) {
      const plan = await api.send<Plan>('POST', `${path(name)}/plan`, wishes);
      out.answer(plan, () => showPlan(out, plan));
      return;
    }
    const approved = await api.send<Approved>('POST', `${path(name)}/approve`, {
      ...wishes,
      held: options.held,
    });
    out.answer(approved, () => showApproved(out, name, approved, seen.remarks));
  });
}

function dismiss(discovery: Command): void {
  const command = discovery
    .command('dismiss <device>')
    .description('forget a device and delete its held mail')
    .option('--block', 'record it no more')
    .option('--yes', 'do not ask');
  withConnection(command).action(
    async (name: string, options: CommonOptions & { block?: boolean; yes?: boolean }) => {
      const { api, out } = await openSession(options);
      const { network, held } = await api.get<Device>(path(name));
      const mail = held.messages > 0 ? ` and delete its ${held.messages} held messages` : '';
      await confirm(`Forget the device at ${network}${mail}?`, options.yes);
      const answer = await api.send<{ dropped: number }>('POST', `${path(name)}/dismiss`, {
        block: options.block ?? false,
      });
      out.answer(answer, () => {
        out.done(`Device at ${network} dismissed; ${answer.dropped} held messages deleted`);
        if (!options.block) out.note('It is recorded again when it comes back; --block prevents that.');
      });
    },
  );
}

function blocks(discovery: Command): void {
  withConnection(
    discovery.command('blocks').description('list the networks from which no device is recorded'),
  ).action(async (options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const { items } = await api.get<{ items: { network: string; createdAt: number }[] }>('/discovery-blocks');
    out.answer(items, () =>
      out.table(
        ['NETWORK', 'SINCE'],
        items.map((one) => [one.network, when(one.createdAt)]),
        'No network is blocked.',
      ),
    );
  });
  withConnection(
    discovery.command('block <network>').description('record no device of a network any more'),
  ).action(async (network: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const block = await api.send<{ network: string }>('POST', '/discovery-blocks', { network });
    out.answer(block, () => out.done(`Devices of ${block.network} are no longer recorded`));
  });
  withConnection(
    discovery.command('unblock <network>').description('record devices of a network again'),
  ).action(async (network: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    await api.send('DELETE', `/discovery-blocks/${encodeURIComponent(network)}`);
    out.answer({ unblocked: network }, () => out.done(`Devices of ${network} are recorded again`));
  });
}

function first(values: Counted): string {
  const [one] = values;
  return one === undefined
    ? ''
    : values.length > 1
      ? `${one.value} and ${values.length - 1} more`
      : one.value;
}

function senderOf(pair: Device['pairs'][number] | undefined): string {
  if (pair === undefined) return '';
  const envelope = pair.envelope || '<>';
  const header = pair.header || '(no From)';
  return envelope === header ? envelope : `${envelope}, From ${header}`;
}

function showDevice(out: Output, device: Device): void {
  const lines = (values: Counted, others = 0): string =>
    [
      ...values.map(({ value, count }) => `${value}  ×${count}`),
      ...(others > 0 ? [`(others ×${others})`] : []),
    ].join('\n');
  const of = (topic: 'hellos' | 'tls' | 'serverNames' | 'tlsFailures' | 'mechanisms' | 'refusals') =>
    lines(device[topic], device.others[topic]);
  const { minute, hour, day } = device.peaks;
  out.fields([
    ['Device', `${device.network} (${device.id})`],
    ['State', device.state],
    ['Pending source', device.source],
    [
      'Addresses',
      device.network.includes('/') ? lines(device.addresses, device.others['addresses']) : undefined,
    ],
    ['Calls itself', of('hellos')],
    ['First seen', when(device.firstSeenAt)],
    ['Last seen', when(device.lastSeenAt)],
    ['Connections', `${device.connections}, at most ${device.mostConnections} at the same time`],
    ['Listeners', lines(device.listeners)],
    ['TLS', of('tls')],
    ['Server names', of('serverNames')],
    ['TLS failures', of('tlsFailures')],
    ['AUTH tried', of('mechanisms')],
    [
      'Accounts tried',
      device.accounts
        .map(
          ({ value, count, source }) =>
            `${value}  ×${count}${source ? ` (account of source ${source})` : ''}`,
        )
        .join('\n'),
    ],
    ['Messages', `${device.messages}, ${device.messagesWithoutTls} of them without TLS`],
    ['Held', device.held.messages > 0 ? `${device.held.messages} (${octets(device.held.bytes)})` : undefined],
    ['Sends as', device.pairs.map((pair) => `${senderOf(pair)}  ×${pair.count}`).join('\n')],
    ['Writes to', lines(device.recipientDomains, device.others['recipientDomains'])],
    ['Recipients', lines(device.recipients, device.others['recipients'])],
    ['Largest', device.messages > 0 ? octets(device.largest) : undefined],
    [
      'Peaks',
      device.messages > 0
        ? `${minute.messages} a minute, ${hour.messages} an hour, ${day.messages} a day`
        : undefined,
    ],
    [
      'Hours (UTC)',
      device.hours
        .map((count, at) => (count > 0 ? `${at}:00 ×${count}` : ''))
        .filter((text) => text !== '')
        .join(', '),
    ],
    ['Refusals', of('refusals')],
  ]);
  out.line();
  out.line(`Approve it: postern discovery approve ${device.network} --dry-run`);
}

function showPlan(out: Output, { name, owner, policy, credential, remarks }: Plan): void {
  out.fields([
    ['Source', name],
    ['Owner', owner],
    ['Proof', credential.kind === 'network' ? 'its network' : `account ${credential.account} and a password`],
    ['Networks', credential.networks.join('\n')],
    ['Sends as', policy.pairs.map(senderOfPair).join('\n')],
    ['Null sender', policy.nullSender ? 'allowed' : undefined],
    ['From added', policy.repair.missingFrom],
    ['Recipients', [policy.recipients.allow, ...policy.recipients.patterns].join('\n')],
    ['Largest', octets(policy.maxSize)],
    ['Most recipients', String(policy.maxRecipients)],
    ['Connections', String(policy.connections)],
    ['Limits', policy.limits.map(({ unit, per, most }) => `${unit}/${per}=${most}`).join('\n')],
  ]);
  for (const remark of remarks) out.note(remark);
}

function senderOfPair({ envelope, header }: Policy['pairs'][number]): string {
  return envelope === header ? envelope : `${envelope}, From ${header}`;
}

function showApproved(out: Output, device: string, approved: Approved, remarks: string[]): void {
  const { source, credential, password, released, refused, dropped } = approved;
  out.done(`Source ${source.name} made of the device at ${device}`);
  if (credential) showIssued(out, source.name, [{ credential, password }]);
  if (released.length > 0) out.done(`${released.length} held messages go on`);
  if (dropped > 0) out.done(`${dropped} held messages deleted`);
  for (const { message, code, text } of refused) out.note(`${message} stays held: ${code ?? ''} ${text}`);
  if (refused.length > 0) {
    out.line(`Widen the policy and approve again, or delete them: postern discovery dismiss ${device}`);
  }
  for (const remark of remarks) out.note(remark);
}
