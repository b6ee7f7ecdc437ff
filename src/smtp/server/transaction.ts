import type { Envelope } from '../../message/envelope.ts';
import type { Intake } from './intake.ts';

/** A mail transaction (RFC 5321 §3.3), from MAIL on. */
export interface Transaction {
  envelope: Envelope;
  /** RCPT was tried: if none was accepted, DATA is told so instead of "bad sequence". */
  attempted: boolean;
  /** DATA or BDAT has begun. Other commands may come between two BDAT. */
  intake?: Intake;
}

/** The transaction of a session, if one is open. */
export class TransactionState {
  transaction: Transaction | undefined;

  /**
   * Ends the transaction; nothing else does. So it is in every case: RSET, EHLO, STARTTLS, the end of the
   * message whatever its answer (RFC 5321 §4.1.1.4), a failed BDAT (RFC 3030 §2), a lost connection.
   */
  reset(): void {
    this.transaction?.intake?.abort();
    this.transaction = undefined;
  }
}
