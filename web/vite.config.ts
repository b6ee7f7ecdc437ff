import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { firstRouteBudget } from './first-route-budget.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Octets of gzipped JavaScript that the first page may need, with everything that it imports. */
const FIRST_ROUTE = 200_000;

export default defineConfig({
  root: here,
  plugins: [
    react(),
    // the shell, and the page at `/`
    firstRouteBudget(FIRST_ROUTE, ['src/app/signed-in.tsx', 'src/pages/overview/page.tsx']),
  ],
  // the relay puts a new value into each answer, and names it in its Content-Security-Policy
  html: { cspNonce: 'postern-nonce' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // no data: addresses for styles and scripts
    chunkSizeWarningLimit: 1000, // what counts is the budget above
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // few files instead of very many small ones, each of which is a turn to the relay
        codeSplitting: {
          groups: [
            { name: 'start', tags: ['$initial'], priority: 1 },
            { name: 'icons', test: /lucide-react/ },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: { '/api': { target: process.env['POSTERN_API'] ?? 'http://127.0.0.1:8025', changeOrigin: true } },
  },
});
