import type { Command } from 'commander';
import { readingCommands } from '../message-content.ts';

/** Adds to `postern messages` what reads those that are still kept. */
export function messageContentCommands(postern: Command): void {
  const messages =
    postern.commands.find((one) => one.name() === 'messages') ??
    postern
      .command('messages')
      .description('messages: what became of them, and what is in those that are kept');
  readingCommands(messages, {
    argument: 'message',
    place: (message) => `/messages/${encodeURIComponent(message)}`,
  });
}
