import { MessageIndex } from '../journal/messages/message-index.ts';
import type { Ground } from './ground.ts';

/** Searches of messages. Everybody who listens to the followers of the journal is there now: they begin. */
export function wireMessages({ followers, journal, log }: Ground): MessageIndex {
  const index = new MessageIndex({ journal, followers, onTrouble: (text) => log.logger.warn(text) });
  followers.start();
  return index;
}
