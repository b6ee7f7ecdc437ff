import { z } from 'zod';
import { CollectError } from './collect-error.ts';
import type { EvidenceFolder } from './evidence-folder.ts';

const windowShape = z.object({
  from: z.int(),
  to: z.int(),
  finished: z.boolean(),
  /** Files written for it. */
  pages: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  /** Where the next page is, while it is not finished. */
  next: z.string().max(16_384).optional(),
  /** More rows than can be had in the shortest window that is asked for. */
  incomplete: z.boolean().optional(),
  details: z
    .object({
      /** What was chosen of it: other domains or another number choose anew. */
      selection: z.string().max(128),
      finished: z.boolean(),
      files: z.int().nonnegative(),
    })
    .optional(),
});

const stateShape = z.object({
  version: z.literal(1),
  tenant: z.string().max(256),
  trace: z.array(windowShape).max(20_000),
  hunting: z.array(windowShape).max(200_000),
});

/** A period that was asked for, and how far. */
export type CollectedWindow = z.infer<typeof windowShape>;
export type CollectState = z.infer<typeof stateShape>;

/** Where the state is kept between runs. `save` returns when it is on stable storage. */
export interface StateKeeper {
  load(): Promise<CollectState | undefined>;
  save(state: CollectState): Promise<void>;
}

const NAME = '.collect-state.json';

/** The state as a file beside the evidence that it speaks of. */
export class FileStateKeeper implements StateKeeper {
  readonly #folder: EvidenceFolder;

  constructor(folder: EvidenceFolder) {
    this.#folder = folder;
  }

  /** @throws CollectError when there is a state that can not be read: what was collected would be asked for again */
  async load(): Promise<CollectState | undefined> {
    const text = await this.#folder.read(NAME);
    if (text === undefined) return undefined;
    try {
      return stateShape.parse(JSON.parse(text));
    } catch (error) {
      throw new CollectError(
        'folder',
        `${NAME} in ${this.#folder.path} can not be read; restore it, or collect into another folder`,
        { cause: error },
      );
    }
  }

  save(state: CollectState): Promise<void> {
    return this.#folder.write(NAME, JSON.stringify(state));
  }
}
