import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ConsoleBuilds, projectFolder } from './api/console.ts';

const NEVER = 'never';

/** The builds of the console; of those that the environment names, only that one. */
export function consoleBuilds(environment: NodeJS.ProcessEnv): ConsoleBuilds {
  const named = environment['POSTERN_CONSOLE_BUILD'];
  return new ConsoleBuilds(undefined, named === NEVER ? undefined : named);
}

/**
 * Builds the console beside the relay when its sources have changed and its tools are there. In a process of its own
 * and of lower priority: mail goes first. A relay that was installed as a package brings its console built.
 */
export function buildConsole(builds: ConsoleBuilds, environment: NodeJS.ProcessEnv): void {
  const root = projectFolder();
  const has = (name: string) => existsSync(path.join(root, name));
  if (environment['POSTERN_CONSOLE_BUILD'] !== undefined || !has('web/src') || !has('node_modules/vite'))
    return;
  const built = builds.explanation;
  builds.explanation = 'The console is being built. This page opens it in a few seconds.';
  let errors = '';
  const child = spawn(process.execPath, [path.join(root, 'tools', 'web.mjs')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.unref();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = `${errors}${text}`.slice(-2000)));
  child.on('error', (error) => (builds.explanation = `${built} (${error.message})`));
  child.on('exit', (code) => (builds.explanation = code === 0 ? built : `${built} ${errors}`));
}
