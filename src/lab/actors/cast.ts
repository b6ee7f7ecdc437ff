import type { Actor } from './actor.ts';
import {
  displayName,
  foreignEnvelope,
  lookalike,
  loopbackHelo,
  subdomain,
  voicemailLure,
} from './attacks.ts';
import {
  application,
  forwarder,
  newsletter,
  newsletterBare,
  printerDirect,
  printerRelay,
} from './legitimate.ts';

/** All actors, in the order in which they are shown. */
export const CAST: readonly Actor[] = [
  printerDirect,
  printerRelay,
  application,
  newsletter,
  newsletterBare,
  forwarder,
  voicemailLure,
  loopbackHelo,
  foreignEnvelope,
  displayName,
  lookalike,
  subdomain,
];

/** The actor of this name, or undefined. */
export function actorOf(name: string): Actor | undefined {
  return CAST.find((actor) => actor.name === name);
}
