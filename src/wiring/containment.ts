import { Containment } from '../containment/containment.ts';
import { StoredNormals } from '../containment/stored-normals.ts';
import { repeat } from '../platform/repeat.ts';
import { maySend } from '../sources/lifecycle.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

/** Milliseconds between two writings of what was learnt; a kill loses at most so much of it. */
const TEND_EVERY = 300_000;

/** The watch over what each source usually does. */
export async function wireContainment(
  { config, clock, control, events, sources, log }: Ground,
  closers: Closers,
): Promise<Containment> {
  const { mode, learnDays, learnMessages, alert, slow, hold, suspend } = config.containment;
  const containment = new Containment({
    clock,
    events,
    mode,
    ripeness: { days: learnDays, messages: learnMessages },
    steps: { alert, slow, hold, suspend },
    store: new StoredNormals(control),
    isKnown: (source) => sources.byId(source) !== undefined,
    async suspend(source, reason) {
      const state = sources.byId(source)?.state;
      if (state === undefined || state === 'suspended') return;
      // retired may become suspended, but would then be a step nearer to sending, and its last mail would stay here
      if (!maySend(state)) throw new Error(`it is ${state}, and may not send in any case`);
      await sources.suspend(source, { by: 'containment', reason });
    },
  });
  await containment.start();
  closers.add(events.add(containment));
  const failed = (error: unknown): void =>
    log.logger.error({ error }, 'what is usual for the sources could not be written down');
  closers.add(repeat(clock, TEND_EVERY, () => containment.tend(), failed));
  closers.add(() => containment.tend());
  closers.add(
    sources.onChange((change) => {
      if (change.kind === 'source' && change.removed) containment.forget(change.source.id).catch(failed);
    }),
  );
  return containment;
}
