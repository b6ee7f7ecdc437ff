import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Bundles the relay when its sources have changed: a bench measures what an installation runs. */
export function bundleRelay(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../tools/server.mjs', import.meta.url))], {
    stdio: 'inherit',
  });
}
