/** Programs of the system that Postern is tested against. One that is missing is a failure that names its package. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';

const PATIENCE_MS = 60_000;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** @throws when the program is not there; the message names the Debian package. */
export function needs(program: string, debianPackage: string): string {
  assert.ok(existsSync(program), `${program} is missing: install the Debian package ${debianPackage}`);
  return program;
}

/** @throws when Perl can not load the module; the message names the Debian package. */
export function needsPerlModule(module: string, debianPackage: string): void {
  const { status } = spawnSync('perl', [`-M${module}`, '-e', '1'], { stdio: 'ignore' });
  assert.equal(status, 0, `Perl's ${module} is missing: install the Debian package ${debianPackage}`);
}

/** @throws when Cyrus SASL, by which Postfix authenticates, lacks its mechanisms. */
export function needsSaslMechanisms(): void {
  // below a folder of the machine's architecture
  const found = globSync('/usr/lib/*/sasl2/libscram.so').length > 0;
  assert.ok(found, 'Cyrus SASL has no SCRAM: install the Debian package libsasl2-modules');
}

/** Runs a program to its end, while this process goes on to serve it. It is killed after a minute. */
async function run(program: string, args: string[], input?: Buffer | string): Promise<Ended> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: PATIENCE_MS });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ended.stderr += text;
  });
  // a program that ends without having read everything tells so by its exit code
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  ended.code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return ended;
}

/** Runs a program that must end with 0. @throws with all that it said */
export async function succeed(program: string, args: string[], input?: Buffer | string): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, input);
  assert.equal(code, 0, `${program} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}
