import { z } from 'zod';
import { routeFields, routeTargetFields } from '../deliver/route-fields.ts';
import { SOURCE_STATES } from '../sources/lifecycle.ts';
import {
  accountName,
  addressPattern,
  certificateFields,
  detailFields,
  line,
  network,
  oauthFields,
  policyFields,
  sourceFields,
  sourceName,
} from '../sources/source-fields.ts';

/**
 * What policy files hold, parsed from TOML or sent as JSON. Names of tables are in the singular, as TOML's
 * `[source.printer]` reads. Fields that are absent take their default; passwords have no field.
 */

const pair = z.preprocess(
  (value) => (typeof value === 'string' ? { envelope: value, header: value } : value),
  z.strictObject({ envelope: addressPattern, header: addressPattern }),
);

const unaligned = z.preprocess(
  (value) => (typeof value === 'string' ? { action: value } : value),
  policyFields.shape.unaligned,
);

const { recipients, repair, rewrite } = policyFields.shape;

const policyTable = policyFields.partial().extend({
  base: z.string().max(64).optional().describe('Name of the policy that it builds on.'),
  pairs: z.array(pair).max(500).optional(),
  recipients: recipients.partial().optional(),
  repair: repair.partial().optional(),
  rewrite: rewrite.partial().optional(),
  unaligned: unaligned.optional(),
});

/** A date (its first moment, UTC), or a time with its zone: a zone that is left out would be guessed. */
const moment = z
  .string()
  .max(40)
  .transform((text, context) => {
    const at = /^\d{4}-\d\d-\d\d(?:T.+(?:Z|[+-]\d\d:\d\d))?$/i.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isFinite(at)) return at;
    context.addIssue({
      code: 'custom',
      message: 'expected a date such as 2027-01-31, or a time with its zone such as 2027-01-31T12:00:00Z',
    });
    return z.NEVER;
  });

export const CREDENTIAL_KINDS = ['password', 'api-key', 'certificate', 'oauth', 'network'] as const;

const credentialTable = z
  .strictObject({
    kind: z.enum(CREDENTIAL_KINDS),
    label: line(100).default(''),
    account: accountName.optional().describe('Of a password; the name of the source when it is absent.'),
    cramMd5: z.boolean().optional().describe('Keeps the password in a recoverable form.'),
    networks: z
      .array(network)
      .max(1000)
      .transform((blocks) => [...new Set(blocks)].sort())
      .default([]),
    certificate: certificateFields.optional(),
    oauth: oauthFields.optional(),
    expires: moment.optional(),
  })
  .superRefine(({ kind, networks, ...fields }, context) => {
    const wrong = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    for (const [field, its] of [
      ['account', 'password'],
      ['cramMd5', 'password'],
      ['certificate', 'certificate'],
      ['oauth', 'oauth'],
    ] as const) {
      if (fields[field] !== undefined && kind !== its)
        wrong(field, `does not belong to a credential of the kind ${kind}`);
    }
    if (kind === 'network' && networks.length === 0) wrong('networks', 'is missing');
    if ((kind === 'certificate' || kind === 'oauth') && fields[kind] === undefined) wrong(kind, 'is missing');
  });

const sourceTable = z.strictObject({
  description: sourceFields.shape.description.optional(),
  owner: sourceFields.shape.owner.optional(),
  ...detailFields.partial().shape,
  state: z
    .enum(SOURCE_STATES)
    .optional()
    .describe('Absent: stays as it is, so that a source which was suspended is not started again by a file.'),
  policy: z
    .preprocess((value) => (typeof value === 'string' ? { base: value } : value), policyTable)
    .optional(),
  credential: z
    .array(credentialTable)
    .max(200)
    .optional()
    .describe('Absent: credentials are not the business of the files.'),
});

const [sandbox, mx, smarthost] = routeTargetFields.options;

const routeTable = z.strictObject({
  match: routeFields.shape.match,
  target: z.discriminatedUnion('kind', [
    sandbox,
    mx,
    smarthost.omit({ authentication: true, clientCertificate: true }).extend({
      username: line(320).min(1).optional().describe('The password is given at apply, or stays as it is.'),
      clientCertificate: z
        .string()
        .max(100_000)
        .optional()
        .describe('PEM; the private key is given at apply, or stays as it is.'),
    }),
  ]),
  tls: routeFields.shape.tls,
  connections: routeFields.shape.connections,
  messagesPerConnection: routeFields.shape.messagesPerConnection,
});

const domainTable = z.strictObject({ internal: z.boolean().default(true) });

export const declarationSchema = z
  .strictObject({
    policy: z.record(sourceName, policyTable).default({}),
    source: z.record(sourceName, sourceTable).default({}),
    route: z.record(routeFields.shape.name, routeTable).default({}),
    domain: z.record(z.string().min(1).max(255), domainTable).default({}),
  })
  .meta({ id: 'Declaration' });

export type Declaration = z.infer<typeof declarationSchema>;
export type DeclarationInput = z.input<typeof declarationSchema>;
export type PolicyTable = z.infer<typeof policyTable>;

/** What is wrong with a declaration; the path leads to the field in the files. */
export interface DeclarationIssue {
  path: (string | number)[];
  message: string;
}

/** A declaration that can not be used; nothing of it was. */
export class DeclarationError extends Error {
  readonly issues: DeclarationIssue[];

  constructor(issues: DeclarationIssue[]) {
    const [first] = issues;
    super(first ? `${first.path.join('.') || 'the declaration'}: ${first.message}` : 'can not be used');
    this.issues = issues;
  }
}

const MOST_ISSUES = 100;

/** @throws DeclarationError with each field that is wrong, and what is expected there */
export function readDeclaration(value: unknown): Declaration {
  const result = declarationSchema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new DeclarationError(result.error.issues.flatMap(explain).slice(0, MOST_ISSUES));
}

/** An issue of a schema in words; an unknown key is told where it stands itself, not its table. */
export function explain(issue: z.core.$ZodIssue): DeclarationIssue[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is no known field' }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, message: `the name ${issue.issues[0]?.message ?? 'can not be used'}` }];
  }
  const given =
    'input' in issue && issue.input !== undefined ? `, not ${JSON.stringify(issue.input)?.slice(0, 60)}` : '';
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((value) => JSON.stringify(value)).join(', ');
    return [{ path, message: `expected one of ${values}${given}` }];
  }
  if (issue.code === 'invalid_type') {
    return [{ path, message: `expected ${issue.expected}${given || ', it is missing'}` }];
  }
  return [{ path, message: `${issue.message}${issue.code === 'custom' ? '' : given}` }];
}
