/** What a command can end with; scripts rely on these numbers. */
export const EXIT = { done: 0, refused: 1, usage: 2 } as const;

/** A command that can not be done: one line for the person who gave it, never a stack trace. */
export class Failure extends Error {
  readonly exitCode: number;
  /** What the relay answered, for `--json`. */
  readonly problem?: unknown;

  constructor(message: string, exitCode: number = EXIT.refused, problem?: unknown) {
    super(message);
    this.exitCode = exitCode;
    this.problem = problem;
  }
}

/** An option or argument that is wrong. */
export function usage(message: string): Failure {
  return new Failure(message, EXIT.usage);
}
