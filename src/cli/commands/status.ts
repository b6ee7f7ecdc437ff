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
