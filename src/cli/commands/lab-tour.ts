import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { LabLanguage } from '../../lab/lab.ts';
import type { Screen } from '../../lab/tour/page.ts';
import type { ApiClient } from '../connection.ts';
import { Failure } from '../failure.ts';
import { LAB_FOLDER, type LabOptions, openLab } from '../lab-connection.ts';
import { LabStage } from '../lab-stage.ts';
import { Output, printable } from '../output.ts';
import { withOwnLab } from '../own-lab.ts';
import { languageOf } from './lab-actors.ts';

interface TourOptions extends LabOptions {
  lang?: string;
  step?: boolean;
  auto?: boolean;
}

/** `lab tour` */
export function labTourCommand(lab: Command): void {
  lab
    .command('tour')
    .description('what Direct Send is and what closes it, in nine steps: about ten minutes, for an audience')
    .option('--lang <language>', 'en or fr (default: that of the terminal)')
    .option('--step', 'wait for Enter before each further message too, not only at each step')
    .option('--auto', 'do not wait for Enter')
    .option('--data <folder>', `folder of a lab that runs (default: ./${LAB_FOLDER})`)
    .option('--api <url>', 'address of its API (default: what the folder says)')
    .option('--token <token>', 'token of its API; better in POSTERN_TOKEN')
    .addHelpText(
      'after',
      '\nA lab that runs gets its settings back in the end. Where none runs, one is started for the tour.',
    )
    .action(async (options: TourOptions) => {
      const { giveTour, TOUR_TEXTS } = await import('../../lab/tour/tour.ts');
      const language = languageOf(options.lang) ?? languageOfTerminal(process.env);
      const { labels } = TOUR_TEXTS[language];
      const out = new Output(false);
      using presenter = new Presenter(out, options);
      const tour = (api: ApiClient) =>
        giveTour(new LabStage(api), presenter, { language, startedAt: Date.now() });
      const running = await runningLab(options);
      try {
        if (running) {
          await tour(running);
        } else {
          out.line(out.style('dim', labels.starting));
          out.line();
          await withOwnLab(language, tour);
          out.line(out.style('dim', labels.leaving));
        }
      } catch (error) {
        if (!(error instanceof TourEnded)) throw error;
        process.exitCode = EXIT_ENDED;
      }
    });
}

/** @throws Failure when one was named and does not answer */
async function runningLab(options: TourOptions): Promise<ApiClient | undefined> {
  const named = options.data ?? options.api ?? process.env['POSTERN_API'] ?? process.env['POSTERN_LAB'];
  if (named === undefined && !existsSync(path.join(LAB_FOLDER, 'api-address'))) return undefined;
  const { api } = await openLab(options);
  try {
    await api.get('/lab/actors');
    return api;
  } catch (error) {
    // a folder that a lab has left behind when it was stopped
    if (named === undefined && error instanceof Failure) return undefined;
    throw error;
  }
}

/** As POSIX has it: LC_ALL before LC_MESSAGES before LANG. */
function languageOfTerminal(environment: NodeJS.ProcessEnv): LabLanguage {
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  return /^fr(?:[_.@-]|$)/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'fr' : 'en';
}

/** Somebody has ended the tour before it was over. */
class TourEnded extends Error {}

/** At these the settings of the lab are put back before the process goes. */
const ENDINGS = ['SIGINT', 'SIGTERM'] as const;
/** As shells have it for Ctrl-C. */
const EXIT_ENDED = 130;

/** The terminal, and whoever presents in front of it. Ctrl-C ends the tour at the next line, not in the middle of a change. */
class Presenter implements Screen {
  readonly #out: Output;
  readonly #waits: ReadonlySet<'step' | 'detail'>;
  readonly #ended = new AbortController();
  readonly #keyboard: Interface | undefined;
  readonly #interrupt = (): void => this.#ended.abort(new TourEnded());

  constructor(out: Output, { step, auto }: TourOptions) {
    this.#out = out;
    const present = process.stdin.isTTY && process.stdout.isTTY && auto !== true;
    this.#waits = new Set(present ? (step === true ? ['step', 'detail'] : ['step']) : []);
    for (const signal of ENDINGS) process.on(signal, this.#interrupt);
    if (!present) return;
    this.#keyboard = createInterface({ input: process.stdin, output: process.stdout });
    this.#keyboard.on('SIGINT', this.#interrupt);
    // the terminal has gone
    this.#keyboard.on('close', this.#interrupt);
  }

  line(text: string): void {
    this.#out.line(text);
  }

  style(style: Parameters<Screen['style']>[0], text: string): string {
    return this.#out.style(style, text);
  }

  clean(text: string): string {
    return printable(text);
  }

  async pause(prompt: string, where: 'step' | 'detail'): Promise<void> {
    const { signal } = this.#ended;
    signal.throwIfAborted();
    if (!this.#keyboard || !this.#waits.has(where)) return;
    await this.#keyboard.question(this.#out.style('dim', prompt), { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
    this.#out.line();
  }

  [Symbol.dispose](): void {
    for (const signal of ENDINGS) process.off(signal, this.#interrupt);
    this.#keyboard?.off('close', this.#interrupt);
    this.#keyboard?.close();
  }
}
