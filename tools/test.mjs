// The whole test command: what it needs from the system, the checks, then every test in one run of the runner.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { globSync } from 'node:fs';

// Programs that the tests hold Postern against, and the Debian package of each.
const NEEDED = {
  '/usr/sbin/postfix': 'postfix',
  '/usr/sbin/slapd': 'slapd',
  '/usr/sbin/opendkim': 'opendkim',
  '/usr/sbin/opendkim-genkey': 'opendkim-tools',
  '/usr/bin/swaks': 'swaks',
  '/usr/share/perl5/Authen/SASL.pm': 'libauthen-sasl-perl',
  '/usr/lib/x86_64-linux-gnu/perl5/5.36/Net/SSLeay.pm': 'libnet-ssleay-perl',
  '/usr/lib/x86_64-linux-gnu/sasl2/libscram.so': 'libsasl2-modules',
  '/usr/share/perl5/Digest/HMAC_MD5.pm': 'libdigest-hmac-perl',
  '/usr/lib/python3/dist-packages/dkim/__init__.py': 'python3-dkim',
  '/usr/bin/python3': 'python3',
  '/usr/bin/curl': 'curl',
  '/usr/bin/openssl': 'openssl',
  '/usr/bin/zbarimg': 'zbar-tools',
  '/usr/bin/chromium': 'chromium',
};

const run = (command, args, options = {}) => spawnSync(command, args, { stdio: 'inherit', ...options });
const lacking = () =>
  Object.entries(NEEDED)
    .filter(([path, name]) => !existsSync(path) && !(path.includes('x86_64') && installed(name)))
    .map(([, name]) => name);
// Some folders differ between architectures: ask the package system then.
const installed = (name) => spawnSync('dpkg', ['-s', name], { stdio: 'ignore' }).status === 0;

let missing = lacking();
if (missing.length > 0 && process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
  console.log(`installing for the tests: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // a policy that starts no daemon: the tests start what they need themselves
  run('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  missing = lacking();
}
if (missing.length > 0) {
  console.error(
    `The tests need these programs. On Debian, as root:\n  apt-get install --no-install-recommends ${missing.join(' ')}`,
  );
  process.exit(1);
}

const only = process.argv.slice(2);
if (only.length === 0 && run(process.execPath, ['tools/check.mjs']).status !== 0) process.exit(1);

const files = only.length > 0 ? only : globSync(['src/**/*.test.ts', 'test/**/*.test.ts']).sort();
const { status } = run(process.execPath, [
  '--test',
  '--test-concurrency=2',
  '--test-timeout=600000',
  ...files,
]);
process.exit(status ?? 1);
