import type { Target } from './target.ts';
import { arcTarget } from './targets/arc.ts';
import { clientTargets } from './targets/client.ts';
import { configTarget } from './targets/config.ts';
import { contentTarget } from './targets/content.ts';
import { dkimTargets } from './targets/dkim.ts';
import { firstOctetsTargets } from './targets/first-octets.ts';
import { messageTargets } from './targets/message.ts';
import { pressureTarget } from './targets/pressure.ts';
import { relayTarget } from './targets/relay.ts';
import { saslTargets } from './targets/sasl.ts';
import { serverTargets } from './targets/server.ts';
import { syntaxTarget } from './targets/syntax.ts';

/** All that takes octets from strangers, in the order in which mail meets it; the configuration last. */
export const targets: readonly Target[] = [
  ...firstOctetsTargets,
  ...serverTargets,
  pressureTarget,
  syntaxTarget,
  ...saslTargets,
  relayTarget,
  ...messageTargets,
  contentTarget,
  ...dkimTargets,
  arcTarget,
  ...clientTargets,
  configTarget,
];
