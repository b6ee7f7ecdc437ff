import { DeclarationError } from '../declared/declaration.ts';
import { Problem } from './problem.ts';

/** Runs what reads a declaration or policy tests; what is wrong with them is told with a JSON pointer into them (RFC 6901). */
export async function withDeclaration<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeclarationError)) throw error;
    const errors = error.issues.map(({ path, message }) => ({
      field: path.join('.'),
      detail: message,
      pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    }));
    throw new Problem(400, error.message, { field: errors[0]?.field, errors });
  }
}
