import type { Lookups } from '../../authentication/lookups.ts';
import { checkReverseDns } from '../../authentication/reverse-dns.ts';
import { checkSpf } from '../../authentication/spf/check.ts';
import { type Reply, refuse } from '../../smtp/reply.ts';
import { networkOf } from '../../submission/network.ts';
import type { SessionView } from '../../smtp/server/handler.ts';
import { isVouched } from '../attribution.ts';
import type { Client } from '../connector.ts';
import type { FrontDoorDecision } from '../front-door.ts';
import { edgeReply } from '../replies.ts';
import type { ClientChecks, ClientVerdict } from '../rooms.ts';
import type { Blocklists } from './blocklists.ts';
import type { Greylist } from './greylist.ts';
import type { HarvestGuard } from './harvest.ts';
import { helloProblem, isInside, type OwnNames } from './hello.ts';
import type { NetworkRates } from './rates.ts';

/** Nothing, a mark that puts the mail into Junk, or a refusal. */
export type CheckAction = 'off' | 'mark' | 'refuse';

export interface ClientChecksOptions {
  blocklists: Blocklists;
  /** Absent: nobody is told to come again. */
  greylist?: Greylist;
  harvest: HarvestGuard;
  rates: NetworkRates;
  /** By how much clients that a connector identifies may send more. */
  connectorFactor: number;
  helo: CheckAction;
  reverseDns: CheckAction;
  exceptSpfPass: boolean;
  ownNames(): OwnNames;
  /** A budget of questions to DNS for one client. */
  lookups(): Lookups;
}

export interface ChecksHealth {
  blocklists: ReturnType<Blocklists['health']>;
  /** Networks and first attempts that are remembered; absent: greylisting is off. */
  greylisted?: number;
  /** Networks whose traffic is counted now. */
  networks: number;
  /** Networks that are refused for trying addresses. */
  harvesters: number;
}

const NOTHING: ClientVerdict = { marks: [] };

interface Known {
  hello: string;
  verdict: Promise<ClientVerdict>;
}

/**
 * What is held against a client, whatever its message says. None of it touches who is identified by a connector, but
 * limits, which are wider for them.
 */
export class EdgeClientChecks implements ClientChecks {
  readonly #options: ClientChecksOptions;
  /** What was found out about the client of a session. */
  readonly #known = new WeakMap<SessionView, Known>();

  constructor(options: ClientChecksOptions) {
    this.#options = options;
  }

  client(session: SessionView, client: Client, vouched: boolean): ClientVerdict | Promise<ClientVerdict> {
    const { rates, harvest, connectorFactor } = this.#options;
    const network = networkOf(client.address);
    const facts = { address: client.address, network };
    const exceeded = rates.recipient(network, vouched ? connectorFactor : 1);
    if (exceeded !== undefined)
      return { marks: [], refusal: refuse('E214', `${network} has sent ${exceeded}`, facts) };
    if (vouched) return NOTHING;
    if (harvest.isRefused(network)) {
      const particulars = `${network} asked for too many recipients that do not exist`;
      return { marks: [], refusal: refuse('E215', particulars, facts) };
    }
    return this.#found(session);
  }

  unknown(client: Client, vouched: boolean): Promise<void> | undefined {
    return vouched ? undefined : this.#options.harvest.unknown(networkOf(client.address));
  }

  async stranger(
    session: SessionView,
    { address }: Client,
    sender: string,
    recipient: string,
    decision: FrontDoorDecision,
  ): Promise<Reply | undefined> {
    const { greylist } = this.#options;
    // devices inside do not come again
    if (!greylist || isVouched(decision.attribution) || isInside(address)) return undefined;
    const ms = greylist.wait(address, sender, recipient);
    if (ms === undefined || (await this.#isProven(session, sender))) return undefined;
    const seconds = Math.ceil(ms / 1000);
    return edgeReply(
      'E213',
      {},
      {
        particulars: `first seen; may come again in ${seconds} s`,
        facts: { address, from: sender, recipient, seconds },
      },
    );
  }

  taken({ address }: Client): void {
    this.#options.rates.message(networkOf(address));
  }

  health(): ChecksHealth {
    const { blocklists, greylist, rates, harvest } = this.#options;
    return {
      blocklists: blocklists.health(),
      ...(greylist && { greylisted: greylist.size }),
      networks: rates.size,
      harvesters: harvest.refused,
    };
  }

  /** Once a session: what DNS and HELO say of a client does not change by the recipient. */
  async #found(session: SessionView): Promise<ClientVerdict> {
    const { hello } = session;
    let known = this.#known.get(session);
    if (known?.hello !== hello) {
      known = { hello, verdict: this.#look(session) };
      this.#known.set(session, known);
    }
    const verdict = await known.verdict;
    // what could not be found out is asked again the next time
    if (verdict.refusal && verdict.refusal.code < 500) this.#known.delete(session);
    return verdict;
  }

  async #look({ hello, address }: SessionView): Promise<ClientVerdict> {
    const { blocklists, helo, ownNames } = this.#options;
    // nothing of this can be said of clients that are not on the internet
    if (isInside(address)) return NOTHING;
    const marks: string[] = [];
    const problem = helo === 'off' ? undefined : helloProblem(hello, ownNames());
    if (problem !== undefined) {
      const particulars = `${address} ${problem}`;
      if (helo === 'refuse')
        return { marks, refusal: edgeReply('E209', {}, { particulars, facts: { address, hello } }) };
      marks.push(`the client ${problem}`);
    }
    const listed = await blocklists.check(address);
    if (listed) return { marks, refusal: listed };
    const nameless = await this.#reverse(address);
    return { marks: [...marks, ...nameless.marks], ...(nameless.refusal && { refusal: nameless.refusal }) };
  }

  async #reverse(address: string): Promise<ClientVerdict> {
    const { reverseDns, lookups } = this.#options;
    if (reverseDns === 'off') return NOTHING;
    const { result, claimed, problem = '' } = await checkReverseDns(address, lookups());
    if (result === 'pass') return NOTHING;
    if (reverseDns === 'mark') {
      // a mark is a hint, and one that DNS does not give today is none: nobody would have been refused
      return result === 'temperror' ? NOTHING : { marks: [problem.replace(/\.$/, '')] };
    }
    const options = { particulars: problem, facts: { address, claimed: claimed.join(' ').slice(0, 500) } };
    return { marks: [], refusal: edgeReply(result === 'temperror' ? 'E211' : 'E212', {}, options) };
  }

  /**
   * SPF says that the client sends for the domain: then it is a server, and large services come again from elsewhere.
   * A record that lets the whole world pass says nothing.
   */
  async #isProven(session: SessionView, sender: string): Promise<boolean> {
    if (!this.#options.exceptSpfPass) return false;
    const { address, hello } = session;
    const query = { address, sender, helo: hello, receiver: this.#options.ownNames().hostname };
    const { result, mechanism = '' } = await checkSpf(query, this.#options.lookups());
    return result === 'pass' && !/^\+?all$/i.test(mechanism) && !mechanism.endsWith('/0');
  }
}
