import type { RemoteReply } from './reply-parser.ts';

/** What the next server offered in its reply to EHLO (RFC 5321 §4.1.1.1). */
export interface Extensions {
  pipelining: boolean;
  eightBitMime: boolean;
  smtpUtf8: boolean;
  dsn: boolean;
  startTls: boolean;
  requireTls: boolean;
  /** The SIZE parameter is understood (RFC 1870). */
  size: boolean;
  /** Octets that a message may have; 0: not said. */
  maxSize: number;
  /** SASL mechanisms, upper case. */
  authentication: string[];
}

export const NO_EXTENSIONS: Extensions = {
  pipelining: false,
  eightBitMime: false,
  smtpUtf8: false,
  dsn: false,
  startTls: false,
  requireTls: false,
  size: false,
  maxSize: 0,
  authentication: [],
};

export function parseExtensions(reply: RemoteReply): Extensions {
  const found: Extensions = { ...NO_EXTENSIONS };
  for (const line of reply.lines.slice(1)) {
    const [keyword = '', ...parameters] = line.trim().toUpperCase().split(/ +/);
    switch (keyword) {
      case 'PIPELINING':
        found.pipelining = true;
        break;
      case '8BITMIME':
        found.eightBitMime = true;
        break;
      case 'SMTPUTF8':
        found.smtpUtf8 = true;
        break;
      case 'DSN':
        found.dsn = true;
        break;
      case 'STARTTLS':
        found.startTls = true;
        break;
      case 'REQUIRETLS':
        found.requireTls = true;
        break;
      case 'SIZE':
        found.size = true;
        found.maxSize = /^\d{1,15}$/.test(parameters[0] ?? '') ? Number(parameters[0]) : 0;
        break;
      case 'AUTH':
        found.authentication = parameters;
        break;
      default:
        // the form from before RFC 4954 that some servers still give besides
        if (keyword.startsWith('AUTH=')) {
          found.authentication = [...found.authentication, keyword.slice(5), ...parameters];
        }
    }
  }
  return found;
}
