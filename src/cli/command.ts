import type { Command } from 'commander';
import { ApiClient, type Connection, type ConnectionOptions, findConnection } from './connection.ts';
import { Failure } from './failure.ts';
import { Output } from './output.ts';

/** What a command works with. */
export interface Session {
  api: ApiClient;
  connection: Connection;
  out: Output;
}

export type CommonOptions = ConnectionOptions & { json?: boolean };

/** Adds the options that every command takes which talks to the relay. */
export function withConnection(command: Command): Command {
  return command
    .option('--json', 'answer in JSON')
    .option('--data <folder>', "the relay's data folder, where the administrator token is (default: ./data)")
    .option('--api <url>', 'address of the API (default: what the data folder says)')
    .option(
      '--token <token>',
      'API token, or the administrator token; better in POSTERN_TOKEN, where others can not see it',
    );
}

export async function openSession(options: CommonOptions): Promise<Session> {
  const connection = await findConnection(options, process.env);
  return { api: new ApiClient(connection), connection, out: new Output(options.json ?? false) };
}

/** Where nothing was found of a source: whether there is one of that name at all. Nothing else may fail for it. */
export async function noteUnknownSource({ api, out }: Session, name: string | undefined): Promise<void> {
  if (name === undefined || out.json) return;
  const isThere = await api.get(`/sources/${encodeURIComponent(name)}`).then(
    () => true,
    (error: unknown) =>
      !(error instanceof Failure && (error.problem as { status?: number } | undefined)?.status === 404),
  );
  if (!isThere)
    out.note(`There is no source ${JSON.stringify(name)} now. Which there are: postern source list`);
}
