import { type Blocklist, type BlocklistResult, checkAddressLists } from '../../authentication/blocklist.ts';
import type { Lookups } from '../../authentication/lookups.ts';
import type { EventSink } from '../../journal/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Reply } from '../../smtp/reply.ts';
import { edgeReply } from '../replies.ts';

export interface UsedBlocklist extends Blocklist {
  /** As the refusal calls it; empty: the zone. */
  name: string;
  /** Where to ask for removal, `{address}` standing for the client; empty: what the list says. */
  removal: string;
  whenSilent: 'wait' | 'pass';
}

export interface BlocklistsOptions {
  lists: readonly UsedBlocklist[];
  /** A budget of questions for one client. */
  lookups(): Lookups;
  clock: Clock;
  events: EventSink;
}

export interface BlocklistHealth {
  zone: string;
  /** Why it is not used, or gave no answer the last time. */
  problem?: string;
  used: boolean;
}

interface State {
  list: UsedBlocklist;
  used: boolean;
  problem?: string;
  /** Monotonic: when somebody was told of the trouble. */
  toldAt: number;
}

/** RFC 5782 §5: an address that no list may list. */
const NOBODY = '127.0.0.1';
const AGAIN_MS = 3_600_000;

/** Asks the lists about clients; leaves out a list that lists the whole world, as lists that were given up have done. */
export class Blocklists {
  readonly #options: BlocklistsOptions;
  readonly #states: State[];

  constructor(options: BlocklistsOptions) {
    this.#options = options;
    this.#states = options.lists.map((list) => ({ list, used: true, toldAt: Number.NEGATIVE_INFINITY }));
  }

  /** The refusal of a client that is listed, or that no list could be asked about. */
  async check(address: string): Promise<Reply | undefined> {
    const used = this.#states.filter((state) => state.used);
    if (used.length === 0) return undefined;
    const results = await checkAddressLists(
      address,
      used.map(({ list }) => list),
      this.#options.lookups(),
    );
    let silent: { state: State; result: BlocklistResult } | undefined;
    for (const [index, result] of results.entries()) {
      const state = used[index] as State;
      if (result.status === 'listed') return refusalOf(address, state.list, result);
      state.problem = result.problem;
      if (result.status !== 'error') continue;
      this.#tell(state, `The blocklist ${state.list.zone} gives no answer: ${result.problem ?? ''}`);
      if (state.list.whenSilent === 'wait') silent ??= { state, result };
    }
    if (!silent) return undefined;
    const { state, result } = silent;
    return edgeReply(
      'E211',
      {},
      {
        particulars: result.problem,
        facts: { address, list: state.list.zone },
      },
    );
  }

  /** Looks whether each list leaves out what no list may have; to be called now and then. */
  async probe(): Promise<void> {
    for (const state of this.#states) {
      const { zone } = state.list;
      const [result] = await checkAddressLists(NOBODY, [{ zone }], this.#options.lookups());
      // one that can not be asked now stays as it is
      if (!result || result.status === 'error') continue;
      const wrong = result.status === 'listed';
      if (wrong === !state.used) continue;
      state.used = !wrong;
      state.problem = wrong ? 'it lists what no list may list' : undefined;
      state.toldAt = Number.NEGATIVE_INFINITY;
      if (wrong) this.#tell(state, `The blocklist ${zone} lists the whole world and is not used any more.`);
    }
  }

  health(): BlocklistHealth[] {
    return this.#states.map(({ list, used, problem }) => ({
      zone: list.zone,
      used,
      ...(problem !== undefined && { problem }),
    }));
  }

  #tell(state: State, text: string): void {
    const { clock, events } = this.#options;
    if (clock.monotonic() - state.toldAt < AGAIN_MS) return;
    state.toldAt = clock.monotonic();
    events.write({
      type: 'alarm',
      code: 'blocklist-unavailable',
      outcome: 'warning',
      text,
      detail: { zone: state.list.zone, whenSilent: state.list.whenSilent },
    });
  }
}

/** The words of Exchange Online. */
function refusalOf(
  address: string,
  { zone, name, removal }: UsedBlocklist,
  { codes, reasons }: BlocklistResult,
): Reply {
  const said = reasons
    .map((reason) => /https?:\/\/[!-~]+/.exec(reason)?.[0])
    .find((link) => link !== undefined);
  const link = removal === '' ? (said ?? zone) : removal.replaceAll('{address}', address);
  return edgeReply(
    'E210',
    { address, list: name || zone, removal: link },
    {
      particulars: `${address} is listed by ${zone}: ${[...codes, ...reasons].join(' ')}`,
      facts: { address, list: zone, codes: codes.join(' ') },
    },
  );
}
