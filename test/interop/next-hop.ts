/**
 * Postfix as the server that a relay hands mail to, strict about the protocol, with a listener for each kind of
 * transport. What it has taken it hands on to a recording server, which shows what has become of content and envelope.
 */
import { fileURLToPath } from 'node:url';
import { ScriptedServer } from '../support/scripted-server.ts';
import { SINK_CERTIFICATE, SINK_KEY } from '../support/sink-certificate.ts';
import { type LineServer, passwordServer, policyServer } from './line-server.ts';
import { freePorts, Postfix } from './postfix.ts';
import { WireTap } from './wire-tap.ts';

/** The listeners of this Postfix. */
export const HOPS = [
  'plain',
  'starttls',
  'implicit',
  'stranger',
  'ancient',
  'bare',
  'plain-auth',
  'login-auth',
] as const;
export type Hop = (typeof HOPS)[number];

/** Key and certificate that nobody trusts, and of another name. */
const STRANGER = new URL('../dialogues/tls/', import.meta.url);

export interface NextHopOptions {
  username: string;
  password: string;
  /** What Postfix does with a recipient. */
  policy(recipient: string): string;
}

export class NextHop {
  readonly sink = new ScriptedServer();
  /** What went to `plain` and to `bare`, as it was written. */
  readonly taps = new Map<Hop, WireTap>();
  readonly #options: NextHopOptions;
  readonly #ports = new Map<Hop, number>();
  readonly #servers: LineServer[] = [];
  #postfix: Postfix | undefined;

  constructor(options: NextHopOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { username, password, policy } = this.#options;
    await this.sink.listen();
    const policies = policyServer(policy);
    const passwords = passwordServer(username, password);
    this.#servers.push(policies, passwords);
    const ports = await freePorts(HOPS.length);
    const listener = (hop: Hop, settings: Record<string, string>): string => {
      const port = ports[HOPS.indexOf(hop)] ?? 0;
      this.#ports.set(hop, port);
      const options = Object.entries(settings).map(([name, value]) => `-o ${name}=${value}`);
      return `127.0.0.1:${port} inet n - n - - smtpd ${options.join(' ')}`;
    };
    const login = {
      smtpd_tls_security_level: 'may',
      smtpd_sasl_auth_enable: 'yes',
      smtpd_tls_auth_only: 'yes',
      smtpd_sasl_type: 'dovecot',
      smtpd_sasl_path: `inet:127.0.0.1:${await passwords.listen()}`,
      smtpd_relay_restrictions: 'permit_sasl_authenticated,reject',
    };
    const services = [
      listener('plain', {}),
      listener('starttls', { smtpd_tls_security_level: 'may' }),
      listener('implicit', { smtpd_tls_wrappermode: 'yes' }),
      listener('stranger', {
        smtpd_tls_security_level: 'may',
        smtpd_tls_key_file: fileURLToPath(new URL('server-key.pem', STRANGER)),
        smtpd_tls_cert_file: fileURLToPath(new URL('server-cert.pem', STRANGER)),
      }),
      listener('ancient', { smtpd_tls_security_level: 'may', smtpd_tls_protocols: 'TLSv1' }),
      listener('bare', {
        smtpd_discard_ehlo_keywords: 'pipelining,8bitmime,smtputf8,dsn,size,chunking,enhancedstatuscodes',
      }),
      listener('plain-auth', { ...login, smtpd_sasl_mechanism_filter: 'plain' }),
      listener('login-auth', { ...login, smtpd_sasl_mechanism_filter: 'login' }),
    ];
    const postfix = new Postfix({
      port: ports[0] ?? 0,
      services,
      main: {
        relayhost: `[127.0.0.1]:${this.sink.port}`,
        smtputf8_enable: 'yes',
        smtpd_recipient_restrictions: `check_policy_service inet:127.0.0.1:${await policies.listen()}`,
        // who sends commands before it may, or line ends that are none, is refused
        smtpd_forbid_unauth_pipelining: 'yes',
        smtpd_data_restrictions: 'reject_unauth_pipelining',
        smtpd_forbid_bare_newline: 'reject',
        smtpd_tls_received_header: 'yes',
        smtpd_tls_key_file: '$config_directory/sink.key',
        smtpd_tls_cert_file: '$config_directory/sink.pem',
      },
    });
    this.#postfix = postfix;
    postfix.write('sink.key', SINK_KEY);
    postfix.write('sink.pem', SINK_CERTIFICATE);
    await postfix.start();
    for (const hop of ['plain', 'bare'] as const) {
      const tap = new WireTap(this.#port(hop));
      this.taps.set(hop, tap);
      this.#ports.set(hop, await tap.listen());
    }
  }

  #port(hop: Hop): number {
    return this.#ports.get(hop) ?? 0;
  }

  address(hop: Hop): string {
    return `127.0.0.1:${this.#port(hop)}`;
  }

  log(): string {
    return this.#postfix?.log() ?? '';
  }

  async stop(): Promise<void> {
    await this.#postfix?.stop();
    for (const one of [...this.#servers, ...this.taps.values()]) await one.close();
    await this.sink.close();
  }
}
