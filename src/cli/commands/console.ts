import type { Command } from 'commander';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { when } from '../output.ts';

/** The way into the console for who can read the data folder. */
export function consoleCommand(postern: Command): void {
  withConnection(
    postern
      .command('console')
      .description('print a link with which an owner account of the console is made, once, within the hour'),
  ).action(async (options: CommonOptions) => {
    const { api, connection, out } = await openSession(options);
    const answer = await api.send<{ token: string; expiresAt: number }>('POST', '/session/setup-link', {});
    const link = `${connection.address}/welcome#${answer.token}`;
    out.answer({ link, expiresAt: answer.expiresAt }, () => {
      out.line(link);
      out.done(
        `Works once, until ${when(answer.expiresAt)}. Who has an account already signs in at ${connection.address}/`,
      );
    });
  });
}
