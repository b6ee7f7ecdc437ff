/** RFC 3461 §4.1: when a recipient's sender wants to hear of it. Absent: the default, failure and delay. */
export type Notify = 'never' | ('success' | 'failure' | 'delay')[];

export interface Recipient {
  /** `local@domain`, the domain in lower case; without angle brackets. */
  address: string;
  notify?: Notify;
  /** RFC 3461 §4.2, as received: `rfc822;user+2Bx@example.com`, still xtext-encoded. */
  originalRecipient?: string;
}

/** What RFC 5321 §2.3.1 calls the envelope, with the parameters of the extensions. */
export interface Envelope {
  /** `local@domain`, or empty for the null reverse path of a notification. */
  from: string;
  recipients: Recipient[];
  /** RFC 6531: addresses or headers may hold UTF-8; the next hop must offer SMTPUTF8. */
  smtpUtf8: boolean;
  /** RFC 6152, RFC 3030: what the client said of the body. */
  body: '7bit' | '8bitmime' | 'binarymime';
  /** RFC 8689: deliver over verified TLS or give up. */
  requireTls: boolean;
  /** RFC 3461 §4.3 and §4.4. */
  returnContent?: 'full' | 'headers';
  envelopeId?: string;
}

/** The part of an address after the last `@`, in lower case; empty for the null reverse path. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
