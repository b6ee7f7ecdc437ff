import type { FastifyRequest } from 'fastify';
import { addressText, parseAddress } from '../platform/ip-address.ts';
import { inNetworks } from '../submission/network.ts';

/** Who came through how many proxies is followed no further than this. */
const MOST_HOPS = 20;
const MEMBERS = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'] as const;
const HOST = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

export type ProxyHeader = 'x-forwarded' | 'forwarded';

type Said = Partial<Record<(typeof MEMBERS)[number], string>>;

export interface ProxyOptions {
  /** CIDR blocks. */
  trustedProxies: readonly string[];
  proxyHeader: ProxyHeader;
}

/**
 * Reverse proxies before the API. What they say of the client is believed, what anybody else says is not: of the
 * headers of a request only what a trusted proxy wrote is left, in the one form that the HTTP server reads.
 */
export class Proxies {
  readonly #options: ProxyOptions;

  constructor(options: ProxyOptions) {
    this.#options = options;
  }

  get any(): boolean {
    return this.#options.trustedProxies.length > 0;
  }

  trusts(address: string): boolean {
    return inNetworks(address, this.#options.trustedProxies);
  }

  /** Has to run before anything asks where a request comes from. */
  settle({ raw }: Pick<FastifyRequest, 'raw'>): void {
    const { headers, socket } = raw;
    const said = this.trusts(socket.remoteAddress ?? '') ? this.#said(headers) : {};
    for (const name of MEMBERS) {
      const value = said[name];
      if (value === undefined) delete headers[name];
      else headers[name] = value;
    }
  }

  #said(headers: FastifyRequest['raw']['headers']): Said {
    if (this.#options.proxyHeader === 'forwarded') return this.#forwarded(headers.forwarded ?? '');
    const addresses: string[] = [];
    for (const entry of listed(headers['x-forwarded-for']).reverse()) {
      const address = nodeAddress(entry);
      // what stands left of what nobody can read was written by nobody who is known
      if (address === undefined) break;
      addresses.unshift(address);
    }
    return members(
      addresses,
      listed(headers['x-forwarded-proto']).at(-1),
      listed(headers['x-forwarded-host']).at(-1),
    );
  }

  /**
   * RFC 7239 §4: each proxy adds its element at the end, so that they are believed from there, as long as the one that
   * an element names is a trusted proxy itself. How the client came is said by the last of those.
   */
  #forwarded(header: string): Said {
    const addresses: string[] = [];
    let proto: string | undefined;
    let host: string | undefined;
    for (const text of listed(header).reverse()) {
      const element = parametersOf(text);
      const address = nodeAddress(element?.get('for') ?? '');
      if (address === undefined) break;
      addresses.unshift(address);
      proto = element?.get('proto');
      host = element?.get('host');
      if (!this.trusts(address)) break;
    }
    return members(addresses, proto, host);
  }
}

/** The values of a header that may be there several times, no more of them from its end than count. */
function listed(header: string | string[] | undefined): string[] {
  return [header ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .slice(-MOST_HOPS);
}

function members(addresses: string[], proto: string | undefined, host: string | undefined): Said {
  const scheme = proto?.toLowerCase();
  return {
    ...(addresses.length > 0 && { 'x-forwarded-for': addresses.join(', ') }),
    ...((scheme === 'http' || scheme === 'https') && { 'x-forwarded-proto': scheme }),
    ...(host !== undefined && HOST.test(host) && { 'x-forwarded-host': host }),
  };
}

/** RFC 7239 §6, and what proxies write into X-Forwarded-For: `192.0.2.1:4711`, `[2001:db8::1]:4711`, without port too. */
function nodeAddress(node: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(node)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(node)?.[1] ?? node;
  const address = parseAddress(bare);
  return address && addressText(address);
}

/** `for=192.0.2.60;proto=http;by=203.0.113.43`; undefined for what is none. */
function parametersOf(element: string): Map<string, string> | undefined {
  const parameters = new Map<string, string>();
  for (const pair of element.split(';')) {
    const [, name, quoted, token] =
      /^\s*([\w!#$%&'*+.^`|~-]+)=(?:"([^"\\]*)"|([^\s"]+))\s*$/.exec(pair) ?? [];
    // RFC 7239 §4: no parameter twice
    if (name === undefined || parameters.has(name.toLowerCase())) return undefined;
    parameters.set(name.toLowerCase(), quoted ?? token ?? '');
  }
  return parameters;
}
