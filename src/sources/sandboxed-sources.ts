import { isSandboxed } from './lifecycle.ts';
import type { SourceRegistry } from './registry.ts';

/** Which sources are in the sandbox now. Few at a time are: whether any is, costs nothing to ask. */
export class SandboxedSources {
  readonly #registry: Pick<SourceRegistry, 'list' | 'onChange'>;
  readonly #ids: Set<string>;

  constructor(registry: Pick<SourceRegistry, 'list' | 'onChange'>) {
    this.#registry = registry;
    this.#ids = new Set(
      registry
        .list()
        .filter(({ state }) => isSandboxed(state))
        .map(({ id }) => id),
    );
  }

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /**
   * Follows the registry; without it, they stay those that they were.
   * @param listener is told of sources that were there before and have gone in or out
   * @returns a function that ends it
   */
  onChange(listener: () => void): () => void {
    return this.#registry.onChange((change) => {
      if (change.kind !== 'source') return;
      const { source, before, removed } = change;
      const isIn = !removed && isSandboxed(source.state);
      if (isIn === this.#ids.has(source.id)) return;
      if (isIn) this.#ids.add(source.id);
      else this.#ids.delete(source.id);
      if (before && !removed) listener();
    });
  }
}
