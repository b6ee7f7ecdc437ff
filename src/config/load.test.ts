import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ConfigError, loadConfig } from './load.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-config-'));

function write(text: string): string {
  const file = path.join(folder, `${Math.random()}.toml`);
  writeFileSync(file, text);
  return file;
}

function problems(text: string, environment: NodeJS.ProcessEnv = {}): string[] {
  const file = write(text);
  try {
    loadConfig({ file, environment });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split('\n').map((line) => line.replace(file, 'F'));
  }
  return [];
}

test('without a file all is default', () => {
  const { config, data } = loadConfig({ environment: {}, data: '/nowhere/data' });
  assert.deepEqual(
    config.listener.map(({ name, port, tls }) => [name, port, tls]),
    [
      ['smtp', 2525, 'starttls'],
      ['submission', 2587, 'starttls-required'],
      ['submissions', 2465, 'implicit'],
    ],
  );
  assert.equal(data, '/nowhere/data');
});

const CASES: [string, string, string[]][] = [
  ['unknown option, top level', 'hostnam = "x"', ['F:1: hostnam: unknown option; did you mean "hostname"?']],
  ['unknown option, nothing near', '\nfrobnicate = 1', ['F:2: frobnicate: unknown option']],
  [
    'unknown option in a table',
    '[limits]\nconections = 5',
    ['F:2: limits.conections: unknown option; did you mean "connections"?'],
  ],
  ['wrong type', '[limits]\nconnections = "many"', ['F:2: limits.connections: expected number, not "many"']],
  [
    'second listener, wrong choice',
    '[[listener]]\nname = "a"\nport = 1\n[[listener]]\nname = "b"\nport = 2\ntls = "sure"',
    ['F:7: listener[2].tls: expected one of "none", "starttls", "starttls-required", "implicit", not "sure"'],
  ],
  ['missing field', '[[listener]]\nname = "a"', ['F:1: listener[1].port: expected number, it is missing']],
  [
    'dotted key',
    'limits.connections = 0',
    ['F:1: limits.connections: too small: expected number to be >0, not 0'],
  ],
  [
    'no network',
    '[proxy]\nfrom = ["10.0.0.300"]',
    ['F:2: proxy.from[1]: expected a network such as 192.0.2.0/24 or 2001:db8::/32, not "10.0.0.300"'],
  ],
  ['no TOML', 'hostname = \n', ['F:1: no valid TOML: expected a value']],
  [
    'two listeners on one port',
    '[[listener]]\nname = "a"\nport = 25\n[[listener]]\nname = "b"\nport = 25',
    ['F: listeners "a" and "b" both have 127.0.0.1:25'],
  ],
  [
    'key without certificate',
    '[tls]\nkey = "k.pem"',
    ['F: tls: certificate and key go together; one of them is missing'],
  ],
];

for (const [name, text, expected] of CASES) {
  test(`refused: ${name}`, () => {
    const found = problems(text);
    // the parser's own words after "no valid TOML" may change with its version
    assert.deepEqual(
      found.map((line) => line.replace(/(no valid TOML: ).*/, '$1expected a value')),
      expected,
    );
  });
}

test('a file of another kind is told so in few words, however large it is', () => {
  const many = problems(Array.from({ length: 30_000 }, (_, index) => `k${index} = 1\n`).join(''));
  assert.equal(many.length, 101);
  assert.equal(many[99], 'F:100: k99: unknown option');
  assert.equal(many[100], 'F: and 29900 problems more');
  for (const text of [`\n${'a.'.repeat(100_000)}a = 1`, `\na = ${'[ '.repeat(500)}${']'.repeat(500)}`]) {
    assert.deepEqual(problems(text), ['F:2: no valid TOML: more than 100 values within one another']);
  }
});

test('the environment sets values, and a wrong one is named by its variable', () => {
  const { config } = loadConfig({
    environment: {
      POSTERN_LIMITS__CONNECTIONS: '7',
      POSTERN_HOSTNAME: 'relay.test',
      POSTERN_LIMITS__IDLE_SECONDS: '9',
    },
  });
  assert.equal(config.limits.connections, 7);
  assert.equal(config.limits.idleSeconds, 9);
  assert.equal(config.hostname, 'relay.test');
  assert.deepEqual(problems('', { POSTERN_API__PORT: 'x' }), [
    'POSTERN_API__PORT: api.port: expected number, not "x"',
  ]);
});

test('the environment cannot reach into prototypes', () => {
  assert.throws(() => loadConfig({ environment: { POSTERN___PROTO____POLLUTED: '1' } }), ConfigError);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('a file that is not there is named', () => {
  assert.throws(
    () => loadConfig({ file: '/nowhere/postern.toml' }),
    /^ConfigError: \/nowhere\/postern.toml: can not be read: ENOENT$|ENOENT/,
  );
});

test('a variable that leads through what is no table is a problem like any other', () => {
  assert.equal(
    loadConfig({ environment: { POSTERN_LIMITS: 'null', POSTERN_LIMITS__CONNECTIONS: '7' } }).config.limits
      .connections,
    7,
  );
  const listener = '[{"name": "a", "port": 25}]';
  const changed = loadConfig({
    environment: { POSTERN_LISTENER: listener, POSTERN_LISTENER__0__PORT: '26' },
  });
  assert.equal(changed.config.listener[0]?.port, 26);
  for (const name of ['LENGTH', '2', '4294967294', 'X', '']) {
    assert.throws(
      () => loadConfig({ environment: { POSTERN_LISTENER: listener, [`POSTERN_LISTENER__${name}`]: '1' } }),
      ConfigError,
      name,
    );
  }
});
