/** What can go wrong on the way to the evidence; each is told with what to do. */
export type CollectCode =
  /** Entra ID gave no token: the credential, the application or the tenant is wrong. */
  | 'sign-in-refused'
  /** The token is good, but does not carry the permission. */
  | 'permission-missing'
  /** The tenant has no service principal of the message trace service. */
  | 'service-principal-missing'
  /** The tenant has no such data: no licence, or not in this cloud. */
  | 'not-available'
  /** The service refused this very question. */
  | 'refused'
  /** The service did not answer, or only wrongly, for long enough. */
  | 'unreachable'
  /** More than one answer may hold. */
  | 'too-large'
  /** The credential that was given can't be used. */
  | 'credential-wrong'
  /** The folder is used by another run, belongs to another tenant, or can't be read. */
  | 'folder'
  /** Nobody says which domains are the organisation's own. */
  | 'no-domains';

/** One sentence for the person who collects, without any secret in it. */
export class CollectError extends Error {
  readonly code: CollectCode;

  constructor(code: CollectCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Text of a server as part of an error: without what controls a terminal, without what must stay secret, and short. */
export function quoted(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '(secret)');
  return clean
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g, ' ')
    .trim()
    .slice(0, 300);
}
