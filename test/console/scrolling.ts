import type { Page } from './browser.ts';

export interface Scrolled {
  /** Rows that were reached. */
  rows: number;
  /** Places in the table where nothing stood, of all places that were looked at. */
  blank: number;
  places: number;
  seconds: number;
}

/** Just less than what is in view: everything is in view once. */
const STEP_PX = 700;

/**
 * Scrolls a table as fast as it draws, and looks after each frame whether a row stands wherever one belongs. What is
 * loading at the end says so, which is no blank row.
 * @param rows to reach; fewer where the table ends before, or after `seconds`
 */
export async function scrollThrough(page: Page, rows: number, seconds = 240): Promise<Scrolled> {
  return page.evaluate(
    async ({ wanted, patience, step }) => {
      const table = document.querySelector('[role=grid]') as HTMLElement;
      // scroll events come before what waits for the frame
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const reached = () =>
        Math.max(
          ...[...table.querySelectorAll<HTMLElement>('[data-index]')].map(({ dataset }) =>
            Number(dataset['index']),
          ),
        ) + 1;
      const begun = performance.now();
      const past = () => (performance.now() - begun) / 1000;
      let [blank, places] = [0, 0];
      let movedAt = past();
      let last = -1;
      // a page of rows that does not come within some seconds does not come any more
      while (reached() < wanted && past() < patience && past() - movedAt < 10) {
        table.scrollTop += step;
        await frame();
        const { top, bottom, left } = table.getBoundingClientRect();
        for (let y = top + 60; y < bottom - 40; y += 40) {
          places++;
          if (!document.elementFromPoint(left + 120, y)?.closest('[role=row], [role=status]')) blank++;
        }
        if (table.scrollTop !== last) movedAt = past();
        last = table.scrollTop;
      }
      return { rows: reached(), blank, places, seconds: past() };
    },
    { wanted: rows, patience: seconds, step: STEP_PX },
  );
}
