import type { Command } from 'commander';
import type { Credential, Issued, Items, Policy, Source } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import {
  addCredentials,
  type CredentialOptions,
  showCredentials,
  showIssued,
  wantedCredentials,
  withCredentials,
} from '../credential-options.ts';
import { Failure, usage } from '../failure.ts';
import { octets, type Output, when } from '../output.ts';
import {
  detailsOf,
  type DetailOptions,
  filterOf,
  type FilterOptions,
  withDetails,
  withFilter,
} from '../source-options.ts';
import { lifecycleCommands } from './source-lifecycle.ts';
import { changedPolicy, type PolicyOptions, withPolicy } from '../policy-options.ts';
import { askPassword, confirm, passwordFile, several, wholeNumber } from '../values.ts';
import { sheetCommand } from './compatibility.ts';

/** What a list says that is empty: of all, or of what was looked for. */
function empty(options: FilterOptions): string {
  return Object.values(filterOf(options, 0)).some((value) => value !== undefined)
    ? 'No source matches.'
    : 'No sources. Add one: postern source add NAME --from ADDRESS';
}

const path = (name: string) => `/sources/${encodeURIComponent(name)}`;

export function sourceCommand(postern: Command): void {
  const source = postern.command('source').description('applications and devices that may send');
  add(source);
  list(source);
  show(source);
  edit(source);
  lifecycleCommands(source);
  rotate(source);
  remove(source);
  sheetCommand(source);
  credentials(source);
}

type AddOptions = CommonOptions &
  PolicyOptions &
  CredentialOptions &
  DetailOptions & { owner?: string; description?: string };

function add(source: Command): void {
  const command = source
    .command('add <name>')
    .description(
      'add a source; without an option that says otherwise it gets an account with a generated password',
    )
    .option('--owner <address>', 'e-mail address of the person who answers for it')
    .option('--description <text>', 'what it is')
    .option('--state <state>', 'first state: pending, sandboxed or active', 'active');
  withConnection(withCredentials(withPolicy(withDetails(command)))).action(
    async (name: string, options: AddOptions & { state: string }) => {
      const { api, out } = await openSession(options);
      let wanted = await wantedCredentials(options);
      if (wanted.length === 0) wanted = await wantedCredentials({ ...options, password: true });
      const { owner, description } = options;
      const made = await api.send<Source>('POST', '/sources', {
        name,
        owner,
        description,
        state: options.state,
        ...detailsOf(options, []),
        policy: changedPolicy(options, await api.get<Policy>('/default-policy')),
      });
      let issued: Issued[];
      try {
        issued = await addCredentials(api, name, wanted);
      } catch (error) {
        // a source that nobody can use, or with half of its credentials, is not what was asked for
        await api.send('DELETE', path(name)).catch(() => {
          const left = `source ${name} could not be taken back: postern source remove ${name}`;
          throw new Failure(`${(error as Error).message}; ${left}`);
        });
        throw error;
      }
      out.answer({ source: made, credentials: issued }, () => {
        out.done(`Source ${name} added`);
        showIssued(out, name, issued);
        if (made.policy.pairs.length === 0) {
          out.line();
          out.note(`It may not send as anybody yet: postern source edit ${name} --from ADDRESS`);
        }
      });
    },
  );
}

function list(source: Command): void {
  const command = source
    .command('list')
    .description('list or search sources')
    .option('--sort <order>', 'name, lastUsed, owner, state or created; -name: the other way round')
    .option('--limit <number>', 'most sources', '1000');
  withConnection(withFilter(command)).action(
    async (options: CommonOptions & FilterOptions & { limit: string; sort?: string }) => {
      const { api, out } = await openSession(options);
      const items = await api.list<Source>(
        '/sources',
        { ...filterOf(options, Date.now()), sort: options.sort },
        wholeNumber('--limit', options.limit),
      );
      out.answer(items, () =>
        out.table(
          ['NAME', 'STATE', 'SENDS AS', 'TO', 'OWNER', 'LAST USED', 'DESCRIPTION'],
          items.map((one) => [
            one.name,
            stateOf(one),
            shorten(senders(one.policy)),
            one.policy.recipients.allow,
            one.owner,
            when(one.lastUsedAt) || 'never',
            shorten(one.description),
          ]),
          empty(options),
        ),
      );
    },
  );
}

