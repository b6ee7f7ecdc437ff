/** The console: the files of its build, and nothing else of the disk. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, sendProblem } from './problem.ts';
import type { Api } from './scope.ts';

/** What the build writes where a nonce belongs. */
const NONCE = /postern-nonce/g;
/** Paths that are no pages: what is missing there is missing. */
const NOT_PAGES = /^\/(?:api|v1|docs|handover|assets|metrics|healthz|readyz|openapi\.json)(?:[/?]|$)/;
/** How often, at most, it is looked whether there is a newer build, milliseconds. */
const LOOK_MS = 2000;
const MOST_EARLIER = 3;

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

interface BuiltFile {
  /** Absolute. */
  file: string;
  type: string;
  /** `br`, `gz`: there is the same file with this ending. */
  encodings: string[];
}

interface Build {
  name: string;
  index: string;
  /** By the path of the request. */
  files: Map<string, BuiltFile>;
}

/** Builds of the console in a folder, of which the newest is served. */
export class ConsoleBuilds {
  readonly #folder: string;
  readonly #only: string | undefined;
  /** Of builds that were served before: a page that is open asks for its pieces by names that hold their hashes. */
  readonly #earlier: Build[] = [];
  #current: Build | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Why there is none, and what to do: a sentence for who opens the console meanwhile. */
  explanation = 'The console is not built. Run "npm run web" in the folder of Postern, and reload this page.';

  /**
   * @param folder with a folder for each build, each with an `index.html`
   * @param only name of the one that is served; absent: the newest
   */
  constructor(folder = path.join(projectFolder(), 'dist', 'web'), only?: string) {
    this.#folder = folder;
    this.#only = only;
  }

  /** Looks again for a newer build, though not more often than every two seconds. */
  current(): Build | undefined {
    const now = performance.now();
    if (now - this.#lookedAt > LOOK_MS) {
      this.#lookedAt = now;
      const newest = this.#only ?? newestBuild(this.#folder);
      if (newest !== undefined && newest !== this.#current?.name) {
        const build = readBuild(path.join(this.#folder, newest), newest);
        if (build && this.#current) {
          this.#earlier.unshift(this.#current);
          this.#earlier.length = Math.min(this.#earlier.length, MOST_EARLIER);
        }
        this.#current = build ?? this.#current;
      }
    }
    return this.#current;
  }

  /** A file of the current build, or of one before it. */
  file(pathname: string): BuiltFile | undefined {
    const builds = [this.current(), ...this.#earlier];
    return builds.map((build) => build?.files.get(pathname)).find((found) => found !== undefined);
  }
}

function newestBuild(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const builds = readdirSync(folder)
    // those that begin with a point are being made
    .filter((name) => /^[\w-]+$/.test(name) && existsSync(path.join(folder, name, 'index.html')))
    .map((name) => ({ name, at: statSync(path.join(folder, name)).mtimeMs }));
  return builds.sort((a, b) => b.at - a.at)[0]?.name;
}

/** The list of its files is made once: no path of a request ever reaches the disk. */
function readBuild(folder: string, name: string): Build | undefined {
  try {
    const files: Build['files'] = new Map();
    const names = new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }));
    for (const one of names) {
      const type = TYPES[path.extname(one)];
      if (type === undefined) continue;
      const encodings = ['br', 'gz'].filter((ending) => names.has(`${one}.${ending}`));
      files.set(`/${one.replaceAll(path.sep, '/')}`, { file: path.join(folder, one), type, encodings });
    }
    return { name, index: readFileSync(path.join(folder, 'index.html'), 'utf8'), files };
  } catch {
    // removed at this moment: the one before goes on
    return undefined;
  }
}

/**
 * Nothing is loaded from elsewhere, no text becomes script (Trusted Types), and no other site can frame it.
 * Styles that components make while they run carry the nonce of the page.
 */
function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ');
}

/** Serves the console at `/`: files of the build, and its page for every path that belongs to nobody else. */
export function consolePages(api: Api, builds: ConsoleBuilds): void {
  // beside the answers of the API, which say what they are
  const options = { schema: { hide: true } };
  api.get('/', options, async (request, reply) => page(request, reply));
  api.get('/*', options, async (request, reply) => {
    const [pathname = ''] = request.url.split('?', 1);
    const found = builds.file(pathname);
    if (found) return file(request, reply, pathname, found);
    if (NOT_PAGES.test(request.url)) {
      return sendProblem(reply, new Problem(404, 'there is nothing at this path; see /docs'));
    }
    return page(request, reply);
  });

  async function file(
    request: FastifyRequest,
    reply: FastifyReply,
    pathname: string,
    { file: name, type, encodings }: BuiltFile,
  ): Promise<FastifyReply> {
    const accepted = request.headers['accept-encoding'] ?? '';
    const encoding = encodings.find((one) =>
      new RegExp(`\\b${one === 'gz' ? 'gzip' : one}\\b`).test(accepted),
    );
    const content = await readFile(encoding === undefined ? name : `${name}.${encoding}`);
    if (encoding !== undefined) reply.header('content-encoding', encoding === 'gz' ? 'gzip' : encoding);
    return (
      reply
        .type(type)
        .header('vary', 'accept-encoding')
        .header('x-content-type-options', 'nosniff')
        // the name of what is in assets/ holds its hash
        .header(
          'cache-control',
          pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        )
        .send(content)
    );
  }

  function page(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const build = builds.current();
    const nonce = randomBytes(18).toString('base64');
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policyOf(nonce))
      .header('referrer-policy', 'no-referrer')
      .header('cross-origin-opener-policy', 'same-origin')
      .header('cross-origin-resource-policy', 'same-origin')
      .header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
    if (!build) return reply.code(503).header('refresh', '3').send(notBuilt(builds.explanation));
    return reply.header('x-postern-build', build.name).send(build.index.replaceAll(NONCE, nonce));
  }
}

function notBuilt(explanation: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Postern</title></head>
<body><h1>Postern</h1><p>${explanation.replaceAll('<', '&lt;')}</p>
<p>The relay itself is running. <a href="/docs">Reference of its API</a></p></body></html>
`;
}

/** Where Postern is installed, seen from the sources as well as from what is made of them in dist/. */
export function projectFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'bin', 'postern.mjs'))) {
    const above = path.dirname(folder);
    if (above === folder) return process.cwd();
    folder = above;
  }
  return folder;
}
