import type { MessageId } from '../spool/spool.ts';

/** A mail that the relay itself writes: to the owner of a source, to an administrator. */
export interface OwnMail {
  /** Addresses; at least one. */
  to: string[];
  subject: string;
  /** Plain text, lines separated by LF. */
  text: string;
}

/** Resolves when the mail is in the spool. It has the null sender, so that nothing comes back. */
export interface SystemMail {
  send(mail: OwnMail): Promise<MessageId>;
}
