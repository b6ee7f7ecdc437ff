import type { Lab } from './lab.ts';

/** One address from which mail comes by Direct Send: a line of the list that has to be empty one day. */
export interface DirectSender {
  address: string;
  /** Its name by reverse DNS; absent: it has none. */
  name?: string;
  /** What it calls itself. */
  hello: string;
  messages: number;
  /** Envelope senders, each once. */
  senders: string[];
  /** DMARC results, each once. */
  dmarc: string[];
}

/** Who uses Direct Send, by address, most messages first. @param since wall time, milliseconds */
export function directSenders(lab: Pick<Lab, 'messages' | 'dns'>, since = 0): DirectSender[] {
  const found = new Map<string, DirectSender & { arrivals: Set<string> }>();
  for (const { verdict, from, receivedAt, networkMessageId } of lab.messages()) {
    if (!verdict.directSend || receivedAt < since) continue;
    const { clientAddress: address, hello, dmarc } = verdict;
    const sender = found.get(address) ?? {
      address,
      name: reverseName(lab.dns, address),
      hello,
      messages: 0,
      senders: [],
      dmarc: [],
      arrivals: new Set(),
    };
    found.set(address, sender);
    // one message to three mailboxes is one message
    sender.arrivals.add(networkMessageId);
    if (!sender.senders.includes(from)) sender.senders.push(from);
    if (!sender.dmarc.includes(dmarc)) sender.dmarc.push(dmarc);
  }
  return [...found.values()]
    .map(({ arrivals, ...sender }) => ({ ...sender, messages: arrivals.size }))
    .sort((a, b) => b.messages - a.messages || a.address.localeCompare(b.address));
}

function reverseName(dns: Lab['dns'], address: string): string | undefined {
  return dns.get(`${address.split('.').reverse().join('.')}.in-addr.arpa`, 'PTR')[0];
}
