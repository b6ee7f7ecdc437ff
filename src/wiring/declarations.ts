import { Declarations } from '../declared/declarations.ts';
import type { Ground } from './ground.ts';

/** Policy as files. */
export function wireDeclarations(ground: Ground): Declarations {
  const { headerBytes, headerFields, hops, messageBytes } = ground.config.limits;
  return new Declarations({
    ...ground,
    limits: { headerBytes, headerFields, hops, messageBytes },
    requirePublished: ground.config.dkim.requirePublished,
  });
}
