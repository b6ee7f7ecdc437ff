/** What an answer that is no success says (RFC 9457). */
export interface ProblemDetails {
  title: string;
  status: number;
  detail: string;
  /** Stable refusal code. */
  code?: string;
  /** The field that is wrong, as a path: `policy.pairs.0.header`. */
  field?: string;
  /** It can be done by who signs in anew first. */
  needs?: 'sign-in';
  errors?: { field: string; detail: string; pointer?: string }[];
}

/** The relay has answered, and the answer is no. */
export class ApiProblem extends Error {
  readonly details: ProblemDetails;
  /** Seconds to wait, where the relay says so. */
  readonly retryAfter: number | undefined;

  constructor(details: ProblemDetails, retryAfter?: number) {
    super(details.detail);
    this.name = 'ApiProblem';
    this.details = details;
    this.retryAfter = retryAfter;
  }

  get status(): number {
    return this.details.status;
  }
}

/** The relay has not answered. */
export class NoConnection extends Error {
  constructor(cause?: unknown) {
    super('no connection to the relay', { cause });
    this.name = 'NoConnection';
  }
}

/** What a server says of single fields, ready for `form.setErrors`; undefined when it is about no field. */
export function fieldErrors(error: unknown): Record<string, string> | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const { errors = [], field, detail } = error.details;
  const found = Object.fromEntries(
    errors.filter((one) => one.field !== '').map((one) => [one.field, one.detail]),
  );
  if (field !== undefined && field !== '' && found[field] === undefined) {
    found[field] = detail.startsWith(`${field}: `) ? detail.slice(field.length + 2) : detail;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}
