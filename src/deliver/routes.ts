import type { Route } from './route.ts';

export interface RouteTable {
  list(): Route[];
  byName(name: string): Route | undefined;
  /** The route of a delivery now: the one that it was given, if that is still there, else by the rules; the sandbox when no rule matches. */
  resolve(delivery: { source: string; domain: string; from: string; route?: string }): Route;
  /** Whether deliveries to this domain may have different routes, so that one must not wait behind another's. */
  isMixed(domain: string): boolean;
  /** Adds, or replaces the one of the same name. @throws RegistryError `invalid` */
  /** @param still is asked in the turn of the change, with what is replaced; what it throws changes nothing */
  set(route: Route, still?: (before: Route | undefined) => void): Promise<void>;
  remove(name: string, still?: (before: Route) => void): Promise<void>;
  /** Runs in the same turn as a change. */
  onChange(listener: () => void): () => void;
}

/** Where all mail goes until a route is set: nothing leaves by accident. */
export const SANDBOX_ROUTE: Route = {
  name: 'sandbox',
  match: {},
  target: { kind: 'sandbox' },
  tls: 'none',
  connections: 4,
  messagesPerConnection: 1000,
};
