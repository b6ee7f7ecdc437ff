import type { Command } from 'commander';
import type { Credential, CredentialUse, Handover, Issued, Items } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import {
  addCredentials,
  type CredentialOptions,
  proofOf,
  type SecretOptions,
  showCredentials,
  showIssued,
  stateOf,
  wantedCredentials,
  wantedSecret,
  withCredentials,
  withSecret,
} from '../credential-options.ts';
import { usage } from '../failure.ts';
import { until } from '../future.ts';
import { type Output, when } from '../output.ts';
import { askPassword, passwordFile, wholeNumber } from '../values.ts';

type Listed = Credential & { sourceName: string };
type Used = Credential & { uses: CredentialUse[] };

const path = (source: string) => `/sources/${encodeURIComponent(source)}`;
const pathOf = (source: string, id: string) => `${path(source)}/credentials/${encodeURIComponent(id)}`;

export function credentialCommand(postern: Command): void {
  const credential = postern
    .command('credential')
    .description('passwords, keys, certificates and networks by which sources prove who they are');
  list(credential);
  show(credential);
  add(credential);
  canary(credential);
  edit(credential);
  rotate(credential);
  rotations(credential);
  end(credential, 'complete', 'end a rotation now: the old secret is revoked, whoever still uses it');
  end(credential, 'cancel', 'go back: the new secret is revoked, and the old one goes on');
  revoke(credential);
  handover(credential);
  handovers(credential);
  withdraw(credential);
  presets(credential);
}

type ListOptions = CommonOptions & {
  expires?: string;
  unused?: string;
  rotating?: boolean;
  canaries?: boolean;
  account?: string;
  limit: string;
};

function list(credential: Command): void {
  const command = credential
    .command('list [source]')
    .description('list the credentials of a source, or search those of all')
    .option('--expires <days>', 'only those that expire within so many days, or have')
    .option('--unused <days>', 'only active ones that were not used for so many days')
    .option('--rotating', 'only those in rotation')
    .option('--canaries', 'only canaries')
    .option('--account <name>', 'only of this account')
    .option('--limit <number>', 'most credentials', '1000');
  withConnection(command).action(async (source: string | undefined, options: ListOptions) => {
    const { api, out } = await openSession(options);
    const { expires, unused, rotating, canaries, account } = options;
    const searched = [expires, unused, rotating, canaries, account].some((one) => one !== undefined);
    if (source !== undefined) {
      if (searched) throw usage('search without naming a source, or list one source whole');
      const { items } = await api.get<Items<Credential>>(`${path(source)}/credentials`);
      return out.answer(items, () => showCredentials(out, items, Date.now()));
    }
    const query = {
      account,
      expiresWithinDays: expires === undefined ? undefined : wholeNumber('--expires', expires),
      unusedDays: unused === undefined ? undefined : wholeNumber('--unused', unused),
      rotating: rotating ? 'true' : undefined,
      canary: canaries ? 'true' : undefined,
    };
    const items = await api.list<Listed>('/credentials', query, wholeNumber('--limit', options.limit));
    out.answer(items, () =>
      out.table(
        ['SOURCE', 'ID', 'PROOF', 'ACCOUNT', 'STATE', 'LAST USED', 'FROM'],
        items.map((one) => [
          one.sourceName,
          one.id,
          proofOf(one),
          one.account ?? '',
          stateOf(one, Date.now()),
          when(one.lastUsedAt) || 'never',
          one.lastUsedFrom ?? '',
        ]),
        'No credential is like that.',
      ),
    );
  });
}

function show(credential: Command): void {
  const command = credential
    .command('show <source> <id>')
    .description('show a credential, and from where it is used');
  withConnection(command).action(async (source: string, id: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const one = await api.get<Used>(pathOf(source, id));
    out.answer(one, () => {
      out.heading(one.id);
      out.fields([
        ['Proof', proofOf(one)],
        ['Account', one.account],
        ['Label', one.label],
        ['State', stateOf(one, Date.now())],
        ['Networks', one.networks.join('\n')],
        ['Made', when(one.createdAt)],
        ['Ends', when(one.expiresAt)],
        [
          'Last used',
          one.lastUsedAt === undefined ? 'never' : `${when(one.lastUsedAt)} from ${one.lastUsedFrom}`,
        ],
        ['Other of the rotation', one.rotation?.other],
      ]);
      out.line();
      showUses(out, one.uses, 'It was never used.');
    });
  });
}

function showUses(out: Output, uses: CredentialUse[], empty: string): void {
  out.table(
    ['NETWORK', 'LAST', 'FIRST', 'TIMES', 'BY', 'CALLED ITSELF'],
    uses.map((one) => [
      one.network,
      when(one.lastAt),
      when(one.firstAt),
      String(one.uses),
      one.method,
      one.hello,
    ]),
    empty,
  );
}

