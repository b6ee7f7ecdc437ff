/** OpenLDAP's server with a directory of its own in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { endWithProcess } from '../support/end-with-process.ts';
import { SINK_CERTIFICATE, SINK_KEY } from '../support/sink-certificate.ts';
import { until } from '../support/until.ts';
import { needs, succeed } from './programs.ts';

const PROGRAM = '/usr/sbin/slapd';

/** What of Active Directory's schema is asked for, with the rules by which that server compares. */
const ACTIVE_DIRECTORY = [
  "attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )",
  "attributetype ( 1.2.840.113556.1.2.210 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "objectclass ( 1.2.840.113556.1.5.9 NAME 'msuser' SUP top AUXILIARY MAY ( userAccountControl $ proxyAddresses ) )",
];

export interface SlapdOptions {
  suffix: string;
  /** What the directory holds, as LDIF. */
  ldif: string;
  rootDn: string;
  password: string;
}

export class Slapd {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'postern-slapd-'));
  readonly #options: SlapdOptions;
  #server: ChildProcess | undefined;
  /** For StartTLS, and for TLS from the first octet. */
  ports = { plain: 0, tls: 0 };

  constructor(options: SlapdOptions) {
    this.#options = options;
  }

  /** @throws when the Debian package is missing, or slapd does not start. */
  async start(): Promise<this> {
    needs(PROGRAM, 'slapd');
    const { suffix, ldif, rootDn, password } = this.#options;
    const at = (name: string): string => path.join(this.folder, name);
    mkdirSync(at('data'));
    writeFileSync(at('cert.pem'), SINK_CERTIFICATE);
    writeFileSync(at('key.pem'), SINK_KEY, { mode: 0o600 });
    writeFileSync(at('content.ldif'), ldif);
    const schemas = ['core', 'cosine', 'inetorgperson'];
    const lines = [
      ...schemas.map((name) => `include /etc/ldap/schema/${name}.schema`),
      ...ACTIVE_DIRECTORY,
      'modulepath /usr/lib/ldap',
      'moduleload back_mdb',
      `TLSCertificateFile ${at('cert.pem')}`,
      `TLSCertificateKeyFile ${at('key.pem')}`,
      // nothing is answered in the clear, and nobody without a name
      'security tls=1',
      'require bind',
      'sizelimit 5',
      'database mdb',
      `suffix "${suffix}"`,
      `rootdn "${rootDn}"`,
      `rootpw ${password}`,
      `directory ${at('data')}`,
    ];
    writeFileSync(at('slapd.conf'), `${lines.join('\n')}\n`);
    await succeed(PROGRAM, ['-T', 'add', '-f', at('slapd.conf'), '-l', at('content.ldif')]);
    this.ports = { plain: await freePort(), tls: await freePort() };
    const listen = `ldap://127.0.0.1:${this.ports.plain} ldaps://127.0.0.1:${this.ports.tls}`;
    const server = spawn(PROGRAM, ['-f', at('slapd.conf'), '-h', listen, '-d', '0'], { stdio: 'ignore' });
    this.#server = server;
    endWithProcess(server, 'SIGTERM');
    await until('slapd answers', async () => {
      if (server.exitCode !== null) throw new Error(`slapd ended with ${server.exitCode}`);
      return (await isOpen(this.ports.plain)) && isOpen(this.ports.tls);
    });
    return this;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server !== undefined && server.exitCode === null && server.signalCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
