import { LabError } from '../lab/lab.ts';
import { Problem } from './problem.ts';

/** Does something in the lab; what the lab refuses comes in the API's words. @throws Problem */
export async function attempt<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    const { kind, message, field } = error;
    throw new Problem(kind === 'not-found' ? 404 : 400, message, field === undefined ? {} : { field });
  }
}
