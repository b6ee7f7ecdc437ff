/** TLS weaker than what a listener gives to everybody. */
export interface WeakTls {
  /** The oldest version, where it is older than TLS 1.2. */
  minVersion?: 'TLSv1' | 'TLSv1.1';
  /** Suites without forward secrecy: whoever gets the key later can read what was recorded. */
  rsaKeyExchange: boolean;
  tripleDes: boolean;
}

/** What single client addresses may have that others may not. It is asked each time anew: an answer holds for that moment. */
export interface WeakPeers {
  /** Undefined: the TLS of the listener. */
  tls(address: string): WeakTls | undefined;
  /** The address may send and authenticate without TLS where the listener asks for it. */
  withoutTls(address: string): boolean;
}

/** OpenSSL's names of suites with 3DES, where it was built with them. */
export const TRIPLE_DES = ['ECDHE-RSA-DES-CBC3-SHA', 'DES-CBC3-SHA'];