function show(source: Command): void {
  const command = source.command('show <name>').description('show a source with its policy and credentials');
  withConnection(command).action(async (name: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const one = await api.get<Source>(path(name));
    const { items } = await api.get<Items<Credential>>(`${path(name)}/credentials`);
    out.answer({ ...one, credentials: items }, () => {
      showSource(out, one);
      out.line();
      showCredentials(out, items, Date.now());
    });
  });
}

type EditOptions = AddOptions & { rename?: string };

function edit(source: Command): void {
  const command = source
    .command('edit <name>')
    .description('change a source; --from, --recipient and --network add to what is there')
    .option('--rename <name>', 'new name')
    .option('--owner <address>', 'e-mail address of the person who answers for it')
    .option('--description <text>', 'what it is')
    .option('--remove-from <pattern>', 'may no longer send as (repeat for more)', several)
    .option('--remove-recipient <pattern>', 'take a recipient pattern away (repeat for more)', several);
  withConnection(withCredentials(withPolicy(withDetails(command)))).action(
    async (name: string, options: EditOptions) => {
      const { api, out } = await openSession(options);
      const wanted = await wantedCredentials(options);
      const before = await api.getWithTag<Source>(path(name));
      const { rename, owner, description } = options;
      const policy = changedPolicy(options, before.value.policy);
      const changes = {
        name: rename,
        owner,
        description,
        ...detailsOf(options, before.value.tags),
        policy: Object.keys(policy).length > 0 ? policy : undefined,
      };
      const edits = Object.values(changes).some((value) => value !== undefined);
      if (!edits && wanted.length === 0)
        throw usage('nothing to change; postern source edit --help lists what there is');
      // the version that was read: what somebody else changed meanwhile is not overwritten
      const after = edits ? await api.send<Source>('PATCH', path(name), changes, before.tag) : before.value;
      const issued = await addCredentials(api, after.name, wanted);
      out.answer({ source: after, credentials: issued }, () => {
        out.done(`Source ${after.name} changed`);
        showIssued(out, name, issued);
      });
    },
  );
}

function rotate(source: Command): void {
  const command = source
    .command('rotate <name>')
    .description('make a new password or API key; the old one works for a while longer')
    .option('--credential <id>', 'which one, when there are several')
    .option('--grace <hours>', 'how long the old one still works', '24')
    .option('--password-file <file>', 'take the new password from the first line of a file')
    .option('--password-prompt', 'ask for the new password');
  withConnection(command).action(
    async (
      name: string,
      options: CommonOptions & {
        credential?: string;
        grace: string;
        passwordFile?: string;
        passwordPrompt?: boolean;
      },
    ) => {
      const { api, out } = await openSession(options);
      const graceHours = Number(options.grace);
      if (!(graceHours >= 0)) throw usage('--grace: expected a number of hours');
      const { passwordFile: file } = options;
      const password =
        file === undefined
          ? options.passwordPrompt
            ? await askPassword()
            : undefined
          : passwordFile('--password-file', file);
      const answer = await api.send<Issued & { replaced: Credential }>('POST', `${path(name)}/rotate`, {
        credential: options.credential,
        graceHours,
        password,
      });
      out.answer(answer, () => {
        out.done(`New secret for source ${name}; the old one ends ${when(answer.replaced.expiresAt)}`);
        showIssued(out, name, [answer]);
      });
    },
  );
}

function remove(source: Command): void {
  const command = source
    .command('remove <name>')
    .description('remove a source with its credentials')
    .option('--yes', 'do not ask');
  withConnection(command).action(async (name: string, options: CommonOptions & { yes?: boolean }) => {
    const { api, out } = await openSession(options);
    const { value, tag } = await api.getWithTag<Source>(path(name));
    await confirm(`Remove source ${value.name} and its credentials for good?`, options.yes);
    await api.send('DELETE', path(name), undefined, tag);
    out.answer({ removed: value.name }, () => out.done(`Source ${value.name} removed`));
  });
}

