import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { DetailCondition, EventFilter, JournalEvent } from './event.ts';

/** Whether an address is the one, or in the block, that `network` names; nothing matches what is neither. */
export function networkMatcher(network: string): (address: string) => boolean {
  const [address = '', length] = network.split('/');
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  const bits = length === undefined ? undefined : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (!family || Number.isNaN(bits) || (bits ?? 0) > (family === 'ipv4' ? 32 : 128)) return () => false;
  const list = new BlockList();
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, bits, family);
  return (candidate) => {
    if (isIPv4(candidate)) return list.check(candidate, 'ipv4');
    return isIPv6(candidate) && list.check(candidate, 'ipv6');
  };
}

/** In lower case as SQLite's lower() has it: ASCII alone, so that search and follow agree. */
export function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The filter as one test of an event; `message` matches by prefix, addresses in any case, `until` is exclusive. */
export function eventMatcher(filter: EventFilter): (event: JournalEvent & { at: number }) => boolean {
  const { types, source, session, code, outcome, since, until, listeners, details = [] } = filter;
  const message = filter.message?.toUpperCase();
  const from = filter.from === undefined ? undefined : lower(filter.from);
  const to = filter.to === undefined ? undefined : lower(filter.to);
  const inNetwork = filter.network === undefined ? undefined : networkMatcher(filter.network);
  return (event) =>
    (types === undefined || types.includes(event.type)) &&
    (source === undefined || event.source === source) &&
    (session === undefined || event.session === session) &&
    (message === undefined || (event.message?.startsWith(message) ?? false)) &&
    (code === undefined || event.code === code) &&
    (outcome === undefined || event.outcome === outcome) &&
    (since === undefined || event.at >= since) &&
    (until === undefined || event.at < until) &&
    (from === undefined || (event.from !== undefined && lower(event.from) === from)) &&
    (to === undefined || (event.to?.some((address) => lower(address) === to) ?? false)) &&
    (inNetwork === undefined || (event.network !== undefined && inNetwork(event.network))) &&
    (listeners === undefined || (event.listener !== undefined && listeners.includes(event.listener))) &&
    details.every((condition) => hasDetail(event, condition));
}

function hasDetail({ detail }: JournalEvent, { paths, values }: DetailCondition): boolean {
  return paths.some((path) => {
    const found = path
      .split('.')
      .reduce<unknown>(
        (value, name) => (value as Record<string, unknown> | null | undefined)?.[name],
        detail,
      );
    if (values === undefined) return found !== undefined && found !== null;
    return values.some((value) => value === found);
  });
}
