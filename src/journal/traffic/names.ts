/** As a source, a sender or a domain: all that found no row of their own. No address is spelled like that. */
export const OTHERS = '*';

/** Stands for the source of mail from the internet, and of what the relay itself writes. */
export const EDGE = 'edge';
export const RELAY = 'relay';

/** What is counted under no source of the registry, as people read it. */
export const PLACES: ReadonlyMap<string, string> = new Map([
  [EDGE, 'the internet'],
  [RELAY, 'the relay'],
]);
