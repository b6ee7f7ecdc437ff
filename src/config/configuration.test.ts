import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it, test } from 'node:test';
import { parse } from 'smol-toml';
import { type Disk, systemDisk } from '../platform/disk.ts';
import { Configuration, type ConfigurationOptions, ConfigurationRefused } from './configuration.ts';
import { loadConfig } from './load.ts';
import { redactText, restoreText, SECRETS } from './secrets.ts';
import { configurationSchema } from './settings.ts';

function scene(text?: string, options: Partial<ConfigurationOptions> = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-configuration-'));
  const file = path.join(folder, 'postern.toml');
  if (text !== undefined) writeFileSync(file, text, { mode: 0o640 });
  const environment = options.environment ?? {};
  const loaded = loadConfig({ environment, data: '/data', ...(text !== undefined && { file }) });
  const configuration = new Configuration({
    loaded,
    file,
    environment,
    disk: systemDisk,
    verify: async () => {},
    ...options,
  });
  const write = (wanted: string, confirmed = false) =>
    configuration.write(wanted, { confirmed, still: () => {} });
  return { folder, file, configuration, write, read: () => readFileSync(file, 'utf8') };
}

async function refusal(promise: Promise<unknown>): Promise<ConfigurationRefused> {
  const error = await promise.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ConfigurationRefused, String(error));
  return error;
}

const LDAP = `[edge.recipients]
verify = ["list", "ldap"]
[edge.recipients.ldap]
urls = ["ldaps://dc1.contoso.test"]
bindDn = "cn=postern"
password = "correct \\"horse\\"" # since May
base = "dc=contoso"
`;

describe('what counts', () => {
  it('is told with where it comes from', async () => {
    const { configuration } = scene('hostname = "relay.test"\n[limits]\nconnections = 50\n', {
      environment: { POSTERN_LIMITS__RECIPIENTS: '7', POSTERN_DATA: '/data' },
    });
    const { settings, pending } = await configuration.effective(await configuration.file());
    const of = (field: string) => settings.find((one) => one.field === field);
    assert.deepEqual(of('hostname'), { field: 'hostname', value: 'relay.test', from: 'file', line: 1 });
    assert.deepEqual(of('limits.connections'), {
      field: 'limits.connections',
      value: 50,
      from: 'file',
      line: 3,
    });
    assert.deepEqual(of('limits.recipients'), {
      field: 'limits.recipients',
      value: 7,
      from: 'environment',
      variable: 'POSTERN_LIMITS__RECIPIENTS',
    });
    assert.equal(of('data')?.variable, 'POSTERN_DATA');
    assert.equal(of('api.port')?.from, 'default');
    assert.deepEqual(pending, []);
  });

  it('differs from a file that was edited, until a restart', async () => {
    const { configuration, file } = scene('hostname = "relay.test"\n');
    writeFileSync(file, 'hostname = "other.test"\n');
    const { pending, settings } = await configuration.effective(await configuration.file());
    assert.deepEqual(pending, [{ field: 'hostname', before: 'relay.test', after: 'other.test' }]);
    assert.equal(settings.find(({ field }) => field === 'hostname')?.value, 'relay.test');
    writeFileSync(file, 'hostnam = "other.test"\n');
    const { problems } = await configuration.file();
    assert.deepEqual(problems[0], {
      place: `${file}:1`,
      line: 1,
      field: 'hostnam',
      expected: 'unknown option; did you mean "hostname"?',
    });
  });
});

