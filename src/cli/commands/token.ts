import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { z } from 'zod';
import type { tokenShape } from '../../api/people-shapes.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { fileTrouble } from '../file-trouble.ts';
import { when } from '../output.ts';
import { moment, several } from '../values.ts';

type Token = z.infer<typeof tokenShape>;

/** Tokens for programs, and the administrator token of the data folder. */
export function tokenCommand(postern: Command): void {
  const token = postern.command('token').description('tokens for programs, and the administrator token');

  withConnection(
    token
      .command('add <name>')
      .description(
        'make a token for a program; it is shown once. Takes the administrator token, and belongs to the relay',
      )
      .option('--role <role>', 'owner, operator, auditor or source-owner', 'auditor')
      .option('--source <source>', 'only for this source (repeat for more)', several)
      .option('--group <tag>', 'only for this group of routes, such as Sources (repeat for more)', several)
      .option('--expires <when>', 'when it ends, such as 2027-01-31 (default: in 90 days)'),
  ).action(
    async (
      name: string,
      options: CommonOptions & {
        role: string;
        source?: string[];
        group?: string[];
        expires?: string;
      },
    ) => {
      const { api, out } = await openSession(options);
      const { role, source: sources, group: groups } = options;
      const expiresAt =
        options.expires === undefined ? undefined : moment('--expires', options.expires, Date.now());
      const answer = await api.send<{ token: Token; secret: string }>('POST', '/tokens', {
        name,
        role,
        sources,
        groups,
        expiresAt,
      });
      out.answer(answer, () => {
        out.done(
          `Token ${answer.token.id} (${role}), until ${when(answer.token.expiresAt)}. Shown this once:`,
        );
        out.line(answer.secret);
      });
    },
  );

  withConnection(token.command('list').description('list tokens')).action(async (options: CommonOptions) => {
    const { api, out } = await openSession(options);
    const answer = await api.get<{ items: Token[] }>('/tokens');
    out.answer(answer, () => {
      out.table(
        ['TOKEN', 'NAME', 'OF', 'ROLE', 'ONLY FOR', 'ENDS', 'LAST USED'],
        answer.items.map((one) => [
          one.id,
          one.name,
          one.person ?? 'the relay',
          one.role,
          [...(one.sources ?? []), ...(one.groups ?? [])].join(', '),
          when(one.expiresAt),
          `${when(one.lastUsedAt)} ${one.lastUsedFrom ?? ''}`.trim(),
        ]),
        'No tokens.',
      );
    });
  });

  withConnection(token.command('revoke <token>').description('end a token at once')).action(
    async (id: string, options: CommonOptions) => {
      const { api, out } = await openSession(options);
      await api.send('DELETE', `/tokens/${encodeURIComponent(id)}`);
      out.answer({}, () => out.done(`Token ${id} has ended`));
    },
  );

  withConnection(
    token.command('rotate').description('make a new administrator token; the old one ends at once'),
  ).action(async (options: CommonOptions) => {
    const { api, connection, out } = await openSession(options);
    const answer = await api.send<{ token: string }>('POST', '/token/rotate');
    const file = connection.tokenFile;
    const trouble = keep(file, answer.token);
    out.answer({ ...answer, file: trouble === undefined ? file : undefined }, () => {
      if (trouble === undefined) {
        out.done(`New administrator token, written to ${file}`);
        return;
      }
      out.done('New administrator token. Shown this once:');
      out.line(answer.token);
      if (trouble !== '')
        out.note(`${file} can not be written (${trouble}): put the token there, the old one is over`);
    });
  });

  withConnection(token.command('whoami').description('who the relay takes me for')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const who = await api.get<{ name: string; role: string; kind: string }>('/session');
      out.answer(who, () => out.line(`${who.name}, ${who.role}`));
    },
  );
}

/**
 * Writes the token over the one in the data folder. The old one is over by now, so that what fails here must not hide
 * the new one.
 * @returns why it was not written; empty where there is no file, undefined when it was
 */
function keep(file: string | undefined, token: string): string | undefined {
  if (file === undefined || !existsSync(file)) return '';
  try {
    writeFileSync(file, `${token}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
    return undefined;
  } catch (error) {
    return fileTrouble(error);
  }
}
