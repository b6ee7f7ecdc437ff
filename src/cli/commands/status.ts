import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { octets, when } from '../output.ts';

interface Status {
  version: string;
  hostname: string;
  startedAt: number;
  data: string;
  listeners: { name: string; address: string; tls: string }[];
  spool: { messages: number; queued: number; held: number; bytes: number; oldestAt?: number };
  sources: Record<string, number>;
  domains: number;
  routes: number;
  obstacles: string[];
}

export function statusCommand(postern: Command): void {
  withConnection(postern.command('status').description('how the relay is')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const status = await api.get<Status>('/status');
      out.answer(status, () => {
        const { spool, sources } = status;
        out.heading(`Postern ${status.version} on ${status.hostname}`);
        out.fields([
          ['Running since', when(status.startedAt)],
          ['Data', status.data],
          [
            'Spool',
            `${spool.messages} messages, ${octets(spool.bytes)}: ${spool.queued} deliveries queued, ${spool.held} held`,
          ],
          ['Oldest', when(spool.oldestAt)],
          [
            'Sources',
            Object.entries(sources)
              .map(([state, count]) => `${count} ${state}`)
              .join(', '),
          ],
          ['Domains', String(status.domains)],
          [
            'Routes',
            status.routes === 0 ? 'none: all mail goes to the sandbox inbox' : String(status.routes),
          ],
        ]);
        out.line();
        out.table(
          ['LISTENER', 'ADDRESS', 'TLS'],
          status.listeners.map(({ name, address, tls }) => [name, address, tls]),
          'No listeners.',
        );
        for (const obstacle of status.obstacles) out.note(obstacle);
      });
    },
  );
}

export function tokenCommand(postern: Command): void {
  const token = postern.command('token').description('the administrator token');
  withConnection(token.command('rotate').description('make a new token; the old one ends at once')).action(
    async (options: CommonOptions) => {
      const { api, connection, out } = await openSession(options);
      const answer = await api.send<{ token: string }>('POST', '/token/rotate');
      const file = connection.tokenFile;
      const kept = file !== undefined && existsSync(file);
      if (kept) {
        writeFileSync(file, `${answer.token}\n`, { mode: 0o600 });
        chmodSync(file, 0o600);
      }
      out.answer({ ...answer, file: kept ? file : undefined }, () => {
        if (kept) out.done(`New administrator token, written to ${file}`);
        else {
          out.done('New administrator token. Shown this once:');
          out.line(answer.token);
        }
      });
    },
  );
}
