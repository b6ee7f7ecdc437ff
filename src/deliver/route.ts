/**
 * How recipients are reached. The first rule that matches decides, the more exact before the less:
 * source, then recipient domain, then sender domain, then the default. Without any rule, mail goes to the sandbox.
 */
export interface Route {
  /** Unique; what people call it. */
  name: string;
  match: RouteMatch;
  target: RouteTarget;
  /** Which security of transport this route asks for. */
  tls: TlsPolicy;
  /** Simultaneous connections to one destination. */
  connections: number;
  /** Messages over one connection before it is closed. */
  messagesPerConnection: number;
}

/** All given conditions must hold; none given: the default route. */
export interface RouteMatch {
  source?: string;
  /** Exact, or `*.corp.example` for subdomains. */
  recipientDomain?: string;
  senderDomain?: string;
}

export type RouteTarget =
  | { kind: 'sandbox' }
  /** MX records of the recipient domain (RFC 5321 §5.1); `port` is for tests. */
  | { kind: 'mx'; port: number }
  | {
      kind: 'smarthost';
      /** Tried in order; `host` may be an address. */
      hosts: { host: string; port: number }[];
      /** TLS from the first octet (RFC 8314). */
      implicitTls: boolean;
      /** The password is sealed at rest. */
      authentication?: { username: string; password: string };
      /** PEM, the key sealed at rest. */
      clientCertificate?: { certificate: string; privateKey: string };
    };

export type TlsPolicy =
  | 'none'
  /** STARTTLS where offered, any certificate; plain otherwise (RFC 7435). */
  | 'opportunistic'
  /** TLS or no delivery, and the certificate must be valid for the host name. */
  | 'verified';
