import type { Command } from 'commander';
import type { z } from 'zod';
import type * as shapes from '../../api/people-shapes.ts';
import { type CommonOptions, openSession, type Session, withConnection } from '../command.ts';
import { Failure, usage } from '../failure.ts';
import { when } from '../output.ts';
import { askPassword, confirm, passwordFile, several } from '../values.ts';

type Person = z.infer<typeof shapes.personShape>;
type Invitation = z.infer<typeof shapes.invitationShape>;

interface PersonOptions extends CommonOptions {
  name?: string;
  email?: string;
  role?: string;
  source?: string[];
  passwordFile?: string;
  passwordPrompt?: boolean;
}

/** People who may sign in, and what they may do. */
export function personCommand(postern: Command): void {
  const person = postern.command('person').description('people who may administer the relay').alias('people');

  withPassword(withFields(withConnection(person.command('add <email>').description('add a person')))).action(
    async (email: string, options: PersonOptions) => {
      const session = await openSession(options);
      const { name = email, role = 'operator', source = [] } = options;
      const password = await chosenPassword(options);
      const answer = await session.api.send<{ person: Person } & Invitation>('POST', '/people', {
        email,
        name,
        role,
        sources: source,
      });
      await welcome(session, answer.person, answer, password);
    },
  );

  withConnection(
    person
      .command('list')
      .description('list people')
      .option('--role <role>', 'only of this role')
      .option('--search <text>', 'only with this in name or address'),
  ).action(async (options: CommonOptions & { role?: string; search?: string }) => {
    const { api, out } = await openSession(options);
    const { role, search } = options;
    const answer = await api.get<{ items: Person[] }>('/people', { role, search });
    out.answer(answer, () => {
      out.table(
        ['ADDRESS', 'NAME', 'ROLE', 'STATE', 'SIGNS IN WITH', 'LAST'],
        answer.items.map((one) => [
          one.email,
          one.name,
          one.role,
          one.state,
          waysIn(one),
          when(one.lastSignedInAt),
        ]),
        'Nobody yet. Add the first owner: postern person add you@example.com --role owner --password-prompt',
      );
    });
  });

  withConnection(person.command('show <person>').description('show a person')).action(
    async (name: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const one = await api.get<Person>(at(name));
      out.answer(one, () => {
        out.heading(`${one.name} <${one.email}>`);
        out.fields([
          ['Identifier', one.id],
          ['Role', one.role],
          ['State', one.state],
          ['Signs in with', waysIn(one)],
          ['Recovery codes', one.hasTotp ? `${one.recoveryCodes} left` : undefined],
          ['Organisation', one.issuer],
          ['Sources', one.sources.join(', ')],
          ['Invited until', when(one.invitedUntil)],
          ['Last sign-in', `${when(one.lastSignedInAt)} ${one.lastSignedInFrom ?? ''}`.trim()],
          ['Added', when(one.createdAt)],
        ]);
      });
    },
  );

  withFields(
    withConnection(
      person
        .command('edit <person>')
        .description('change a person; a new role ends their sessions')
        .option('--email <address>', 'new address'),
    ),
  ).action(async (who: string, options: PersonOptions) => {
    const { name, email, role, source: sources } = options;
    if ([name, email, role, sources].every((value) => value === undefined)) {
      throw usage('say what to change: --name, --email, --role or --source');
    }
    const { api, out } = await openSession(options);
    const { tag } = await api.getWithTag<Person>(at(who));
    const answer = await api.send<Person>('PATCH', at(who), { name, email, role, sources }, tag);
    out.answer(answer, () => out.done(`${answer.email} is ${answer.role}`));
  });

  for (const [verb, state, text] of [
    ['disable', 'disabled', 'let a person do nothing more, at once'],
    ['enable', 'active', 'let a person sign in again'],
  ] as const) {
    withConnection(person.command(`${verb} <person>`).description(text)).action(
      async (who: string, options: CommonOptions) => {
        const { api, out } = await openSession(options);
        const answer = await api.send<Person>('PATCH', at(who), { state });
        out.answer(answer, () => out.done(`${answer.email} is ${state}`));
      },
    );
  }

  withConnection(
    person
      .command('remove <person>')
      .description('remove a person with their sessions, passkeys and tokens')
      .option('--yes', 'without asking'),
  ).action(async (who: string, options: CommonOptions & { yes?: boolean }) => {
    const { api, out } = await openSession(options);
    await confirm(`Remove ${who}?`, options.yes);
    await api.send('DELETE', at(who));
    out.answer({}, () => out.done(`${who} is removed; what they did stays in the audit log`));
  });

  withPassword(
    withConnection(
      person
        .command('invite <person>')
        .description('make a new invitation, with which a password can be set')
        .option('--reset', 'take away everything that they could sign in with until now'),
    ),
  ).action(async (who: string, options: PersonOptions & { reset?: boolean }) => {
    const session = await openSession(options);
    const password = await chosenPassword(options);
    const invitation = await session.api.send<Invitation>('POST', `${at(who)}/invitation`, {
      reset: options.reset ?? false,
    });
    await welcome(session, await session.api.get<Person>(at(who)), invitation, password);
  });

  withConnection(person.command('sign-out <person>').description('end all sessions of a person')).action(
    async (who: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const answer = await api.send<{ count: number }>('POST', `${at(who)}/sign-out`);
      out.answer(answer, () => out.done(`${answer.count} sessions ended`));
    },
  );
}

