/** The configuration file and its overrides from the environment: whatever is wrong, a ConfigError says so. */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import { ConfigError, loadConfig } from '../../../src/config/load.ts';
import { must, type Target } from '../target.ts';

const FILES = [
  '',
  'hostname = "relay.corp.example"\ndata = "data"\n\n[[listener]]\nname = "smtp"\nport = 25\ntls = "starttls"\n\n[limits]\nconnections = 100\n',
  '[[listener]]\nname = "a"\nport = 2525\n[[listener]]\nname = "a"\nport = 2525\n[tls]\ncertificate = "x.pem"\n',
  '[proxy]\nfrom = ["192.0.2.0/24", "2001:db8::/32"]\n[[oauth.issuer]]\nissuer = "https://login.example"\naudience = "x"\n',
  'hostnam = "x"\n[limit]\nconnections = "many"\n[limits]\nmessageBytes = -1\nheaderBytes = 1.5\n',
  'a.b.c = 1\n"quoted key" = [1, [2], { c = 3 }]\nd = 1979-05-27T07:32:00Z\ns = """\nmulti\n"""\n',
  '[delivery]\nretryFirstSeconds = 9000\n\xffPOSTERN_LIMITS__CONNECTIONS=5\xffPOSTERN_HOSTNAME=mail.test',
  '\xffPOSTERN_LIMITS=null\xffPOSTERN_LIMITS__CONNECTIONS=5',
  '\xffPOSTERN_LISTENER=[{"name":"a","port":25}]\xffPOSTERN_LISTENER__0__PORT=26\xffPOSTERN_API__TLS=true',
];

/** Of this thread alone, and gone after each input. */
const file = path.join(tmpdir(), `postern-fuzz-${process.pid}-${threadId}.toml`);

export const configTarget: Target = {
  name: 'configuration',
  weight: 3,
  seeds: FILES.map((text) => Buffer.from(text, 'latin1')),
  words: [
    '[limits]\n',
    '[[listener]]\n',
    '[tls]\n',
    '[[oauth.issuer]]\n',
    'port = ',
    'name = "x"\n',
    '= 1\n',
    '"""',
    "'''",
    '{}',
    '[]',
    'inf',
    'nan',
    '0x',
    '1979-05-27',
    '__proto__ = 1\n',
    '[__proto__]\n',
    '\xffPOSTERN_',
    '__',
    'POSTERN_LIMITS',
    'a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a',
    '[[[[[[[[[[[[[[[[',
    'null',
    '{"a":1}',
    '=',
    '\xffPOSTERN___PROTO____X=1',
    '\xffPOSTERN_TLS=1\xffPOSTERN_TLS__KEY=x',
  ],
  run(input) {
    const [toml = '', ...variables] = input.toString('latin1').split('\xff');
    writeFileSync(file, toml, 'latin1');
    const environment: NodeJS.ProcessEnv = {};
    for (const variable of variables) {
      const [name = '', ...value] = variable.split('=');
      // these name files and secrets, not settings
      if (/^POSTERN_(?!CONFIG$|DATA$)[^\0]*$/.test(name)) environment[name] = value.join('=');
    }
    const own = Object.getOwnPropertyNames(Object.prototype).length;
    try {
      const { config, data } = loadConfig({ file, environment });
      must(config.listener.length > 0 && path.isAbsolute(data), 'a configuration without its parts');
      return `${config.listener.length}${Object.keys(environment).length}`;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      must(error.message !== '', 'a problem without words');
      return error.message
        .slice(0, 200)
        .replaceAll(file, '')
        .replaceAll(/\d+|"[^"]*"/g, '')
        .slice(0, 80);
    } finally {
      rmSync(file);
      must(Object.getOwnPropertyNames(Object.prototype).length === own, 'Object.prototype was changed');
    }
  },
};