function add(credential: Command): void {
  const command = credential.command('add <source>').description('add credentials to a source');
  withConnection(withSecret(withCredentials(command))).action(
    async (source: string, options: CommonOptions & CredentialOptions & SecretOptions) => {
      const { api, out } = await openSession(options);
      const secret = wantedSecret(options);
      const wanted = await wantedCredentials({
        ...options,
        password: options.password || secret.generator !== undefined,
      });
      if (wanted.length === 0)
        throw usage(
          'say which kind: --password, --api-key, --network, --certificate-fingerprint, --certificate-subject or --oauth',
        );
      const issued = await addCredentials(
        api,
        source,
        wanted.map((one) => ({
          ...one,
          generator: one['kind'] === 'password' ? secret.generator : undefined,
          handover: secret.handover,
        })),
      );
      out.answer(issued, () => {
        out.done(
          `${issued.length === 1 ? 'Credential' : `${issued.length} credentials`} added to source ${source}`,
        );
        showIssued(out, source, issued);
      });
    },
  );
}

function canary(credential: Command): void {
  const command = credential
    .command('canary <source>')
    .description('make a trap: plant it where an intruder looks; any use of it is a critical alarm')
    .option('--account <name>', 'name of the account (default: the name of the source)')
    .option('--api-key', 'an API key instead of an account')
    .option('--label <text>', 'where it is planted', 'canary');
  withConnection(command).action(
    async (
      source: string,
      options: CommonOptions & { account?: string; apiKey?: boolean; label: string },
    ) => {
      const { api, out } = await openSession(options);
      const kind = options.apiKey ? 'api-key' : 'password';
      const { account, label } = options;
      const issued = await addCredentials(api, source, [{ kind, account, label, canary: true }]);
      out.answer(issued[0], () => {
        out.done(`Canary added to source ${source}`);
        showIssued(out, source, issued);
        out.line('Its uses: postern log --type alarm --code canary-used');
      });
    },
  );
}

function edit(credential: Command): void {
  const command = credential
    .command('edit <source> <id>')
    .description('change the label or the end of a credential')
    .option('--label <text>', 'a name for people')
    .option('--expires <when>', 'when it ends: 90d from now, a date such as 2027-01-31, or never');
  withConnection(command).action(
    async (source: string, id: string, options: CommonOptions & { label?: string; expires?: string }) => {
      const { api, out } = await openSession(options);
      const { label, expires } = options;
      if (label === undefined && expires === undefined)
        throw usage('nothing to change: --label or --expires');
      const { tag } = await api.getWithTag<Used>(pathOf(source, id));
      const expiresAt =
        expires === undefined
          ? undefined
          : expires === 'never'
            ? null
            : until('--expires', expires, Date.now());
      const after = await api.send<Credential>('PATCH', pathOf(source, id), { label, expiresAt }, tag);
      out.answer(after, () =>
        out.done(
          `Credential ${after.id} changed; it ${after.expiresAt === undefined ? 'does not end' : `ends ${when(after.expiresAt)}`}`,
        ),
      );
    },
  );
}

type RotateOptions = CommonOptions &
  SecretOptions & {
    credential?: string;
    grace?: string;
    unused?: string;
    passwordFile?: string;
    passwordPrompt?: boolean;
  };

function rotate(credential: Command): void {
  const command = credential
    .command('rotate <source>')
    .description('make a new secret beside the old one; both work until nobody uses the old one')
    .option('--credential <id>', 'which one, when there are several')
    .option('--unused <hours>', 'the old one ends when it was not used for so long (default: as configured)')
    .option('--grace <hours>', 'the old one ends after this time, whether or not it is still used')
    .option('--password-file <file>', 'take the new password from the first line of a file')
    .option('--password-prompt', 'ask for the new password');
  withConnection(withSecret(command)).action(rotateNow);
}

async function rotateNow(source: string, options: RotateOptions): Promise<void> {
  const { api, out } = await openSession(options);
  const { grace, unused, passwordFile: file } = options;
  for (const [option, hours] of [
    ['--grace', grace],
    ['--unused', unused],
  ] as const) {
    if (hours !== undefined && !(Number(hours) >= 0)) throw usage(`${option}: expected a number of hours`);
  }
  const given = file === undefined ? undefined : passwordFile('--password-file', file);
  const answer = await api.send<Issued & { replaced: Credential }>('POST', `${path(source)}/rotate`, {
    credential: options.credential,
    graceHours: grace === undefined ? undefined : Number(grace),
    unusedHours: unused === undefined ? undefined : Number(unused),
    password: given ?? (options.passwordPrompt ? await askPassword() : undefined),
    ...wantedSecret(options),
  });
  out.answer(answer, () => {
    const { replaced } = answer;
    const unusedMs = replaced.rotation?.unusedMs;
    out.done(
      unusedMs === undefined
        ? `New secret for source ${source}; the old one ends ${when(replaced.expiresAt)}`
        : `New secret for source ${source}; the old one ends when it was not used for ${Math.round(unusedMs / 3_600_000)} hours`,
    );
    showIssued(out, source, [answer]);
    out.line();
    out.line(`Who still uses the old one: postern credential rotations ${source}`);
  });
}

