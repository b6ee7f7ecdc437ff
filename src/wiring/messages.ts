import { MessageIndex } from '../journal/messages/message-index.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

/** The index of messages: follows the journal from now on. @param data absolute path of the data folder */
export function wireMessages({ clock, config, log }: Ground, data: string, closers: Closers): MessageIndex {
  const index = new MessageIndex({
    folder: data,
    clock,
    edgeListeners: config.listener.filter(({ role }) => role === 'edge').map(({ name }) => name),
    onTrouble: (text) => log.logger.warn(text),
  });
  index.start();
  closers.add(() => index.close());
  return index;
}