function credentials(source: Command): void {
  const credential = source.command('credential').description('how a source proves who it is');
  const added = credential.command('add <name>').description('add credentials to a source');
  withConnection(withCredentials(added)).action(
    async (name: string, options: CommonOptions & CredentialOptions) => {
      const { api, out } = await openSession(options);
      const wanted = await wantedCredentials(options);
      if (wanted.length === 0)
        throw usage(
          'say which kind: --password, --api-key, --network, --certificate-fingerprint, --certificate-subject or --oauth',
        );
      const issued = await addCredentials(api, name, wanted);
      out.answer(issued, () => {
        out.done(
          `${issued.length === 1 ? 'Credential' : `${issued.length} credentials`} added to source ${name}`,
        );
        showIssued(out, name, issued);
      });
    },
  );
  withConnection(credential.command('list <name>').description('list the credentials of a source')).action(
    async (name: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const { items } = await api.get<Items<Credential>>(`${path(name)}/credentials`);
      out.answer(items, () => showCredentials(out, items, Date.now()));
    },
  );
  withConnection(credential.command('revoke <name> <id>').description('end a credential at once')).action(
    async (name: string, id: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      if (!/^crd_\w+$/.test(id))
        throw new Failure(`${id} is no credential; postern source credential list ${name} shows them`);
      const revoked = await api.send<Credential>('DELETE', `${path(name)}/credentials/${id}`);
      out.answer(revoked, () => out.done(`Credential ${revoked.id} revoked`));
    },
  );
}

function showSource(out: Output, { policy, ...source }: Source): void {
  const { recipients, repair, rewrite, unaligned } = policy;
  const repairs = [
    ...(repair.missingHeaders ? ['missing headers'] : []),
    ...(repair.longLines ? ['long lines'] : []),
    ...(repair.rawHeaders ? ['raw headers'] : []),
    ...(repair.missingFrom ? [`missing From: ${repair.missingFrom}`] : []),
  ];
  out.heading(source.name);
  out.fields([
    ['State', stateOf(source)],
    [
      '',
      source.stateChange &&
        `since ${when(source.stateChange.at)}, by ${source.stateChange.by}${source.stateChange.reason && `: ${source.stateChange.reason}`}`,
    ],
    [
      'Requested',
      source.request &&
        `${when(source.request.at)} by ${source.request.by}${source.request.purpose && `: ${source.request.purpose}`}`,
    ],
    ['Test message', source.request && (when(source.request.testedAt) || 'none yet')],
    ['Retired on', source.brownOut && `${when(source.brownOut.until)}: ${source.brownOut.reason}`],
    ['Description', source.description],
    ['Owner', source.owner],
    ['Contact', source.contact],
    ['Site', source.site],
    ['Tags', source.tags.join(', ')],
    ['Notes', source.notes],
    ['Last used', when(source.lastUsedAt) || 'never'],
    ['Sends as', senders(policy).join('\n') || 'nobody yet (add --from)'],
    ['Null sender', policy.nullSender ? 'allowed' : undefined],
    ['Writes to', [recipients.allow, ...recipients.patterns].join('\n')],
    ['Largest message', policy.maxSize === 0 ? 'as the relay allows' : octets(policy.maxSize)],
    ['Most recipients', String(policy.maxRecipients)],
    ['Connections', String(policy.connections)],
    [
      'Limits',
      `${policy.limits.map(({ unit, per, most }) => `${unit === 'bytes' ? octets(most) : `${most} messages`} ${per === 'hour' ? 'an' : 'a'} ${per}`).join('\n') || 'none'}\nabove them: ${policy.overLimit}`,
    ],
    ['Repairs', repairs.join(', ')],
    [
      'Rewrites',
      [
        rewrite.headerFrom && `From: ${rewrite.headerFrom}`,
        rewrite.envelopeFrom && `envelope: ${rewrite.envelopeFrom}`,
        rewrite.replyTo && `Reply-To: ${rewrite.replyTo}`,
      ]
        .filter(Boolean)
        .join('\n'),
    ],
    [
      'Without DKIM key',
      unaligned.action === 'sign-with' ? `sign with ${unaligned.domain}` : unaligned.action,
    ],
    ['Changed', `${when(source.updatedAt)} (version ${source.version})`],
    ['ID', source.id],
  ]);
}

function senders({ pairs }: Policy): string[] {
  return pairs.map(({ envelope, header }) =>
    envelope === header ? header : `${header} (envelope ${envelope})`,
  );
}

function shorten(text: string | string[]): string {
  if (Array.isArray(text))
    return text.length > 2 ? `${text.slice(0, 2).join(', ')}, +${text.length - 2}` : text.join(', ');
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function stateOf({ state, brownOut }: Pick<Source, 'state' | 'brownOut'>): string {
  return brownOut ? `${state} (to be retired)` : state;
}
