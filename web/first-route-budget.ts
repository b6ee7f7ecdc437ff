import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

/**
 * Fails the build when the first page would load more JavaScript than this.
 * @param most octets, gzipped
 * @param modules what the first page shows, besides the entry; paths from web/, those that exist count
 */
export function firstRouteBudget(most: number, modules: string[]): Plugin {
  return {
    name: 'postern-first-route-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((one): one is Rolldown.OutputChunk => one.type === 'chunk');
      const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
      const needed = new Set<Rolldown.OutputChunk>();
      const need = (chunk: Rolldown.OutputChunk | undefined) => {
        if (!chunk || needed.has(chunk)) return;
        needed.add(chunk);
        for (const file of chunk.imports) need(byFile.get(file));
      };
      for (const chunk of chunks) {
        if (chunk.isEntry || modules.some((module) => chunk.facadeModuleId?.endsWith(`/web/${module}`)))
          need(chunk);
      }
      const sizes = [...needed]
        .map(({ fileName, code }) => ({ fileName, octets: gzipSync(code).length }))
        .sort((a, b) => b.octets - a.octets);
      const total = sizes.reduce((sum, { octets }) => sum + octets, 0);
      const kilobytes = (octets: number) => `${(octets / 1000).toFixed(1)} kB`;
      if (total > most) {
        const list = sizes.map(({ fileName, octets }) => `  ${kilobytes(octets).padStart(10)}  ${fileName}`);
        this.error(
          `the first page loads ${kilobytes(total)} of gzipped JavaScript, more than ${kilobytes(most)}:\n${list.join('\n')}`,
        );
      }
      this.emitFile({
        type: 'asset',
        fileName: 'first-route.json',
        source: JSON.stringify({ octets: total, sizes }),
      });
    },
  };
}