describe('secrets', () => {
  it('are never shown, and come back as they were', async () => {
    const { configuration, write, read } = scene(LDAP);
    const state = await configuration.file();
    assert.match(state.text ?? '', /^password = "<secret 1>" # since May$/m);
    const { settings } = await configuration.effective(state);
    assert.ok(!JSON.stringify([state.text, settings]).includes('horse'));
    await write((state.text ?? '').replace('dc=contoso', 'dc=fabrikam'));
    assert.equal(read(), LDAP.replace('dc=contoso', 'dc=fabrikam'));
    const changed = await configuration.assess(LDAP.replace('horse', 'cow'));
    assert.deepEqual(changed.changes, [
      { field: 'edge.recipients.ldap.password', before: '<secret>', after: '<secret>' },
    ]);
  });

  const WRITTEN: [string, string, boolean][] = [
    ['in an inline table', 'edge = { recipients = { ldap = { password = "p-1" } } }', true],
    ['as a dotted key', "edge.recipients.ldap.password = 'p-1'", true],
    ['with its name in quotes', '[edge.recipients.ldap]\n"password" = "p-1"', true],
    ['commented out', '# password = "p-1"', true],
    ['of a provider', '[[people.provider]]\nclientSecret="p-1"', true],
    ['over several lines', '[edge.recipients.ldap]\npassword = """\np-1"""', false],
    ['escaped in its name', '[edge.recipients.ldap]\n"pass\\u0077ord" = "p-1"', false],
    ['in what is no TOML', 'password = "p-1" "', false],
  ];
  for (const [name, text, recognized] of WRITTEN) {
    test(`${name}: ${recognized ? 'recognized' : 'then nothing is shown'}`, () => {
      const shown = redactText(text, parse);
      assert.equal(shown !== undefined, recognized);
      if (!shown) return;
      assert.ok(!shown.text.includes('p-1'));
      assert.deepEqual(restoreText(shown.text, shown.secrets), { text });
    });
  }

  it('that are not there are missed', async () => {
    const { configuration } = scene(LDAP);
    const { problems } = await configuration.assess(LDAP.replace(/"correct.*"/, '"<secret 2>"'));
    assert.match(problems[0]?.expected ?? '', /<secret 2> stands for a secret/);
  });

  it('are known: what is named like one in the schema is one', () => {
    const found: string[] = [];
    const walk = (node: Record<string, unknown>, at: string[]): void => {
      const inner = (node['properties'] ?? {}) as Record<string, Record<string, unknown>>;
      for (const [name, one] of Object.entries(inner)) {
        if (one['type'] === 'string' && /secret|password|token/i.test(name))
          found.push([...at, name].join('.'));
        assert.equal(one['writeOnly'] === true, found.includes([...at, name].join('.')), name);
        walk(one, [...at, name]);
        if (one['items']) walk(one['items'] as Record<string, unknown>, [...at, name, '*']);
      }
    };
    walk(configurationSchema(), []);
    assert.deepEqual(found, SECRETS.map((one) => one.join('.')).sort());
  });

  it('do not stand in what is said of a wrong value', async () => {
    const { configuration } = scene('');
    const { problems } = await configuration.assess('[edge.recipients.ldap]\npassword = ["hidden"]\n');
    assert.equal(problems.length, 1);
    assert.ok(!JSON.stringify(problems).includes('hidden'));
  });
});

describe('writing', () => {
  it('leaves the one before beside it, and keeps the rights', async () => {
    const { write, read, file, folder } = scene('hostname = "a.test"\n');
    const written = await write('hostname = "b.test"\n');
    assert.deepEqual(written.assessment.changes, [{ field: 'hostname', before: 'a.test', after: 'b.test' }]);
    assert.equal(read(), 'hostname = "b.test"\n');
    assert.equal(readFileSync(`${file}.bak`, 'utf8'), 'hostname = "a.test"\n');
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(folder).sort(), ['postern.toml', 'postern.toml.bak']);
  });

  it('makes the file that the next start reads, where there was none', async () => {
    const { write, read, file, folder, configuration } = scene();
    assert.equal((await configuration.file()).exists, false);
    await write('hostname = "b.test"\n');
    assert.equal(read(), 'hostname = "b.test"\n');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['postern.toml']);
  });

  it('goes through a link, and leaves it', async () => {
    const { folder, file } = scene('hostname = "a.test"\n');
    const link = path.join(folder, 'link.toml');
    symlinkSync(file, link);
    const linked = new Configuration({
      loaded: loadConfig({ file: link, environment: {} }),
      file: link,
      environment: {},
      disk: systemDisk,
      verify: async () => {},
    });
    await linked.write('hostname = "b.test"\n', { confirmed: false, still: () => {} });
    assert.equal(readFileSync(file, 'utf8'), 'hostname = "b.test"\n');
    assert.ok(readdirSync(folder).includes('link.toml'));
  });

  it('is refused, with what a start would say, and nothing is changed', async () => {
    const { write, read, folder } = scene('hostname = "a.test"\n');
    const wrong = await refusal(write('hostname = "b.test"\n[limits]\nconections = 1\n'));
    assert.equal(wrong.kind, 'invalid');
    assert.match(
      wrong.message,
      /postern\.toml:3: limits\.conections: unknown option; did you mean "connections"\?/,
    );
    const locking = await refusal(write('[api]\nport = 9000\n'));
    assert.equal(locking.kind, 'locking');
    assert.deepEqual(locking.assessment?.locking, ['api.port']);
    assert.equal(read(), 'hostname = "a.test"\n');
    assert.deepEqual(readdirSync(folder), ['postern.toml']);
    await write('[api]\nport = 9000\n', true);
    assert.equal(read(), '[api]\nport = 9000\n');
  });

  it('is refused where a start would not find a file that it names', async () => {
    const { write } = scene('', {
      verify: async ({ config }) => {
        if (config.tls.clientCa !== '') throw new Error('tls.clientCa: ca.pem can not be read (ENOENT)');
      },
    });
    const refused = await refusal(write('[tls]\nclientCa = "ca.pem"\n'));
    assert.match(refused.message, /tls\.clientCa: ca\.pem can not be read/);
  });

  it('is refused for a file that is not for this API', async () => {
    const { write } = scene('', { locked: 'POSTERN_CONFIG names the file' });
    assert.equal((await refusal(write('hostname = "b.test"'))).message, 'POSTERN_CONFIG names the file');
  });

  it('is refused where the folder takes nothing', { skip: process.getuid?.() === 0 }, async () => {
    const { write, folder, configuration } = scene('');
    chmodSync(folder, 0o500);
    assert.match(
      (await refusal(write('hostname = "b.test"'))).message,
      /can not be written by the relay \(EACCES\)/,
    );
    assert.match((await configuration.file()).readOnly ?? '', /EACCES/);
    chmodSync(folder, 0o700);
  });

  it('that fails on the disk leaves the file as it was', async () => {
    for (const broken of ['write', 'sync', 'rename'] as const) {
      const { read, file, folder } = scene('hostname = "a.test"\n');
      const full = (): Promise<never> => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
      const disk: Disk = {
        ...systemDisk,
        ...(broken === 'rename' && { rename: full }),
        async open(at, mode) {
          const opened = await systemDisk.open(at, mode);
          return {
            write: broken === 'write' ? full : (bytes) => opened.write(bytes),
            sync: broken === 'sync' ? full : () => opened.sync(),
            read: (into, position) => opened.read(into, position),
            close: () => opened.close(),
          };
        },
      };
      const configuration = new Configuration({
        loaded: loadConfig({ file, environment: {} }),
        file,
        environment: {},
        disk,
        verify: async () => {},
      });
      const refused = await refusal(
        configuration.write('hostname = "b.test"\n', { confirmed: false, still: () => {} }),
      );
      assert.match(refused.message, /could not be written \(ENOSPC\), and is as it was/);
      assert.equal(read(), 'hostname = "a.test"\n');
      assert.deepEqual(readdirSync(folder), ['postern.toml'], broken);
    }
  });

  it('of two at once: the second finds what the first has written', async () => {
    const { configuration, read } = scene('hostname = "a.test"\n');
    const still = (raw: string): void => assert.equal(raw, 'hostname = "a.test"\n');
    const [first, second] = await Promise.allSettled([
      configuration.write('hostname = "b.test"\n', { confirmed: false, still }),
      configuration.write('hostname = "c.test"\n', { confirmed: false, still }),
    ]);
    assert.deepEqual([first.status, second.status], ['fulfilled', 'rejected']);
    assert.equal(read(), 'hostname = "b.test"\n');
  });

  it('says what a variable of the environment overrides', async () => {
    const { configuration } = scene('', { environment: { POSTERN_HOSTNAME: 'env.test' } });
    const { overridden, changes } = await configuration.assess('hostname = "b.test"\n');
    assert.deepEqual(overridden, [{ field: 'hostname', variable: 'POSTERN_HOSTNAME' }]);
    assert.deepEqual(changes, []);
  });
});
