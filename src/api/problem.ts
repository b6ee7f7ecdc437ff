import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isRefusalCode, REFUSALS, type RefusalCode } from '../refusals.ts';
import type { Reply } from '../smtp/reply.ts';
import { RegistryError } from '../sources/registry.ts';
import { SpoolUnavailable } from '../spool/spool.ts';

// an answer that is no success, as RFC 9457 has it: by its id it stands in the OpenAPI document
z.object({
  type: z.string().describe('`about:blank`, or the page of the refusal code.'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  done: z
    .boolean()
    .optional()
    .describe('It was done all the same, and is in force now; `detail` says what is missing.'),
  code: z.string().optional().describe('Stable refusal code; see GET /api/v1/refusals/{code}.'),
  field: z.string().optional().describe('The field that is wrong, as a path: `policy.pairs.0.header`.'),
  needs: z.literal('sign-in').optional().describe('It can be done by who signs in anew first.'),
  errors: z
    .array(
      z.object({
        field: z.string(),
        detail: z.string(),
        pointer: z.string().optional().describe('RFC 6901, into the declaration or the tests.'),
      }),
    )
    .optional(),
}).meta({ id: 'Problem' });

interface ProblemExtras {
  code?: RefusalCode;
  field?: string;
  errors?: { field: string; detail: string; pointer?: string }[];
  needs?: 'sign-in';
  /** It is in force all the same. */
  done?: true;
  /** Seconds. */
  retryAfter?: number;
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Authentication required',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  411: 'Length required',
  412: 'Changed in the meantime',
  428: 'Condition required',
  413: 'Too large',
  414: 'Address too long',
  415: 'Media type not supported',
  422: 'Refused',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available now',
};

export class Problem extends Error {
  readonly status: number;
  readonly extras: ProblemExtras;

  constructor(status: number, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.status = status;
    this.extras = extras;
  }
}

/** The HTTP answer to what SMTP would have answered with this reply. */
export function refusalProblem(reply: Reply): Problem {
  const code = reply.refusal;
  const text = Array.isArray(reply.text) ? reply.text.join(' ') : reply.text;
  const status = statusOfRefusal(reply);
  const retryAfter = status === 503 || (status === 429 && reply.code < 500) ? 60 : undefined;
  // the particulars in `explanation` are for the journal: they may tell what a sender must not know
  return new Problem(status, text, { code, retryAfter });
}

function statusOfRefusal(reply: Reply): number {
  const { code } = reply;
  const refusal: string = reply.refusal ?? '';
  if (refusal === 'A301' || refusal === 'A302') return 401;
  if (refusal === 'A303' || refusal.startsWith('L7')) return 429;
  if (refusal === 'M601') return 413;
  if (refusal === 'M609') return 400;
  // K805, the brown-out before a source is retired, is to be tried again: a 403 would lose the message
  if (code < 500) return 503;
  return /^(?:K|S401|S402|S406|S407|R501|R504)/.test(refusal) ? 403 : 422;
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { code, field, needs, errors, retryAfter, done } = problem.extras;
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="postern"');
  const body = {
    type: code ? `/api/v1/refusals/${code}` : 'about:blank',
    title: TITLES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.message,
    done,
    code,
    field,
    needs,
    errors,
  };
  // a string, so that no response schema of the route is asked
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(body));
}

/** Turns whatever a handler threw into a problem; what nobody foresaw is logged and told as 500 without its text. */
export function problemOf(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof RegistryError) return registryProblem(error);
  if (error instanceof SpoolUnavailable) {
    return new Problem(503, 'the spool does not take changes now', { code: 'X901', retryAfter: 60 });
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.slice(0, 20).map((issue) => ({
      field: issue.instancePath.replace(/^\//, '').replaceAll('/', '.'),
      detail: wording(issue),
    }));
    const [first] = errors;
    return new Problem(
      400,
      first ? `${first.field || 'the request'}: ${first.detail}` : 'the request is wrong',
      {
        field: first?.field,
        errors,
      },
    );
  }
  if (takesNoWrites(error)) {
    request.log.error({ err: error, url: request.routeOptions.url }, 'data can not be written');
    return new Problem(
      503,
      'it was not done: the data take no writes now (is the disk full, or read-only?). A source can be stopped all the same',
      { code: 'X902', retryAfter: 60 },
    );
  }
  const { statusCode = 500, message } = error as FastifyError;
  if (statusCode === 415) {
    return new Problem(
      415,
      'a body of this Content-Type is not taken here; it is application/json unless /docs says otherwise',
    );
  }
  if (statusCode >= 400 && statusCode < 500) return new Problem(statusCode, message);
  const cause = isResponseSerializationError(error) ? error.cause : error;
  request.log.error({ err: cause, url: request.routeOptions.url }, 'request failed');
  return new Problem(500, 'something failed inside the relay; its log has the cause', { code: 'X902' });
}

/** The parameters of zod's issues that are told. */
interface IssueParameters {
  values?: unknown[];
  expected?: string;
  keys?: string[];
  maximum?: number;
  minimum?: number;
  inclusive?: boolean;
  /** What each form of a union says. */
  errors?: { message: string }[][];
  origin?: string;
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};
const COUNTED: Record<string, string> = { string: ' characters', array: ' entries' };

/** What is wrong with a value, for people: zod's own words are for programmers. What a schema says itself stays. */
function wording({ keyword, message = 'is wrong', params }: FastifySchemaValidationError): string {
  if (!/^(?:Invalid|Too|Unrecognized) /.test(message)) return message;
  const {
    values,
    expected = '',
    keys,
    maximum,
    minimum,
    inclusive,
    origin = '',
    errors,
  } = params as IssueParameters;
  const counted = COUNTED[origin] ?? '';
  if (keyword === 'invalid_value' && values) return `expected one of ${values.join(', ')}`;
  if (keyword === 'invalid_type') {
    return message.endsWith('received undefined') ? 'is missing' : `expected ${KINDS[expected] ?? expected}`;
  }
  if (
    keyword === 'invalid_union' &&
    errors?.flat().every((one) => one.message.endsWith('received undefined'))
  ) {
    return 'is missing';
  }
  if (keyword === 'unrecognized_keys' && keys) return `there is no field ${keys.join(', ')}`;
  if (keyword === 'too_big') return `expected ${inclusive ? 'at most' : 'less than'} ${maximum}${counted}`;
  if (keyword === 'too_small') return `expected ${inclusive ? 'at least' : 'more than'} ${minimum}${counted}`;
  return message;
}

/** SQLITE_BUSY, READONLY, IOERR, FULL and CANTOPEN. */
const NOT_NOW: ReadonlySet<number> = new Set([5, 8, 10, 13, 14]);

/** Of a disk, and not of what was asked. */
function takesNoWrites(error: unknown): boolean {
  const { errcode } = (error ?? {}) as { errcode?: unknown };
  return typeof errcode === 'number' && NOT_NOW.has(errcode & 255);
}

function registryProblem(error: RegistryError): Problem {
  const { kind, message, field } = error;
  if (kind === 'not-found') return new Problem(404, message);
  if (kind === 'invalid')
    return new Problem(400, message, { field, errors: [{ field: field ?? '', detail: message }] });
  return new Problem(field === 'version' ? 412 : 409, message, { field });
}

/** What is known of a code; undefined when there is no such code. */
export function explainCode(code: string) {
  const upper = code.toUpperCase();
  if (!isRefusalCode(upper)) return undefined;
  const { code: reply, enhanced, text, explanation, remedy } = REFUSALS[upper];
  return { code: upper, reply, enhanced, text, explanation, remedy };
}