/** With a password the invitation is taken up at once; without one it is shown, once. */
async function welcome(
  { api, connection, out }: Session,
  person: Person,
  { invitation, expiresAt }: Invitation,
  password: string | undefined,
): Promise<void> {
  if (password !== undefined) {
    try {
      await api.send('POST', '/session/invitation', { invitation, password });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(
        `${person.email} is ${person.role}, but has no new password: ${error.message}. Try again with: postern person invite ${person.email} --password-prompt`,
        error.exitCode,
        error.problem,
      );
    }
    out.answer({ person }, () => out.done(`${person.email} may sign in as ${person.role}`));
    return;
  }
  // as the console writes it: what stands behind the # reaches no log
  const link = `${connection.address}/invitation#${invitation}`;
  out.answer({ person, invitation, link, expiresAt }, () => {
    out.done(`${person.email} is ${person.role}. Their invitation, shown this once:`);
    out.line(link);
    out.note(
      `The page behind it sets a password, until ${when(expiresAt)}; who signs in with the organisation does not need it.`,
    );
  });
}

async function chosenPassword(options: PersonOptions): Promise<string | undefined> {
  if (options.passwordFile !== undefined) return passwordFile('--password-file', options.passwordFile);
  return options.passwordPrompt ? askPassword() : undefined;
}

function withFields(command: Command): Command {
  return command
    .option('--name <name>', 'name for people')
    .option('--role <role>', 'owner, operator, auditor or source-owner (default for a new one: operator)')
    .option(
      '--source <source>',
      'a source that a source owner looks after, besides those with their address as owner (repeat for more)',
      several,
    );
}

function withPassword(command: Command): Command {
  return command
    .option('--password-prompt', 'ask for the password now, instead of an invitation')
    .option(
      '--password-file <file>',
      'take the password from the first line of a file ("-": standard input)',
    );
}

function waysIn(person: Person): string {
  const ways = [
    ...(person.hasPassword ? [person.hasTotp ? 'password and code' : 'password'] : []),
    ...(person.issuer === undefined ? [] : ['organisation']),
  ];
  if (ways.length > 0) return ways.join(', ');
  return person.invitedUntil === undefined ? 'nothing' : 'invited';
}

function at(person: string): string {
  return `/people/${encodeURIComponent(person)}`;
}
