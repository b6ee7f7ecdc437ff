import { useState } from 'react';
import { fieldErrors } from '../api/problem.ts';

/** Does what a form asks for: what the relay says of single fields stands at these, whatever else is wrong in `error`. */
export function useFormAttempt(form: { setErrors: (errors: Record<string, string>) => void }) {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (problem) {
      const fields = fieldErrors(problem);
      if (fields) form.setErrors(fields);
      else setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return { error, isBusy, attempt };
}
