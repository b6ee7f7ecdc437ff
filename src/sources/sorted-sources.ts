import type { Source } from './source.ts';

/**
 * Sources in the order of their names, kept so through single changes: sorting fifty thousand again for each would
 * make a search after an edit slow. Names hold ASCII only, so that this order is everybody's.
 */
export class SortedSources {
  /** Never changed in place: somebody may be reading it. Absent: to be made from all when asked. */
  #sources: Source[] | undefined = [];
  #all: ReadonlyMap<string, Source> = new Map();

  list(): Source[] {
    this.#sources ??= [...this.#all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#sources;
  }

  /** Many are about to change: to be sorted when somebody asks. */
  clear(): void {
    this.#sources = undefined;
  }

  /**
   * @param before the value that it takes the place of
   * @param all everything, `source` included
   */
  put(source: Source, before: Source | undefined, all: ReadonlyMap<string, Source>): void {
    this.#all = all;
    if (!this.#sources) return;
    // a first filling comes one by one
    if (!before && this.#sources.length === 0 && all.size > 0) return this.clear();
    if (before?.name === source.name) {
      this.#sources = this.#sources.with(placeOf(this.#sources, source.name), source);
      return;
    }
    if (before) this.delete(before);
    this.#sources = this.#sources.toSpliced(placeOf(this.#sources, source.name), 0, source);
  }

  delete(source: Source): void {
    if (!this.#sources) return;
    this.#sources = this.#sources.toSpliced(placeOf(this.#sources, source.name), 1);
  }
}

/** Where the name stands, or would: the first place whose name is not before it. */
export function placeOf(sources: readonly Source[], name: string): number {
  let low = 0;
  let high = sources.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sources[middle] as Source).name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
