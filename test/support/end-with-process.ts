import type { ChildProcess } from 'node:child_process';

/**
 * Ends a child when this process ends, however it does: by itself, by an error, or because the test runner has
 * lost its patience (SIGTERM) or somebody pressed Ctrl-C.
 */
export function endWithProcess(child: ChildProcess, signal: NodeJS.Signals): void {
  const kill = (): boolean => child.kill(signal);
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  for (const ending of ['SIGTERM', 'SIGINT'] as const) {
    // without a listener the signal ends this process before it can say anything to its children
    if (process.listenerCount(ending) === 0) process.once(ending, () => process.exit(1));
  }
}
