import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RelayProcess } from '../support/relay-process.ts';
import { type Keys, mailauth } from './dkim-tools.ts';
import { parted, type Sample, sameOctets } from './sample.ts';

const PATIENCE_MS = 30_000;

export interface InboxEntry {
  id: number;
  message: string;
  sourceName: string;
  from: string;
  recipients: string[];
  subject: string;
}

export interface Arrival {
  entry: InboxEntry;
  head: string;
  body: Buffer;
}

/** An event of the journal, as the API shows it. */
export interface SeenEvent {
  type: string;
  code?: string;
  outcome?: string;
  reply?: string;
  tls?: string;
  detail?: { method?: string };
}

/** Asks until there is an answer. @throws after half a minute, with what `trouble` has to say */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  trouble: () => Promise<string> | string = () => '',
): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end)
      throw new Error(`${what} did not happen in ${PATIENCE_MS / 1000} s\n${await trouble()}`);
    await sleep(50);
  }
}

/** What came out of a relay into its sandbox inbox, and what its journal says of it. */
export class Sandbox {
  readonly #relay: RelayProcess;
  readonly #keys: Keys;

  /** @param keys names and texts of the key records that the relay has asked to be published. */
  constructor(relay: RelayProcess, keys: Keys) {
    this.#relay = relay;
    this.#keys = keys;
  }

  async arrival(wanted: (entry: InboxEntry) => boolean, trouble?: () => string): Promise<Arrival> {
    const entry = await eventually(
      'arrival in the sandbox',
      async () => {
        const { items } = (await (await this.#relay.ask('/inbox?limit=100')).json()) as {
          items: InboxEntry[];
        };
        return items.find(wanted);
      },
      trouble,
    );
    const response = await this.#relay.ask(`/inbox/${entry.id}/raw`);
    const { head, body } = parted(Buffer.from(await response.arrayBuffer()));
    return { entry, head: head.toString(), body };
  }

  /** The message has arrived: its octets as they were sent, signed, both by Postern's word and another's. */
  async expect(sent: Sample, trouble?: () => string): Promise<Arrival> {
    const arrival = await this.arrival(({ subject }) => subject === sent.subject, trouble);
    const { entry, head, body } = arrival;
    assert.deepEqual([entry.from, entry.recipients], [sent.from, [sent.to]]);
    sameOctets(body, sent.body);
    assert.ok(head.endsWith(sent.head.toString()), `the header section is another one:\n${head}`);
    const { signatures } = (await (await this.#relay.ask(`/inbox/${entry.id}`)).json()) as {
      signatures: { domain: string; result: string }[];
    };
    assert.deepEqual(
      signatures.map(({ domain, result }) => [domain, result]),
      [['corp.test', 'pass']],
    );
    const whole = Buffer.concat([Buffer.from(head), body]);
    assert.deepEqual(await mailauth.verify([whole], this.#keys, 1), [['pass']]);
    return arrival;
  }

  events(query: string): Promise<SeenEvent[]> {
    return this.#relay
      .ask(`/events?${query}`)
      .then((response) => response.json() as Promise<{ items: SeenEvent[] }>)
      .then(({ items }) => items);
  }

  /** How the source of a message proved who it is, as the journal says. */
  method(message: string): Promise<string> {
    // events are written in groups, a moment after the fact
    return eventually('the event of acceptance', async () => {
      const [event] = await this.events(`message=${message}&type=acceptance`);
      return event?.detail?.method;
    });
  }
}
