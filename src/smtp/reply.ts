import { REFUSALS, type RefusalCode } from '../refusals.ts';

/** What the server answers to a command (RFC 5321 §4.2), with the status of RFC 3463 where it has one. */
export interface Reply {
  code: number;
  /** `5.7.1`; RFC 2034: given on every reply but 220 greeting, EHLO, 3xx and a few. */
  enhanced?: string;
  /** One line, or several for a multi-line reply. */
  text: string | string[];
  /** The stable refusal code, when this is a refusal. */
  refusal?: RefusalCode;
  /** The full explanation for the journal; never sent. */
  explanation?: string;
  /** What exactly was refused, by name: for whoever looks for the setting that would change it. Never sent. */
  facts?: RefusalFacts;
  /** The server closes the connection after it. */
  close?: boolean;
}

/** Addresses, limits and the like: values of the client among them, as they came. */
export type RefusalFacts = Record<string, string | number>;

export function isPositive(reply: Reply): boolean {
  return reply.code < 400;
}

/**
 * The reply for a refusal: its text on the wire is `S402 From address not allowed for this source`, so that
 * the code can be read off a panel and looked up. `particulars` go to the journal only.
 */
export function refuse(code: RefusalCode, particulars?: string, facts?: RefusalFacts): Reply {
  const { code: status, enhanced, text, explanation, close, verbatim } = REFUSALS[code];
  return {
    code: status,
    enhanced,
    text: verbatim ? text : `${code} ${text}`,
    refusal: code,
    explanation: particulars ?? explanation,
    close,
    ...(facts && { facts }),
  };
}
