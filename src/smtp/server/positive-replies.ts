/** What the server says when all is well; refusals are in `src/refusals.ts`. */
import type { Reply } from '../reply.ts';

export const OK: Reply = { code: 250, enhanced: '2.0.0', text: 'OK' };
export const RESET: Reply = { code: 250, enhanced: '2.0.0', text: 'Reset' };
export const SENDER_OK: Reply = { code: 250, enhanced: '2.1.0', text: 'Sender OK' };
export const RECIPIENT_OK: Reply = { code: 250, enhanced: '2.1.5', text: 'Recipient OK' };
export const START_MAIL: Reply = { code: 354, text: 'End data with <CR><LF>.<CR><LF>' };
export const START_TLS: Reply = { code: 220, enhanced: '2.0.0', text: 'Ready to start TLS' };
export const AUTHENTICATED: Reply = { code: 235, enhanced: '2.7.0', text: 'Authentication successful' };
export const BYE: Reply = { code: 221, enhanced: '2.0.0', text: 'Bye', close: true };

// RFC 5321 §3.5.3: the reply of a server that does not tell whether a mailbox exists
export const CANNOT_VERIFY: Reply = {
  code: 252,
  enhanced: '2.1.5',
  text: 'Cannot verify the user, but will try to deliver',
};

export const HELP: Reply = {
  code: 214,
  enhanced: '2.0.0',
  text: [
    'Commands: EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT',
    'A code such as S402 in a refusal names its cause; whoever runs this relay can look it up',
  ],
};
