import { decodeWords } from '../message/encoded-word.ts';
import type { HeaderIndex } from '../message/headers.ts';

const LONGEST_ID = 998;
/** Exchange Online cuts subjects in its trace here. */
const LONGEST_SUBJECT = 256;

/** What the trace quotes of a head, bounded and on one line; nothing of it is to be trusted. */
export function readHead(index: HeaderIndex): { messageId: string; subject: string } {
  const value = (name: string, decode: (text: string) => string = (text) => text): string => {
    const field = index.first(name);
    if (!field) return '';
    return decode(index.value(field).slice(0, 4 * LONGEST_ID))
      .replaceAll(/\p{Cc}+/gu, ' ')
      .trim();
  };
  return {
    messageId: value('message-id').slice(0, LONGEST_ID),
    subject: value('subject', decodeWords).slice(0, LONGEST_SUBJECT),
  };
}