interface ShownRotation {
  old: Credential;
  new?: Credential;
  stillUsedBy: CredentialUse[];
}

function rotations(credential: Command): void {
  const command = credential
    .command('rotations <source>')
    .description('rotations that are under way, and who still uses the old secret');
  withConnection(command).action(async (source: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const { items } = await api.get<Items<ShownRotation>>(`${path(source)}/rotations`);
    out.answer(items, () => {
      if (items.length === 0) out.line('No rotation is under way.');
      for (const { old, new: fresh, stillUsedBy } of items) {
        out.heading(`${old.account ?? old.label ?? 'API key'}: ${old.id} → ${fresh?.id ?? ''}`);
        out.fields([
          ['Began', when(old.rotation?.startedAt)],
          ['Old one last used', when(old.lastUsedAt) || 'never'],
          ['New one last used', when(fresh?.lastUsedAt) || 'never'],
          ['Old one ends', when(old.expiresAt)],
        ]);
        out.line();
        showUses(out, stillUsedBy, 'Nobody has used the old secret since.');
        out.line();
      }
    });
  });
}

function end(credential: Command, verb: 'complete' | 'cancel', description: string): void {
  withConnection(credential.command(`${verb} <source> <id>`).description(description)).action(
    async (source: string, id: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const { items } = await api.send<Items<Credential>>('POST', `${pathOf(source, id)}/${verb}-rotation`);
      const revoked = items.find(({ state }) => state === 'revoked');
      out.answer(items, () =>
        out.done(`Rotation ${verb === 'complete' ? 'completed' : 'cancelled'}: ${revoked?.id} is revoked`),
      );
    },
  );
}

function revoke(credential: Command): void {
  withConnection(credential.command('revoke <source> <id>').description('end a credential at once')).action(
    async (source: string, id: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const revoked = await api.send<Credential>('DELETE', pathOf(source, id));
      out.answer(revoked, () => out.done(`Credential ${revoked.id} revoked`));
    },
  );
}

function handover(credential: Command): void {
  const command = credential
    .command('handover <source>')
    .description('make a new secret as rotate does, and a link that reveals it once')
    .option('--credential <id>', 'which one, when there are several')
    .option('--unused <hours>', 'the old one ends when it was not used for so long (default: as configured)')
    .option('--grace <hours>', 'the old one ends after this time, whether or not it is still used');
  withConnection(withSecret(command)).action((source: string, options: RotateOptions) =>
    rotateNow(source, { ...options, handover: true }),
  );
}

function handovers(credential: Command): void {
  const command = credential
    .command('handovers <source>')
    .description('hand-over links and what became of them');
  withConnection(command).action(async (source: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const { items } = await api.get<Items<Handover>>(`${path(source)}/handovers`);
    out.answer(items, () =>
      out.table(
        ['ID', 'CREDENTIAL', 'STATE', 'PIN', 'MADE', 'WORKS UNTIL', 'OPENED', 'ENDED', 'FROM'],
        items.map((one) => [
          one.id,
          one.credential,
          one.state,
          one.hasPin ? `yes (${one.wrongPins} wrong)` : 'no',
          when(one.createdAt),
          when(one.expiresAt),
          when(one.openedAt) || 'never',
          when(one.endedAt),
          one.endedFrom ?? '',
        ]),
        'No links. Make one: postern credential handover SOURCE',
      ),
    );
  });
}

function withdraw(credential: Command): void {
  const command = credential
    .command('withdraw <source> <link>')
    .description('end a hand-over link that was not used; its secret is destroyed');
  withConnection(command).action(async (source: string, id: string, options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const ended = await api.send<Handover>('DELETE', `${path(source)}/handovers/${encodeURIComponent(id)}`);
    out.answer(ended, () => out.done(`Link ${ended.id} withdrawn`));
  });
}

interface Preset {
  name: string;
  description: string;
  length: number;
  characters: string;
  accountLength?: number;
  bits: number;
  needsNetwork: boolean;
}

function presets(credential: Command): void {
  const command = credential
    .command('presets')
    .description('forms in which passwords are generated, for what a device can hold');
  withConnection(command).action(async (options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const answer = await api.get<Items<Preset> & { leastBits: number }>('/password-presets');
    out.answer(answer, () => {
      out.table(
        ['NAME', 'PLACES', 'CHARACTERS', 'NAME OF AT MOST', 'BITS', 'FOR'],
        answer.items.map((one) => [
          one.name,
          String(one.length),
          one.characters,
          String(one.accountLength ?? ''),
          `${one.bits}${one.needsNetwork ? ' *' : ''}`,
          one.description,
        ]),
        '',
      );
      out.line();
      out.line(
        `* Less than ${answer.leastBits} bits: only with --only-from, so that it counts from known networks alone.`,
      );
    });
  });
}
