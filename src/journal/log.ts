import { type DestinationStream, type Level, type Logger, pino } from 'pino';
import type { EventSink, EventType, JournalEvent } from './event.ts';

export interface LogOptions {
  /** The least level that is written; `silent` writes nothing. */
  level: Level | 'silent';
  /** Where lines go; absent: standard output. */
  destination?: DestinationStream;
  /** Other levels than the default ones, by type. */
  levels?: Partial<Record<EventType, Level>>;
}

const LEVELS: Record<EventType, Level> = {
  connection: 'debug',
  'tls-failure': 'warn',
  authentication: 'debug',
  'authentication-failure': 'warn',
  refusal: 'warn',
  acceptance: 'info',
  warning: 'warn',
  attempt: 'info',
  bounce: 'warn',
  delay: 'warn',
  change: 'info',
  alarm: 'warn',
  system: 'info',
};

/** Names of fields whose value must not be logged, whatever room put them into `detail` by mistake. */
const SECRET = /pass|secret|token|authorization|cookie|private|api-?key|recoverable/i;

/** Writes events as one JSON line each. Secrets are no part of events; what looks like one is hidden all the same. */
export class EventLog implements EventSink {
  /** For what is not an event: start and stop of the process, errors of libraries. */
  readonly logger: Logger;
  readonly #levels: Record<EventType, Level>;

  constructor({ level, destination, levels }: LogOptions) {
    const options = {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: escapeLineEnds },
    };
    this.logger = destination ? pino(options, destination) : pino(options);
    this.#levels = { ...LEVELS, ...levels };
  }

  write(event: JournalEvent): void {
    const level = levelOf(event, this.#levels);
    if (!this.logger.isLevelEnabled(level)) return;
    const { text, detail, at: _at, ...fields } = event;
    const shown = detail === undefined ? fields : { ...fields, detail: hideSecrets(detail, 4) };
    this.logger[level](shown, text);
  }
}

const LINE_ENDS = /[\u007f-\u009f\u2028\u2029]/g;

/** JSON leaves these as they are, and some readers of text files, terminals among them, begin a line at them. */
function escapeLineEnds(line: string): string {
  return line.replace(LINE_ENDS, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function levelOf({ type, code, outcome }: JournalEvent, levels: Record<EventType, Level>): Level {
  if (type === 'system' && code !== undefined) return 'error';
  if (type === 'attempt' && (outcome === 'failed' || outcome === 'deferred')) return 'warn';
  return levels[type];
}

function hideSecrets(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => hideSecrets(item, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      SECRET.test(name) ? '[hidden]' : hideSecrets(item, depth - 1),
    ]),
  );
}
