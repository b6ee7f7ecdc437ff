import type { Command } from 'commander';
import { type CommonOptions, openSession, type Session } from './command.ts';

/** Where `lab start` keeps everything unless it is told otherwise. */
export const LAB_FOLDER = 'postern-lab';

export type LabOptions = CommonOptions;

/** Adds the options that every command takes which talks to a lab. */
export function withLab(command: Command): Command {
  return command
    .option('--json', 'answer in JSON')
    .option('--data <folder>', `the lab's folder (default: ./${LAB_FOLDER})`)
    .option('--api <url>', 'address of the API (default: what the folder says)')
    .option('--token <token>', 'token of the API; better in POSTERN_TOKEN, where others can not see it');
}

/** The session of a running lab: its folder comes before that of a relay beside it. */
export function openLab(options: LabOptions, environment = process.env): Promise<Session> {
  const startedBy = 'postern lab start';
  return openSession({
    ...options,
    startedBy,
    data: options.data ?? environment['POSTERN_LAB'] ?? LAB_FOLDER,
  });
}
