import type { Command } from 'commander';
import type { Issued, Source } from '../answers.ts';
import { type CommonOptions, openSession, withConnection } from '../command.ts';
import { showIssued } from '../credential-options.ts';
import { when } from '../output.ts';
import { detailsOf, type DetailOptions, withDetails } from '../source-options.ts';
import { pair, several } from '../values.ts';

const pathOf = (name: string) => `/source-requests/${encodeURIComponent(name)}`;

/** `postern request`: sources that somebody asks for. */
export function requestCommand(postern: Command): void {
  const request = postern
    .command('request')
    .description('sources that somebody asks for: sandbox first, then a test message and an approval');
  make(request);
  list(request);
  decide(request, 'approve', 'let it send to the world; it has to have sent a test message');
  decide(request, 'reject', 'say no: it is retired, and its credentials are revoked');
}

interface MakeOptions extends CommonOptions, DetailOptions {
  from: string[];
  recipients: string;
  recipient?: string[];
  owner?: string;
  description?: string;
  purpose?: string;
  apiKey?: boolean;
}

function make(request: Command): void {
  const command = request
    .command('make <name>')
    .description('ask for a source; it may send into the sandbox inbox at once')
    .requiredOption('--from <pattern>', 'address that it wants to send as (repeat for more)', several)
    .option('--recipients <internal|listed|any>', 'whom it wants to write to', 'internal')
    .option('--recipient <pattern>', 'recipient that it wants to write to (repeat for more)', several)
    .option('--owner <address>', 'who answers for it (default: you)')
    .option('--description <text>', 'what it is')
    .option('--purpose <text>', 'what it is for; read by whoever approves')
    .option('--api-key', 'an API key in the place of a password');
  withConnection(withDetails(command)).action(async (name: string, options: MakeOptions) => {
    const { api, out } = await openSession(options);
    const { owner, description, purpose, recipients, recipient = [], from, apiKey } = options;
    const answer = await api.send<Issued & { source: Source }>('POST', '/source-requests', {
      name,
      owner,
      description,
      purpose,
      ...detailsOf(options, []),
      from: from.map(pair),
      recipients: { allow: recipients, patterns: recipient },
      credential: apiKey ? 'api-key' : 'password',
    });
    out.answer(answer, () => {
      out.done(`Source ${name} requested; it may send into the sandbox inbox now`);
      showIssued(out, name, [answer]);
      out.line();
      out.note('Send a test message with it; then somebody can approve it.');
    });
  });
}

function list(request: Command): void {
  withConnection(request.command('list').description('requests that nobody has decided yet')).action(
    async (options: CommonOptions) => {
      const { api, out } = await openSession(options);
      const { items } = await api.get<{ items: Source[] }>('/source-requests');
      out.answer(items, () =>
        out.table(
          ['NAME', 'STATE', 'REQUESTED', 'BY', 'TEST MESSAGE', 'PURPOSE'],
          items.map(({ name, state, request: asked }) => [
            name,
            state,
            when(asked?.at),
            asked?.by ?? '',
            when(asked?.testedAt) || 'none yet',
            asked?.purpose ?? '',
          ]),
          'No requests are open.',
        ),
      );
    },
  );
}

function decide(request: Command, verb: 'approve' | 'reject', description: string): void {
  const command = request
    .command(`${verb} <name>`)
    .description(description)
    .option('--reason <text>', 'why; stands in the journal');
  withConnection(command).action(async (name: string, options: CommonOptions & { reason?: string }) => {
    const { api, out } = await openSession(options);
    const after = await api.send<Source>('POST', `${pathOf(name)}/${verb}`, { reason: options.reason });
    out.answer(after, () =>
      out.done(`Request ${verb === 'approve' ? 'approved' : 'rejected'}: ${after.name} is ${after.state}`),
    );
  });
}
