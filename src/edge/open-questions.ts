/**
 * Where the documentation of Exchange Online leaves open what its front door does, and nobody could try it in a live
 * tenant: what is done here, so that each decision that rests on one says so. docs/edge.md shows this list.
 */
export const OPEN_QUESTIONS = {
  'stage-of-refusal':
    'Whether 5.7.51 and 5.7.68 are said at RCPT or at the end of DATA: no public transcript shows it. The setting `refuseAt` decides; the end of DATA is the default, because there relay denial is said.',
  'null-sender':
    'Whether Direct Send rejection touches MAIL FROM:<>: it has no domain, so it is let through here.',
  'address-without-restriction':
    'Whether SenderIPAddresses of a partner connector identify a client without RestrictDomainsToIPAddresses: the cmdlet says no, the announcement and the admin centre say yes. Here they do.',
  'several-partner-connectors':
    'Which of several partner connectors for the same senders counts: here one that identifies the client is enough, even where another restricts the same domains.',
} as const;

export type OpenQuestion = keyof typeof OPEN_QUESTIONS;
