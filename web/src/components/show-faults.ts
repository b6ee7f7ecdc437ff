import { flushSync } from 'react-dom';

/**
 * Draws at once what an answer says is wrong, and leads to the first field of it: on a busy machine the next frame may come
 * before React has drawn.
 */
export function showFaults(mark: () => void): void {
  flushSync(mark);
  document.querySelector<HTMLElement>('main [aria-invalid=true]')?.focus();
}
