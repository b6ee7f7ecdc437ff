import type { Findings } from './report.ts';
import type { Source } from './source.ts';
import type { Place, Step } from './step.ts';
import type { Block, BlockReaders, BlockResult } from './table-block.ts';

interface Pending {
  block: Block;
  result: Promise<BlockResult | undefined>;
}

/**
 * A large table, read in several places at once and put together in order. Each block begins where the one before it
 * has ended, or it is read again from there; where a block can't be read by itself, the file is read on from its
 * beginning in one go until behind its end.
 */
export class TableBlocks {
  readonly #source: Source;
  readonly #findings: Findings;
  readonly #table: Block['table'];
  readonly #readers: BlockReaders;
  readonly #sequential: (place: Place) => AsyncGenerator<Step>;
  readonly #size: number;

  constructor(
    source: Source,
    findings: Findings,
    table: Block['table'],
    readers: BlockReaders,
    sequential: (place: Place) => AsyncGenerator<Step>,
  ) {
    this.#source = source;
    this.#findings = findings;
    this.#table = table;
    this.#readers = readers;
    this.#sequential = sequential;
    this.#size = source.size ?? 0;
  }

  /** Whether a source is worth it. */
  static suit({ path, seekable, size = 0 }: Source, { leastBytes }: BlockReaders): boolean {
    return path !== undefined && seekable && size >= leastBytes;
  }

  async *steps(first: Place): AsyncGenerator<Step> {
    let place = first;
    let pending: Pending[] = [];
    try {
      while (place.offset < this.#size) {
        this.#fill(pending, place.offset);
        const { block, result } = pending.shift()!;
        // all of it belonged to a row that began before it
        if (place.offset >= block.to && !block.last) continue;
        let found = await result;
        if (found && found.start !== place.offset)
          found = await this.#readers.read({ ...block, from: place.offset, exact: true });
        if (found) {
          yield this.#step(found, place.row);
          place = { offset: found.end, row: place.row + found.report.rows };
          continue;
        }
        let behind: Place | undefined;
        for await (const step of this.#sequential(place)) {
          behind = step.place;
          yield step;
          if (behind && behind.offset >= block.to) break;
        }
        if (!behind) return;
        place = behind;
        await settled(pending);
        pending = [];
      }
    } finally {
      await settled(pending);
    }
  }

  /** Keeps the readers busy. */
  #fill(pending: Pending[], at: number): void {
    const { ahead, blockBytes } = this.#readers;
    while (pending.length < ahead) {
      const from = pending.at(-1)?.block.to ?? at;
      if (from >= this.#size) return;
      const to = this.#size - from < 2 * blockBytes ? this.#size : from + blockBytes;
      const block: Block = {
        path: this.#source.path!,
        file: this.#findings.report.file,
        table: this.#table,
        from,
        to,
        exact: from === at,
        last: to === this.#size,
      };
      const result = this.#readers.read(block);
      // whoever waits for it hears of its fault; nobody waits for what was read in vain
      result.catch(() => undefined);
      pending.push({ block, result });
    }
  }

  /** @param before rows before it */
  #step({ observations, report, gleaned, end, resume }: BlockResult, before: number): Step {
    this.#findings.join(report, before);
    for (const observation of observations) observation.row += before;
    return {
      observations,
      read: end,
      place: { offset: resume.offset, row: before + resume.row },
      gleaned,
    };
  }
}

async function settled(pending: readonly Pending[]): Promise<void> {
  await Promise.allSettled(pending.map(({ result }) => result));
}
